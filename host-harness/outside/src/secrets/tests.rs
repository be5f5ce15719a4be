use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use proptest::prelude::*;

use super::*;

mod reference;

const KEY: &str = "s3cr+t/K\"y\\4321&x";

fn secrets() -> Secrets {
    Secrets::new([("apiKey", KEY), ("staging-token", "tok-9f8e7d6c5b4a")]).expect("good secrets")
}

fn scrubbed(text: &str) -> String {
    secrets().scrub_text(text)
}

fn json_unicode(text: &str, upper: bool) -> String {
    text.bytes().map(|b| if upper { format!("\\u00{b:02X}") } else { format!("\\u00{b:02x}") }).collect()
}

fn percent(text: &str, upper: bool) -> String {
    text.bytes().map(|b| if upper { format!("%{b:02X}") } else { format!("%{b:02x}") }).collect()
}

fn hex(text: &str) -> String {
    percent(text, false).replace('%', "")
}

/// Every other character of `text` as `escape` has it.
fn partly(text: &str, escape: impl Fn(&str) -> String) -> String {
    text.char_indices()
        .map(|(i, c)| if i % 2 == 0 || matches!(c, '"' | '\\' | '%') { escape(&c.to_string()) } else { c.to_string() })
        .collect()
}

fn json_string(text: &str) -> String {
    let quoted = serde_json::to_string(text).expect("a string");
    quoted[1..quoted.len() - 1].to_owned()
}

fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;")
}

/// The encodings in which `secret` must not survive, between `before` and `after` where that matters.
fn encodings(secret: &str, before: &str, after: &str) -> Vec<String> {
    let around = format!("{before}{secret}{after}");
    vec![
        secret.to_owned(),
        json_string(secret),
        json_string(&json_string(secret)),
        json_string(secret).replace('/', "\\/"),
        json_unicode(secret, false),
        json_unicode(secret, true),
        partly(secret, |c| json_unicode(c, true)),
        percent(secret, false),
        percent(secret, true),
        percent(&percent(secret, true), false),
        partly(secret, |c| percent(c, false)),
        url::form_urlencoded::byte_serialize(secret.as_bytes()).collect(),
        percent(&json_string(secret), true),
        html(secret),
        STANDARD.encode(&around),
        URL_SAFE.encode(&around),
        STANDARD.encode(format!("x{around}")),
        URL_SAFE.encode(format!("xy{around}")),
        percent(&STANDARD.encode(&around), true),
        STANDARD.encode(&around).replace('/', "\\/"),
        hex(secret),
        hex(secret).to_ascii_uppercase(),
        secret.chars().rev().collect(),
        secret[..secret.len().min(8)].to_owned(),
        secret[secret.len() - secret.len().min(8)..].to_owned(),
    ]
}

proptest! {
    #[test]
    fn no_encoding_of_a_secret_survives(
        secret in "[!-~][ -~]{6,38}[!-~]",
        before in "[a-z ,.<>:=]{0,12}",
        after in "[a-z ,.<>:=]{0,12}",
    ) {
        let Ok(secrets) = Secrets::new([("apiKey", secret.as_str())]) else { return Ok(()) };
        for encoded in encodings(&secret, &before, &after) {
            let text = format!("{before}{encoded}{after}");
            let clean = secrets.scrub_text(&text);
            prop_assert!(!clean.contains(&encoded), "{encoded} in {clean}");
            prop_assert!(clean.contains("[redacted]"), "{encoded} in {text} became {clean}");
            prop_assert_eq!(secrets.find_in(clean.as_bytes()), None);
        }
    }

    #[test]
    fn json_stays_json(secret in "[!-~][ -~]{6,20}[!-~]", key in "\\PC{0,9}", number in 0_u64..99) {
        let Ok(secrets) = Secrets::new([("apiKey", secret.as_str())]) else { return Ok(()) };
        for encoded in encodings(&secret, "user:", "") {
            let value = serde_json::json!({ key.clone(): [encoded.clone(), number], encoded: { "x": null } });
            let text = serde_json::to_vec(&value).expect("JSON");
            let clean = secrets.scrub(&text).into_owned();
            prop_assert!(json::is_json(&clean), "{}", String::from_utf8_lossy(&clean));
            prop_assert_eq!(secrets.find_in(&clean), None);
        }
    }

    #[test]
    fn a_text_without_secrets_is_borrowed(text in "\\PC{0,200}") {
        let secrets = Secrets::new([("apiKey", "\u{7e}~Z!q#unlikely#Q!Z~~")]).expect("a good secret");
        prop_assert!(matches!(secrets.scrub(text.as_bytes()), Cow::Borrowed(same) if same == text.as_bytes()));
    }
}

proptest! {
    #[test]
    fn reading_around_escapes_sees_what_reading_every_form_does(
        text in prop::collection::vec(
            prop::sample::select(vec![
                "a+b/c%d&", "a+b/c%d&e\\f=0 23456789", "0 2345678", "\"123456\"", "d&e\\f", "%2B", "%25", "%2525", "%",
                "\\u002b", "\\u0025", "\\u00", "\\\\", "\\/", "\\\"", "\\n", "&amp;", "&#37;", "&#3", "&#x5c;", "7;", "+",
                "&", "\\", "a", "b", "c%d", "/", "e", "f=0", "876543 0", "25", "2b", "35;", " ", "é", "YStiL2", "6123",
            ]),
            0..60,
        ),
    ) {
        let values = ["a+b/c%d&e\\f=0 23456789", "0 2345678", "\"123456\""];
        let secrets = Secrets::new(["a", "b", "c"].into_iter().zip(values)).expect("good secrets");
        let text = text.concat();
        if reference::has(&values, text.as_bytes()) {
            prop_assert!(secrets.find_in(text.as_bytes()).is_some());
        }
        let clean = secrets.scrub(text.as_bytes());
        prop_assert!(!reference::has(&values, &clean), "{}", String::from_utf8_lossy(&clean));
    }
}

/// One character, escaped once more.
fn escaped(byte: u8, kind: u8) -> String {
    match (kind, byte) {
        (0, b'"' | b'\\' | b'/') => format!("\\{}", char::from(byte)),
        (0, _) => format!("\\u{byte:04x}"),
        (1, b' ') => "+".to_owned(),
        (1 | 2, _) => format!("%{byte:02X}"),
        (3, b'&') => "&amp;".to_owned(),
        (3, _) => format!("&#{byte};"),
        _ => format!("&#x{byte:X};"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn a_piece_is_found_whichever_of_its_characters_and_of_their_escapes_are_escaped(
        layers in prop::collection::vec((0_u8..5, any::<u64>(), any::<u64>()), 0..4),
        after in prop::sample::select(vec!["", "x", "%", "\\", "&#", "\"", "\\\""]),
    ) {
        let values = ["0 /%\"4&\\u0", "abcdefghij%2"];
        let secrets = Secrets::new(["a", "b"].into_iter().zip(values)).expect("good secrets");
        for piece in ["0 /%\"4&\\", "cdefghij%2", " /%\"4&\\u0"] {
            let text = layers.iter().fold(piece.to_owned(), |text, (kind, mask, other)| {
                let picked = |place: usize| (mask & other) >> (place % 64) & 1 == 1;
                let spelt = |(place, byte)| if picked(place) { escaped(byte, *kind) } else { char::from(byte).into() };
                text.bytes().enumerate().map(spelt).collect()
            });
            let text = format!("{text}{after}");
            let found = secrets.find_in(text.as_bytes()).is_some();
            prop_assert!(found || !reference::has(&values, text.as_bytes()), "{text}");
        }
    }
}

#[test]
fn an_escape_of_which_a_part_is_escaped_is_seen_when_it_is_complete() {
    let secrets = Secrets::new([("a", "Aabcdefgh"), ("b", "_12345678\\u0"), ("c", "_1234567890&#")]).unwrap();
    for text in ["%&#5\\u0032;1", "%\\u0034%31", "&#6\\u0035;", "\\u004%31", "%4\\u0031"] {
        let text = format!("{text}abcdefg");
        assert!(reference::has(&["Aabcdefgh"], text.as_bytes()), "{text}");
        assert_eq!(secrets.find_in(text.as_bytes()), Some("a"), "{text}");
    }
    assert_eq!(secrets.find_in(br"\u0034%35678\u0"), Some("b"));
    assert_eq!(secrets.find_in(b"&#53;67890&#"), Some("c"));
}

#[test]
fn what_stands_in_place_of_a_secret_is_the_same_for_all() {
    assert_eq!(scrubbed(&format!("a: {KEY}, b: tok-9f8e7d6c5b4a.")), "a: [redacted], b: [redacted]");
    assert_eq!(scrubbed(r#"{"k":"s3cr+t\/K\u0022y\\4321\u0026x"}"#), r#"{"k":"[redacted]"}"#);
}

#[test]
fn a_secret_is_found_by_its_name() {
    let find = |text: &str| secrets().find_in(text.as_bytes()).map(str::to_owned);
    assert_eq!(find(&STANDARD.encode(format!("login:{KEY}"))).as_deref(), Some("apiKey"));
    assert_eq!(find("?q=%74ok-9f8%65").as_deref(), Some("staging-token"));
    assert_eq!(find("nothing of the kind, 100% & more"), None);
    assert_eq!(Secrets::default().find_in(KEY.as_bytes()), None);
}

#[test]
fn pieces_of_eight_characters_are_found_and_of_seven_are_not() {
    assert_eq!(scrubbed("tok-9f8e"), "[redacted]");
    assert_eq!(scrubbed("<tok-9f8e7d6c5b4>"), "<[redacted]>");
    assert_eq!(scrubbed("<ok-9f8e7d6c5b4a>"), "<[redacted]>");
    assert_eq!(scrubbed("7d6c5b4a…"), "[redacted]…");
    assert_eq!(scrubbed("tok-9f8-d6c5b4a"), "tok-9f8-d6c5b4a");
    for text in [hex("tok-9f8e"), STANDARD.encode("tok-9f8e?"), "e8f9-kot".to_owned()] {
        assert_eq!(scrubbed(&text), "[redacted]", "{text}");
    }
}

/// A server repeats the secret's beginning after a guess at it, and is seen through what comes back.
#[test]
fn how_much_is_cleaned_does_not_tell_how_much_of_a_guess_is_right() {
    let secret = "tok-9f8e7d6c5b4a";
    for (before, after) in [("", ""), ("<i>id=", ".x</i> 17"), (r#"{"id":"a "#, r#" z","n":17}"#), ("[", "\"]")] {
        let cleaned: Vec<String> = (8..=secret.len())
            .map(|right| scrubbed(&format!("{before}{}{}{after}", &secret[..right], "0".repeat(20 - right))))
            .collect();
        assert!(cleaned.iter().all(|clean| *clean == cleaned[0] && clean.contains("[redacted]")), "{cleaned:?}");
        let cut: Vec<String> =
            (8..=secret.len()).map(|length| scrubbed(&format!("{before}x{}{after}", &secret[..length]))).collect();
        assert!(cut.iter().all(|clean| *clean == cut[0]), "{cut:?}");
    }
}

#[test]
fn all_of_a_secret_with_blanks_goes_though_only_its_ends_are_looked_for() {
    let secrets = Secrets::new([("phrase", "correct horse, \"battery\" staple")]).unwrap();
    assert_eq!(secrets.scrub_text("[correct horse, \"battery\" staple]"), "[[redacted]]");
    assert_eq!(secrets.scrub_text("(correct%20horse%2C+\"battery\" staple!)"), "([redacted])");
}

#[test]
fn a_find_in_json_takes_the_whole_string_key_or_number() {
    let secrets = Secrets::new([("pin", "1234567890"), ("name", "nabcdefgh"), ("quote", "xx\",\"yy\"")]).unwrap();
    for (text, clean) in [
        (r#"{"n":1234567890}"#, r#"{"n":"[redacted]"}"#),
        (r"[-1234567890.5e3, 1]", r#"["[redacted]", 1]"#),
        (r#"["\nabcdefgh", "a \" b"]"#, r#"["[redacted]", "a \" b"]"#),
        (r#"["\u1234567890"]"#, r#"["[redacted]"]"#),
        (r#"["\ud83d\ude001234567890"]"#, r#"["[redacted]"]"#),
        (r#"{"a 1234567890 b": "c, d", "e": 1234567890}"#, r#"{"[redacted]": "c, d", "e": "[redacted]"}"#),
        (r#"["xx","yy"]"#, r#""[redacted]""#),
        (r#"["xx\",\"yy\"","yy"]"#, r#"["[redacted]","yy"]"#),
    ] {
        assert_eq!(secrets.scrub_text(text), clean, "{text}");
    }
}

#[test]
fn a_replacement_that_makes_a_find_with_what_is_around_it_takes_all() {
    let secrets = Secrets::new([("odd", "ted],ab,"), ("plain", "abcdefgh")]).unwrap();
    assert_eq!(secrets.scrub_text("abcdefgh\"],ab,"), "[redacted]\"],ab,");
    assert_eq!(secrets.scrub_text("(abcdefgh\u{1},ab,"), "([redacted]\u{1},ab,");
    let quoted = Secrets::new([("odd", "ed]\",\"abcdef"), ("plain", "12345678")]).unwrap();
    assert_eq!(quoted.scrub_text(r#"["12345678","abcdef"]"#), r#""[redacted]""#);
}

#[test]
fn a_token_that_was_fetched_is_searched_for_as_well() {
    let first = secrets().and("token", "eyJx.1234567890").unwrap();
    assert_eq!(first.scrub_text("<eyJx.1234567890> <tok-9f8e7d6c5b4a>"), "<[redacted]> <[redacted]>");
    assert_eq!(first.expose("token"), Some("eyJx.1234567890"));
    assert_eq!(first.expose("apiKey"), Some(KEY));
    assert_eq!(first.expose("other"), None);
    let renewed = first.and("token", "eyJy.abcdefghij").unwrap();
    assert_eq!(renewed.fields().collect::<Vec<_>>(), ["apiKey", "staging-token", "token"]);
    assert_eq!(renewed.expose("token"), Some("eyJy.abcdefghij"));
    assert_eq!(renewed.find_in(b"eyJx.1234567890"), None);
    assert_eq!(Secrets::default().and("token", "short").unwrap_err().reason, BadSecret::TooShort { length: 5 });
}

/// How many bytes are looked at to clean a text, each in every form of it.
fn looked_at(secrets: &Secrets, text: &[u8]) -> usize {
    let before = cost::LOOKED.get();
    let _ = secrets.scrub(text);
    cost::LOOKED.get() - before
}

#[test]
fn a_text_full_of_the_beginning_of_a_secret_is_looked_at_once() {
    for text in ["tok-9f8e", "tok-9f8e ", "tok-9f8", "\\\""] {
        let text = text.repeat(512 * 1024 / text.len());
        for text in [format!("[\"{text}\"]"), text] {
            let looked = looked_at(&secrets(), text.as_bytes());
            assert!(looked <= 8 * text.len(), "{} looks at a byte of {}…", looked / text.len(), &text[..40]);
        }
    }
}

#[test]
fn a_search_takes_less_memory_than_a_page_however_long_the_text_is() {
    // It is on the stack as a whole: it has no buffer that could grow.
    assert!(size_of::<Scan<'_>>() < 4096, "{}", size_of::<Scan<'_>>());
}

#[test]
fn no_text_costs_more_than_a_fixed_number_of_looks_at_a_byte() {
    let blank = Secrets::new([("a", "abcdefgh ijklmnop"), ("b", "%25%25%25+")]).unwrap();
    for text in [
        "s%63r+t%2fK",
        "\\/\\/\\n",
        "\\",
        "&",
        "%25",
        "%255C&#37;\\u0025",
        "s3cr+t/K%252525&amp;amp;\\\\",
        "&#0000000&#0000000\\u002%",
    ] {
        for secrets in [&secrets(), &blank] {
            for size in [1_000, 10_000] {
                let text = text.repeat(size / text.len());
                for text in [format!("[\"{text}\"]"), format!("{{\"s3cr+t/K\":\"{text}"), text] {
                    let looked = looked_at(secrets, text.as_bytes());
                    assert!(looked <= 128 * text.len(), "{} looks at a byte of {}…", looked / text.len(), &text[..40]);
                }
            }
        }
    }
}

#[test]
fn bad_secrets_are_refused_by_the_name_of_their_field_and_never_shown() {
    for (value, reason) in [
        ("", BadSecret::Empty),
        ("abcdefgh\n", BadSecret::Surrounded),
        (" abcdefgh", BadSecret::Surrounded),
        ("abcd\r\nefgh", BadSecret::NotVisible { position: 5 }),
        ("abcdef\0gh", BadSecret::NotVisible { position: 7 }),
        ("pässword", BadSecret::NotVisible { position: 2 }),
        ("abcde", BadSecret::TooShort { length: 5 }),
        ("redact", BadSecret::InReplacement),
        ("\"[redacted]\"", BadSecret::InReplacement),
    ] {
        let error = Secrets::new([("apiKey", value)]).unwrap_err();
        assert_eq!(error, SecretError { field: "apiKey".to_owned(), reason }, "{value:?}");
        assert!(error.to_string().contains("`apiKey`"));
    }
    let shown = format!("{:?} {:?}", secrets(), Secret::new(KEY));
    assert!(!shown.contains("s3cr") && shown.contains("apiKey"), "{shown}");
}

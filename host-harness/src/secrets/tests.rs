use base64::engine::general_purpose::URL_SAFE;
use proptest::prelude::*;

use super::*;

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
            prop_assert!(clean.contains("{{secret:apiKey}}"), "{encoded} in {text} became {clean}");
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

#[test]
fn each_secret_comes_back_as_its_own_placeholder() {
    assert_eq!(scrubbed(&format!("a={KEY}, b=tok-9f8e7d6c5b4a")), "a={{secret:apiKey}}, b={{secret:staging-token}}");
    assert_eq!(scrubbed(r#"{"k":"s3cr+t\/K\u0022y\\4321\u0026x"}"#), r#"{"k":"{{secret:apiKey}}"}"#);
}

#[test]
fn the_longest_find_names_a_secret_that_contains_another() {
    let secrets = Secrets::new([("short", "abcdefghij"), ("long", "xyz-abcdefghij-xyz")]).expect("good secrets");
    assert_eq!(secrets.scrub_text("<xyz-abcdefghij-xyz> <abcdefghij>"), "<{{secret:long}}> <{{secret:short}}>");
}

#[test]
fn a_chance_piece_of_one_secret_does_not_hide_another() {
    let secrets = Secrets::new([("a", "12345678-aaaa-bbbb"), ("b", "5678-aaaa-cccc-dddd")]).expect("good secrets");
    assert_eq!(secrets.scrub_text("12345678-aaaa-cccc-dddd"), "{{secret:b}}");
}

#[test]
fn pieces_of_eight_characters_are_found_and_of_seven_are_not() {
    assert_eq!(scrubbed("tok-9f8e"), "{{secret:staging-token}}");
    assert_eq!(scrubbed("<tok-9f8e7d6c5b4>"), "<{{secret:staging-token}}>");
    assert_eq!(scrubbed("<ok-9f8e7d6c5b4a>"), "<{{secret:staging-token}}>");
    assert_eq!(scrubbed("7d6c5b4a…"), "{{secret:staging-token}}…");
    assert_eq!(scrubbed("tok-9f8-d6c5b4a"), "tok-9f8-d6c5b4a");
}

#[test]
fn a_find_inside_an_escape_or_number_leaves_valid_json() {
    let secrets = Secrets::new([("pin", "1234567890"), ("name", "nabcdefgh"), ("quote", "xx\",\"yy\"")]).unwrap();
    for (text, clean) in [
        (r#"{"n":1234567890}"#, r#"{"n":"{{secret:pin}}"}"#),
        (r"[-1234567890.5e3, 1]", r#"["{{secret:pin}}", 1]"#),
        (r#"["\nabcdefgh"]"#, r#"["{{secret:name}}"]"#),
        (r#"["\u1234567890"]"#, r#"["{{secret:pin}}"]"#),
        (r#"["\ud83d\ude001234567890"]"#, r#"["\ud83d\ude00{{secret:pin}}"]"#),
        (r#"["xx","yy"]"#, r#""{{secret:quote}}""#),
    ] {
        assert_eq!(secrets.scrub_text(text), clean, "{text}");
    }
}

#[test]
fn placeholders_in_header_values_are_swapped_and_the_result_is_sensitive() {
    let swap = |value: &str| secrets().substitute(&HeaderValue::from_str(value).unwrap());
    let value = swap("{{secret:apiKey}}").unwrap();
    assert_eq!(value.as_bytes(), KEY.as_bytes());
    assert!(value.is_sensitive());
    assert_eq!(swap("login:{{secret:staging-token}};").unwrap(), "login:tok-9f8e7d6c5b4a;");
    let basic = format!("Basic {}", STANDARD.encode("me:{{secret:apiKey}}"));
    assert_eq!(swap(&basic).unwrap(), format!("Basic {}", STANDARD.encode(format!("me:{KEY}"))));
    let plain = swap("application/json").unwrap();
    assert!(plain == "application/json" && !plain.is_sensitive());
}

#[test]
fn a_placeholder_that_the_server_would_get_is_refused() {
    let swap = |value: &str| secrets().substitute(&HeaderValue::from_str(value).unwrap());
    assert_eq!(swap("{{secret:other}}"), Err(SubstituteError::Unknown("other".to_owned())));
    assert_eq!(swap("{{secret:apiKey}"), Err(SubstituteError::Unclosed));
    assert_eq!(swap("%7B%7Bsecret:apiKey%7D%7D"), Err(SubstituteError::Encoded));
    for before in ["", "x", "xy"] {
        let encoded = format!("Token {}", STANDARD.encode(format!("{before}{{{{secret:apiKey}}}}")));
        assert_eq!(swap(&encoded), Err(SubstituteError::Encoded), "{encoded}");
    }
}

#[test]
fn a_secret_that_looks_like_a_placeholder_is_not_swapped_again() {
    let secrets = Secrets::new([("a", "{{secret:b}}zzzz"), ("b", "QQQQQQQQ")]);
    assert_eq!(secrets.unwrap_err().reason, BadSecret::InPlaceholder);
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
        ("secret", BadSecret::InPlaceholder),
        ("apiKey", BadSecret::InPlaceholder),
    ] {
        let error = Secrets::new([("apiKey", value)]).unwrap_err();
        assert_eq!(error, SecretError { field: "apiKey".to_owned(), reason }, "{value:?}");
        assert!(error.to_string().contains("`apiKey`"));
    }
    assert_eq!(Secrets::new([("a}}", "abcdefgh")]).unwrap_err().reason, BadSecret::FieldName);
    let shown = format!("{:?} {:?}", secrets(), Secret::new(KEY));
    assert!(!shown.contains("s3cr") && shown.contains("apiKey"), "{shown}");
}

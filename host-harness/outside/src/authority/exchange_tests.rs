use super::*;
use model::ConfigField;

fn fields() -> Vec<ConfigField> {
    let field = |name: &str, kind| ConfigField {
        name: name.into(),
        kind,
        required: false,
        default: None,
        description: "-".into(),
    };
    vec![field("endpoint", FieldKind::Url), field("user", FieldKind::Text), field("key", FieldKind::Secret)]
}

fn parse(pairs: &[(&str, &str)]) -> Result<Option<Exchange>, CredentialError> {
    let more: Vec<_> = pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    Exchange::parse(&more, &fields())
}

const NEEDED: [(&str, &str); 2] = [("token.request", "POST endpoint /oauth/token"), ("token.value", "/data/token")];

fn exchange(more: &[(&str, &str)]) -> Exchange {
    parse(&[&NEEDED[..], more].concat()).expect("understood").expect("an exchange")
}

fn request(exchange: &Exchange) -> Request {
    let field = |name: &str| match name {
        "user" => Some("ann"),
        "key" => Some("s3&\"r3t"),
        _ => None,
    };
    let url = Url::parse("https://a.example/oauth/token").expect("a URL");
    exchange.request(url, &field).expect("headers").expect("all set")
}

#[test]
fn a_request_has_its_headers_and_a_form_or_an_object_in_which_no_value_becomes_syntax() {
    let form = exchange(&[
        ("token.header.authorization", "Basic {base64:{user}:{key}}"),
        ("token.form.grant_type", "client_credentials"),
        ("token.form.secret", "{key}"),
    ]);
    let sent = request(&form);
    assert_eq!((sent.method, &*sent.body), (Method::POST, &b"grant_type=client_credentials&secret=s3%26%22r3t"[..]));
    assert_eq!(sent.headers["authorization"], "Basic YW5uOnMzJiJyM3Q=");
    assert!(sent.headers["authorization"].is_sensitive());
    assert_eq!(sent.headers["content-type"], "application/x-www-form-urlencoded");
    let sent = request(&exchange(&[("token.json.secret", "{key}")]));
    assert_eq!(&*sent.body, br#"{"secret":"s3&\"r3t"}"#);
    assert_eq!(sent.headers["content-type"], "application/json");
    assert!(request(&exchange(&[])).body.is_empty());
}

#[test]
fn what_is_no_exchange_is_refused_with_its_key() {
    for (more, said) in [
        (vec![("token.value", "/a")], "`token.request` is missing"),
        (vec![NEEDED[0]], "`token.value` is missing"),
        (vec![NEEDED[0], NEEDED[0]], "`token.request` stands there twice"),
        (vec![("token.request", "POST /oauth/token")], "expected a method"),
        (vec![("token.request", "post endpoint /a")], "the method `post`"),
        (vec![("token.request", "POST user /a")], "`user`, which is no `url` field"),
        (vec![("token.request", "POST endpoint /a/../b")], "`..`"),
        (vec![("token.request", "POST endpoint /a/{b}")], "placeholder"),
        (vec![("token.value", "access_token")], "`token.value` is no JSON pointer"),
        (vec![("token.lifetime-seconds", "0")], "`token.lifetime-seconds`"),
        (vec![("token.form.a", "{@token}")], "`token.form.a`"),
        (vec![("token.form.a", "{nobody}")], "`nobody`"),
        (vec![("token.header.user-agent", "{key}")], "`user-agent`"),
        (
            vec![NEEDED[0], NEEDED[1], ("token.header.x-key", "a"), ("token.header.x_key", "b")],
            "`x_key` stands there twice",
        ),
        (vec![("token.keep.key", "/refresh_token")], "it needs `token.keep.key`, which this host does not do"),
        (vec![("token.form.", "x")], "it needs `token.form.`"),
        (vec![NEEDED[0], NEEDED[1], ("token.form.a", "b"), ("token.json.a", "b")], "one body"),
    ] {
        let error = parse(&more).expect_err(said).to_string();
        assert!(error.contains(said), "{more:?}: {error}");
    }
    assert_eq!(parse(&[]), Ok(None));
}

#[test]
fn the_token_and_its_end_are_where_the_pointers_say_however_they_are_written() {
    let exchange = exchange(&[("token.lifetime", "/in"), ("token.expires", "/at"), ("token.lifetime-seconds", "7")]);
    let now = DateTime::from_timestamp(1_000_000_000, 0).expect("a time");
    for (rest, seconds) in [
        (r#""in":300"#, 300),
        (r#""in":"300""#, 300),
        (r#""at":1000000060"#, 60),
        (r#""at":"1000000060""#, 60),
        (r#""at":"2001-09-09T01:48:40Z""#, 120),
        (r#""at":"2001-09-09T02:48:40+01:00""#, 120),
        (r#""at":17"#, 0),
        (r#""in":null"#, 7),
        (r#""in":-5"#, 7),
        (r#""in":18446744073709551615"#, u64::MAX),
    ] {
        let body = format!(r#"{{"data":{{"token":"t0k3n-of-ann"}},{rest}}}"#);
        let Ok(token) = exchange.read(body.as_bytes(), now) else { panic!("{rest}") };
        assert_eq!(
            (token.value.as_str(), token.lifetime),
            ("t0k3n-of-ann", Some(Duration::from_secs(seconds))),
            "{rest}"
        );
    }
}

#[test]
fn an_answer_without_a_token_says_what_it_lacks_and_nothing_that_it_has() {
    let now = DateTime::UNIX_EPOCH;
    let exchange = exchange(&[]);
    let large = " ".repeat(LARGEST + 1);
    for (body, expected) in [
        ("<html>", TokenError::NotJson),
        (r#"{"data":{}}"#, TokenError::Missing("/data/token".into())),
        (r#"{"data":{"token":7}}"#, TokenError::Missing("/data/token".into())),
        (&large, TokenError::TooLarge),
    ] {
        assert_eq!(exchange.read(body.as_bytes(), now).err(), Some(expected));
    }
    assert_eq!(exchange.read(br#"{"data":{"token":"x"}}"#, now).map(|token| token.lifetime).ok(), Some(None));
}

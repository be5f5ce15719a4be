//! Values that no config should hold, by the kind of their field.

use serde_json::{Value, json};
use url::Url;

use model::FieldKind;

/// Too long for any header, query or database column.
const LONG: usize = 1 << 20;
/// Deeper than a parser that calls itself can go on a small stack.
const DEEP: usize = 10_000;
/// The header that hostile values would add.
pub(super) const INJECTED: &str = "x-injected";

/// A value with the words that name it.
pub(super) type Named = (String, Value);

fn named(value: Value) -> Named {
    (value.to_string(), value)
}

fn text(what: &str, value: impl Into<String>) -> Named {
    (what.to_owned(), Value::String(value.into()))
}

/// The hostile values of a kind of field; `good` is what the field should hold.
pub(super) fn of(kind: FieldKind, good: &Value) -> Vec<Named> {
    match kind {
        FieldKind::Text => texts(good.as_str().unwrap_or("x")),
        FieldKind::Secret => {
            let mut values = texts("x");
            values.retain(|(_, value)| *value != json!(true));
            values
        }
        FieldKind::Url => urls(good.as_str().unwrap_or("https://api.example.com")),
        FieldKind::Integer => {
            let mut values = no_strings();
            values.extend([json!("25"), json!(0), json!(-1), json!(2.5), json!(4_294_967_296_u64)].map(named));
            let huge = serde_json::from_str("1e400").unwrap_or(Value::Null);
            values.extend([named(huge), text("a long text", "9".repeat(LONG))]);
            values.retain(|(_, value)| *value != json!(7));
            values
        }
        FieldKind::Duration => {
            let mut values = no_strings();
            let spelled = ["", "soon", "-5m", "0s", "30", "99999999h", "1h 30m", "30m\r\nX-Injected: 1", "30m\0"];
            values.extend(spelled.map(|spelled| named(json!(spelled))));
            values.push(text("a long text", "9".repeat(LONG)));
            values
        }
        FieldKind::Date => {
            let mut values = no_strings();
            let spelled = ["", "soon", "2026-02-30", "31.01.2026", "2026-01-31\r\nX-Injected: 1", "2026-01-31\0"];
            values.extend(spelled.map(|spelled| named(json!(spelled))));
            values.push(text("a long text", "9".repeat(LONG)));
            values
        }
        FieldKind::Boolean => {
            let mut values = no_strings();
            values.extend([json!("yes"), json!("")].map(named));
            values.retain(|(_, value)| *value != json!(true));
            values
        }
    }
}

/// Of the wrong type for a string.
fn no_strings() -> Vec<Named> {
    [Value::Null, json!(7), json!(true), json!([]), json!(["a"]), json!({})].map(named).into()
}

fn texts(good: &str) -> Vec<Named> {
    let mut values = no_strings();
    values.extend([
        named(json!("")),
        named(json!(" ")),
        text("1 MiB of text", "x".repeat(LONG)),
        text("a value with NUL", format!("{good}\0")),
        text("a value with CR LF and a header", format!("{good}\r\nX-Injected: 1")),
        text("a value with LF and a header", format!("{good}\nX-Injected: 1")),
        text("a value that is not ASCII", format!("{good}é漢\u{1f980}")),
        text("a value with DEL", format!("{good}\u{7f}")),
    ]);
    values
}

fn urls(good: &str) -> Vec<Named> {
    let host = Url::parse(good).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
    let mut values = no_strings();
    let spelled = [
        String::new(),
        " ".to_owned(),
        host.clone(),
        format!("//{host}"),
        "not a url".to_owned(),
        format!("http://{host}"),
        format!("ftp://{host}"),
        "file:///etc/passwd".to_owned(),
        "javascript:alert(1)".to_owned(),
        format!("https://user:pass@{host}"),
        format!("https://{host}@evil.example"),
        format!("https://evil.example\\@{host}"),
        "https://evil.example".to_owned(),
        format!("https://{host}#fragment"),
        format!("https://{host}?query=1"),
        format!("https://{host}:99999"),
        format!("https://{host}:0"),
        "https://10.0.0.1".to_owned(),
        "https://169.254.169.254".to_owned(),
        "https://[::1".to_owned(),
        "https://".to_owned(),
        format!("https://{host}\0"),
        format!("https://{host}\r\nX-Injected: 1"),
        format!("https://{host}/\r\nX-Injected: 1"),
    ];
    values.extend(spelled.map(|spelled| named(json!(spelled))));
    // Less than the others: the host searches it for secrets in every spelling.
    values.push(text("a URL of 64 KiB", format!("https://{host}/{}", "x".repeat(LONG >> 4))));
    values
}

/// Whole configs that are no JSON object, by the words that name them. Each must be refused.
pub(super) fn no_configs(good: &str) -> Vec<(&'static str, String)> {
    vec![
        ("nothing", String::new()),
        ("white space", " \n".to_owned()),
        ("NUL", "\0".to_owned()),
        ("null", "null".to_owned()),
        ("a list", "[]".to_owned()),
        ("a number", "7".to_owned()),
        ("a string", "\"x\"".to_owned()),
        ("a brace", "{".to_owned()),
        ("half of a config", good.chars().take(good.chars().count() / 2).collect()),
        ("10 000 lists in each other", "[".repeat(DEEP)),
        ("10 000 objects in each other", r#"{"a":"#.repeat(DEEP)),
    ]
}

/// Members that no manifest lists, as JSON. A connector may refuse or ignore them.
pub(super) fn unknown_members() -> Vec<(&'static str, String)> {
    let nested = format!("{}{}", "[".repeat(DEEP), "]".repeat(DEEP));
    vec![
        ("an unknown member", r#""x-unknown":"1\r\nX-Injected: 1""#.to_owned()),
        ("an unknown member 10 000 deep", format!(r#""x-unknown":{nested}"#)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_hostile_value_is_a_good_one() {
        for (kind, good) in [
            (FieldKind::Text, json!("acme")),
            (FieldKind::Secret, json!(true)),
            (FieldKind::Url, json!("https://api.example.com")),
            (FieldKind::Integer, json!(25)),
            (FieldKind::Duration, json!("30m")),
            (FieldKind::Boolean, json!(true)),
        ] {
            let values = of(kind, &good);
            assert!(values.len() > 6, "{kind:?}");
            assert!(values.iter().all(|(what, value)| *value != good && !what.is_empty()), "{kind:?}");
        }
        let integers = of(FieldKind::Integer, &json!(25));
        assert!(integers.iter().all(|(_, value)| value.as_u64().is_none_or(|n| n == 0 || n > u64::from(u32::MAX))));
    }

    #[test]
    fn bad_urls_are_made_of_the_good_one() {
        let urls = of(FieldKind::Url, &json!("https://api.example.com:8443/v2"));
        assert!(urls.iter().any(|(_, value)| value == "https://api.example.com@evil.example"));
        assert!(urls.iter().any(|(_, value)| value == "http://api.example.com"));
    }

    #[test]
    fn no_config_is_an_object_and_members_are_json() {
        let object = |text: &str| serde_json::from_str::<serde_json::Map<String, Value>>(text).is_ok();
        assert!(no_configs(r#"{"a":"b"}"#).iter().all(|(_, text)| !object(text)));
        assert!(object(&format!("{{{}}}", unknown_members()[0].1)));
    }
}

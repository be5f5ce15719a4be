//! A config as a form, made from the manifest, and the form as a config.

use maud::{Markup, html};
use model::{ConfigField, FieldKind, Manifest};
use serde_json::{Map, Number, Value};

use super::layout::text;
use crate::accept::REDACTED;

/// What a config field is called in the form: the form has fields of its own.
const PREFIX: &str = "config.";
/// The install's name.
pub(super) const NAME: &str = "name";

/// What stands in a form: as it is kept, or as it was sent.
pub(super) type Values = Map<String, Value>;

/// The fields of a config. `kept`: there is one already, with its secrets.
pub(super) fn form(manifest: &Manifest, values: &Values, kept: bool) -> Markup {
    html! {
        @for field in &manifest.config { (input(field, values.get(&field.name), kept)) }
    }
}

fn input(field: &ConfigField, value: Option<&Value>, kept: bool) -> Markup {
    let id = format!("{PREFIX}{}", field.name);
    let hint = format!("{id}.hint");
    let is_secret = field.kind == FieldKind::Secret;
    let is_kept = is_secret && kept && value.is_some();
    let given = if is_secret { String::new() } else { value.map(spelt).unwrap_or_default() };
    // What the connector assumes by itself need not stand there; a URL it never does.
    let suggested = field.default.as_deref().filter(|_| field.kind == FieldKind::Url && value.is_none());
    let shown = if given.is_empty() { suggested.unwrap_or_default() } else { &given };
    let assumed = field.default.as_deref().filter(|_| field.kind != FieldKind::Url);
    let required = field.required && !is_kept;
    html! {
        div.field {
            label for=(id) { (text(&field.name)) @if !field.required { span.quiet { " (optional)" } } }
            p.hint id=(hint) {
                (text(&field.description))
                @if let Some(assumed) = assumed { " Left empty, it is " (text(assumed)) "." }
                @if is_kept { " Leave it empty to keep the one that is set." }
            }
            @if field.kind == FieldKind::Boolean {
                select id=(id) name=(id) aria-describedby=(hint) {
                    option value="" selected[given.is_empty()] { "as the connector has it" }
                    @for word in ["true", "false"] { option value=(word) selected[given == word] { (word) } }
                }
            } @else {
                input id=(id) name=(id) type=(kind(field.kind)) value=[(!is_secret).then(|| text(shown))] required[required]
                    aria-describedby=(hint) autocomplete=(if is_secret { "new-password" } else { "off" })
                    inputmode=[(field.kind == FieldKind::Integer).then_some("numeric")] spellcheck="false";
            }
        }
    }
}

fn kind(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Secret => "password",
        FieldKind::Url => "url",
        FieldKind::Date => "date",
        FieldKind::Text | FieldKind::Integer | FieldKind::Duration | FieldKind::Boolean => "text",
    }
}

fn spelt(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The config that a form says. A secret that is left empty is the one that is kept, where `kept` has one.
pub(super) fn config(manifest: &Manifest, sent: &[(String, String)], kept: &Values) -> Values {
    let mut config = Values::new();
    for (name, value) in sent {
        if name == NAME {
            config.insert(NAME.to_owned(), value.as_str().into());
        }
        let Some(name) = name.strip_prefix(PREFIX) else { continue };
        let kind = manifest.config.iter().find(|field| field.name == name).map(|field| field.kind);
        let value = match (kind, value.as_str()) {
            (Some(FieldKind::Secret), "") if kept.contains_key(name) => REDACTED.into(),
            (_, "") => continue,
            // What is no number goes as it is, and is refused with the name of the field.
            (Some(FieldKind::Integer), text) => {
                text.parse::<u64>().map_or_else(|_| text.into(), |n| Value::Number(Number::from(n)))
            }
            (Some(FieldKind::Boolean), text @ ("true" | "false")) => Value::Bool(text == "true"),
            (_, text) => text.into(),
        };
        config.insert(name.to_owned(), value);
    }
    config
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn manifest() -> Manifest {
        let kinds = [
            ("key", FieldKind::Secret),
            ("size", FieldKind::Integer),
            ("on", FieldKind::Boolean),
            ("token", FieldKind::Text),
        ];
        let config = kinds.map(|(name, kind)| ConfigField {
            name: name.into(),
            kind,
            required: true,
            default: None,
            description: "<b>".into(),
        });
        Manifest {
            name: "x".into(),
            version: "1.0.0".into(),
            description: String::new(),
            capabilities: vec![],
            workflow: vec![],
            config: config.into(),
            credentials: vec![],
            requests: vec![],
            headers: vec![],
            rate_limits: vec![],
            max_in_flight: 1,
            max_page_size: 1,
        }
    }

    #[test]
    fn a_form_says_a_config_with_its_types_and_an_empty_secret_is_the_one_that_is_kept() {
        let sent =
            |pairs: &[(&str, &str)]| pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect::<Vec<_>>();
        let form = sent(&[
            ("name", "a"),
            ("config.key", ""),
            ("config.size", "5"),
            ("config.on", "false"),
            ("config.token", "t"),
            ("other", "x"),
        ]);
        let kept = Values::from_iter([("key".to_owned(), REDACTED.into())]);
        let config_of = |form: &[_], kept: &Values| Value::Object(config(&manifest(), form, kept)).to_string();
        assert_eq!(config_of(&form, &kept), r#"{"key":"***","name":"a","on":false,"size":5,"token":"t"}"#);
        assert_eq!(config_of(&form[..2], &Values::new()), r#"{"name":"a"}"#);
        assert_eq!(config_of(&sent(&[("config.size", "x")]), &kept), r#"{"size":"x"}"#);
    }

    #[test]
    fn a_form_holds_no_secret_and_escapes_what_a_manifest_says() {
        let values =
            Values::from_iter([("key".to_owned(), "s3cret".into()), ("token".to_owned(), "\"><script>".into())]);
        let shown = form(&manifest(), &values, true).into_string();
        assert!(!shown.contains("s3cret") && !shown.contains("<script>") && !shown.contains("<b>"), "{shown}");
        assert!(shown.contains("Leave it empty to keep") && shown.contains("&lt;script&gt;"), "{shown}");
    }
}

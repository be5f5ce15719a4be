//! The config of one install: read from JSON, its secrets taken out before anything else sees it.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::contract::{ConfigField, FieldKind, Manifest};
use crate::egress::{EgressPolicy, Origin};
use crate::secrets::Secrets;

/// How often to poll when the manifest has no `pollingPeriod`.
const DEFAULT_PERIOD: Duration = Duration::from_mins(30);

/// The shortest time between two polls. Nobody's books change faster, and a provider has limits.
const SHORTEST_PERIOD: Duration = Duration::from_secs(10);

/// What is wrong with a config, and what is expected instead. Holds no value of a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// Not JSON, or not an object.
    #[error("the config is not a JSON object: {0}")]
    NotAnObject(String),
    /// A field whose value the host itself has to understand.
    #[error("config field `{field}`: {reason}")]
    Field {
        /// The field.
        field: String,
        /// What is expected.
        reason: String,
    },
}

fn bad(field: &str, reason: impl Into<String>) -> ConfigError {
    ConfigError::Field { field: field.to_owned(), reason: reason.into() }
}

/// The config of one install, split into what the connector gets to see and what only the host does.
#[derive(Debug)]
pub struct InstallConfig {
    /// The JSON for the connector, with placeholders for the secrets.
    pub json: String,
    /// The secrets.
    pub secrets: Secrets,
    /// Where requests may go.
    pub policy: EgressPolicy,
    /// Rows per request: `pageSize`.
    pub page_size: u32,
    /// Time between two polls: `pollingPeriod`.
    pub polling_period: Duration,
}

impl InstallConfig {
    /// Reads a config by its manifest. `environment` looks up the variables of secrets given as `{"env": "NAME"}`.
    ///
    /// A field that is missing or wrong in a way that does not concern the host is left for the connector to report.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn read(
        text: &str,
        manifest: &Manifest,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        let mut fields: Map<String, Value> =
            serde_json::from_str(text).map_err(|error| ConfigError::NotAnObject(error.to_string()))?;
        for unknown in fields.keys().filter(|name| manifest.config.iter().all(|field| field.name != **name)) {
            tracing::warn!("the config has a field `{unknown}` that the connector does not know; it is ignored");
        }
        let secrets = take_secrets(&mut fields, manifest, environment)?;
        for (name, value) in &fields {
            let shown = value.to_string();
            if let Some(secret) = secrets.find_in(shown.as_bytes()) {
                return Err(bad(
                    name,
                    format!("it contains the secret of `{secret}`; a secret stands in its own field"),
                ));
            }
        }
        for field in secrets.fields() {
            let placeholder = secrets.placeholder(field).map_or(Value::Null, Value::String);
            fields.insert(field.to_owned(), placeholder);
        }
        Ok(Self {
            policy: origins(&fields, manifest)?,
            page_size: page_size(&fields, manifest),
            polling_period: polling_period(&fields, manifest)?,
            json: Value::Object(fields).to_string(),
            secrets,
        })
    }
}

fn of_kind(manifest: &Manifest, kind: FieldKind) -> impl Iterator<Item = &ConfigField> {
    manifest.config.iter().filter(move |field| field.kind == kind)
}

fn take_secrets(
    fields: &mut Map<String, Value>,
    manifest: &Manifest,
    environment: impl Fn(&str) -> Option<String>,
) -> Result<Secrets, ConfigError> {
    let mut secrets = Vec::new();
    for field in of_kind(manifest, FieldKind::Secret) {
        let name = &*field.name;
        match fields.remove(name) {
            None | Some(Value::Null) => {}
            Some(Value::String(secret)) => secrets.push((name, secret)),
            Some(Value::Object(reference)) => {
                let variable = reference.get("env").and_then(Value::as_str).filter(|_| reference.len() == 1);
                let variable = variable.ok_or_else(|| bad(name, "expected a string, or {\"env\": \"NAME\"}"))?;
                let unset = || bad(name, format!("the environment variable {variable} is not set"));
                secrets.push((name, environment(variable).ok_or_else(unset)?));
            }
            Some(_) => return Err(bad(name, "expected a string, or {\"env\": \"NAME\"}")),
        }
    }
    Secrets::new(secrets).map_err(|error| bad(&error.field, error.reason.to_string()))
}

fn origins(fields: &Map<String, Value>, manifest: &Manifest) -> Result<EgressPolicy, ConfigError> {
    let mut origins = Vec::new();
    for field in of_kind(manifest, FieldKind::Url) {
        let value = fields.get(&field.name).and_then(Value::as_str).or(field.default.as_deref());
        if let Some(url) = value.filter(|url| !url.is_empty()) {
            let origin = Origin::parse(url).map_err(|error| bad(&field.name, error.to_string()))?;
            origins.push((&*field.name, origin));
        }
    }
    Ok(EgressPolicy::from_origins(origins))
}

fn page_size(fields: &Map<String, Value>, manifest: &Manifest) -> u32 {
    let field = of_kind(manifest, FieldKind::Integer).find(|field| field.name == "pageSize");
    let default = field.and_then(|field| field.default.as_ref()?.parse().ok());
    let asked = field.and_then(|field| u32::try_from(fields.get(&field.name)?.as_u64()?).ok());
    // What is out of range is the connector's to report; a request must have a size that it takes.
    asked.or(default).unwrap_or(manifest.max_page_size).clamp(1, manifest.max_page_size)
}

fn polling_period(fields: &Map<String, Value>, manifest: &Manifest) -> Result<Duration, ConfigError> {
    let Some(field) = of_kind(manifest, FieldKind::Duration).find(|field| field.name == "pollingPeriod") else {
        return Ok(DEFAULT_PERIOD);
    };
    let expected = || bad(&field.name, "expected a duration of at least 10s, such as 30m, 1h30m or 90s");
    let text = match fields.get(&field.name) {
        None | Some(Value::Null) => field.default.as_deref(),
        Some(value) => Some(value.as_str().ok_or_else(expected)?),
    };
    let Some(text) = text else { return Ok(DEFAULT_PERIOD) };
    go_duration::parse(text).filter(|period| *period >= SHORTEST_PERIOD).ok_or_else(expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> Manifest {
        let field = |name: &str, kind, default: Option<&str>| ConfigField {
            name: name.into(),
            kind,
            required: true,
            default: default.map(Into::into),
            description: "-".into(),
        };
        Manifest {
            name: "x".into(),
            version: "1.0.0".into(),
            description: "-".into(),
            capabilities: vec![],
            workflow: vec![],
            config: vec![
                field("key", FieldKind::Secret, None),
                field("endpoint", FieldKind::Url, None),
                field("pageSize", FieldKind::Integer, Some("25")),
                field("pollingPeriod", FieldKind::Duration, Some("30m")),
            ],
            max_page_size: 100,
            rate_limits: vec![],
        }
    }

    fn read(text: &str) -> Result<InstallConfig, ConfigError> {
        InstallConfig::read(text, &manifest(), |name| (name == "SET").then(|| "from-the-environment".into()))
    }

    #[test]
    fn the_connectors_json_holds_a_placeholder_in_place_of_the_secret() {
        for given in [r#""s3cr3t-value""#, r#"{"env":"SET"}"#] {
            let config = read(&format!(r#"{{"key":{given},"endpoint":"https://a.example"}}"#)).expect("valid");
            let json: Value = serde_json::from_str(&config.json).expect("JSON");
            assert_eq!(json["key"], "{{secret:key}}");
        }
    }

    #[test]
    fn what_concerns_the_host_is_refused_with_the_fields_name_and_without_the_secret() {
        for (text, field) in [
            (r#"{"key":12345678}"#, "key"),
            (r#"{"key":{"env":"UNSET"}}"#, "key"),
            (r#"{"key":"bad\nvalue"}"#, "key"),
            (r#"{"endpoint":"http://a.example"}"#, "endpoint"),
            (r#"{"endpoint":"not a url"}"#, "endpoint"),
            (r#"{"pollingPeriod":"soon"}"#, "pollingPeriod"),
            (r#"{"pollingPeriod":30}"#, "pollingPeriod"),
            (r#"{"pollingPeriod":"9.999s"}"#, "pollingPeriod"),
            (r#"{"key":"s3cr3t-value","login":"acme:s3cr3t-value"}"#, "login"),
        ] {
            let said = read(text).expect_err(text).to_string();
            assert!(said.contains(&format!("`{field}`")), "{text}: {said}");
            assert!(!said.contains("s3cr3t") && !said.contains("12345678"), "{said}");
        }
        assert!(matches!(read("[]"), Err(ConfigError::NotAnObject(_))));
    }

    #[test]
    fn page_size_and_polling_period_are_read_with_their_defaults() {
        let config = read("{}").expect("valid");
        assert_eq!((config.page_size, config.polling_period.as_secs()), (25, 1800));
        let config = read(r#"{"pageSize":7,"pollingPeriod":"1h30m"}"#).expect("valid");
        assert_eq!((config.page_size, config.polling_period.as_secs()), (7, 5400));
    }
}

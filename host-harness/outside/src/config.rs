//! The config of one install: read from JSON by its manifest, and split into what the connector gets to see and what only
//! the host does. Whatever is wrong with it is told before the component runs again.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::NaiveDate;
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::authority::{Ask, AskError, Keyring, KeyringError, Keys, ProcessVault, SecretSource, Vault};
use crate::egress::{EgressPolicy, Endpoint};
use crate::secrets::Secrets;
use model::malformed::malformed;
use model::manifest_json::{self, NotAManifest};
use model::period::{PERIOD, period};
use model::shown::without_mark;
use model::{ConfigField, FieldKind, Manifest};

/// How often to poll when the manifest has no `pollingPeriod`.
const DEFAULT_PERIOD: Duration = Duration::from_mins(30);
/// The field that says it.
const POLLING_PERIOD: &str = "pollingPeriod";
/// A `text` field whose name has one of these looks like a secret that the manifest does not call one.
const SECRET_WORDS: [&str; 4] = ["key", "token", "secret", "password"];
/// How much a misspelt name may differ from the one that was meant.
const SIMILAR: f64 = 0.7;

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
    /// A field that the manifest does not have.
    #[error("config field `{field}`: the connector has no such field{}", meant(.nearest.as_ref(), .known))]
    Unknown {
        /// The field.
        field: String,
        /// The one that was probably meant.
        nearest: Option<String>,
        /// All that there are.
        known: String,
    },
    /// A text that looks like a secret, and would be given to the connector as it is.
    #[error(
        "config field `{0}`: its name says that it is a secret, and the connector asks for it as plain text, which it would \
         get to see; if it is none, the grant has to list it as public, and without such a grant, as in a first replay, the field \
         is left out or empty"
    )]
    LooksSecret(String),
    /// A secret cannot be had, or no header can carry it.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
}

fn meant(nearest: Option<&String>, known: &str) -> String {
    match nearest {
        Some(nearest) => format!("; did you mean `{nearest}`?"),
        None if known.is_empty() => "; it has none at all".to_owned(),
        None => format!("; it has {known}"),
    }
}

fn bad(field: &str, reason: impl Into<String>) -> ConfigError {
    ConfigError::Field { field: field.to_owned(), reason: reason.into() }
}

/// The environment variable with the manifest that somebody agreed to, as JSON.
pub const MANIFEST: &str = "CONNECTOR_MANIFEST";
/// The environment variable with the config.
pub const CONFIG: &str = "CONNECTOR_CONFIG";

/// Why an environment makes no install.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AgreedError {
    /// One of the two variables is missing.
    #[error("the environment variable {0} is not set")]
    Missing(&'static str),
    /// The text is no manifest.
    #[error(transparent)]
    NotAManifest(#[from] NotAManifest),
    /// It asks for what cannot be granted.
    #[error("the manifest: {0}")]
    Ask(#[from] AskError),
    /// The config is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
}

/// What the operator says beside the config.
#[derive(Clone)]
pub struct Terms {
    /// The `text` fields that are no secrets, whatever their names.
    pub public: BTreeSet<String>,
    /// Where the secrets are. None: they are not looked up, and count as set.
    pub vault: Option<Arc<dyn Vault>>,
}

impl Default for Terms {
    /// No field is public, and secrets are where the process has them.
    fn default() -> Self {
        Self { public: BTreeSet::new(), vault: Some(Arc::new(ProcessVault)) }
    }
}

impl Terms {
    /// For a replay, which needs no secret.
    #[must_use]
    pub fn offline() -> Self {
        Self { vault: None, ..Self::default() }
    }

    /// With other fields that are public.
    #[must_use]
    pub fn public(self, public: BTreeSet<String>) -> Self {
        Self { public, ..self }
    }
}

/// The config of one install.
#[derive(Debug)]
pub struct InstallConfig {
    /// The JSON for the connector: a secret that is set is `true`.
    pub json: String,
    /// The secrets, and what is made of them.
    pub keyring: Keyring,
    /// Where requests may go.
    pub policy: EgressPolicy,
    /// Rows per request: `pageSize`.
    pub page_size: u32,
    /// How far back a first poll goes: `since`.
    pub since: Option<NaiveDate>,
    /// Time between two polls: `pollingPeriod`.
    pub polling_period: Duration,
    /// The `text` fields that are set though their names say that they are secrets: the operator calls them public.
    pub public: Vec<String>,
}

/// The fields of a config, none of them named twice: which of two endpoints was meant is anyone's guess.
struct Fields(Map<String, Value>);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Each;
        impl<'de> Visitor<'de> for Each {
            type Value = Fields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Fields, A::Error> {
                let mut fields = Map::new();
                while let Some((name, value)) = members.next_entry::<String, Value>()? {
                    if fields.contains_key(&name) {
                        return Err(A::Error::custom(format!("the field `{name}` occurs twice")));
                    }
                    fields.insert(name, value);
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(Each)
    }
}

/// The fields of a config, as they stand there.
///
/// # Errors
/// [`ConfigError::NotAnObject`]: also where one is named twice.
pub fn fields(text: &str) -> Result<Map<String, Value>, ConfigError> {
    let read = serde_json::from_str(without_mark(text)).map(|Fields(fields)| fields);
    read.map_err(|error| ConfigError::NotAnObject(malformed(&error)))
}

impl InstallConfig {
    /// Reads the variables [`MANIFEST`] and [`CONFIG`]. What a component says of itself later widens nothing.
    ///
    /// # Errors
    /// [`AgreedError`].
    pub fn agreed(vault: Arc<dyn Vault>) -> Result<(Manifest, Self), AgreedError> {
        let variable = |name: &'static str| vault.variable(name).ok_or(AgreedError::Missing(name));
        let (manifest, config) = (manifest_json::read(&variable(MANIFEST)?)?, variable(CONFIG)?);
        let terms = Terms { vault: Some(vault), ..Terms::default() };
        let config = Self::read(&config, &manifest, &Ask::of(&manifest)?, &terms)?;
        Ok((manifest, config))
    }

    /// Reads a config by its manifest.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn read(text: &str, manifest: &Manifest, ask: &Ask, terms: &Terms) -> Result<Self, ConfigError> {
        let mut fields = fields(text)?;
        known(&fields, manifest)?;
        let secrets = take_secrets(&mut fields, manifest)?;
        for field in &manifest.config {
            check_kind(field, fields.get(&field.name), &terms.public)?;
        }
        let missing = |field: &&ConfigField| {
            field.required && !is_set(fields.get(&field.name)) && secrets.iter().all(|(name, _)| *name != field.name)
        };
        if let Some(field) = manifest.config.iter().find(missing) {
            return Err(bad(&field.name, format!("it is required: {}", field.description)));
        }
        let endpoints = endpoints(&fields, manifest)?;
        let named = |name: &&String| of_kind(manifest, FieldKind::Text).any(|f| f.name == **name && looks_secret(name));
        let public = fields.iter().filter(|(_, value)| is_set(Some(value))).map(|(name, _)| name).filter(named);
        let public = public.cloned().collect();
        let keys = Keys {
            credentials: ask.credentials.clone(),
            endpoints: endpoints.clone(),
            texts: texts(&fields, manifest),
            secrets,
        };
        let set: Vec<String> = keys.secrets.iter().map(|(field, _)| field.clone()).collect();
        let keyring = Keyring::new(keys, terms.vault.clone())?;
        no_secret_elsewhere(&fields, &keyring.secrets())?;
        let (page_size, polling_period) = (page_size(&fields, manifest), polling_period(&fields, manifest)?);
        let since = since(&fields, manifest);
        fields.extend(set.into_iter().map(|field| (field, Value::Bool(true))));
        Ok(Self {
            policy: EgressPolicy::new(endpoints, ask.requests.clone(), ask.headers.clone())
                .without(ask.token_requests()),
            json: Value::Object(fields).to_string(),
            keyring,
            page_size,
            since,
            polling_period,
            public,
        })
    }
}

/// The `text` fields of a manifest whose names say that they are secrets.
pub fn secret_looking(manifest: &Manifest) -> impl Iterator<Item = &str> {
    of_kind(manifest, FieldKind::Text).map(|field| &*field.name).filter(|name| looks_secret(name))
}

fn looks_secret(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    SECRET_WORDS.iter().any(|word| lower.contains(word))
}

fn of_kind(manifest: &Manifest, kind: FieldKind) -> impl Iterator<Item = &ConfigField> {
    manifest.config.iter().filter(move |field| field.kind == kind)
}

fn is_set(value: Option<&Value>) -> bool {
    !matches!(value, None | Some(Value::Null)) && value.and_then(Value::as_str) != Some("")
}

fn known(fields: &Map<String, Value>, manifest: &Manifest) -> Result<(), ConfigError> {
    let Some(unknown) = fields.keys().find(|name| manifest.config.iter().all(|field| field.name != **name)) else {
        return Ok(());
    };
    let likeness =
        |field: &&ConfigField| strsim::jaro_winkler(&field.name.to_ascii_lowercase(), &unknown.to_ascii_lowercase());
    let nearest = manifest.config.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    let nearest = nearest.filter(|field| likeness(field) >= SIMILAR).map(|field| field.name.clone());
    let names: Vec<String> = manifest.config.iter().map(|field| format!("`{}`", field.name)).collect();
    Err(ConfigError::Unknown { field: unknown.clone(), nearest, known: names.join(", ") })
}

/// Takes the secrets out of the fields: where each is, as the operator says.
fn take_secrets(
    fields: &mut Map<String, Value>,
    manifest: &Manifest,
) -> Result<Vec<(String, SecretSource)>, ConfigError> {
    const EXPECTED: &str = r#"expected a string, {"env": "NAME"} or {"file": "PATH"}"#;
    let mut secrets = Vec::new();
    for field in of_kind(manifest, FieldKind::Secret) {
        let source = match fields.remove(&field.name) {
            None | Some(Value::Null) => continue,
            Some(Value::String(secret)) if secret.is_empty() => continue,
            Some(Value::String(secret)) => SecretSource::Plain(Zeroizing::new(secret)),
            Some(Value::Object(reference)) => {
                let mut pairs = reference.iter();
                match (pairs.next(), pairs.next()) {
                    (Some((kind, Value::String(name))), None) if kind == "env" => SecretSource::Variable(name.clone()),
                    (Some((kind, Value::String(path))), None) if kind == "file" => SecretSource::File(path.into()),
                    _ => return Err(bad(&field.name, EXPECTED)),
                }
            }
            Some(_) => return Err(bad(&field.name, EXPECTED)),
        };
        secrets.push((field.name.clone(), source));
    }
    Ok(secrets)
}

/// What a field holds is of its kind: under another one a secret could pass for something that the connector may see.
fn check_kind(field: &ConfigField, value: Option<&Value>, public: &BTreeSet<String>) -> Result<(), ConfigError> {
    let Some(value) = value.filter(|value| !value.is_null()) else { return Ok(()) };
    let name = &*field.name;
    if value.is_object() {
        return Err(bad(name, "a reference stands for a secret, and this field is none; write its value"));
    }
    let expected = match field.kind {
        FieldKind::Text if !value.is_string() => "a string",
        FieldKind::Url if !value.is_string() => "an absolute URL, as a string",
        FieldKind::Integer if value.as_i64().is_none() && value.as_u64().is_none() => "a whole number",
        // This one has a rule of its own.
        FieldKind::Duration if name != POLLING_PERIOD && value.as_str().and_then(go_duration::parse).is_none() => {
            "a duration longer than zero, such as 30m, 1h30m or 90s"
        }
        FieldKind::Boolean if !value.is_boolean() => "true or false",
        FieldKind::Date if value.as_str().is_none_or(|text| !text.is_empty() && date(text).is_none()) => {
            "a date, such as 2026-01-31"
        }
        FieldKind::Text if is_set(Some(value)) && looks_secret(name) && !public.contains(name) => {
            return Err(ConfigError::LooksSecret(name.to_owned()));
        }
        _ => return Ok(()),
    };
    Err(bad(name, format!("expected {expected}")))
}

fn texts(fields: &Map<String, Value>, manifest: &Manifest) -> BTreeMap<String, String> {
    let text = |field: &ConfigField| {
        let text = fields.get(&field.name)?.as_str().filter(|text| !text.is_empty())?;
        Some((field.name.clone(), text.to_owned()))
    };
    of_kind(manifest, FieldKind::Text).filter_map(text).collect()
}

/// What the operator wrote; a default is advice, and goes nowhere.
fn endpoints(fields: &Map<String, Value>, manifest: &Manifest) -> Result<Vec<Endpoint>, ConfigError> {
    let mut endpoints = Vec::new();
    for field in of_kind(manifest, FieldKind::Url) {
        if let Some(url) = fields.get(&field.name).and_then(Value::as_str).filter(|url| !url.is_empty()) {
            endpoints.push(Endpoint::parse(&field.name, url).map_err(|error| bad(&field.name, error.to_string()))?);
        }
    }
    Ok(endpoints)
}

fn no_secret_elsewhere(fields: &Map<String, Value>, secrets: &Secrets) -> Result<(), ConfigError> {
    for (name, value) in fields {
        if let Some(secret) = secrets.find_in(value.to_string().as_bytes()) {
            return Err(bad(name, format!("it contains the secret of `{secret}`; a secret stands in its own field")));
        }
    }
    Ok(())
}

fn page_size(fields: &Map<String, Value>, manifest: &Manifest) -> u32 {
    let field = of_kind(manifest, FieldKind::Integer).find(|field| field.name == "pageSize");
    let default = field.and_then(|field| field.default.as_ref()?.parse().ok());
    let asked = field.and_then(|field| u32::try_from(fields.get(&field.name)?.as_u64()?).ok());
    // What is out of range is the connector's to report; a request must have a size that it takes.
    asked.or(default).unwrap_or(manifest.max_page_size).clamp(1, manifest.max_page_size)
}

/// A calendar date, spelt in the one way that all readers take.
fn date(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|date| date.to_string() == text)
}

fn since(fields: &Map<String, Value>, manifest: &Manifest) -> Option<NaiveDate> {
    let field = of_kind(manifest, FieldKind::Date).find(|field| field.name == "since")?;
    let written = fields.get(&field.name).and_then(Value::as_str).filter(|text| !text.is_empty());
    written.or(field.default.as_deref()).and_then(date)
}

fn polling_period(fields: &Map<String, Value>, manifest: &Manifest) -> Result<Duration, ConfigError> {
    let Some(field) = of_kind(manifest, FieldKind::Duration).find(|field| field.name == POLLING_PERIOD) else {
        return Ok(DEFAULT_PERIOD);
    };
    let expected = || bad(&field.name, format!("expected {PERIOD}, such as 30m, 1h30m or 90s"));
    let text = match fields.get(&field.name) {
        None | Some(Value::Null) => field.default.as_deref(),
        Some(value) => Some(value.as_str().ok_or_else(expected)?),
    };
    let Some(text) = text else { return Ok(DEFAULT_PERIOD) };
    period(text).ok_or_else(expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> Manifest {
        let field = |name: &str, kind, required, default: Option<&str>| ConfigField {
            name: name.into(),
            kind,
            required,
            default: default.map(Into::into),
            description: "what it is".into(),
        };
        Manifest {
            name: "x".into(),
            version: "1.0.0".into(),
            description: "-".into(),
            capabilities: vec![],
            workflow: vec![],
            config: vec![
                field("key", FieldKind::Secret, true, None),
                field("login", FieldKind::Text, false, None),
                field("publicKey", FieldKind::Text, false, None),
                field("endpoint", FieldKind::Url, false, Some("https://default.example")),
                field("fast", FieldKind::Boolean, false, None),
                field("since", FieldKind::Date, false, None),
                field("pageSize", FieldKind::Integer, false, Some("25")),
                field("pollingPeriod", FieldKind::Duration, false, Some("30m")),
            ],
            credentials: vec![],
            requests: vec![],
            headers: vec![],
            max_page_size: 100,
            max_in_flight: 1,
            rate_limits: vec![],
        }
    }

    fn with(text: &str, public: &[&str]) -> Result<InstallConfig, ConfigError> {
        let public = public.iter().map(ToString::to_string).collect();
        InstallConfig::read(text, &manifest(), &Ask::default(), &Terms::default().public(public))
    }

    fn read(text: &str) -> Result<InstallConfig, ConfigError> {
        with(text, &[])
    }

    #[test]
    fn a_secret_that_is_set_is_true_and_nothing_else_of_it_is_in_the_connectors_json() {
        let config = read(r#"{"key":"s3cr3t-value","login":"ann","fast":true}"#).expect("valid");
        let json: Value = serde_json::from_str(&config.json).expect("JSON");
        assert_eq!(json, serde_json::json!({ "key": true, "login": "ann", "fast": true }));
        assert_eq!(config.keyring.secrets().expose("key"), Some("s3cr3t-value"));
        assert!(!format!("{config:?}").contains("s3cr3t"));
    }

    #[test]
    fn a_field_that_is_named_twice_is_refused_by_its_name() {
        for text in [
            r#"{"key":"s3cr3t-value","endpoint":"https://a.example","endpoint":"https://b.example"}"#,
            r#"{"endpoint":"https://a.example","key":"s3cr3t-value","endpoint":"https://a.example"}"#,
        ] {
            let error = read(text).expect_err("two endpoints").to_string();
            assert!(error.contains("`endpoint` occurs twice") && !error.contains("s3cr3t"), "{error}");
        }
    }

    #[test]
    fn what_concerns_the_host_is_refused_with_the_fields_name_and_without_the_secret() {
        for (text, field) in [
            (r#"{"key":12345678}"#, "key"),
            (r#"{"key":{"env":"A_VARIABLE_THAT_NOBODY_SETS"}}"#, "key"),
            (r#"{"key":{"env":"A","file":"B"}}"#, "key"),
            (r#"{"key":{"vault":"A"}}"#, "key"),
            (r#"{"key":{}}"#, "key"),
            (r#"{"key":"bad\nvalue"}"#, "key"),
            (r#"{"key":""}"#, "key"),
            ("{}", "key"),
            (r#"{"key":"s3cr3t-value","endpoint":"http://a.example"}"#, "endpoint"),
            (r#"{"key":"s3cr3t-value","endpoint":"not a url"}"#, "endpoint"),
            (r#"{"key":"s3cr3t-value","endpoint":"https://a.example/?x=1"}"#, "endpoint"),
            (r#"{"key":"s3cr3t-value","endpoint":"https://a.example/a/%2e%2E/b%2fc"}"#, "endpoint"),
            (r#"{"key":"s3cr3t-value","endpoint":"https://a.example/a/..;/b"}"#, "endpoint"),
            (r#"{"key":"s3cr3t-value","endpoint":"https://a.example/a/%252e%252e/b"}"#, "endpoint"),
            (r#"{"key":"s3cr3t-value","pollingPeriod":"soon"}"#, "pollingPeriod"),
            (r#"{"key":"s3cr3t-value","pollingPeriod":30}"#, "pollingPeriod"),
            (r#"{"key":"s3cr3t-value","pageSize":"s3cr3t"}"#, "pageSize"),
            (r#"{"key":"s3cr3t-value","fast":"s3cr3t"}"#, "fast"),
            (r#"{"key":"s3cr3t-value","since":"31.01.2026"}"#, "since"),
            (r#"{"key":"s3cr3t-value","since":"2026-1-31"}"#, "since"),
            (r#"{"key":"s3cr3t-value","since":20260131}"#, "since"),
            (r#"{"key":"s3cr3t-value","login":7}"#, "login"),
            (r#"{"key":"s3cr3t-value","login":{"env":"PATH"}}"#, "login"),
            (r#"{"key":"s3cr3t-value","pollingPeriod":"9.999s"}"#, "pollingPeriod"),
            (r#"{"key":"s3cr3t-value","login":"acme:s3cr3t-value"}"#, "login"),
            (r#"{"key":"s3cr3t-value","publicKey":"x"}"#, "publicKey"),
        ] {
            let said = read(text).expect_err(text).to_string();
            assert!(said.contains(&format!("`{field}`")), "{text}: {said}");
            assert!(!said.contains("s3cr3t") && !said.contains("12345678"), "{said}");
        }
        assert!(matches!(read("[]"), Err(ConfigError::NotAnObject(_))));
    }

    #[test]
    fn a_field_that_the_manifest_lacks_is_an_error_that_names_the_nearest() {
        let said = read(r#"{"key":"s3cr3t-value","pagesize":1}"#).expect_err("unknown").to_string();
        assert!(said.contains("did you mean `pageSize`?"), "{said}");
        let said = read(r#"{"key":"s3cr3t-value","zzz":1}"#).expect_err("unknown").to_string();
        assert!(said.contains("it has `key`, `login`"), "{said}");
    }

    #[test]
    fn a_text_that_looks_like_a_secret_passes_when_the_operator_says_that_it_is_none() {
        let config = with(r#"{"key":"s3cr3t-value","publicKey":"x"}"#, &["publicKey"]).expect("valid");
        assert_eq!(config.public, ["publicKey"]);
        assert!(read(r#"{"key":"s3cr3t-value","publicKey":""}"#).is_ok(), "not set");
    }

    #[test]
    fn an_origin_comes_from_what_the_operator_wrote_and_never_from_a_default() {
        assert_eq!(read(r#"{"key":"s3cr3t-value"}"#).expect("valid").policy.endpoints(), []);
        let config = read(r#"{"key":"s3cr3t-value","endpoint":"https://a.example/v1/"}"#).expect("valid");
        let endpoints: Vec<String> = config.policy.endpoints().iter().map(ToString::to_string).collect();
        assert_eq!(endpoints, ["https://a.example/v1"]);
    }

    #[test]
    fn page_size_and_polling_period_are_read_with_their_defaults() {
        let config = read("\u{feff}{\"key\":\"s3cr3t-value\"}").expect("valid");
        assert_eq!((config.page_size, config.polling_period.as_secs()), (25, 1800));
        let config = read(r#"{"key":"s3cr3t-value","pageSize":7,"pollingPeriod":"1h30m"}"#).expect("valid");
        assert_eq!((config.page_size, config.polling_period.as_secs()), (7, 5400));
        assert_eq!(config.since, None);
        let config = read(r#"{"key":"s3cr3t-value","since":"2026-01-31"}"#).expect("valid");
        assert_eq!(config.since.map(|date| date.to_string()).as_deref(), Some("2026-01-31"));
    }
}

//! A manifest as JSON: what a person or a program is shown, and what the next version is compared with.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::malformed::malformed;
use crate::{Capability, ConfigField, Credential, FieldKind, Manifest, RateLimit, RateScope, RequestPattern, Task};

/// Why a text is no manifest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("it is no manifest: {0}")]
pub struct NotAManifest(String);

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ManifestShape {
    name: String,
    version: String,
    description: String,
    capabilities: Vec<CapabilityShape>,
    workflow: Vec<TaskShape>,
    config: Vec<FieldShape>,
    credentials: Vec<CredentialShape>,
    requests: Vec<RequestShape>,
    headers: Vec<String>,
    max_page_size: u32,
    max_in_flight: u32,
    rate_limits: Vec<LimitShape>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
enum CapabilityShape {
    #[serde(rename = "FETCH_ACCOUNTS")]
    Accounts,
    #[serde(rename = "FETCH_EXTERNAL_ACCOUNTS")]
    ExternalAccounts,
    #[serde(rename = "FETCH_BALANCES")]
    Balances,
    #[serde(rename = "FETCH_PAYMENTS")]
    Payments,
    #[serde(rename = "FETCH_OTHERS")]
    Others,
}

/// A task names its parent: a person who reads the list should not have to count.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct TaskShape {
    name: String,
    capability: CapabilityShape,
    periodic: bool,
    min_period_seconds: u32,
    parent: Option<String>,
    snapshot: bool,
    follow: bool,
}

#[derive(Serialize, Deserialize)]
struct FieldShape {
    name: String,
    kind: KindShape,
    required: bool,
    default: Option<String>,
    description: String,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum KindShape {
    Text,
    Secret,
    Url,
    Integer,
    Duration,
    Boolean,
    Date,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct LimitShape {
    requests: u32,
    window_seconds: u32,
    scope: ScopeShape,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ScopeShape {
    Address,
    Install,
    Path,
}

/// Headers and keys are lists of pairs: their order counts, and a map has none.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CredentialShape {
    name: String,
    to: Vec<String>,
    not_to: Vec<String>,
    headers: Vec<(String, String)>,
    more: Vec<(String, String)>,
}

#[derive(Serialize, Deserialize)]
struct RequestShape {
    method: String,
    to: String,
    path: String,
}

/// The fields of a manifest, as one JSON object.
#[must_use]
pub fn write(manifest: &Manifest) -> Map<String, Value> {
    let parent = |task: &Task| {
        let index = usize::try_from(task.parent?).ok()?;
        manifest.workflow.get(index).map(|parent| parent.name.clone())
    };
    let task = |task: &Task| TaskShape {
        name: task.name.clone(),
        capability: capability_shape(task.capability),
        periodic: task.periodic,
        min_period_seconds: task.min_period_seconds,
        parent: parent(task),
        snapshot: task.snapshot,
        follow: task.follow,
    };
    let shape = ManifestShape {
        name: manifest.name.clone(),
        version: manifest.version.clone(),
        description: manifest.description.clone(),
        capabilities: manifest.capabilities.iter().copied().map(capability_shape).collect(),
        workflow: manifest.workflow.iter().map(task).collect(),
        config: manifest.config.iter().map(field_shape).collect(),
        credentials: manifest.credentials.iter().cloned().map(credential_shape).collect(),
        requests: manifest.requests.iter().cloned().map(request_shape).collect(),
        headers: manifest.headers.clone(),
        max_page_size: manifest.max_page_size,
        max_in_flight: manifest.max_in_flight,
        rate_limits: manifest.rate_limits.iter().copied().map(limit_shape).collect(),
    };
    match serde_json::to_value(shape) {
        Ok(Value::Object(object)) => object,
        // Strings, numbers and lists of them always make an object.
        _ => Map::new(),
    }
}

/// Reads what [`write()`] wrote; other keys are ignored.
///
/// # Errors
/// [`NotAManifest`], with what is missing.
pub fn read(text: &str) -> Result<Manifest, NotAManifest> {
    let shape: ManifestShape = serde_json::from_str(text).map_err(|error| NotAManifest(malformed(&error)))?;
    let names: Vec<String> = shape.workflow.iter().map(|task| task.name.clone()).collect();
    let index = |parent: &String| {
        let place = names.iter().position(|name| name == parent).and_then(|place| u32::try_from(place).ok());
        place.ok_or_else(|| NotAManifest(format!("there is no task `{parent}`, and one has it for its parent")))
    };
    let task = |task: TaskShape| {
        let parent = task.parent.as_ref().map(index).transpose()?;
        Ok(Task {
            name: task.name,
            capability: capability(task.capability),
            periodic: task.periodic,
            min_period_seconds: task.min_period_seconds,
            parent,
            snapshot: task.snapshot,
            follow: task.follow,
        })
    };
    Ok(Manifest {
        name: shape.name,
        version: shape.version,
        description: shape.description,
        capabilities: shape.capabilities.into_iter().map(capability).collect(),
        workflow: shape.workflow.into_iter().map(task).collect::<Result<_, _>>()?,
        config: shape.config.into_iter().map(field).collect(),
        credentials: shape.credentials.into_iter().map(credential).collect(),
        requests: shape.requests.into_iter().map(request).collect(),
        headers: shape.headers,
        max_page_size: shape.max_page_size,
        max_in_flight: shape.max_in_flight,
        rate_limits: shape.rate_limits.iter().map(limit).collect(),
    })
}

/// The contract's word for a capability: `fetch-payments`.
#[must_use]
pub fn capability_word(capability: Capability) -> &'static str {
    match capability {
        Capability::FetchAccounts => "fetch-accounts",
        Capability::FetchExternalAccounts => "fetch-external-accounts",
        Capability::FetchBalances => "fetch-balances",
        Capability::FetchPayments => "fetch-payments",
        Capability::FetchOthers => "fetch-others",
    }
}

/// The contract's word for a kind of field: `secret`.
#[must_use]
pub fn kind_word(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Text => "text",
        FieldKind::Secret => "secret",
        FieldKind::Url => "url",
        FieldKind::Integer => "integer",
        FieldKind::Duration => "duration",
        FieldKind::Boolean => "boolean",
        FieldKind::Date => "date",
    }
}

fn capability_shape(capability: Capability) -> CapabilityShape {
    match capability {
        Capability::FetchAccounts => CapabilityShape::Accounts,
        Capability::FetchExternalAccounts => CapabilityShape::ExternalAccounts,
        Capability::FetchBalances => CapabilityShape::Balances,
        Capability::FetchPayments => CapabilityShape::Payments,
        Capability::FetchOthers => CapabilityShape::Others,
    }
}

fn capability(shape: CapabilityShape) -> Capability {
    match shape {
        CapabilityShape::Accounts => Capability::FetchAccounts,
        CapabilityShape::ExternalAccounts => Capability::FetchExternalAccounts,
        CapabilityShape::Balances => Capability::FetchBalances,
        CapabilityShape::Payments => Capability::FetchPayments,
        CapabilityShape::Others => Capability::FetchOthers,
    }
}

fn field_shape(field: &ConfigField) -> FieldShape {
    FieldShape {
        name: field.name.clone(),
        kind: match field.kind {
            FieldKind::Text => KindShape::Text,
            FieldKind::Secret => KindShape::Secret,
            FieldKind::Url => KindShape::Url,
            FieldKind::Integer => KindShape::Integer,
            FieldKind::Duration => KindShape::Duration,
            FieldKind::Boolean => KindShape::Boolean,
            FieldKind::Date => KindShape::Date,
        },
        required: field.required,
        default: field.default.clone(),
        description: field.description.clone(),
    }
}

fn field(shape: FieldShape) -> ConfigField {
    ConfigField {
        name: shape.name,
        kind: match shape.kind {
            KindShape::Text => FieldKind::Text,
            KindShape::Secret => FieldKind::Secret,
            KindShape::Url => FieldKind::Url,
            KindShape::Integer => FieldKind::Integer,
            KindShape::Duration => FieldKind::Duration,
            KindShape::Boolean => FieldKind::Boolean,
            KindShape::Date => FieldKind::Date,
        },
        required: shape.required,
        default: shape.default,
        description: shape.description,
    }
}

fn limit_shape(limit: RateLimit) -> LimitShape {
    let scope = match limit.scope {
        RateScope::Address => ScopeShape::Address,
        RateScope::Install => ScopeShape::Install,
        RateScope::Path => ScopeShape::Path,
    };
    LimitShape { requests: limit.requests, window_seconds: limit.window_seconds, scope }
}

fn limit(shape: &LimitShape) -> RateLimit {
    let scope = match shape.scope {
        ScopeShape::Address => RateScope::Address,
        ScopeShape::Install => RateScope::Install,
        ScopeShape::Path => RateScope::Path,
    };
    RateLimit { requests: shape.requests, window_seconds: shape.window_seconds, scope }
}

fn credential_shape(credential: Credential) -> CredentialShape {
    let Credential { name, to, not_to, headers, more } = credential;
    CredentialShape { name, to, not_to, headers, more }
}

fn credential(shape: CredentialShape) -> Credential {
    let CredentialShape { name, to, not_to, headers, more } = shape;
    Credential { name, to, not_to, headers, more }
}

fn request_shape(request: RequestPattern) -> RequestShape {
    let RequestPattern { method, to, path } = request;
    RequestShape { method, to, path }
}

fn request(shape: RequestShape) -> RequestPattern {
    let RequestShape { method, to, path } = shape;
    RequestPattern { method, to, path }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> Manifest {
        let task = |name: &str, capability, parent| Task {
            name: name.into(),
            capability,
            periodic: true,
            min_period_seconds: 60,
            parent,
            snapshot: capability == Capability::FetchAccounts,
            follow: capability == Capability::FetchPayments,
        };
        let kinds = [
            FieldKind::Text,
            FieldKind::Secret,
            FieldKind::Url,
            FieldKind::Integer,
            FieldKind::Duration,
            FieldKind::Boolean,
            FieldKind::Date,
        ];
        let field = |(number, kind): (usize, FieldKind)| ConfigField {
            name: format!("field-{number}"),
            kind,
            required: number == 0,
            default: (number > 3).then(|| "30m".to_owned()),
            description: "What it is.".into(),
        };
        Manifest {
            name: "example".into(),
            version: "1.2.3".into(),
            description: "Reads.".into(),
            capabilities: vec![
                Capability::FetchAccounts,
                Capability::FetchBalances,
                Capability::FetchPayments,
                Capability::FetchExternalAccounts,
                Capability::FetchOthers,
            ],
            workflow: vec![
                task("others", Capability::FetchExternalAccounts, None),
                task("accounts", Capability::FetchAccounts, None),
                task("balances", Capability::FetchBalances, Some(1)),
                task("payments", Capability::FetchPayments, Some(1)),
                task("users", Capability::FetchOthers, None),
            ],
            config: kinds.into_iter().enumerate().map(field).collect(),
            credentials: vec![Credential {
                name: "login".into(),
                to: vec!["field-2".into()],
                not_to: vec!["https://live.example".into()],
                headers: vec![("x-key".into(), "{field-1}".into()), ("a-second".into(), "fixed".into())],
                more: vec![("token.value".into(), "/token".into())],
            }],
            requests: vec![RequestPattern { method: "GET".into(), to: "field-2".into(), path: "/v1/{id}".into() }],
            headers: vec!["x-version".into()],
            max_page_size: 100,
            max_in_flight: 7,
            rate_limits: [RateScope::Address, RateScope::Install, RateScope::Path]
                .map(|scope| RateLimit { requests: 10, window_seconds: 60, scope })
                .into(),
        }
    }

    #[test]
    fn what_is_written_is_read_again_whatever_else_stands_beside_it() {
        let mut object = write(&manifest());
        object.insert("imports".into(), Value::Null);
        assert_eq!(read(&Value::Object(object).to_string()), Ok(manifest()));
    }

    #[test]
    fn what_is_no_manifest_is_refused_with_what_is_missing() {
        let mut object = write(&manifest());
        object.remove("maxPageSize");
        let error = read(&Value::Object(object).to_string()).expect_err("incomplete").to_string();
        assert!(error.contains("maxPageSize"), "{error}");
        let orphan = Value::Object(write(&manifest())).to_string().replace(r#""parent":"accounts""#, r#""parent":"x""#);
        assert!(read(&orphan).expect_err("no such task").to_string().contains("`x`"));
        assert!(read("[]").is_err());
    }
}

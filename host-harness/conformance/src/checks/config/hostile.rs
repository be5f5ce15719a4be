//! C3: what becomes of values that no config should hold.

use serde_json::{Map, Value};

use super::{Call, stock, values};
use crate::check::{Finding, Outcome};
use crate::rig::{Rig, case};
use crate::subject::Subject;
use model::{ConfigField, Error, FieldKind};
use outside::transport::Request;
use sandbox::{CallError, Exceeded};

/// Characters of a config that a failure shows.
const SHOWN: usize = 300;

/// What may become of a config.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Allowed<'a> {
    /// Refused with this field, or tolerated.
    Field(&'a str),
    /// Refused with any field, or tolerated.
    Any,
    /// Refused with any field.
    Refused,
    /// The host refuses the config before the connector is asked, so anything but a crash.
    HostRefuses,
}

pub(super) async fn hostile_values(subject: Subject) -> Outcome {
    let rig = Rig::new(&subject, stock)?;
    let base: Map<String, Value> = serde_json::from_str(&rig.install.config).unwrap_or_default();
    let fields = rig.install.manifest.config.clone();
    let mut count = 0;
    for field in fields.iter().filter(|field| base.contains_key(&field.name)) {
        let good = base.get(&field.name).unwrap_or(&Value::Null);
        for (what, value) in values::of(field.kind, good) {
            let setting = format!("a config in which `{}` is {what}", field.name);
            if field.kind == FieldKind::Url {
                hostile_url(&subject, field, &value, &setting).await?;
            } else {
                let mut config = base.clone();
                config.insert(field.name.clone(), value);
                trial(&rig, &setting, &Value::Object(config).to_string(), Allowed::Field(&field.name)).await?;
            }
            count += 1;
        }
    }
    for (what, config) in values::no_configs(&rig.install.config) {
        trial(&rig, &format!("a config that is {what}"), &config, Allowed::Refused).await?;
        count += 1;
    }
    let mut open = Value::Object(base).to_string();
    open.pop();
    for (what, member) in values::unknown_members() {
        trial(&rig, &format!("a config with {what}"), &format!("{open},{member}}}"), Allowed::Any).await?;
        count += 1;
    }
    if fields.iter().any(|field| field.required) {
        trial(&rig, "a config that is an empty object", "{}", Allowed::Refused).await?;
        count += 1;
    }
    Ok(format!("{count} configs of bad values, none traps, leaks a header or reaches another origin"))
}

/// A URL decides where requests may go: the connector is tried behind the egress that a host makes of this very value.
async fn hostile_url(subject: &Subject, field: &ConfigField, value: &Value, setting: &str) -> Result<(), Finding> {
    let mut config = subject.bank().config();
    config.insert(field.name.clone(), value.clone());
    let (rig, allowed) = match subject.install_with(&Value::Object(config).to_string())? {
        Ok(install) => (Rig::with_install(subject, install, stock)?, Allowed::Field(&field.name)),
        Err(_) => (Rig::new(subject, stock)?, Allowed::HostRefuses),
    };
    let mut seen: Map<String, Value> = serde_json::from_str(&rig.install.config).unwrap_or_default();
    seen.insert(field.name.clone(), value.clone());
    trial(&rig, setting, &Value::Object(seen).to_string(), allowed).await
}

/// `check` with this config, and the reading of a first page where `check` did not refuse it or much would be at stake.
async fn trial(rig: &Rig, setting: &str, config: &str, allowed: Allowed<'_>) -> Result<(), Finding> {
    let root = rig.install.manifest.workflow.iter().find(|task| task.parent.is_none());
    let root = root.map(|task| Call::Fetch(Box::new(task.clone()), None));
    for call in [Call::Check].into_iter().chain(root) {
        rig.tape.clear();
        let (result, made) = call.make(rig, config.to_owned()).await;
        if let Some(wrong) = wrong(&result, made, &rig.tape.requests(), allowed) {
            let shown: String = config.chars().take(SHOWN).collect();
            let what = format!("with {setting}, `{}` {wrong}", call.name());
            return Err(rig.failure(what, vec![format!("the config began {shown}")]));
        }
        let refused = matches!(&result, Err(CallError::Connector { error: Error::InvalidConfig(_), .. }));
        if refused && allowed != Allowed::Refused && !config.contains("X-Injected") {
            break;
        }
    }
    Ok(())
}

/// What is wrong with how a call ended that made `made` requests, of which `sent` went out.
fn wrong(result: &Result<(), CallError>, made: u32, sent: &[Request], allowed: Allowed<'_>) -> Option<String> {
    if sent.iter().any(|request| request.headers.contains_key(values::INJECTED)) {
        return Some("sent a request with a header out of the value".to_owned());
    }
    match result {
        Ok(()) if allowed == Allowed::Refused => Some("should give `invalid-config`, and succeeded".to_owned()),
        Err(CallError::Refused(incident)) if allowed != Allowed::HostRefuses => {
            Some(format!("should give `invalid-config`; the host refused what it did: {incident}"))
        }
        Ok(()) | Err(CallError::Refused(_)) => None,
        Err(CallError::Connector { error, .. }) => wrong_error(error, made, sent, allowed),
        Err(CallError::Exceeded(Exceeded::Copied(_))) => Some("repeats a value of 1 MiB beyond all limits".to_owned()),
        Err(error) => Some(format!("should give `invalid-config`: {error}")),
    }
}

fn wrong_error(error: &Error, made: u32, sent: &[Request], allowed: Allowed<'_>) -> Option<String> {
    let config = match error {
        _ if allowed == Allowed::HostRefuses => return None,
        Error::InvalidConfig(config) => config,
        // The provider has judged the value, and its answer is what is told.
        _ if !sent.is_empty() && allowed != Allowed::Refused => return None,
        other => {
            return Some(format!(
                "should give `invalid-config`: nobody but the operator can act; it gives `{}`",
                case(other)
            ));
        }
    };
    match allowed {
        _ if made > 0 => Some(format!("gives `invalid-config` after {made} requests")),
        _ if config.reason.trim().is_empty() => Some("gives `invalid-config` without a reason".to_owned()),
        Allowed::Field(field) if config.field != field => {
            Some(format!("should give `invalid-config` for `{field}`, and names `{}`", config.field))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{ConfigError, ErrorDetail};
    use outside::egress::Incident;

    fn request(header: &'static str) -> Request {
        let headers = [(header, "1")]
            .map(|(name, value)| (http::HeaderName::from_static(name), http::HeaderValue::from_static(value)));
        Request {
            method: http::Method::GET,
            url: url::Url::parse("https://api.example.com/").expect("a URL"),
            headers: headers.into_iter().collect(),
            body: bytes::Bytes::new(),
        }
    }

    fn invalid(field: &str) -> Result<(), CallError> {
        let wrong = ConfigError { field: field.into(), reason: "expected text".into() };
        Err(CallError::Connector { error: Error::InvalidConfig(wrong), failure: None })
    }

    fn unauthorized() -> Result<(), CallError> {
        let detail = ErrorDetail {
            message: "no".into(),
            http_status: Some(401),
            provider_code: None,
            request_id: None,
            retry_after_seconds: None,
        };
        Err(CallError::Connector { error: Error::Unauthorized(detail), failure: None })
    }

    #[test]
    fn a_named_refusal_and_harmless_tolerance_are_right() {
        let field = Allowed::Field("key");
        assert_eq!(wrong(&invalid("key"), 0, &[], field), None);
        assert_eq!(wrong(&Ok(()), 1, &[request("accept")], field), None);
        assert_eq!(wrong(&unauthorized(), 1, &[request("accept")], field), None);
        assert_eq!(wrong(&invalid("config"), 0, &[], Allowed::Refused), None);
        assert_eq!(wrong(&Err(CallError::Refused(Incident::default())), 1, &[], Allowed::HostRefuses), None);
    }

    #[test]
    fn what_helps_no_operator_or_harms_is_wrong() {
        let field = Allowed::Field("key");
        for (result, made, sent, allowed) in [
            (invalid("config"), 0, vec![], field),
            (invalid("key"), 1, vec![request("accept")], field),
            (unauthorized(), 0, vec![], field),
            (Ok(()), 1, vec![request("x-injected")], field),
            (Ok(()), 1, vec![request("accept")], Allowed::Refused),
            (unauthorized(), 1, vec![request("accept")], Allowed::Refused),
            (Err(CallError::Refused(Incident::default())), 1, vec![], field),
            (Err(CallError::Breach("x".into())), 0, vec![], Allowed::HostRefuses),
        ] {
            assert!(wrong(&result, made, &sent, allowed).is_some(), "{result:?} {allowed:?}");
        }
    }
}

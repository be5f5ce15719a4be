//! What can be wrong with a manifest, beyond what its types allow.

use model::validate;
use model::{ConfigField, FieldKind, Manifest};
use outside::authority::Ask;
use outside::egress::Origin;

/// Words that name what gives access.
const ACCESS: &[&str] =
    &["key", "apikey", "token", "secret", "password", "passwd", "passphrase", "credential", "credentials"];
/// Words behind them that change nothing: `privateKeyPem` holds a key, `keyId` does not.
const FORMS: &[&str] = &["pem", "text", "string", "value"];

/// True for a field that the host keeps from the connector.
pub(super) fn is_secret(field: &ConfigField) -> bool {
    field.kind == FieldKind::Secret
}

/// Every rule that the manifest breaks. `secrets` are the fields that are secret at this provider.
pub(super) fn wrong(manifest: &Manifest, secrets: &[String]) -> Vec<String> {
    let parts = [validate::about(manifest), validate::config(manifest)];
    let mut found: Vec<String> = parts.into_iter().filter_map(Result::err).map(|breach| breach.to_string()).collect();
    found.extend(Ask::of(manifest).err().map(|error| error.to_string()));
    if manifest.config.iter().all(|field| field.kind != FieldKind::Url) {
        found.push("the config has no field of kind `url`, so the connector can reach nothing".to_owned());
    }
    for field in &manifest.config {
        found.extend(wrong_field(field, manifest, secrets));
    }
    found
}

fn wrong_field(field: &ConfigField, manifest: &Manifest, secrets: &[String]) -> Vec<String> {
    let name = &field.name;
    let mut found = Vec::new();
    if !is_secret(field) && secrets.contains(name) {
        found.push(format!("the config field `{name}` holds a secret of this provider and is not of kind `secret`"));
    } else if field.kind == FieldKind::Text && gives_access(name) {
        found.push(format!(
            "the config field `{name}` is called like something that gives access and is of kind `text`"
        ));
    }
    if field.description.trim().is_empty() && !field.description.is_empty() {
        found.push(format!("the description of the config field `{name}` is blank"));
    }
    if let Some(expected) = field.default.as_deref().and_then(|default| misfit(field.kind, default)) {
        let default = field.default.as_deref().unwrap_or_default();
        found.push(format!("the default {default:?} of the config field `{name}` is not {expected}"));
    }
    let known = match &**name {
        "pageSize" => Some((FieldKind::Integer, "integer")),
        "pollingPeriod" => Some((FieldKind::Duration, "duration")),
        _ => None,
    };
    if let Some((_, kind)) = known.filter(|(kind, _)| *kind != field.kind) {
        found.push(format!("the config field `{name}` has a meaning to the host, as one of kind `{kind}`"));
    } else if name == "pageSize"
        && let Some(default) = field.default.as_ref().and_then(|default| default.parse::<u32>().ok())
        && !(1..=manifest.max_page_size).contains(&default)
    {
        found.push(format!("the default of `pageSize` is {default}, `max-page-size` is {}", manifest.max_page_size));
    }
    found
}

/// What a reviewer should look at.
pub(super) fn doubtful(manifest: &Manifest) -> Vec<String> {
    let both = manifest.config.iter().filter(|field| field.required && field.default.is_some());
    both.map(|field| {
        format!("the config field `{}` is required and has a default: one of the two has no effect", field.name)
    })
    .collect()
}

/// What a default of this kind should be, when it is not.
fn misfit(kind: FieldKind, default: &str) -> Option<&'static str> {
    let (fits, expected) = match kind {
        FieldKind::Text | FieldKind::Secret => (true, "a string"),
        FieldKind::Url => (Origin::parse(default).is_ok(), "a URL that a host sends requests to"),
        FieldKind::Integer => (default.parse::<i64>().is_ok_and(|n| n.to_string() == default), "a whole number"),
        FieldKind::Duration => (go_duration::parse(default).is_some(), "a duration such as 30m or 1h30m"),
        FieldKind::Boolean => (matches!(default, "true" | "false"), "`true` or `false`"),
        FieldKind::Date => {
            (default.parse::<chrono::NaiveDate>().is_ok_and(|date| date.to_string() == default), "a date")
        }
    };
    (!fits).then_some(expected)
}

/// Whether a field of this name holds something that gives access: `apiKey`, `access_token`; not `keyId`, `publicKey`.
fn gives_access(name: &str) -> bool {
    let words = words(name);
    let mut words = words.iter().map(String::as_str).rev().skip_while(|word| FORMS.contains(word));
    words.next().is_some_and(|word| ACCESS.contains(&word)) && words.next() != Some("public")
}

/// The words of a name, in lower case: `apiKey`, `api-key`, `API_KEY` are `api` and `key`.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = vec![String::new()];
    let mut was_lower = false;
    for char in name.chars() {
        if !char.is_ascii_alphanumeric() || (char.is_ascii_uppercase() && was_lower) {
            words.push(String::new());
        }
        was_lower = char.is_ascii_lowercase() || char.is_ascii_digit();
        if let Some(word) = words.last_mut().filter(|_| char.is_ascii_alphanumeric()) {
            word.push(char.to_ascii_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use model::{Capability, Credential, RequestPattern, Task};

    /// Breaks a rule.
    pub(in super::super) type Spoil = fn(&mut Manifest);

    pub(in super::super) fn field(name: &str, kind: FieldKind) -> ConfigField {
        ConfigField { name: name.into(), kind, required: false, default: None, description: "What it is.".into() }
    }

    /// A manifest with nothing wrong.
    pub(in super::super) fn manifest() -> Manifest {
        let task = |name: &str, capability, parent| Task {
            name: name.into(),
            capability,
            periodic: true,
            min_period_seconds: 0,
            parent,
            snapshot: false,
            follow: false,
        };
        let required = |name, kind| ConfigField { required: true, ..field(name, kind) };
        let default = |name, kind, value: &str| ConfigField { default: Some(value.into()), ..field(name, kind) };
        Manifest {
            name: "example".into(),
            version: "1.2.3".into(),
            description: "Reads.".into(),
            capabilities: vec![Capability::FetchAccounts, Capability::FetchPayments],
            workflow: vec![
                task("accounts", Capability::FetchAccounts, None),
                task("payments", Capability::FetchPayments, Some(0)),
            ],
            config: vec![
                required("endpoint", FieldKind::Url),
                required("apiKey", FieldKind::Secret),
                field("login", FieldKind::Text),
                default("pageSize", FieldKind::Integer, "25"),
                default("pollingPeriod", FieldKind::Duration, "30m"),
            ],
            credentials: vec![Credential {
                name: "login".into(),
                to: vec!["endpoint".into()],
                not_to: vec![],
                headers: vec![("authorization".into(), "{login}:{apiKey}".into())],
                more: vec![],
            }],
            requests: vec![RequestPattern { method: "GET".into(), to: "endpoint".into(), path: "/v2/accounts".into() }],
            headers: vec![],
            max_page_size: 100,
            max_in_flight: 1,
            rate_limits: vec![],
        }
    }

    #[test]
    fn a_good_manifest_has_nothing_wrong() {
        assert_eq!(wrong(&manifest(), &["apiKey".into(), "unknown".into()]), Vec::<String>::new());
        assert_eq!(doubtful(&manifest()), Vec::<String>::new());
    }

    #[test]
    fn each_rule_is_seen_when_it_is_broken() {
        let cases: [(Spoil, &str); 13] = [
            (|m| m.name = "No".into(), "lower-case"),
            (|m| m.credentials[0].more.push(("jwt.key".into(), "x".into())), "`jwt.key`, which this host does not do"),
            (|m| m.requests[0].method = "TRACE".into(), "`TRACE`"),
            (|m| m.headers.push("x-forwarded-for".into()), "x-forwarded-for"),
            (|m| m.version = "1".into(), "semantic version"),
            (|m| m.config.retain(|field| field.kind != FieldKind::Url), "kind `url`"),
            (|m| m.config[1].kind = FieldKind::Text, "`apiKey` holds a secret"),
            (|m| m.config[2].name = "access_token".into(), "gives access"),
            (|m| m.config[2].description = " ".into(), "blank"),
            (|m| m.config[0].default = Some("http://a.example".into()), "not a URL"),
            (|m| m.config[3].default = Some("many".into()), "not a whole number"),
            (|m| m.config[3].default = Some("101".into()), "`max-page-size`"),
            (|m| m.config[4].kind = FieldKind::Text, "kind `duration`"),
        ];
        for (spoil, said) in cases {
            let mut spoilt = manifest();
            spoil(&mut spoilt);
            let found = wrong(&spoilt, &["apiKey".into()]);
            assert!(found.iter().any(|line| line.contains(said)), "{said}: {found:?}");
        }
        let mut both = manifest();
        both.config[3].required = true;
        assert_eq!(doubtful(&both).len(), 1);
    }

    #[test]
    fn what_gives_access_is_told_by_the_last_word_of_its_name() {
        for name in ["apiKey", "api_key", "API-KEY", "key", "stagingToken", "clientSecret", "password", "privateKeyPem"]
        {
            assert!(gives_access(name), "{name}");
        }
        for name in ["keyId", "publicKey", "tokenUrl", "monkey", "clientID", "keyword", "secretName", ""] {
            assert!(!gives_access(name), "{name}");
        }
    }

    #[test]
    fn defaults_fit_their_kinds() {
        for (kind, good, bad) in [
            (FieldKind::Url, "https://a.example", "a.example"),
            (FieldKind::Integer, "-5", "5.0"),
            (FieldKind::Duration, "1h30m", "soon"),
            (FieldKind::Boolean, "false", "no"),
        ] {
            assert_eq!(misfit(kind, good), None, "{good}");
            assert!(misfit(kind, bad).is_some(), "{bad}");
        }
    }
}

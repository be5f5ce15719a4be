//! What is new, gone or otherwise since the version before.

use std::collections::BTreeMap;

use engine::install::Described;
use model::manifest_json::{self, NotAManifest, capability_word};
use model::{FieldKind, Manifest, Task};
use outside::authority::Asks;
use serde_json::Value;

use super::asked::{config_field, suggestion};
use super::{Line, Section, Sign};

/// The title of the section.
pub(super) const TITLE: &str = "Difference to the previous version";

/// A component as far as another version of it is held against it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    manifest: Manifest,
    /// The interfaces it imports, with their versions.
    imports: Vec<String>,
    /// What is told of the file; none where it was not kept.
    contract: Option<String>,
    digest: Option<String>,
    bytes: Option<u64>,
}

/// Why a text is no version of a component.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAVersion {
    /// It has no manifest.
    #[error(transparent)]
    Manifest(#[from] NotAManifest),
    /// It is no JSON, or its imports are no list of names.
    #[error("it does not tell what the component imports")]
    Imports,
}

impl Version {
    /// A component that was loaded.
    #[must_use]
    pub fn of(described: &Described) -> Self {
        let connector = &described.connector;
        Self {
            manifest: described.manifest.clone(),
            imports: connector.inspection().imports.clone(),
            contract: Some(connector.inspection().contract.clone()),
            digest: Some(connector.digest().to_owned()),
            bytes: u64::try_from(connector.size()).ok(),
        }
    }

    /// What was kept of a component as JSON: its manifest, as [`manifest_json`] writes it, with `imports`, and where they
    /// are known `contract`, `digest` and `bytes`.
    ///
    /// # Errors
    /// [`NotAVersion`], with what is missing.
    pub fn read(json: &str) -> Result<Self, NotAVersion> {
        let manifest = manifest_json::read(json)?;
        let facts: Value = serde_json::from_str(json).map_err(|_| NotAVersion::Imports)?;
        let text = |name: &str| facts[name].as_str().map(str::to_owned);
        let imports = facts["imports"].as_array().ok_or(NotAVersion::Imports)?;
        Ok(Self {
            manifest,
            imports: imports.iter().filter_map(|import| import.as_str().map(str::to_owned)).collect(),
            contract: text("contract").map(|contract| contract.rsplit('@').next().unwrap_or_default().to_owned()),
            digest: text("digest"),
            bytes: facts["bytes"].as_u64(),
        })
    }
}

/// Every difference, a line each.
pub(super) fn section(old: &Version, new: &Version) -> Section {
    let from = format!(
        "From {} {} to {} {}.",
        old.manifest.name, old.manifest.version, new.manifest.name, new.manifest.version
    );
    if old.digest.is_some() && old.digest == new.digest {
        return Section::new(TITLE, Vec::new()).lead("None: it is the same component, byte for byte.");
    }
    let mut lines = Vec::new();
    for ((what, old), (_, new)) in aspects(old, new).into_iter().zip(aspects(new, old)) {
        compare(what, &old, &new, &mut lines);
    }
    let other = if old.manifest.name == new.manifest.name { "" } else { " They are different connectors." };
    let same = if lines.is_empty() { " Nothing of what is known of both." } else { "" };
    let asks = |version: &Version| Asks::of(&version.manifest, &version.imports);
    let more = match asks(old).wider(&asks(new)).len() {
        0 => "",
        1 => " What was granted to that one is not enough for this one: it asks for one thing more.",
        _ => " What was granted to that one is not enough for this one: it asks for more.",
    };
    Section::new(TITLE, lines).lead(format!("{from}{other}{same}{more}"))
}

/// What has a name, and what is said of it.
type Named = BTreeMap<String, String>;

/// What of a component is compared with another one, in the order of what a reviewer asks first.
fn aspects(version: &Version, other: &Version) -> Vec<(&'static str, Named)> {
    let Version { manifest, imports, .. } = version;
    let asks = Asks::of(manifest, &[]);
    let set = |names: &mut dyn Iterator<Item = String>| names.map(|name| (name, String::new())).collect();
    let urls = manifest.config.iter().filter(|field| field.kind == FieldKind::Url);
    let import = |import: &String| match import.split_once('@') {
        Some((name, version)) => (name.to_owned(), version.to_owned()),
        None => (import.clone(), String::new()),
    };
    vec![
        ("component", file(version, other)),
        ("origin", urls.map(|field| (field.name.clone(), suggestion(field))).collect()),
        ("credential", asks.credentials.iter().map(|(name, asked)| (name.clone(), asked.to_string())).collect()),
        ("request", set(&mut asks.requests.iter().cloned())),
        ("header", set(&mut asks.headers.iter().cloned())),
        ("config field", manifest.config.iter().map(|field| (field.name.clone(), config_field(field))).collect()),
        ("capability", set(&mut manifest.capabilities.iter().map(|one| capability_word(*one).to_owned()))),
        ("task", manifest.workflow.iter().map(|task| (task.name.clone(), told_task(task, manifest))).collect()),
        ("limit", limits(manifest)),
        ("import", imports.iter().map(import).collect()),
    ]
}

/// What was kept of one version only tells nothing.
fn file(version: &Version, other: &Version) -> Named {
    let Version { manifest, contract, digest, bytes, .. } = version;
    let facts = [
        ("name", Some(manifest.name.clone())),
        ("version", Some(manifest.version.clone())),
        ("description", Some(manifest.description.clone())),
        ("contract", contract.clone().filter(|_| other.contract.is_some())),
        ("digest", digest.clone().filter(|_| other.digest.is_some())),
        ("size", bytes.filter(|_| other.bytes.is_some()).map(|bytes| format!("{bytes} bytes"))),
    ];
    facts.into_iter().filter_map(|(name, fact)| Some((name.to_owned(), fact?))).collect()
}

fn told_task(task: &Task, manifest: &Manifest) -> String {
    let parent = task.parent.and_then(|parent| manifest.workflow.get(usize::try_from(parent).ok()?));
    let mut told = vec![capability_word(task.capability).to_owned()];
    told.extend(parent.map(|parent| format!("for each record of `{}`", parent.name)));
    told.push(if task.periodic { "periodic" } else { "with each reading of its parent" }.to_owned());
    if task.min_period_seconds > 0 {
        told.push(format!("at most every {} s", task.min_period_seconds));
    }
    told.extend(task.snapshot.then(|| "a snapshot".to_owned()));
    told.extend(task.follow.then(|| "follows open payments".to_owned()));
    told.join(", ")
}

fn limits(manifest: &Manifest) -> Named {
    let mut limits = Named::from([
        ("rows a page".to_owned(), manifest.max_page_size.to_string()),
        ("requests at once".to_owned(), manifest.max_in_flight.to_string()),
    ]);
    let windows = manifest.rate_limits.iter();
    limits.extend(windows.map(|limit| {
        (
            format!("requests in {} s ({:?})", limit.window_seconds, limit.scope).to_lowercase(),
            limit.requests.to_string(),
        )
    }));
    limits
}

fn compare(what: &str, old: &Named, new: &Named, lines: &mut Vec<Line>) {
    let text = |name: &str, said: &str| if said.is_empty() { name.to_owned() } else { format!("{name}: {said}") };
    for (name, now) in new {
        match old.get(name) {
            None => lines.push(Line::new(Sign::Added, what, text(name, now))),
            Some(was) if was != now => lines.push(Line::new(Sign::Changed, what, format!("{name}: {was} → {now}"))),
            Some(_) => {}
        }
    }
    let gone = old.iter().filter(|(name, _)| !new.contains_key(*name));
    lines.extend(gone.map(|(name, was)| Line::new(Sign::Removed, what, text(name, was))));
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use model::{Capability, ConfigField, Credential, RateLimit, RateScope, RequestPattern};

    fn field(name: &str, kind: FieldKind) -> ConfigField {
        ConfigField { name: name.into(), kind, required: true, default: None, description: "What it is.".into() }
    }

    fn version() -> Version {
        let task = Task {
            name: "payments".into(),
            capability: Capability::FetchPayments,
            periodic: true,
            min_period_seconds: 0,
            parent: None,
            snapshot: false,
            follow: false,
        };
        let credential = Credential {
            name: "login".into(),
            to: vec!["endpoint".into()],
            not_to: vec![],
            headers: vec![("authorization".into(), "{apiKey}".into())],
            more: vec![],
        };
        let manifest = Manifest {
            name: "example".into(),
            version: "1.2.3".into(),
            description: "Reads.".into(),
            capabilities: vec![Capability::FetchPayments],
            workflow: vec![task],
            config: vec![field("endpoint", FieldKind::Url), field("apiKey", FieldKind::Secret)],
            credentials: vec![credential],
            requests: vec![RequestPattern { method: "GET".into(), to: "endpoint".into(), path: "/payments".into() }],
            headers: vec!["x-version".into()],
            max_page_size: 100,
            max_in_flight: 1,
            rate_limits: vec![RateLimit { requests: 10, window_seconds: 60, scope: RateScope::Install }],
        };
        Version {
            manifest,
            imports: vec!["wasi:io/poll@0.2.6".into()],
            contract: Some("0.2.0".into()),
            digest: Some("sha256:aa".into()),
            bytes: Some(1_000),
        }
    }

    /// What is told of a change of everything that has one, as `sign aspect text`.
    fn told(change: impl FnOnce(&mut Version)) -> Vec<String> {
        let mut new = version();
        new.digest = Some("sha256:bb".into());
        change(&mut new);
        let digest = "~ component digest: sha256:aa → sha256:bb";
        let lines = section(&version(), &new).lines.into_iter();
        let told =
            lines.map(|line| format!("{} {} {}", line.sign.character(), line.name.unwrap_or_default(), line.text));
        told.filter(|line| line != digest).collect()
    }

    /// Makes a version differ in one way.
    type Change<'c> = &'c dyn Fn(&mut Version);

    #[test]
    fn each_thing_that_is_new_gone_or_otherwise_is_told_in_a_line() {
        let cases: [(Change<'_>, &str); 16] = [
            (&|v| v.manifest.version = "1.3.0".into(), "~ component version: 1.2.3 → 1.3.0"),
            (&|v| v.manifest.description = "Pays.".into(), "~ component description: Reads. → Pays."),
            (&|v| v.contract = Some("0.3.0".into()), "~ component contract: 0.2.0 → 0.3.0"),
            (&|v| v.bytes = Some(2_000), "~ component size: 1000 bytes → 2000 bytes"),
            (&|v| v.manifest.credentials.clear(), "- credential login: authorization = {apiKey} to endpoint"),
            (
                &|v| v.manifest.credentials[0].to.push("other".into()),
                "{apiKey} to endpoint → authorization = {apiKey} to endpoint, other",
            ),
            (&|v| v.manifest.requests[0].method = "POST".into(), "+ request POST endpoint /payments"),
            (&|v| v.manifest.requests.clear(), "- request GET endpoint /payments"),
            (&|v| v.manifest.headers.push("x-more".into()), "+ header x-more"),
            (
                &|v| v.manifest.config[1].kind = FieldKind::Text,
                "~ config field apiKey: secret, required: What it is. → text, required",
            ),
            (&|v| v.manifest.capabilities.push(Capability::FetchBalances), "+ capability fetch-balances"),
            (
                &|v| v.manifest.workflow[0].follow = true,
                "~ task payments: fetch-payments, periodic → fetch-payments, periodic, follows",
            ),
            (&|v| v.manifest.max_page_size = 50, "~ limit rows a page: 100 → 50"),
            (&|v| v.manifest.rate_limits.clear(), "- limit requests in 60 s (install): 10"),
            (&|v| v.imports = vec!["wasi:io/poll@0.2.9".into()], "~ import wasi:io/poll: 0.2.6 → 0.2.9"),
            (&|v| v.imports.push("wasi:io/error@0.2.6".into()), "+ import wasi:io/error: 0.2.6"),
        ];
        for (change, said) in cases {
            let lines = told(change);
            assert!(lines.iter().any(|line| line.contains(said)), "{said}: {lines:?}");
        }
        assert_eq!(told(|_| {}), Vec::<String>::new());
    }

    #[test]
    fn what_an_operator_has_to_agree_to_anew_is_told() {
        let mut new = Version { digest: None, ..version() };
        assert!(!section(&version(), &new).lead.unwrap().contains("granted"));
        new.manifest.headers.push("x-more".into());
        assert!(section(&version(), &new).lead.unwrap().contains("asks for one thing more."));
        new.imports.push("wasi:io/error@0.2.6".into());
        assert!(section(&version(), &new).lead.unwrap().contains("asks for more."));
    }

    #[test]
    fn another_origin_is_told_as_one() {
        let lines = told(|new| new.manifest.config.push(field("second", FieldKind::Url)));
        assert_eq!(lines, ["+ origin second: it suggests none", "+ config field second: url, required: What it is."]);
    }

    #[test]
    fn the_same_bytes_differ_in_nothing() {
        let same = section(&version(), &version());
        assert!(same.lines.is_empty() && same.lead.unwrap().contains("byte for byte"));
    }

    #[test]
    fn what_was_kept_of_a_version_is_read_again_and_what_was_not_is_not_compared() {
        let kept = version();
        let mut json = manifest_json::write(&kept.manifest);
        json.insert("imports".into(), kept.imports.clone().into());
        let bare = Version::read(&Value::Object(json.clone()).to_string()).unwrap();
        let unknown = Version { contract: None, digest: None, bytes: None, ..version() };
        assert_eq!(bare, unknown);
        assert!(section(&bare, &kept).lines.is_empty());
        json.insert("contract".into(), "payments:connector@0.2.0".into());
        json.insert("digest".into(), "sha256:aa".into());
        json.insert("bytes".into(), 1_000.into());
        assert_eq!(Version::read(&Value::Object(json.clone()).to_string()), Ok(kept));
        json.remove("requests");
        assert!(Version::read(&Value::Object(json).to_string()).unwrap_err().to_string().contains("requests"));
    }
}

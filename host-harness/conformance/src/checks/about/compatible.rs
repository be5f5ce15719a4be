//! A4: whether an install of the previous version goes on with this one.

use semver::Version;
use serde_json::{Map, Value};

use crate::check::{Finding, Outcome, fail_listing};
use crate::rig::Rig;
use crate::subject::Subject;
use model::manifest_json::{self, capability_word, kind_word};
use model::{ConfigField, Error, FieldKind, Manifest, Task};
use outside::authority::{Ask, Asks, Wider};
use sandbox::{Blame, CallError};

/// How many configs of the previous version are tried.
const CONFIGS: usize = 120;

pub(super) async fn compatible(subject: Subject) -> Outcome {
    let new = subject.manifest()?;
    let Some(previous) = subject.previous() else {
        return Err(Finding::Skip("no previous manifest: give the previous version with --previous".to_owned()));
    };
    let old = manifest_json::read(&previous)
        .map_err(|error| Finding::Inconclusive(format!("the previous manifest cannot be read: {error}")))?;
    if old.name != new.name {
        return Err(Finding::Skip(format!(
            "the previous manifest is of the connector `{}`, this is `{}`: give its own with --previous",
            old.name, new.name
        )));
    }
    expect_grantable(&old)?;
    let step = step(&old.version, &new.version)
        .ok_or_else(|| Finding::Inconclusive(format!("{} or {} is no version: see A3", old.version, new.version)))?;
    let breaks = breaks(&old, new);
    match step {
        Step::Back => fail_listing(vec![format!("version {} comes after {}: it goes back", new.version, old.version)]),
        Step::Breaking => Ok(format!(
            "{} may break with {}: {} changes that an install has to follow",
            new.version,
            old.version,
            breaks.len()
        )),
        Step::Compatible if breaks.is_empty() => {
            old_configs(&subject, &old).await?;
            Ok(format!(
                "{CONFIGS} configs of {} are valid for {}, and no install loses anything",
                old.version, new.version
            ))
        }
        Step::Compatible => fail_listing(
            breaks.into_iter().map(|broken| format!("from {} to {}, {broken}", old.version, new.version)).collect(),
        ),
    }
}

/// What no host grants cannot be widened: of a header that it lists twice, say, only one would be compared.
fn expect_grantable(old: &Manifest) -> Result<(), Finding> {
    Ask::of(old).map(|_| ()).map_err(|error| {
        Finding::Inconclusive(format!("the previous manifest asks for what no operator could grant: {error}"))
    })
}

/// What the version numbers promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// Everything goes on.
    Compatible,
    /// An install may have to be changed.
    Breaking,
    /// An older version after a newer one.
    Back,
}

/// What the step from one version to another promises; none when one of them is no version.
fn step(old: &str, new: &str) -> Option<Step> {
    let (old, new) = (Version::parse(old).ok()?, Version::parse(new).ok()?);
    let contract = |version: &Version| if version.major == 0 { (0, version.minor) } else { (version.major, 0) };
    let order = |version: &Version| (version.major, version.minor, version.patch);
    Some(match () {
        () if order(&new) < order(&old) => Step::Back,
        () if contract(&new) == contract(&old) => Step::Compatible,
        () => Step::Breaking,
    })
}

/// Everything that an install of the old version relies on and the new one does not give.
fn breaks(old: &Manifest, new: &Manifest) -> Vec<String> {
    let mut found = Vec::new();
    for field in &old.config {
        match new.config.iter().find(|now| now.name == field.name) {
            None => found.push(format!("the config field `{}` is gone", field.name)),
            Some(now) => found.extend(field_breaks(field, now)),
        }
    }
    for field in new.config.iter().filter(|field| field.required) {
        if old.config.iter().all(|was| was.name != field.name) {
            found.push(format!("the config field `{}` is new and required", field.name));
        }
    }
    if new.max_page_size < old.max_page_size {
        found.push(format!("`max-page-size` fell from {} to {}", old.max_page_size, new.max_page_size));
    }
    let gone = old.capabilities.iter().filter(|capability| !new.capabilities.contains(capability));
    found.extend(gone.map(|capability| format!("the capability `{}` is gone", capability_word(*capability))));
    found.extend(old.workflow.iter().filter_map(|task| task_break(task, old, new)));
    found.extend(asks_more(old, new));
    found
}

/// What an operator granted the old version and would have to grant anew.
fn asks_more(old: &Manifest, new: &Manifest) -> impl Iterator<Item = String> {
    // That a field is of another kind is told by what became of the field.
    let wider = Asks::of(old, &[]).wider(&Asks::of(new, &[])).into_iter();
    let wider = wider.filter(|wider| !matches!(wider, Wider::Field { .. })).map(|wider| wider.to_string());
    let is_new =
        |field: &&ConfigField| field.kind == FieldKind::Url && old.config.iter().all(|was| was.name != field.name);
    let urls = new.config.iter().filter(is_new).map(|field| format!("the url field `{}`", field.name));
    wider.chain(urls).map(|what| format!("it asks for more: {what}")).collect::<Vec<_>>().into_iter()
}

fn field_breaks(was: &ConfigField, now: &ConfigField) -> Vec<String> {
    let name = &was.name;
    let mut found = Vec::new();
    // What becomes a secret is hidden better, and is the same string in the config.
    if was.kind != now.kind && (was.kind, now.kind) != (FieldKind::Text, FieldKind::Secret) {
        found.push(format!(
            "the config field `{name}` was of kind `{}` and is of kind `{}`",
            kind_word(was.kind),
            kind_word(now.kind)
        ));
    }
    if now.required && !was.required {
        found.push(format!("the config field `{name}` was optional and is required"));
    }
    found
}

fn task_break(was: &Task, old: &Manifest, new: &Manifest) -> Option<String> {
    let parent = |task: &Task, manifest: &Manifest| {
        let index = usize::try_from(task.parent?).ok()?;
        manifest.workflow.get(index).map(|parent| parent.name.clone())
    };
    let name = &was.name;
    let Some(now) = new.workflow.iter().find(|now| now.name == *name) else {
        return Some(format!("the task `{name}` is gone or renamed, and its streams would start afresh"));
    };
    if now.capability != was.capability {
        return Some(format!(
            "the task `{name}` was `{}` and is `{}`",
            capability_word(was.capability),
            capability_word(now.capability)
        ));
    }
    let (was, now) = (parent(was, old), parent(now, new));
    let shown = |parent: &Option<String>| parent.as_ref().map_or("no task".to_owned(), |parent| format!("`{parent}`"));
    (was != now).then(|| format!("the task `{name}` was below {} and is below {}", shown(&was), shown(&now)))
}

/// Installs configs that were valid for the old manifest, and checks each.
async fn old_configs(subject: &Subject, old: &Manifest) -> Result<(), Finding> {
    let full = subject.bank().config();
    if let Some(lacking) = old.config.iter().find(|field| field.required && !full.contains_key(&field.name)) {
        return Err(Finding::Inconclusive(format!(
            "the simulated provider's config has no `{}`, which the previous version requires",
            lacking.name
        )));
    }
    let mut random = fastrand::Rng::with_seed(subject.seed());
    for _ in 0..CONFIGS {
        let config = Value::Object(old_config(old, &full, &mut random)).to_string();
        let install = match subject.install_with(&config)? {
            Ok(install) => install,
            Err(error) => return fail_listing(vec![format!("a config of {} is refused: {error}", old.version)]),
        };
        let rig = Rig::with_install(subject, install, |bank| _ = bank.open_account("EUR"))?;
        let shown: String = rig.install.config.chars().take(500).collect();
        let rig = rig.setting(format!("the config {shown}"));
        match rig.check().await.result {
            Err(CallError::Connector { error: Error::InvalidConfig(wrong), .. }) => {
                let what = format!("a config of {} is refused: `{}`: {}", old.version, wrong.field, wrong.reason);
                return Err(rig.failure(what, Vec::new()));
            }
            Err(error) if error.blame() == Blame::Connector => {
                return Err(rig.failure(format!("`check` with a config of {}: {error}", old.version), Vec::new()));
            }
            // Whether the provider accepts the invented secrets is not the question.
            _ => {}
        }
    }
    Ok(())
}

/// A config that the old manifest allows: the provider's, less some optional fields, with other values where every
/// value of that shape is as good.
fn old_config(old: &Manifest, full: &Map<String, Value>, random: &mut fastrand::Rng) -> Map<String, Value> {
    let mut config = Map::new();
    for field in &old.config {
        let Some(known) = full.get(&field.name) else { continue };
        if field.required || random.bool() {
            config.insert(field.name.clone(), old_value(field, known, old.max_page_size, random));
        }
    }
    config
}

fn old_value(field: &ConfigField, known: &Value, max_page_size: u32, random: &mut fastrand::Rng) -> Value {
    match (field.kind, &*field.name) {
        (FieldKind::Secret, _) => {
            let length = known.as_str().map_or(0, str::len).max(16);
            (0..length).map(|_| random.alphanumeric()).collect::<String>().into()
        }
        (FieldKind::Integer, "pageSize") => random.u32(1..=max_page_size.max(1)).into(),
        (FieldKind::Duration, "pollingPeriod") => {
            let minutes = random.u32(30..=1440);
            let spelled =
                [format!("{minutes}m"), format!("{}s", minutes * 60), format!("{}h{}m", minutes / 60, minutes % 60)];
            spelled[random.usize(..spelled.len())].clone().into()
        }
        (FieldKind::Boolean, _) => random.bool().into(),
        _ => known.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::about::manifest::tests::{Spoil, field, manifest};

    #[test]
    fn versions_say_whether_an_install_may_break() {
        for (old, new, expected) in [
            ("1.2.3", "1.2.3", Some(Step::Compatible)),
            ("1.2.3", "1.3.0", Some(Step::Compatible)),
            ("1.2.3", "2.0.0-rc.1", Some(Step::Breaking)),
            ("0.1.0", "0.1.9", Some(Step::Compatible)),
            ("0.1.0", "0.2.0", Some(Step::Breaking)),
            ("0.9.0", "1.0.0", Some(Step::Breaking)),
            ("1.2.3", "1.2.2", Some(Step::Back)),
            ("1.2", "1.2.3", None),
        ] {
            assert_eq!(step(old, new), expected, "{old} to {new}");
        }
    }

    #[test]
    fn a_previous_manifest_with_a_header_twice_is_compared_with_nothing() {
        let mut old = manifest();
        assert!(expect_grantable(&old).is_ok());
        old.credentials[0].headers.push(("authorization".into(), "{apiKey}".into()));
        let Err(Finding::Inconclusive(why)) = expect_grantable(&old) else { panic!("compared") };
        assert!(why.contains("`authorization` stands there twice"), "{why}");
    }

    #[test]
    fn additions_break_nothing() {
        let mut new = manifest();
        new.config.push(field("more", FieldKind::Text));
        new.config[2].kind = FieldKind::Secret;
        new.max_page_size += 1;
        new.workflow[1].periodic = false;
        assert_eq!(breaks(&manifest(), &new), Vec::<String>::new());
    }

    #[test]
    fn each_thing_that_an_install_relies_on_is_missed() {
        let cases: [(Spoil, &str); 15] = [
            (|m| _ = m.config.remove(2), "`login` is gone"),
            (|m| m.config.push(ConfigField { required: true, ..field("new", FieldKind::Text) }), "new and required"),
            (|m| m.config[2].required = true, "was optional"),
            (|m| m.config[1].kind = FieldKind::Text, "kind `secret` and is of kind `text`"),
            (|m| m.config[3].kind = FieldKind::Text, "kind `integer`"),
            (|m| m.max_page_size = 99, "fell from 100 to 99"),
            (|m| _ = m.capabilities.pop(), "`fetch-payments` is gone"),
            (|m| _ = m.workflow.pop(), "`payments` is gone"),
            (|m| m.workflow[1].name = "movements".into(), "`payments` is gone or renamed"),
            (|m| m.workflow[1].capability = model::Capability::FetchBalances, "and is `fetch-balances`"),
            (|m| m.workflow[1].parent = None, "is below no task"),
            (|m| m.headers.push("x-more".into()), "asks for more: the header `x-more`"),
            (|m| m.requests[0].path = "/v2/other".into(), "asks for more: the request GET endpoint /v2/other"),
            (|m| m.credentials[0].headers[0].1 = "{apiKey}".into(), "asks for more: the credential `login`"),
            (|m| m.config.push(field("more", FieldKind::Url)), "asks for more: the url field `more`"),
        ];
        for (spoil, said) in cases {
            let mut new = manifest();
            spoil(&mut new);
            let found = breaks(&manifest(), &new);
            assert!(found.iter().any(|line| line.contains(said)), "{said}: {found:?}");
        }
    }

    #[test]
    fn old_configs_have_what_was_required_and_differ() {
        let full: Map<String, Value> = serde_json::from_str(
            r#"{"endpoint":"https://a.example","apiKey":"0123456789abcdef","login":"x","pageSize":5,"pollingPeriod":"1h"}"#,
        )
        .expect("JSON");
        let mut random = fastrand::Rng::with_seed(1);
        let configs: Vec<_> = (0..50).map(|_| old_config(&manifest(), &full, &mut random)).collect();
        assert!(configs.iter().all(|config| config["endpoint"] == full["endpoint"] && config.contains_key("apiKey")));
        assert!(configs.iter().any(|config| !config.contains_key("login")));
        for config in configs.iter().filter_map(|config| config.get("pollingPeriod")) {
            assert!(go_duration::parse(config.as_str().expect("text")).is_some_and(|period| !period.is_zero()));
        }
    }
}

//! C: what it takes for a config, and what it says of a bad one.

mod classes;
mod hostile;
mod since;
mod values;
mod whose;

use futures::FutureExt as _;
use serde_json::{Map, Value};

use crate::check::{Check, Clause, Finding, Level, Outcome, Tier, fail_listing};
use crate::rig::{Rig, told};
use crate::subject::Subject;
use model::{Capability, Error, FieldKind, Manifest, Parent, Task};
use sandbox::CallError;
use sim::{Bank, Movement};

/// See the module.
pub const CHECKS: &[Check] = &[
    Check {
        id: "C1",
        title: "minimal-and-full",
        tier: Tier::One,
        level: Level::Silver,
        clause: Clause {
            item: "connector.config-field.default",
            text: "What the connector assumes when the field is missing.",
        },
        provocation: "configs with all fields, with the required ones only, with one optional field each, in another order and spacing",
        rule: "each is accepted: `check` succeeds and the first stream is read to its end",
        run: |subject| minimal_and_full(subject).boxed(),
    },
    Check {
        id: "C2",
        title: "each-required",
        tier: Tier::One,
        level: Level::Silver,
        clause: Clause {
            item: "connector.config-field.required",
            text: "True: a config without it, or with null or an empty string for it, is refused with `invalid-config`.",
        },
        provocation: "each required field in turn missing, null and empty, in `check` and in every fetch that makes a request",
        rule: "`invalid-config` with the name of the field, before any request",
        run: |subject| each_required(subject).boxed(),
    },
    Check {
        id: "C3",
        title: "hostile-values",
        tier: Tier::One,
        level: Level::Silver,
        clause: Clause {
            item: "connector.fetch-request.config",
            text: "It never traps on one, and lets no value become a header of its own.",
        },
        provocation: "for each field values of the wrong type, empty, 1 MiB, with NUL and line breaks, and URLs of every bad shape; configs that are no object",
        rule: "`invalid-config` naming the field, before any request; or tolerance: no trap, no header but its own, no other origin",
        run: |subject| hostile::hostile_values(subject).boxed(),
    },
    Check {
        id: "C4",
        title: "check-classes",
        tier: Tier::One,
        level: Level::Silver,
        clause: Clause {
            item: "connector.check",
            text: "Whether the config is valid and its credentials are accepted, with at most one request, and whose data they lead to.",
        },
        provocation: "`check` against a provider that accepts, refuses, limits, fails, stalls or shows a page of HTML; with wrong secrets",
        rule: "success, or the error that says who acts next, with at most one request",
        run: |subject| classes::check_classes(subject).boxed(),
    },
    Check {
        id: "C5",
        title: "since",
        tier: Tier::One,
        level: Level::Silver,
        clause: Clause {
            item: "connector.fetch-request.since",
            text: "Rows from before need not be read: how far back a first poll goes.",
        },
        provocation: "a request's `since` at the beginning, noon and end of a day, at half a second and now, with payments of every status before, at and after it, and new ones in the two polls that follow",
        rule: "every payment from then on comes, to the second; whether any from before comes as well does not matter",
        run: |subject| since::since(subject).boxed(),
    },
    Check {
        id: "C6",
        title: "whose-data",
        tier: Tier::One,
        level: Level::Silver,
        clause: Clause {
            item: "connector.checked.subject",
            text: "The provider's stable identifier of whose data this is: an organisation, a company, a user.",
        },
        provocation: "`check` again and again, with more accounts, with one less, under another name; then at another organisation with the same credentials",
        rule: "the same subject each time, another one for the other organisation; never absent where the request tells it, never a secret",
        run: |subject| whose::whose(subject).boxed(),
    },
];

/// The bank's values for the fields that the manifest lists and `wanted` picks.
fn part_of(full: &Map<String, Value>, manifest: &Manifest, wanted: impl Fn(&str, bool) -> bool) -> Map<String, Value> {
    let fields = manifest.config.iter().filter(|field| wanted(&field.name, field.required));
    fields.filter_map(|field| Some((field.name.clone(), full.get(&field.name)?.clone()))).collect()
}

/// The configs that must do: what each is, and its fields.
fn good_configs(full: &Map<String, Value>, manifest: &Manifest) -> Vec<(String, Map<String, Value>)> {
    let mut configs = vec![
        ("all fields".to_owned(), part_of(full, manifest, |_, _| true)),
        ("the required fields only".to_owned(), part_of(full, manifest, |_, required| required)),
    ];
    for optional in manifest.config.iter().filter(|field| !field.required && full.contains_key(&field.name)) {
        let fields = part_of(full, manifest, |name, required| required || name == optional.name);
        configs.push((format!("the required fields and `{}`", optional.name), fields));
    }
    configs
}

/// The same object with its fields the other way round and white space wherever it may stand.
fn spelled_otherwise(object: &Map<String, Value>) -> String {
    let pairs = object.iter().rev().map(|(name, value)| format!("\n\t{} :  {value} ", Value::from(name.as_str())));
    format!(" {{{}\r\n}}\n", pairs.collect::<Vec<_>>().join(","))
}

async fn minimal_and_full(subject: Subject) -> Outcome {
    let manifest = subject.manifest()?;
    let full = subject.bank().config();
    if let Some(field) = manifest.config.iter().find(|field| field.required && !full.contains_key(&field.name)) {
        return Err(Finding::Inconclusive(format!(
            "the manifest requires `{}`, which the simulated provider's config does not have",
            field.name
        )));
    }
    let configs = good_configs(&full, manifest);
    let count = configs.len() + 1;
    for (what, fields) in configs {
        let install = match subject.install_with(&Value::Object(fields).to_string())? {
            Ok(install) => install,
            Err(error) => return fail_listing(vec![format!("with {what}, the config is not taken: {error}")]),
        };
        let mut rig = Rig::with_install(&subject, install, stock)?.setting(format!("a config of {what}"));
        expect_accepted(&rig, &what, rig.install.config.clone()).await?;
        if what == "all fields" {
            let object: Map<String, Value> = serde_json::from_str(&rig.install.config).unwrap_or_default();
            expect_accepted(&rig, "all fields in another order", spelled_otherwise(&object)).await?;
        }
        let root = rig.install.manifest.workflow.iter().find(|task| task.parent.is_none()).cloned();
        if let Some(root) = root
            && let Some(fault) = rig.stream(&root, None).await.fault
        {
            return Err(rig.failure(format!("with {what}, the stream {} failed: {fault}", root.name), Vec::new()));
        }
    }
    Ok(format!("{count} configs, from the required fields alone to all of them"))
}

async fn expect_accepted(rig: &Rig, what: &str, config: String) -> Result<(), Finding> {
    match rig.check_with(config).await.result {
        Ok(_) => Ok(()),
        Err(error) => Err(rig.failure(format!("with {what}, `check` should succeed: {error}"), Vec::new())),
    }
}

/// One account with one payment: enough for every call to have something to read.
fn stock(bank: &mut dyn Bank) {
    let account = bank.open_account("EUR");
    bank.add(&Movement::on(&account, crate::rig::ago(120)));
}

/// A call that takes a config.
#[derive(Debug, Clone)]
enum Call {
    Check,
    /// A page of a task, for a record where it has a parent.
    Fetch(Box<Task>, Option<Parent>),
}

impl Call {
    fn name(&self) -> &str {
        match self {
            Self::Check => "check",
            Self::Fetch(task, _) => &task.name,
        }
    }

    /// Makes it, from no state. Gives how it ended and how many requests it made.
    async fn make(&self, rig: &Rig, config: String) -> (Result<(), CallError>, u32) {
        match self {
            Self::Check => {
                let called = rig.check_with(config).await;
                (called.result.map(drop), called.report.requests)
            }
            Self::Fetch(task, parent) => {
                let called = rig.fetch_with(config, task, parent.clone()).await;
                (told(&called).map(drop), called.report.requests)
            }
        }
    }
}

/// `check`, and every fetch that makes a request: what needs no provider needs no credentials either.
async fn calls(rig: &mut Rig) -> Vec<Call> {
    rig.poll_only(&[Capability::FetchAccounts]).await;
    let mut calls = vec![Call::Check];
    for task in rig.install.manifest.workflow.clone() {
        let Some(parent) = rig.parents(&task).into_iter().next() else { continue };
        let call = Call::Fetch(Box::new(task), parent.map(|kept| kept.parent));
        if call.make(rig, rig.install.config.clone()).await.1 > 0 {
            calls.push(call);
        }
    }
    calls
}

async fn each_required(subject: Subject) -> Outcome {
    let mut rig = Rig::new(&subject, stock)?;
    let required: Vec<_> = rig.install.manifest.config.iter().filter(|field| field.required).cloned().collect();
    if required.is_empty() {
        return Ok("no field is required".to_owned());
    }
    let calls = calls(&mut rig).await;
    let base: Map<String, Value> = serde_json::from_str(&rig.install.config).unwrap_or_default();
    for field in &required {
        let text = !matches!(field.kind, FieldKind::Integer | FieldKind::Boolean);
        for value in [None, Some(Value::Null), text.then(|| Value::from(""))] {
            let mut config = base.clone();
            let how = match value {
                None => {
                    config.remove(&field.name);
                    "missing".to_owned()
                }
                Some(value) => {
                    let how = if value.is_null() { "null" } else { "empty" };
                    config.insert(field.name.clone(), value);
                    how.to_owned()
                }
            };
            rig.setting = format!("a config in which `{}` is {how}", field.name);
            for call in &calls {
                let (result, requests) = call.make(&rig, Value::Object(config.clone()).to_string()).await;
                if let Some(wrong) = not_named(&result, requests, &field.name) {
                    let what = format!("with `{}` {how}, `{}` {wrong}", field.name, call.name());
                    return Err(rig.failure(what, Vec::new()));
                }
            }
        }
    }
    let names: Vec<_> = required.iter().map(|field| field.name.as_str()).collect();
    let made: Vec<_> = calls.iter().map(Call::name).collect();
    Ok(format!("{} missing, null and empty, in {}", names.join(", "), made.join(", ")))
}

/// How this is not `invalid-config` for `field` before any request.
fn not_named(result: &Result<(), CallError>, requests: u32, field: &str) -> Option<String> {
    let expected = format!("should give `invalid-config` for `{field}` before any request");
    match result {
        Ok(()) => Some(format!("{expected}, and succeeded")),
        Err(CallError::Connector { error: Error::InvalidConfig(wrong), .. }) => {
            let found = match wrong {
                wrong if wrong.field != field => format!("it names `{}`", wrong.field),
                wrong if wrong.reason.trim().is_empty() => "it gives no reason".to_owned(),
                _ if requests > 0 => format!("it comes after {requests} requests"),
                _ => return None,
            };
            Some(format!("{expected}; {found}"))
        }
        Err(error) => Some(format!("{expected}; it says: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{ConfigError, ConfigField};

    fn manifest() -> Manifest {
        let field = |name: &str, required| ConfigField {
            name: name.into(),
            kind: FieldKind::Text,
            required,
            default: None,
            description: "What it is.".into(),
        };
        Manifest {
            name: "example".into(),
            version: "1.0.0".into(),
            description: "Reads.".into(),
            capabilities: vec![],
            workflow: vec![],
            config: vec![field("login", true), field("note", false), field("unknown-to-the-bank", false)],
            credentials: vec![],
            requests: vec![],
            headers: vec![],
            max_page_size: 10,
            max_in_flight: 1,
            rate_limits: vec![],
        }
    }

    fn full() -> Map<String, Value> {
        serde_json::from_str(r#"{"login":"a","note":"b \"c\"","other":"for other connectors"}"#).expect("JSON")
    }

    #[test]
    fn good_configs_go_from_all_fields_to_the_required_ones() {
        let configs = good_configs(&full(), &manifest());
        let keys: Vec<Vec<&String>> = configs.iter().map(|(_, fields)| fields.keys().collect()).collect();
        assert_eq!(keys, [vec!["login", "note"], vec!["login"], vec!["login", "note"]]);
    }

    #[test]
    fn another_spelling_is_the_same_object() {
        let text = spelled_otherwise(&full());
        assert_eq!(serde_json::from_str::<Map<String, Value>>(&text).expect("JSON"), full());
        assert!(text.find("other") < text.find("login"), "{text}");
    }

    #[test]
    fn only_the_fields_own_name_before_any_request_will_do() {
        let named = |field: &str, reason: &str| {
            let wrong = ConfigError { field: field.into(), reason: reason.into() };
            Err(CallError::Connector { error: Error::InvalidConfig(wrong), failure: None })
        };
        assert_eq!(not_named(&named("key", "expected a string"), 0, "key"), None);
        for (result, requests) in [
            (named("key", "expected a string"), 1),
            (named("config", "expected a string"), 0),
            (named("key", " "), 0),
            (Ok(()), 0),
            (Err(CallError::Breach("x".into())), 0),
        ] {
            assert!(not_named(&result, requests, "key").is_some(), "{result:?}");
        }
    }
}

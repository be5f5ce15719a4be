//! A: what a connector says of itself, from its bytes and its manifest.

mod asked;
mod compatible;
mod manifest;

use std::collections::BTreeMap;

use futures::FutureExt as _;

use crate::check::{Check, Clause, Finding, Level, Outcome, Tier, fail_listing};
use crate::evidence::Evidence;
use crate::subject::Subject;
use model::Manifest;
use model::manifest_json;
use sandbox::component::LoadError;
use sandbox::{Ambient, Report};

/// Instructions that a manifest may take before a reviewer is told: some 50 ms.
const FUEL: u64 = 50_000_000;
/// Memory that a manifest may take before a reviewer is told: half of what a call may, and some more than the runtimes of
/// Python and JavaScript begin with (13 MiB of JavaScript's).
const MEMORY: usize = 32 << 20;

/// See the module.
pub const CHECKS: &[Check] = &[
    Check {
        id: "A1",
        title: "world-match",
        tier: Tier::One,
        level: Level::Bronze,
        clause: Clause {
            item: "world payments-connector",
            text: "Whatever else a component imports, beyond the `wasi:io`, `wasi:cli` and similar stubs that a language's runtime cannot do without, a host refuses.",
        },
        provocation: "the component's types are decoded and held against the contract, then linked with nothing but its imports",
        rule: "it exports the contract's interface in this version and shape, and imports only the contract, HTTP and stubs",
        run: |subject| async move { world_match(&subject) }.boxed(),
    },
    Check {
        id: "A2",
        title: "describe-pure",
        tier: Tier::One,
        level: Level::Bronze,
        clause: Clause {
            item: "connector.describe",
            text: "What the connector is. Needs no config and no request, and always says the same.",
        },
        provocation: "`describe` in fresh instances, with nothing to reach, under other clocks, randomness and environments",
        rule: "the same manifest each time, without a request and without the state; a warning beyond some 50 ms or 32 MiB",
        run: |subject| describe_pure(subject).boxed(),
    },
    Check {
        id: "A3",
        title: "describe-valid",
        tier: Tier::One,
        level: Level::Bronze,
        clause: Clause {
            item: "connector.field-kind.secret",
            text: "Whatever gives access, such as a key, a token, a password or a private key, is of this kind",
        },
        provocation: "the manifest is held against the rules that types cannot express",
        rule: "name, version and every field are well-formed and described, what gives access is a secret, defaults fit their kinds",
        run: |subject| async move { describe_valid(&subject) }.boxed(),
    },
    Check {
        id: "A4",
        title: "compatible",
        tier: Tier::Three,
        level: Level::Gold,
        clause: Clause {
            item: "connector.manifest.version",
            text: "comes with a new major version only (before 1.0.0: a new minor version)",
        },
        provocation: "the manifest is compared with that of the previous version; a hundred configs that were valid then are checked now",
        rule: "nothing that an install relies on is gone or narrower, or the version says so",
        run: |subject| compatible::compatible(subject).boxed(),
    },
    Check {
        id: "A5",
        title: "asks-no-more",
        tier: Tier::One,
        level: Level::Silver,
        clause: Clause {
            item: "connector.manifest.requests",
            text: "The requests that the connector makes, and all of them are needed: what is never asked is not listed.",
        },
        provocation: "polls of everything, payments that vanish, and each request refused in turn, so that what stands in for \
                      it is tried",
        rule: "each listed request is made at least once, and each credential goes on one of them",
        run: |subject| asked::asked(subject).boxed(),
    },
];

fn world_match(subject: &Subject) -> Outcome {
    match subject.loaded() {
        Ok(connector) => Ok(imported(&connector.inspection().imports)),
        Err(error) => {
            let differences = match error {
                LoadError::ForbiddenImports { imports } => imports.clone(),
                LoadError::OtherShape { differences } => differences.clone(),
                _ => Vec::new(),
            };
            Err(Finding::Fail(Box::new(Evidence { differences, ..Evidence::new(error.to_string()) })))
        }
    }
}

/// The imports for a person, by package: `payments:connector (log, state), wasi:io (poll), …`.
fn imported(imports: &[String]) -> String {
    let mut packages: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for import in imports {
        let name = import.split_once('@').map_or(&**import, |(name, _)| name);
        let (package, interface) = name.split_once('/').unwrap_or((name, "all of it"));
        packages.entry(package).or_default().push(interface);
    }
    if packages.is_empty() {
        return "imports nothing".to_owned();
    }
    let packages = packages.iter().map(|(package, interfaces)| format!("{package} ({})", interfaces.join(", ")));
    format!("imports {}", packages.collect::<Vec<_>>().join(", "))
}

async fn describe_pure(subject: Subject) -> Outcome {
    let connector = subject.connector()?;
    let surroundings = [
        Ambient::default(),
        Ambient::default(),
        Ambient { seconds: 1_780_305_600, seed: 0xa5, variable: true },
        Ambient { seconds: 4_102_444_800, seed: 7, variable: false },
    ];
    let mut first: Option<Manifest> = None;
    let (mut fuel, mut memory) = (0, 0);
    for (number, ambient) in surroundings.into_iter().enumerate() {
        let called = connector.with_ambient(ambient).describe_metered().await;
        let manifest = match called.result {
            Ok(manifest) => manifest,
            Err(error) => return fail_listing(vec![format!("`describe`, asked for nothing but itself: {error}")]),
        };
        if reached_out(&called.report) {
            return fail_listing(vec!["`describe` asked the host for a request or a stream's state".to_owned()]);
        }
        let before = first.get_or_insert_with(|| manifest.clone());
        let mut differences = differences(before, &manifest);
        if !differences.is_empty() {
            let what = format!("the manifest of instance {} differs from the first: {}", number + 1, differences[0]);
            differences.insert(0, what);
            return fail_listing(differences);
        }
        fuel = fuel.max(called.report.fuel.unwrap_or_default());
        memory = memory.max(called.report.memory);
    }
    let cost = format!("{} thousand instructions, {} KiB of memory", fuel / 1_000, memory >> 10);
    if fuel > FUEL || memory > MEMORY {
        return Err(Finding::Warn(format!("`describe` is pure, but heavy: {cost}")));
    }
    Ok(format!("4 instances under 3 surroundings say the same; {cost}"))
}

/// True when a call did more with the host than write its log.
fn reached_out(report: &Report) -> bool {
    report.requests > 0 || !report.refused.is_empty() || usize::try_from(report.host_calls) != Ok(report.log.len())
}

/// Lines of the second manifest that the first one has not, and the other way round.
fn differences(first: &Manifest, second: &Manifest) -> Vec<String> {
    if first == second {
        return Vec::new();
    }
    let lines = |manifest: &Manifest| -> Vec<String> {
        let json = format!("{:#}", serde_json::Value::Object(manifest_json::write(manifest)));
        json.lines().map(|line| line.trim().to_owned()).collect()
    };
    let (first, second) = (lines(first), lines(second));
    let gone = first.iter().filter(|line| !second.contains(line)).map(|line| format!("without {line}"));
    let new = second.iter().filter(|line| !first.contains(line)).map(|line| format!("with {line}"));
    let found: Vec<String> = gone.chain(new).collect();
    if found.is_empty() { vec!["the same lines in another order".to_owned()] } else { found }
}

fn describe_valid(subject: &Subject) -> Outcome {
    let described = subject.manifest()?;
    let wrong = manifest::wrong(described, &subject.bank().secrets());
    if !wrong.is_empty() {
        return fail_listing(wrong);
    }
    if let Some(doubt) = manifest::doubtful(described).into_iter().next() {
        return Err(Finding::Warn(doubt));
    }
    let secrets = described.config.iter().filter(|field| manifest::is_secret(field)).count();
    Ok(format!(
        "{} {}, {} config fields, {secrets} of them secret",
        described.name,
        described.version,
        described.config.len()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_are_told_by_package() {
        let imports = ["payments:connector/log@0.2.0", "payments:connector/state@0.2.0", "wasi:io/poll@0.2.6", "odd"];
        let told = imported(&imports.map(str::to_owned));
        assert_eq!(told, "imports odd (all of it), payments:connector (log, state), wasi:io (poll)");
        assert_eq!(imported(&[]), "imports nothing");
    }

    #[test]
    fn a_log_line_is_no_reaching_out_and_a_look_at_the_state_is() {
        let line = sandbox::LogLine { level: model::Level::Info, message: "hello".into() };
        assert!(!reached_out(&Report { host_calls: 1, log: vec![line], ..Report::default() }));
        assert!(reached_out(&Report { host_calls: 1, ..Report::default() }));
        assert!(reached_out(&Report { requests: 1, host_calls: 0, ..Report::default() }));
    }

    #[test]
    fn manifests_are_compared_line_by_line() {
        let manifest = manifest::tests::manifest();
        let mut other = manifest.clone();
        other.version = "9.9.9".into();
        assert!(differences(&manifest, &manifest).is_empty());
        let found = differences(&manifest, &other);
        assert!(found.iter().any(|line| line.contains("9.9.9")), "{found:?}");
        let mut turned = manifest.clone();
        turned.config.reverse();
        assert!(!differences(&manifest, &turned).is_empty());
    }
}

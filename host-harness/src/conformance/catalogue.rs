//! The catalogue: every check, in the order of the groups, and how to pick from it.

use super::check::{Check, Level};
use super::checks;
use crate::sim::{Bank, providers};

/// The groups of the catalogue: the letter of the ids, and what they are about.
pub const GROUPS: [(char, &str); 11] = [
    ('A', "About"),
    ('C', "Config"),
    ('K', "Capabilities and workflow"),
    ('P', "Pagination"),
    ('S', "State"),
    ('H', "HTTP behaviour"),
    ('E', "Egress, sandbox, limits"),
    ('X', "Secrets and personal data"),
    ('M', "Money, time, mapping"),
    ('N', "Determinism and cost"),
    ('Q', "Quirks of the provider"),
];

/// Every check that concerns all connectors, and those that the simulated providers bring.
pub fn all() -> impl Iterator<Item = &'static Check> {
    let brought = providers().iter().flat_map(|known| (known.make)().checks());
    sorted(general().chain(brought))
}

/// Every check that concerns a connector for this provider.
pub fn of(bank: &dyn Bank) -> impl Iterator<Item = &'static Check> {
    sorted(general().chain(bank.checks()))
}

fn general() -> impl Iterator<Item = &'static Check> {
    checks::TABLES.iter().copied().flatten()
}

/// By group and number, whichever module they stand in.
fn sorted(checks: impl Iterator<Item = &'static Check>) -> impl Iterator<Item = &'static Check> {
    let mut all: Vec<_> = checks.collect();
    all.sort_by_key(|check| {
        let (letter, number) = check.id.split_at_checked(1).unwrap_or_default();
        let group = GROUPS.iter().position(|(group, _)| letter.starts_with(*group));
        (group, number.parse::<u32>().unwrap_or_default())
    });
    all.into_iter()
}

/// The check of this id, in either case.
#[must_use]
pub fn find(id: &str) -> Option<&'static Check> {
    all().find(|check| check.id.eq_ignore_ascii_case(id))
}

/// What a check's group is about.
#[must_use]
pub fn group(check: &Check) -> &'static str {
    GROUPS.iter().find(|(letter, _)| check.id.starts_with(*letter)).map_or("", |(_, about)| about)
}

/// A pattern that picks no check.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "no check is called {0:?}; ids are a letter and a number, with `*` for any: P1, S*; `harness explain` lists them"
)]
pub struct NoSuchCheck(pub String);

/// The checks up to `level` for a provider; with patterns (`P*`, `S1`), those among all levels instead.
///
/// # Errors
/// A pattern that picks nothing.
pub fn select(level: Level, bank: &dyn Bank, only: &[String]) -> Result<Vec<&'static Check>, NoSuchCheck> {
    if let Some(pattern) = only.iter().find(|pattern| !of(bank).any(|check| is_match(pattern, check.id))) {
        return Err(NoSuchCheck(pattern.clone()));
    }
    let picked = |check: &&'static Check| match only {
        [] => check.level <= level,
        patterns => patterns.iter().any(|pattern| is_match(pattern, check.id)),
    };
    Ok(of(bank).filter(picked).collect())
}

/// Whether a pattern is this id, or the beginning of it before a `*`. In either case.
fn is_match(pattern: &str, id: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => id.get(..beginning.len()).is_some_and(|start| start.eq_ignore_ascii_case(beginning)),
        None => pattern.eq_ignore_ascii_case(id),
    }
}

#[cfg(test)]
#[allow(clippy::expect_used, reason = "a test fails by panicking")]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::conformance::check::Tier;

    /// The doc comments of `wit/`, as running text.
    fn contract() -> String {
        let files = [include_str!("../../../wit/connector.wit"), include_str!("../../../wit/types.wit")];
        let lines = files.iter().flat_map(|file| file.lines()).map(|line| line.trim().trim_start_matches("///").trim());
        lines.collect::<Vec<_>>().join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn each_check_proves_a_sentence_that_stands_in_the_contract() {
        let contract = contract();
        for check in all() {
            assert!(contract.contains(check.clause.text), "{}: {:?} is not in wit/", check.id, check.clause.text);
        }
    }

    #[test]
    fn there_are_seventy_seven_checks_and_silver_is_the_whole_of_tier_one() {
        let count = |tier| all().filter(|check| check.tier == tier).count();
        assert_eq!([Tier::One, Tier::Two, Tier::Three, Tier::Provider].map(count), [49, 13, 8, 7]);
        for check in all() {
            assert_eq!(check.level <= Level::Silver, check.tier == Tier::One, "{}", check.id);
        }
    }

    #[test]
    fn ids_are_unique_and_belong_to_a_group() {
        let ids: BTreeSet<&str> = all().map(|check| check.id).collect();
        assert_eq!(ids.len(), all().count());
        assert!(all().all(|check| !group(check).is_empty()));
    }

    #[test]
    fn a_pattern_picks_one_check_or_all_that_begin_so_whatever_the_level() {
        let bank = (providers()[0].make)();
        let ids = |only: &[&str]| {
            let only: Vec<String> = only.iter().map(ToString::to_string).collect();
            select(Level::Bronze, &*bank, &only).map(|checks| checks.iter().map(|check| check.id).collect::<Vec<_>>())
        };
        assert_eq!(ids(&["p1"]), Ok(vec!["P1"]));
        assert!(ids(&["P*"]).expect("some").contains(&"P1"));
        assert_eq!(ids(&["P1", "Z*"]), Err(NoSuchCheck("Z*".into())));
    }

    #[test]
    fn the_suite_and_the_engine_of_the_simulator_name_no_bank() {
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let banks: Vec<&str> = providers().iter().map(|known| known.name).chain(["lindenbank"]).collect();
        // A bank's own folder, its declaration, and its entry in the list of those that are known.
        let may = |path: &Path, line: &str| {
            let path = path.strip_prefix(sources.join("sim")).unwrap_or(path);
            banks.iter().any(|bank| {
                path.starts_with(bank)
                    || (path == "mod.rs" && line == format!("pub mod {bank};"))
                    || (path == "providers.rs" && line.contains(&format!("{bank}::KNOWN")))
                    || (path == "providers.rs" && line.starts_with("use super::"))
            })
        };
        let mut read = 0;
        let mut folders = vec![sources.join("conformance"), sources.join("sim")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).expect("sources") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                read += 1;
                let text = fs::read_to_string(&path).expect("text");
                for (number, line) in (1..).zip(text.lines()) {
                    let named = banks.iter().any(|bank| line.to_lowercase().contains(bank));
                    let is_this = path.ends_with("conformance/catalogue.rs") && line.contains(".chain([");
                    assert!(!named || is_this || may(&path, line), "{}:{number}: {line}", path.display());
                }
            }
        }
        assert!(read > 60, "{read} files");
    }
}

//! The catalogue: every check, in the order of the groups, and how to pick from it.

use super::check::{Check, Level};
use super::checks;

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
    ('Q', "Qonto"),
];

/// Every check, by group and number, whichever module it stands in.
pub fn all() -> impl Iterator<Item = &'static Check> {
    let mut all: Vec<_> = checks::TABLES.iter().copied().flatten().collect();
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

/// The checks up to `level` for `provider`; with patterns (`P*`, `S1`), those among all levels instead.
///
/// # Errors
/// A pattern that picks nothing.
pub fn select(level: Level, provider: &str, only: &[String]) -> Result<Vec<&'static Check>, NoSuchCheck> {
    let concerned = |check: &&Check| check.tier.provider().is_none_or(|name| name == provider);
    if let Some(pattern) = only.iter().find(|pattern| !all().filter(concerned).any(|check| is_match(pattern, check.id)))
    {
        return Err(NoSuchCheck(pattern.clone()));
    }
    let picked = |check: &&'static Check| match only {
        [] => check.level <= level,
        patterns => patterns.iter().any(|pattern| is_match(pattern, check.id)),
    };
    Ok(all().filter(concerned).filter(picked).collect())
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
    fn there_are_seventy_four_checks_and_silver_is_the_whole_of_tier_one() {
        let count = |tier| all().filter(|check| check.tier == tier).count();
        assert_eq!([Tier::One, Tier::Two, Tier::Three, Tier::Qonto].map(count), [48, 11, 8, 7]);
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
        let ids = |only: &[&str]| {
            let only: Vec<String> = only.iter().map(ToString::to_string).collect();
            select(Level::Bronze, "qonto", &only).map(|checks| checks.iter().map(|check| check.id).collect::<Vec<_>>())
        };
        assert_eq!(ids(&["p1"]), Ok(vec!["P1"]));
        assert!(ids(&["P*"]).expect("some").contains(&"P1"));
        assert_eq!(ids(&["P1", "Z*"]), Err(NoSuchCheck("Z*".into())));
    }
}

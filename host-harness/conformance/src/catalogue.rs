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
    ('Q', "Quirks of the provider"),
];

/// Every check that concerns all connectors, and those of some providers, in the order of the groups.
pub fn with(own: impl IntoIterator<Item = &'static Check>) -> impl Iterator<Item = &'static Check> {
    sorted(general().chain(own))
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

/// The checks up to `level` for a provider that brings some of its own; with patterns (`P*`, `S1`), those among all levels
/// instead.
///
/// # Errors
/// A pattern that picks nothing.
pub fn select(level: Level, own: &'static [Check], only: &[String]) -> Result<Vec<&'static Check>, NoSuchCheck> {
    if let Some(pattern) = only.iter().find(|pattern| !with(own).any(|check| is_match(pattern, check.id))) {
        return Err(NoSuchCheck(pattern.clone()));
    }
    let picked = |check: &&'static Check| match only {
        [] => check.level <= level,
        patterns => patterns.iter().any(|pattern| is_match(pattern, check.id)),
    };
    Ok(with(own).filter(picked).collect())
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
    use super::*;

    #[test]
    fn a_pattern_picks_one_check_or_all_that_begin_so_whatever_the_level() {
        let ids = |only: &[&str]| {
            let only: Vec<String> = only.iter().map(ToString::to_string).collect();
            select(Level::Bronze, &[], &only).map(|checks| checks.iter().map(|check| check.id).collect::<Vec<_>>())
        };
        assert_eq!(ids(&["p1"]), Ok(vec!["P1"]));
        assert!(ids(&["P*"]).expect("some").contains(&"P1"));
        assert_eq!(ids(&["P1", "Z*"]), Err(NoSuchCheck("Z*".into())));
    }
}

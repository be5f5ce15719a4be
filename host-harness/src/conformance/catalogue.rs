//! The catalogue: every check, in the order of the groups, and how to pick from it.

use super::check::{Check, Level, Tier};
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

/// Every check.
pub fn all() -> impl Iterator<Item = &'static Check> {
    checks::TABLES.iter().copied().flatten()
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
    let concerned = |check: &&Check| check.tier != Tier::Qonto || provider == "qonto";
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

//! The providers that this program knows. Another one is another entry of [`KITS`].

use conformance::{Check, Kit, catalogue};

/// Each of them.
pub const KITS: &[Kit] = &[qonto::KIT];

/// A name that is none of [`KITS`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no provider {0:?} is simulated; there is {known}", known = KITS.iter().map(|kit| kit.name).collect::<Vec<_>>().join(", "))]
pub struct NoSuchProvider(pub String);

/// The provider of this name.
///
/// # Errors
/// There is none; the message lists those there are.
pub fn provider(name: &str) -> Result<&'static Kit, NoSuchProvider> {
    KITS.iter().find(|kit| kit.name == name).ok_or_else(|| NoSuchProvider(name.to_owned()))
}

/// Every check that concerns all connectors, and those that the providers bring.
pub fn checks() -> impl Iterator<Item = &'static Check> {
    catalogue::with(KITS.iter().flat_map(|kit| kit.checks))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use std::collections::BTreeSet;

    use conformance::{Level, Tier};

    use super::*;

    #[test]
    fn an_unknown_provider_is_told_which_there_are() {
        let error = provider("monzo").err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.starts_with("no provider \"monzo\" is simulated; there is "), "{error}");
        for kit in KITS {
            assert!(error.contains(kit.name), "{error}");
            assert_eq!((kit.make)().name(), kit.name);
        }
    }

    /// The doc comments of `wit/`, as running text.
    fn contract() -> String {
        let files = [include_str!("../../wit/connector.wit"), include_str!("../../wit/types.wit")];
        let lines = files.iter().flat_map(|file| file.lines()).map(|line| line.trim().trim_start_matches("///").trim());
        lines.collect::<Vec<_>>().join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn each_check_proves_a_sentence_that_stands_in_the_contract() {
        let contract = contract();
        for check in checks() {
            assert!(contract.contains(check.clause.text), "{}: {:?} is not in wit/", check.id, check.clause.text);
        }
    }

    #[test]
    fn there_are_seventy_seven_checks_and_silver_is_the_whole_of_tier_one() {
        let count = |tier| checks().filter(|check| check.tier == tier).count();
        assert_eq!([Tier::One, Tier::Two, Tier::Three, Tier::Provider].map(count), [49, 13, 8, 7]);
        for check in checks() {
            assert_eq!(check.level <= Level::Silver, check.tier == Tier::One, "{}", check.id);
        }
    }

    #[test]
    fn ids_are_unique_and_belong_to_a_group() {
        let ids: BTreeSet<&str> = checks().map(|check| check.id).collect();
        assert_eq!(ids.len(), checks().count());
        assert!(checks().all(|check| !catalogue::group(check).is_empty()));
    }
}

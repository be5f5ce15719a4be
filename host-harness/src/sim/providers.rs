//! The simulated providers, by the names of their connectors.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::{Bank, Provider, qonto};

/// A provider that can be simulated. Another one is another entry of [`providers`].
#[derive(Debug, Clone, Copy)]
pub struct KnownProvider {
    /// The name by which `--provider` picks it: that of the connectors for it.
    pub name: &'static str,
    /// Makes one without rows, for the conformance suite.
    pub make: fn() -> Box<dyn Bank>,
    /// Makes one with rows to look at.
    pub demo: fn() -> Demo,
}

/// A provider with rows to look at.
pub struct Demo {
    /// The provider.
    pub provider: Box<dyn Provider>,
    /// A config for it, with all fields that a connector needs.
    pub config: Map<String, Value>,
    /// When its rows are complete.
    pub now: DateTime<Utc>,
}

/// A name that is none of [`providers`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no provider {0:?} is simulated; there is {known}", known = providers().iter().map(|known| known.name).collect::<Vec<_>>().join(", "))]
pub struct NoSuchProvider(pub String);

/// Every provider that can be simulated.
#[must_use]
pub fn providers() -> &'static [KnownProvider] {
    &[qonto::KNOWN]
}

/// The provider of this name.
///
/// # Errors
/// There is none; the message lists those there are.
pub fn provider(name: &str) -> Result<&'static KnownProvider, NoSuchProvider> {
    providers().iter().find(|known| known.name == name).ok_or_else(|| NoSuchProvider(name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_provider_is_told_which_there_are() {
        let error = provider("monzo").err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.starts_with("no provider \"monzo\" is simulated; there is "), "{error}");
        for known in providers() {
            assert!(error.contains(known.name), "{error}");
            assert_eq!((known.make)().name(), known.name);
        }
    }
}

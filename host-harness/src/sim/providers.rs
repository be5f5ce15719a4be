//! The simulated providers, by the names of their connectors.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::qonto::{QontoBank, demo_company, demo_now};
use super::{Bank, Provider};

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
    &[KnownProvider { name: "qonto", make: || Box::new(QontoBank::default()), demo: qonto_demo }]
}

/// The provider of this name.
///
/// # Errors
/// There is none; the message lists those there are.
pub fn provider(name: &str) -> Result<&'static KnownProvider, NoSuchProvider> {
    providers().iter().find(|known| known.name == name).ok_or_else(|| NoSuchProvider(name.to_owned()))
}

fn qonto_demo() -> Demo {
    let world = demo_company();
    let config = json!({
        "clientID": world.login,
        "apiKey": world.secret,
        "endpoint": "https://thirdparty.qonto.com",
        "pageSize": 25,
    });
    let config = config.as_object().cloned().unwrap_or_default();
    Demo { provider: Box::new(world), config, now: demo_now() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_provider_is_told_which_there_are() {
        let error = provider("monzo").err().map(|error| error.to_string());
        assert_eq!(error.as_deref(), Some("no provider \"monzo\" is simulated; there is qonto"));
        for known in providers() {
            assert_eq!((known.make)().name(), known.name);
        }
    }
}

//! A provider, as one value.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use sim::{Bank, Provider};

use crate::check::Check;

/// A provider: what it takes to simulate it, and to prove a connector for it.
#[derive(Clone, Copy)]
pub struct Kit {
    /// The name by which it is picked: that of the connectors for it.
    pub name: &'static str,
    /// Makes one without rows, for the suite.
    pub make: fn() -> Box<dyn Bank>,
    /// Makes one with rows to look at.
    pub demo: fn() -> Demo,
    /// What only a connector for it can get wrong: checks of [`Tier::Provider`](crate::Tier), with ids of the group Q. They
    /// may reach what only this bank has.
    pub checks: &'static [Check],
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

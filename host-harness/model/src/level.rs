//! How much of the contract was proved of a connector.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How much was proved. Each level includes those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// It loads, says what it is, reads to the end, and keeps the secret.
    Bronze,
    /// All of tier 1.
    Silver,
    /// All tiers, with ten thousand random histories.
    Gold,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bronze => "bronze",
            Self::Silver => "silver",
            Self::Gold => "gold",
        })
    }
}

/// A text names no level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected bronze, silver or gold")]
pub struct NoLevel;

impl FromStr for Level {
    type Err = NoLevel;

    fn from_str(text: &str) -> Result<Self, NoLevel> {
        [Self::Bronze, Self::Silver, Self::Gold].into_iter().find(|level| level.to_string() == text).ok_or(NoLevel)
    }
}

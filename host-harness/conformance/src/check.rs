//! A check of the catalogue, and what comes of it.

use std::fmt;

use futures::future::BoxFuture;
pub use model::level::Level;
use serde::Serialize;

use super::evidence::Evidence;
use super::subject::Subject;

/// Whom a check concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Tier {
    /// Every connector, always.
    #[serde(rename = "1")]
    One,
    /// Every connector that reads payments.
    #[serde(rename = "2")]
    Two,
    /// The whole proof: versions, cost, random histories.
    #[serde(rename = "3")]
    Three,
    /// Connectors for one provider, whose bank brings it.
    #[serde(rename = "provider")]
    Provider,
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::One => "1",
            Self::Two => "2",
            Self::Three => "3",
            Self::Provider => "provider",
        })
    }
}

/// The sentence of `wit/` that a check proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Clause {
    /// Where it stands: interface and item, `connector.fetch-payments`.
    pub item: &'static str,
    /// What it says, in its own words.
    pub text: &'static str,
}

/// One entry of the catalogue.
#[derive(Debug)]
pub struct Check {
    /// `P1`: the letter of its group and a number that never changes.
    pub id: &'static str,
    /// Two or three words.
    pub title: &'static str,
    /// Whom it concerns.
    pub tier: Tier,
    /// The lowest level that asks for it.
    pub level: Level,
    /// What it proves.
    pub clause: Clause,
    /// What is done to the connector.
    pub provocation: &'static str,
    /// When it passes.
    pub rule: &'static str,
    /// Does it.
    pub run: Run,
}

/// How a check is made.
pub type Run = fn(Subject) -> BoxFuture<'static, Outcome>;

/// What a check found: on success, in a few words, what was seen.
pub type Outcome = Result<String, Finding>;

/// Why a check did not pass.
#[derive(Debug, Clone)]
pub enum Finding {
    /// The connector breaks the rule.
    Fail(Box<Evidence>),
    /// It keeps the rule, and a reviewer should look.
    Warn(String),
    /// The check could not be made, for this reason. Never counts as a pass.
    Skip(String),
    /// The check was made, and what came of it proves nothing either way.
    Inconclusive(String),
}

/// The last word on a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The rule holds.
    Pass,
    /// The rule holds, and a reviewer should look.
    Warn,
    /// Not made.
    Skip,
    /// Made without a result.
    Inconclusive,
    /// The rule is broken.
    Fail,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::Skip => "skip",
            Self::Inconclusive => "inconclusive",
            Self::Fail => "fail",
        })
    }
}

impl Finding {
    /// The verdict that it is.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match self {
            Self::Fail(_) => Verdict::Fail,
            Self::Warn(_) => Verdict::Warn,
            Self::Skip(_) => Verdict::Skip,
            Self::Inconclusive(_) => Verdict::Inconclusive,
        }
    }

    /// What it says, in one sentence.
    #[must_use]
    pub fn reason(&self) -> &str {
        match self {
            Self::Fail(evidence) => &evidence.what,
            Self::Warn(reason) | Self::Skip(reason) | Self::Inconclusive(reason) => reason,
        }
    }
}

/// A failure without an exchange to show.
///
/// # Errors
/// Always: that is what it is for.
pub fn fail<T>(what: impl Into<String>) -> Result<T, Finding> {
    Err(Finding::Fail(Box::new(Evidence::new(what))))
}

/// A failure of which all that was found is listed; the first of it is the reason.
///
/// # Errors
/// Always.
pub fn fail_listing<T>(found: Vec<String>) -> Result<T, Finding> {
    let what = found.first().cloned().unwrap_or_default();
    Err(Finding::Fail(Box::new(Evidence { differences: found, ..Evidence::new(what) })))
}

/// The provider has no such case, so nothing was proved.
///
/// # Errors
/// Always: a skip.
pub fn no_such_case<T>(what: impl fmt::Display) -> Result<T, Finding> {
    Err(Finding::Skip(format!("the simulated provider has no case of this: {what}")))
}

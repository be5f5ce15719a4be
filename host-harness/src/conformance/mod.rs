//! The conformance suite: proves, offline and in seconds, that a connector keeps the contract.
//!
//! A check is an entry of a table ([`Check`]): what it proves, how it provokes the connector, when it passes. The checks
//! know no provider; what they need of one is a [`Bank`](crate::sim::Bank). A connector's author calls [`Suite`] from
//! `cargo test`, or `harness test`.

pub mod catalogue;
mod check;
mod checks;
pub mod evidence;
pub mod leaks;
mod ledger;
mod moment;
mod rig;
pub mod scenario;
mod subject;
mod suite;
pub mod walk;

pub use check::{Check, Clause, Finding, Level, Outcome, Tier, Verdict};
pub use ledger::Ledger;
pub use rig::Rig;
pub use subject::{Effort, MakeBank, Subject, Terms};
pub use suite::{Checked, Observer, Report, Suite, SuiteError};

//! The conformance suite: proves, offline and in seconds, that a connector keeps the contract.
//!
//! A check is an entry of a table ([`Check`]): what it proves, how it provokes the connector, when it passes. The checks
//! know no provider; what they need of one is a [`Bank`](sim::Bank), and a [`Kit`] brings those that are for it alone. A connector's author calls
//! [`run_as_tests`] in a test target of his own, which shows one test for each check, or runs `harness test`; [`Suite`] is
//! what both run, and [`Report`] what comes of it.

mod as_tests;
pub mod catalogue;
pub mod check;
mod checks;
pub mod evidence;
mod follow;
mod kit;
pub mod leaks;
pub mod ledger;
mod lost;
mod moment;
mod plain;
mod polled;
pub mod recorded;
pub mod report;
pub mod review;
pub mod rig;
pub mod scenario;
pub mod subject;
mod suite;
pub mod walk;

pub use as_tests::run_as_tests;
pub use check::{Check, Clause, Finding, Level, Outcome, Tier, Verdict};
pub use kit::{Demo, Kit};
pub use ledger::Ledger;
pub use lost::Lost;
pub use rig::Rig;
pub use subject::{Effort, MakeBank, Subject, Terms};
pub use suite::{Again, Checked, Observer, Report, Suite, SuiteError};

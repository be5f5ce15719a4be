//! `harness test`: proves that a connector keeps the contract.

mod bar;
mod reports;
mod screen;

use std::process::ExitCode;

use clap::Args;
use conformance::Report;
use conformance::report::Conclusion;

pub use self::bar::Bar;
pub use self::reports::create;
use self::reports::{Reports, Target};
use self::screen::Screen;
use super::failure::{self, Failure};
use super::trial::Trial;
use super::{open, out};

/// Proves that a connector keeps the contract, offline, at a simulated provider.
///
/// A failure says which rule was broken, how it was provoked, and how to see it again. `harness explain` lists the
/// checks. With `--previous`, the new version must still serve the installs of the old one.
///
/// Exit codes: 0 every check that was asked for ran and passed, at worst with a warning; 1 a check failed; 2 usage;
/// 3 nothing failed, but something was not proved: a check was skipped or inconclusive, none ran, or the harness broke.
#[derive(Debug, Args)]
pub struct Test {
    #[command(flatten)]
    trial: Trial,
    /// Only these checks, of whatever level: ids, or `P*` for a group.
    #[arg(long, value_name = "IDS", value_delimiter = ',')]
    only: Vec<String>,
    /// Write a report: `junit`, `json`, `html` or `md`, and the file. Several are separated by commas.
    #[arg(long, value_name = "KIND=FILE", value_delimiter = ',')]
    report: Vec<Target>,
}

impl Test {
    pub async fn run(self) -> Result<ExitCode, Failure> {
        let wasm = open::wasm(self.trial.wasm())?;
        let previous = self.trial.previous().await?;
        let suite = self.trial.suite(&wasm, previous.as_deref())?.only(self.only.clone());
        suite.checks().map_err(|error| Failure::usage(error.to_string()))?;
        let reports = Reports::open(&self.report, &self.trial.inputs())?;
        let screen = Screen::new();
        let mut report = suite.run(&screen).await.map_err(|error| Failure::no_verdict(error.to_string()))?;
        screen.clear();
        for checked in &mut report.checks {
            let scenario = reports.write_scenario(checked, report.seed);
            checked.again = Some(self.trial.again(checked, scenario.as_deref()));
        }
        for checked in &report.checks {
            screen.failure(&report, checked);
        }
        let written = reports.write(&report);
        screen.summary(&report, !self.only.is_empty());
        written?;
        ended(&report)
    }
}

/// The exit code of a run that is told. A verdict that nobody can read is none.
pub fn ended(report: &Report) -> Result<ExitCode, Failure> {
    Ok(match report.conclusion() {
        Conclusion::Passed => out::expect_written().map_err(Failure::into_no_verdict).map(|()| ExitCode::SUCCESS)?,
        Conclusion::Failed => ExitCode::FAILURE,
        Conclusion::Open => ExitCode::from(failure::UNPROVED),
    })
}

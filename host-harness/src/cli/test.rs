//! `harness test`: proves that a connector keeps the contract.

mod bar;
mod reports;
mod screen;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use conformance::Report;
use conformance::report::Conclusion;

pub use self::bar::Bar;
pub use self::reports::create;
use self::reports::{Reports, Target};
use self::screen::Screen;
use super::failure::{self, Failure};
use super::opponent::Opponent;
use super::trial::{Trial, quoted};
use super::{open, out};

/// Proves that a connector keeps the contract, offline: at a provider that this program or one of yours plays, or on a
/// recording.
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
    /// Try it on this recording (a HAR file, as `harness run --record` makes one) instead of a provider: what can go wrong is
    /// put into its exchanges. The report says what a recording cannot prove.
    #[arg(long, value_name = "FILE", requires = "config", conflicts_with = "provider")]
    replay: Option<PathBuf>,
    /// The config that the recording was made with. No secret in it is used.
    #[arg(long, value_name = "FILE", requires = "replay")]
    config: Option<PathBuf>,
    /// Write a report: `junit`, `json`, `html` or `md`, and the file. Several are separated by commas.
    #[arg(long, value_name = "KIND=FILE", value_delimiter = ',')]
    report: Vec<Target>,
}

impl Test {
    pub async fn run(self) -> Result<ExitCode, Failure> {
        let wasm = open::wasm(self.trial.wasm())?;
        let previous = self.trial.previous().await?;
        let opponent = self.opponent().await?;
        let suite = self.trial.suite(&wasm, &opponent, previous.as_deref())?.only(self.only.clone());
        suite.checks().map_err(|error| Failure::usage(error.to_string()))?;
        let mut inputs = self.trial.inputs();
        inputs.extend(self.config.as_deref().into_iter().chain(self.replay.as_deref()));
        let reports = Reports::open(&self.report, &inputs)?;
        say!("{}", opponent.introduction());
        let screen = Screen::new();
        let mut report = suite.run(&screen).await.map_err(|error| Failure::no_verdict(error.to_string()))?;
        screen.clear();
        for checked in &mut report.checks {
            let scenario = reports.write_scenario(checked, report.seed);
            checked.again = Some(self.trial.again(checked, &self.recording(), scenario.as_deref()));
        }
        for checked in &report.checks {
            screen.failure(&report, checked);
        }
        let written = reports.write(&report);
        screen.summary(&report, !self.only.is_empty());
        written?;
        opponent.expect_sound()?;
        ended(&report)
    }
}

impl Test {
    /// What it is tried at.
    async fn opponent(&self) -> Result<Opponent, Failure> {
        match (&self.replay, &self.config) {
            (Some(recording), Some(config)) => {
                let described = open::component(self.trial.wasm()).await?;
                Opponent::recorded(recording, config, described)
            }
            _ => self.trial.opponent().await,
        }
    }

    /// The arguments that name the recording.
    fn recording(&self) -> String {
        let named = [("config", &self.config), ("replay", &self.replay)].into_iter();
        let named = named.filter_map(|(name, file)| Some(format!(" --{name} {}", quoted(file.as_deref()?))));
        named.collect()
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

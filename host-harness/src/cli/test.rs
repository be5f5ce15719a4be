//! `harness test`: proves that a connector keeps the contract.

mod reports;
mod screen;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use conformance::report::Conclusion;
use conformance::{Checked, Level, Suite};
use host_harness::providers;
use sandbox::CompileCache;
use serde_json::Value;

use self::reports::{Reports, Target};
use self::screen::Screen;
use super::compile;
use super::failure::{self, Failure};
use super::{Component, describe, open, out, words};

/// The provider of the bundled connector.
const QONTO: &str = "qonto";

/// Proves that a connector keeps the contract, offline, at a simulated provider.
///
/// A failure says which rule was broken, how it was provoked, and how to see it again. `harness explain` lists the
/// checks.
///
/// Exit codes: 0 every check that was asked for ran and passed, at worst with a warning; 1 a check failed; 2 usage;
/// 3 nothing failed, but something was not proved: a check was skipped or inconclusive, none ran, or the harness broke.
#[derive(Debug, Args)]
pub struct Test {
    /// The connector's component; the bundled Qonto connector when not given.
    #[arg(value_name = "FILE", conflicts_with = "component")]
    file: Option<PathBuf>,
    #[command(flatten)]
    component: Component,
    /// The simulated provider that it is tried at.
    #[arg(long, value_name = "NAME", default_value = QONTO)]
    provider: String,
    /// Only these checks, of whatever level: ids, or `P*` for a group.
    #[arg(long, value_name = "IDS", value_delimiter = ',')]
    only: Vec<String>,
    /// How much is to be proved: each level includes those before it.
    #[arg(long, value_parser = words::level(), default_value_t = Level::Silver)]
    level: Level,
    /// What random choices are made from. A report tells it, and the same one makes the same run.
    #[arg(long, default_value_t = Suite::SEED)]
    seed: u64,
    /// Write a report: `junit`, `json`, `html` or `md`, and the file. Several are separated by commas.
    #[arg(long, value_name = "KIND=FILE", value_delimiter = ',')]
    report: Vec<Target>,
    /// An earlier version of the component, or what `harness describe --json` said of it: the new one must still
    /// serve its installs.
    #[arg(long, value_name = "FILE")]
    previous: Option<PathBuf>,
}

impl Test {
    pub async fn run(self) -> Result<ExitCode, Failure> {
        let suite = self.suite().await?;
        suite.checks().map_err(|error| Failure::usage(error.to_string()))?;
        let inputs = [self.wasm(), self.previous.as_deref()];
        let reports = Reports::open(&self.report, &inputs.into_iter().flatten().collect::<Vec<_>>())?;
        let screen = Screen::new();
        let report = suite.run(&screen).await.map_err(|error| Failure::no_verdict(error.to_string()))?;
        screen.clear();
        for checked in &report.checks {
            let scenario = reports.write_scenario(checked, report.seed);
            screen.failure(checked, &self.again(checked), scenario.as_deref().map(|file| self.replay(file)));
        }
        let written = reports.write(&report);
        screen.summary(&report, !self.only.is_empty());
        written?;
        Ok(match report.conclusion() {
            // A verdict that nobody can read is none.
            Conclusion::Passed => {
                out::expect_written().map_err(Failure::into_no_verdict).map(|()| ExitCode::SUCCESS)?
            }
            Conclusion::Failed => ExitCode::FAILURE,
            Conclusion::Open => ExitCode::from(failure::UNPROVED),
        })
    }

    fn wasm(&self) -> Option<&Path> {
        self.file.as_deref().or(self.component.component.as_deref())
    }

    async fn suite(&self) -> Result<Suite, Failure> {
        let wasm = open::wasm(self.wasm())?;
        let provider = providers::provider(&self.provider).map_err(|error| Failure::usage(error.to_string()))?;
        let suite = Suite::of(wasm, provider).level(self.level).only(self.only.clone()).seed(self.seed);
        let suite = suite.cache(CompileCache::User).compiler(compile::compiler()?);
        match &self.previous {
            Some(file) => Ok(suite.previous(previous(file).await?)),
            None => Ok(suite),
        }
    }

    /// The command that makes this check alone, in the same way.
    fn again(&self, checked: &Checked) -> String {
        let component = self.component_argument();
        let previous = self.previous.as_ref().map(|file| format!(" --previous {}", quoted(file))).unwrap_or_default();
        let provider = if self.provider == QONTO { String::new() } else { format!(" --provider {}", self.provider) };
        format!("harness test{component}{provider}{previous} --only {} --seed {}", checked.id, self.seed)
    }

    fn replay(&self, scenario: &Path) -> String {
        format!("harness replay {}{}", quoted(scenario), self.component_argument())
    }

    fn component_argument(&self) -> String {
        self.wasm().map(|file| format!(" --component {}", quoted(file))).unwrap_or_default()
    }
}

/// What the previous version said of itself.
async fn previous(file: &Path) -> Result<String, Failure> {
    let bytes = open::wasm(Some(file))?;
    if bytes.starts_with(b"\0asm") {
        let described = open::component(Some(file)).await.map_err(Failure::into_usage)?;
        return Ok(describe::facts(&described).to_string());
    }
    match serde_json::from_slice::<Value>(bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&bytes)) {
        Ok(facts @ Value::Object(_)) => Ok(facts.to_string()),
        _ => Err(Failure::usage(format!(
            "{}: neither a component nor what `harness describe --json` prints; --previous takes one of them",
            file.display()
        ))),
    }
}

/// A file as a word that a shell takes as it is.
fn quoted(file: &Path) -> String {
    let text = file.display().to_string();
    let plain = |character: char| character.is_alphanumeric() || "/._-+=:@%".contains(character);
    if !text.is_empty() && text.chars().all(plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_quoted_where_a_shell_would_split_it() {
        for (file, word) in
            [("a/b-1.wasm", "a/b-1.wasm"), ("my file", "'my file'"), ("it's", r"'it'\''s'"), ("$HOME", "'$HOME'")]
        {
            assert_eq!(quoted(Path::new(file)), word);
        }
    }
}

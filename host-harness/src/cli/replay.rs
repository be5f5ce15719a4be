//! `harness replay`: a scenario file, played on a connector, step by step.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use conformance::evidence::Evidence;
use conformance::scenario::Theatre;
use conformance::{Finding, Suite};
use model::shown::{message, one_line};
use sandbox::CompileCache;

use super::compile;
use super::failure::Failure;
use super::{Component, open};

/// Plays a scenario file on a connector, and says whether every payment arrived.
///
/// A failure of check N2 in `harness test` comes with such a file; it can also be written by hand, to see how a connector
/// takes one situation. The provider is simulated, time is virtual, nothing leaves this machine. The same file gives the
/// same every time.
///
/// Exit codes: 0 every payment arrived; 1 the failure shows; 2 the file is wrong, and the message says where; 3 the
/// component cannot be tried.
#[derive(Debug, Args)]
pub struct Replay {
    /// The scenario: a JSON file.
    scenario: PathBuf,
    #[command(flatten)]
    component: Component,
}

impl Replay {
    pub async fn run(self) -> Result<ExitCode, Failure> {
        let (scenario, provider) = open::scenario(&self.scenario)?;
        let wasm = open::wasm(self.component.component.as_deref())?;
        let suite = Suite::of(wasm, provider).cache(CompileCache::User).compiler(compile::compiler()?);
        let subject = suite.subject().await.map_err(|error| Failure::breach(error.to_string()))?;
        let name = self.component.component.as_ref().map_or_else(String::new, |file| format!("{}: ", file.display()));
        subject.loaded().map_err(|error| Failure::breach(format!("{name}{error}")))?;
        if !scenario.about.is_empty() {
            say!("{}\n", scenario.about);
        }
        let theatre = match Theatre::open(&subject, [scenario.accounts]).await {
            Ok(theatre) => theatre,
            Err(finding) => return failed(finding),
        };
        let mut tell = |line: String| say!("{line}");
        match theatre.play(&scenario, Some(&mut tell)).await {
            Ok(cost) => {
                say!(
                    "\npass: every payment arrived; {} polls, {} calls, {} requests",
                    cost.polls,
                    cost.calls,
                    cost.requests
                );
                Ok(ExitCode::SUCCESS)
            }
            Err(finding) => failed(finding),
        }
    }
}

fn failed(finding: Finding) -> Result<ExitCode, Failure> {
    match finding {
        Finding::Fail(evidence) => {
            show(&evidence);
            Ok(ExitCode::from(1))
        }
        other => Err(Failure::breach(other.reason())),
    }
}

fn show(evidence: &Evidence) {
    say!("\nFAIL: {}", message(&evidence.what));
    for difference in &evidence.differences {
        say!("  - {}", one_line(difference));
    }
    if !evidence.exchanges.is_empty() {
        say!("the last requests:");
    }
    for exchange in &evidence.exchanges {
        say!("  {}  {}  {}", exchange.number, one_line(&exchange.request), one_line(&exchange.answer));
    }
    for state in &evidence.states {
        say!("the state of {} that was committed last:\n{}", one_line(&state.stream), state.after);
    }
}

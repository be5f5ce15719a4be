//! The suite as a test target of `cargo test`: one test for each check.

use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

use libtest_mimic::{Arguments, Completion, Failed, Trial};
use tokio::runtime::{Builder, Runtime};

use super::check::{Check, Verdict};
use super::report::text::{self, Detail};
use super::subject::Subject;
use super::suite::{self, Checked, Suite};
use model::shown::visible;

/// Runs the checks of a suite as tests of their own, with the arguments of `cargo test` (`-- P4_`, `--list`, `--exact`).
/// It is all that the `main` of a test target with `harness = false` has to do:
///
/// ```no_run
/// use conformance::{Level, Suite, run_as_tests};
/// # mod my_bank { pub fn kit() -> &'static conformance::Kit { unimplemented!() } }
///
/// fn main() -> std::process::ExitCode {
///     let wasm = std::fs::read("target/wasm32-wasip2/release/my_connector.wasm").expect("built before");
///     run_as_tests(&Suite::of(wasm, my_bank::kit()).level(Level::Gold))
/// }
/// ```
///
/// A check that is skipped is an ignored test, with the reason; one that is inconclusive is a failed one. A warning is
/// printed on standard error, and passes.
#[must_use]
pub fn run_as_tests(suite: &Suite) -> ExitCode {
    let arguments = Arguments::from_args();
    match trials(suite) {
        Ok(trials) => libtest_mimic::run(&arguments, trials).exit_code(),
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// What all tests of the process share: the component is loaded once, by the first of them that runs.
struct Shared {
    suite: Suite,
    runtime: Runtime,
    subject: OnceLock<Result<Subject, String>>,
}

impl Shared {
    fn subject(&self) -> Result<Subject, String> {
        let load = || self.runtime.block_on(self.suite.subject()).map_err(|error| error.to_string());
        self.subject.get_or_init(load).clone()
    }

    fn run(&self, check: &'static Check) -> Result<Completion, Failed> {
        let subject = self.subject()?;
        outcome(check, &self.runtime.block_on(suite::run(check, subject)))
    }
}

fn trials(suite: &Suite) -> Result<Vec<Trial>, String> {
    let checks = suite.checks().map_err(|error| error.to_string())?;
    let runtime = Builder::new_multi_thread().enable_all().build().map_err(|error| error.to_string())?;
    let shared = Arc::new(Shared { suite: suite.clone(), runtime, subject: OnceLock::new() });
    let trial = |check: &'static Check| {
        let shared = Arc::clone(&shared);
        Trial::ignorable_test(name(check), move || shared.run(check))
    };
    Ok(checks.into_iter().map(trial).collect())
}

/// `P4_mid_scan`: a name that a shell and a test runner take as it is.
fn name(check: &Check) -> String {
    let words = check.title.split(|character: char| !character.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    std::iter::once(check.id).chain(words).collect::<Vec<_>>().join("_")
}

fn outcome(check: &Check, checked: &Checked) -> Result<Completion, Failed> {
    let reason = visible(&checked.reason);
    match checked.verdict {
        Verdict::Pass => Ok(Completion::Completed),
        Verdict::Warn => {
            eprintln!("warning: {} {}: {reason}", check.id, check.title);
            Ok(Completion::Completed)
        }
        Verdict::Skip => Ok(Completion::ignored_with(reason)),
        Verdict::Inconclusive => Err(Failed::from(format!("inconclusive: {reason}"))),
        Verdict::Fail => {
            let shown = checked.evidence.as_deref().map(|evidence| text::evidence(evidence, Detail::SHORT));
            let (rule, clause) = (check.rule, &check.clause);
            let shown = shown.unwrap_or_default();
            Err(Failed::from(format!(
                "{reason}\n{shown}passes when: {rule}\nthe contract: “{}” ({})",
                clause.text, clause.item
            )))
        }
    }
}

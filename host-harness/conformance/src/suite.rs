//! Runs a selection of the catalogue on a component, and reports.

use std::num::NonZero;
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use chrono::{DateTime, SubsecRound as _, Utc};
use futures::{StreamExt as _, stream};
use serde::Serialize;

use super::catalogue::{self, NoSuchCheck};
use super::check::{Check, Finding, Level, Outcome, Run, Tier, Verdict};
use super::evidence::Evidence;
use super::follow::follow;
use super::kit::Kit;
use super::recorded::{self, Recording};
use super::subject::{Effort, MakeBank, Subject, Terms};
use outside::clock::{Clock as _, SystemClock};
use outside::digest::sha256;
use sandbox::{CompileCache, Compiler, InProcess, Limits, Sandbox, SandboxError};
use sim::Bank;

/// Random histories at the gold level.
const HISTORIES: u64 = 10_000;
/// Rows of the checks about many.
const ROWS: u32 = 10_000;

/// What to run on what.
#[derive(Clone)]
pub struct Suite {
    wasm: Vec<u8>,
    cache: CompileCache,
    compiler: Arc<dyn Compiler>,
    terms: Terms,
    own: &'static [Check],
    level: Level,
    only: Vec<String>,
    /// Whether the provider is a recording.
    recorded: bool,
    doubt: Doubt,
}

/// Asked after each check: why what the provider says is worth nothing any more, if so.
type Doubt = Arc<dyn Fn() -> Option<String> + Send + Sync>;

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum SuiteError {
    /// A pattern picks nothing.
    #[error(transparent)]
    NoSuchCheck(#[from] NoSuchCheck),
    /// There is no sandbox on this machine.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
}

/// Is told what happens while a suite runs.
pub trait Observer: Send + Sync {
    /// These checks will run.
    fn begin(&self, checks: &[&'static Check]) {
        let _ = checks;
    }

    /// A check begins.
    fn started(&self, check: &'static Check) {
        let _ = check;
    }

    /// A check came to its verdict.
    fn checked(&self, checked: &Checked) {
        let _ = checked;
    }
}

/// Nobody listens.
impl Observer for () {}

/// A check's verdict.
#[derive(Debug, Clone, Serialize)]
pub struct Checked {
    /// Its entry of the catalogue.
    #[serde(skip)]
    pub check: &'static Check,
    /// The id of the check.
    pub id: &'static str,
    /// Its title.
    pub title: &'static str,
    /// Its tier.
    pub tier: Tier,
    /// The verdict.
    pub verdict: Verdict,
    /// What was seen, or why it did not pass.
    pub reason: String,
    /// How long it took.
    pub millis: u64,
    /// What a failure shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Box<Evidence>>,
    /// How it is seen again: the suite does not know by which program it was run, so that one says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub again: Option<Again>,
    /// The check from whose failure this one follows, which is the one to start with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub follows: Option<&'static str>,
}

/// Commands that show a verdict again, as whoever reads the report would type them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Again {
    /// The check alone.
    pub check: String,
    /// The scenario of its failure, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scenario: Option<String>,
}

/// What a suite found.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Name and version that the component gives itself.
    pub component: String,
    /// The SHA-256 of its bytes: what was judged.
    pub sha256: String,
    /// The version of the contract it was held against.
    pub contract: &'static str,
    /// The version of the suite, and of the host, that judged.
    pub harness: &'static str,
    /// When.
    pub date: DateTime<Utc>,
    /// The simulated provider.
    pub provider: String,
    /// What random choices were made from.
    pub seed: u64,
    /// The level asked for.
    pub level: Level,
    /// The highest level of which every check was run and none failed; none when not all checks of a level were run.
    pub reached: Option<Level>,
    /// How long it all took.
    pub millis: u64,
    /// The checks that were asked for, and that no recording proves: where the provider is one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub beyond: Vec<&'static str>,
    /// The verdicts, in the order of the catalogue.
    pub checks: Vec<Checked>,
}

impl Report {
    /// How many checks came to this verdict.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        self.checks.iter().filter(|checked| checked.verdict == verdict).count()
    }
}

impl Suite {
    /// The seed where none is given. Any will do; the same one makes reports comparable.
    pub const SEED: u64 = 1;

    /// The silver level on a component, at a provider of which `make_bank` makes a new one for every trial.
    pub fn new(wasm: impl Into<Vec<u8>>, make_bank: impl Fn() -> Box<dyn Bank> + Send + Sync + 'static) -> Self {
        let make_bank: MakeBank = Arc::new(make_bank);
        let effort = Effort { histories: HISTORIES, rows: ROWS };
        Self {
            wasm: wasm.into(),
            cache: CompileCache::default(),
            compiler: Arc::new(InProcess),
            terms: Terms { make_bank, seed: Self::SEED, effort, previous: None },
            own: &[],
            level: Level::Silver,
            only: Vec::new(),
            recorded: false,
            doubt: Arc::new(|| None),
        }
    }

    /// What a recording can prove of a component.
    pub fn recorded(wasm: impl Into<Vec<u8>>, recording: &Recording) -> Self {
        let recording = recording.clone();
        Self { recorded: true, ..Self::new(wasm, move || Box::new(recording.bank())) }
    }

    /// For a provider that may break: where `doubt` says why, no check is passed or failed from then on.
    #[must_use]
    pub fn doubting(self, doubt: impl Fn() -> Option<String> + Send + Sync + 'static) -> Self {
        Self { doubt: Arc::new(doubt), ..self }
    }

    /// As [`Suite::new`], with the checks that are for connectors of this provider alone.
    pub fn of(wasm: impl Into<Vec<u8>>, kit: &Kit) -> Self {
        Self::new(wasm, kit.make).own(kit.checks)
    }

    /// With checks that are for connectors of one provider alone.
    #[must_use]
    pub fn own(mut self, checks: &'static [Check]) -> Self {
        self.own = checks;
        self
    }

    /// Up to this level.
    #[must_use]
    pub fn level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    /// Only the checks of these patterns, of whatever level: `P*`, `S1`.
    #[must_use]
    pub fn only<S: Into<String>>(mut self, patterns: impl IntoIterator<Item = S>) -> Self {
        self.only = patterns.into_iter().map(Into::into).collect();
        self
    }

    /// What random choices are made from.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.terms.seed = seed;
        self
    }

    /// How much of what could go on for ever is done. Less than the default proves less: gold is then not reached.
    #[must_use]
    pub fn effort(mut self, effort: Effort) -> Self {
        self.terms.effort = effort;
        self
    }

    /// The manifest of the component's previous version, for A4: the JSON of `harness describe --json`.
    #[must_use]
    pub fn previous(mut self, manifest: impl Into<String>) -> Self {
        self.terms.previous = Some(manifest.into());
        self
    }

    /// Where compiled components are kept.
    #[must_use]
    pub fn cache(mut self, cache: CompileCache) -> Self {
        self.cache = cache;
        self
    }

    /// What compiles the component; by default this process does.
    #[must_use]
    pub fn compiler(mut self, compiler: Arc<dyn Compiler>) -> Self {
        self.compiler = compiler;
        self
    }

    /// The checks that will run.
    ///
    /// # Errors
    /// A pattern that picks nothing.
    pub fn checks(&self) -> Result<Vec<&'static Check>, NoSuchCheck> {
        let mut checks = catalogue::select(self.level, self.own, &self.only)?;
        checks.retain(|check| !self.recorded || recorded::run(check).is_some());
        Ok(checks)
    }

    /// The checks that would run, were the provider no recording.
    fn beyond(&self) -> Vec<&'static str> {
        let all = catalogue::select(self.level, self.own, &self.only).unwrap_or_default();
        let beyond = all.into_iter().filter(|check| self.recorded && recorded::run(check).is_none());
        beyond.map(|check| check.id).collect()
    }

    /// The component on trial.
    ///
    /// # Errors
    /// There is no sandbox on this machine.
    pub async fn subject(&self) -> Result<Subject, SuiteError> {
        let sandbox = Sandbox::metered(Limits::default(), &self.cache)?.with_compiler(Arc::clone(&self.compiler));
        Ok(Subject::load(&sandbox, &self.wasm, self.terms.clone()).await)
    }

    /// Runs the checks, as many at once as there are processors.
    ///
    /// # Errors
    /// [`SuiteError`]. Whatever a component does is in the report.
    pub async fn run(&self, observer: &dyn Observer) -> Result<Report, SuiteError> {
        let started = Instant::now();
        let checks = self.checks()?;
        observer.begin(&checks);
        let subject = self.subject().await?;
        let at_once = thread::available_parallelism().map_or(1, NonZero::get);
        let trials = checks.iter().enumerate().map(|(place, &check)| {
            observer.started(check);
            let run = recorded::run(check).filter(|_| self.recorded).unwrap_or(check.run);
            let (trial, doubt) = (tokio::spawn(tried(check, run, subject.clone())), Arc::clone(&self.doubt));
            async move {
                let checked = trial.await.unwrap_or_else(|error| broken(check, &error));
                (place, doubted(checked, doubt()))
            }
        });
        let mut running = stream::iter(trials).buffer_unordered(at_once);
        let mut verdicts = Vec::new();
        while let Some((place, checked)) = running.next().await {
            observer.checked(&checked);
            verdicts.push((place, checked));
        }
        drop(running);
        verdicts.sort_by_key(|(place, _)| *place);
        let mut checks: Vec<Checked> = verdicts.into_iter().map(|(_, checked)| checked).collect();
        follow(&mut checks);
        Ok(Report {
            component: name(&subject),
            sha256: sha256(&self.wasm),
            contract: model::VERSION,
            harness: env!("CARGO_PKG_VERSION"),
            date: SystemClock.now().trunc_subsecs(0),
            provider: self.provider(),
            seed: self.terms.seed,
            level: self.level,
            reached: self.reached(&checks),
            millis: millis(started),
            beyond: self.beyond(),
            checks,
        })
    }

    fn provider(&self) -> String {
        (self.terms.make_bank)().name().to_owned()
    }

    /// The highest level of which every check passed, at worst with a warning.
    fn reached(&self, checks: &[Checked]) -> Option<Level> {
        let passed = |check: &&Check| {
            let verdict = checks.iter().find(|checked| checked.id == check.id).map(|checked| checked.verdict);
            matches!(verdict, Some(Verdict::Pass | Verdict::Warn))
        };
        // A recording proves no level.
        if self.recorded {
            return None;
        }
        let all = catalogue::select(Level::Gold, self.own, &[]).unwrap_or_default();
        let levels = [Level::Bronze, Level::Silver, Level::Gold];
        let proved = |level: &&Level| all.iter().filter(|check| check.level <= **level).all(passed);
        let shortened = self.terms.effort.histories < HISTORIES || self.terms.effort.rows < ROWS;
        levels.iter().take_while(proved).filter(|level| **level < Level::Gold || !shortened).copied().last()
    }
}

/// Runs one check, in the way of its own.
pub(super) async fn run(check: &'static Check, subject: Subject) -> Checked {
    tried(check, check.run, subject).await
}

/// Runs one check in this way.
async fn tried(check: &'static Check, run: Run, subject: Subject) -> Checked {
    let started = Instant::now();
    let outcome = run(subject).await;
    judged(check, outcome, millis(started))
}

/// A verdict that rests on what cannot be believed is none.
fn doubted(checked: Checked, doubt: Option<String>) -> Checked {
    match doubt {
        None => checked,
        Some(why) => judged(checked.check, Err(Finding::Inconclusive(why)), checked.millis),
    }
}

fn judged(check: &'static Check, outcome: Outcome, millis: u64) -> Checked {
    let (verdict, reason, evidence) = match outcome {
        Ok(seen) => (Verdict::Pass, seen, None),
        Err(Finding::Fail(evidence)) => (Verdict::Fail, evidence.what.clone(), Some(evidence)),
        Err(finding) => (finding.verdict(), finding.reason().to_owned(), None),
    };
    Checked {
        check,
        id: check.id,
        title: check.title,
        tier: check.tier,
        verdict,
        reason,
        millis,
        evidence,
        again: None,
        follows: None,
    }
}

/// A check that panicked: the suite's fault, not the connector's.
fn broken(check: &'static Check, error: &tokio::task::JoinError) -> Checked {
    let finding = Finding::Inconclusive(format!("the check itself broke, please report this: {error}"));
    judged(check, Err(finding), 0)
}

fn name(subject: &Subject) -> String {
    match subject.manifest() {
        Ok(manifest) => format!("{} {}", manifest.name, manifest.version),
        Err(_) => "a component that does not say what it is".to_owned(),
    }
}

fn millis(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}

//! Drives a connector against a simulated bank the way a host does, one committed page at a time, with everything
//! visible: requests, states, records, and the truth.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::check::Finding;
use super::evidence::{Evidence, StateChange, Tape, readable};
use super::ledger::Ledger;
use super::subject::Subject;
use crate::clock::{Clock as _, VirtualClock};
use crate::contract::{Account, Capability, Error, FetchRequest, Task, Timestamp};
use crate::install::Install;
use crate::rate_limit::RateLimiter;
use crate::sandbox::{CallError, Called, Connector, Fetch, Fetched, Limits, Outside, Page};
use crate::sim::{Bank, Simulator};
use crate::store::StreamKey;
use crate::transport::authenticated::Authenticated;
use crate::validate;

/// Exchanges that a failure shows.
const SHOWN: usize = 6;
/// Calls that a stream's poll may take before it counts as endless.
const PATIENCE: u32 = 3_000;
/// Polls after which a provider that is well again must have been read.
const SETTLING: u32 = 6;
/// The rows a page that most checks ask for: small, so that few rows make many pages.
pub const PAGE: u32 = 5;

/// When every trial begins.
#[must_use]
pub fn start() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(1_780_305_600)
}

/// Minutes before [`start`]: when rows happened.
#[must_use]
pub fn ago(minutes: i64) -> DateTime<Utc> {
    start() - TimeDelta::minutes(minutes)
}

/// Why the poll of a stream ended early.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// A call failed.
    Call(CallError),
    /// It said again and again that there was more.
    Endless(u32),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(error) => error.fmt(f),
            Self::Endless(calls) => write!(f, "the poll had no end after {calls} calls"),
        }
    }
}

impl Fault {
    /// The connector's own error, when that is what it was.
    #[must_use]
    pub fn error(&self) -> Option<&Error> {
        match self {
            Self::Call(CallError::Connector { error, .. }) => Some(error),
            _ => None,
        }
    }

    /// True when the connector answered with a typed error of the contract, as it should when the provider fails.
    #[must_use]
    pub fn is_typed(&self) -> bool {
        self.error().is_some()
    }
}

/// The name of an error's case: `rate-limited`.
#[must_use]
pub fn case(error: &Error) -> &'static str {
    match error {
        Error::InvalidConfig(_) => "invalid-config",
        Error::Unauthorized(_) => "unauthorized",
        Error::Forbidden(_) => "forbidden",
        Error::NotFound(_) => "not-found",
        Error::RateLimited(_) => "rate-limited",
        Error::Unavailable(_) => "unavailable",
        Error::MalformedResponse(_) => "malformed-response",
        Error::UpstreamRejected(_) => "upstream-rejected",
        Error::InvalidState(_) => "invalid-state",
        Error::InvalidParent(_) => "invalid-parent",
        Error::Unsupported(_) => "unsupported",
        Error::NoProgress(_) => "no-progress",
        Error::Other(_) => "other",
    }
}

/// How the poll of one stream went.
#[derive(Debug, Clone)]
pub struct StreamPoll {
    /// The stream.
    pub key: StreamKey,
    /// What it fetches.
    pub capability: Capability,
    /// Pages committed.
    pub pages: u32,
    /// Records and rejected rows in them.
    pub rows: u64,
    /// Those that changed something.
    pub changed: u64,
    /// Requests made.
    pub requests: u32,
    /// Why it ended early.
    pub fault: Option<Fault>,
}

/// How a poll went.
#[derive(Debug, Clone, Default)]
pub struct Poll {
    /// Its streams, in the order in which they ran.
    pub streams: Vec<StreamPoll>,
}

impl Poll {
    /// The first stream that failed.
    #[must_use]
    pub fn failed(&self) -> Option<&StreamPoll> {
        self.streams.iter().find(|stream| stream.fault.is_some())
    }

    /// Records and rejected rows of all streams.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.streams.iter().map(|stream| stream.rows).sum()
    }

    /// Those that changed something.
    #[must_use]
    pub fn changed(&self) -> u64 {
        self.streams.iter().map(|stream| stream.changed).sum()
    }

    /// Requests of all streams.
    #[must_use]
    pub fn requests(&self) -> u32 {
        self.streams.iter().map(|stream| stream.requests).sum()
    }
}

/// A connector, installed at a simulated bank.
pub struct Rig {
    /// The bank. Rows are changed through [`Simulator::with`].
    pub sim: Simulator<Box<dyn Bank>>,
    /// The time of bank and host.
    pub clock: VirtualClock,
    /// How far the host's clock is off.
    pub skew: TimeDelta,
    /// What was committed.
    pub ledger: Ledger,
    /// The committed states.
    pub states: BTreeMap<StreamKey, Vec<u8>>,
    /// Rows a page.
    pub page_size: u32,
    /// Calls that a stream's poll may take.
    pub patience: u32,
    /// What was done to the connector, for the evidence.
    pub setting: String,
    /// What it can reach, and what passes.
    pub tape: Tape<Authenticated<Simulator<Box<dyn Bank>>>>,
    /// The connector.
    pub connector: Connector,
    /// Its config.
    pub install: Install,
    outside: Outside,
    last_change: Option<StateChange>,
}

impl Rig {
    /// A connector at a bank stocked by `stock`, with pages of [`PAGE`] rows.
    ///
    /// # Errors
    /// Inconclusive: the connector cannot be installed.
    pub fn new(subject: &Subject, stock: impl FnOnce(&mut dyn Bank)) -> Result<Self, Finding> {
        Self::with_install(subject, subject.install()?, stock)
    }

    /// As [`Rig::new`], with an install of one's own.
    ///
    /// # Errors
    /// Inconclusive: the connector does not load.
    pub fn with_install(
        subject: &Subject,
        install: Install,
        stock: impl FnOnce(&mut dyn Bank),
    ) -> Result<Self, Finding> {
        let (sim, clock) = subject.simulator(stock);
        let tape = Tape::new(Authenticated::new(sim.clone(), install.keyring.clone()));
        let outside = install.outside(Arc::new(tape.clone()), Arc::new(clock.clone()));
        // What the host makes of a refusal would hide what the connector makes of it.
        let limiter = Arc::new(RateLimiter::windows_only(&install.manifest.rate_limits));
        let outside = Outside { limiter, ..outside };
        Ok(Self {
            sim,
            clock,
            skew: TimeDelta::zero(),
            ledger: Ledger::default(),
            states: BTreeMap::new(),
            page_size: PAGE.min(install.manifest.max_page_size),
            patience: PATIENCE,
            setting: String::new(),
            tape,
            connector: subject.connector()?.clone(),
            install,
            outside,
            last_change: None,
        })
    }

    /// With other pages.
    #[must_use]
    pub fn pages_of(mut self, rows: u32) -> Self {
        self.page_size = rows;
        self
    }

    /// With words for the evidence: what is done to the connector.
    #[must_use]
    pub fn setting(mut self, setting: impl Into<String>) -> Self {
        self.setting = setting.into();
        self
    }

    /// The tasks of the workflow that fetch this.
    #[must_use]
    pub fn tasks(&self, capability: Capability) -> Vec<Task> {
        self.install.manifest.workflow.iter().filter(|task| task.capability == capability).cloned().collect()
    }

    /// The stream of a task for a parent.
    #[must_use]
    pub fn key(&self, task: &Task, parent: Option<&Account>) -> StreamKey {
        StreamKey {
            install: "trial".to_owned(),
            task: task.name.clone(),
            parent: parent.map(|parent| parent.reference.clone()),
        }
    }

    /// The time that the connector is told.
    #[must_use]
    pub fn observed_at(&self) -> Timestamp {
        let now = self.clock.now().checked_add_signed(self.skew).unwrap_or_default();
        Timestamp { seconds: now.timestamp(), nanoseconds: now.timestamp_subsec_nanos().min(999_999_999) }
    }

    /// One call from the committed state; nothing is committed. None when the task has no use for this parent.
    pub async fn call(&self, task: &Task, parent: Option<&Account>) -> Option<Called<Fetched<Page>>> {
        self.call_within(task, parent, self.connector.limits()).await
    }

    /// As [`Rig::call`], under other limits.
    pub async fn call_within(
        &self,
        task: &Task,
        parent: Option<&Account>,
        limits: Limits,
    ) -> Option<Called<Fetched<Page>>> {
        let what = Fetch::of(task.capability, parent)?;
        let state = self.states.get(&self.key(task, parent)).cloned();
        let mut called = self.fetch(what, state.clone(), limits).await;
        if let Ok(fetched) = &called.result
            && let Err(breach) = validate::fetched(fetched, parent, state.as_deref())
                .and_then(|()| validate::proportion(&fetched.page, parent, called.report.answered))
        {
            called.result = Err(CallError::Breach(breach));
        }
        Some(called)
    }

    /// One call from any state; what comes is not held against the contract.
    pub async fn fetch(&self, what: Fetch, state: Option<Vec<u8>>, limits: Limits) -> Called<Fetched<Page>> {
        let request = FetchRequest {
            config: self.install.config.clone(),
            page_size: self.page_size,
            observed_at: self.observed_at(),
        };
        self.connector.with_limits(limits).fetch(&self.outside, state, request, what).await
    }

    /// The connection check, with the install's config.
    pub async fn check(&self) -> Called<()> {
        self.check_with(self.install.config.clone()).await
    }

    /// The connection check with any config.
    pub async fn check_with(&self, config: String) -> Called<()> {
        self.connector.check(&self.outside, config).await
    }

    /// One call from no state, with any text for a config: the host's own reading of it is passed by.
    pub async fn fetch_with(&self, config: String, what: Fetch) -> Called<Fetched<Page>> {
        let request = FetchRequest { config, page_size: self.page_size, observed_at: self.observed_at() };
        self.connector.fetch(&self.outside, None, request, what).await
    }

    /// Where the connector's requests go.
    #[must_use]
    pub fn outside(&self) -> &Outside {
        &self.outside
    }

    /// Sends the connector's requests elsewhere from now on: through something that stands before the tape.
    pub fn redirect(&mut self, outside: Outside) {
        self.outside = outside;
    }

    /// Commits a page with its state; gives (rows, those that changed something).
    pub fn commit(&mut self, task: &Task, parent: Option<&Account>, fetched: &Fetched<Page>) -> (u64, u64) {
        let Some(what) = Fetch::of(task.capability, parent) else { return (0, 0) };
        let applied = self.ledger.commit(&what, &fetched.page);
        if let Some(state) = &fetched.state {
            let key = self.key(task, parent);
            let before = self.states.insert(key.clone(), state.clone());
            if before.as_ref() != Some(state) {
                self.last_change = Some(StateChange {
                    stream: key.to_string(),
                    before: readable(before.as_deref()),
                    after: readable(Some(state)),
                });
            }
        }
        (applied.rows, applied.changed)
    }

    /// Polls one stream to its end, or to its first failed call.
    pub async fn stream(&mut self, task: &Task, parent: Option<&Account>) -> StreamPoll {
        let mut poll = StreamPoll {
            key: self.key(task, parent),
            capability: task.capability,
            pages: 0,
            rows: 0,
            changed: 0,
            requests: 0,
            fault: None,
        };
        loop {
            let Some(called) = self.call(task, parent).await else { return poll };
            poll.requests += called.report.requests;
            let fetched = match called.result {
                Ok(fetched) => fetched,
                Err(error) => {
                    poll.fault = Some(Fault::Call(error));
                    return poll;
                }
            };
            let (rows, changed) = self.commit(task, parent, &fetched);
            poll.pages += 1;
            poll.rows += rows;
            poll.changed += changed;
            if !fetched.page.has_more() {
                return poll;
            }
            if poll.pages >= self.patience {
                poll.fault = Some(Fault::Endless(poll.pages));
                return poll;
            }
        }
    }

    /// Polls every stream once, as a host does: accounts, then what is below each, then the other roots.
    pub async fn poll(&mut self) -> Poll {
        self.poll_only(&[
            Capability::FetchAccounts,
            Capability::FetchBalances,
            Capability::FetchPayments,
            Capability::FetchExternalAccounts,
        ])
        .await
    }

    /// Polls accounts and payments only.
    pub async fn poll_payments(&mut self) -> Poll {
        self.poll_only(&[Capability::FetchAccounts, Capability::FetchPayments]).await
    }

    /// Polls the streams of these capabilities once.
    pub async fn poll_only(&mut self, capabilities: &[Capability]) -> Poll {
        let workflow = self.install.manifest.workflow.clone();
        let mut poll = Poll::default();
        for task in workflow.iter().filter(|task| capabilities.contains(&task.capability)) {
            if task.parent.is_none() {
                poll.streams.push(self.stream(task, None).await);
                continue;
            }
            for account in self.accounts() {
                poll.streams.push(self.stream(task, Some(&account)).await);
            }
        }
        poll
    }

    /// The accounts read so far.
    #[must_use]
    pub fn accounts(&self) -> Vec<Account> {
        self.ledger.accounts.values().cloned().collect()
    }

    /// Polls accounts and payments, and expects every stream to come to its end.
    ///
    /// # Errors
    /// Fail: a stream did not.
    pub async fn poll_well(&mut self) -> Result<Poll, Finding> {
        let poll = self.poll_payments().await;
        self.expect_well(poll)
    }

    /// Expects every stream of a poll to have come to its end.
    ///
    /// # Errors
    /// Fail: a stream did not.
    pub fn expect_well(&self, poll: Poll) -> Result<Poll, Finding> {
        match poll.failed().and_then(|stream| stream.fault.as_ref().map(|fault| (stream, fault))) {
            Some((stream, fault)) => {
                Err(self.failure(format!("the stream {} failed: {fault}", stream.key), Vec::new()))
            }
            None => Ok(poll),
        }
    }

    /// Polls until every stream comes to its end: a host repeats what failed.
    ///
    /// # Errors
    /// Fail: it still fails after some polls at a provider that is well.
    pub async fn settle(&mut self) -> Result<(), Finding> {
        let mut poll = Poll::default();
        for _ in 0..SETTLING {
            poll = self.poll_payments().await;
            if poll.failed().is_none() {
                return Ok(());
            }
            self.clock.advance(Duration::from_mins(30));
        }
        self.expect_well(poll).map(|_| ())
    }

    /// Expects the payments committed to be those that the bank has, in their last versions.
    ///
    /// # Errors
    /// Fail: some are lost, stale or wrong.
    pub fn expect_payments(&self, when: &str) -> Result<(), Finding> {
        let differences = self.ledger.payment_differences(&self.sim.with(|bank| bank.truth()), false);
        match differences.first() {
            None => Ok(()),
            Some(first) => Err(self.failure(format!("{when}, {first}"), differences)),
        }
    }

    /// Expects accounts, counterparties and balances to be those that the bank has.
    ///
    /// # Errors
    /// Fail: some are lost, stale or wrong.
    pub fn expect_accounts(&self, when: &str) -> Result<(), Finding> {
        let differences = self.ledger.account_differences(&self.sim.with(|bank| bank.truth()));
        match differences.first() {
            None => Ok(()),
            Some(first) => Err(self.failure(format!("{when}, {first}"), differences)),
        }
    }

    /// A failure with the last exchanges and the last change of a state.
    #[must_use]
    pub fn failure(&self, what: impl Into<String>, differences: Vec<String>) -> Finding {
        Finding::Fail(Box::new(Evidence {
            what: what.into(),
            setting: self.setting.clone(),
            differences,
            exchanges: self.tape.last(SHOWN),
            states: self.last_change.clone().into_iter().collect(),
            scenario: None,
        }))
    }
}

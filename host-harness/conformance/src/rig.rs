//! Drives a connector against a simulated bank the way a host does, one committed page at a time, with everything
//! visible: requests, states, records, and the truth.

mod expect;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::check::Finding;
use super::evidence::{StateChange, Tape, readable};
use super::ledger::Ledger;
pub use super::polled::{Fault, Poll, StreamPoll, case, told};
use super::subject::Subject;
use engine::install::Install;
use engine::runner::FOLLOWED_AT_ONCE;
use model::validate::{self, Breach};
use model::{Capability, Checked, Error, FetchRequest, Gap, Parent, Task, Timestamp};
use outside::clock::{Clock as _, VirtualClock};
use outside::rate_limit::RateLimiter;
use outside::transport::authenticated::Authenticated;
use sandbox::{CallError, Called, Connector, Fetch, Fetched, Limits, Outside, Page};
use sim::{Bank, Simulator};
use store::{Kept, StreamKey, timestamp};

/// Calls that a stream's poll may take before it counts as endless.
const PATIENCE: u32 = 3_000;
/// The rows a page that most checks ask for: small, so that few rows make many pages.
pub const PAGE: u32 = 5;

/// Every kind of record.
pub const EVERYTHING: [Capability; 5] = [
    Capability::FetchOthers,
    Capability::FetchAccounts,
    Capability::FetchBalances,
    Capability::FetchPayments,
    Capability::FetchExternalAccounts,
];

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

/// Holds what a call gave against the contract, as a host does.
fn held(
    called: &Called<Fetched<Page>>,
    what: &Fetch,
    account: Option<&str>,
    parent: Option<&Parent>,
    state: Option<&[u8]>,
) -> Result<(), Breach> {
    let Ok(fetched) = &called.result else { return Ok(()) };
    match what {
        Fetch::Page(_) => validate::fetched(fetched, account, state)?,
        Fetch::Follow(references) => validate::followed(&fetched.page, account, references)?,
    }
    if let Some(answers) = &called.report.answers {
        answers.verbatim(&fetched.page)?;
    }
    validate::proportion(&fetched.page, parent, called.report.answered)
}

/// Whether another time may help: the host gives it one in the same poll.
fn is_passing(error: &Error) -> bool {
    matches!(error, Error::Unavailable(_) | Error::RateLimited(_) | Error::MalformedResponse(_))
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
    /// Requests that a call may have under way.
    pub max_in_flight: u32,
    /// How far back the connector is to read.
    pub since: Option<Timestamp>,
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
    /// When polls of streams came to their end.
    completed: BTreeMap<StreamKey, DateTime<Utc>>,
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
        let told = sim.with(|bank| bank.told());
        Ok(Self {
            sim,
            clock,
            skew: TimeDelta::zero(),
            ledger: Ledger::default(),
            states: BTreeMap::new(),
            page_size: told.map_or_else(|| PAGE.min(install.manifest.max_page_size), |told| told.page_size),
            max_in_flight: told.map_or_else(|| install.max_in_flight(), |told| told.max_in_flight),
            since: told.map_or_else(|| install.since(), |told| told.since.map(timestamp)),
            patience: PATIENCE,
            setting: String::new(),
            tape,
            connector: subject.connector()?.clone(),
            install,
            outside,
            completed: BTreeMap::new(),
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
    pub fn key(&self, task: &Task, parent: Option<&Kept>) -> StreamKey {
        StreamKey {
            install: "trial".to_owned(),
            task: task.name.clone(),
            parent: parent.map(|kept| kept.parent.reference.clone()),
        }
    }

    /// The records that a task runs for, of those read so far; none for one at the root, once.
    #[must_use]
    pub fn parents(&self, task: &Task) -> Vec<Option<Kept>> {
        let Some(parent) = task.parent.and_then(|parent| usize::try_from(parent).ok()) else { return vec![None] };
        let parent = self.install.manifest.workflow.get(parent);
        parent.map(|parent| self.ledger.kept(&parent.name)).unwrap_or_default().into_iter().map(Some).collect()
    }

    /// The streams of the tasks that fetch this, for the records read so far.
    #[must_use]
    pub fn streams(&self, capability: Capability) -> Vec<(Task, Option<Kept>)> {
        let of =
            |task: Task| self.parents(&task).into_iter().map(move |parent| (task.clone(), parent)).collect::<Vec<_>>();
        self.tasks(capability).into_iter().flat_map(of).collect()
    }

    /// The time that the connector is told.
    #[must_use]
    pub fn observed_at(&self) -> Timestamp {
        timestamp(self.clock.now().checked_add_signed(self.skew).unwrap_or_default())
    }

    /// One call from the committed state; nothing is committed.
    pub async fn call(&self, task: &Task, parent: Option<&Kept>) -> Called<Fetched<Page>> {
        self.make(task, parent, &Fetch::Page(task.capability), self.connector.limits()).await
    }

    /// As [`Rig::call`], of whatever is to be fetched, under any limits.
    pub async fn make(
        &self,
        task: &Task,
        parent: Option<&Kept>,
        what: &Fetch,
        limits: Limits,
    ) -> Called<Fetched<Page>> {
        let state = self.states.get(&self.key(task, parent)).cloned();
        let asked = parent.map(|kept| kept.parent.clone());
        let mut called = self.fetch(task, asked.clone(), what.clone(), state.clone(), limits).await;
        let account = parent.filter(|kept| kept.is_account).map(|kept| &*kept.parent.reference);
        if let Err(breach) = held(&called, what, account, asked.as_ref(), state.as_deref()) {
            called.result = Err(CallError::Breach(breach));
        }
        called
    }

    /// One call for any parent, from any state; what comes is not held against the contract.
    pub async fn fetch(
        &self,
        task: &Task,
        parent: Option<Parent>,
        what: Fetch,
        state: Option<Vec<u8>>,
        limits: Limits,
    ) -> Called<Fetched<Page>> {
        let request = self.request(self.install.config.clone(), &task.name, parent);
        self.connector.with_limits(limits).fetch(&self.outside, state, request, what).await
    }

    fn request(&self, config: String, task: &str, parent: Option<Parent>) -> FetchRequest {
        FetchRequest {
            config,
            task: task.to_owned(),
            parent,
            page_size: self.page_size,
            max_in_flight: self.max_in_flight,
            since: self.since,
            observed_at: self.observed_at(),
        }
    }

    /// The connection check, with the install's config.
    pub async fn check(&self) -> Called<Checked> {
        self.check_with(self.install.config.clone()).await
    }

    /// The connection check with any config.
    pub async fn check_with(&self, config: String) -> Called<Checked> {
        self.connector.check(&self.outside, config).await
    }

    /// One call from no state, with any text for a config: the host's own reading of it is passed by.
    pub async fn fetch_with(&self, config: String, task: &Task, parent: Option<Parent>) -> Called<Fetched<Page>> {
        let request = self.request(config, &task.name, parent);
        self.connector.fetch(&self.outside, None, request, Fetch::Page(task.capability)).await
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
    pub fn commit(&mut self, task: &Task, parent: Option<&Kept>, fetched: &Fetched<Page>) -> (u64, u64) {
        let (key, at) = (self.key(task, parent), self.clock.now());
        let applied = self.ledger.commit(&key, task, &fetched.page, at);
        if let Some(state) = &fetched.state {
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

    /// Commits what a call for `what` gave: the state that one which follows payments sets is ignored.
    pub fn commit_of(
        &mut self,
        task: &Task,
        parent: Option<&Kept>,
        what: &Fetch,
        fetched: &Fetched<Page>,
    ) -> (u64, u64) {
        match what {
            Fetch::Page(_) => self.commit(task, parent, fetched),
            Fetch::Follow(_) => self.commit(task, parent, &Fetched { page: fetched.page.clone(), state: None }),
        }
    }

    /// What a host asks for when the pages of a stream's poll have come to their end, `since` being what the ledger had
    /// committed when it began: the payments that are open, and that it did not report.
    #[must_use]
    pub fn follow_ups(&self, task: &Task, parent: Option<&Kept>, since: u64) -> Vec<Fetch> {
        if !task.follow {
            return Vec::new();
        }
        let open = self.ledger.open(&self.key(task, parent), since);
        open.chunks(FOLLOWED_AT_ONCE).map(|references| Fetch::Follow(references.to_vec())).collect()
    }

    /// Polls one stream to its end, or to its first failed call. Gaps that another time may close get one, as a host gives
    /// it; one that stays is how the poll ended.
    pub async fn stream(&mut self, task: &Task, parent: Option<&Kept>) -> StreamPoll {
        let mut poll = StreamPoll {
            key: self.key(task, parent),
            capability: task.capability,
            seldom: task.min_period_seconds > 0,
            pages: 0,
            rows: 0,
            changed: 0,
            requests: 0,
            gaps: Vec::new(),
            fault: None,
        };
        let since = self.ledger.pages();
        let mut gaps = self.pages(task, parent, &mut poll).await;
        if poll.fault.is_none() && gaps.iter().any(|gap| is_passing(&gap.error)) {
            gaps = self.pages(task, parent, &mut poll).await;
        }
        if poll.fault.is_none() {
            for what in self.follow_ups(task, parent, since) {
                let called = self.make(task, parent, &what, self.connector.limits()).await;
                poll.requests += called.report.requests;
                match called.result {
                    Ok(fetched) => {
                        self.take(task, parent, &what, &fetched, &mut poll);
                        gaps.extend_from_slice(fetched.page.gaps());
                    }
                    // The others are asked for all the same.
                    Err(CallError::Connector { error, .. }) => {
                        gaps.push(Gap { what: "payments that are not final".to_owned(), error });
                    }
                    Err(error) => {
                        poll.fault = Some(Fault::Call(error));
                        break;
                    }
                }
            }
        }
        poll.fault = poll.fault.take().or_else(|| Fault::of_gaps(&gaps));
        poll.gaps = gaps;
        if poll.fault.is_none() {
            self.complete(task, parent);
        }
        poll
    }

    /// Pages until there are no more; gives their gaps.
    async fn pages(&mut self, task: &Task, parent: Option<&Kept>, poll: &mut StreamPoll) -> Vec<Gap> {
        let mut gaps = Vec::new();
        loop {
            let called = self.call(task, parent).await;
            poll.requests += called.report.requests;
            let fetched = match called.result {
                Ok(fetched) => fetched,
                Err(error) => {
                    poll.fault = Some(Fault::Call(error));
                    return gaps;
                }
            };
            gaps.extend_from_slice(fetched.page.gaps());
            self.take(task, parent, &Fetch::Page(task.capability), &fetched, poll);
            if !fetched.page.has_more() {
                return gaps;
            }
            if poll.pages >= self.patience {
                poll.fault = Some(Fault::Endless(poll.pages));
                return gaps;
            }
        }
    }

    fn take(
        &mut self,
        task: &Task,
        parent: Option<&Kept>,
        what: &Fetch,
        fetched: &Fetched<Page>,
        poll: &mut StreamPoll,
    ) {
        let (rows, changed) = self.commit_of(task, parent, what, fetched);
        poll.pages += 1;
        poll.rows += rows;
        poll.changed += changed;
    }

    /// Polls every stream once, as a host does, from the roots down.
    pub async fn poll(&mut self) -> Poll {
        self.poll_only(&EVERYTHING).await
    }

    /// Polls accounts and payments only.
    pub async fn poll_payments(&mut self) -> Poll {
        self.poll_only(&[Capability::FetchAccounts, Capability::FetchPayments]).await
    }

    /// The tasks that fetch these, and the others that they run for.
    #[must_use]
    pub fn tasks_of(&self, capabilities: &[Capability]) -> Vec<Task> {
        let workflow = self.install.manifest.workflow.iter();
        let wanted =
            |task: &&Task| task.capability == Capability::FetchOthers || capabilities.contains(&task.capability);
        workflow.filter(wanted).cloned().collect()
    }

    /// Polls the streams of these capabilities once.
    pub async fn poll_only(&mut self, capabilities: &[Capability]) -> Poll {
        let mut poll = Poll::default();
        for task in self.tasks_of(capabilities) {
            for parent in self.parents(&task) {
                if self.is_due(&task, parent.as_ref()) {
                    poll.streams.push(self.stream(&task, parent.as_ref()).await);
                }
            }
        }
        poll
    }

    /// Puts down that the poll of a stream has come to its end.
    pub fn complete(&mut self, task: &Task, parent: Option<&Kept>) {
        self.completed.insert(self.key(task, parent), self.clock.now());
    }

    /// Whether so much time has passed since the stream's last poll as its task wants.
    #[must_use]
    pub fn is_due(&self, task: &Task, parent: Option<&Kept>) -> bool {
        let period = TimeDelta::seconds(task.min_period_seconds.into());
        let completed = self.completed.get(&self.key(task, parent));
        completed.is_none_or(|completed| self.clock.now() - completed >= period)
    }

    /// The own accounts read so far.
    #[must_use]
    pub fn accounts(&self) -> Vec<Kept> {
        self.ledger.own_accounts()
    }
}

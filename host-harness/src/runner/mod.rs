//! Drives a connector through its workflow: accounts first, then for every account its balances and its payments.
//!
//! Streams fail alone: whatever happens to one is in its summary and in the run log, and the others go on.

mod budget;
mod retry;
mod stream;
mod summary;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::{StreamExt as _, future, stream as streams};

use self::budget::Budget;
pub use self::budget::{Budgets, Spent};
pub use self::retry::RetryPolicy;
pub(crate) use self::stream::records;
pub use self::summary::{PollError, PollSummary, StreamError, StreamSummary};
use crate::contract::{Account, Capability, Manifest, Task};
use crate::egress::Incident;
use crate::sandbox::{Connector, Outside, Tally};
pub use crate::stop::Stop;
use crate::store::{AccountKind, Granted, Store, StoreError, StreamKey, Suspended};

/// How many accounts are polled side by side.
const ACCOUNTS_AT_ONCE: usize = 4;
/// The longest that a poll is shifted at random, so that installs that were started together drift apart.
const LONGEST_JITTER: Duration = Duration::from_mins(5);

/// Is told what happens while a poll runs.
pub trait Observer: Send + Sync {
    /// A page of `stream` was committed; the totals are those of this poll so far.
    fn page(&self, stream: &StreamKey, records: u64, requests: u64) {
        let _ = (stream, records, requests);
    }

    /// A stream's poll ended.
    fn finished(&self, summary: &StreamSummary) {
        let _ = summary;
    }
}

/// Nobody listens.
impl Observer for () {}

/// One install: a connector with its config, its way out and its place in the store.
pub struct Runner {
    /// What is polled.
    pub connector: Connector,
    /// What it says of itself; checked with [`crate::validate::manifest`].
    pub manifest: Manifest,
    /// The config for the connector, with placeholders for the secrets.
    pub config: String,
    /// Rows per request.
    pub page_size: u32,
    /// Its way out.
    pub outside: Outside,
    /// Where the records go.
    pub store: Arc<Store>,
    /// The name of the install in the store.
    pub install: String,
    /// How patient it is.
    pub retry: RetryPolicy,
    /// What a poll may use.
    pub budgets: Budgets,
    /// What the store said that may run the install when this runner was made: nothing is polled once it says otherwise.
    /// None: whoever made this runner answers for it.
    pub granted: Option<Granted>,
    /// Whether incidents are remembered. In a replay they are not: a recording is anybody's, and nothing is sent.
    pub remembers_incidents: bool,
    /// Ends it.
    pub stop: Stop,
}

impl Runner {
    /// Polls every stream once.
    ///
    /// # Errors
    /// Nothing was polled: the install is suspended or no longer granted, a secret cannot be had, or the store cannot say
    /// which accounts there are. What happens to a stream is in the summary.
    pub async fn poll(&self, observer: &dyn Observer) -> Result<PollSummary, PollError> {
        if let Some(suspended) = self.suspended()? {
            return Err(suspended.into());
        }
        if self.granted.is_some() && self.store.granted(&self.install)? != self.granted {
            return Err(PollError::Granted);
        }
        self.outside.keyring.refresh()?;
        let poll = Poll::begin(self, observer);
        let mut roots = self.manifest.workflow.iter().enumerate().filter(|(_, task)| task.parent.is_none());
        let mut summary = PollSummary::default();
        let Some((index, root)) = roots.next() else { return Ok(summary) };
        // One stream goes ahead alone: credentials that are refused are then refused once, not once a stream.
        let first = poll.stream(root, None).await;
        poll.first_is_over(&first);
        let poll = &poll;
        let others = roots.map(|(index, root)| async move {
            let read = poll.stream(root, None).await;
            poll.below(index, root, read).await
        });
        let (first, others) = future::join(poll.below(index, root, first), future::join_all(others)).await;
        summary.streams.extend(first?);
        for streams in others {
            summary.streams.extend(streams?);
        }
        poll.tell_dropped_lines();
        Ok(summary)
    }

    /// Polls every `period`, with some jitter, until it is asked to stop; `report` gets each summary. A secret that cannot
    /// be had is told, and looked for again at the next poll.
    ///
    /// # Errors
    /// As [`Runner::poll`].
    pub async fn poll_for_ever(
        &self,
        period: Duration,
        observer: &dyn Observer,
        mut report: impl FnMut(&PollSummary),
    ) -> Result<(), PollError> {
        while !self.stop.is_set() {
            match self.poll(observer).await {
                Ok(summary) => report(&summary),
                Err(PollError::Keyring(error)) => tracing::error!("not polled: {error}; trying again at the next poll"),
                Err(error) => return Err(error),
            }
            let jitter = (period / 10).min(LONGEST_JITTER).mul_f64(fastrand::f64());
            let pause = self.outside.clock.sleep(period.saturating_add(jitter));
            future::select(pause, Box::pin(self.stop.wait())).await;
        }
        Ok(())
    }

    /// Whether what the component tried has suspended the install.
    fn suspended(&self) -> Result<Option<Suspended>, StoreError> {
        self.store.suspended(&self.install, self.outside.clock.now())
    }

    /// Remembers what the component tried, in a stream or in a check of the connection.
    fn remember(&self, stream: Option<&StreamKey>, incident: &Incident) -> Result<(), StoreError> {
        if !self.remembers_incidents {
            return Ok(());
        }
        let now = self.outside.clock.now();
        self.store.record_incident(&self.install, stream, self.connector.digest(), incident, now)
    }

    fn key(&self, task: &Task, parent: Option<&Account>) -> StreamKey {
        StreamKey {
            install: self.install.clone(),
            task: task.name.clone(),
            parent: parent.map(|parent| parent.reference.clone()),
        }
    }
}

/// One poll under way.
struct Poll<'a> {
    runner: &'a Runner,
    observer: &'a dyn Observer,
    started: DateTime<Utc>,
    /// The runner's way out, counting for this poll.
    outside: Outside,
    budget: Budget,
    /// The connector says of the first stream that the provider refuses the credentials.
    refused: AtomicBool,
}

impl<'a> Poll<'a> {
    fn begin(runner: &'a Runner, observer: &'a dyn Observer) -> Self {
        let clock = &runner.outside.clock;
        let until = clock.monotonic().saturating_add(runner.budgets.time);
        let tally = Arc::new(Tally::of_poll(runner.budgets.log_lines).until(until));
        Self {
            runner,
            observer,
            started: clock.now(),
            outside: Outside { tally, stop: runner.stop.clone(), ..runner.outside.clone() },
            budget: Budget::begin(runner.budgets, clock.monotonic()),
            refused: AtomicBool::new(false),
        }
    }

    fn first_is_over(&self, first: &StreamSummary) {
        if first.error.as_ref().is_some_and(stream::is_credentials_refused) {
            self.refused.store(true, Relaxed);
        }
    }

    /// True when no further request goes out in this poll.
    fn is_refused(&self) -> bool {
        self.refused.load(Relaxed) || self.outside.tally.is_refused()
    }

    fn tell_dropped_lines(&self) {
        let dropped = self.outside.tally.dropped_lines();
        if dropped > 0 {
            tracing::warn!(target: "harness::connector", "{dropped} lines of the connector's log were dropped");
        }
    }
    /// A root task that was read, and everything below it.
    async fn below(&self, index: usize, root: &Task, first: StreamSummary) -> Result<Vec<StreamSummary>, StoreError> {
        let mut ended = vec![first];
        let is_child = |task: &&Task| task.parent.is_some_and(|parent| usize::try_from(parent) == Ok(index));
        let children: Vec<&Task> = self.runner.manifest.workflow.iter().filter(is_child).collect();
        if children.is_empty() || root.capability != Capability::FetchAccounts {
            return Ok(ended);
        }
        let parents = self.runner.store.parents(&self.runner.install, AccountKind::Internal)?;
        let accounts = parents.into_iter().map(|parent| self.account(&children, parent));
        let below: Vec<Vec<StreamSummary>> = streams::iter(accounts).buffer_unordered(ACCOUNTS_AT_ONCE).collect().await;
        ended.extend(below.into_iter().flatten());
        Ok(ended)
    }

    /// The children of one account, one after the other.
    async fn account(&self, children: &[&Task], (account, read_at): (Account, DateTime<Utc>)) -> Vec<StreamSummary> {
        let mut ended = Vec::new();
        for task in children {
            // A task that is not periodic belongs to the reading of its parent.
            if !task.periodic && read_at < self.started {
                continue;
            }
            ended.push(self.stream(task, Some((&account, read_at))).await);
        }
        ended
    }
}

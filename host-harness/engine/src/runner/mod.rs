//! What polls an install: whether it may, whose data it gets, and when it begins and ends.

mod budget;
mod call;
mod follow;
mod observer;
mod poll;
mod retry;
mod step;
mod stream;
mod summary;

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::future::{self, Either};
use tracing::Instrument as _;

pub use self::budget::{Budgets, Spent};
pub use self::call::Target;
pub use self::follow::AT_ONCE as FOLLOWED_AT_ONCE;
pub use self::observer::{Again, Observer, Setback};
pub use self::poll::Poll;
pub use self::retry::RetryPolicy;
use self::retry::Verdict;
pub use self::step::{Progress, Step};
pub use self::stream::records;
pub use self::summary::{PollError, PollSummary, StreamError, StreamSummary};
use crate::blocking::blocking;
use crate::schedule::jitter;
use crate::turns::{Turn, Turns};
use model::{Checked, Manifest, Task, Timestamp};
use outside::egress::Incident;
use outside::har::Told;
pub use outside::stop::Stop;
use outside::transport::TransportError;
use sandbox::{CallError, Connector, Limits, Outside};
use store::{Granted, Kept, PollStore, StoreError, StreamKey, Subject, Suspended, timestamp};

/// One install: a connector with its config, its way out and its place in the store.
pub struct Runner {
    /// What is polled.
    pub connector: Connector,
    /// What it says of itself; checked with [`model::validate::manifest`].
    pub manifest: Manifest,
    /// The config for the connector: a secret that is set is `true`.
    pub config: String,
    /// Rows per request.
    pub page_size: u32,
    /// Requests of one call that may be under way at once.
    pub max_in_flight: u32,
    /// How far back a first poll goes.
    pub since: Option<Timestamp>,
    /// Its way out.
    pub outside: Outside,
    /// Where the records go.
    pub store: Arc<dyn PollStore>,
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
    /// When it may call the connector, among other installs.
    pub turns: Turns,
    /// True as long as it is not known whose data the credentials lead to: the next poll looks first.
    pub unchecked: AtomicBool,
}

impl Runner {
    /// Tells the connector what it was told when it was recorded, all but the time, which is the clock's.
    #[must_use]
    pub fn telling(self, told: Told) -> Self {
        let since = told.since.map(timestamp);
        Self { page_size: told.page_size, max_in_flight: told.max_in_flight, since, ..self }
    }

    /// Polls every stream once.
    ///
    /// # Errors
    /// Nothing was polled: the install is suspended or no longer granted, a secret cannot be had, the credentials lead to
    /// another's data or nobody can say to whose, or the store cannot be read. What happens to a stream is in the summary.
    pub async fn poll(&self, observer: &dyn Observer) -> Result<PollSummary, PollError> {
        let all: Vec<usize> = (0..self.roots().count()).collect();
        self.poll_roots(&all, observer).await
    }

    /// The tasks that run for no record, with their places in the workflow.
    pub(crate) fn roots(&self) -> impl Iterator<Item = (usize, &Task)> {
        self.manifest.workflow.iter().enumerate().filter(|(_, task)| task.parent.is_none())
    }

    /// As [`Runner::poll`], for these of [`Runner::roots`] and what runs for their records.
    pub(crate) async fn poll_roots(&self, which: &[usize], observer: &dyn Observer) -> Result<PollSummary, PollError> {
        self.expect_ready(observer).await?;
        let poll = self.begin(observer)?;
        let mut roots = self.roots().enumerate().filter(|(number, _)| which.contains(number)).map(|(_, root)| root);
        let mut summary = PollSummary::default();
        let Some((index, root)) = roots.next() else { return Ok(summary) };
        // One stream goes ahead alone: credentials that are refused are then refused once, not once a stream.
        let first = poll.stream(root, None).await;
        poll.first_is_over(first.as_ref());
        let poll = &poll;
        let below = poll.below(index, self.key(root, None));
        let others = roots.map(|(index, _)| poll.tree(index, None));
        let (below, others) = future::join(below, future::join_all(others)).await;
        summary.streams.extend(first);
        for streams in [below].into_iter().chain(others) {
            summary.streams.extend(streams?);
        }
        poll.tell_dropped_lines();
        Ok(summary)
    }

    /// Whether a poll may begin: the install is neither suspended nor granted to something else, its secrets can be had,
    /// and the credentials lead to whose data it holds. Asks the provider the first time.
    ///
    /// # Errors
    /// As [`Runner::poll`].
    pub async fn expect_ready(&self, observer: &dyn Observer) -> Result<(), PollError> {
        self.expect_allowed()?;
        if self.unchecked.load(Relaxed) {
            self.expect_subject(observer).await?;
            self.unchecked.store(false, Relaxed);
        }
        Ok(())
    }

    /// Sees whose data it is, again and again where the provider cannot answer now, as any other call is made again.
    async fn expect_subject(&self, observer: &dyn Observer) -> Result<(), PollError> {
        let mut waited = Duration::ZERO;
        for attempt in 1.. {
            let error = match self.check_subject().await {
                Err(PollError::Check(error)) => error,
                checked => return checked.map(drop),
            };
            let Verdict::Again(wait) = self.retry.judge(&error, attempt, waited, fastrand::f64()) else {
                return Err(PollError::Check(error));
            };
            let times = self.retry.left(&error, attempt);
            Again { stream: None, setback: Setback::Failed(&error), wait, times }.tell(observer);
            waited = waited.saturating_add(wait);
            if !self.waited(wait).await {
                break;
            }
        }
        Err(PollError::Interrupted)
    }

    /// Whether config and credentials are good, with at most one request, and whose data they lead to, which has to be
    /// that which the install holds.
    ///
    /// # Errors
    /// As [`Runner::poll`].
    pub async fn check(&self) -> Result<Checked, PollError> {
        self.expect_allowed()?;
        self.check_subject().await
    }

    /// Whether the install may send requests, with the secrets as they are now.
    fn expect_allowed(&self) -> Result<(), PollError> {
        if let Some(suspended) = self.suspended()? {
            return Err(suspended.into());
        }
        if self.granted.is_some() && self.with_store(|store| store.granted(&self.install))? != self.granted {
            return Err(PollError::Granted);
        }
        Ok(blocking(|| self.outside.keyring.refresh())?)
    }

    /// Sees that the credentials lead to whose data the install holds.
    async fn check_subject(&self) -> Result<Checked, PollError> {
        let limits = Limits { requests: 1, ..self.connector.limits() };
        let connector = self.connector.with_limits(limits);
        let outside = Outside { stop: self.stop.clone(), ..self.outside.clone() };
        let span = tracing::error_span!(target: "harness", "check", install = %self.install);
        let Some(turn) = self.turn().await else { return Err(PollError::Interrupted) };
        let checked = connector.check(&outside, self.config.clone()).instrument(span).await.result;
        drop(turn);
        let checked = match checked {
            Ok(checked) => checked,
            Err(CallError::Connector { failure: Some(TransportError::Stopped), .. }) => {
                return Err(PollError::Interrupted);
            }
            Err(error) => {
                if let CallError::Refused(incident) = &error {
                    self.remember(None, incident)?;
                }
                return Err(PollError::Check(error));
            }
        };
        if let Some(reference) = checked.subject.clone().filter(|subject| !subject.is_empty()) {
            let found = Subject { reference, name: checked.name.clone() };
            let bound = self.with_store(|store| store.bind(&self.install, &found))?;
            if bound.reference != found.reference {
                return Err(PollError::OtherSubject { bound, found });
            }
        }
        Ok(checked)
    }

    /// Polls every `period`, with some jitter, until it is asked to stop; `report` gets each summary, or why there is none: a
    /// secret that cannot be had, or a provider that does not say whose data it is, which is tried again at the next poll.
    /// It also gets the time of that poll; none once the run was asked to stop.
    ///
    /// # Errors
    /// As [`Runner::poll`].
    pub async fn poll_for_ever(
        &self,
        period: Duration,
        observer: &dyn Observer,
        mut report: impl FnMut(Result<&PollSummary, &PollError>, Option<DateTime<Utc>>),
    ) -> Result<(), PollError> {
        while !self.stop.is_set() {
            let polled = match self.poll(observer).await {
                Err(PollError::Interrupted) => return Ok(()),
                Err(error) if !error.passes() => return Err(error),
                polled => polled,
            };
            let pause = period.saturating_add(jitter(period, &mut fastrand::Rng::new()));
            let next = stream::after(self.outside.clock.now(), pause);
            report(polled.as_ref(), (!self.stop.is_set()).then_some(next));
            self.waited(pause).await;
        }
        Ok(())
    }

    /// Whether what the component tried has suspended the install.
    fn suspended(&self) -> Result<Option<Suspended>, StoreError> {
        self.with_store(|store| store.suspended(&self.install, self.outside.clock.now()))
    }

    /// Remembers what the component tried, in a stream or in a check of the connection.
    fn remember(&self, stream: Option<&StreamKey>, incident: &Incident) -> Result<(), StoreError> {
        if !self.remembers_incidents {
            return Ok(());
        }
        let now = self.outside.clock.now();
        let component = self.connector.digest();
        self.with_store(|store| store.record_incident(&self.install, stream, component, incident, now))
    }

    /// What the store says, off the threads that others run on.
    fn with_store<T>(&self, ask: impl FnOnce(&dyn PollStore) -> T) -> T {
        blocking(|| ask(&*self.store))
    }

    /// Waits until it may call the connector; none when the run is asked to stop before.
    async fn turn(&self) -> Option<Turn> {
        let provider = self.outside.policy.origins().next().cloned();
        match future::select(pin!(self.turns.take(provider)), pin!(self.stop.wait())).await {
            Either::Left((turn, _)) => Some(turn),
            Either::Right(_) => None,
        }
    }

    /// Waits so long; false when the run is asked to stop before that is over.
    async fn waited(&self, pause: Duration) -> bool {
        future::select(self.outside.clock.sleep(pause), pin!(self.stop.wait())).await;
        !self.stop.is_set()
    }

    fn key(&self, task: &Task, parent: Option<&Kept>) -> StreamKey {
        StreamKey {
            install: self.install.clone(),
            task: task.name.clone(),
            parent: parent.map(|kept| kept.parent.reference.clone()),
        }
    }
}

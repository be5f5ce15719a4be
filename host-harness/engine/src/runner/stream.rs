//! One stream's poll: step after step, and what the run log says of it.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tracing::Instrument as _;

use super::call::{Attempts, Begun, Outcome, Target};
use super::step::{Progress, Stage, Step};
use super::{Again, Poll, Setback, Spent, StreamError, StreamSummary};
use model::size::Size as _;
use model::{Capability, Error, Gap, Rejected, Task};
use outside::rate_limit::LONGEST_WAIT;
use sandbox::{CallError, Fetch, Fetched, Page, describe};
use store::{
    AccountKind, Delivery, Kept, NewGap, PageRecords, PollStore, RunSummary, StoreError, StreamKey, StreamState,
};

/// A page as the store takes it: its records, and the rows it rejected.
#[must_use]
pub fn records(capability: Capability, page: Page) -> (PageRecords, Vec<Rejected>) {
    match page {
        Page::Accounts(page) => {
            let own = capability == Capability::FetchAccounts;
            let kind = if own { AccountKind::Internal } else { AccountKind::External };
            (PageRecords::Accounts { kind, items: page.items, withdrawn: page.withdrawn }, page.rejected)
        }
        Page::Balances(page) => (PageRecords::Balances(page.items), page.rejected),
        Page::Payments(page) => (PageRecords::Payments { items: page.items, withdrawn: page.withdrawn }, page.rejected),
        Page::Others(page) => (PageRecords::Others(page.items), page.rejected),
    }
}

/// True when the provider does not accept the credentials: every further request would be refused as well, and counted.
pub(super) fn is_credentials_refused(error: &StreamError) -> bool {
    let refused = |error: &CallError| matches!(error, CallError::Connector { error: Error::Unauthorized(_), .. });
    match error {
        StreamError::Call(error) => refused(error),
        StreamError::CredentialsRefused => true,
        _ => false,
    }
}

impl Poll<'_> {
    /// Polls one stream to its end, and notes in the run log how it went. None when it is not its time yet.
    pub(super) async fn stream(&self, task: &Task, parent: Option<&Kept>) -> Option<StreamSummary> {
        let key = self.runner.key(task, parent);
        let mut summary = StreamSummary::new(key.clone());
        match self.is_due(task, &key) {
            Ok(true) => {}
            Ok(false) => return None,
            Err(error) => summary.error = Some(error.into()),
        }
        if summary.error.is_none() && self.is_refused() {
            summary.error = Some(StreamError::CredentialsRefused);
        }
        if summary.error.is_some() {
            self.observer.finished(&summary);
            return Some(summary);
        }
        // Of the highest level, so that it is there for whatever line is written.
        let span = tracing::error_span!(target: "harness", "poll", install = %key.install, stream = %key);
        let clock = &self.runner.outside.clock;
        match self.runner.with_store(|store| store.begin_run(&key, clock.now())) {
            Ok(run) => {
                let target = Target { task, parent, key: &key };
                summary = self.driven(&target).instrument(span).await;
                let finished = RunSummary {
                    records: summary.records,
                    rejected: summary.rejected,
                    requests: summary.requests,
                    error: summary.error.as_ref().map(ToString::to_string),
                    finished_at: clock.now(),
                };
                if let Err(error) = self.runner.with_store(|store| store.finish_run(run, &finished)) {
                    summary.error.get_or_insert(error.into());
                }
            }
            Err(error) => summary.error = Some(error.into()),
        }
        self.observer.finished(&summary);
        Some(summary)
    }

    /// Makes step after step, and waits where one says so.
    async fn driven(&self, target: &Target<'_>) -> StreamSummary {
        let mut progress = Progress::new(target.key.clone());
        let error = loop {
            match self.step(target, &mut progress).await {
                Step::More => {}
                Step::Wait(pause) => {
                    if !self.runner.waited(pause).await {
                        break Some(StreamError::Interrupted);
                    }
                }
                Step::Done => break None,
                Step::Spent(spent) => {
                    progress.summary.goes_on = Some(spent);
                    break None;
                }
                Step::NotBefore(until) => break Some(StreamError::NotBefore(until)),
                Step::Failed(error) => break Some(error),
            }
        };
        StreamSummary { error, ..progress.summary }
    }

    /// Whether so much time has passed as the task wants between two polls. What a clock that was ahead wrote down does not
    /// count.
    fn is_due(&self, task: &Task, key: &StreamKey) -> Result<bool, StoreError> {
        if task.min_period_seconds == 0 {
            return Ok(true);
        }
        let stream = self.runner.with_store(|store| store.stream(key))?;
        let Some(completed) = stream.completed_at else { return Ok(true) };
        let passed = self.runner.outside.clock.now().signed_duration_since(completed);
        Ok(passed < TimeDelta::zero() || passed >= TimeDelta::seconds(task.min_period_seconds.into()))
    }

    /// Reads one page. Where there are no more, and a gap may close by that, all are read `again`, once.
    pub(super) async fn page(
        &self,
        target: &Target<'_>,
        again: bool,
        progress: &mut Progress,
    ) -> Result<Step, StreamError> {
        if let Some(spent) = self.spent(progress)? {
            return Ok(Step::Spent(spent));
        }
        let (stream, reading) = self.runner.with_store(|store| store.begin_call(target.key))?;
        let now = self.runner.outside.clock.now();
        if let Some(not_before) = self.not_before(target.key, &stream, now)? {
            return Err(StreamError::NotBefore(not_before));
        }
        let at = match (target.task.capability, target.parent) {
            (Capability::FetchBalances, Some(parent)) => parent.read_at,
            _ => now,
        };
        let begun = Begun { what: Fetch::Page(target.task.capability), stream, reading, at };
        let fetched = match self.call(target, &begun, progress).await? {
            Outcome::Gave(fetched) => fetched,
            Outcome::Again(wait) => return Ok(Step::Wait(wait)),
            Outcome::RanOut(spent) => return Ok(Step::Spent(spent)),
        };
        let has_more = fetched.page.has_more();
        progress.gaps.extend_from_slice(fetched.page.gaps());
        self.commit(target, &begun, fetched, progress)?;
        if has_more {
            progress.attempts = Attempts::default();
            return Ok(Step::More);
        }
        let pause = self.runner.retry.pause(&progress.gaps).filter(|_| !again);
        progress.enter(if pause.is_some() { Stage::Again } else { Stage::Open });
        Ok(pause.map_or(Step::More, |pause| {
            let missing = told(&progress.gaps);
            let (stream, setback) = (Some(target.key), Setback::Missing(&missing));
            Again { stream, setback, wait: pause, times: 1 }.tell(self.observer);
            Step::Wait(pause)
        }))
    }

    /// The budget that the poll is at. A call that failed is made again all the same. An error when the run was asked to
    /// stop.
    pub(super) fn spent(&self, progress: &Progress) -> Result<Option<Spent>, StreamError> {
        if self.runner.stop.is_set() {
            return Err(StreamError::Interrupted);
        }
        let spent = self.budget.spent(self.runner.outside.clock.monotonic());
        Ok(spent.filter(|_| progress.attempts.failed == 0))
    }

    /// Until when the stream is to be left alone; none when that is over. What lies further ahead than any wait can was
    /// stored by a clock that was wrong: it is brought near, so that it passes.
    fn not_before(
        &self,
        key: &StreamKey,
        stream: &StreamState,
        now: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>, StreamError> {
        let Some(stored) = stream.not_before else { return Ok(None) };
        let latest = after(now, LONGEST_WAIT);
        if stored > latest {
            self.runner.with_store(|store| store.set_not_before(key, Some(latest)))?;
        }
        Ok(Some(stored.min(latest)).filter(|not_before| *not_before > now))
    }

    /// Stores what a call gave.
    pub(super) fn commit(
        &self,
        target: &Target<'_>,
        begun: &Begun,
        fetched: Fetched<Page>,
        progress: &mut Progress,
    ) -> Result<(), StreamError> {
        let (rows, bytes) = (fetched.page.len() as u64, fetched.page.bytes());
        let partial = !fetched.page.gaps().is_empty();
        let (records, rejected) = records(target.task.capability, fetched.page);
        let delivery = Delivery {
            key: target.key,
            revision: begun.stream.revision,
            reading: begun.reading,
            at: begun.at,
            records: &records,
            rejected: &rejected,
            state: fetched.state.as_deref(),
            partial,
            asked: matches!(begun.what, Fetch::Follow(_)),
        };
        let committed = self.runner.with_store(|store| {
            self.expect_room(store, bytes)?;
            let committed = store.commit(&delivery)?;
            if begun.stream.not_before.is_some() {
                store.set_not_before(target.key, None)?;
            }
            Ok::<_, StoreError>(committed)
        })?;
        self.budget.stored(bytes);
        progress.moved = true;
        let summary = &mut progress.summary;
        summary.records += rows;
        summary.rejected += rejected.len() as u64;
        summary.changed += committed.changes.inserted + committed.changes.updated;
        self.observer.page(target.key, summary.records, summary.requests);
        Ok(())
    }

    /// What follows from a poll that has come to its end: which gaps last, what is gone.
    pub(super) fn settle(&self, target: &Target<'_>, progress: &mut Progress) -> Result<(), StreamError> {
        // A request that was not sent because the run was asked to stop is no gap.
        if self.runner.stop.is_set() && !progress.gaps.is_empty() {
            return Err(StreamError::Interrupted);
        }
        let (now, gaps) = (self.runner.outside.clock.now(), told(&progress.gaps));
        let snapshot = target.task.snapshot && !target.rests();
        let (gaps, settled) = self.runner.with_store(|store| {
            Ok::<_, StoreError>((store.note_gaps(target.key, &gaps, now)?, store.settle(target.key, snapshot, now)?))
        })?;
        let summary = &mut progress.summary;
        (summary.gaps, summary.left, summary.held) = (gaps, settled.left, settled.held);
        Ok(())
    }

    /// Whether the install may keep so many bytes more, and a word when it is nearly full.
    fn expect_room(&self, store: &dyn PollStore, bytes: u64) -> Result<(), StoreError> {
        let (install, most) = (&self.runner.install, self.runner.budgets.stored);
        let stored = store.stored_bytes(install)?;
        if stored.saturating_add(bytes) > most {
            return Err(StoreError::Full { install: install.clone(), stored, most });
        }
        if self.budget.tells_nearly_full(stored) {
            tracing::warn!(
                target: "harness::runner",
                "the install `{install}` keeps {stored} bytes of records, and may keep {most}"
            );
        }
        Ok(())
    }
}

/// Each gap once, as it was told last.
fn told(gaps: &[Gap]) -> Vec<NewGap> {
    let mut told: Vec<NewGap> = Vec::new();
    for gap in gaps {
        told.retain(|other| other.what != gap.what);
        told.push(NewGap {
            what: gap.what.clone(),
            error: describe(&gap.error),
            granted: !matches!(gap.error, Error::Forbidden(_)),
        });
    }
    told
}

pub(super) fn after(now: DateTime<Utc>, wait: Duration) -> DateTime<Utc> {
    let wait = TimeDelta::from_std(wait).unwrap_or(TimeDelta::MAX);
    now.checked_add_signed(wait).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

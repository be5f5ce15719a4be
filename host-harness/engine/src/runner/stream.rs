//! One stream's poll: page after page, each committed together with the state it leaves behind, then what follows from
//! the whole of it.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures::future;
use tracing::Instrument as _;

use super::call::{Begun, Target};
use super::{Poll, StreamError, StreamSummary};
use model::size::Size as _;
use model::{Capability, Error, Gap, Rejected, Task};
use outside::rate_limit::LONGEST_WAIT;
use sandbox::{CallError, Fetch, Fetched, Page, describe};
use store::{AccountKind, Delivery, Kept, NewGap, PageRecords, RunSummary, StoreError, StreamKey, StreamState};

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
        let (store, clock) = (&self.runner.store, &self.runner.outside.clock);
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
        match store.begin_run(&key, clock.now()) {
            Ok(run) => {
                let target = Target { task, parent, key: &key };
                summary.error = self.watched(&target, &mut summary).instrument(span).await.err();
                let finished = RunSummary {
                    records: summary.records,
                    rejected: summary.rejected,
                    requests: summary.requests,
                    error: summary.error.as_ref().map(ToString::to_string),
                    finished_at: clock.now(),
                };
                if let Err(error) = store.finish_run(run, &finished) {
                    summary.error.get_or_insert(error.into());
                }
            }
            Err(error) => summary.error = Some(error.into()),
        }
        self.observer.finished(&summary);
        Some(summary)
    }

    /// Whether so much time has passed as the task wants between two polls. What a clock that was ahead wrote down does not
    /// count.
    fn is_due(&self, task: &Task, key: &StreamKey) -> Result<bool, StoreError> {
        if task.min_period_seconds == 0 {
            return Ok(true);
        }
        let Some(completed) = self.runner.store.stream(key)?.completed_at else { return Ok(true) };
        let passed = self.runner.outside.clock.now().signed_duration_since(completed);
        Ok(passed < TimeDelta::zero() || passed >= TimeDelta::seconds(task.min_period_seconds.into()))
    }

    /// The pages of a stream, unless the install is suspended; an incident is remembered.
    async fn watched(&self, target: &Target<'_>, summary: &mut StreamSummary) -> Result<(), StreamError> {
        let runner = self.runner;
        if let Some(suspended) = runner.suspended()? {
            return Err(suspended.into());
        }
        let ended = self.whole(target, summary).await;
        if let Err(StreamError::Call(CallError::Refused(incident))) = &ended {
            let component = runner.connector.digest();
            tracing::warn!(target: "harness::authority", component, "incident: {incident}");
            runner.remember(Some(target.key), incident)?;
        }
        ended
    }

    /// All pages, once more where a gap may close by that, and what follows from them. Of a record that is gone only its
    /// open payments are looked at.
    async fn whole(&self, target: &Target<'_>, summary: &mut StreamSummary) -> Result<(), StreamError> {
        let mut gaps = Vec::new();
        let rests = target.parent.is_some_and(|parent| parent.is_gone);
        if !rests {
            if !self.pages(target, &mut gaps, summary).await? {
                return Ok(());
            }
            if let Some(pause) = self.runner.retry.pause(&gaps) {
                tell_once_more(&gaps, pause);
                self.wait(pause).await?;
                gaps.clear();
                self.runner.store.read_again(target.key)?;
                if !self.pages(target, &mut gaps, summary).await? {
                    return Ok(());
                }
            }
        }
        if target.task.follow {
            self.follow(target, &mut gaps, summary).await?;
        }
        self.settle(target, rests, &gaps, summary)
    }

    /// Pages until there are no more; false when the poll is at its budget before that.
    async fn pages(
        &self,
        target: &Target<'_>,
        gaps: &mut Vec<Gap>,
        summary: &mut StreamSummary,
    ) -> Result<bool, StreamError> {
        let (runner, mut moved) = (self.runner, false);
        loop {
            if self.is_spent(summary)? {
                return Ok(false);
            }
            let (stream, reading) = runner.store.begin_call(target.key)?;
            let now = runner.outside.clock.now();
            if let Some(not_before) = self.not_before(target.key, &stream, now)? {
                return Err(StreamError::NotBefore(not_before));
            }
            let observed_at = match (target.task.capability, target.parent) {
                (Capability::FetchBalances, Some(parent)) => parent.read_at,
                _ => now,
            };
            let what = Fetch::Page(target.task.capability);
            let begun = Begun { what, stream, reading, at: observed_at, moved };
            let fetched = match self.fetch(target, &begun, summary).await {
                Err(StreamError::RanOut(spent)) => {
                    summary.goes_on = Some(spent);
                    return Ok(false);
                }
                fetched => fetched?,
            };
            let has_more = fetched.page.has_more();
            gaps.extend_from_slice(fetched.page.gaps());
            self.commit(target, &begun, fetched, summary)?;
            moved = true;
            self.observer.page(target.key, summary.records, summary.requests);
            if !has_more {
                return Ok(true);
            }
        }
    }

    /// True when the poll is at its budget. An error when the run was asked to stop.
    pub(super) fn is_spent(&self, summary: &mut StreamSummary) -> Result<bool, StreamError> {
        if self.runner.stop.is_set() {
            return Err(StreamError::Interrupted);
        }
        summary.goes_on = self.budget.spent(self.runner.outside.clock.monotonic());
        Ok(summary.goes_on.is_some())
    }

    /// Waits, unless the run is asked to stop.
    pub(super) async fn wait(&self, pause: Duration) -> Result<(), StreamError> {
        let runner = self.runner;
        future::select(runner.outside.clock.sleep(pause), Box::pin(runner.stop.wait())).await;
        if runner.stop.is_set() { Err(StreamError::Interrupted) } else { Ok(()) }
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
            self.runner.store.set_not_before(key, Some(latest))?;
        }
        Ok(Some(stored.min(latest)).filter(|not_before| *not_before > now))
    }

    pub(super) fn commit(
        &self,
        target: &Target<'_>,
        begun: &Begun,
        fetched: Fetched<Page>,
        summary: &mut StreamSummary,
    ) -> Result<(), StreamError> {
        let (rows, bytes) = (fetched.page.len() as u64, fetched.page.bytes());
        self.expect_room(bytes)?;
        let partial = !fetched.page.gaps().is_empty();
        let (records, rejected) = records(target.task.capability, fetched.page);
        let store = &self.runner.store;
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
        let committed = store.commit(&delivery)?;
        if begun.stream.not_before.is_some() {
            store.set_not_before(target.key, None)?;
        }
        self.budget.stored(bytes);
        summary.records += rows;
        summary.rejected += rejected.len() as u64;
        summary.changed += committed.changes.inserted + committed.changes.updated;
        Ok(())
    }

    /// What follows from a poll that has come to its end: which gaps last, what is gone.
    fn settle(
        &self,
        target: &Target<'_>,
        rests: bool,
        gaps: &[Gap],
        summary: &mut StreamSummary,
    ) -> Result<(), StreamError> {
        let (store, now) = (&self.runner.store, self.runner.outside.clock.now());
        // A request that was not sent because the run was asked to stop is no gap.
        if self.runner.stop.is_set() && !gaps.is_empty() {
            return Err(StreamError::Interrupted);
        }
        summary.gaps = store.note_gaps(target.key, &told(gaps), now)?;
        let settled = store.settle(target.key, target.task.snapshot && !rests, now)?;
        (summary.left, summary.held) = (settled.left, settled.held);
        Ok(())
    }

    /// Whether the install may keep so many bytes more, and a word when it is nearly full.
    fn expect_room(&self, bytes: u64) -> Result<(), StoreError> {
        let (install, most) = (&self.runner.install, self.runner.budgets.stored);
        let stored = self.runner.store.stored_bytes(install)?;
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

/// Nobody should wonder what a poll waits for.
fn tell_once_more(gaps: &[Gap], pause: Duration) {
    let what: Vec<String> = told(gaps).into_iter().map(|gap| format!("{}: {}", gap.what, gap.error)).collect();
    let (what, millis) = (what.join("; "), pause.as_millis());
    tracing::warn!(target: "harness::runner", "missing so far: {what}; reading once more in {millis} ms");
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

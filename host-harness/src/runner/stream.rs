//! One stream's poll: page after page, each committed together with the state it leaves behind.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures::future;

use super::retry::Verdict;
use super::{Poll, StreamError, StreamSummary};
use crate::contract::{Account, Capability, Error, FetchRequest, Rejected, Task, Timestamp};
use crate::rate_limit::LONGEST_WAIT;
use crate::sandbox::{CallError, Fetch, Fetched, Page};
use crate::size::Size as _;
use crate::store::{AccountKind, PageRecords, RunSummary, StoreError, StreamKey, StreamState};
use crate::transport::TransportError;
use crate::validate;

/// A page as the store takes it: its records, and the rows it rejected.
pub(crate) fn records(capability: Capability, page: Page) -> (PageRecords, Vec<Rejected>) {
    match page {
        Page::Accounts(page) => {
            let own = capability == Capability::FetchAccounts;
            let kind = if own { AccountKind::Internal } else { AccountKind::External };
            (PageRecords::Accounts { kind, items: page.items }, page.rejected)
        }
        Page::Balances(page) => (PageRecords::Balances(page.items), page.rejected),
        Page::Payments(page) => (PageRecords::Payments { items: page.items, withdrawn: page.withdrawn }, page.rejected),
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
    /// Polls one stream to its end, and notes in the run log how it went.
    pub(super) async fn stream(&self, task: &Task, parent: Option<(&Account, DateTime<Utc>)>) -> StreamSummary {
        let key = self.runner.key(task, parent.map(|(account, _)| account));
        let mut summary = StreamSummary::new(key.clone());
        if self.is_refused() {
            summary.error = Some(StreamError::CredentialsRefused);
            self.observer.finished(&summary);
            return summary;
        }
        let (store, clock) = (&self.runner.store, &self.runner.outside.clock);
        match store.begin_run(&key, clock.now()) {
            Ok(run) => {
                summary.error = self.watched(task, parent, &key, &mut summary).await.err();
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
        summary
    }

    /// The pages of a stream, unless the install is suspended; an incident is remembered.
    async fn watched(
        &self,
        task: &Task,
        parent: Option<(&Account, DateTime<Utc>)>,
        key: &StreamKey,
        summary: &mut StreamSummary,
    ) -> Result<(), StreamError> {
        let runner = self.runner;
        if let Some(suspended) = runner.suspended()? {
            return Err(suspended.into());
        }
        let ended = self.pages(task, parent, key, summary).await;
        if let Err(StreamError::Call(CallError::Refused(incident))) = &ended {
            let component = runner.connector.digest();
            tracing::warn!(target: "harness::authority", stream = %key, component, "incident: {incident}");
            runner.remember(Some(key), incident)?;
        }
        ended
    }

    async fn pages(
        &self,
        task: &Task,
        parent: Option<(&Account, DateTime<Utc>)>,
        key: &StreamKey,
        summary: &mut StreamSummary,
    ) -> Result<(), StreamError> {
        let runner = self.runner;
        loop {
            if runner.stop.is_set() {
                return Err(StreamError::Interrupted);
            }
            if let Some(spent) = self.budget.spent(runner.outside.clock.monotonic()) {
                summary.goes_on = Some(spent);
                return Ok(());
            }
            let stream = runner.store.stream(key)?;
            let now = runner.outside.clock.now();
            if let Some(not_before) = self.not_before(key, &stream, now)? {
                return Err(StreamError::NotBefore(not_before));
            }
            let observed_at = match (task.capability, parent) {
                (Capability::FetchBalances, Some((_, read_at))) => read_at,
                _ => now,
            };
            let account = parent.map(|(account, _)| account);
            let fetched = self.fetch(task, account, key, &stream, observed_at, summary).await?;
            let has_more = fetched.page.has_more();
            self.commit(task, key, &stream, fetched, observed_at, summary)?;
            self.observer.page(key, summary.records, summary.requests);
            if !has_more {
                return Ok(());
            }
        }
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

    /// One page that keeps the contract, after as many calls as the retry policy allows.
    async fn fetch(
        &self,
        task: &Task,
        parent: Option<&Account>,
        key: &StreamKey,
        stream: &StreamState,
        observed_at: DateTime<Utc>,
        summary: &mut StreamSummary,
    ) -> Result<Fetched<Page>, StreamError> {
        let runner = self.runner;
        let mut waited = Duration::ZERO;
        for attempt in 1.. {
            let request = FetchRequest {
                config: runner.config.clone(),
                page_size: runner.page_size,
                observed_at: Timestamp {
                    seconds: observed_at.timestamp(),
                    nanoseconds: observed_at.timestamp_subsec_nanos().min(999_999_999),
                },
            };
            let what = Fetch::of(task.capability, parent)
                .ok_or_else(|| CallError::Breach("its workflow has balances or payments without an account".into()))?;
            let called = runner.connector.fetch(&self.outside, stream.state.clone(), request, what).await;
            summary.requests = summary.requests.saturating_add(called.report.requests.into());
            self.budget.called(called.report.requests);
            let error = match called.result {
                Ok(fetched) => {
                    validate::fetched(&fetched, parent, stream.state.as_deref())
                        .and_then(|()| validate::proportion(&fetched.page, parent, called.report.answered))
                        .map_err(CallError::Breach)?;
                    return Ok(fetched);
                }
                Err(error) => error,
            };
            if let Some(ended) = not_sent(&error) {
                return Err(ended);
            }
            match runner.retry.judge(&error, attempt, waited, fastrand::f64()) {
                Verdict::Again(wait) => {
                    tell_again(key, &error, wait);
                    waited = waited.saturating_add(wait);
                    future::select(runner.outside.clock.sleep(wait), Box::pin(runner.stop.wait())).await;
                    if runner.stop.is_set() {
                        return Err(StreamError::Interrupted);
                    }
                }
                Verdict::GiveUp => return Err(error.into()),
                Verdict::GiveUpFor(wait) => {
                    let until = after(runner.outside.clock.now(), wait);
                    runner.store.set_not_before(key, Some(until))?;
                    return Err(if is_withheld(&error) { StreamError::NotBefore(until) } else { error.into() });
                }
            }
        }
        Err(StreamError::Interrupted)
    }

    fn commit(
        &self,
        task: &Task,
        key: &StreamKey,
        stream: &StreamState,
        fetched: Fetched<Page>,
        observed_at: DateTime<Utc>,
        summary: &mut StreamSummary,
    ) -> Result<(), StreamError> {
        let (rows, bytes) = (fetched.page.len() as u64, fetched.page.bytes());
        self.expect_room(bytes)?;
        let (records, rejected) = records(task.capability, fetched.page);
        let store = &self.runner.store;
        let state = fetched.state.as_deref();
        let committed = store.commit(key, stream.revision, &records, &rejected, state, observed_at)?;
        if stream.not_before.is_some() {
            store.set_not_before(key, None)?;
        }
        self.budget.stored(bytes);
        summary.records += rows;
        summary.rejected += rejected.len() as u64;
        summary.changed += committed.changes.inserted + committed.changes.updated;
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

/// Why a call ended that could not send its request for a reason which holds for the whole poll.
fn not_sent(error: &CallError) -> Option<StreamError> {
    let CallError::Connector { failure, .. } = error else { return None };
    match failure {
        Some(TransportError::Stopped) => Some(StreamError::Interrupted),
        Some(TransportError::CredentialsRefused) => Some(StreamError::CredentialsRefused),
        _ => None,
    }
}

/// True when nothing was sent, since the provider had asked others for a pause.
fn is_withheld(error: &CallError) -> bool {
    matches!(error, CallError::Connector { failure: Some(TransportError::Withheld { .. }), .. })
}

/// A pause that was told when it began is not told by each stream that waits for its end.
fn tell_again(key: &StreamKey, error: &CallError, wait: Duration) {
    let millis = wait.as_millis();
    if is_withheld(error) {
        tracing::debug!(target: "harness::runner", stream = %key, "{error}; trying again in {millis} ms");
    } else {
        tracing::warn!(target: "harness::runner", stream = %key, "{error}; trying again in {millis} ms");
    }
}

fn after(now: DateTime<Utc>, wait: Duration) -> DateTime<Utc> {
    let wait = TimeDelta::from_std(wait).unwrap_or(TimeDelta::MAX);
    now.checked_add_signed(wait).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

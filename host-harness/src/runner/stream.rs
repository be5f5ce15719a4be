//! One stream's poll: page after page, each committed together with the state it leaves behind.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures::future;

use super::retry::Verdict;
use super::{Poll, StreamError, StreamSummary};
use crate::contract::{Account, Capability, Error, FetchRequest, Rejected, Task, Timestamp};
use crate::sandbox::{CallError, Fetch, Fetched, Page};
use crate::store::{AccountKind, PageRecords, RunSummary, StreamKey, StreamState};
use crate::validate;

/// A history of fifty million rows at 100 a page has half as many.
const PAGES_PER_POLL: u64 = 1_000_000;

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
        let mut summary =
            StreamSummary { stream: key.clone(), records: 0, changed: 0, rejected: 0, requests: 0, error: None };
        let (store, clock) = (&self.runner.store, &self.runner.outside.clock);
        match store.begin_run(&key, clock.now()) {
            Ok(run) => {
                summary.error = self.pages(task, parent, &key, &mut summary).await.err();
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

    async fn pages(
        &self,
        task: &Task,
        parent: Option<(&Account, DateTime<Utc>)>,
        key: &StreamKey,
        summary: &mut StreamSummary,
    ) -> Result<(), StreamError> {
        let runner = self.runner;
        for _ in 0..PAGES_PER_POLL {
            if runner.stop.is_set() {
                return Err(StreamError::Interrupted);
            }
            let stream = runner.store.stream(key)?;
            let now = runner.outside.clock.now();
            if let Some(not_before) = stream.not_before.filter(|not_before| *not_before > now) {
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
        Err(StreamError::TooManyPages(PAGES_PER_POLL))
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
                    nanoseconds: observed_at.timestamp_subsec_nanos(),
                },
            };
            let what = Fetch::of(task.capability, parent)
                .ok_or_else(|| CallError::Breach("its workflow has balances or payments without an account".into()))?;
            let called = runner.connector.fetch(&runner.outside, stream.state.clone(), request, what).await;
            summary.requests += u64::from(called.report.requests);
            let error = match called.result {
                Ok(fetched) => {
                    validate::fetched(&fetched, parent, stream.state.as_deref())
                        .map_err(|breach| CallError::Breach(breach.to_string()))?;
                    return Ok(fetched);
                }
                Err(error) => error,
            };
            match runner.retry.judge(&error, attempt, waited, fastrand::f64()) {
                Verdict::Again(wait) => {
                    tracing::warn!(stream = %key, "{error}; trying again in {} ms", wait.as_millis());
                    waited += wait;
                    future::select(runner.outside.clock.sleep(wait), Box::pin(runner.stop.wait())).await;
                    if runner.stop.is_set() {
                        return Err(error.into());
                    }
                }
                Verdict::GiveUp => return Err(error.into()),
                Verdict::GiveUpFor(wait) => {
                    let until =
                        TimeDelta::from_std(wait).ok().and_then(|w| runner.outside.clock.now().checked_add_signed(w));
                    runner.store.set_not_before(key, until)?;
                    return Err(error.into());
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
        let rows = fetched.page.len() as u64;
        let (records, rejected) = records(task.capability, fetched.page);
        let store = &self.runner.store;
        let state = fetched.state.as_deref();
        let committed = store.commit(key, stream.revision, &records, &rejected, state, observed_at)?;
        if stream.not_before.is_some() {
            store.set_not_before(key, None)?;
        }
        summary.records += rows;
        summary.rejected += rejected.len() as u64;
        summary.changed += committed.changes.inserted + committed.changes.updated;
        Ok(())
    }
}

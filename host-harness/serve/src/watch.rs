//! What becomes of the polls: counted for whoever measures, and told to whoever waits for news.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use engine::runner::{Observer, PollSummary, StreamSummary};
use engine::schedule::{NotPolled, Watcher};
use outside::clock::Clock as _;
use outside::clock::SystemClock;
use store::StreamKey;
use tokio::sync::watch;

/// What is known of an install since the server started.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Known {
    /// When its last poll ended.
    pub(crate) ended_at: Option<DateTime<Utc>>,
    /// Why it was not polled, or which streams failed; none when all went well.
    pub(crate) error: Option<String>,
    /// Polls that ended.
    pub(crate) polls: u64,
    /// Polls with an error.
    pub(crate) failures: u64,
    /// Records that came.
    pub(crate) records: u64,
    /// Rows that could not be mapped.
    pub(crate) rejected: u64,
    /// Requests that were sent.
    pub(crate) requests: u64,
}

/// Watches the polls.
pub(crate) struct Watch {
    known: Mutex<BTreeMap<String, Known>>,
    news: watch::Sender<u64>,
}

impl Watch {
    pub(crate) fn new() -> (Self, watch::Receiver<u64>) {
        let (news, receiver) = watch::channel(0);
        (Self { known: Mutex::default(), news }, receiver)
    }

    /// Something may have been stored.
    pub(crate) fn tell(&self) {
        self.news.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// What is known of each install.
    pub(crate) fn known(&self) -> BTreeMap<String, Known> {
        self.lock().clone()
    }

    /// What is known of an install.
    pub(crate) fn of(&self, install: &str) -> Known {
        self.lock().get(install).cloned().unwrap_or_default()
    }

    /// Nothing is known of an install that is gone.
    pub(crate) fn forget(&self, install: &str) {
        self.lock().remove(install);
        self.tell();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for Watch {
    fn page(&self, _: &StreamKey, _: u64, _: u64) {
        self.tell();
    }

    fn finished(&self, _: &StreamSummary) {
        self.tell();
    }
}

impl Watcher for Watch {
    fn began(&self, install: &str, late: Duration) {
        tracing::debug!(target: "harness::serve", install, late_ms = late.as_millis(), "poll begins");
        self.tell();
    }

    fn ended(&self, install: &str, ended: Result<&PollSummary, &NotPolled>) {
        let error = match ended {
            Ok(summary) => failures(summary),
            Err(error) => Some(error.to_string()),
        };
        if let Some(error) = &error {
            tracing::warn!(target: "harness::serve", install, "{error}");
        }
        let mut lock = self.lock();
        let known = lock.entry(install.to_owned()).or_default();
        known.polls += 1;
        known.failures += u64::from(error.is_some());
        known.ended_at = Some(SystemClock.now());
        known.error = error;
        for stream in ended.map(|summary| summary.streams.as_slice()).unwrap_or_default() {
            known.records = known.records.saturating_add(stream.records);
            known.rejected = known.rejected.saturating_add(stream.rejected);
            known.requests = known.requests.saturating_add(stream.requests);
        }
        drop(lock);
        self.tell();
    }
}

/// What failed in a poll, each reason once.
fn failures(summary: &PollSummary) -> Option<String> {
    let mut told: Vec<String> = Vec::new();
    for stream in &summary.streams {
        if let Some(error) = &stream.error {
            let error = error.to_string();
            if !told.contains(&error) {
                told.push(error);
            }
        }
    }
    (!told.is_empty()).then(|| told.join("; "))
}

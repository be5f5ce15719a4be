//! What becomes of the polls: counted for whoever measures, and told to whoever waits for news.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use engine::runner::{Observer, PollSummary, StreamError, StreamSummary};
use engine::schedule::{NotPolled, Watcher};
use outside::clock::Clock as _;
use outside::clock::SystemClock;
use store::StreamKey;
use tokio::sync::watch;

use crate::setback::{Setback, Way};

/// What stands in the way of an install's polls, as far as this process has seen it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Setbacks {
    /// Of all of it: nothing was polled.
    pub(crate) whole: Option<Setback>,
    /// Of the streams that failed when they were polled last, by their names.
    pub(crate) streams: BTreeMap<String, Setback>,
}

/// What is known of an install since the server started.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Known {
    /// When its last poll ended.
    pub(crate) ended_at: Option<DateTime<Utc>>,
    /// What stands in the way.
    pub(crate) setbacks: Setbacks,
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
        let failed = match ended {
            Ok(summary) => summary.failed().next().is_some(),
            Err(_) => true,
        };
        let mut lock = self.lock();
        let known = lock.entry(install.to_owned()).or_default();
        known.polls += 1;
        known.failures += u64::from(failed);
        known.ended_at = Some(SystemClock.now());
        known.setbacks.take_in(install, ended);
        for stream in ended.map(|summary| summary.streams.as_slice()).unwrap_or_default() {
            known.records = known.records.saturating_add(stream.records);
            known.rejected = known.rejected.saturating_add(stream.rejected);
            known.requests = known.requests.saturating_add(stream.requests);
        }
        drop(lock);
        self.tell();
    }
}

impl Setbacks {
    fn take_in(&mut self, install: &str, ended: Result<&PollSummary, &NotPolled>) {
        self.whole = ended.err().map(Setback::of_poll);
        if let Some(setback) = &self.whole {
            tracing::warn!(target: "harness::serve", install, "{}", setback.told);
        }
        let streams = ended.map(|summary| summary.streams.as_slice()).unwrap_or_default();
        let calls = streams
            .iter()
            .filter_map(|stream| stream.error.as_ref())
            .filter(|error| matches!(error, StreamError::Call(_)));
        let refused = calls.map(Setback::of_stream).find(|setback| setback.way == Way::Credentials);
        let mut told = BTreeSet::new();
        for stream in streams {
            let name = stream.stream.to_string();
            let setback = match &stream.error {
                // One that was interrupted goes on from where it was: nothing failed.
                None | Some(StreamError::Interrupted) => None,
                // It was not asked for, since another one was refused: that is what happened.
                Some(StreamError::CredentialsRefused) if refused.is_some() => refused.clone(),
                Some(error) => Some(Setback::of_stream(error)),
            };
            match setback {
                None => self.streams.remove(&name),
                Some(setback) => {
                    if told.insert(setback.clone()) {
                        tracing::warn!(target: "harness::serve", install, stream = name, "{}", setback.told);
                    }
                    self.streams.insert(name, setback)
                }
            };
        }
    }
}

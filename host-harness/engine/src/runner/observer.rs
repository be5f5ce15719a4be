//! What whoever runs a poll hears of it while it runs.

use std::fmt;
use std::time::Duration;

use super::StreamSummary;
use sandbox::CallError;
use store::{NewGap, StreamKey};

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

    /// Something is about to be tried again.
    fn again(&self, again: &Again<'_>) {
        let _ = again;
    }
}

/// What is tried again, after a wait.
#[derive(Debug, Clone, Copy)]
pub struct Again<'a> {
    /// The stream; none for the look at whose data it is.
    pub stream: Option<&'a StreamKey>,
    /// Why.
    pub setback: Setback<'a>,
    /// How long it waits first.
    pub wait: Duration,
    /// How often at most, this time included.
    pub times: u32,
}

/// Why something is tried again.
#[derive(Debug, Clone, Copy)]
pub enum Setback<'a> {
    /// A call failed.
    Failed(&'a CallError),
    /// These are missing after a whole reading of the stream.
    Missing(&'a [NewGap]),
}

impl fmt::Display for Setback<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(error) => write!(f, "{error}"),
            Self::Missing(gaps) => {
                let gaps: Vec<String> = gaps.iter().map(|gap| format!("{}: {}", gap.what, gap.error)).collect();
                write!(f, "missing so far: {}", gaps.join("; "))
            }
        }
    }
}

impl Again<'_> {
    pub(super) fn tell(&self, observer: &dyn Observer) {
        let millis = self.wait.as_millis();
        tracing::info!(target: "harness::runner", "{}; trying again in {millis} ms", self.setback);
        observer.again(self);
    }
}

/// Nobody listens.
impl Observer for () {}

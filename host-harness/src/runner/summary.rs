//! What became of a poll.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value, json};

use crate::sandbox::CallError;
use crate::store::{StoreError, StreamKey};

/// Why a stream's poll did not come to its end. What was committed before stays.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// A call failed.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The store could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The provider asked to be left alone.
    #[error("not polled: the provider asked not to be called before {}", .0.to_rfc3339_opts(SecondsFormat::Secs, true))]
    NotBefore(DateTime<Utc>),
    /// Another stream of this poll found the credentials refused; each refusal brings the provider's lock-out nearer.
    #[error("not polled: the provider refused the credentials a moment ago")]
    CredentialsRefused,
    /// More pages than any history has.
    #[error("stopped after {0} pages in one poll: the connector does not come to an end")]
    TooManyPages(u64),
    /// The run was asked to stop; the next one goes on where this one ended.
    #[error("interrupted: the next poll goes on from here")]
    Interrupted,
}

impl StreamError {
    /// True when the connector broke the contract or a limit.
    #[must_use]
    pub fn is_connectors_fault(&self) -> bool {
        match self {
            Self::Call(error) => error.is_connectors_fault(),
            Self::TooManyPages(_) => true,
            _ => false,
        }
    }
}

/// What one stream's poll did.
#[derive(Debug)]
pub struct StreamSummary {
    /// The stream.
    pub stream: StreamKey,
    /// Records received.
    pub records: u64,
    /// Of these, records that were new or changed.
    pub changed: u64,
    /// Rows the connector rejected.
    pub rejected: u64,
    /// Requests sent, retries included.
    pub requests: u64,
    /// Why it ended early, if it did.
    pub error: Option<StreamError>,
}

/// What one poll did, stream by stream.
#[derive(Debug, Default)]
pub struct PollSummary {
    /// In the order in which they ended.
    pub streams: Vec<StreamSummary>,
}

impl PollSummary {
    /// An object with a key per stream: records, rejected, requests and error (or null).
    #[must_use]
    pub fn to_json(&self) -> Value {
        let stream = |summary: &StreamSummary| {
            let fields = json!({
                "records": summary.records,
                "rejected": summary.rejected,
                "requests": summary.requests,
                "error": summary.error.as_ref().map(ToString::to_string),
            });
            (summary.stream.to_string(), fields)
        };
        Value::Object(self.streams.iter().map(stream).collect::<Map<_, _>>())
    }

    /// The streams that did not come to their end.
    pub fn failed(&self) -> impl Iterator<Item = &StreamSummary> {
        self.streams.iter().filter(|summary| summary.error.is_some())
    }
}

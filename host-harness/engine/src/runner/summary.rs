//! What became of a poll.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value, json};

use super::Spent;
use model::shown::one_line;
use outside::authority::KeyringError;
use sandbox::{Blame, CallError};
use store::{LastingGap, StoreError, StreamKey, Subject, Suspended};

/// Why nothing was polled.
#[derive(Debug, thiserror::Error)]
pub enum PollError {
    /// The store could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The install is suspended.
    #[error(transparent)]
    Suspended(#[from] Suspended),
    /// What the operator agreed to is no longer what this runner was started with.
    #[error("what the install was granted was changed or taken back since this run began")]
    Granted,
    /// A secret cannot be had.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// Nobody can say whose data the credentials lead to.
    #[error("the credentials cannot be checked: {0}")]
    Check(CallError),
    /// The run was asked to stop before it polled.
    #[error("interrupted: nothing was polled")]
    Interrupted,
    /// The credentials lead to another's data than those that the install holds.
    #[error(
        "the install holds the data of {}, and the credentials lead to those of {}; another organisation needs an install \
         of its own",
        words(bound),
        words(found)
    )]
    OtherSubject {
        /// Whose data it holds.
        bound: Subject,
        /// Whose data it would get.
        found: Subject,
    },
}

fn words(subject: &Subject) -> String {
    let reference = one_line(&subject.reference);
    subject.name.as_ref().map_or_else(|| reference.clone(), |name| format!("{} ({reference})", one_line(name)))
}

impl PollError {
    /// Whether another poll may go better by itself.
    #[must_use]
    pub fn passes(&self) -> bool {
        matches!(self, Self::Keyring(_)) || matches!(self, Self::Check(_)) && self.blame() == Blame::Provider
    }

    /// Whose fault it is.
    #[must_use]
    pub fn blame(&self) -> Blame {
        match self {
            Self::Store(_) | Self::Interrupted => Blame::Host,
            Self::Suspended(_) => Blame::Connector,
            Self::Granted | Self::Keyring(_) | Self::OtherSubject { .. } => Blame::Operator,
            Self::Check(error) => error.blame(),
        }
    }
}

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
    /// What the component tried meanwhile has suspended the install.
    #[error(transparent)]
    Suspended(#[from] Suspended),
    /// The run was asked to stop; the next one goes on where this one ended.
    #[error("interrupted: the next poll goes on from here")]
    Interrupted,
}

impl StreamError {
    /// Whose fault it is.
    #[must_use]
    pub fn blame(&self) -> Blame {
        match self {
            Self::Call(error) => error.blame(),
            Self::Suspended(_) => Blame::Connector,
            Self::NotBefore(_) | Self::CredentialsRefused => Blame::Provider,
            Self::Store(_) | Self::Interrupted => Blame::Host,
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
    /// The budget that the poll was at before this stream had come to its end. No failure: the next poll goes on.
    pub goes_on: Option<Spent>,
    /// What it did not read, while it read the rest.
    pub gaps: Vec<LastingGap>,
    /// Records that the provider no longer has, and that were marked so.
    pub left: u64,
    /// Records of which the same was said, and which are so many that the operator has to say whether it is true.
    pub held: u64,
}

impl StreamSummary {
    /// Of a stream that begins.
    pub(super) fn new(stream: StreamKey) -> Self {
        Self {
            stream,
            records: 0,
            changed: 0,
            rejected: 0,
            requests: 0,
            error: None,
            goes_on: None,
            gaps: Vec::new(),
            left: 0,
            held: 0,
        }
    }
}

fn gap(gap: &LastingGap) -> Value {
    json!({
        "what": gap.what,
        "error": gap.error,
        "since": gap.since.to_rfc3339_opts(SecondsFormat::Secs, true),
    })
}

/// What one poll did, stream by stream.
#[derive(Debug, Default)]
pub struct PollSummary {
    /// In the order in which they ended.
    pub streams: Vec<StreamSummary>,
}

impl PollSummary {
    /// An object with a key per stream: records, rejected, requests, error (or null), goesOn: null, or which budget the
    /// poll was at before the stream had come to its end; gaps: what it did not read, why, and since when; left and held:
    /// records that the provider no longer has, and those of which the operator has to say so.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let stream = |summary: &StreamSummary| {
            let fields = json!({
                "records": summary.records,
                "rejected": summary.rejected,
                "requests": summary.requests,
                "error": summary.error.as_ref().map(ToString::to_string),
                "goesOn": summary.goes_on.map(|spent| spent.to_string()),
                "gaps": summary.gaps.iter().map(gap).collect::<Vec<_>>(),
                "left": summary.left,
                "held": summary.held,
            });
            (summary.stream.to_string(), fields)
        };
        Value::Object(self.streams.iter().map(stream).collect::<Map<_, _>>())
    }

    /// The gaps that last for so long that somebody should look.
    pub fn lasting_gaps(&self) -> impl Iterator<Item = &LastingGap> {
        self.streams.iter().flat_map(|summary| &summary.gaps).filter(|gap| gap.lasts)
    }

    /// The streams that did not come to their end.
    pub fn failed(&self) -> impl Iterator<Item = &StreamSummary> {
        self.streams.iter().filter(|summary| summary.error.is_some())
    }
}

//! How polls went.

use std::fmt;

use model::{Capability, Error, Gap};
use sandbox::{CallError, Called, Fetched, Page, describe};
use store::StreamKey;

/// What a call gave, or what it says of what it did not read: a page with a gap is no more than a page that tells an error.
///
/// # Errors
/// How the call failed, or its first gap.
pub fn told(called: &Called<Fetched<Page>>) -> Result<&Fetched<Page>, CallError> {
    match &called.result {
        Err(error) => Err(error.clone()),
        Ok(fetched) => match fetched.page.gaps().first() {
            Some(gap) => Err(CallError::Connector { error: gap.error.clone(), failure: None }),
            None => Ok(fetched),
        },
    }
}

/// Why the poll of a stream ended early.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// A call failed.
    Call(CallError),
    /// It came to its end, and said that something is missing.
    Gap(Gap),
    /// It said again and again that there was more.
    Endless(u32),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(error) => error.fmt(f),
            Self::Gap(gap) => write!(f, "{} were not read: {}", gap.what, describe(&gap.error)),
            Self::Endless(calls) => write!(f, "the poll had no end after {calls} calls"),
        }
    }
}

impl Fault {
    /// The connector's own error, when that is what it was.
    #[must_use]
    pub fn error(&self) -> Option<&Error> {
        match self {
            Self::Call(CallError::Connector { error, .. }) | Self::Gap(Gap { error, .. }) => Some(error),
            _ => None,
        }
    }

    /// True when the connector answered with a typed error of the contract, as it should when the provider fails.
    #[must_use]
    pub fn is_typed(&self) -> bool {
        self.error().is_some()
    }
}

/// The name of an error's case: `rate-limited`.
#[must_use]
pub fn case(error: &Error) -> &'static str {
    match error {
        Error::InvalidConfig(_) => "invalid-config",
        Error::Unauthorized(_) => "unauthorized",
        Error::ActionRequired(_) => "action-required",
        Error::Forbidden(_) => "forbidden",
        Error::NotFound(_) => "not-found",
        Error::RateLimited(_) => "rate-limited",
        Error::Unavailable(_) => "unavailable",
        Error::MalformedResponse(_) => "malformed-response",
        Error::UpstreamRejected(_) => "upstream-rejected",
        Error::InvalidState(_) => "invalid-state",
        Error::InvalidParent(_) => "invalid-parent",
        Error::Unsupported(_) => "unsupported",
        Error::NoProgress(_) => "no-progress",
        Error::Other(_) => "other",
    }
}

impl Fault {
    /// What a poll that came to its end with these gaps lacks. What the credentials do not lead to is told, and is no
    /// fault.
    #[must_use]
    pub fn of_gaps(gaps: &[Gap]) -> Option<Self> {
        gaps.iter().find(|gap| !matches!(gap.error, Error::Forbidden(_))).cloned().map(Self::Gap)
    }
}

/// How the poll of one stream went.
#[derive(Debug, Clone)]
pub struct StreamPoll {
    /// The stream.
    pub key: StreamKey,
    /// What it fetches.
    pub capability: Capability,
    /// Whether its task is not to be polled at each poll.
    pub seldom: bool,
    /// Pages committed.
    pub pages: u32,
    /// Records and rejected rows in them.
    pub rows: u64,
    /// Those that changed something.
    pub changed: u64,
    /// Requests made.
    pub requests: u32,
    /// What it says that it did not read.
    pub gaps: Vec<Gap>,
    /// Why it ended early.
    pub fault: Option<Fault>,
}

impl StreamPoll {
    /// Whether it says that something is missing, if only what the credentials do not lead to.
    #[must_use]
    pub fn tells(&self) -> bool {
        !self.gaps.is_empty() || self.fault.as_ref().is_some_and(Fault::is_typed)
    }
}

/// How a poll went.
#[derive(Debug, Clone, Default)]
pub struct Poll {
    /// Its streams, in the order in which they ran.
    pub streams: Vec<StreamPoll>,
}

impl Poll {
    /// The first stream that failed.
    #[must_use]
    pub fn failed(&self) -> Option<&StreamPoll> {
        self.streams.iter().find(|stream| stream.fault.is_some())
    }

    /// Records and rejected rows of all streams.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.streams.iter().map(|stream| stream.rows).sum()
    }

    /// Those that changed something.
    #[must_use]
    pub fn changed(&self) -> u64 {
        self.streams.iter().map(|stream| stream.changed).sum()
    }

    /// Requests of the streams that are polled at each poll: those that run seldom may read their lists whole.
    #[must_use]
    pub fn usual_requests(&self) -> u32 {
        self.streams.iter().filter(|stream| !stream.seldom).map(|stream| stream.requests).sum()
    }

    /// Requests of all streams.
    #[must_use]
    pub fn requests(&self) -> u32 {
        self.streams.iter().map(|stream| stream.requests).sum()
    }
}

//! What a caller gets.

use serde_json::{Value, json};

use crate::call::BadCall;
use crate::contract::payments::connector::types::Error;
use crate::spelling::spelled;

/// An answer of the service: JSON with a status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Seconds after which to ask again, where the provider says so.
    pub retry_after: Option<u64>,
    /// The body.
    pub body: Value,
}

impl Answer {
    /// A success.
    #[must_use]
    pub fn of(body: Value) -> Self {
        Self { status: 200, retry_after: None, body }
    }

    /// A failure of the service's own, in words.
    #[must_use]
    pub fn refusal(status: u16, message: &str) -> Self {
        Self { status, retry_after: None, body: json!({ "error": { "kind": "service", "message": message } }) }
    }

    /// What the connector answered with in the place of a page. Who acts next is in the status: 400 the caller, 500 whoever
    /// runs the service, 429 and 503 nobody yet, 502 somebody at the provider.
    #[must_use]
    pub fn failed(error: &Error) -> Self {
        let (status, retry_after) = match error {
            Error::InvalidState(_) | Error::InvalidParent(_) | Error::Unsupported(_) => (400, None),
            Error::InvalidConfig(_) => (500, None),
            Error::RateLimited(detail) => (429, detail.retry_after_seconds),
            Error::Unavailable(detail) => (503, detail.retry_after_seconds),
            Error::Unauthorized(_)
            | Error::ActionRequired(_)
            | Error::Forbidden(_)
            | Error::NotFound(_)
            | Error::MalformedResponse(_)
            | Error::UpstreamRejected(_)
            | Error::NoProgress(_)
            | Error::Other(_) => (502, None),
        };
        match spelled(&json!({ "error": error })) {
            Ok(body) => Self { status, retry_after, body },
            Err(error) => Self::refusal(500, &error.to_string()),
        }
    }
}

impl From<BadCall> for Answer {
    fn from(bad: BadCall) -> Self {
        Self::refusal(400, &bad.to_string())
    }
}

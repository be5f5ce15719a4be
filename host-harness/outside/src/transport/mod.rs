//! HTTP as it passes between the sandbox and whatever answers: the network, a recording, a simulator.
//!
//! Messages are whole: a page of a payments API is small, and the host has to see all of an answer before the connector
//! does, to keep secrets out of it.

pub mod authenticated;
mod exchange;
#[cfg(not(target_family = "wasm"))]
pub mod live;
#[cfg(not(target_family = "wasm"))]
pub mod recording;
#[cfg(not(target_family = "wasm"))]
pub mod replay;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::future::BoxFuture;
use http::{HeaderMap, Method, StatusCode};
use url::Url;

use crate::authority::TokenError;

/// A request on its way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The absolute URL.
    pub url: Url,
    /// The headers, less those that belong to the connection (`host`, `content-length`, …).
    pub headers: HeaderMap,
    /// The body, empty for most.
    pub body: Bytes,
}

/// An answer on its way in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
}

/// What a request waited for when its time was up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Name resolution, TCP and TLS.
    Connect,
    /// The first byte of the answer.
    FirstByte,
    /// The next bytes of the answer.
    NextBytes,
    /// The last byte of the answer, however many came before.
    LastByte,
}

impl std::fmt::Display for Phase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Connect => "the connection",
            Self::FirstByte => "the first byte of the answer",
            Self::NextBytes => "more of the answer",
            Self::LastByte => "the end of the answer",
        })
    }
}

/// Why there is no answer. Texts hold no secret and no query string.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// The credentials cannot be put on it.
    #[error("{0}")]
    Credentials(String),
    /// The provider gave no token for a credential.
    #[error("no token for the credential `{credential}`: {reason}")]
    Token {
        /// The credential.
        credential: String,
        /// What it gave.
        reason: TokenError,
        /// How long it asked to be left alone, if it did.
        pause: Option<Duration>,
    },
    /// The answer is compressed, though none such was asked for: it could not be searched for secrets.
    #[error(
        "the provider compressed its answer (`content-encoding`) though `accept-encoding: identity` was sent; the host could \
         not keep secrets out of it, so it is not used"
    )]
    Encoded,
    /// The host name does not resolve.
    #[error("cannot find the address of {host}: {reason}")]
    Resolve {
        /// The name.
        host: String,
        /// What the resolver says.
        reason: String,
    },
    /// No connection: refused, unreachable.
    #[error("cannot connect to {host}: {reason}")]
    Connect {
        /// Host and port.
        host: String,
        /// What the system says.
        reason: String,
    },
    /// The TLS handshake failed.
    #[error("TLS with {host} failed: {reason}")]
    Tls {
        /// Host and port.
        host: String,
        /// What went wrong, e.g. a certificate that is not trusted.
        reason: String,
    },
    /// Time was up.
    #[error("no answer in time: waited {} s for {phase}", limit.as_secs_f64())]
    Timeout {
        /// What was waited for.
        phase: Phase,
        /// How long.
        limit: Duration,
    },
    /// The connection broke, or the answer is not HTTP.
    #[error("the connection broke: {0}")]
    Interrupted(String),
    /// The answer is larger than the host takes.
    #[error("the answer is larger than {limit} bytes")]
    TooLarge {
        /// The cap that was exceeded.
        limit: usize,
    },
    /// The place that the config names is none that the host connects to. Says what would have to change.
    #[error("{0}")]
    Address(String),
    /// Not sent: the provider asked to be left alone.
    #[error("not sent: the provider asked for a pause, {} s are left", wait.as_secs_f64().ceil())]
    Withheld {
        /// How much longer.
        wait: Duration,
        /// How often it refused in a row.
        refusals: u32,
    },
    /// Not sent: a limit that the connector declares would have made it wait too long.
    #[error(
        "not sent: the connector declares a limit of {requests} requests in {} s, and the next one may go out in {} s, later \
         than a request waits",
        window.as_secs(),
        wait.as_secs_f64().ceil()
    )]
    Limited {
        /// How much longer.
        wait: Duration,
        /// How many requests it declares.
        requests: u32,
        /// In how long a time.
        window: Duration,
    },
    /// Not sent: the provider refused the credentials, and each further refusal brings its lock-out nearer.
    #[error("not sent: the provider refused the credentials a moment ago")]
    CredentialsRefused,
    /// Not sent: the run was asked to stop while the request waited for its turn.
    #[error("not sent: the run was asked to stop")]
    Stopped,
    /// A replay has no answer to this request.
    #[error("{0}")]
    NotRecorded(String),
}

impl TransportError {
    /// True when the reason lies on the way to the provider, or in who answers there, and not in what was asked.
    #[must_use]
    pub fn is_of_the_way(&self) -> bool {
        matches!(
            self,
            Self::Resolve { .. }
                | Self::Connect { .. }
                | Self::Tls { .. }
                | Self::Timeout { .. }
                | Self::Interrupted(_)
        )
    }

    /// The same error with its texts changed.
    #[must_use]
    pub fn map_text(self, change: impl Fn(String) -> String) -> Self {
        match self {
            Self::Address(text) => Self::Address(change(text)),
            Self::Credentials(text) => Self::Credentials(change(text)),
            Self::Resolve { host, reason } => Self::Resolve { host: change(host), reason: change(reason) },
            Self::Connect { host, reason } => Self::Connect { host: change(host), reason: change(reason) },
            Self::Tls { host, reason } => Self::Tls { host: change(host), reason: change(reason) },
            Self::Interrupted(text) => Self::Interrupted(change(text)),
            Self::NotRecorded(text) => Self::NotRecorded(change(text)),
            Self::Encoded
            | Self::Token { .. }
            | Self::Timeout { .. }
            | Self::TooLarge { .. }
            | Self::Withheld { .. }
            | Self::Limited { .. }
            | Self::CredentialsRefused
            | Self::Stopped => self,
        }
    }
}

/// Something that answers requests. The connector cannot tell one from another.
pub trait Transport: Send + Sync {
    /// Sends `request`; the answer is whole.
    ///
    /// # Errors
    /// See [`TransportError`].
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>>;
}

impl<T: Transport + ?Sized> Transport for Arc<T> {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        (**self).send(request)
    }
}

//! A simulated provider: a stateful fake behind [`Transport`](outside::transport::Transport), with faults on demand.
//!
//! The engine knows no bank. It numbers and logs requests, runs a test's script between them, and breaks what the test
//! says should break. What a bank answers is a [`Provider`]. Time is a
//! [`VirtualClock`](outside::clock::VirtualClock): nothing here sleeps. [`Server`] offers the same on a loopback port.

#![cfg_attr(test, allow(clippy::expect_used, clippy::panic, reason = "a test stops where it is not as expected"))]

mod bank;
mod engine;
mod faults;
mod limiter;
mod object;
mod server;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use outside::transport::{Request, Response};

pub use bank::{Asked, Bank, Change, Expected, Field, Movement, Odd, Quirk, Refusal, TruePayment, Truth};
pub use engine::{Limits, Logged, Simulator};
pub use faults::{Broken, Fault, On};
pub use limiter::{RateLimit, RateLimiter};
pub use object::Object;
pub use server::Server;

/// A bank, as far as its API shows: answers one request after another from rows that a test may change in between.
pub trait Provider: Send {
    /// The answer to `request` at the virtual time `now`. Must depend on nothing else but the provider's own state.
    fn answer(&mut self, request: &Request, now: DateTime<Utc>) -> Response;
}

impl Provider for Box<dyn Provider> {
    fn answer(&mut self, request: &Request, now: DateTime<Utc>) -> Response {
        (**self).answer(request, now)
    }
}

/// An answer with one body and its content type.
#[must_use]
pub fn respond(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    Response { status, headers, body: body.into() }
}

/// Adds a header to an answer; a name or value that is none is left out.
#[must_use]
pub fn with_header(mut response: Response, name: &str, value: &str) -> Response {
    if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
        response.headers.insert(name, value);
    }
    response
}

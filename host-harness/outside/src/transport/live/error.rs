//! The client's errors in the terms of [`TransportError`].

use std::error::Error;
use std::io;

use super::LiveLimits;
use super::resolve::ResolveError;
use crate::transport::{Phase, TransportError};

/// What kind of failure `error` is. The client's own text is cut of the URL, which may have a query string.
pub(super) fn classify(error: reqwest::Error, server: &str, limits: &LiveLimits) -> TransportError {
    let error = error.without_url();
    let host = server.to_owned();
    if let Some(resolve) = cause::<ResolveError>(&error) {
        return match resolve {
            ResolveError::Denied(reason) => TransportError::Address(reason.clone()),
            ResolveError::Failed { host, reason } => {
                TransportError::Resolve { host: host.clone(), reason: reason.clone() }
            }
        };
    }
    if error.is_connect() && error.is_timeout() {
        return TransportError::Timeout { phase: Phase::Connect, limit: limits.connect };
    }
    if let Some(tls) = cause::<rustls::Error>(&error) {
        return TransportError::Tls { host, reason: tls.to_string() };
    }
    if error.is_connect() {
        let reason = cause::<io::Error>(&error).map_or_else(|| chain(&error), ToString::to_string);
        return TransportError::Connect { host, reason };
    }
    TransportError::Interrupted(format!("{server}: {}", chain(&error)))
}

/// The first error of type `E` among `error` and its causes. An `io::Error` hides the error that it was made from: its
/// `source` is that error's source.
fn cause<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = match inner {
            Some(inner) => Some(inner as &(dyn Error + 'static)),
            None => error.source(),
        };
    }
    None
}

/// The texts of an error and its causes, without those that repeat the one before.
pub(super) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let more = cause.to_string();
        if !text.ends_with(&more) {
            text = format!("{text}: {more}");
        }
        next = cause.source();
    }
    text
}

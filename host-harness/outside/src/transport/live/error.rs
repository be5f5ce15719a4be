//! The client's errors in the terms of [`TransportError`].

use std::error::Error;
use std::io;

use rustls::{CertificateError, InvalidMessage};

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
        return TransportError::Tls { host, reason: tls_words(tls) };
    }
    if error.is_connect() {
        let reason = cause::<io::Error>(&error).map_or_else(|| chain(&error), io_words);
        return TransportError::Connect { host, reason };
    }
    TransportError::Interrupted(format!("{server}: {}", innermost(&error)))
}

/// What the system says, without its number for that.
pub(super) fn io_words(error: &io::Error) -> String {
    let text = error.to_string();
    // The C library's way to say that what follows is about a name.
    let text = text.strip_prefix("failed to lookup address information: ").unwrap_or(&text);
    text.split(" (os error ").next().unwrap_or(text).to_owned()
}

/// What is wrong with an encrypted connection, where the library would name it by its types.
fn tls_words(error: &rustls::Error) -> String {
    let certificate = match error {
        rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType) => {
            return "what answers there speaks no TLS".to_owned();
        }
        rustls::Error::InvalidCertificate(certificate) => certificate,
        other => return other.to_string(),
    };
    match certificate {
        CertificateError::UnknownIssuer => "this machine trusts nobody who vouches for its certificate".to_owned(),
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "its certificate has expired, or this machine's clock is wrong".to_owned()
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "its certificate is not valid yet, or this machine's clock is wrong".to_owned()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "its certificate is for another name".to_owned()
        }
        CertificateError::Revoked => "its certificate was revoked".to_owned(),
        // The others are known by the names of types only.
        _ => "its certificate cannot be verified".to_owned(),
    }
}

/// What the error was made from in the end: the client's own layers above it say no more.
fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut last = error;
    while let Some(cause) = last.source() {
        last = cause;
    }
    last.downcast_ref::<io::Error>().map_or_else(|| last.to_string(), io_words)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_connection_is_told_in_words_and_without_numbers_or_types() {
        let refused = io::Error::from_raw_os_error(111);
        assert!(!io_words(&refused).contains("os error"), "{}", io_words(&refused));
        let nowhere = io::Error::other("failed to lookup address information: Name or service not known");
        assert_eq!(io_words(&nowhere), "Name or service not known");
        for (certificate, told) in [
            (CertificateError::UnknownIssuer, "this machine trusts nobody who vouches for its certificate"),
            (CertificateError::Expired, "its certificate has expired, or this machine's clock is wrong"),
            (CertificateError::NotValidForName, "its certificate is for another name"),
        ] {
            assert_eq!(tls_words(&rustls::Error::InvalidCertificate(certificate)), told);
        }
    }
}

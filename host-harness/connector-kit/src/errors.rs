//! Errors: from what went wrong to who acts next.

use std::borrow::Cow;

use crate::contract::payments::connector::types::{ConfigError, Error, ErrorDetail, Gap, Timestamp};
use crate::host::{HttpAnswer, HttpFailure};
use crate::row::{Row, clip};
use crate::time;

/// How much of a provider's text a message quotes.
pub const QUOTED: usize = 300;

/// The statuses that send a client elsewhere; the others of their hundred do not.
const REDIRECTS: [u16; 5] = [301, 302, 303, 307, 308];

/// A detail with nothing but a message.
#[must_use]
pub fn detail(message: impl Into<String>) -> ErrorDetail {
    ErrorDetail {
        message: message.into(),
        http_status: None,
        provider_code: None,
        request_id: None,
        retry_after_seconds: None,
    }
}

/// A field of the config is not what it should be.
#[must_use]
pub fn invalid_config(field: &str, reason: &str) -> Error {
    Error::InvalidConfig(ConfigError { field: field.to_owned(), reason: reason.to_owned() })
}

/// The state is not one this connector wrote.
#[must_use]
pub fn invalid_state(reason: &str) -> Error {
    Error::InvalidState(detail(format!("the state of this stream is not one this connector wrote: {reason}")))
}

/// The parent is not one that this connector returned.
#[must_use]
pub fn invalid_parent(reason: &str) -> Error {
    Error::InvalidParent(detail(format!("the parent is not one this connector returned: {reason}")))
}

/// What this connector has no capability for.
#[must_use]
pub fn unsupported() -> Error {
    Error::Unsupported(detail("this connector does not do that"))
}

/// What a call did not read, and why.
#[must_use]
pub fn gap(what: impl Into<String>, error: Error) -> Gap {
    Gap { what: what.into(), error }
}

/// True for an error that ends the call it comes from: the provider wants no further request now.
#[must_use]
pub fn ends_the_call(error: &Error) -> bool {
    match error {
        Error::RateLimited(_) => true,
        Error::Unavailable(detail) => detail.retry_after_seconds.is_some(),
        _ => false,
    }
}

/// The answer of `path` is not what the provider promises.
#[must_use]
pub fn malformed(path: &str, what: &str) -> Error {
    let message = format!("GET {path}: {}", clip(what, QUOTED));
    Error::MalformedResponse(ErrorDetail { http_status: Some(200), ..detail(message) })
}

/// The answer of `path` says success, and its body that there was an error: what it says of it is kept.
#[must_use]
pub fn error_in_success(path: &str, said: Said, instead_of: &str) -> Error {
    let parts: Vec<String> = said.parts().collect();
    let message = format!("GET {path}: HTTP 200 with errors instead of {instead_of}: {}", parts.join(", "));
    let message = message.trim_end_matches(": ").to_owned();
    let (provider_code, request_id) = (said.code, said.trace.map(|trace| clip(&trace, QUOTED)));
    Error::MalformedResponse(ErrorDetail { http_status: Some(200), provider_code, request_id, ..detail(message) })
}

/// The paging of `path` does not advance.
#[must_use]
pub fn no_progress(path: &str, what: &str) -> Error {
    let message = format!("GET {path}: {}", clip(what, QUOTED));
    Error::NoProgress(ErrorDetail { http_status: Some(200), ..detail(message) })
}

/// There was no answer.
#[must_use]
pub fn from_failure(path: &str, failure: &HttpFailure) -> Error {
    let message = clip(&words(&failure.message), QUOTED);
    if failure.denied {
        return Error::Other(detail(format!(
            "GET {path}: the host does not allow this request ({message}); is the endpoint of the config the right one?"
        )));
    }
    if failure.withheld {
        return Error::RateLimited(detail(format!("GET {path}: the host holds requests back for now")));
    }
    Error::Unavailable(detail(format!("GET {path}: no complete answer: {message}")))
}

/// What `wasi:http` calls an error, in words: `ErrorCode::DnsError(…)` is a "dns error". What lies behind it, the host
/// tells in its own words. Any other text stays as it is.
fn words(message: &str) -> Cow<'_, str> {
    let Some(at) = message.find("ErrorCode::") else { return Cow::Borrowed(message) };
    let name = message[at..].trim_start_matches("ErrorCode::");
    let name = name.split(|letter: char| !letter.is_ascii_alphanumeric()).next().unwrap_or_default();
    let mut words = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.push(letter.to_ascii_lowercase());
    }
    if words.is_empty() { Cow::Borrowed(message) } else { Cow::Owned(words) }
}

/// Whether a status sends a client elsewhere.
#[must_use]
pub fn is_redirect(status: u16) -> bool {
    REDIRECTS.contains(&status)
}

/// The answer is not a success; `said` is what its body says.
#[must_use]
pub fn from_answer(path: &str, answer: &HttpAnswer, said: Said, observed_at: Option<Timestamp>) -> Error {
    let status = answer.status;
    let mut message = format!("GET {path}: HTTP {status}");
    for part in said.parts() {
        message = format!("{message}, {part}");
    }
    if is_redirect(status) {
        message.push_str("; redirects are not followed: the endpoint of the config may be wrong");
    }
    let detail = ErrorDetail {
        message,
        http_status: Some(status),
        provider_code: said.code,
        request_id: said.trace,
        retry_after_seconds: retry_after(answer, observed_at),
    };
    match status {
        401 => Error::Unauthorized(detail),
        403 => Error::Forbidden(detail),
        404 | 410 => Error::NotFound(detail),
        429 => Error::RateLimited(detail),
        408 | 425 | 500..=599 => Error::Unavailable(detail),
        _ => Error::UpstreamRejected(detail),
    }
}

/// The HTTP status behind an error, when the provider refused.
#[must_use]
pub fn status(error: &Error) -> Option<u16> {
    refusal(error).and_then(|detail| detail.http_status)
}

/// Whether the provider refused with this code.
#[must_use]
pub fn has_code(error: &Error, code: &str) -> bool {
    refusal(error).is_some_and(|detail| detail.provider_code.as_deref() == Some(code))
}

fn refusal(error: &Error) -> Option<&ErrorDetail> {
    match error {
        Error::Unauthorized(detail)
        | Error::Forbidden(detail)
        | Error::NotFound(detail)
        | Error::UpstreamRejected(detail) => Some(detail),
        _ => None,
    }
}

/// The wait that the provider asks for. A date counts from the answer's own, since the host's clock may be wrong; where
/// there is none, from the time that the host told, which it tells no `check`.
fn retry_after(answer: &HttpAnswer, observed_at: Option<Timestamp>) -> Option<u64> {
    let value = answer.header("retry-after")?.trim();
    let now = || answer.header("date").and_then(time::read_http_date).or(observed_at);
    value.parse().ok().or_else(|| time::seconds_until(value, now()?))
}

/// What the body of an error says. How it is spelled, the provider's connector knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// The provider's code.
    pub code: Option<String>,
    /// For a person.
    pub text: Option<String>,
    /// The provider's name for the exchange.
    pub trace: Option<String>,
}

impl Said {
    /// What a body says that is not in the provider's form: the beginning of its text, or that it is an HTML page.
    #[must_use]
    pub fn plain(body: &str) -> Self {
        let body = body.trim();
        let text = match body.chars().next() {
            None => return Self::default(),
            Some('<') => "an HTML page".to_owned(),
            Some(_) => clip(body, QUOTED),
        };
        Self { text: Some(text), ..Self::default() }
    }

    /// What a body says that is an object, by the names of its fields: `code` and `text` in the object at `error`, `trace`
    /// beside it. A body that is none is read as [`Said::plain`].
    #[must_use]
    pub fn read(answer: &HttpAnswer, [error, code, text, trace]: [&str; 4]) -> Self {
        let body = String::from_utf8_lossy(&answer.body);
        let Ok(row) = Row::parse(&body) else { return Self::plain(&body) };
        let inner = row.object(error).unwrap_or_default();
        let of = |row: &Row, key| row.text(key).map(|text| clip(&text, QUOTED));
        Self { code: of(&inner, code), text: of(&inner, text), trace: of(&row, trace) }
    }

    /// What is there, for a person.
    pub fn parts(&self) -> impl Iterator<Item = String> {
        let code = self.code.clone();
        let text = self.text.as_ref().map(|text| format!("“{text}”"));
        let trace = self.trace.as_ref().map(|trace| format!("trace {trace}"));
        [code, text, trace].into_iter().flatten()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> HttpAnswer {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        HttpAnswer { status, headers, body: body.as_bytes().to_vec() }
    }

    fn of(error: &Error) -> (&'static str, &ErrorDetail) {
        match error {
            Error::Unauthorized(detail) => ("unauthorized", detail),
            Error::Forbidden(detail) => ("forbidden", detail),
            Error::NotFound(detail) => ("not-found", detail),
            Error::RateLimited(detail) => ("rate-limited", detail),
            Error::Unavailable(detail) => ("unavailable", detail),
            Error::UpstreamRejected(detail) => ("upstream-rejected", detail),
            Error::Other(detail) => ("other", detail),
            _ => unreachable!(),
        }
    }

    #[test]
    fn every_status_has_its_case() {
        for (status, case) in [
            (301, "upstream-rejected"),
            (302, "upstream-rejected"),
            (400, "upstream-rejected"),
            (401, "unauthorized"),
            (403, "forbidden"),
            (404, "not-found"),
            (408, "unavailable"),
            (410, "not-found"),
            (422, "upstream-rejected"),
            (425, "unavailable"),
            (428, "upstream-rejected"),
            (429, "rate-limited"),
            (500, "unavailable"),
            (502, "unavailable"),
            (503, "unavailable"),
        ] {
            let error = from_answer("/v2/transactions", &answer(status, &[], ""), Said::default(), None);
            let (found, detail) = of(&error);
            assert_eq!((found, detail.http_status), (case, Some(status)));
            assert!(detail.message.contains("/v2/transactions") && detail.message.contains(&status.to_string()));
        }
    }

    #[test]
    fn the_wait_is_read_in_seconds_or_as_a_date() {
        let now = Some(Timestamp { seconds: 784_111_777, nanoseconds: 0 });
        for (value, now, expected) in [
            ("3600", now, Some(3600)),
            ("0", None, Some(0)),
            ("Sun, 06 Nov 1994 08:50:37 GMT", now, Some(60)),
            ("Sun, 06 Nov 1994 08:50:37 GMT", None, None),
            ("soon", now, None),
        ] {
            let error = from_answer("/v2/x", &answer(429, &[("Retry-After", value)], ""), Said::default(), now);
            assert_eq!(of(&error).1.retry_after_seconds, expected, "{value}");
        }
    }

    #[test]
    fn only_a_redirect_is_called_one() {
        for (status, redirects) in [(300, false), (302, true), (304, false), (305, false), (308, true)] {
            let error = from_answer("/v2/x", &answer(status, &[], ""), Said::default(), None);
            assert_eq!(of(&error).1.message.contains("redirect"), redirects, "{status}");
        }
    }

    #[test]
    fn a_wait_until_a_date_counts_from_the_date_of_the_answer() {
        let headers = [("Retry-After", "Sun, 06 Nov 1994 08:50:37 GMT"), ("Date", "Sun, 06 Nov 1994 08:50:07 GMT")];
        for now in [None, Some(Timestamp { seconds: 0, nanoseconds: 0 })] {
            let error = from_answer("/v2/x", &answer(429, &headers, ""), Said::default(), now);
            assert_eq!(of(&error).1.retry_after_seconds, Some(30), "whatever the host's clock says");
        }
    }

    #[test]
    fn what_went_wrong_is_told_in_words() {
        for (message, told) in [
            ("ErrorCode::ConnectionRefused", "connection refused"),
            (r#"ErrorCode::DnsError(DnsErrorPayload { rcode: Some("x"), info-code: None })"#, "dns error"),
            ("send failed: ErrorCode::HttpResponseBodySize(Some(60))", "http response body size"),
            ("the answer ended early", "the answer ended early"),
            ("ErrorCode::", "ErrorCode::"),
        ] {
            let failure = HttpFailure { denied: false, withheld: false, message: message.to_owned() };
            let error = from_failure("/v2/x", &failure);
            assert_eq!(of(&error).1.message, format!("GET /v2/x: no complete answer: {told}"));
        }
    }

    #[test]
    fn a_denied_request_is_not_worth_repeating_and_a_broken_one_is() {
        let failure = |denied| HttpFailure { denied, withheld: false, message: "HttpRequestDenied".to_owned() };
        assert_eq!(of(&from_failure("/v2/x", &failure(true))).0, "other");
        assert_eq!(of(&from_failure("/v2/x", &failure(false))).0, "unavailable");
    }
}

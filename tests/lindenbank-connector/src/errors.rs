//! Errors: from what went wrong to who acts next.

use chrono::DateTime;
use serde::Deserialize;

use crate::contract::payments::connector::types::{ActionDetail, Error, ErrorDetail, Timestamp};

/// Characters of a provider's text that are repeated.
const QUOTED: usize = 200;

/// What the body of a refusal says.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Said {
    /// The provider's code.
    pub code: Option<String>,
    /// For a person.
    pub message: Option<String>,
    /// The provider's name for the exchange.
    pub request_id: Option<String>,
    /// Of a payment that was replaced: by which one.
    pub replaced_by: Option<String>,
}

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

/// The beginning of a text, on one line.
#[must_use]
pub fn clip(text: &str) -> String {
    text.chars().take(QUOTED).map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

/// The answer of a path is not what the API promises.
#[must_use]
pub fn malformed(path: &str, what: &str) -> Error {
    Error::MalformedResponse(ErrorDetail { http_status: Some(200), ..detail(format!("GET {path}: {what}")) })
}

/// The `text` of an answer is not what was asked for: `what` says how. What an error in it says is kept.
#[must_use]
pub fn unread(path: &str, what: &str, text: &str) -> Error {
    let said: Said = serde_json::from_str(text).unwrap_or_default();
    let told = said.message.map_or(String::new(), |text| format!(", “{}”", clip(&text)));
    let (provider_code, request_id) = (said.code.map(|code| clip(&code)), said.request_id.map(|id| clip(&id)));
    let detail = detail(format!("GET {path}: {what}{told}"));
    Error::MalformedResponse(ErrorDetail { http_status: Some(200), provider_code, request_id, ..detail })
}

/// The paging of a path does not advance.
#[must_use]
pub fn no_progress(path: &str, what: &str) -> Error {
    Error::NoProgress(ErrorDetail { http_status: Some(200), ..detail(format!("GET {path}: {what}")) })
}

/// A call for something that this connector does not do.
#[must_use]
pub fn unsupported() -> Error {
    Error::Unsupported(detail("this connector does not do that"))
}

/// The parent is none that this connector returned.
#[must_use]
pub fn invalid_parent(what: &str) -> Error {
    Error::InvalidParent(detail(format!("the parent is none that this connector returned: {what}")))
}

/// What a status other than 200 means, with what the body said.
#[must_use]
pub fn refusal(path: &str, status: u16, said: &Said, retry_after: Option<&str>, now: Option<Timestamp>) -> Error {
    let text = said.message.as_deref().or(said.code.as_deref()).unwrap_or_default();
    let detail = ErrorDetail {
        message: format!("GET {path}: HTTP {status} {}", clip(text)).trim_end().to_owned(),
        http_status: Some(status),
        provider_code: said.code.as_deref().map(clip),
        request_id: said.request_id.as_deref().map(clip),
        retry_after_seconds: retry_after.and_then(|text| wait(text, now)),
    };
    match status {
        200..=299 => Error::MalformedResponse(detail),
        401 => Error::Unauthorized(detail),
        403 if detail.provider_code.as_deref() == Some("consent_lapsed") => Error::ActionRequired(ActionDetail {
            detail,
            action: "Renew the consent to read in Lindenbank's settings; it has ended.".to_owned(),
        }),
        403 => Error::Forbidden(detail),
        404 | 410 => Error::NotFound(detail),
        429 => Error::RateLimited(detail),
        408 | 425 | 500..=599 => Error::Unavailable(detail),
        _ => Error::UpstreamRejected(detail),
    }
}

/// How long the provider asks to wait: seconds, or a date, which means something only to who knows the time.
fn wait(text: &str, now: Option<Timestamp>) -> Option<u64> {
    let text = text.trim();
    if let Ok(seconds) = text.parse() {
        return Some(seconds);
    }
    let then = DateTime::parse_from_rfc2822(text).ok()?.timestamp();
    Some(u64::try_from(then.saturating_sub(now?.seconds)).unwrap_or(0))
}

/// True for an error after which a call makes no further request.
#[must_use]
pub fn ends_the_call(error: &Error) -> bool {
    match error {
        Error::RateLimited(_) | Error::Unauthorized(_) | Error::ActionRequired(_) => true,
        Error::Unavailable(detail) => detail.retry_after_seconds.is_some(),
        _ => false,
    }
}

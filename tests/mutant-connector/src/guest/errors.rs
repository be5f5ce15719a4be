//! Bugs in what becomes of an error.

use qonto_connector::contract::exports::payments::connector::connector::{AccountsPage, BalancesPage, PaymentsPage};
use qonto_connector::contract::payments::connector::types::{Error, ErrorDetail, Gap};
use qonto_connector::errors::detail;
use qonto_connector::host::{Host as _, Level};

use super::bug;
use super::host::Saboteur;
use crate::mutants::Bug;

/// What this connector cannot do, it says.
pub(super) fn unsupported() -> Error {
    Error::Unsupported(detail("this connector does not do that"))
}

/// A page with gaps.
pub(super) trait Gaps {
    /// They.
    fn gaps(&mut self) -> &mut Vec<Gap>;
}

impl Gaps for AccountsPage {
    fn gaps(&mut self) -> &mut Vec<Gap> {
        &mut self.gaps
    }
}

impl Gaps for BalancesPage {
    fn gaps(&mut self) -> &mut Vec<Gap> {
        &mut self.gaps
    }
}

impl Gaps for PaymentsPage {
    fn gaps(&mut self) -> &mut Vec<Gap> {
        &mut self.gaps
    }
}

/// The same of what a page says that it lacks.
pub(super) fn tamper_gaps(host: &mut Saboteur, gaps: &mut Vec<Gap>) {
    for mut gap in std::mem::take(gaps) {
        if bug() == Some(Bug::GapsDated) {
            gap.what = format!("{} (tried at {})", gap.what, host.now.unwrap_or_default());
        }
        if let Err(error) = tampered(host, Err(gap.error), || ()) {
            gaps.push(Gap { error, ..gap });
        }
    }
}

/// What the connector gives, given what it should have given. `empty` makes a page with nothing on it.
pub(super) fn tampered<T>(
    host: &mut Saboteur,
    result: Result<T, Error>,
    empty: impl FnOnce() -> T,
) -> Result<T, Error> {
    let (error, bug) = match (result, bug()) {
        (Err(error), Some(bug)) => (error, bug),
        (result, _) => return result,
    };
    Err(match (bug, error) {
        (Bug::BadStateIsEmpty, Error::InvalidState(_))
        | (Bug::RefusalIsEmpty, Error::NotFound(_) | Error::Forbidden(_)) => return Ok(empty()),
        (Bug::BadStateTraps, Error::InvalidState(detail)) => panic!("{}", detail.message),
        (Bug::UnavailableIsFinal, Error::Unavailable(detail)) | (Bug::RateLimitIsFinal, Error::RateLimited(detail)) => {
            Error::UpstreamRejected(detail)
        }
        (Bug::UnauthorizedIsPassing, Error::Unauthorized(detail)) => Error::Unavailable(detail),
        (Bug::LoginPageIsMalformed, Error::Unauthorized(detail)) if detail.http_status == Some(200) => {
            Error::MalformedResponse(detail)
        }
        (Bug::ErrorsAlike, error) => Error::Other(detail_of(error)),
        (Bug::CodeInSuccessDropped, Error::MalformedResponse(detail)) => {
            Error::MalformedResponse(ErrorDetail { provider_code: None, request_id: None, ..detail })
        }
        (Bug::ErrorInDebugForm, Error::Unavailable(detail)) => {
            let message = format!("{:?}", Some(&detail.message));
            Error::Unavailable(ErrorDetail { message, ..detail })
        }
        (Bug::CodeDropped, error) => with(error, |detail| {
            let status = detail.http_status;
            *detail = ErrorDetail { http_status: status, ..crate::guest::errors::detail("the request failed") };
        }),
        (Bug::KeyInError, error) => {
            let said = format!(" (asked as {})", host.key);
            with(error, |detail| detail.message.push_str(&said))
        }
        (Bug::AnswerQuoted, error) => {
            host.log(Level::Error, &host.last_body.clone());
            let said = format!(": {}", host.last_body);
            with(error, |detail| detail.message.push_str(&said))
        }
        (_, error) => error,
    })
}

fn detail_of(error: Error) -> ErrorDetail {
    let mut found = detail("the config is wrong");
    with(error, |detail| found = detail.clone());
    found
}

/// The error with another detail.
fn with(mut error: Error, change: impl FnOnce(&mut ErrorDetail)) -> Error {
    match &mut error {
        Error::InvalidConfig(_) => {}
        Error::ActionRequired(action) => change(&mut action.detail),
        Error::Unauthorized(detail)
        | Error::Forbidden(detail)
        | Error::NotFound(detail)
        | Error::RateLimited(detail)
        | Error::Unavailable(detail)
        | Error::MalformedResponse(detail)
        | Error::UpstreamRejected(detail)
        | Error::InvalidState(detail)
        | Error::InvalidParent(detail)
        | Error::Unsupported(detail)
        | Error::NoProgress(detail)
        | Error::Other(detail) => change(detail),
    }
    error
}

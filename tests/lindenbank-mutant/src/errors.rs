//! Bugs in what becomes of a refusal.

use lindenbank_connector::contract::payments::connector::types::{ActionDetail, Error};
use mutant_connector::lindenbank::Bug;

/// The error as the bug has it.
pub fn tampered(bug: Option<Bug>, error: Error) -> Error {
    match (bug, error) {
        (Some(Bug::ConsentIsForbidden), Error::ActionRequired(ActionDetail { detail, .. })) => Error::Forbidden(detail),
        (Some(Bug::LinkInAction), Error::ActionRequired(ActionDetail { detail, .. })) => {
            let action = detail.message.clone();
            Error::ActionRequired(ActionDetail { detail, action })
        }
        (Some(Bug::ForbiddenIsAction), Error::Forbidden(detail)) => {
            Error::ActionRequired(ActionDetail { detail, action: "Log in at Lindenbank.".to_owned() })
        }
        (_, error) => error,
    }
}

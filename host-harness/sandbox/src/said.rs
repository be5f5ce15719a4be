//! What a connector says of a failure, cut to a size that a log, a table and a store can take.

use super::Page;
use model::{ActionDetail, ConfigError, Error, ErrorDetail};
use outside::rate_limit::wait_of;

/// Bytes of a sentence for a person.
const SENTENCE: usize = 2_000;
/// Bytes of a name or a code.
const NAME: usize = 200;

/// The same error with its texts cut and its wait bounded: this is where they come in.
pub(super) fn cut(error: Error) -> Error {
    match error {
        Error::InvalidConfig(ConfigError { field, reason }) => {
            Error::InvalidConfig(ConfigError { field: short(field, NAME), reason: short(reason, SENTENCE) })
        }
        Error::ActionRequired(ActionDetail { detail: said, action }) => {
            Error::ActionRequired(ActionDetail { detail: detail(said), action: short(action, SENTENCE) })
        }
        Error::Unauthorized(said) => Error::Unauthorized(detail(said)),
        Error::Forbidden(said) => Error::Forbidden(detail(said)),
        Error::NotFound(said) => Error::NotFound(detail(said)),
        Error::RateLimited(said) => Error::RateLimited(detail(said)),
        Error::Unavailable(said) => Error::Unavailable(detail(said)),
        Error::MalformedResponse(said) => Error::MalformedResponse(detail(said)),
        Error::UpstreamRejected(said) => Error::UpstreamRejected(detail(said)),
        Error::InvalidState(said) => Error::InvalidState(detail(said)),
        Error::InvalidParent(said) => Error::InvalidParent(detail(said)),
        Error::Unsupported(said) => Error::Unsupported(detail(said)),
        Error::NoProgress(said) => Error::NoProgress(detail(said)),
        Error::Other(said) => Error::Other(detail(said)),
    }
}

/// The same page with what it says of its gaps cut.
pub(super) fn cut_gaps(mut page: Page) -> Page {
    let gaps = match &mut page {
        Page::Accounts(page) => &mut page.gaps,
        Page::Balances(page) => &mut page.gaps,
        Page::Payments(page) => &mut page.gaps,
        Page::Others(page) => &mut page.gaps,
    };
    for gap in gaps.iter_mut() {
        gap.what = short(std::mem::take(&mut gap.what), NAME);
        gap.error = cut(gap.error.clone());
    }
    page
}

fn detail(said: ErrorDetail) -> ErrorDetail {
    ErrorDetail {
        message: short(said.message, SENTENCE),
        http_status: said.http_status,
        provider_code: said.provider_code.map(|code| short(code, NAME)),
        request_id: said.request_id.map(|id| short(id, NAME)),
        retry_after_seconds: said.retry_after_seconds.map(|seconds| wait_of(seconds).as_secs()),
    }
}

/// At most so many bytes, with a sign that there was more.
fn short(mut text: String, most: usize) -> String {
    if text.len() > most {
        text.truncate(text.floor_char_boundary(most));
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_any_length_and_waits_of_any_number_are_bounded() {
        let said = ErrorDetail {
            message: "é".repeat(1 << 20),
            http_status: Some(429),
            provider_code: Some("x".repeat(1 << 20)),
            request_id: None,
            retry_after_seconds: Some(u64::MAX),
        };
        let Error::RateLimited(cut) = cut(Error::RateLimited(said)) else { unreachable!("the case stays") };
        assert!(cut.message.len() < 2_010 && cut.message.ends_with('…'));
        assert!(cut.provider_code.is_some_and(|code| code.len() < 210));
        assert_eq!((cut.http_status, cut.retry_after_seconds), (Some(429), Some(86_400)));
    }
}

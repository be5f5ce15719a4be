//! Errors: how Qonto spells them.

use std::borrow::Cow;

use connector_kit::errors::{self as kit, QUOTED, Said};
pub use connector_kit::errors::{
    detail, ends_the_call, from_failure, gap, has_code, invalid_parent, invalid_state, malformed, no_progress, status,
    unsupported,
};

use crate::contract::payments::connector::types::Error;
use crate::host::HttpAnswer;
use crate::row::{self, Row, clip, items};

/// The code of a filter with more than 10 000 hits.
pub const SEARCH_LIMIT: &str = "search_limit_reached";
/// Qonto's code for a date in a year that it does not take, such as one to come.
pub const DATE_INVALID: &str = "date_invalid";
/// The code of a currency that Qonto does not pay out in.
pub const INVALID_CURRENCY: &str = "invalid_currency";

/// The answer of `path` says success, and its body that there was an error: what it says of it is kept.
#[must_use]
pub fn error_in_success(path: &str, body: &Row, instead_of: &str) -> Error {
    kit::error_in_success(path, json(body), instead_of)
}

/// What a redirect may mean of Qonto, behind what it means of any provider.
#[must_use]
pub fn with_hint(mut error: Error) -> Error {
    if let Error::UpstreamRejected(detail) = &mut error
        && detail.http_status.is_some_and(kit::is_redirect)
    {
        detail.message.push_str(", or stagingToken may be missing");
    }
    error
}

/// What the body of an error says, in one of the forms that were seen.
#[must_use]
pub fn said(answer: &HttpAnswer) -> Said {
    let body = String::from_utf8_lossy(&answer.body);
    let mut said = Row::parse(&body).map_or_else(|_| Said::plain(&body), |row| json(&row));
    let trace = said.trace.take().or_else(|| answer.header("x-tyk-trace-id").map(str::to_owned));
    said.trace = trace.map(|trace| clip(&trace, QUOTED)).filter(|trace| !trace.trim().is_empty());
    said
}

fn json(row: &Row) -> Said {
    let list: Vec<Row> = match row.json("errors") {
        Some(json) if json.starts_with('[') => {
            items(json).unwrap_or_default().into_iter().filter_map(|item| Row::parse(item).ok()).collect()
        }
        Some(json) => Row::parse(json).into_iter().collect(),
        None => vec![row.clone()],
    };
    let bare = row.json("errors").into_iter().flat_map(|json| items(json).unwrap_or_else(|| vec![json]));
    let texts: Vec<Cow<str>> = list
        .iter()
        .filter_map(|error| error.text("detail").or_else(|| error.text("message")))
        .chain(bare.filter_map(row::string).filter(|text| !text.trim().is_empty()))
        .collect();
    Said {
        code: list.iter().find_map(|error| error.text("code")).map(|code| clip(&code, QUOTED)),
        text: (!texts.is_empty()).then(|| clip(&texts.join("; "), QUOTED)),
        trace: row.text("trace_id").map(Cow::into_owned),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::contract::payments::connector::types::{ErrorDetail, Timestamp};

    fn from_answer(path: &str, answer: &HttpAnswer, observed_at: Option<Timestamp>) -> Error {
        with_hint(kit::from_answer(path, answer, said(answer), observed_at))
    }

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
    fn code_text_and_trace_are_kept_whatever_the_shape_of_the_body() {
        let tyk: &[(&str, &str)] = &[("X-Tyk-Trace-Id", "abc")];
        for (headers, body, code, text, trace) in [
            (tyk, r#"{"errors":[{"code":"c","detail":"d"}],"trace_id":"t"}"#, Some("c"), "d", Some("t")),
            (tyk, r#"{"errors":[{"code":"c","message":"d"}]}"#, Some("c"), "d", Some("abc")),
            (&[], r#"{"errors":{"code":"c","detail":"d","status":"404"}}"#, Some("c"), "d", None),
            (&[], r#"{"errors":[{"code":"c"},{"code":"x","detail":"d"}]}"#, Some("c"), "d", None),
            (&[], r#"{"errors":[],"trace_id":"t"}"#, None, "404", Some("t")),
            (&[], r#"{"message":"d"}"#, None, "d", None),
            (&[], r#"{"errors":"d"}"#, None, "“d”", None),
            (&[], r#"{"errors":["d","e"]}"#, None, "“d; e”", None),
            (&[], r#"{"errors":7}"#, None, "404", None),
            (tyk, "404 page not found", None, "page not found", Some("abc")),
            (&[], "<html><p>secret</p></html>", None, "HTML", None),
            (&[], " ", None, "404", None),
            (&[], "", None, "404", None),
        ] {
            let error = from_answer("/v2/x", &answer(404, headers, body), None);
            let (_, detail) = of(&error);
            assert_eq!(detail.provider_code.as_deref(), code, "{body}");
            assert_eq!(detail.request_id.as_deref(), trace, "{body}");
            for part in code.iter().chain(&trace).chain([&text]) {
                assert!(detail.message.contains(part), "{body}: {}", detail.message);
            }
        }
    }

    #[test]
    fn quoted_text_is_short_and_on_one_line() {
        let error = from_answer("/v2/x", &answer(500, &[], &"long\n".repeat(10_000)), None);
        let (_, detail) = of(&error);
        assert!(detail.message.len() < 400 && !detail.message.contains('\n'));
    }

    #[test]
    fn an_error_in_a_success_keeps_its_code_text_and_trace() {
        let said = |body: &str| match error_in_success("/v2/x", &Row::parse(body).unwrap(), "transactions") {
            Error::MalformedResponse(detail) => detail,
            other => unreachable!("{other:?}"),
        };
        let whole = said(r#"{"errors":[{"code":"c","detail":"d"}],"trace_id":"t"}"#);
        assert_eq!((whole.provider_code.as_deref(), whole.request_id.as_deref()), (Some("c"), Some("t")));
        assert_eq!(whole.message, "GET /v2/x: HTTP 200 with errors instead of transactions: c, “d”, trace t");
        let empty = said(r#"{"errors":[]}"#);
        assert_eq!((empty.message.ends_with("instead of transactions"), empty.http_status), (true, Some(200)));
    }

    #[test]
    fn a_redirect_says_what_may_be_wrong_with_the_config() {
        let error = from_answer("/v2/x", &answer(302, &[("location", "https://login.example")], ""), None);
        let message = &of(&error).1.message;
        assert!(message.contains("endpoint") && message.contains("stagingToken"));
    }
}

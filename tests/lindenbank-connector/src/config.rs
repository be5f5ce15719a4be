//! The config: what it may hold, and what is wrong with it before any request is made.

use chrono::NaiveDate;
use serde_json::{Map, Value};
use url::Url;

use crate::contract::exports::payments::connector::connector::{ConfigField, FieldKind};
use crate::contract::payments::connector::types::{ConfigError, Error};

/// The largest page that Lindenbank gives.
pub const MAX_PAGE_SIZE: u32 = 100;
/// Bytes of a URL that nobody needs more of.
const LONGEST_URL: usize = 2_048;

/// The fields, for the manifest.
#[must_use]
pub fn fields() -> Vec<ConfigField> {
    let field = |name: &str, kind, required, default: Option<&str>, description: &str| ConfigField {
        name: name.into(),
        kind,
        required,
        default: default.map(str::to_owned),
        description: description.into(),
    };
    vec![
        field("endpoint", FieldKind::Url, true, None, "Where the API is: https://api.lindenbank.example."),
        field("token", FieldKind::Secret, true, None, "The token for reading, from the customer's settings."),
        field("pageSize", FieldKind::Integer, false, Some("50"), "How many rows to ask for at a time, 1 to 100."),
        field("pollingPeriod", FieldKind::Duration, false, Some("1h"), "The time between two polls, longer than zero."),
        field("since", FieldKind::Date, false, None, "The first booking date to read; without it, all there is."),
    ]
}

/// Checks a config; gives what the paths of the API are put behind.
///
/// # Errors
/// `invalid-config` with the field at fault and what is expected of it.
pub fn parse(json: &str) -> Result<String, Error> {
    let object: Map<String, Value> = serde_json::from_str(json)
        .map_err(|_| invalid("config", "expected a JSON object with the manifest's fields"))?;
    let given = |field: &str| object.get(field).filter(|value| !value.is_null());
    match given("token") {
        Some(Value::Bool(true)) => {}
        _ => return Err(invalid("token", "required: expected `true` for a secret that is set")),
    }
    let page_size = given("pageSize").map(|value| value.as_u64().and_then(|size| u32::try_from(size).ok()));
    if let Some(size) = page_size {
        check_page_size(size.unwrap_or_default())?;
    }
    let text = |field: &str| given(field).map(|value| value.as_str().unwrap_or_default());
    let period = text("pollingPeriod").map(|text| go_duration::parse(text).filter(|period| !period.is_zero()));
    if period == Some(None) {
        return Err(invalid("pollingPeriod", "expected a duration longer than zero, such as 30m or 1h30m"));
    }
    if text("since").is_some_and(|text| !is_date(text)) {
        return Err(invalid("since", "expected a date, such as 2026-01-31"));
    }
    base(text("endpoint").unwrap_or_default())
}

/// Checks the page size of a request.
///
/// # Errors
/// `invalid-config` when Lindenbank does not take it.
pub fn check_page_size(size: u32) -> Result<(), Error> {
    if (1..=MAX_PAGE_SIZE).contains(&size) { Ok(()) } else { Err(invalid("pageSize", "expected 1 to 100")) }
}

/// Whether a text is a calendar date: `2026-01-31`, and nothing around it.
#[must_use]
pub fn is_date(text: &str) -> bool {
    text.len() == 10 && NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok()
}

/// The endpoint without a slash at its end. A parser of URLs repairs what had better be refused, so that comes first.
fn base(text: &str) -> Result<String, Error> {
    let expected = || invalid("endpoint", "expected an absolute http or https URL without user, query and fragment");
    let plain = text.len() <= LONGEST_URL && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let url = Url::parse(text).ok().filter(|_| plain && text.contains("://")).ok_or_else(expected)?;
    let is_http = matches!(url.scheme(), "http" | "https") && url.host_str().is_some_and(|host| !host.is_empty());
    let bare = url.username().is_empty() && url.password().is_none() && !text.contains(['@', '?', '#']);
    if !is_http || !bare || url.port() == Some(0) {
        return Err(expected());
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

fn invalid(field: &str, reason: &str) -> Error {
    Error::InvalidConfig(ConfigError { field: field.into(), reason: reason.into() })
}

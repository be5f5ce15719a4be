//! The config: what it may hold, and what is wrong with it before any request is made.

use serde_json::{Map, Value};
use url::Url;

use crate::contract::exports::payments::connector::connector::{ConfigField, FieldKind};
use crate::contract::payments::connector::types::{ConfigError, Error};

/// The largest page that Qonto gives.
pub const MAX_PAGE_SIZE: u32 = 100;

const DEFAULT_PAGE_SIZE: &str = "25";
const DEFAULT_POLLING_PERIOD: &str = "30m";
const MAX_TEXT: usize = 4096;
/// Go keeps a duration in 63 bits of nanoseconds.
const MAX_NANOSECONDS: u128 = i64::MAX as u128;

/// A config that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The value of the `Authorization` header.
    pub authorization: String,
    /// Scheme, host and port, without a slash at the end.
    pub origin: String,
    /// The value of the `X-Qonto-Staging-Token` header.
    pub staging_token: Option<String>,
    /// True for a host that wants a staging token.
    pub is_staging: bool,
}

/// The fields of the config, for the manifest.
#[must_use]
pub fn fields() -> Vec<ConfigField> {
    let field = |name: &str, kind, required, default: Option<&str>, description: &str| ConfigField {
        name: name.to_owned(),
        kind,
        required,
        default: default.map(str::to_owned),
        description: description.to_owned(),
    };
    vec![
        field(
            "apiKey",
            FieldKind::Secret,
            true,
            None,
            "The secret key of the organisation's API key, in Qonto under Integrations and partnerships > API key. \
             Keys of the config that are not listed here are ignored.",
        ),
        field(
            "clientID",
            FieldKind::Text,
            true,
            None,
            "The login shown next to the secret key: the organisation's slug, such as acme-1234.",
        ),
        field(
            "endpoint",
            FieldKind::Url,
            true,
            None,
            "Scheme and host of Qonto's API, without a path. Production: https://thirdparty.qonto.com. \
             Sandbox: https://thirdparty-sandbox.staging.qonto.co, together with stagingToken.",
        ),
        field(
            "pageSize",
            FieldKind::Integer,
            false,
            Some(DEFAULT_PAGE_SIZE),
            "How many rows to ask for in one request, 1 to 100.",
        ),
        field(
            "pollingPeriod",
            FieldKind::Duration,
            false,
            Some(DEFAULT_POLLING_PERIOD),
            "The time between two polls, longer than zero: 30m, 1h30m, 90s.",
        ),
        field(
            "stagingToken",
            FieldKind::Secret,
            false,
            None,
            "The token of Qonto's sandbox, from its developer portal. Leave it out in production.",
        ),
    ]
}

impl Config {
    /// Checks a config.
    ///
    /// # Errors
    /// `invalid-config` with the field at fault and what is expected of it.
    pub fn parse(json: &str) -> Result<Self, Error> {
        let Ok(Value::Object(object)) = serde_json::from_str(json) else {
            return Err(invalid("config", "expected a JSON object with the fields of the manifest"));
        };
        let api_key = header_text(&object, "apiKey")?.ok_or_else(|| missing("apiKey"))?;
        let client_id = header_text(&object, "clientID")?.ok_or_else(|| missing("clientID"))?;
        if client_id.contains([':', ' ']) {
            return Err(invalid("clientID", "expected the login alone, without a colon or spaces"));
        }
        let endpoint = endpoint(&object)?;
        check_page_size_field(&object)?;
        check_polling_period(&object)?;
        Ok(Self {
            authorization: format!("{client_id}:{api_key}"),
            is_staging: endpoint.host_str().is_some_and(|host| host.contains("staging") || host.contains("sandbox")),
            origin: endpoint.as_str().trim_end_matches('/').to_owned(),
            staging_token: header_text(&object, "stagingToken")?.map(str::to_owned),
        })
    }
}

/// Checks the page size of a request.
///
/// # Errors
/// `invalid-config` when Qonto does not take it.
pub fn check_page_size(size: u32) -> Result<u32, Error> {
    if (1..=MAX_PAGE_SIZE).contains(&size) { Ok(size) } else { Err(invalid("pageSize", "expected 1 to 100 rows")) }
}

fn invalid(field: &str, reason: &str) -> Error {
    Error::InvalidConfig(ConfigError { field: field.to_owned(), reason: reason.to_owned() })
}

fn missing(field: &str) -> Error {
    invalid(field, "required: expected a string that is not empty")
}

fn given<'a>(object: &'a Map<String, Value>, field: &str) -> Option<&'a Value> {
    object.get(field).filter(|value| !value.is_null())
}

/// A string that becomes part of a header's value: anything that could start another header is refused here.
fn header_text<'a>(object: &'a Map<String, Value>, field: &str) -> Result<Option<&'a str>, Error> {
    let Some(value) = given(object, field) else { return Ok(None) };
    let text = value.as_str().ok_or_else(|| invalid(field, "expected a string"))?;
    if text.trim().is_empty() {
        return Err(missing(field));
    }
    if text.len() > MAX_TEXT {
        return Err(invalid(field, "expected at most 4096 characters"));
    }
    if text.trim() != text || !text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Err(invalid(
            field,
            "expected visible ASCII characters only: no line break, NUL or accent, no space at either end",
        ));
    }
    Ok(Some(text))
}

fn endpoint(object: &Map<String, Value>) -> Result<Url, Error> {
    const EXPECTED: &str = "expected an absolute http or https URL of a scheme, a host and at most a port, such as \
                            https://thirdparty.qonto.com";
    let text = header_text(object, "endpoint")?.ok_or_else(|| invalid("endpoint", EXPECTED))?;
    // The URL parser is as lenient as a browser; what it would repair is refused first.
    let scheme = text.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    if !matches!(scheme.as_deref(), Some("http" | "https"))
        || text.contains(['@', '\\', ' ', '?', '#'])
        || text.contains("///")
    {
        return Err(invalid("endpoint", EXPECTED));
    }
    let url = Url::parse(text).map_err(|error| invalid("endpoint", &format!("{EXPECTED} ({error})")))?;
    if url.path() != "/" {
        return Err(invalid("endpoint", "expected no path: the connector adds /v2/… itself"));
    }
    if url.port() == Some(0) {
        return Err(invalid("endpoint", EXPECTED));
    }
    Ok(url)
}

fn check_page_size_field(object: &Map<String, Value>) -> Result<(), Error> {
    let Some(value) = given(object, "pageSize") else { return Ok(()) };
    match value.as_u64() {
        Some(1..=100) => Ok(()),
        _ => Err(invalid("pageSize", "expected a whole number from 1 to 100")),
    }
}

fn check_polling_period(object: &Map<String, Value>) -> Result<(), Error> {
    let Some(value) = given(object, "pollingPeriod") else { return Ok(()) };
    match value.as_str().and_then(go_nanoseconds) {
        Some(1..) => Ok(()),
        _ => Err(invalid("pollingPeriod", "expected a duration longer than zero, such as 30m, 1h30m or 90s")),
    }
}

/// The nanoseconds of a duration without a minus, as Go's `time.ParseDuration` reads it.
///
/// By hand, since go-parse-duration 0.1.1 panics on `µ` and overflows on long fractions.
fn go_nanoseconds(text: &str) -> Option<u128> {
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    if rest == "0" {
        return Some(0);
    }
    if rest.is_empty() || text.len() > 100 {
        return None;
    }
    let mut total = 0u128;
    while !rest.is_empty() {
        let unit_at = rest.find(|char: char| !char.is_ascii_digit() && char != '.')?;
        let (number, tail) = rest.split_at(unit_at);
        let unit_end = tail.find(|char: char| char.is_ascii_digit() || char == '.').unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(unit_end);
        let unit: u128 = match unit {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            _ => return None,
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
            return None;
        }
        let whole: u128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
        // Twelve digits are finer than a nanosecond of an hour.
        let fraction = &fraction[..fraction.len().min(12)];
        let scale = 10u128.pow(u32::try_from(fraction.len()).ok()?);
        let part: u128 = if fraction.is_empty() { 0 } else { fraction.parse().ok()? };
        total = total.checked_add(whole.checked_mul(unit)?)?.checked_add(part * unit / scale)?;
        rest = tail;
    }
    (total <= MAX_NANOSECONDS).then_some(total)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
    use super::*;
    use serde_json::json;

    fn minimal() -> Value {
        json!({"apiKey": "{{secret:apiKey}}", "clientID": "acme-1234", "endpoint": "https://thirdparty.qonto.com"})
    }

    fn with(field: &str, value: Value) -> Result<Config, Error> {
        let mut config = minimal();
        config[field] = value;
        Config::parse(&config.to_string())
    }

    #[test]
    fn the_required_fields_are_enough_and_unknown_ones_are_ignored() {
        let config = with("name", json!("ours")).unwrap();
        assert_eq!(config.authorization, "acme-1234:{{secret:apiKey}}");
        assert_eq!(config.origin, "https://thirdparty.qonto.com");
        assert_eq!(config.staging_token, None);
        assert!(!config.is_staging);
    }

    #[test]
    fn every_field_can_be_given() {
        let mut config = minimal();
        config["endpoint"] = json!("https://thirdparty-sandbox.staging.qonto.co/");
        config["pageSize"] = json!(100);
        config["pollingPeriod"] = json!("1h30m");
        config["stagingToken"] = json!("{{secret:stagingToken}}");
        let config = Config::parse(&config.to_string()).unwrap();
        assert_eq!(config.staging_token.as_deref(), Some("{{secret:stagingToken}}"));
        assert_eq!(config.origin, "https://thirdparty-sandbox.staging.qonto.co");
        assert!(config.is_staging);
    }

    #[test]
    fn a_wrong_value_is_reported_with_its_field() {
        let long = "x".repeat(1 << 20);
        let texts = ["apiKey", "clientID", "endpoint", "stagingToken"].into_iter().flat_map(|field| {
            let wrong = ["", " ", "a\r\nX-Evil: 1", "a\0b", "clé", "a\tb", &long];
            let wrong = wrong.map(|text| (field, json!(text)));
            wrong.into_iter().chain([(field, json!(7)), (field, json!(["a"])), (field, json!({}))])
        });
        let endpoints = [
            "thirdparty.qonto.com",
            "ftp://thirdparty.qonto.com",
            "https:thirdparty.qonto.com",
            "https://",
            "https:///v2",
            "https://user:pass@thirdparty.qonto.com",
            "https://thirdparty.qonto.com/v2",
            "https://thirdparty.qonto.com//",
            "https://thirdparty.qonto.com?x=1",
            "https://thirdparty.qonto.com#x",
            "https://thirdparty.qonto.com\\@evil.example",
            "https://thirdparty.qonto.com:0",
            "https://thirdparty.qonto.com:99999",
            "https://third party.qonto.com",
        ];
        let sizes = [json!(0), json!(101), json!(-1), json!(2.5), json!("25"), json!(true), json!(1e30)];
        let periods =
            ["", "0", "0s", "-5m", "5", "m", "1x", "1..5s", ".s", "1h 30m", "30 m", "99999999h", "٣m", "1h-5m"];
        let all = texts
            .chain(endpoints.map(|text| ("endpoint", json!(text))))
            .chain(sizes.map(|value| ("pageSize", value)))
            .chain(periods.map(|text| ("pollingPeriod", json!(text))))
            .chain([("pollingPeriod", json!(30)), ("clientID", json!("acme:secret"))]);
        for (field, value) in all {
            match with(field, value.clone()) {
                Err(Error::InvalidConfig(error)) => {
                    assert_eq!(error.field, field, "{value}");
                    assert!(error.reason.contains("expected"), "{}", error.reason);
                }
                other => panic!("{field} = {value}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_missing_or_null_required_field_is_named() {
        for field in ["apiKey", "clientID", "endpoint"] {
            let mut without = minimal();
            without.as_object_mut().unwrap().remove(field);
            let mut null = minimal();
            null[field] = Value::Null;
            for config in [without, null] {
                let error = Config::parse(&config.to_string()).unwrap_err();
                assert!(matches!(&error, Error::InvalidConfig(config) if config.field == field), "{error:?}");
            }
        }
    }

    #[test]
    fn what_is_not_an_object_is_a_wrong_config() {
        for text in ["", "null", "[]", "7", "{", "\"x\""] {
            let error = Config::parse(text).unwrap_err();
            assert!(matches!(&error, Error::InvalidConfig(config) if config.field == "config"), "{text}");
        }
    }

    #[test]
    fn durations_are_read_as_go_reads_them() {
        for (text, expected) in [
            ("30m", 1_800_000_000_000),
            ("1h30m", 5_400_000_000_000),
            ("1.5s", 1_500_000_000),
            (".5s", 500_000_000),
            ("1.s", 1_000_000_000),
            ("+1µs1us", 2_000),
            ("2h45m30.000000001s", 9_930_000_000_001),
            ("0.0000000000000000001h", 0),
        ] {
            assert_eq!(go_nanoseconds(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn page_sizes_from_1_to_100_are_taken() {
        assert_eq!(check_page_size(1), Ok(1));
        assert_eq!(check_page_size(100), Ok(100));
        for size in [0, 101, u32::MAX] {
            assert!(matches!(check_page_size(size), Err(Error::InvalidConfig(error)) if error.field == "pageSize"));
        }
    }
}

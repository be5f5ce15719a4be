//! The config: what it may hold, and what is wrong with it before any request is made.

use std::borrow::Cow;

use crate::contract::exports::payments::connector::connector::{ConfigField, FieldKind};
use crate::contract::payments::connector::types::{ConfigError, Error};
use crate::row::Row;

/// The largest page that Qonto gives.
pub const MAX_PAGE_SIZE: u32 = 100;

/// Qonto's production hosts, which have no use for the sandbox's token.
pub const PRODUCTION: [&str; 2] = ["https://thirdparty.qonto.com", "https://thirdparty.qonto.eu"];
const DEFAULT_PAGE_SIZE: &str = "25";
const DEFAULT_POLLING_PERIOD: &str = "30m";
const MAX_TEXT: usize = 4096;

/// A config that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Scheme, host and port, without a slash at the end.
    pub origin: String,
    /// True for a host that wants a staging token, when the config has none.
    pub lacks_staging_token: bool,
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
            "The secret key of the organisation's API key, in Qonto under Integrations and partnerships > API key.",
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
            "The time between two polls, at least 10s: 30m, 1h30m, 90s.",
        ),
        field(
            "stagingToken",
            FieldKind::Secret,
            false,
            None,
            "The token of Qonto's sandbox, from its developer portal. Leave it out in production: it is not sent there.",
        ),
    ]
}

impl Config {
    /// Checks a config.
    ///
    /// # Errors
    /// `invalid-config` with the field at fault and what is expected of it.
    pub fn parse(json: &str) -> Result<Self, Error> {
        let object = Row::parse(json)
            .map_err(|_| invalid("config", "expected a JSON object with the fields of the manifest, each once"))?;
        if !is_set(&object, "apiKey")? {
            return Err(missing("apiKey"));
        }
        let client_id = header_text(&object, "clientID")?.ok_or_else(|| missing("clientID"))?;
        if client_id.contains([':', ' ']) {
            return Err(invalid("clientID", "expected the login alone, without a colon or spaces"));
        }
        let origin = origin(&object)?;
        check_page_size_field(&object)?;
        check_polling_period(&object)?;
        let has_staging_token = is_set(&object, "stagingToken")?;
        let is_staging = origin.contains("staging") || origin.contains("sandbox");
        Ok(Self { lacks_staging_token: is_staging && !has_staging_token, origin })
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

/// Whether a secret is set. The host keeps its value, and says `true`.
fn is_set(object: &Row, field: &str) -> Result<bool, Error> {
    match object.json(field) {
        None => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(invalid(field, "expected `true` for a secret that is set: the host keeps its value")),
    }
}

/// A string that becomes part of a header's value: anything that could start another header is refused here.
fn header_text<'a>(object: &Row<'a>, field: &str) -> Result<Option<Cow<'a, str>>, Error> {
    if object.json(field).is_none() {
        return Ok(None);
    }
    let text = object.string(field).ok_or_else(|| invalid(field, "expected a string"))?;
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

/// Scheme, host and port of the endpoint, in lower case and without a port that goes without saying.
///
/// By hand: a URL parser repairs what had better be refused, and is a tenth of the component.
fn origin(object: &Row) -> Result<String, Error> {
    const EXPECTED: &str = "expected an absolute http or https URL of a scheme, a host and at most a port, such as \
                            https://thirdparty.qonto.com";
    let expected = || invalid("endpoint", EXPECTED);
    let text = header_text(object, "endpoint")?.ok_or_else(expected)?.to_ascii_lowercase();
    let (scheme, rest) = text.split_once("://").ok_or_else(expected)?;
    let default_port = match scheme {
        "http" => 80,
        "https" => 443,
        _ => return Err(expected()),
    };
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let is_address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).is_some_and(|address| {
        address.contains(':') && address.bytes().all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.'))
    });
    let is_name = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'));
    if host.is_empty() || !(is_address || is_name) {
        return Err(expected());
    }
    if !path.is_empty() {
        return Err(invalid("endpoint", "expected no path: the connector adds /v2/… itself"));
    }
    let Some(port) = port else { return Ok(format!("{scheme}://{host}")) };
    match port.parse::<u16>() {
        Ok(0) | Err(_) => Err(expected()),
        Ok(_) if port.starts_with('+') => Err(expected()),
        Ok(port) if port == default_port => Ok(format!("{scheme}://{host}")),
        Ok(port) => Ok(format!("{scheme}://{host}:{port}")),
    }
}

fn check_page_size_field(object: &Row) -> Result<(), Error> {
    match object.json("pageSize").map(str::parse::<u32>) {
        None | Some(Ok(1..=MAX_PAGE_SIZE)) => Ok(()),
        Some(_) => Err(invalid("pageSize", "expected a whole number from 1 to 100")),
    }
}

fn check_polling_period(object: &Row) -> Result<(), Error> {
    if object.json("pollingPeriod").is_none() {
        return Ok(());
    }
    match object.string("pollingPeriod").and_then(|text| go_duration::parse(&text)) {
        Some(period) if !period.is_zero() => Ok(()),
        _ => Err(invalid("pollingPeriod", "expected a duration longer than zero, such as 30m, 1h30m or 90s")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
    use super::*;
    use serde_json::{Value, json};

    fn minimal() -> Value {
        json!({"apiKey": true, "clientID": "acme-1234", "endpoint": "https://thirdparty.qonto.com"})
    }

    fn with(field: &str, value: Value) -> Result<Config, Error> {
        let mut config = minimal();
        config[field] = value;
        Config::parse(&config.to_string())
    }

    #[test]
    fn the_required_fields_are_enough_and_unknown_ones_are_ignored() {
        let config = with("name", json!("ours")).unwrap();
        assert_eq!(config.origin, "https://thirdparty.qonto.com");
        assert!(!config.lacks_staging_token);
    }

    #[test]
    fn a_sandbox_wants_its_token() {
        for (token, lacks) in [(json!(true), false), (Value::Null, true)] {
            let mut config = minimal();
            config["endpoint"] = json!("https://thirdparty-sandbox.staging.qonto.co/");
            config["pageSize"] = json!(100);
            config["pollingPeriod"] = json!("1h30m");
            config["stagingToken"] = token;
            let config = Config::parse(&config.to_string()).unwrap();
            assert_eq!(config.origin, "https://thirdparty-sandbox.staging.qonto.co");
            assert_eq!(config.lacks_staging_token, lacks);
        }
    }

    #[test]
    fn an_origin_is_spelled_in_one_way() {
        for (text, origin) in [
            ("HTTPS://ThirdParty.Qonto.com/", "https://thirdparty.qonto.com"),
            ("https://thirdparty.qonto.com:443", "https://thirdparty.qonto.com"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("http://localhost:80/", "http://localhost"),
            ("http://localhost:443", "http://localhost:443"),
            ("http://[::1]:9/", "http://[::1]:9"),
            ("http://[::1]", "http://[::1]"),
        ] {
            assert_eq!(with("endpoint", json!(text)).unwrap().origin, origin, "{text}");
            // What a URL parser makes of it.
            assert_eq!(url::Url::parse(text).unwrap().origin().ascii_serialization(), origin, "{text}");
        }
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
            "https://third%70arty.qonto.com",
            "https://:443",
            "https://a:b:1",
            "https://thirdparty.qonto.com:",
            "https://thirdparty.qonto.com:+1",
            "https://thirdparty.qonto.com/?x=1",
            "https://[::1",
            "https://[]",
            "https://[::1]x",
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
        for text in ["", "null", "[]", "7", "{", "\"x\"", r#"{"apiKey":"a","apiKey":"b"}"#] {
            let error = Config::parse(text).unwrap_err();
            assert!(matches!(&error, Error::InvalidConfig(config) if config.field == "config"), "{text}");
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

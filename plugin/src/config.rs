//! The config: what it may hold, and what is wrong with it before any request is made.

use connector_kit::config::{self, field};
use connector_kit::errors::invalid_config as invalid;

use crate::contract::exports::payments::connector::connector::{ConfigField, FieldKind};
use crate::contract::payments::connector::types::Error;

/// The largest page that Qonto gives.
pub const MAX_PAGE_SIZE: u32 = 100;

/// Qonto's production hosts, which have no use for the sandbox's token.
pub const PRODUCTION: [&str; 2] = ["https://thirdparty.qonto.com", "https://thirdparty.qonto.eu"];
const DEFAULT_PAGE_SIZE: &str = "25";
const DEFAULT_POLLING_PERIOD: &str = "30m";

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
        let config = config::Config::parse(json)?;
        config.expect_set("apiKey")?;
        let client_id = config.required_text("clientID")?;
        if client_id.contains([':', ' ']) {
            return Err(invalid("clientID", "expected the login alone, without a colon or spaces"));
        }
        let origin = config.origin("endpoint", PRODUCTION[0])?;
        config.check_polling(MAX_PAGE_SIZE)?;
        let has_staging_token = config.is_set("stagingToken")?;
        let is_staging = origin.contains("staging") || origin.contains("sandbox");
        Ok(Self { lacks_staging_token: is_staging && !has_staging_token, origin })
    }
}

/// Checks the page size of a request.
///
/// # Errors
/// `invalid-config` when Qonto does not take it.
pub fn check_page_size(size: u32) -> Result<u32, Error> {
    config::check_page_size(size, MAX_PAGE_SIZE)
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

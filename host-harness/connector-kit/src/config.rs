//! The config: what is wrong with it before any request is made.

use std::borrow::Cow;

use crate::contract::exports::payments::connector::connector::{ConfigField, FieldKind};
use crate::contract::payments::connector::types::Error;
use crate::errors::invalid_config as invalid;
use crate::row::Row;

/// Bytes of a text that no setting needs more of.
const MAX_TEXT: usize = 4096;

/// A field of the config, for the manifest.
#[must_use]
pub fn field(name: &str, kind: FieldKind, required: bool, default: Option<&str>, description: &str) -> ConfigField {
    ConfigField {
        name: name.to_owned(),
        kind,
        required,
        default: default.map(str::to_owned),
        description: description.to_owned(),
    }
}

/// Checks the page size of a request against the manifest's `max-page-size`.
///
/// # Errors
/// `invalid-config` when it is not from 1 to `most`.
pub fn check_page_size(size: u32, most: u32) -> Result<u32, Error> {
    if (1..=most).contains(&size) { Ok(size) } else { Err(invalid("pageSize", &format!("expected 1 to {most} rows"))) }
}

/// A config as the host hands it over. Each of its methods refuses with `invalid-config`, the field at fault and what is
/// expected of it.
#[derive(Clone, Debug)]
pub struct Config<'a>(Row<'a>);

impl<'a> Config<'a> {
    /// Reads a config.
    ///
    /// # Errors
    /// It is no JSON object.
    pub fn parse(json: &'a str) -> Result<Self, Error> {
        let object = Row::parse(json);
        object
            .map(Self)
            .map_err(|_| invalid("config", "expected a JSON object with the fields of the manifest, each once"))
    }

    /// Whether a secret is set. The host keeps its value, and says `true`.
    ///
    /// # Errors
    /// The field holds something else.
    pub fn is_set(&self, field: &str) -> Result<bool, Error> {
        match self.0.json(field) {
            None => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(invalid(field, "expected `true` for a secret that is set: the host keeps its value")),
        }
    }

    /// Expects a secret to be set.
    ///
    /// # Errors
    /// It is not.
    pub fn expect_set(&self, field: &str) -> Result<(), Error> {
        if self.is_set(field)? { Ok(()) } else { Err(missing(field)) }
    }

    /// A string that may become part of a header's value: anything that could start another header is refused here. None
    /// when it is not set.
    ///
    /// # Errors
    /// It is no string, empty, or holds what no header may.
    pub fn text(&self, field: &str) -> Result<Option<Cow<'a, str>>, Error> {
        if self.0.json(field).is_none() {
            return Ok(None);
        }
        let text = self.0.string(field).ok_or_else(|| invalid(field, "expected a string"))?;
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

    /// As [`Config::text`], of a field that has to be there.
    ///
    /// # Errors
    /// As there, or it is not set.
    pub fn required_text(&self, field: &str) -> Result<Cow<'a, str>, Error> {
        self.text(field)?.ok_or_else(|| missing(field))
    }

    /// Scheme, host and port of a URL without a path, in lower case and without a port that goes without saying;
    /// `example` shows what is expected.
    ///
    /// By hand: a URL parser repairs what had better be refused, and is a tenth of a component.
    ///
    /// # Errors
    /// It is missing, or no such URL.
    pub fn origin(&self, field: &str, example: &str) -> Result<String, Error> {
        let expected = || {
            let what = "expected an absolute http or https URL of a scheme, a host and at most a port, such as";
            invalid(field, &format!("{what} {example}"))
        };
        let text = self.text(field)?.ok_or_else(expected)?.to_ascii_lowercase();
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
        if !is_host(host) {
            return Err(expected());
        }
        if !path.is_empty() {
            return Err(invalid(field, "expected no path: the connector adds it itself"));
        }
        let Some(port) = port else { return Ok(format!("{scheme}://{host}")) };
        match port.parse::<u16>() {
            Ok(0) | Err(_) => Err(expected()),
            Ok(_) if port.starts_with('+') => Err(expected()),
            Ok(port) if port == default_port => Ok(format!("{scheme}://{host}")),
            Ok(port) => Ok(format!("{scheme}://{host}:{port}")),
        }
    }

    /// Checks the fields that mean the same for every provider: `pageSize` and `pollingPeriod`.
    ///
    /// # Errors
    /// A page size that is no whole number from 1 to `most`, or a period that is none or zero.
    pub fn check_polling(&self, most: u32) -> Result<(), Error> {
        if self.0.json("pageSize").is_some_and(|size| !size.parse().is_ok_and(|size| (1..=most).contains(&size))) {
            return Err(invalid("pageSize", &format!("expected a whole number from 1 to {most}")));
        }
        if self.0.json("pollingPeriod").is_none() {
            return Ok(());
        }
        match self.0.string("pollingPeriod").and_then(|text| go_duration::parse(&text)) {
            Some(period) if !period.is_zero() => Ok(()),
            _ => Err(invalid("pollingPeriod", "expected a duration longer than zero, such as 30m, 1h30m or 90s")),
        }
    }
}

fn missing(field: &str) -> Error {
    invalid(field, "required: expected a string that is not empty")
}

fn is_host(host: &str) -> bool {
    let is_address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).is_some_and(|address| {
        address.contains(':') && address.bytes().all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.'))
    });
    let is_name = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'));
    !host.is_empty() && (is_address || is_name)
}

//! How the host gets a token for a credential: one request, and one place in the answer. OAuth 2 with client credentials
//! and every home-made login are that.

use std::collections::BTreeSet;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use serde_json::{Map, Value};
use url::{Url, form_urlencoded};
use zeroize::Zeroizing;

use super::credential::{self, CredentialError};
use super::format::Format;
use crate::egress::{Pattern, PatternError};
use crate::secrets::BadSecret;
use crate::transport::Request;
use model::{ConfigField, FieldKind};

/// The longest answer to an exchange, in bytes.
pub(crate) const LARGEST: usize = 1 << 20;
/// How the host names itself in a request of its own.
const AGENT: &str = concat!("host-harness/", env!("CARGO_PKG_VERSION"));

/// The request for a token, and where it is in the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// The method.
    pub method: Method,
    /// The `url` field that it goes to.
    pub to: String,
    /// The path below that field's own.
    pub path: String,
    /// The headers, with the format of each.
    pub headers: Vec<(HeaderName, Format)>,
    /// What is sent besides.
    pub body: Body,
    /// Where the token is in the answer, as a JSON pointer.
    pub value: String,
    /// Where the number of seconds is that it lives.
    pub lifetime: Option<String>,
    /// Where it says when the token ends.
    pub expires: Option<String>,
    /// How long it lives where the answer does not say.
    pub otherwise: Option<Duration>,
}

/// What an exchange sends besides headers: names, with the format of each value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// Nothing.
    None,
    /// A form.
    Form(Vec<(String, Format)>),
    /// The members of a JSON object, as strings.
    Json(Vec<(String, Format)>),
}

impl Body {
    fn members(&self) -> &[(String, Format)] {
        match self {
            Self::None => &[],
            Self::Form(members) | Self::Json(members) => members,
        }
    }
}

/// Why a manifest's `token.*` describe no exchange.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExchangeError {
    /// A key that others need, or that `{@token}` needs.
    #[error("`{0}` is missing, without which there is no token")]
    Missing(&'static str),
    /// A key that stands there twice.
    #[error("`{0}` stands there twice")]
    Twice(String),
    /// Not three words.
    #[error(
        "`token.request` is {0:?}; expected a method, a `url` field and a path, as in `POST endpoint /oauth/token`"
    )]
    Request(String),
    /// A method or a path that is none.
    #[error("`token.request`: {0}")]
    Pattern(#[from] PatternError),
    /// A path with a placeholder.
    #[error("the path of `token.request`, {0}, has a placeholder; the host makes this one request only")]
    Placeholder(String),
    /// To what is no `url` field.
    #[error("`token.request` goes to `{0}`, which is no `url` field of the manifest")]
    To(String),
    /// Both kinds of body.
    #[error("it has both `token.form.…` and `token.json.…`; a request has one body")]
    FormAndJson,
    /// Not a JSON pointer.
    #[error("`{0}` is no JSON pointer; expected a text such as `/access_token`")]
    Pointer(String),
    /// Not a number of seconds.
    #[error("`token.lifetime-seconds` is {0:?}; expected a whole number of seconds above 0")]
    Seconds(String),
    /// The token made with itself.
    #[error("`{0}` has `{{@token}}`, and there is none before the exchange")]
    Circular(String),
    /// A token that nothing is made of.
    #[error("it fetches a token, and none of its headers has `{{@token}}`")]
    Unused,
}

/// Why an answer gives no token. Shows nothing of the answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The provider could not, or sends elsewhere.
    #[error("the answer has status {}", .0.as_u16())]
    Status(StatusCode),
    /// More than a token and what belongs to it.
    #[error("the answer has more than {LARGEST} bytes")]
    TooLarge,
    /// Not JSON.
    #[error("the answer is not JSON")]
    NotJson,
    /// No text at the place.
    #[error("the answer has no text at {0}")]
    Missing(String),
    /// A text that no header can carry, or that could not be told from ordinary words.
    #[error("the token {0}")]
    Bad(BadSecret),
}

/// A token as it came.
pub(crate) struct Token {
    /// What goes into headers.
    pub(crate) value: Zeroizing<String>,
    /// How long it lives from now on; none: until it is refused.
    pub(crate) lifetime: Option<Duration>,
}

impl Exchange {
    /// Understands the keys of `more`: nothing where there are none.
    ///
    /// # Errors
    /// [`CredentialError`].
    pub fn parse(more: &[(String, String)], fields: &[ConfigField]) -> Result<Option<Self>, CredentialError> {
        let mut seen = BTreeSet::new();
        let (mut headers, mut form, mut json) = (Vec::new(), Vec::new(), Vec::new());
        let (mut request, mut value, mut lifetime, mut expires, mut otherwise) = (None, None, None, None, None);
        for (key, text) in more {
            if !seen.insert(key.as_str()) {
                return Err(ExchangeError::Twice(key.clone()).into());
            }
            let named = |kind: &str| key.strip_prefix(kind).filter(|name| !name.is_empty());
            if let Some(name) = named("token.header.") {
                headers.push((credential::header(name)?, credential::in_header(key, format(key, text, fields)?)?));
            } else if let Some(name) = named("token.form.") {
                form.push((name.to_owned(), format(key, text, fields)?));
            } else if let Some(name) = named("token.json.") {
                json.push((name.to_owned(), format(key, text, fields)?));
            } else {
                match key.as_str() {
                    "token.request" => request = Some(target(text, fields)?),
                    "token.value" => value = Some(pointer(key, text)?),
                    "token.lifetime" => lifetime = Some(pointer(key, text)?),
                    "token.expires" => expires = Some(pointer(key, text)?),
                    "token.lifetime-seconds" => otherwise = Some(seconds(text)?),
                    _ => return Err(CredentialError::Unknown(key.clone())),
                }
            }
        }
        if seen.is_empty() {
            return Ok(None);
        }
        let (method, to, path) = request.ok_or(ExchangeError::Missing("token.request"))?;
        let value = value.ok_or(ExchangeError::Missing("token.value"))?;
        credential::each_header_once(headers.iter().map(|(name, _)| name))?;
        let body = match (form.is_empty(), json.is_empty()) {
            (true, true) => Body::None,
            (false, true) => Body::Form(form),
            (true, false) => Body::Json(json),
            (false, false) => return Err(ExchangeError::FormAndJson.into()),
        };
        Ok(Some(Self { method, to, path, headers, body, value, lifetime, expires, otherwise }))
    }

    /// Everything that is made of config fields: the key, and the format.
    pub(super) fn places(&self) -> impl Iterator<Item = (String, &Format)> {
        let kind = if matches!(self.body, Body::Form(_)) { "form" } else { "json" };
        let headers = self.headers.iter().map(|(name, format)| (format!("token.header.{name}"), format));
        headers.chain(self.body.members().iter().map(move |(name, format)| (format!("token.{kind}.{name}"), format)))
    }

    /// The request to `url`. None where a field is not set.
    ///
    /// # Errors
    /// A header that cannot carry what it is made of.
    pub(super) fn request<'v>(
        &self,
        url: Url,
        field: &dyn Fn(&str) -> Option<&'v str>,
    ) -> Result<Option<Request>, (&HeaderName, &Format)> {
        let mut headers = HeaderMap::new();
        for (name, format) in &self.headers {
            let Some(text) = format.compose(field, None) else { return Ok(None) };
            let mut value = HeaderValue::from_str(&text).map_err(|_| (name, format))?;
            value.set_sensitive(true);
            headers.insert(name.clone(), value);
        }
        let mut members = Vec::new();
        for (name, format) in self.body.members() {
            let Some(text) = format.compose(field, None) else { return Ok(None) };
            members.push((name.as_str(), text));
        }
        let (kind, body) = match &self.body {
            Body::None => (None, String::new()),
            Body::Form(_) => {
                let mut form = form_urlencoded::Serializer::new(String::new());
                form.extend_pairs(members.iter().map(|(name, text)| (name, text.as_str())));
                (Some("application/x-www-form-urlencoded"), form.finish())
            }
            Body::Json(_) => {
                let members = members.iter().map(|(name, text)| ((*name).to_owned(), Value::from(text.as_str())));
                (Some("application/json"), Value::Object(members.collect::<Map<_, _>>()).to_string())
            }
        };
        if let Some(kind) = kind {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        }
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
        Ok(Some(Request { method: self.method.clone(), url, headers, body: Bytes::from(body) }))
    }

    /// The token in an answer that came `now`.
    ///
    /// # Errors
    /// [`TokenError`]. Whether the token is fit for a header is for whoever keeps it to say.
    pub(crate) fn read(&self, body: &[u8], now: DateTime<Utc>) -> Result<Token, TokenError> {
        if body.len() > LARGEST {
            return Err(TokenError::TooLarge);
        }
        let answer: Value = serde_json::from_slice(body).map_err(|_| TokenError::NotJson)?;
        let value = answer.pointer(&self.value).and_then(Value::as_str);
        let value = Zeroizing::new(value.ok_or_else(|| TokenError::Missing(self.value.clone()))?.to_owned());
        let at = |pointer: &Option<String>| answer.pointer(pointer.as_ref()?);
        let lifetime = at(&self.lifetime).and_then(number).map(Duration::from_secs);
        let lifetime = lifetime.or_else(|| at(&self.expires).and_then(|end| until(end, now))).or(self.otherwise);
        Ok(Token { value, lifetime })
    }
}

fn format(key: &str, text: &str, fields: &[ConfigField]) -> Result<Format, CredentialError> {
    let format = credential::format(key, text, fields)?;
    if format.uses_token() { Err(ExchangeError::Circular(key.to_owned()).into()) } else { Ok(format) }
}

fn target(text: &str, fields: &[ConfigField]) -> Result<(Method, String, String), ExchangeError> {
    let words: Vec<&str> = text.split(' ').collect();
    let [method, to, path] = words[..] else { return Err(ExchangeError::Request(text.to_owned())) };
    if !fields.iter().any(|field| field.name == to && field.kind == FieldKind::Url) {
        return Err(ExchangeError::To(to.to_owned()));
    }
    let pattern = Pattern::parse(method, to, path)?;
    if path.contains('{') {
        return Err(ExchangeError::Placeholder(path.to_owned()));
    }
    Ok((pattern.method().clone(), to.to_owned(), path.to_owned()))
}

fn pointer(key: &str, text: &str) -> Result<String, ExchangeError> {
    if text.starts_with('/') { Ok(text.to_owned()) } else { Err(ExchangeError::Pointer(key.to_owned())) }
}

fn seconds(text: &str) -> Result<Duration, ExchangeError> {
    let seconds = text.parse().ok().filter(|seconds| *seconds > 0);
    seconds.map(Duration::from_secs).ok_or_else(|| ExchangeError::Seconds(text.to_owned()))
}

/// A whole number, also as a text: some providers quote it.
fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

fn until(end: &Value, now: DateTime<Utc>) -> Option<Duration> {
    let since_epoch = number(end).map(|seconds| i64::try_from(seconds).unwrap_or(i64::MAX));
    let written = || Some(DateTime::parse_from_rfc3339(end.as_str()?).ok()?.timestamp());
    let left = since_epoch.or_else(written)?.saturating_sub(now.timestamp());
    Some(Duration::from_secs(u64::try_from(left).unwrap_or(0)))
}

#[cfg(test)]
#[path = "exchange_tests.rs"]
mod tests;

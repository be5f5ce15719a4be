//! Requests and answers of HTTP as JSON.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use outside::transport::{Request, Response};
use serde::{Deserialize, Serialize};
use url::Url;

/// A body: text, or Base64 where it is none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Body {
    /// As text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body: Option<String>,
    /// What is no UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    base64: Option<String>,
}

impl Body {
    fn of(bytes: &Bytes) -> Self {
        match std::str::from_utf8(bytes) {
            Ok("") => Self::default(),
            Ok(text) => Self { body: Some(text.to_owned()), base64: None },
            Err(_) => Self { body: None, base64: Some(STANDARD.encode(bytes)) },
        }
    }

    fn bytes(self) -> Result<Bytes, String> {
        match self.base64 {
            None => Ok(self.body.unwrap_or_default().into()),
            Some(text) => STANDARD.decode(text).map(Into::into).map_err(|error| format!("`base64` is none: {error}")),
        }
    }
}

fn pairs(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect()
}

fn header_map(pairs: &[(String, String)]) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        let (Ok(known), Ok(text)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) else {
            return Err(format!("{name:?}: {value:?} is no header"));
        };
        headers.append(known, text);
    }
    Ok(headers)
}

/// A request as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HttpRequest {
    method: String,
    url: String,
    headers: Vec<(String, String)>,
    #[serde(flatten)]
    body: Body,
}

impl From<&Request> for HttpRequest {
    fn from(request: &Request) -> Self {
        let (method, url) = (request.method.to_string(), request.url.to_string());
        Self { method, url, headers: pairs(&request.headers), body: Body::of(&request.body) }
    }
}

impl HttpRequest {
    /// The request that it is, or what is wrong with it.
    pub(crate) fn into_request(self) -> Result<Request, String> {
        let method = Method::from_bytes(self.method.as_bytes()).map_err(|error| error.to_string())?;
        let url = Url::parse(&self.url).map_err(|error| format!("{}: {error}", self.url))?;
        Ok(Request { method, url, headers: header_map(&self.headers)?, body: self.body.bytes()? })
    }
}

/// An answer as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HttpResponse {
    status: u16,
    #[serde(default)]
    headers: Vec<(String, String)>,
    #[serde(flatten)]
    body: Body,
}

impl From<&Response> for HttpResponse {
    fn from(response: &Response) -> Self {
        let (status, headers) = (response.status.as_u16(), pairs(&response.headers));
        Self { status, headers, body: Body::of(&response.body) }
    }
}

impl HttpResponse {
    /// The answer that it is, or what is wrong with it.
    pub(crate) fn into_response(self) -> Result<Response, String> {
        let status = StatusCode::from_u16(self.status).map_err(|_| format!("{} is no HTTP status", self.status))?;
        Ok(Response { status, headers: header_map(&self.headers)?, body: self.body.bytes()? })
    }
}

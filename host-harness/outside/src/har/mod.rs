//! Recordings: HTTP Archive 1.2, in a narrow profile.
//!
//! Any HAR can be read, also those of browsers and of mitmproxy; unknown fields are ignored. What is written is the
//! same bytes for the same exchanges, so that a recording can be reviewed and compared line by line:
//!
//! | part | written | read |
//! |---|---|---|
//! | order of fields | as in the specification | any |
//! | headers | those of [`keep_request_header`] and [`keep_response_header`], sorted | any |
//! | cookies | none | ignored |
//! | times | `startedDateTime` of the host's clock; all others -1 | ignored |
//! | bodies | `text` as it was, `encoding: "base64"` if it is not UTF-8 | both |
//! | `_id` | a name for messages and scenario files | optional |
//! | `_repeat` | `true`: answers any number of requests | optional |
//! | `_provenance` | where the entry is from | optional |
//!
//! Bodies are never parsed on the way, so numbers keep their spelling.

mod types;

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use chrono::{DateTime, SecondsFormat, Utc};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use model::malformed::malformed;
pub use types::{
    Cache, Content, Creator, Entry, Har, HarRequest, HarResponse, Log, Pair, PostData, Provenance, Timings, Told,
};
use url::Url;

use crate::egress::headers;
use crate::transport::{Request, Response};
use private_file::Draft;

/// What is wrong with a recording, and where.
#[derive(Debug, thiserror::Error)]
pub enum HarError {
    /// The file cannot be read or written.
    #[error("{}: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// Not a HAR.
    #[error(
        "{} is no recording: {reason}. A recording is a HAR file: JSON with `log.version`, `log.creator` and `log.entries`",
        path.display()
    )]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, and where.
        reason: String,
    },
    /// An entry that cannot be played.
    #[error("{}entry {entry}: {field}: {reason}", file.as_ref().map(|f| format!("{}: ", f.display())).unwrap_or_default())]
    Entry {
        /// The file, if it is from one.
        file: Option<PathBuf>,
        /// Which entry, from 1.
        entry: usize,
        /// The field of the entry, e.g. `request.url`.
        field: &'static str,
        /// What is wrong with it.
        reason: String,
    },
}

impl HarError {
    /// Says which file it is in.
    #[must_use]
    pub fn in_file(self, path: &Path) -> Self {
        match self {
            Self::Entry { entry, field, reason, .. } => {
                Self::Entry { file: Some(path.to_owned()), entry, field, reason }
            }
            other => other,
        }
    }
}

impl Har {
    /// A recording without entries.
    #[must_use]
    pub fn new() -> Self {
        Self {
            log: Log {
                version: "1.2".to_owned(),
                creator: Creator { name: "host-harness".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() },
                entries: Vec::new(),
                told: None,
                comment: None,
            },
        }
    }

    /// Reads a recording.
    ///
    /// # Errors
    /// When the file cannot be read or is no HAR. Entries are looked at when they are played.
    pub fn load(path: &Path) -> Result<Self, HarError> {
        let bytes = fs::read(path).map_err(|error| HarError::Io { path: path.to_owned(), error })?;
        Self::from_slice(&bytes).map_err(|e| HarError::Format { path: path.to_owned(), reason: malformed(&e) })
    }

    /// Reads a recording from memory. A byte order mark, as Fiddler and IE write it, is skipped.
    ///
    /// # Errors
    /// When it is no HAR.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes))
    }

    /// The canonical text: indented, with a line break at the end.
    #[must_use]
    pub fn to_text(&self) -> String {
        // Maps with keys that are no strings cannot be written; there are no maps.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// Writes the canonical text. A crash leaves the old file or the new one, never half of one.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, file: Draft) -> Result<(), HarError> {
        let path = file.path().to_owned();
        file.commit(self.to_text().as_bytes()).map_err(|error| HarError::Io { path, error })
    }
}

impl Default for Har {
    fn default() -> Self {
        Self::new()
    }
}

impl Entry {
    /// The entry for an exchange that started at `started`.
    #[must_use]
    pub fn of(started: DateTime<Utc>, request: &Request, response: &Response) -> Self {
        Self {
            started_date_time: started.to_rfc3339_opts(SecondsFormat::Millis, true),
            time: serde_json::Number::from(-1),
            request: HarRequest::of(request),
            response: HarResponse::of(response),
            cache: Cache {},
            timings: Timings::default(),
            id: None,
            repeat: false,
            credentials: Vec::new(),
            provenance: None,
            comment: None,
        }
    }

    /// When the exchange started, if the entry says so in RFC 3339.
    #[must_use]
    pub fn started(&self) -> Option<DateTime<Utc>> {
        DateTime::parse_from_rfc3339(&self.started_date_time).ok().map(|time| time.with_timezone(&Utc))
    }

    /// The request, for comparing.
    ///
    /// # Errors
    /// When a part of it is no HTTP. `entry` is the number for the message, from 1.
    pub fn to_request(&self, entry: usize) -> Result<Request, HarError> {
        let request = &self.request;
        let method = Method::from_bytes(request.method.as_bytes())
            .map_err(|_| invalid(entry, "request.method", format!("`{}` is no method", request.method)))?;
        let url = Url::parse(&request.url).map_err(|e| invalid(entry, "request.url", e.to_string()))?;
        let body = match &request.post_data {
            Some(data) => decode(data.text.as_deref(), data.encoding.as_deref())
                .map_err(|reason| invalid(entry, "request.postData", reason))?,
            None => Bytes::new(),
        };
        // Browsers list the pseudo-headers of HTTP/2, and no name of a header begins like those.
        let header =
            |pair: &Pair| Some((pair.name.parse::<HeaderName>().ok()?, pair.value.parse::<HeaderValue>().ok()?));
        let headers = request.headers.iter().filter_map(header).collect();
        Ok(Request { method, url, headers, body })
    }

    /// The answer. Its body is what a browser shows: unpacked, so headers that say otherwise are left out.
    ///
    /// # Errors
    /// When a part of it is no HTTP, or the body was not recorded. `entry` is the number for the message, from 1.
    pub fn to_response(&self, entry: usize) -> Result<Response, HarError> {
        let response = &self.response;
        let status = u16::try_from(response.status).ok().and_then(|code| StatusCode::from_u16(code).ok());
        let status = status.ok_or_else(|| {
            let reason = format!("{} is no status; remove entries of requests that failed", response.status);
            invalid(entry, "response.status", reason)
        })?;
        let content = &response.content;
        if content.text.is_none() && content.size > 0 {
            let reason = format!("is missing though {} bytes came; save the recording with contents", content.size);
            return Err(invalid(entry, "response.content.text", reason));
        }
        let body = decode(content.text.as_deref(), content.encoding.as_deref())
            .map_err(|reason| invalid(entry, "response.content", reason))?;
        let mut headers = HeaderMap::new();
        for Pair { name, value } in &response.headers {
            // Browsers list the pseudo-headers of HTTP/2.
            if name.starts_with(':') || FRAMING.iter().any(|framing| name.eq_ignore_ascii_case(framing)) {
                continue;
            }
            let name = HeaderName::from_bytes(name.as_bytes());
            let value = HeaderValue::from_bytes(value.as_bytes());
            let (Ok(name), Ok(value)) = (name, value) else {
                return Err(invalid(entry, "response.headers", "has a header that is no HTTP".to_owned()));
            };
            headers.append(name, value);
        }
        Ok(Response { status, headers, body })
    }
}

/// Headers that speak of a body as it was on the wire.
const FRAMING: [&str; 3] = ["content-encoding", "content-length", "transfer-encoding"];

fn invalid(entry: usize, field: &'static str, reason: String) -> HarError {
    HarError::Entry { file: None, entry, field, reason }
}

impl HarRequest {
    fn of(request: &Request) -> Self {
        let query = request.url.query_pairs();
        let post_data = (!request.body.is_empty()).then(|| {
            let (text, encoding) = encode(&request.body);
            PostData { mime_type: mime_type(&request.headers), text: Some(text), encoding }
        });
        let mut url = request.url.clone();
        url.set_fragment(None);
        Self {
            method: request.method.to_string(),
            url: url.to_string(),
            http_version: "HTTP/1.1".to_owned(),
            cookies: Vec::new(),
            headers: sorted(&request.headers, keep_request_header),
            query_string: query.map(|(name, value)| Pair { name: name.into(), value: value.into() }).collect(),
            headers_size: -1,
            body_size: size(&request.body),
            post_data,
        }
    }
}

impl HarResponse {
    fn of(response: &Response) -> Self {
        let (text, encoding) = encode(&response.body);
        Self {
            status: response.status.as_u16().into(),
            status_text: response.status.canonical_reason().unwrap_or_default().to_owned(),
            http_version: "HTTP/1.1".to_owned(),
            cookies: Vec::new(),
            headers: sorted(&response.headers, keep_response_header),
            content: Content {
                size: size(&response.body),
                mime_type: mime_type(&response.headers),
                text: Some(text),
                encoding,
            },
            redirect_url: header_text(response.headers.get(http::header::LOCATION)),
            headers_size: -1,
            body_size: size(&response.body),
        }
    }
}

/// Whether a header of a request is recorded: all that a connector may send. What carries authority is the host's, and
/// stays out.
#[must_use]
pub fn keep_request_header(name: &HeaderName) -> bool {
    !headers::carries_authority(name.as_str())
}

/// Whether a header of an answer is recorded: those that a connector may go by.
#[must_use]
pub fn keep_response_header(name: &HeaderName) -> bool {
    let name = name.as_str();
    matches!(
        name,
        "content-language"
            | "content-type"
            | "date"
            | "etag"
            | "last-modified"
            | "link"
            | "location"
            | "request-id"
            | "retry-after"
            | "www-authenticate"
            | "x-request-id"
    ) || ["ratelimit", "x-ratelimit-", "x-rate-limit-"].iter().any(|prefix| name.starts_with(prefix))
        || name.contains("pagination")
        || name.contains("total-")
}

fn sorted(headers: &HeaderMap, keep: impl Fn(&HeaderName) -> bool) -> Vec<Pair> {
    let kept = headers.iter().filter(|(name, _)| keep(name));
    let mut pairs: Vec<Pair> =
        kept.map(|(name, value)| Pair { name: name.to_string(), value: header_text(Some(value)) }).collect();
    // Stable: fields of one name keep their order, which has a meaning (RFC 9110 §5.3).
    pairs.sort_by(|a, b| a.name.cmp(&b.name));
    pairs
}

fn header_text(value: Option<&HeaderValue>) -> String {
    value.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).unwrap_or_default()
}

fn mime_type(headers: &HeaderMap) -> String {
    header_text(headers.get(http::header::CONTENT_TYPE))
}

fn size(body: &Bytes) -> i64 {
    i64::try_from(body.len()).unwrap_or(-1)
}

fn encode(body: &Bytes) -> (String, Option<String>) {
    match std::str::from_utf8(body) {
        Ok(text) => (text.to_owned(), None),
        Err(_) => (STANDARD.encode(body), Some("base64".to_owned())),
    }
}

fn decode(text: Option<&str>, encoding: Option<&str>) -> Result<Bytes, String> {
    let text = text.unwrap_or_default();
    match encoding {
        None | Some("") => Ok(Bytes::copy_from_slice(text.as_bytes())),
        Some("base64") => STANDARD.decode(text).map(Bytes::from).map_err(|error| format!("is no Base64: {error}")),
        Some(other) => Err(format!("has the unknown encoding `{other}`")),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
mod tests;

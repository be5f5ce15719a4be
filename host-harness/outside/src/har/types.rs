//! The part of HAR 1.2 that is written, field by field in the order in which it is written.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Har {
    /// Its only member.
    pub log: Log,
}

/// The exchanges, and who recorded them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Log {
    /// The version of the format: `1.2`.
    #[serde(default)]
    pub version: String,
    /// The program that wrote it.
    #[serde(default)]
    pub creator: Creator,
    /// The exchanges, in order.
    pub entries: Vec<Entry>,
    /// What the connector was told besides its config, where it is known.
    #[serde(rename = "_told", default, skip_serializing_if = "Option::is_none")]
    pub told: Option<Told>,
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// What decides, beside config and state, which requests a connector makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Told {
    /// Rows per request.
    pub page_size: u32,
    /// Requests of one call that may be under way at once.
    pub max_in_flight: u32,
    /// How far back a first poll goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<DateTime<Utc>>,
    /// When the poll began: what it was told as the time.
    pub observed_at: DateTime<Utc>,
}

/// A program.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Creator {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// One request and its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// RFC 3339.
    #[serde(default)]
    pub started_date_time: String,
    /// Milliseconds, -1 if not kept. Fractions are read and ignored.
    #[serde(default = "unknown")]
    pub time: serde_json::Number,
    /// What was asked.
    pub request: HarRequest,
    /// What was answered.
    pub response: HarResponse,
    /// Required by the format, and empty.
    #[serde(default)]
    pub cache: Cache,
    /// Not kept.
    #[serde(default)]
    pub timings: Timings,
    /// A name for messages and scenario files.
    #[serde(default, rename = "_id", skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Answers any number of requests.
    #[serde(default, rename = "_repeat", skip_serializing_if = "std::ops::Not::not")]
    pub repeat: bool,
    /// The names of the credentials that the host put on the request, whose headers are left out.
    #[serde(default, rename = "_credentials", skip_serializing_if = "Vec::is_empty")]
    pub credentials: Vec<String>,
    /// Where it is from.
    #[serde(default, rename = "_provenance", skip_serializing_if = "Option::is_none")]
    pub provenance: Option<Provenance>,
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

fn unknown() -> serde_json::Number {
    serde_json::Number::from(-1)
}

/// Where an entry is from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// E.g. `recorded`, `anonymised`, `constructed`.
    pub source: String,
    /// By whom, after what.
    #[serde(default)]
    pub note: String,
}

/// A request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HarRequest {
    /// The method.
    pub method: String,
    /// The absolute URL, with the query.
    pub url: String,
    /// `HTTP/1.1`.
    #[serde(default)]
    pub http_version: String,
    /// Never written, and ignored.
    #[serde(default, deserialize_with = "nothing")]
    pub cookies: Vec<Pair>,
    /// Those that were kept.
    #[serde(default)]
    pub headers: Vec<Pair>,
    /// The query, decoded. For readers: the URL is what counts.
    #[serde(default)]
    pub query_string: Vec<Pair>,
    /// -1.
    #[serde(default)]
    pub headers_size: i64,
    /// Bytes of the body.
    #[serde(default)]
    pub body_size: i64,
    /// The body, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post_data: Option<PostData>,
}

/// The body of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PostData {
    /// The `content-type`.
    #[serde(default)]
    pub mime_type: String,
    /// The body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// `base64` if the body is not UTF-8. As in [`Content`]; HAR 1.2 does not know it here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HarResponse {
    /// The status; browsers write 0 for a request that failed.
    pub status: i64,
    /// Its usual name.
    #[serde(default)]
    pub status_text: String,
    /// `HTTP/1.1`.
    #[serde(default)]
    pub http_version: String,
    /// Never written, and ignored.
    #[serde(default, deserialize_with = "nothing")]
    pub cookies: Vec<Pair>,
    /// Those that were kept.
    #[serde(default)]
    pub headers: Vec<Pair>,
    /// The body.
    pub content: Content,
    /// The `location`, or empty.
    #[serde(default, rename = "redirectURL")]
    pub redirect_url: String,
    /// -1.
    #[serde(default)]
    pub headers_size: i64,
    /// Bytes of the body.
    #[serde(default)]
    pub body_size: i64,
}

/// The body of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Content {
    /// Bytes.
    #[serde(default)]
    pub size: i64,
    /// The `content-type`.
    #[serde(default)]
    pub mime_type: String,
    /// The body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// `base64` if the body is not UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
}

/// A header, or a parameter of a query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pair {
    /// The name.
    pub name: String,
    /// The value.
    #[serde(default)]
    pub value: String,
}

/// Empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cache {}

/// Times are not kept: they would differ from one recording to the next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Timings {
    /// -1.
    pub send: serde_json::Number,
    /// -1.
    pub wait: serde_json::Number,
    /// -1.
    pub receive: serde_json::Number,
}

impl Default for Timings {
    fn default() -> Self {
        Self { send: unknown(), wait: unknown(), receive: unknown() }
    }
}

/// Skips whatever is there: cookies are credentials, and come in as many shapes as there are tools.
fn nothing<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<Pair>, D::Error> {
    serde::de::IgnoredAny::deserialize(deserializer).map(|_| Vec::new())
}

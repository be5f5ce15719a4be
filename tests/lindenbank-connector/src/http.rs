//! HTTP: one request, one answer.

use serde::Deserialize;
use serde_json::value::RawValue;
use wasi_http_client::Client;

use crate::contract::payments::connector::types::{Error, Timestamp};
use crate::errors::{self, Said, clip, detail, malformed};

/// Who asks.
const USER_AGENT: &str = concat!("lindenbank-connector/", env!("CARGO_PKG_VERSION"));
/// Bytes of a cursor, which stands in a state of at most 64 KiB and in a URL.
const LONGEST_CURSOR: usize = 1_024;

/// How `wasi:http` names the ways in which a host says "not allowed".
const DENIALS: [&str; 2] = ["HttpRequestDenied", "DestinationIpProhibited"];
/// And that requests have to wait for another time.
const WITHHELD: &str = "ConnectionLimitReached";

/// A request that gave nothing to read.
pub struct Refused {
    /// Why.
    pub error: Error,
    /// What the provider said, if it did.
    pub said: Said,
}

/// A page of a list.
#[derive(Deserialize)]
pub struct Listed {
    /// The rows, as they came.
    pub items: Vec<Box<RawValue>>,
    /// Where the next page begins; none at the end. A list that does not say is none.
    #[serde(deserialize_with = "Option::deserialize")]
    pub next: Option<String>,
}

/// Asks for what stands at `path` below `base`; gives the text of the answer.
///
/// # Errors
/// There was no answer, or it is a refusal.
pub fn get(base: &str, path: &str, query: &str, now: Option<Timestamp>) -> Result<String, Box<Refused>> {
    let unheard = |error: Error| Box::new(Refused { error, said: Said::default() });
    let headers = [("accept", "application/json"), ("user-agent", USER_AGENT)];
    let answer = Client::new().get(&format!("{base}{path}{query}")).headers(headers).send();
    let answer = answer.map_err(|error| unheard(lost(path, &format!("{error:#}"))))?;
    let status = answer.status();
    let header = answer.headers().iter().find(|(name, _)| name.eq_ignore_ascii_case("retry-after"));
    let retry_after = header.map(|(_, value)| value.clone());
    let body = answer.body().map_err(|error| unheard(lost(path, &format!("{error:#}"))))?;
    if status == 200 {
        return String::from_utf8(body).map_err(|_| unheard(malformed(path, "the answer is not UTF-8")));
    }
    let said: Said = serde_json::from_slice(&body).unwrap_or_default();
    Err(Box::new(Refused { error: errors::refusal(path, status, &said, retry_after.as_deref(), now), said }))
}

/// What it means that there was no whole answer.
fn lost(path: &str, text: &str) -> Error {
    // Why not, the host knows, and says it.
    let detail = detail(format!("GET {path}: no complete answer"));
    if DENIALS.iter().any(|name| text.contains(name)) {
        Error::Other(detail)
    } else if text.contains(WITHHELD) {
        // A further request would be held back as well.
        Error::RateLimited(detail)
    } else {
        Error::Unavailable(detail)
    }
}

/// Asks for a page of a list.
///
/// # Errors
/// As [`get`]; or the answer is no page.
pub fn list(base: &str, path: &str, query: &str, now: Option<Timestamp>) -> Result<Listed, Error> {
    let text = get(base, path, query, now).map_err(|refused| refused.error)?;
    let no_page = |error: serde_json::Error| format!("the answer is no page of a list: {}", clip(&error.to_string()));
    let listed: Listed = serde_json::from_str(&text).map_err(|error| errors::unread(path, &no_page(error), &text))?;
    if listed.next.as_ref().is_some_and(|next| next.is_empty() || next.len() > LONGEST_CURSOR) {
        return Err(malformed(path, "the cursor to the next page is empty or too long"));
    }
    if listed.items.is_empty() && listed.next.is_some() {
        // Lindenbank gives no such page, so its rows may be missing: what is asked again brings them.
        return Err(malformed(path, "a page without rows says that there are more"));
    }
    Ok(listed)
}

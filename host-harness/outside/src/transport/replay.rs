//! Answers from a recording, and from nothing else.
//!
//! | part of a request | equal if |
//! |---|---|
//! | method, scheme, host, port | equal, the host in any case, default ports spelt or not |
//! | path | its segments are equal, unescaped |
//! | query | it has the same pairs, unescaped, in any order; a key that comes twice must come twice |
//! | body | the same bytes, or the same JSON value: keys in any order, numbers as spelt |
//! | headers | those that the manifest lists are equal: an account to act for changes the answer |
//! | other headers, fragment | not looked at |
//!
//! Entries that are equal are a queue: each answers once, in order. One with `_repeat: true` answers for ever, so what
//! is recorded after it is never reached. A request without an answer is an error that shows the nearest entry.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures::FutureExt as _;
use futures::future::{BoxFuture, ready};
use http::HeaderMap;
use percent_encoding::percent_decode_str;

use super::{Request, Response, Transport, TransportError};
use crate::egress::{Origin, describe};
use crate::har::{Har, HarError, Told};

/// Plays a recording.
#[derive(Debug)]
pub struct Replay {
    slots: Mutex<Vec<Slot>>,
    started_at: Option<DateTime<Utc>>,
    told: Option<Told>,
    /// The headers that are compared, in lower case.
    headers: Vec<String>,
    /// Whether the last of equal entries answers for ever.
    endless: bool,
}

/// An entry of the recording.
#[derive(Debug)]
struct Slot {
    /// `entry 3`, or `entry 3 (first-page)`.
    name: String,
    key: Key,
    response: Response,
    repeat: bool,
    used: bool,
}

/// What is compared of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Key {
    method: String,
    origin: Option<Origin>,
    path: Vec<Vec<u8>>,
    /// Sorted.
    query: Vec<(String, String)>,
    body: Bytes,
    headers: HeaderMap,
    /// For messages.
    description: String,
}

impl Replay {
    /// Reads the recording at `path`.
    ///
    /// # Errors
    /// When it cannot be read, or an entry cannot be played; says which.
    pub fn load(path: &Path) -> Result<Self, HarError> {
        Self::from_har(&Har::load(path)?).map_err(|error| error.in_file(path))
    }

    /// Plays `har`.
    ///
    /// # Errors
    /// When an entry cannot be played; says which, and why.
    pub fn from_har(har: &Har) -> Result<Self, HarError> {
        let slot = |(number, entry): (usize, &crate::har::Entry)| {
            Ok(Slot {
                name: entry
                    .id
                    .as_ref()
                    .map_or_else(|| format!("entry {number}"), |id| format!("entry {number} ({id})")),
                key: Key::of(&entry.to_request(number)?),
                response: entry.to_response(number)?,
                repeat: entry.repeat,
                used: false,
            })
        };
        let slots = (1..).zip(&har.log.entries).map(slot).collect::<Result<_, HarError>>()?;
        let told = har.log.told;
        let first = har.log.entries.first().and_then(crate::har::Entry::started);
        let started_at = told.map(|told| told.observed_at).or(first);
        Ok(Self { slots: Mutex::new(slots), started_at, told, headers: Vec::new(), endless: false })
    }

    /// Makes the recording answer for `origin`: the origin of the first entry becomes this one, wherever it occurs in
    /// requests. Answers stay as they are, also where they have links.
    ///
    /// For a config whose endpoint is not the one that was recorded, e.g. a sandbox. Without it, origins must be equal.
    #[must_use]
    pub fn rebase(self, origin: &Origin) -> Self {
        let mut slots = self.lock();
        let recorded = slots.first().and_then(|slot| slot.key.origin.clone());
        for slot in slots.iter_mut().filter(|slot| slot.key.origin == recorded) {
            slot.key.origin = Some(origin.clone());
        }
        drop(slots);
        self
    }

    /// Compares these headers of requests as well: those that a manifest lists, in lower case.
    #[must_use]
    pub fn heeding(self, headers: &[String]) -> Self {
        Self { headers: headers.to_vec(), ..self }
    }

    /// Lets the last of equal entries answer for ever: for whoever asks again what was recorded once.
    #[must_use]
    pub fn endless(self) -> Self {
        Self { endless: true, ..self }
    }

    /// What the connector was told besides its config, where the recording says so. It has to be told the same, or it
    /// asks for something else.
    #[must_use]
    pub fn told(&self) -> Option<Told> {
        self.told
    }

    /// When the recording started: as it says itself, or the time of its first entry. A replay's clock starts here, so that what depends on
    /// the time comes out as it did.
    #[must_use]
    pub fn started_at(&self) -> Option<DateTime<Utc>> {
        self.started_at
    }

    /// The entries that no request has asked for. A strict caller takes any for a failure: the connector no longer
    /// does what was recorded.
    #[must_use]
    pub fn unused(&self) -> Vec<String> {
        let slots = self.lock();
        let unused = slots.iter().filter(|slot| !slot.used);
        unused.map(|slot| format!("{}: {}{}", slot.name, slot.key.description, query_text(&slot.key.query))).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Slot>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The recorded answer to a request.
    ///
    /// # Errors
    /// There is none; says what the nearest one differs in.
    pub fn answer(&self, request: &Request) -> Result<Response, TransportError> {
        let asked = Key::of(request);
        let mut slots = self.lock();
        let same = |key: &Key| key.differences(&asked, &self.headers).is_empty();
        let next = slots.iter().position(|slot| (slot.repeat || !slot.used) && same(&slot.key));
        let next = next.or_else(|| slots.iter().rposition(|slot| self.endless && same(&slot.key)));
        if let Some(slot) = next.and_then(|place| slots.get_mut(place)) {
            slot.used = true;
            return Ok(slot.response.clone());
        }
        Err(TransportError::NotRecorded(format!(
            "{} is not in the recording: {}",
            asked.description,
            explain(&slots, &asked, &self.headers)
        )))
    }
}

impl Transport for Replay {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        ready(self.answer(&request)).boxed()
    }
}

/// Why none of `slots` answers: the nearest one, and in what it differs.
fn explain(slots: &[Slot], asked: &Key, headers: &[String]) -> String {
    let distance = |slot: &Slot| {
        let far = slot.key.method != asked.method || slot.key.origin != asked.origin;
        let path = slot.key.path.len().abs_diff(asked.path.len())
            + slot.key.path.iter().zip(&asked.path).filter(|(a, b)| a != b).count();
        (far, path, slot.key.differences(asked, headers).len(), slot.used)
    };
    let Some(nearest) = slots.iter().min_by_key(|slot| distance(slot)) else { return "it has no entries".to_owned() };
    let differences = nearest.key.differences(asked, headers);
    if !differences.is_empty() {
        let used =
            if nearest.used && !nearest.repeat { format!("; {} already used", nearest.name) } else { String::new() };
        return format!("nearest is {}: {}{used}", nearest.name, differences.join(", "));
    }
    let same: Vec<&str> = slots
        .iter()
        .filter(|slot| slot.key.differences(asked, headers).is_empty())
        .map(|slot| slot.name.as_str())
        .collect();
    format!(
        "it was sent once more than recorded; {} already used (`\"_repeat\": true` lets an entry answer for ever)",
        same.join(", ")
    )
}

impl Key {
    fn of(request: &Request) -> Self {
        let url = &request.url;
        let mut query: Vec<(String, String)> = url.query_pairs().map(|(k, v)| (k.into(), v.into())).collect();
        query.sort();
        Self {
            method: request.method.to_string(),
            origin: Origin::of(url),
            path: url.path().split('/').map(|segment| percent_decode_str(segment).collect()).collect(),
            query,
            body: request.body.clone(),
            headers: request.headers.clone(),
            description: describe(request),
        }
    }

    /// In what `asked` differs from this, which was recorded: one text for each part.
    fn differences(&self, asked: &Self, headers: &[String]) -> Vec<String> {
        let mut differences = Vec::new();
        let mut compare = |part: &str, recorded: String, asked: String| {
            if recorded != asked {
                differences.push(format!("{part}: recorded {recorded}, asked {asked}"));
            }
        };
        compare("method", self.method.clone(), asked.method.clone());
        compare("origin", origin_text(self), origin_text(asked));
        if self.path != asked.path {
            compare("path", path_text(self), path_text(asked));
        }
        let mut names: Vec<&str> = self.query.iter().chain(&asked.query).map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            compare(name, values_text(&self.query, name), values_text(&asked.query, name));
        }
        for name in headers {
            compare(name, header_text(&self.headers, name), header_text(&asked.headers, name));
        }
        if !same_body(&self.body, &asked.body) {
            differences.push(format!("body: recorded {}, asked {}", body_text(&self.body), body_text(&asked.body)));
        }
        differences
    }
}

fn origin_text(key: &Key) -> String {
    key.origin.as_ref().map_or_else(|| "none".to_owned(), ToString::to_string)
}

/// Escaped anew where that is needed to tell a slash inside a segment from one between two.
fn path_text(key: &Key) -> String {
    let segments = key.path.iter().map(|s| String::from_utf8_lossy(s).replace('%', "%25").replace('/', "%2F"));
    segments.collect::<Vec<_>>().join("/")
}

/// `3`, `3 and 4`, `nothing`. Unambiguous, since what is compared is this text.
fn values_text(query: &[(String, String)], name: &str) -> String {
    let values: Vec<String> = query
        .iter()
        .filter(|(key, _)| key == name)
        .map(|(_, value)| {
            let plain = !value.is_empty() && value != "nothing" && !value.contains([' ', '"', '\\']);
            if plain { value.clone() } else { format!("{value:?}") }
        })
        .collect();
    if values.is_empty() { "nothing".to_owned() } else { values.join(" and ") }
}

/// As [`values_text`], of a header.
fn header_text(headers: &HeaderMap, name: &str) -> String {
    let values = headers.get_all(name).iter();
    let pairs: Vec<(String, String)> =
        values.map(|value| (name.to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())).collect();
    values_text(&pairs, name)
}

fn query_text(query: &[(String, String)]) -> String {
    if query.is_empty() {
        return String::new();
    }
    let pairs = query.iter().map(|(name, value)| format!("{name}={value}"));
    format!("?{}", pairs.collect::<Vec<_>>().join("&"))
}

fn same_body(recorded: &Bytes, asked: &Bytes) -> bool {
    let json = |body: &Bytes| serde_json::from_slice::<serde_json::Value>(body).ok();
    recorded == asked || json(recorded).is_some_and(|value| Some(value) == json(asked))
}

fn body_text(body: &Bytes) -> String {
    const SHOWN: usize = 80;
    let text = String::from_utf8_lossy(body);
    if text.is_empty() {
        return "nothing".to_owned();
    }
    let start: String = text.chars().take(SHOWN).collect();
    let more = if start.len() < text.len() { format!("… ({} bytes)", body.len()) } else { String::new() };
    format!("`{start}`{more}")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
mod tests;

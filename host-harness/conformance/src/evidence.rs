//! What a failed check shows: the exchanges, the states, what was expected.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use futures::FutureExt as _;
use futures::future::BoxFuture;
use serde::Serialize;

use super::lost::Lost;
use outside::transport::{Request, Response, Transport, TransportError};

/// The exchanges that are kept of a check; the last ones tell most.
const KEPT: usize = 400;
/// Characters of a body that are kept.
const BODY: usize = 4_000;

/// One request with its answer, as the connector saw them: secrets are placeholders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Exchange {
    /// Its number in the trial, from 1.
    pub number: usize,
    /// `GET https://…`.
    pub request: String,
    /// Its headers, a line each.
    pub headers: Vec<String>,
    /// `200 OK`, or why there was no answer.
    pub answer: String,
    /// The headers of the answer, a line each.
    pub answer_headers: Vec<String>,
    /// The beginning of the answer's body.
    pub body: String,
}

/// A state before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StateChange {
    /// The stream.
    pub stream: String,
    /// Before, as text.
    pub before: String,
    /// After, as text.
    pub after: String,
}

/// Why a check failed, and how it was seen.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Evidence {
    /// One sentence: what should have been, what was.
    pub what: String,
    /// How the situation came about: page size, rows, faults.
    pub setting: String,
    /// What was expected and not found, or found and not expected; a line each.
    pub differences: Vec<String>,
    /// How the first of the missing rows was lost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lost: Option<Lost>,
    /// The last exchanges, or those around the one that lost the row.
    pub exchanges: Vec<Exchange>,
    /// The states that tell something.
    pub states: Vec<StateChange>,
    /// A scenario file that shows it again, when one was written: its JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scenario: Option<String>,
}

impl Evidence {
    /// A failure in one sentence.
    #[must_use]
    pub fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), ..Self::default() }
    }

    /// The number of the exchange in which a row was lost, where one was and that is known.
    #[must_use]
    pub fn lost_in(&self) -> Option<usize> {
        self.lost.as_ref().and_then(|lost| lost.exchange)
    }
}

/// Bytes as a person can read them: text, or hexadecimal where they are none.
#[must_use]
pub fn readable(bytes: Option<&[u8]>) -> String {
    let Some(bytes) = bytes else { return String::new() };
    match std::str::from_utf8(bytes) {
        Ok(text) => serde_json::from_str::<serde_json::Value>(text)
            .ok()
            .and_then(|value| serde_json::to_string_pretty(&value).ok())
            .unwrap_or_else(|| text.to_owned()),
        Err(_) => bytes.chunks(16).fold(String::new(), |mut text, row| {
            for byte in row {
                // Writing to a string cannot fail.
                let _ = write!(text, "{byte:02x} ");
            }
            text.push('\n');
            text
        }),
    }
}

/// A transport that keeps what passes. Clones keep the same.
pub struct Tape<T> {
    inner: T,
    kept: Arc<Mutex<Kept>>,
}

#[derive(Default)]
struct Kept {
    exchanges: Vec<(Request, Result<Response, TransportError>)>,
    dropped: usize,
}

impl<T: Clone> Clone for Tape<T> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), kept: Arc::clone(&self.kept) }
    }
}

impl<T> Tape<T> {
    /// Records what passes to `inner`.
    pub fn new(inner: T) -> Self {
        Self { inner, kept: Arc::default() }
    }

    /// The requests kept, oldest first.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.exchanges.iter().map(|(request, _)| request.clone()).collect()
    }

    /// The exchanges kept that had an answer, oldest first.
    #[must_use]
    pub fn exchanges(&self) -> Vec<(http::Method, url::Url, Response)> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let answered = kept.exchanges.iter().filter_map(|(request, answer)| Some((request, answer.as_ref().ok()?)));
        answered.map(|(request, answer)| (request.method.clone(), request.url.clone(), answer.clone())).collect()
    }

    /// The last `count` requests, oldest first.
    #[must_use]
    pub fn latest(&self, count: usize) -> Vec<Request> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let skipped = kept.exchanges.len().saturating_sub(count);
        kept.exchanges[skipped..].iter().map(|(request, _)| request.clone()).collect()
    }

    /// The last `count` exchanges, to show.
    #[must_use]
    pub fn last(&self, count: usize) -> Vec<Exchange> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let skipped = kept.exchanges.len().saturating_sub(count);
        let numbered = kept.exchanges.iter().enumerate().skip(skipped);
        numbered.map(|(place, (request, answer))| shown(kept.dropped + place + 1, request, answer)).collect()
    }

    /// About `count` exchanges around the one of this number, to show.
    #[must_use]
    pub fn around(&self, number: usize, count: usize) -> Vec<Exchange> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let place = number.saturating_sub(kept.dropped + 1);
        let numbered = kept.exchanges.iter().enumerate().skip(place.saturating_sub(count / 2)).take(count);
        numbered.map(|(place, (request, answer))| shown(kept.dropped + place + 1, request, answer)).collect()
    }

    /// Looks at the bodies of all answers, with the numbers of their exchanges, oldest first.
    pub fn look<R>(&self, look: impl FnOnce(&[(usize, &[u8])]) -> R) -> R {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let numbered = kept.exchanges.iter().enumerate();
        let bodies =
            numbered.filter_map(|(place, (_, answer))| Some((kept.dropped + place + 1, &*answer.as_ref().ok()?.body)));
        look(&bodies.collect::<Vec<_>>())
    }

    /// Forgets everything.
    pub fn clear(&self) {
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Kept::default();
    }
}

fn shown(number: usize, request: &Request, answer: &Result<Response, TransportError>) -> Exchange {
    let lines = |headers: &http::HeaderMap| {
        headers.iter().map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value.as_bytes()))).collect()
    };
    let (told, answer_headers, body) = match answer {
        Ok(response) => {
            let text: String = String::from_utf8_lossy(&response.body).chars().take(BODY).collect();
            (response.status.to_string(), lines(&response.headers), text)
        }
        Err(error) => (error.to_string(), Vec::new(), String::new()),
    };
    let request_line = format!("{} {}", request.method, request.url);
    Exchange { number, request: request_line, headers: lines(&request.headers), answer: told, answer_headers, body }
}

impl<T: Transport> Transport for Tape<T> {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        async move {
            let answer = self.inner.send(request.clone()).await;
            let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            if kept.exchanges.len() == KEPT {
                kept.exchanges.drain(..KEPT / 2);
                kept.dropped += KEPT / 2;
            }
            kept.exchanges.push((request, answer.clone()));
            drop(kept);
            answer
        }
        .boxed()
    }
}

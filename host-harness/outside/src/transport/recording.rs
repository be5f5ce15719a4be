//! Writes down what passes.
//!
//! Stands between the connector and [`Authenticated`](super::authenticated::Authenticated), so that what it sees has no
//! credentials and no secret. That is checked once more before anything reaches the disk.

use std::sync::{Arc, Mutex, PoisonError};

use futures::FutureExt as _;
use futures::future::BoxFuture;

use super::{Request, Response, Transport, TransportError};
use crate::authority::Keyring;
use crate::clock::Clock;
use crate::egress::Origin;
use crate::har::{Entry, Har, HarError, Told};
use crate::secrets::Secrets;
use private_file::Draft;

/// Passes everything through, and keeps each request with its answer. A request without an answer leaves no entry:
/// HAR has no place for the reason.
pub struct Recording<T> {
    inner: T,
    clock: Arc<dyn Clock>,
    /// What is put on the requests further on.
    keyring: Option<Arc<Keyring>>,
    told: Option<Told>,
    /// In the order of the requests; `None` as long as there is no answer.
    entries: Mutex<Vec<Option<Entry>>>,
}

/// Why a recording is not written.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// A secret is in it, in whatever encoding. Nothing was written.
    #[error("not written: the secret `{field}` is in {place}")]
    SecretSurvives {
        /// The config's field.
        field: String,
        /// Which part of the recording.
        place: String,
    },
    /// The file cannot be written.
    #[error(transparent)]
    Har(#[from] HarError),
}

impl<T: Transport> Recording<T> {
    /// Records what passes through `inner`, with the times of `clock`.
    pub fn new(inner: T, clock: Arc<dyn Clock>) -> Self {
        Self { inner, clock, keyring: None, told: None, entries: Mutex::default() }
    }

    /// Notes with each request which credentials of `keyring` go on it: their headers are not seen here.
    #[must_use]
    pub fn naming(self, keyring: Arc<Keyring>) -> Self {
        Self { keyring: Some(keyring), ..self }
    }

    /// Notes what the connector is told besides its config.
    #[must_use]
    pub fn telling(self, told: Told) -> Self {
        Self { told: Some(told), ..self }
    }

    fn credentials(&self, request: &Request) -> Vec<String> {
        let (Some(keyring), Some(origin)) = (&self.keyring, Origin::of(&request.url)) else { return Vec::new() };
        keyring.applying(&origin).map(|credential| credential.name.clone()).collect()
    }

    /// The recording so far, in the order in which the requests were sent.
    #[must_use]
    pub fn har(&self) -> Har {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let mut har = Har::new();
        har.log.told = self.told;
        har.log.entries = entries.iter().flatten().cloned().collect();
        har
    }

    /// Writes the recording so far to `file`.
    ///
    /// # Errors
    /// When one of `secrets` is in it, or the file cannot be written.
    pub fn save(&self, file: Draft, secrets: &Secrets) -> Result<(), RecordingError> {
        let har = self.har();
        check_clean(&har, secrets)?;
        Ok(har.save(file)?)
    }
}

/// Makes sure that none of `secrets` is in `har`.
///
/// # Errors
/// [`RecordingError::SecretSurvives`] with the first place.
pub fn check_clean(har: &Har, secrets: &Secrets) -> Result<(), RecordingError> {
    let survives = |text: &[u8], place: String| match secrets.find_in(text) {
        Some(field) => Err(RecordingError::SecretSurvives { field: field.to_owned(), place }),
        None => Ok(()),
    };
    for (number, entry) in (1..).zip(&har.log.entries) {
        let headers = entry.request.headers.iter().chain(&entry.response.headers);
        for pair in headers.chain(&entry.request.query_string) {
            survives(pair.value.as_bytes(), format!("entry {number}: `{}`", pair.name))?;
            survives(pair.name.as_bytes(), format!("entry {number}: the name of a header or parameter"))?;
        }
        survives(entry.request.url.as_bytes(), format!("entry {number}: request.url"))?;
        // Decoded, since Base64 of a body hides a secret that is itself encoded.
        survives(&entry.to_request(number)?.body, format!("entry {number}: request.postData"))?;
        survives(&entry.to_response(number)?.body, format!("entry {number}: response.content"))?;
    }
    survives(har.to_text().as_bytes(), "the document".to_owned())
}

impl<T: Transport> Transport for Recording<T> {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        async move {
            let started = self.clock.now();
            let place = {
                let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
                entries.push(None);
                entries.len() - 1
            };
            let response = self.inner.send(request.clone()).await?;
            let credentials = self.credentials(&request);
            let entry = Entry { credentials, ..Entry::of(started, &request, &response) };
            if let Some(slot) = self.entries.lock().unwrap_or_else(PoisonError::into_inner).get_mut(place) {
                *slot = Some(entry);
            }
            Ok(response)
        }
        .boxed()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
mod tests {
    use bytes::Bytes;
    use chrono::DateTime;
    use futures::channel::oneshot;
    use http::{HeaderMap, HeaderValue, Method, StatusCode};
    use url::Url;

    use super::*;
    use crate::clock::VirtualClock;

    const KEY: &str = "tok-9f8e7d6c5b4a";

    /// Answers `/n` with the body that the `n`th channel brings; fails when it is closed.
    struct Channels(Mutex<Vec<Option<oneshot::Receiver<String>>>>);

    impl Transport for Channels {
        fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
            let index: usize = request.url.path()[1..].parse().unwrap();
            let receiver = self.0.lock().unwrap()[index].take().unwrap();
            async move {
                let body = receiver.await.map_err(|_| TransportError::Interrupted("closed".to_owned()))?;
                Ok(Response { status: StatusCode::OK, headers: HeaderMap::new(), body: Bytes::from(body) })
            }
            .boxed()
        }
    }

    fn channels(count: usize) -> (Vec<oneshot::Sender<String>>, Channels) {
        let (senders, receivers): (Vec<_>, Vec<_>) = (0..count).map(|_| oneshot::channel()).unzip();
        (senders, Channels(Mutex::new(receivers.into_iter().map(Some).collect())))
    }

    fn get(path: &str) -> Request {
        let mut headers = HeaderMap::new();
        headers.insert("x-version", HeaderValue::from_static("2"));
        headers.insert("authorization", HeaderValue::from_static("the host's own"));
        let url = Url::parse("https://api.example.com").unwrap().join(path).unwrap();
        Request { method: Method::GET, url, headers, body: Bytes::new() }
    }

    fn clock() -> Arc<dyn Clock> {
        Arc::new(VirtualClock::at(DateTime::UNIX_EPOCH))
    }

    fn secrets() -> Arc<Secrets> {
        Arc::new(Secrets::new([("apiKey", KEY)]).unwrap())
    }

    #[tokio::test]
    async fn entries_stand_in_the_order_of_the_requests_whoever_is_answered_first() {
        let (senders, channels) = channels(3);
        let recording = Recording::new(channels, clock());
        let mut senders = senders.into_iter();
        let (first, second) = (senders.next().unwrap(), senders.next().unwrap());
        drop(senders);
        let answer = async {
            second.send("two".to_owned()).unwrap();
            tokio::task::yield_now().await;
            first.send("one".to_owned()).unwrap();
        };
        let (a, b, c, ()) =
            tokio::join!(recording.send(get("/0")), recording.send(get("/1")), recording.send(get("/2")), answer);
        assert!(a.is_ok() && b.is_ok() && c.is_err());
        let urls: Vec<_> = recording.har().log.entries.iter().map(|entry| entry.request.url.clone()).collect();
        assert_eq!(urls, ["https://api.example.com/0", "https://api.example.com/1"]);
    }

    #[tokio::test]
    async fn a_recording_has_what_the_connector_sent_and_no_credentials() {
        let (senders, channels) = channels(1);
        let recording = Recording::new(channels, clock());
        senders.into_iter().next().unwrap().send("[]".to_owned()).unwrap();
        recording.send(get("/0")).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.har");
        recording.save(Draft::open(&path).unwrap(), &secrets()).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains("x-version") && !text.contains("authorization"), "{text}");
    }

    #[tokio::test]
    async fn a_recording_with_a_secret_is_not_written() {
        for body in [KEY.to_owned(), KEY.chars().rev().collect(), format!("\u{1}{}", &KEY[..8])] {
            let (senders, channels) = channels(1);
            let recording = Recording::new(channels, clock());
            senders.into_iter().next().unwrap().send(body).unwrap();
            recording.send(get("/0")).await.unwrap();
            let folder = tempfile::tempdir().unwrap();
            let draft = Draft::open(&folder.path().join("a.har")).unwrap();
            let error = recording.save(draft, &secrets()).unwrap_err();
            assert_eq!(error.to_string(), "not written: the secret `apiKey` is in entry 1: response.content");
            assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        }
    }
}

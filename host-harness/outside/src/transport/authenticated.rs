//! Credentials go on a request here, and an echo of a secret is cut out of the answer.
//!
//! Everything further from the network than this, connector, recording and log, sees neither.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use super::exchange::Exchanger;
use super::{Request, Response, Transport, TransportError};
use crate::authority::Keyring;
use crate::clock::{Clock, SystemClock};
use crate::egress::Origin;
use crate::secrets::Secrets;

/// Authenticates the requests of one install, around another transport.
///
/// A compressed answer cannot be searched, so none is asked for and none is let through.
#[derive(Clone)]
pub struct Authenticated<T> {
    inner: T,
    keyring: Arc<Keyring>,
    clock: Arc<dyn Clock>,
}

impl<T: Transport> Authenticated<T> {
    /// Puts the credentials of `keyring` on what passes to `inner`. Tokens end by the machine's clock.
    pub fn new(inner: T, keyring: Arc<Keyring>) -> Self {
        Self { inner, keyring, clock: Arc::new(SystemClock) }
    }

    /// The same, by another clock.
    #[must_use]
    pub fn by(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// The transport inside.
    pub fn inner(&self) -> &T {
        &self.inner
    }

    /// Whose credentials they are.
    pub fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    /// The headers that go on a request to `origin`, tokens included: for a request whose answer does not come back here.
    ///
    /// # Errors
    /// [`TransportError::Credentials`], and what befalls the fetch of a token.
    pub async fn headers(&self, origin: &Origin) -> Result<Vec<(HeaderName, HeaderValue)>, TransportError> {
        self.exchanger().provide(origin, None).await?;
        self.made(&self.keyring.secrets(), origin)
    }

    fn made(&self, secrets: &Secrets, origin: &Origin) -> Result<Vec<(HeaderName, HeaderValue)>, TransportError> {
        self.keyring.headers(secrets, origin).map_err(|error| TransportError::Credentials(error.to_string()))
    }

    fn exchanger(&self) -> Exchanger<'_> {
        Exchanger { inner: &self.inner, keyring: &self.keyring, clock: &*self.clock }
    }

    /// Sends with what is held now. Answers also with the secrets that it went out with: a token may be another one
    /// before the answer comes.
    async fn once(
        &self,
        origin: Option<&Origin>,
        mut request: Request,
    ) -> (Arc<Secrets>, Result<Response, TransportError>) {
        let secrets = self.keyring.secrets();
        if let Some(origin) = origin {
            match self.made(&secrets, origin) {
                Ok(headers) => request.headers.extend(headers),
                Err(error) => return (secrets, Err(error)),
            }
        }
        request.headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        let answer = self.inner.send(request).await;
        (secrets, answer)
    }

    async fn send_authenticated(&self, request: Request) -> Result<Response, TransportError> {
        let origin = Origin::of(&request.url);
        let exchanger = self.exchanger();
        let mut again = None;
        if let Some(origin) = origin.as_ref().filter(|origin| !self.keyring.exchanges(origin).is_empty()) {
            exchanger.provide(origin, None).await?;
            again = Some((origin, request.clone()));
        }
        let (mut secrets, mut answer) = self.once(origin.as_ref(), request).await;
        // The one thing that is repeated for a component: the token may have been withdrawn before its time.
        if let (Ok(Response { status: StatusCode::UNAUTHORIZED, .. }), Some((origin, request))) = (&answer, again) {
            exchanger.provide(origin, Some(&secrets)).await?;
            (secrets, answer) = self.once(Some(origin), request).await;
        }
        match answer {
            Ok(response) => incoming(&secrets, response),
            Err(error) => Err(error.map_text(|text| secrets.scrub_text(&text))),
        }
    }
}

/// True for an answer that cannot be searched.
pub(super) fn is_encoded(response: &Response) -> bool {
    let encodings = response.headers.get_all(CONTENT_ENCODING).iter().map(HeaderValue::as_bytes);
    let plain = |encoding: &[u8]| encoding.is_empty() || encoding.eq_ignore_ascii_case(b"identity");
    !response.body.is_empty() && !encodings.into_iter().all(plain)
}

fn incoming(secrets: &Secrets, response: Response) -> Result<Response, TransportError> {
    if is_encoded(&response) {
        return Err(TransportError::Encoded);
    }
    let Response { status, headers, body } = response;
    let mut clean = HeaderMap::with_capacity(headers.len());
    for (name, value) in &headers {
        // No name is worth keeping that has a secret in it.
        if secrets.find_in(name.as_str().as_bytes()).is_none()
            && let Ok(value) = HeaderValue::from_bytes(&secrets.scrub(value.as_bytes()))
        {
            clean.append(name.clone(), value);
        }
    }
    let scrubbed = match secrets.scrub(&body) {
        Cow::Borrowed(_) => None,
        Cow::Owned(scrubbed) => Some(Bytes::from(scrubbed)),
    };
    if let Some(scrubbed) = &scrubbed
        && clean.contains_key(CONTENT_LENGTH)
    {
        clean.insert(CONTENT_LENGTH, HeaderValue::from(scrubbed.len()));
    }
    Ok(Response { status, headers: clean, body: scrubbed.unwrap_or(body) })
}

impl<T: Transport> Transport for Authenticated<T> {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        self.send_authenticated(request).boxed()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
mod tests {
    use std::sync::Mutex;

    use futures::future::ready;
    use http::Method;
    use url::Url;
    use zeroize::Zeroizing;

    use super::*;
    use crate::authority::{Credential, Format, Keys, ProcessVault, SecretSource};
    use crate::egress::Endpoint;

    const KEY: &str = "tok-9f8e7d6c5b4a";

    /// Keeps the last request and gives a fixed answer.
    struct Fixed(Mutex<Option<Request>>, Result<Response, TransportError>);

    impl Transport for Fixed {
        fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
            *self.0.lock().unwrap() = Some(request);
            ready(self.1.clone()).boxed()
        }
    }

    fn authenticated(answer: Result<Response, TransportError>) -> Authenticated<Fixed> {
        let credential = Credential {
            name: "login".into(),
            to: vec!["endpoint".into()],
            not_to: vec![],
            headers: vec![(HeaderName::from_static("authorization"), Format::parse("Bearer {apiKey}").unwrap())],
            token: None,
        };
        let keys = Keys {
            credentials: vec![credential],
            endpoints: vec![Endpoint::parse("endpoint", "https://api.example.com").unwrap()],
            secrets: vec![("apiKey".into(), SecretSource::Plain(Zeroizing::new(KEY.into())))],
            ..Keys::default()
        };
        let keyring = Keyring::new(keys, Some(Arc::new(ProcessVault))).unwrap();
        Authenticated::new(Fixed(Mutex::default(), answer), Arc::new(keyring))
    }

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(n, v)| (n.parse().unwrap(), HeaderValue::from_str(v).unwrap())).collect()
    }

    fn request(pairs: &[(&'static str, &str)]) -> Request {
        let url = Url::parse("https://api.example.com/a?iban=1").unwrap();
        Request { method: Method::GET, url, headers: headers(pairs), body: Bytes::new() }
    }

    fn response(pairs: &[(&'static str, &str)], body: &str) -> Response {
        Response { status: StatusCode::OK, headers: headers(pairs), body: Bytes::from(body.to_owned()) }
    }

    fn send(transport: &Authenticated<Fixed>, request: Request) -> Result<Response, TransportError> {
        transport.send(request).now_or_never().expect("ready at once")
    }

    #[test]
    fn the_secret_is_on_the_wire_and_an_echo_of_it_nowhere() {
        let echo = format!(r#"{{"you said":"{KEY}"}}"#);
        let length = echo.len().to_string();
        let transport = authenticated(Ok(response(&[("x-echo", KEY), (KEY, "x"), ("content-length", &length)], &echo)));
        let answer = send(&transport, request(&[("accept", "text/plain")])).unwrap();
        let sent = transport.inner().0.lock().unwrap().take().unwrap();
        assert_eq!(sent.headers["authorization"], format!("Bearer {KEY}"));
        assert!(sent.headers["authorization"].is_sensitive());
        assert!(serde_json::from_slice::<serde_json::Value>(&answer.body).is_ok(), "JSON stays JSON");
        assert_eq!(answer.headers["content-length"], answer.body.len().to_string());
        assert!(!format!("{answer:?} {:?}", transport.keyring).contains(KEY));
    }

    #[test]
    fn another_origin_gets_no_credentials() {
        let transport = authenticated(Ok(response(&[], "")));
        let other = Request { url: Url::parse("https://other.example/").unwrap(), ..request(&[]) };
        send(&transport, other).unwrap();
        let sent = transport.inner().0.lock().unwrap().take().unwrap();
        assert!(!sent.headers.contains_key("authorization"), "{:?}", sent.headers);
    }

    #[test]
    fn errors_are_scrubbed() {
        let error = TransportError::Connect { host: KEY.to_owned(), reason: format!("no route to {KEY}") };
        let error = send(&authenticated(Err(error)), request(&[])).unwrap_err().to_string();
        assert!(error.contains("no route to") && !error.contains(KEY), "{error}");
    }

    #[test]
    fn compression_is_neither_asked_for_nor_let_through() {
        let transport = authenticated(Ok(response(&[("content-encoding", "gzip")], "\u{1f}")));
        let error = send(&transport, request(&[("accept-encoding", "gzip")])).unwrap_err();
        assert_eq!(error, TransportError::Encoded);
        let sent = transport.inner().0.lock().unwrap().take().unwrap();
        assert_eq!(sent.headers["accept-encoding"], "identity");
    }
}

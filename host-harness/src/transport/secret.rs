//! Secrets go out in place of their placeholders, and come back as placeholders.
//!
//! Everything further from the network than this, connector, recording and log, sees placeholders only.

use std::sync::Arc;

use bytes::Bytes;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, RANGE};
use http::{HeaderMap, HeaderValue};

use super::{Request, Response, Transport, TransportError};
use crate::egress::describe;
use crate::secrets::{Secrets, mentions_placeholder};

/// Swaps secrets in and out around another transport.
///
/// A compressed answer cannot be searched, so none is asked for and none is let through.
#[derive(Debug, Clone)]
pub struct SecretSwap<T> {
    inner: T,
    secrets: Arc<Secrets>,
}

impl<T: Transport> SecretSwap<T> {
    /// Swaps `secrets` around `inner`.
    pub fn new(inner: T, secrets: Arc<Secrets>) -> Self {
        Self { inner, secrets }
    }

    /// The transport inside.
    pub fn inner(&self) -> &T {
        &self.inner
    }

    fn outgoing(&self, mut request: Request) -> Result<Request, TransportError> {
        let refuse = |reason: String| TransportError::Denied(format!("{}: {reason}", describe(&request)));
        // The policy has looked already; a gap there must not become a placeholder in the provider's logs.
        for (part, text) in [("URL", request.url.as_str().as_bytes()), ("body", &request.body)] {
            if mentions_placeholder(text) {
                return Err(refuse(format!("the placeholder of a secret is in the {part}")));
            }
        }
        let mut headers = HeaderMap::with_capacity(request.headers.len());
        for (name, value) in &request.headers {
            let value = self.secrets.substitute(value).map_err(|error| refuse(format!("header `{name}`: {error}")))?;
            headers.append(name.clone(), value);
        }
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        // Piece by piece, a secret could come in pieces too short to be known.
        headers.remove(RANGE);
        request.headers = headers;
        Ok(request)
    }

    fn incoming(&self, response: Response) -> Result<Response, TransportError> {
        let Response { status, headers, body } = response;
        let encodings: Vec<&[u8]> = headers.get_all(CONTENT_ENCODING).iter().map(HeaderValue::as_bytes).collect();
        if !body.is_empty() && !encodings.iter().all(|e| e.is_empty() || e.eq_ignore_ascii_case(b"identity")) {
            let reason = "the answer is compressed though `accept-encoding: identity` was sent; \
                          the host could not keep secrets out of it";
            return Err(TransportError::Interrupted(reason.to_owned()));
        }
        let mut clean = HeaderMap::with_capacity(headers.len());
        for (name, value) in &headers {
            // No name is worth keeping that has a secret in it.
            if self.secrets.find_in(name.as_str().as_bytes()).is_none()
                && let Ok(value) = HeaderValue::from_bytes(&self.secrets.scrub(value.as_bytes()))
            {
                clean.append(name.clone(), value);
            }
        }
        let scrubbed = match self.secrets.scrub(&body) {
            std::borrow::Cow::Borrowed(_) => None,
            std::borrow::Cow::Owned(scrubbed) => Some(Bytes::from(scrubbed)),
        };
        if let Some(scrubbed) = &scrubbed
            && clean.contains_key(CONTENT_LENGTH)
        {
            clean.insert(CONTENT_LENGTH, HeaderValue::from(scrubbed.len()));
        }
        Ok(Response { status, headers: clean, body: scrubbed.unwrap_or(body) })
    }

    fn error(&self, error: TransportError) -> TransportError {
        let scrub = |text: String| self.secrets.scrub_text(&text);
        match error {
            TransportError::Denied(text) => TransportError::Denied(scrub(text)),
            TransportError::Resolve { host, reason } => {
                TransportError::Resolve { host: scrub(host), reason: scrub(reason) }
            }
            TransportError::Connect { host, reason } => {
                TransportError::Connect { host: scrub(host), reason: scrub(reason) }
            }
            TransportError::Tls { host, reason } => TransportError::Tls { host: scrub(host), reason: scrub(reason) },
            TransportError::Interrupted(text) => TransportError::Interrupted(scrub(text)),
            TransportError::NotRecorded(text) => TransportError::NotRecorded(scrub(text)),
            TransportError::Address(text) => TransportError::Address(scrub(text)),
            TransportError::Timeout { .. }
            | TransportError::TooLarge { .. }
            | TransportError::Withheld { .. }
            | TransportError::CredentialsRefused
            | TransportError::Stopped => error,
        }
    }
}

impl<T: Transport> Transport for SecretSwap<T> {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        async move {
            let request = self.outgoing(request)?;
            match self.inner.send(request).await {
                Ok(response) => self.incoming(response),
                Err(error) => Err(self.error(error)),
            }
        }
        .boxed()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
mod tests {
    use std::sync::Mutex;

    use futures::future::ready;
    use http::{Method, StatusCode};
    use url::Url;

    use super::*;

    const KEY: &str = "tok-9f8e7d6c5b4a";

    /// Keeps the last request and gives a fixed answer.
    struct Fixed(Mutex<Option<Request>>, Result<Response, TransportError>);

    impl Transport for Fixed {
        fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
            *self.0.lock().unwrap() = Some(request);
            ready(self.1.clone()).boxed()
        }
    }

    fn swap(answer: Result<Response, TransportError>) -> SecretSwap<Fixed> {
        let secrets = Secrets::new([("apiKey", KEY)]).unwrap();
        SecretSwap::new(Fixed(Mutex::default(), answer), Arc::new(secrets))
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

    fn send(swap: &SecretSwap<Fixed>, request: Request) -> Result<Response, TransportError> {
        swap.send(request).now_or_never().expect("ready at once")
    }

    #[test]
    fn the_secret_is_on_the_wire_and_its_placeholder_everywhere_else() {
        let echo = format!(r#"{{"you said":"{KEY}"}}"#);
        let length = echo.len().to_string();
        let swap = swap(Ok(response(&[("x-echo", KEY), (KEY, "x"), ("content-length", &length)], &echo)));
        let answer = send(&swap, request(&[("authorization", "Bearer {{secret:apiKey}}")])).unwrap();
        let sent = swap.inner().0.lock().unwrap().take().unwrap();
        assert_eq!(sent.headers["authorization"], format!("Bearer {KEY}"));
        assert_eq!(answer.headers["x-echo"], "{{secret:apiKey}}");
        assert_eq!(answer.body, r#"{"you said":"{{secret:apiKey}}"}"#);
        assert_eq!(answer.headers["content-length"], answer.body.len().to_string());
        assert!(!format!("{answer:?} {swap:?}", swap = swap.secrets).contains(KEY));
    }

    #[test]
    fn errors_are_scrubbed() {
        let error = TransportError::Connect { host: KEY.to_owned(), reason: format!("no route to {KEY}") };
        let error = send(&swap(Err(error)), request(&[])).unwrap_err();
        assert_eq!(error.to_string(), "cannot connect to {{secret:apiKey}}: no route to {{secret:apiKey}}");
    }

    #[test]
    fn a_placeholder_that_cannot_be_swapped_is_denied_and_nothing_is_sent() {
        let swap = swap(Ok(response(&[], "")));
        let mut in_url = request(&[]);
        in_url.url.set_path("/%7B%7Bsecret:apiKey}}");
        let in_body = Request { body: Bytes::from_static(b"{{secret:apiKey}}"), ..request(&[]) };
        for request in [request(&[("x-key", "{{secret:other}}")]), in_url, in_body] {
            let error = send(&swap, request).unwrap_err();
            assert!(matches!(&error, TransportError::Denied(text) if !text.contains("iban")), "{error}");
        }
        assert_eq!(*swap.inner().0.lock().unwrap(), None);
    }

    #[test]
    fn compression_is_neither_asked_for_nor_let_through() {
        let swap = swap(Ok(response(&[("content-encoding", "gzip")], "\u{1f}")));
        let error = send(&swap, request(&[("accept-encoding", "gzip"), ("range", "bytes=0-3")])).unwrap_err();
        assert!(matches!(error, TransportError::Interrupted(_)), "{error}");
        let sent = swap.inner().0.lock().unwrap().take().unwrap();
        assert_eq!(sent.headers["accept-encoding"], "identity");
        assert!(!sent.headers.contains_key("range"));
    }
}

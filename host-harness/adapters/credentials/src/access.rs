//! What a connector may do with the install's credentials.

use std::sync::Arc;

use futures::FutureExt as _;
use http::{HeaderMap, HeaderName, HeaderValue};
use outside::authority::Vault;
use outside::config::{AgreedError, InstallConfig};
use outside::egress::{EgressPolicy, Origin, Refusal, headers};
use outside::transport::authenticated::Authenticated;
use outside::transport::{Request, Transport, TransportError};

/// Why a request does not leave. Shows no secret.
#[derive(Debug, thiserror::Error)]
pub enum Held {
    /// It does not say what was agreed to.
    #[error(transparent)]
    Agreed(#[from] AgreedError),
    /// Nobody agreed to this request.
    #[error("{0}")]
    Refused(Refusal),
    /// The credentials cannot be made.
    #[error(transparent)]
    Credentials(#[from] TransportError),
}

/// The way out of one install.
pub struct Access<T> {
    policy: EgressPolicy,
    authenticated: Authenticated<T>,
}

impl<T: Transport> Access<T> {
    /// Reads what was agreed to; tokens are fetched over `network`.
    ///
    /// # Errors
    /// [`Held`].
    pub fn new(vault: Arc<dyn Vault>, network: T) -> Result<Self, Held> {
        let (_, config) = InstallConfig::agreed(vault)?;
        Ok(Self { policy: config.policy, authenticated: Authenticated::new(network, Arc::new(config.keyring)) })
    }

    /// The headers with which `request` leaves: those of the connector, and the credentials. What a language's runtime puts
    /// there by itself is left out.
    ///
    /// # Errors
    /// [`Held`]: it does not leave.
    pub fn headers(&self, mut request: Request) -> Result<HeaderMap, Held> {
        for name in headers::DROPPED {
            request.headers.remove(name);
        }
        let secrets = self.authenticated.keyring().secrets();
        self.policy.check(&request, &secrets).map_err(Held::Refused)?;
        let Some(origin) = Origin::of(&request.url) else { return Ok(request.headers) };
        // Ready at once: there is one thread, and the network below waits by itself.
        let made = self.authenticated.headers(&origin).now_or_never();
        let made = made.unwrap_or_else(|| Err(TransportError::Interrupted("the token did not come".to_owned())))?;
        request.headers.extend::<Vec<(HeaderName, HeaderValue)>>(made);
        Ok(request.headers)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
mod tests {
    use std::io;
    use std::path::Path;

    use bytes::Bytes;
    use futures::future::{BoxFuture, ready};
    use http::{Method, StatusCode};
    use outside::config::{CONFIG, MANIFEST};
    use outside::transport::Response;
    use url::Url;

    use super::*;

    const MANIFEST_JSON: &str = r#"{"name":"x","version":"1.0.0","description":"-","capabilities":[],"workflow":[],
        "config":[{"name":"endpoint","kind":"url","required":true,"default":null,"description":"-"},
                  {"name":"apiKey","kind":"secret","required":true,"default":null,"description":"-"}],
        "credentials":[{"name":"login","to":["endpoint"],"notTo":[],"headers":[["authorization","HEADER"]],"more":MORE}],
        "requests":[{"method":"GET","to":"endpoint","path":"/rows"}],"headers":[],"maxPageSize":10,"maxInFlight":1,
        "rateLimits":[]}"#;

    struct Environment(Vec<(&'static str, String)>);

    impl Vault for Environment {
        fn variable(&self, name: &str) -> Option<String> {
            self.0.iter().find(|(set, _)| *set == name).map(|(_, value)| value.clone())
        }

        fn file(&self, _: &Path) -> io::Result<String> {
            Err(io::ErrorKind::NotFound.into())
        }
    }

    /// Gives a token to whoever asks for one with the key.
    struct Issuer;

    impl Transport for Issuer {
        fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
            let known = request.body == r#"{"key":"s3cr3t-value"}"# && request.url.path() == "/token";
            let status = if known { StatusCode::OK } else { StatusCode::UNAUTHORIZED };
            let body = Bytes::from_static(br#"{"token":"t0ken-of-now"}"#);
            ready(Ok(Response { status, headers: HeaderMap::new(), body })).boxed()
        }
    }

    fn access(format: &str, more: &str, config: &str) -> Result<Access<Issuer>, Held> {
        let manifest = MANIFEST_JSON.replace("HEADER", format).replace("MORE", more);
        let set = vec![(MANIFEST, manifest), (CONFIG, config.to_owned()), ("KEY", "s3cr3t-value".to_owned())];
        Access::new(Arc::new(Environment(set)), Issuer)
    }

    fn request(method: Method, url: &str, headers: &[(&'static str, &'static str)]) -> Request {
        let pairs = headers.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value)));
        Request { method, url: Url::parse(url).unwrap(), headers: pairs.collect(), body: Bytes::new() }
    }

    const PLAIN: &str = r#"{"endpoint":"https://bank.example","apiKey":{"env":"KEY"}}"#;

    #[test]
    fn what_was_agreed_to_leaves_with_the_credential_and_nothing_else_leaves() {
        let access = access("Bearer {apiKey}", "[]", PLAIN).unwrap();
        let get = |url| request(Method::GET, url, &[("accept", "text/plain"), ("accept-encoding", "gzip")]);
        let sent = access.headers(get("https://bank.example/rows?page=2")).unwrap();
        assert_eq!(sent["authorization"], "Bearer s3cr3t-value");
        assert_eq!((sent.get("accept").is_some(), sent.get("accept-encoding")), (true, None));
        for wrong in [
            get("https://bank.example/other"),
            get("https://elsewhere.example/rows"),
            get("https://bank.example/rows?k=s3cr3t-value"),
            request(Method::POST, "https://bank.example/rows", &[]),
            request(Method::GET, "https://bank.example/rows", &[("authorization", "mine")]),
        ] {
            let error = access.headers(wrong).unwrap_err();
            assert!(matches!(error, Held::Refused(_)) && !error.to_string().contains("s3cr3t"), "{error}");
        }
    }

    #[test]
    fn a_token_is_fetched_with_the_key_and_put_on() {
        let more =
            r#"[["token.request","POST endpoint /token"],["token.json.key","{apiKey}"],["token.value","/token"]]"#;
        let access = access("Bearer {@token}", more, PLAIN).unwrap();
        let sent = access.headers(request(Method::GET, "https://bank.example/rows", &[])).unwrap();
        assert_eq!(sent["authorization"], "Bearer t0ken-of-now");
    }

    #[test]
    fn what_is_not_set_or_not_valid_is_told_and_nothing_leaves() {
        let missing = Access::new(Arc::new(Environment(Vec::new())), Issuer).err().unwrap().to_string();
        assert!(missing.contains("CONNECTOR_MANIFEST is not set"), "{missing}");
        let config =
            access("Bearer {apiKey}", "[]", r#"{"endpoint":"https://bank.example"}"#).err().unwrap().to_string();
        assert!(config.contains("`apiKey`: it is required"), "{config}");
        let format = access("{sha256:{apiKey}}", "[]", PLAIN).err().unwrap().to_string();
        assert!(format.contains("sha256"), "{format}");
    }
}

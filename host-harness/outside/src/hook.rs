//! A URL of the operator's that is told what happens: each message signed, as Standard Webhooks has it.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use url::Url;

use crate::transport::live::{SetupError, plain_client};

/// How long whoever is told may take for a message.
const PATIENCE: Duration = Duration::from_secs(20);

/// Why there is no hook.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HookError {
    /// It is no URL.
    #[error("expected a URL: {0}")]
    NoUrl(String),
    /// Whoever listens on the way would read it.
    #[error("expected https, or http to this machine")]
    InClear,
    /// The HTTP client does not come up.
    #[error(transparent)]
    Setup(#[from] SetupError),
}

/// Where messages go, and what they are signed with.
pub struct Hook {
    url: Url,
    key: hmac::Key,
    client: reqwest::Client,
}

impl Hook {
    /// A hook at a URL, with a secret that whoever is told has as well.
    ///
    /// # Errors
    /// [`HookError`].
    pub fn new(url: &str, secret: &str) -> Result<Self, HookError> {
        let url = Url::parse(url).map_err(|error| HookError::NoUrl(error.to_string()))?;
        let is_here = url.host_str().is_some_and(|host| matches!(host, "localhost" | "127.0.0.1" | "[::1]"));
        if url.scheme() != "https" && !(url.scheme() == "http" && is_here) {
            return Err(HookError::InClear);
        }
        Ok(Self { url, key: hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), client: plain_client(PATIENCE)? })
    }

    /// Sends a message of JSON, at a time in seconds since 1970. It may come twice: by its id the other side knows.
    ///
    /// # Errors
    /// It was not taken: why, in words.
    pub async fn send(&self, id: &str, at: i64, body: Vec<u8>) -> Result<(), String> {
        let request = self
            .client
            .post(self.url.clone())
            .header("content-type", "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", at.to_string())
            .header("webhook-signature", self.signature(id, at, &body))
            .body(body);
        let answer = request.send().await.map_err(|error| error.without_url().to_string())?;
        if answer.status().is_success() { Ok(()) } else { Err(format!("the answer was {}", answer.status())) }
    }

    /// The id, the time and the body, joined by points.
    fn signature(&self, id: &str, at: i64, body: &[u8]) -> String {
        let mut context = hmac::Context::with_key(&self.key);
        for part in [id.as_bytes(), b".", at.to_string().as_bytes(), b".", body] {
            context.update(part);
        }
        format!("v1,{}", STANDARD.encode(context.sign()))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_signed_with_its_id_and_its_time() {
        let hook = Hook::new("http://127.0.0.1:1/", "whsec").unwrap();
        let signed = hook.signature("a", 5, b"{}");
        let expected = STANDARD.encode(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, b"whsec"), b"a.5.{}"));
        assert_eq!(signed, format!("v1,{expected}"));
        assert!(hook.signature("b", 5, b"{}") != signed && hook.signature("a", 6, b"{}") != signed);
    }

    #[test]
    fn what_would_be_read_on_the_way_is_no_hook() {
        assert!(matches!(Hook::new("http://events.example/", "x"), Err(HookError::InClear)));
        assert!(matches!(Hook::new("nonsense", "x"), Err(HookError::NoUrl(_))));
        assert!(Hook::new("https://events.example/x", "x").is_ok());
    }
}

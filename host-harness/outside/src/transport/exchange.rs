//! Gets the tokens that the credentials of a request need, over the same transport as the request itself.
//!
//! What it sends is the host's own: the component that needs it neither makes nor sees it, and no recording has it.

use std::time::Duration;

use http::StatusCode;

use super::authenticated::is_encoded;
use super::{Request, Response, Transport, TransportError};
use crate::authority::{Credential, Exchange, Keyring, TokenError};
use crate::clock::Clock;
use crate::egress::Origin;
use crate::rate_limit::retry_after;
use crate::secrets::Secrets;

/// How long a refusal of the credentials stands: each further one brings the provider's lock-out nearer.
const REFUSED_FOR: Duration = Duration::from_mins(1);
/// How long another failure stands: a component that asks again and again makes no exchange each time.
const FAILED_FOR: Duration = Duration::from_secs(5);

/// What fetches for one install.
pub(super) struct Exchanger<'a> {
    pub(super) inner: &'a dyn Transport,
    pub(super) keyring: &'a Keyring,
    pub(super) clock: &'a dyn Clock,
}

fn stands_for(error: &TransportError) -> Duration {
    match error {
        TransportError::Credentials(_) => REFUSED_FOR,
        // The gate that this answer closes says when it may be asked again.
        TransportError::Token { reason: TokenError::Status(StatusCode::TOO_MANY_REQUESTS), .. }
        | TransportError::Token { pause: Some(_), .. } => Duration::ZERO,
        _ => FAILED_FOR,
    }
}

impl Exchanger<'_> {
    /// Sees that every token which a request to `origin` needs is there, and none that was `refused`.
    pub(super) async fn provide(&self, origin: &Origin, refused: Option<&Secrets>) -> Result<(), TransportError> {
        for (credential, exchange, turn) in self.keyring.exchanges(origin) {
            if self.keyring.holds(credential, self.clock.monotonic(), refused) {
                continue;
            }
            let last = match turn.take().await {
                Ok(last) => last,
                Err(outcome) => {
                    outcome?;
                    continue;
                }
            };
            let now = self.clock.monotonic();
            if let Some(error) = last.error.as_ref().filter(|error| now < last.at.saturating_add(stands_for(error))) {
                return Err(error.clone());
            }
            if !self.keyring.holds(credential, now, refused) {
                let outcome = self.fetch(credential, exchange, now).await;
                turn.end(last, &outcome, self.clock.monotonic());
                outcome?;
            }
        }
        Ok(())
    }

    async fn fetch(&self, credential: &Credential, exchange: &Exchange, now: Duration) -> Result<(), TransportError> {
        let name = &credential.name;
        let request = self.keyring.exchange(credential, exchange);
        let request = request.map_err(|error| TransportError::Credentials(error.to_string()))?;
        let Some(request) = request else {
            let text = format!("the credential `{name}`: no token can be asked for, since a field of it is not set");
            return Err(TransportError::Credentials(text));
        };
        let secrets = self.keyring.secrets();
        let answer = self.send(request, name).await.map_err(|error| error.map_text(|text| secrets.scrub_text(&text)));
        let answer = answer?;
        let failed = |reason| TransportError::Token { credential: name.clone(), reason, pause: None };
        tracing::info!(target: "harness::egress", credential = name, status = answer.status.as_u16(), "token asked for");
        let token = exchange.read(&answer.body, self.clock.now()).map_err(failed)?;
        self.keyring.keep(credential, &token, now).map_err(failed)
    }

    async fn send(&self, request: Request, name: &str) -> Result<Response, TransportError> {
        let answer = self.inner.send(request).await?;
        let status = answer.status;
        let comes_back = matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT);
        if status.is_client_error() && !comes_back {
            let text = format!(
                "the credential `{name}`: the provider refuses to give a token for it (status {}); look at the config fields \
                 that it is made of",
                status.as_u16()
            );
            return Err(TransportError::Credentials(text));
        }
        if !status.is_success() {
            return Err(TransportError::Token {
                credential: name.to_owned(),
                reason: TokenError::Status(status),
                pause: retry_after(&answer.headers, self.clock.now()),
            });
        }
        if is_encoded(&answer) { Err(TransportError::Encoded) } else { Ok(answer) }
    }
}

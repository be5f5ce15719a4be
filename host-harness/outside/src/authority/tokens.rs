//! The tokens that the host fetched with the secrets of an install: in memory only, and secrets like the others from the
//! moment they arrive.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{Mutex, MutexGuard};
use url::Url;

use super::credential::Credential;
use super::exchange::{Exchange, Token, TokenError};
use super::keyring::{Keyring, KeyringError};
use crate::egress::Origin;
use crate::secrets::Secrets;
use crate::transport::{Request, TransportError};

/// A token is renewed so long before its end: a request that carries it has to arrive, too.
const EARLY: Duration = Duration::from_secs(30);

/// A token is kept so long, whatever its answer says: one that ends at once would cost an exchange for each request. When
/// it is refused meanwhile, another is fetched as ever.
const LEAST: Duration = Duration::from_secs(10);

/// Under what name a token is searched for.
pub(super) fn name(credential: &str) -> String {
    format!("{credential}'s token")
}

/// One fetch at a time, whose outcome is that of all who waited for it.
#[derive(Default)]
pub(crate) struct Turn {
    fetched: AtomicU64,
    last: Mutex<Last>,
}

/// How the last fetch ended.
#[derive(Default)]
pub(crate) struct Last {
    /// Its error.
    pub(crate) error: Option<TransportError>,
    /// When, on a clock that never goes back.
    pub(crate) at: Duration,
}

impl Turn {
    /// Waits for the turn; or for the end of a fetch that was under way, and its outcome.
    pub(crate) async fn take(&self) -> Result<MutexGuard<'_, Last>, Result<(), TransportError>> {
        let before = self.fetched.load(Ordering::Acquire);
        let last = self.last.lock().await;
        if self.fetched.load(Ordering::Acquire) == before {
            return Ok(last);
        }
        Err(last.error.clone().map_or(Ok(()), Err))
    }

    /// Tells those who wait how it ended.
    pub(crate) fn end(&self, mut last: MutexGuard<'_, Last>, outcome: &Result<(), TransportError>, at: Duration) {
        *last = Last { error: outcome.as_ref().err().cloned(), at };
        self.fetched.fetch_add(1, Ordering::Release);
    }
}

impl Keyring {
    /// The credentials on a request to `origin` that need a token, with how each gets it. None where secrets are not
    /// looked up: what is replayed needs no token.
    pub(crate) fn exchanges<'k>(&'k self, origin: &'k Origin) -> Vec<(&'k Credential, &'k Exchange, &'k Turn)> {
        if self.vault.is_none() {
            return Vec::new();
        }
        let chosen = self.chosen(origin).into_iter();
        chosen.filter_map(|c| Some((c, c.token.as_ref()?, self.turns.get(&c.name)?))).collect()
    }

    /// The request for the token of `credential`. None where a field of it is not set, or not looked up.
    ///
    /// # Errors
    /// [`KeyringError::Header`].
    pub(crate) fn exchange(
        &self,
        credential: &Credential,
        exchange: &Exchange,
    ) -> Result<Option<Request>, KeyringError> {
        let Some(endpoint) = self.keys.endpoints.iter().find(|endpoint| endpoint.field == exchange.to) else {
            return Ok(None);
        };
        let Ok(url) = Url::parse(&format!("{endpoint}{}", exchange.path)) else { return Ok(None) };
        let secrets = self.secrets();
        exchange.request(url, &|name| self.value(&secrets, name)).map_err(|(header, format)| {
            KeyringError::header(&credential.name, &format!("token.header.{header}"), format)
        })
    }

    /// Whether there is a token that has not ended at `now`; and, where one was `refused`, whether it is another.
    pub(crate) fn holds(&self, credential: &Credential, now: Duration, refused: Option<&Secrets>) -> bool {
        let held = self.held();
        let name = name(&credential.name);
        let (Some(end), Some(value)) = (held.ends.get(&credential.name), held.secrets.expose(&name)) else {
            return false;
        };
        end.is_none_or(|end| now < end) && refused.is_none_or(|refused| refused.expose(&name) != Some(value))
    }

    /// Keeps a token that was asked for at `asked`, and looks for it from now on wherever secrets are looked for.
    ///
    /// # Errors
    /// [`TokenError::Bad`].
    pub(crate) fn keep(&self, credential: &Credential, token: &Token, asked: Duration) -> Result<(), TokenError> {
        let mut held = self.held_mut();
        let secrets = held.secrets.and(name(&credential.name), token.value.as_str());
        held.secrets = Arc::new(secrets.map_err(|error| TokenError::Bad(error.reason))?);
        let end =
            |lifetime: Duration| asked.saturating_add(lifetime.saturating_sub(EARLY.min(lifetime / 10)).max(LEAST));
        held.ends.insert(credential.name.clone(), token.lifetime.map(end));
        Ok(())
    }
}

//! Whose turn it is to call its connector, among the installs of one process.
//!
//! A call holds an instance of the connector and what the provider sends; between two calls a poll holds next to nothing.
//! So calls are what is counted, each waits in the order in which it came, and an install with a million rows to read gets
//! no more turns than one with ten.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use outside::egress::Origin;
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};

/// Of one provider, at most one in so many of all: one that hangs leaves the rest to the others.
pub(crate) const SHARE: usize = 2;
/// Providers that may be kept before those are looked for that nobody calls.
const MANY: usize = 1_000;

/// Who may call now. Clones share it; those of the default make nobody wait.
#[derive(Debug, Clone, Default)]
pub struct Turns(Option<Arc<Shared>>);

#[derive(Debug)]
struct Shared {
    all: Arc<Semaphore>,
    of_one: usize,
    providers: Mutex<HashMap<Option<Origin>, Arc<Semaphore>>>,
}

/// The turn of one call, over when this is dropped.
#[derive(Debug, Default)]
pub(crate) struct Turn {
    _held: Option<[OwnedSemaphorePermit; 2]>,
}

impl Turns {
    /// So many calls at once, and at most half of them at one provider; at least one.
    #[must_use]
    pub fn of(calls: usize) -> Self {
        let calls = calls.clamp(1, Semaphore::MAX_PERMITS);
        let all = Arc::new(Semaphore::new(calls));
        Self(Some(Arc::new(Shared { all, of_one: (calls / SHARE).max(1), providers: Mutex::default() })))
    }

    /// Waits until a call of this provider may be made.
    pub(crate) async fn take(&self, provider: Option<Origin>) -> Turn {
        let Some(shared) = &self.0 else { return Turn::default() };
        // Only a semaphore that was closed gives none, and nobody closes these.
        Turn { _held: shared.take(provider).await.ok() }
    }
}

impl Shared {
    async fn take(&self, provider: Option<Origin>) -> Result<[OwnedSemaphorePermit; 2], AcquireError> {
        let one = self.provider(provider).acquire_owned().await?;
        Ok([one, self.all.clone().acquire_owned().await?])
    }

    fn provider(&self, provider: Option<Origin>) -> Arc<Semaphore> {
        let mut providers = self.providers.lock().unwrap_or_else(PoisonError::into_inner);
        if providers.len() > MANY {
            // Who holds or awaits a permit holds the semaphore as well.
            providers.retain(|_, calls| Arc::strong_count(calls) > 1);
        }
        providers.entry(provider).or_insert_with(|| Arc::new(Semaphore::new(self.of_one))).clone()
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;
    use futures::future::join_all;
    use url::Url;

    use super::*;

    fn provider(host: &str) -> Option<Origin> {
        Origin::of(&Url::parse(&format!("https://{host}/")).unwrap())
    }

    #[test]
    fn a_provider_that_hangs_leaves_half_of_the_turns_to_the_others() {
        let turns = Turns::of(4);
        let hangs = || turns.take(provider("hangs.example")).now_or_never();
        let held: Vec<Turn> = std::iter::from_fn(hangs).collect();
        assert_eq!(held.len(), 2);
        let others: Vec<Turn> = std::iter::from_fn(|| turns.take(provider("well.example")).now_or_never()).collect();
        assert_eq!(others.len(), 2);
        drop(held);
        assert!(hangs().is_some());
    }

    #[test]
    fn turns_are_given_in_the_order_in_which_they_were_asked_for() {
        let turns = Turns::of(2);
        let first = turns.take(None).now_or_never().unwrap();
        let order = Mutex::new(Vec::new());
        let waiting = (0..5).map(|number| {
            let (turns, order) = (&turns, &order);
            async move {
                let _turn = turns.take(None).await;
                order.lock().unwrap().push(number);
            }
        });
        let mut waiting = Box::pin(join_all(waiting));
        assert!(waiting.as_mut().now_or_never().is_none());
        drop(first);
        waiting.now_or_never().unwrap();
        assert_eq!(*order.lock().unwrap(), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn whoever_polls_alone_waits_for_nobody() {
        let turns = Turns::default();
        let held: Vec<Turn> = (0..100).filter_map(|_| turns.take(None).now_or_never()).collect();
        assert_eq!(held.len(), 100);
    }
}

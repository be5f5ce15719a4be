//! A request to stop, that everything which waits listens to.

use std::sync::Arc;

use tokio::sync::watch;

/// Set once, seen by all clones.
#[derive(Debug, Clone)]
pub struct Stop(Arc<watch::Sender<bool>>);

impl Default for Stop {
    fn default() -> Self {
        Self(Arc::new(watch::channel(false).0))
    }
}

impl Stop {
    /// Asks to stop after the page in flight.
    pub fn set(&self) {
        self.0.send_replace(true);
    }

    /// Whether [`Stop::set`] was called.
    #[must_use]
    pub fn is_set(&self) -> bool {
        *self.0.borrow()
    }

    /// Completes when [`Stop::set`] was called.
    pub async fn wait(&self) {
        // The sender lives in `self`, so the channel cannot close before.
        _ = self.0.subscribe().wait_for(|set| *set).await;
    }
}

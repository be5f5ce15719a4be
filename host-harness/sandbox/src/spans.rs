//! How long a call was doing something, seen at any time, also while it still does.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Spans of time. Those that overlap count once, as a person who watches would count them.
#[derive(Debug, Clone, Default)]
pub(super) struct Spans(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    open: u32,
    since: Option<Instant>,
    closed: Duration,
}

/// A span that ends when this is dropped.
#[derive(Debug)]
pub(super) struct Span(Spans);

impl Spans {
    pub(super) fn begin(&self) -> Span {
        let mut inner = self.lock();
        inner.open += 1;
        inner.since.get_or_insert_with(Instant::now);
        Span(self.clone())
    }

    /// All of it so far.
    pub(super) fn total(&self) -> Duration {
        let inner = self.lock();
        inner.closed.saturating_add(inner.since.map(|since| since.elapsed()).unwrap_or_default())
    }

    pub(super) fn is_open(&self) -> bool {
        self.lock().open > 0
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Span {
    fn drop(&mut self) {
        let mut inner = self.0.lock();
        inner.open = inner.open.saturating_sub(1);
        if inner.open == 0
            && let Some(since) = inner.since.take()
        {
            inner.closed = inner.closed.saturating_add(since.elapsed());
        }
    }
}

//! What the calls of one poll use up together.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// Refusals of the credentials that a poll may meet. A provider locks out who comes back too often with a wrong key.
const UNAUTHORIZED: u32 = 3;

/// Counts for the calls of one poll. The default counts for nobody: it allows everything.
#[derive(Debug, Default)]
pub struct Tally {
    is_of_poll: bool,
    log_lines: u64,
    /// When the poll's time is over, on a monotonic clock; none: it has all the time there is.
    until: Option<Duration>,
    requests: AtomicU64,
    unauthorized: AtomicU32,
    refused: AtomicBool,
    logged: AtomicU64,
    dropped: AtomicU64,
}

impl Tally {
    /// For one poll, in which the connector may log so many lines.
    #[must_use]
    pub fn of_poll(log_lines: u64) -> Self {
        Self { is_of_poll: true, log_lines, ..Self::default() }
    }

    /// The same, for a poll whose time is over at `until` of a monotonic clock.
    #[must_use]
    pub fn until(self, until: Duration) -> Self {
        Self { until: Some(until), ..self }
    }

    /// What the poll has left at `now`.
    pub(super) fn left(&self, now: Duration) -> Duration {
        self.until.map_or(Duration::MAX, |until| until.saturating_sub(now))
    }

    /// True when the provider does not accept the credentials: no further request goes out in this poll.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.refused.load(Relaxed)
    }

    /// Requests sent.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.requests.load(Relaxed)
    }

    /// Lines of log that were not kept.
    #[must_use]
    pub fn dropped_lines(&self) -> u64 {
        self.dropped.load(Relaxed)
    }

    /// A request goes out. Gives its number in the poll, from 1.
    pub(super) fn request(&self) -> u64 {
        self.requests.fetch_add(1, Relaxed).saturating_add(1)
    }

    /// The provider refused the credentials of request number `request`.
    pub(super) fn unauthorized(&self, request: u64) {
        let count = self.unauthorized.fetch_add(1, Relaxed).saturating_add(1);
        if self.is_of_poll && (request == 1 || count >= UNAUTHORIZED) {
            self.refused.store(true, Relaxed);
        }
    }

    /// Whether one more line of log is kept; counts it either way. `fits` is the call's own limit.
    pub(super) fn log_line(&self, fits: bool) -> bool {
        let kept = fits && (!self.is_of_poll || self.logged.fetch_add(1, Relaxed) < self.log_lines);
        if !kept {
            self.dropped.fetch_add(1, Relaxed);
        }
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_of_the_first_request_ends_a_poll_and_later_ones_when_there_are_three() {
        let first = Tally::of_poll(0);
        first.unauthorized(first.request());
        assert!(first.is_refused());
        let later = Tally::of_poll(0);
        later.request();
        let refused: Vec<bool> = (0..3)
            .map(|_| {
                later.unauthorized(later.request());
                later.is_refused()
            })
            .collect();
        assert_eq!(refused, [false, false, true]);
    }
}

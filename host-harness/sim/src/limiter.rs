//! A provider's rate limit, on virtual time.

use std::collections::VecDeque;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

/// At most so many requests in any window of this length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// How many requests the window takes.
    pub requests: usize,
    /// The length of the sliding window.
    pub window: Duration,
}

/// Counts requests against one limit. A request that is refused does not count.
#[derive(Debug, Clone)]
pub struct RateLimiter {
    limit: RateLimit,
    admitted: VecDeque<DateTime<Utc>>,
}

impl RateLimiter {
    /// A limiter that has seen no request.
    #[must_use]
    pub fn new(limit: RateLimit) -> Self {
        Self { limit, admitted: VecDeque::new() }
    }

    /// How long until the next request is admitted; `None` when it is now.
    pub fn wait(&mut self, now: DateTime<Utc>) -> Option<Duration> {
        let window = TimeDelta::from_std(self.limit.window).unwrap_or(TimeDelta::MAX);
        while self.admitted.front().is_some_and(|first| now.signed_duration_since(first) >= window) {
            self.admitted.pop_front();
        }
        if self.admitted.len() < self.limit.requests {
            return None;
        }
        let first = self.admitted.front().copied().unwrap_or(now);
        Some((window - now.signed_duration_since(first)).to_std().unwrap_or_default())
    }

    /// Counts a request.
    pub fn count(&mut self, now: DateTime<Utc>) {
        self.admitted.push_back(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_slides_and_says_how_long_to_wait() {
        let mut limiter = RateLimiter::new(RateLimit { requests: 2, window: Duration::from_secs(10) });
        let at = |second| DateTime::UNIX_EPOCH + TimeDelta::seconds(second);
        limiter.count(at(0));
        limiter.count(at(4));
        assert_eq!(limiter.wait(at(7)), Some(Duration::from_secs(3)));
        assert_eq!(limiter.wait(at(10)), None);
        limiter.count(at(10));
        assert_eq!(limiter.wait(at(10)), Some(Duration::from_secs(4)));
    }
}

//! The provider's rate limits, kept by the host for all calls of a process together.
//!
//! A provider counts requests by address, not by install, so one [`RateLimiter`] serves every install of a connector.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::clock::Clock;
use crate::contract::RateLimit;

/// Lets a request pass when it keeps within every window.
#[derive(Debug, Default)]
pub struct RateLimiter {
    windows: Mutex<Vec<Window>>,
}

#[derive(Debug)]
struct Window {
    requests: usize,
    length: TimeDelta,
    sent: VecDeque<DateTime<Utc>>,
}

impl RateLimiter {
    /// Keeps the limits of a manifest; none lets everything pass.
    #[must_use]
    pub fn new(limits: &[RateLimit]) -> Self {
        let window = |limit: &RateLimit| Window {
            requests: usize::try_from(limit.requests.max(1)).unwrap_or(usize::MAX),
            length: TimeDelta::seconds(limit.window_seconds.into()),
            sent: VecDeque::new(),
        };
        Self { windows: Mutex::new(limits.iter().map(window).collect()) }
    }

    /// Waits on `clock` until one more request may be sent, counts it, and tells how long it waited.
    pub async fn acquire(&self, clock: &dyn Clock) -> Duration {
        let mut waited = Duration::ZERO;
        while let Some(wait) = self.try_acquire(clock.now()) {
            clock.sleep(wait).await;
            waited += wait;
        }
        waited
    }

    /// Counts a request at `now`, or tells how long to wait for room.
    fn try_acquire(&self, now: DateTime<Utc>) -> Option<Duration> {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = windows.iter_mut().filter_map(|window| window.wait(now)).max();
        if wait.is_none() {
            windows.iter_mut().for_each(|window| window.sent.push_back(now));
        }
        wait
    }
}

impl Window {
    fn wait(&mut self, now: DateTime<Utc>) -> Option<Duration> {
        while self.sent.front().is_some_and(|first| *first + self.length <= now) {
            self.sent.pop_front();
        }
        let first = self.sent.front().filter(|_| self.sent.len() >= self.requests)?;
        Some((*first + self.length - now).to_std().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::VirtualClock;
    use futures::FutureExt as _;

    #[test]
    fn no_window_ever_holds_more_requests_than_its_limit() {
        let limits = [(3, 10), (5, 60)].map(|(requests, window_seconds)| RateLimit {
            requests,
            window_seconds,
            scope: crate::contract::RateScope::Address,
        });
        let limiter = RateLimiter::new(&limits);
        let clock = VirtualClock::at(DateTime::UNIX_EPOCH);
        let mut sent = Vec::new();
        for _ in 0..20 {
            limiter.acquire(&clock).now_or_never().expect("virtual time");
            sent.push(clock.now().timestamp());
        }
        for limit in limits {
            let (n, window) = (limit.requests as usize, i64::from(limit.window_seconds));
            assert!(sent.windows(n + 1).all(|w| w[n] - w[0] >= window), "{limit:?}: {sent:?}");
        }
        assert_eq!(sent[..6], [0, 0, 0, 10, 10, 60], "no request waits longer than it must");
    }
}

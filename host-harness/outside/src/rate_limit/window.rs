//! One limit's memory: when the last requests were sent.

use std::collections::VecDeque;
use std::time::Duration;

/// So many requests in so long a time. All times are of one monotonic clock.
#[derive(Debug)]
pub(super) struct Window {
    requests: usize,
    length: Duration,
    sent: VecDeque<Duration>,
}

impl Window {
    pub(super) fn new(requests: u32, length: Duration) -> Self {
        let requests = usize::try_from(requests.max(1)).unwrap_or(usize::MAX);
        Self { requests, length, sent: VecDeque::new() }
    }

    /// How long until one more request keeps within the limit; none when it does now.
    pub(super) fn wait(&mut self, now: Duration) -> Option<Duration> {
        while self.sent.front().is_some_and(|first| first.saturating_add(self.length) <= now) {
            self.sent.pop_front();
        }
        let first = self.sent.front().filter(|_| self.sent.len() >= self.requests)?;
        Some(first.saturating_add(self.length).saturating_sub(now))
    }

    /// Counts a request.
    pub(super) fn count(&mut self, now: Duration) {
        self.sent.push_back(now);
    }

    /// True when nothing that it remembers can make a request wait any more.
    pub(super) fn is_idle(&mut self, now: Duration) -> bool {
        self.wait(now).is_none() && self.sent.is_empty()
    }
}

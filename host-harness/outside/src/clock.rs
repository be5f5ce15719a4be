//! Time as the host sees it. A connector sees none: it is told `observed-at`.
//!
//! Everything in the host that waits, waits on a [`Clock`], so that a replayed or simulated run sleeps through an hour
//! of rate limiting in no time.

use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use futures::future::{BoxFuture, FutureExt as _, ready};

/// Where the host takes the time from, and waits.
pub trait Clock: Send + Sync {
    /// The time now.
    fn now(&self) -> DateTime<Utc>;

    /// How long this clock has run, since a start of its own. Never goes back, whatever is done to [`Clock::now`]: what
    /// measures or waits goes by this one.
    fn monotonic(&self) -> Duration;

    /// Completes when `duration` has passed on this clock.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    fn monotonic(&self) -> Duration {
        static START: LazyLock<Instant> = LazyLock::new(Instant::now);
        START.elapsed()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        tokio::time::sleep(duration).boxed()
    }
}

/// A clock that moves only when somebody sleeps on it or advances it. Clones share the time.
#[derive(Debug, Clone)]
pub struct VirtualClock(Arc<Mutex<Hands>>);

#[derive(Debug)]
struct Hands {
    now: DateTime<Utc>,
    run: Duration,
}

impl VirtualClock {
    /// A clock that stands at `start`.
    #[must_use]
    pub fn at(start: DateTime<Utc>) -> Self {
        Self(Arc::new(Mutex::new(Hands { now: start, run: Duration::ZERO })))
    }

    /// Sets the time, backwards as well: some clocks do that. [`Clock::monotonic`] stays where it is.
    pub fn set(&self, now: DateTime<Utc>) {
        self.hands().now = now;
    }

    /// Moves the time on.
    pub fn advance(&self, duration: Duration) {
        let mut hands = self.hands();
        let delta = chrono::TimeDelta::from_std(duration).unwrap_or(chrono::TimeDelta::MAX);
        hands.now = hands.now.checked_add_signed(delta).unwrap_or(DateTime::<Utc>::MAX_UTC);
        hands.run = hands.run.saturating_add(duration);
    }

    fn hands(&self) -> MutexGuard<'_, Hands> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> DateTime<Utc> {
        self.hands().now
    }

    fn monotonic(&self) -> Duration {
        self.hands().run
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.advance(duration);
        ready(()).boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_virtual_clock_sleeps_in_no_time_and_its_clones_share_the_time() {
        let clock = VirtualClock::at(DateTime::UNIX_EPOCH);
        let other = clock.clone();
        assert_eq!(clock.sleep(Duration::from_secs(90)).now_or_never(), Some(()));
        assert_eq!(other.now().timestamp(), 90);
    }
    #[test]
    fn a_clock_that_is_set_back_goes_on_measuring() {
        let clock = VirtualClock::at(DateTime::UNIX_EPOCH);
        clock.advance(Duration::from_secs(90));
        clock.set(DateTime::UNIX_EPOCH);
        clock.advance(Duration::MAX);
        assert!(clock.monotonic() > Duration::from_secs(90));
        assert_eq!(clock.now(), DateTime::<Utc>::MAX_UTC, "an absurd wait saturates");
    }
}

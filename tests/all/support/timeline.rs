//! Virtual time in which sleeps overlap, as they do in reality.

#![allow(dead_code, clippy::unwrap_used, reason = "test support; each test file uses a part")]

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::FutureExt as _;
use futures::channel::oneshot;
use futures::future::BoxFuture;
use outside::clock::{Clock, VirtualClock};

/// How often everything else may run before it is taken to wait for the time.
const ROUNDS: u32 = 100;

/// What wakes each, by when it wakes and in which order it came.
type Sleepers = BTreeMap<(Duration, u64), oneshot::Sender<()>>;

/// A clock that moves on when everything that runs waits. It belongs to a runtime of one thread.
#[derive(Clone)]
pub struct Timeline {
    /// Shows the same time. Whoever sleeps on it moves it for all.
    pub hands: VirtualClock,
    sleepers: Arc<Mutex<Sleepers>>,
    count: Arc<AtomicU64>,
}

impl Clock for Timeline {
    fn now(&self) -> DateTime<Utc> {
        self.hands.now()
    }

    fn monotonic(&self) -> Duration {
        self.hands.monotonic()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let (wake, woken) = oneshot::channel();
        let number = self.count.fetch_add(1, Relaxed);
        let mut sleepers = self.sleepers.lock().unwrap();
        sleepers.insert((self.monotonic().saturating_add(duration), number), wake);
        woken.map(|_| ()).boxed()
    }
}

impl Timeline {
    /// Stands at `start`.
    pub fn at(start: DateTime<Utc>) -> Self {
        Self { hands: VirtualClock::at(start), sleepers: Arc::default(), count: Arc::default() }
    }

    /// Lets so much time pass for all that runs beside the caller.
    pub async fn pass(&self, duration: Duration) {
        let end = self.monotonic().saturating_add(duration);
        self.pass_until(|| false, end).await;
    }

    /// Lets time pass until this is so, at most a day.
    pub async fn until(&self, is_so: impl FnMut() -> bool) {
        let end = self.monotonic() + Duration::from_hours(24);
        self.pass_until(is_so, end).await;
        assert!(self.monotonic() < end, "it never came");
    }

    /// Lets time pass until the future is ready, at most a day.
    pub async fn during<T>(&self, what: impl Future<Output = T>) -> T {
        tokio::select! {
            biased;
            done = what => done,
            () = self.until(|| false) => unreachable!("asserts"),
        }
    }

    async fn pass_until(&self, mut is_so: impl FnMut() -> bool, end: Duration) {
        loop {
            for _ in 0..ROUNDS {
                tokio::task::yield_now().await;
                if is_so() {
                    return;
                }
            }
            let next = self.next(end);
            let at = next.as_ref().map_or(end, |(at, _)| *at);
            self.hands.advance(at.saturating_sub(self.monotonic()));
            let Some((_, wake)) = next else { return };
            // Who no longer waits is no loss.
            _ = wake.send(());
        }
    }

    /// The one that wakes first, before `end`.
    fn next(&self, end: Duration) -> Option<(Duration, oneshot::Sender<()>)> {
        let mut sleepers = self.sleepers.lock().unwrap();
        sleepers.retain(|_, wake| !wake.is_canceled());
        let first = sleepers.first_entry().filter(|first| first.key().0 <= end)?;
        let ((at, _), wake) = first.remove_entry();
        Some((at, wake))
    }
}

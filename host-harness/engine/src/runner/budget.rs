//! What one poll may use, all its streams together, and what an install may keep.
//!
//! A call has limits of its own; without these a component that never comes to an end would fill the disk one modest
//! page at a time.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use outside::rate_limit::DECLARED_PATIENCE;

/// What a poll may use. At one of these it ends between two pages, and the next poll goes on from there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budgets {
    /// Pages stored.
    pub pages: u64,
    /// Bytes of the pages stored, known records included.
    pub bytes: u64,
    /// Time from start to end, waiting included.
    pub time: Duration,
    /// Requests, those of failed calls included.
    pub requests: u64,
    /// Lines that the connector may log; what comes after is dropped, and counted.
    pub log_lines: u64,
    /// Bytes of records that the install may keep, over all polls. Beyond, nothing more is stored.
    pub stored: u64,
}

impl Default for Budgets {
    /// Room for some 200 000 payments a poll, and some millions in all.
    fn default() -> Self {
        Self {
            pages: 100_000,
            bytes: 512 << 20,
            time: Duration::from_hours(1),
            requests: 200_000,
            log_lines: 2_000,
            stored: 8 << 30,
        }
    }
}

/// Which budget a poll is at. No failure: the next poll goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spent {
    /// [`Budgets::pages`].
    Pages(u64),
    /// [`Budgets::bytes`].
    Bytes(u64),
    /// [`Budgets::time`].
    Time(Duration),
    /// [`Budgets::requests`].
    Requests(u64),
    /// A limit that the connector declares, which lets the stream's next request out later than a request waits.
    Limit {
        /// So many requests,
        requests: u32,
        /// in so long a time.
        window: Duration,
    },
}

impl fmt::Display for Spent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pages(pages) => write!(f, "a poll stores at most {pages} pages"),
            Self::Bytes(bytes) => write!(f, "a poll stores at most {bytes} bytes"),
            Self::Time(time) => write!(f, "a poll takes at most {} s", time.as_secs()),
            Self::Requests(requests) => write!(f, "a poll makes at most {requests} requests"),
            Self::Limit { requests, window } => {
                write!(f, "the connector declares a limit of {requests} requests in {} s", window.as_secs())
            }
        }
    }
}

/// A limit that a connector declares, and how long it lets no further request out.
pub(super) struct Declared {
    pub(super) wait: Duration,
    pub(super) requests: u32,
    pub(super) window: Duration,
}

/// What one poll has used so far.
#[derive(Debug)]
pub(super) struct Budget {
    budgets: Budgets,
    started: Duration,
    pages: AtomicU64,
    bytes: AtomicU64,
    requests: AtomicU64,
    told: AtomicBool,
}

impl Budget {
    /// Begins at `now` of a monotonic clock.
    pub(super) fn begin(budgets: Budgets, now: Duration) -> Self {
        Self {
            budgets,
            started: now,
            pages: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            requests: AtomicU64::new(0),
            told: AtomicBool::new(false),
        }
    }

    /// What there is too little of for a call that made so many requests, where nobody is to blame: the next poll goes on.
    /// None for one whose stream has not `moved` in this poll, and which by itself needs more than half of what the limit
    /// that its connector declares lets out in a whole one: it never comes to its end.
    pub(super) fn ran_out(&self, declared: &Declared, moved: bool, made: u32, now: Duration) -> Option<Spent> {
        let Declared { wait, requests, window } = *declared;
        let windows = self.budgets.time.as_secs() / window.as_secs().max(1);
        let lets_out = u64::from(requests).saturating_mul(windows.saturating_add(1));
        if !moved && u64::from(made).saturating_mul(2) > lets_out {
            return None;
        }
        let over = self.spent(now.saturating_add(wait)).filter(|_| wait <= DECLARED_PATIENCE);
        over.or((wait <= self.budgets.time).then_some(Spent::Limit { requests, window }))
    }

    /// The budget that the poll is at, if it is at one.
    pub(super) fn spent(&self, now: Duration) -> Option<Spent> {
        let Budgets { pages, bytes, time, requests, .. } = self.budgets;
        if self.pages.load(Relaxed) >= pages {
            return Some(Spent::Pages(pages));
        }
        if self.bytes.load(Relaxed) >= bytes {
            return Some(Spent::Bytes(bytes));
        }
        if self.requests.load(Relaxed) >= requests {
            return Some(Spent::Requests(requests));
        }
        (now.saturating_sub(self.started) >= time).then_some(Spent::Time(time))
    }

    /// A call was made.
    pub(super) fn called(&self, requests: u32) {
        self.requests.fetch_add(requests.into(), Relaxed);
    }

    /// A page is stored.
    pub(super) fn stored(&self, bytes: u64) {
        self.pages.fetch_add(1, Relaxed);
        self.bytes.fetch_add(bytes, Relaxed);
    }

    /// True once a poll, when `stored` is more than four fifths of what the install may keep.
    pub(super) fn tells_nearly_full(&self, stored: u64) -> bool {
        stored >= self.budgets.stored / 5 * 4 && !self.told.swap(true, Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_poll_is_at_its_budget_when_one_of_them_is_used_up() {
        let budgets = Budgets { pages: 3, bytes: 100, requests: 5, time: Duration::from_secs(9), ..Budgets::default() };
        let started = Duration::from_secs(1_000);
        let begin = || Budget::begin(budgets, started);
        assert_eq!(begin().spent(started), None);
        assert_eq!(begin().spent(started + budgets.time), Some(Spent::Time(budgets.time)));
        let pages = begin();
        (0..3).for_each(|_| pages.stored(1));
        assert_eq!(pages.spent(started), Some(Spent::Pages(3)));
        let bytes = begin();
        bytes.stored(u64::MAX);
        assert_eq!(bytes.spent(started), Some(Spent::Bytes(100)));
        let requests = begin();
        requests.called(5);
        assert_eq!(requests.spent(started), Some(Spent::Requests(5)));
    }

    #[test]
    fn an_install_that_is_nearly_full_is_told_once_a_poll() {
        let budget = Budget::begin(Budgets { stored: 1_000, ..Budgets::default() }, Duration::ZERO);
        assert_eq!([799, 800, 1_000].map(|stored| budget.tells_nearly_full(stored)), [false, true, false]);
    }
}

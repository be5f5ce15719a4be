//! What is known of one install between its polls. There may be very many: it is small.

use std::time::Duration;

use super::board::{End, Name};
use outside::stop::Stop;

/// The longest that a poll is shifted at random, so that installs that were started together drift apart.
const LONGEST_JITTER: Duration = Duration::from_mins(5);

/// A random part of a tenth of the period, or of [`LONGEST_JITTER`].
pub(crate) fn jitter(period: Duration, random: &mut fastrand::Rng) -> Duration {
    (period / 10).min(LONGEST_JITTER).mul_f64(random.f64())
}

/// The place of one install in the schedule.
#[derive(Debug)]
pub(super) struct Place {
    period: Duration,
    /// Empty as long as it is not known.
    pub(super) provider: Name,
    /// Its root tasks. One as long as it is not known how many there are.
    roots: Vec<Root>,
    /// Polls of it that are under way.
    pub(super) polls: usize,
    /// Ends these.
    stop: Option<Stop>,
    /// An operator wants no polls.
    pub(super) paused: bool,
    /// Somebody works on it, and nothing else may.
    pub(super) held: bool,
    /// Whether it is known whose data the credentials lead to.
    pub(super) checked: bool,
}

/// When a root task is polled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Root {
    Due(Duration),
    Runs {
        /// Somebody asked for a poll that begins later than this one.
        again: bool,
    },
}

impl Place {
    pub(super) fn new(period: Duration, due: Duration) -> Self {
        let (provider, roots) = (Name::default(), vec![Root::Due(due)]);
        Self { period, provider, roots, polls: 0, stop: None, paused: false, held: false, checked: false }
    }

    /// Another period. What does not run is due at `due`, and looks first whose data it is.
    pub(super) fn put(&mut self, period: Duration, due: Duration) {
        (self.period, self.checked) = (period, false);
        for root in &mut self.roots {
            *root = match root {
                Root::Due(_) => Root::Due(due),
                Root::Runs { .. } => Root::Runs { again: true },
            };
        }
    }

    /// When it is due; none while it may not be polled, or all of it is. Also while its polls are asked to end: the next ones
    /// would be as well.
    pub(super) fn due(&self) -> Option<Duration> {
        let due = self.roots.iter().filter_map(|root| match root {
            Root::Due(due) => Some(*due),
            Root::Runs { .. } => None,
        });
        let ends = self.stop.as_ref().is_some_and(Stop::is_set);
        due.min().filter(|_| !self.paused && !self.held && !ends)
    }

    /// Begins what is due.
    pub(super) fn begin(&mut self, now: Duration) -> (Vec<usize>, Stop) {
        let mut begun = Vec::new();
        for (index, root) in self.roots.iter_mut().enumerate() {
            if matches!(root, Root::Due(due) if *due <= now) {
                *root = Root::Runs { again: false };
                begun.push(index);
            }
        }
        self.polls += 1;
        (begun, self.stop.get_or_insert_default().clone())
    }

    /// It has so many root tasks. Those that were not known belong to the poll that found them.
    pub(super) fn know(&mut self, begun: &[usize], roots: usize) -> Vec<usize> {
        let new = self.roots.len()..roots;
        self.roots.resize(roots.max(1), Root::Runs { again: false });
        begun.iter().copied().filter(|index| *index < self.roots.len()).chain(new).collect()
    }

    /// A poll of these root tasks ended, which had begun at `began`.
    pub(super) fn end(
        &mut self,
        roots: &[usize],
        end: End,
        began: Duration,
        now: Duration,
        random: &mut fastrand::Rng,
    ) {
        for index in roots {
            let Some(root) = self.roots.get_mut(*index) else { continue };
            let again = *root == Root::Runs { again: true } || end == End::Interrupted;
            let next = began.saturating_add(self.period).saturating_add(jitter(self.period, random));
            *root = Root::Due(if again { now } else { next.max(now) });
        }
        self.polls = self.polls.saturating_sub(1);
        if self.polls == 0 {
            self.stop = None;
        }
    }

    /// All of it is due now. What runs is polled once more when it is over.
    pub(super) fn poll_now(&mut self, now: Duration) {
        for root in &mut self.roots {
            *root = match root {
                Root::Due(_) => Root::Due(now),
                Root::Runs { .. } => Root::Runs { again: true },
            };
        }
    }

    /// Asks its polls to end after the pages in flight.
    pub(super) fn interrupt(&self) {
        if let Some(stop) = &self.stop {
            stop.set();
        }
    }
}

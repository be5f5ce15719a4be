//! Many installs in one process, each polled at its period.
//!
//! | what is kept apart | how |
//! |---|---|
//! | installs | a poll waits for its turn before each call ([`Turns`]): many rows hold up nobody who has few |
//! | providers | one that hangs gets half of the polls and half of the calls at most |
//! | root tasks | each has a schedule of its own: one that reads for hours holds up no other |
//! | an install at rest | holds its place in the schedule, and nothing else: what polls it is made when a poll begins |
//!
//! Whatever ends a poll early ends it between two pages, and the next one goes on from there: a page and the state behind
//! it are stored together.

mod board;
mod place;
mod poll;

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use tokio::sync::Notify;
use tokio::task::JoinSet;

use self::board::Board;
use self::place::Place;
pub(crate) use self::place::jitter;
use self::poll::UnderWay;
use crate::runner::{Observer, PollError, PollSummary, Runner, Stop};
use crate::turns::Turns;
use outside::clock::Clock;

/// Where the installs come from.
pub trait Installs: Send + Sync {
    /// What polls an install, made when a poll of it begins and dropped when that is over. [`Runner::stop`] and
    /// [`Runner::turns`] are set by the scheduler; [`Runner::unchecked`] holds for the first poll after
    /// [`Scheduler::put`].
    ///
    /// # Errors
    /// It cannot be polled now. This is told as that poll's failure, and asked again at the next one.
    fn runner<'a>(&'a self, install: &'a str) -> BoxFuture<'a, Result<Runner, NoRunner>>;
}

/// Why an install could not be made ready for a poll.
pub type NoRunner = Box<dyn std::error::Error + Send + Sync>;

/// Why an install was not polled when it was due.
#[derive(Debug, thiserror::Error)]
pub enum NotPolled {
    /// Nobody could make what polls it.
    #[error("{0}")]
    Install(NoRunner),
    /// It may not be polled, or nobody can say whose data it is.
    #[error(transparent)]
    Poll(#[from] PollError),
}

/// Is told what becomes of the installs, beside what an [`Observer`] is told of their streams.
pub trait Watcher: Observer {
    /// A poll begins, so long after its time.
    fn began(&self, install: &str, late: Duration) {
        let _ = (install, late);
    }

    /// A poll is over; of what failed in a stream the summary tells. Nothing of it runs any more but other polls of the
    /// same install.
    fn ended(&self, install: &str, ended: Result<&PollSummary, &NotPolled>) {
        let _ = (install, ended);
    }
}

/// Nobody watches.
impl Watcher for () {}

/// No install of this name is scheduled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no install `{0}` is scheduled")]
pub struct NotScheduled(pub String);

/// How much may be under way at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Polls. One that waits holds what polls its install, some tens of KB.
    pub polls: usize,
    /// Calls of connectors, all polls together. Each holds an instance, a few MB.
    pub calls: usize,
}

impl Default for Room {
    /// As many calls as fit into a few hundred MB, and enough polls to keep them busy while providers make some wait.
    fn default() -> Self {
        Self { polls: 512, calls: 64 }
    }
}

/// How an install stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Whether a poll of it is under way.
    pub polling: bool,
    /// Whether it was paused.
    pub paused: bool,
    /// In how long its next poll is due; zero when it is late. None while nothing is due.
    pub next: Option<Duration>,
}

/// How the schedule stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    /// Installs, the paused ones included.
    pub installs: usize,
    /// Installs that are due and wait for room.
    pub due: usize,
    /// Polls under way.
    pub polls: usize,
    /// How long after its time the poll began that began last.
    pub lateness: Duration,
}

/// Polls the installs of a process, each at its period. Clones are the same one.
#[derive(Clone)]
pub struct Scheduler(Arc<Shared>);

struct Shared {
    installs: Arc<dyn Installs>,
    watcher: Arc<dyn Watcher>,
    clock: Arc<dyn Clock>,
    stop: Stop,
    turns: Turns,
    board: Mutex<Board>,
    /// Wakes the one that begins polls.
    changed: Notify,
    /// Wakes those that wait until nothing of an install runs.
    rests: Notify,
}

impl Shared {
    fn board(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn changed(&self) {
        self.changed.notify_one();
        self.rests.notify_waiters();
    }
}

impl Scheduler {
    /// A schedule without installs. Waits on `clock`, whose sleeps have to overlap: one that jumps ahead whenever somebody
    /// sleeps, as [`outside::clock::VirtualClock`] does, would run away from the polls.
    #[must_use]
    pub fn new(
        installs: Arc<dyn Installs>,
        watcher: Arc<dyn Watcher>,
        clock: Arc<dyn Clock>,
        stop: Stop,
        room: Room,
    ) -> Self {
        let board = Mutex::new(Board::new(room.polls, fastrand::Rng::new()));
        let (changed, rests) = (Notify::new(), Notify::new());
        Self(Arc::new(Shared { installs, watcher, clock, stop, turns: Turns::of(room.calls), board, changed, rests }))
    }

    /// Polls until it is asked to stop, and then until the pages in flight are stored. Runs on tokio; at most once.
    pub async fn run(&self) {
        let shared = &self.0;
        let mut polls = JoinSet::new();
        while !shared.stop.is_set() {
            while let Some(under_way) = UnderWay::begin(shared) {
                polls.spawn(under_way.run());
            }
            let wakes_at = shared.board().wakes_at();
            let due = async {
                match wakes_at {
                    Some(at) => shared.clock.sleep(at.saturating_sub(shared.clock.monotonic())).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = shared.changed.notified() => {}
                () = due => {}
                Some(_) = polls.join_next() => {}
                () = shared.stop.wait() => {}
            }
        }
        shared.board().interrupt();
        while polls.join_next().await.is_some() {}
    }

    /// Takes an install in. One that was polled `last` at a time, see [`store::Store::last_runs`], is due a period later, one
    /// that never was at once, and one that is late within a tenth of its period, at most five minutes. Where the install is
    /// there already this is its new period, and what polls it may have changed: whose data it is is looked at again.
    pub fn put(&self, install: &str, period: Duration, last: Option<DateTime<Utc>>) {
        let now = self.0.clock.monotonic();
        // What a clock that was ahead wrote down says nothing: the install may be late.
        let ago = last.map(|last| self.0.clock.now().signed_duration_since(last).to_std().unwrap_or(Duration::MAX));
        {
            let mut board = self.0.board();
            let due = board.first(period, ago, now);
            board.put(install, period, due);
        }
        self.0.changed();
    }

    /// Lets go of an install, once the pages in flight are stored.
    ///
    /// # Errors
    /// [`NotScheduled`].
    pub async fn remove(&self, install: &str) -> Result<(), NotScheduled> {
        let held = self.hold(install).await?;
        self.0.board().remove(install);
        drop(held);
        Ok(())
    }

    /// Polls an install no more until [`Scheduler::resume`]. When this returns, nothing of it runs.
    ///
    /// # Errors
    /// [`NotScheduled`].
    pub async fn pause(&self, install: &str) -> Result<(), NotScheduled> {
        self.change(install, |place| {
            place.paused = true;
            place.interrupt();
        })?;
        self.until(install, |place| place.polls == 0 || !place.paused).await
    }

    /// Polls an install again, at once where it is late.
    ///
    /// # Errors
    /// [`NotScheduled`].
    pub fn resume(&self, install: &str) -> Result<(), NotScheduled> {
        self.change(install, |place| place.paused = false)
    }

    /// Polls an install now: what is polled at the moment once more right after, what is paused when it is resumed.
    ///
    /// # Errors
    /// [`NotScheduled`].
    pub fn poll_now(&self, install: &str) -> Result<(), NotScheduled> {
        let now = self.0.clock.monotonic();
        self.change(install, |place| place.poll_now(now))
    }

    /// Does some work while nothing of an install runs, neither a poll nor other such work: waits until the pages in flight
    /// are stored, and polls on when it is done, or dropped.
    ///
    /// # Errors
    /// [`NotScheduled`]; the work was not begun.
    pub async fn exclusively<T>(&self, install: &str, work: impl Future<Output = T>) -> Result<T, NotScheduled> {
        let _held = self.hold(install).await?;
        Ok(work.await)
    }

    /// How an install stands; none when it is not scheduled.
    #[must_use]
    pub fn standing(&self, install: &str) -> Option<Standing> {
        self.0.board().standing(install, self.0.clock.monotonic())
    }

    /// How the schedule stands.
    #[must_use]
    pub fn figures(&self) -> Figures {
        self.0.board().figures(self.0.clock.monotonic())
    }

    fn change<T>(&self, install: &str, change: impl FnOnce(&mut Place) -> T) -> Result<T, NotScheduled> {
        let changed = self.0.board().change(install, change);
        self.0.changed();
        changed
    }

    /// Waits until this is so.
    async fn until(&self, install: &str, is_so: impl Fn(&Place) -> bool) -> Result<(), NotScheduled> {
        loop {
            let rests = self.0.rests.notified();
            match self.0.board().place(install) {
                None => return Err(NotScheduled(install.to_owned())),
                Some(place) if is_so(place) => return Ok(()),
                Some(_) => {}
            }
            rests.await;
        }
    }

    /// Holds an install for itself, until this is dropped.
    async fn hold(&self, install: &str) -> Result<Held<'_>, NotScheduled> {
        let taken = |place: &mut Place| {
            let taken = !place.held;
            place.held = true;
            place.interrupt();
            taken
        };
        while !self.change(install, taken)? {
            self.until(install, |place| !place.held).await?;
        }
        let held = Held { scheduler: self, install: install.to_owned() };
        self.until(install, |place| place.polls == 0).await?;
        Ok(held)
    }
}

/// An install that is held.
struct Held<'a> {
    scheduler: &'a Scheduler,
    install: String,
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        // Where it was removed meanwhile, there is nothing to let go.
        _ = self.scheduler.change(&self.install, |place| place.held = false);
    }
}

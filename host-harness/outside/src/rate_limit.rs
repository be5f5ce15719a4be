//! The provider's rate limits, kept by the host for all calls of a process together.
//!
//! | | holds for | known from |
//! |---|---|---|
//! | a window: so many requests in so long a time | the installs whose connectors declare it | the manifest |
//! | a gate: no request for so long | the narrowest [`Scope`] that the manifest gives, else the install; the whole origin when two installs are refused within a minute | answers that the host saw: 429, and 503 with `Retry-After` |
//!
//! What a connector says closes nothing for others, and a limit that it declares slows nobody but its own installs. All
//! times are of a monotonic clock: a wall clock that is set makes nobody wait.

mod gate;
mod retry_after;
mod window;

use std::collections::HashMap;
use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::future::{Either, select};
use http::StatusCode;
use tokio::sync::Notify;

use self::gate::{Gate, Said};
pub use self::retry_after::{LONGEST_WAIT, retry_after, wait_of};
use self::window::Window;
use crate::clock::Clock;
use crate::egress::Origin;
use crate::stop::Stop;
use model::{RateLimit, RateScope};

/// How long a request waits for a gate. Beyond, the call is better made again later.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a request waits at most for the limits that its connector declares: a component must not hold up a poll for a
/// day by a limit that no provider has.
pub const DECLARED_PATIENCE: Duration = Duration::from_mins(10);
/// Two installs that are refused within this time are refused for what they share, their address.
const TOGETHER: Duration = Duration::from_mins(1);
/// Windows and gates that may be kept before those are looked for that no longer matter.
const MANY: usize = 1_000;
/// How often a wait for the declared limits is told.
const TELL_EVERY: Duration = Duration::from_mins(1);

/// What a provider counts together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// The requests of one install to one path.
    Path,
    /// The requests of one install.
    Install,
    /// All requests that come from one network address.
    Address,
}

/// A limit of the provider's, as a connector declares it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Limit {
    /// How many requests; at least one passes.
    pub requests: u32,
    /// In how long a time.
    pub window: Duration,
    /// What is counted together.
    pub scope: Scope,
}

impl From<RateScope> for Scope {
    fn from(scope: RateScope) -> Self {
        match scope {
            RateScope::Address => Self::Address,
            RateScope::Install => Self::Install,
            RateScope::Path => Self::Path,
        }
    }
}

impl From<&RateLimit> for Limit {
    fn from(limit: &RateLimit) -> Self {
        Self { requests: limit.requests, window: wait_of(limit.window_seconds.into()), scope: limit.scope.into() }
    }
}

/// What the limiters of one process share. Installs that have the same one know of each other.
#[derive(Debug, Default)]
pub struct RateLimits {
    state: Mutex<State>,
    /// Wakes those who wait for another request's answer.
    changed: Notify,
    installs: AtomicU64,
}

/// What a window or a gate belongs to. An install is known by a number that no other has.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Path(u64, Origin, String),
    Install(u64, Origin),
    Address(Origin),
}

#[derive(Debug, Default)]
struct State {
    windows: HashMap<(Key, Limit), Window>,
    gates: HashMap<Key, Gate>,
    refused: HashMap<Origin, (u64, Duration)>,
    /// The installs that are known by a name.
    named: HashMap<String, u64>,
    told: Told,
}

/// When a wait for the declared limits was told last: those that a person would notice, and the others.
#[derive(Debug, Default)]
struct Told {
    long: Option<Duration>,
    short: Option<Duration>,
}

/// The limits of one install: each request asks it before it is sent.
#[derive(Debug)]
pub struct RateLimiter {
    shared: Arc<RateLimits>,
    install: u64,
    limits: Vec<Limit>,
    heeds_refusals: bool,
    /// What it remembers ends with it.
    is_own: bool,
}

/// Why a request is not sent now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Withheld {
    /// The provider asked to be left alone, for longer than a request should wait.
    Closed {
        /// How much longer.
        wait: Duration,
        /// How often it refused in a row.
        refusals: u32,
    },
    /// A limit that the connector declares lets it go out later than it can wait.
    Declared {
        /// How much longer.
        wait: Duration,
        /// The limit.
        limit: Limit,
    },
    /// The run was asked to stop while the request waited.
    Stopped,
}

/// One request may be sent. Dropped when the request is over; tell it the answer before.
#[derive(Debug)]
pub struct Pass<'a> {
    limiter: &'a RateLimiter,
    origin: Origin,
    /// What it may close. Where there was a gate that it goes ahead at, the refusals that this one had seen.
    gates: Vec<(Key, Option<u32>)>,
}

enum Step {
    Go(Vec<(Key, Option<u32>)>),
    Sleep(Duration),
    AwaitAnother,
    Withheld(Withheld),
}

impl Default for RateLimiter {
    fn default() -> Self {
        Self::new(&[], Arc::default())
    }
}

impl RateLimiter {
    /// Keeps the limits of one install's manifest, beside the other installs that have `shared`.
    #[must_use]
    pub fn new(limits: &[RateLimit], shared: Arc<RateLimits>) -> Self {
        let install = shared.number();
        Self { shared, install, limits: limits.iter().map(Limit::from).collect(), heeds_refusals: true, is_own: true }
    }

    /// The same for an install that the process knows by `name`: its requests count together however often its limiter is
    /// made anew, which a server does at each poll.
    #[must_use]
    pub fn of_install(limits: &[RateLimit], shared: Arc<RateLimits>, name: &str) -> Self {
        let known = shared.lock().named.get(name).copied();
        let install = known.unwrap_or_else(|| {
            let number = shared.number();
            *shared.lock().named.entry(name.to_owned()).or_insert(number)
        });
        Self { shared, install, limits: limits.iter().map(Limit::from).collect(), heeds_refusals: true, is_own: false }
    }

    /// Keeps the declared limits, and takes no notice of the provider's refusals: for trials that want to see what the
    /// connector makes of them.
    #[must_use]
    pub fn windows_only(limits: &[RateLimit]) -> Self {
        let mut limiter = Self::new(limits, Arc::default());
        limiter.heeds_refusals = false;
        limiter
    }

    /// Waits on `clock` until a request to `path` at `origin` may be sent, and counts it. For declared limits it waits no
    /// longer than `left`, which is what the caller has.
    ///
    /// # Errors
    /// [`Withheld`]; then it is not counted.
    pub async fn acquire(
        &self,
        origin: &Origin,
        path: &str,
        clock: &dyn Clock,
        stop: &Stop,
        left: Duration,
    ) -> Result<Pass<'_>, Withheld> {
        let until = clock.monotonic().saturating_add(left.min(DECLARED_PATIENCE));
        loop {
            let changed = self.shared.changed.notified();
            match self.step(origin, path, clock.monotonic(), until) {
                Step::Go(gates) => return Ok(Pass { limiter: self, origin: origin.clone(), gates }),
                Step::Withheld(withheld) => return Err(withheld),
                Step::Sleep(wait) => unless_stopped(clock.sleep(wait), stop).await?,
                Step::AwaitAnother => unless_stopped(Box::pin(changed), stop).await?,
            }
        }
    }

    fn step(&self, origin: &Origin, path: &str, now: Duration, until: Duration) -> Step {
        let mut state = self.shared.lock();
        let state = &mut *state;
        let keys = [Scope::Path, Scope::Install, Scope::Address].map(|scope| self.key(scope, origin, path));
        let gates = || keys.iter().filter_map(|key| Some((key, state.gates.get(key)?)));
        let closed = gates().filter_map(|(_, gate)| match gate.ask(now) {
            Said::Closed(wait) => Some((wait, gate.refusals())),
            _ => None,
        });
        match closed.max() {
            Some((wait, refusals)) if wait > PATIENCE => return Step::Withheld(Withheld::Closed { wait, refusals }),
            Some((wait, _)) => return Step::Sleep(wait),
            None => {}
        }
        if gates().any(|(_, gate)| gate.ask(now) == Said::Probed) {
            return Step::AwaitAnother;
        }
        if state.windows.len() > MANY {
            state.windows.retain(|_, window| !window.is_idle(now));
        }
        let windows = self.limits.iter().map(|limit| (self.key(limit.scope, origin, path), *limit));
        let windows: Vec<(Key, Limit)> = windows.collect();
        let mut waits = Vec::new();
        for key in &windows {
            let window = state.windows.entry(key.clone());
            let window = window.or_insert_with(|| Window::new(key.1.requests, key.1.window));
            waits.extend(window.wait(now).map(|wait| (wait, key.1)));
        }
        if let Some((wait, limit)) = waits.into_iter().max_by_key(|(wait, _)| *wait) {
            if now.saturating_add(wait) > until {
                return Step::Withheld(Withheld::Declared { wait, limit });
            }
            state.told.wait(now, wait, limit, origin);
            return Step::Sleep(wait);
        }
        for key in &windows {
            if let Some(window) = state.windows.get_mut(key) {
                window.count(now);
            }
        }
        let ahead = |key: Key| {
            let seen = state.gates.get_mut(&key).map(Gate::probe);
            (key, seen)
        };
        Step::Go(keys.map(ahead).into())
    }

    fn key(&self, scope: Scope, origin: &Origin, path: &str) -> Key {
        match scope {
            Scope::Path => Key::Path(self.install, origin.clone(), path.to_owned()),
            Scope::Install => Key::Install(self.install, origin.clone()),
            Scope::Address => Key::Address(origin.clone()),
        }
    }
}

impl Drop for RateLimiter {
    fn drop(&mut self) {
        if !self.is_own {
            return;
        }
        let is_own =
            |key: &Key| matches!(key, Key::Path(install, ..) | Key::Install(install, _) if *install == self.install);
        let mut state = self.shared.lock();
        state.windows.retain(|(key, _), _| !is_own(key));
        state.gates.retain(|key, _| !is_own(key));
    }
}

impl RateLimits {
    fn number(&self) -> u64 {
        self.installs.fetch_add(1, Ordering::Relaxed)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pass<'_> {
    /// The provider answered with `status`, and asked for a pause of so long.
    pub fn answered(self, status: StatusCode, asked: Option<Duration>, clock: &dyn Clock) {
        let refused =
            status == StatusCode::TOO_MANY_REQUESTS || (status == StatusCode::SERVICE_UNAVAILABLE && asked.is_some());
        let now = clock.monotonic();
        let mut state = self.limiter.shared.lock();
        if refused && self.limiter.heeds_refusals {
            self.close(&mut state, asked, now);
        } else {
            // A gate that was closed meanwhile, by another request's refusal, stays closed.
            state.gates.retain(|key, gate| {
                let ahead = self.gates.iter().any(|(ahead, seen)| seen.is_some() && ahead == key);
                !ahead || matches!(gate.ask(now), Said::Closed(_))
            });
        }
    }

    fn close(&self, state: &mut State, asked: Option<Duration>, now: Duration) {
        let limiter = self.limiter;
        let narrowest = limiter.limits.iter().map(|limit| limit.scope).min().unwrap_or(Scope::Install);
        let before = state.refused.insert(self.origin.clone(), (limiter.install, now));
        let together =
            before.is_some_and(|(install, at)| install != limiter.install && now.saturating_sub(at) <= TOGETHER);
        if state.gates.len() > MANY {
            state.gates.retain(|_, gate| matches!(gate.ask(now), Said::Closed(_) | Said::Probed));
        }
        // The path for itself as well: what is answered elsewhere says nothing of a limit that only this one has.
        let own = (narrowest != Scope::Path).then_some(Scope::Path);
        for scope in [narrowest].into_iter().chain(own).chain(together.then_some(Scope::Address)) {
            let is_of_scope = |key: &Key| match scope {
                Scope::Path => matches!(key, Key::Path(..)),
                Scope::Install => matches!(key, Key::Install(..)),
                Scope::Address => matches!(key, Key::Address(_)),
            };
            let Some((key, seen)) = self.gates.iter().find(|(key, _)| is_of_scope(key)) else { continue };
            let gate = state.gates.entry(key.clone()).or_default();
            let is_first = gate.refusals() == 0;
            let closed = gate.refuse(now, seen.unwrap_or_default(), asked);
            // Once for each spell of refusals: whoever meets the closed gate does not say it again.
            if is_first && own != Some(scope) {
                tracing::warn!(
                    target: "harness::egress",
                    "{} refuses further requests ({}); none is sent for {} s",
                    self.origin,
                    scope_words(scope),
                    closed.as_secs_f64()
                );
            }
        }
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        let mut state = self.limiter.shared.lock();
        for (key, _) in self.gates.iter().filter(|(_, seen)| seen.is_some()) {
            if let Some(gate) = state.gates.get_mut(key) {
                gate.release();
            }
        }
        drop(state);
        self.limiter.shared.changed.notify_waiters();
    }
}

fn scope_words(scope: Scope) -> &'static str {
    match scope {
        Scope::Path => "on this path",
        Scope::Install => "of this install",
        Scope::Address => "from this address",
    }
}

impl Told {
    fn wait(&mut self, now: Duration, wait: Duration, limit: Limit, origin: &Origin) {
        let is_long = wait > PATIENCE;
        let told = if is_long { &mut self.long } else { &mut self.short };
        if wait < Duration::from_secs(1) || told.is_some_and(|told| now.saturating_sub(told) < TELL_EVERY) {
            return;
        }
        *told = Some(now);
        let (requests, window, wait) = (limit.requests, limit.window.as_secs(), wait.as_secs_f64());
        let text = format!(
            "waiting {wait} s at {origin}: the connector declares a limit of {requests} requests in {window} s"
        );
        if is_long {
            tracing::warn!(target: "harness::egress", "{text}");
        } else {
            tracing::info!(target: "harness::egress", "{text}");
        }
    }
}

async fn unless_stopped(wait: impl Future + Unpin, stop: &Stop) -> Result<(), Withheld> {
    match select(wait, Box::pin(stop.wait())).await {
        Either::Left(_) => Ok(()),
        Either::Right(_) => Err(Withheld::Stopped),
    }
}

#[cfg(test)]
#[path = "rate_limit/tests.rs"]
mod tests;

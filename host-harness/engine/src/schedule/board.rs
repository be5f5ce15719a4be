//! Who is polled when: a plain state that is told the time, and knows of no task, lock or clock.
//!
//! All times are of a monotonic clock: a wall clock that is set back holds up nobody.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use super::place::{Place, jitter};
use super::{Figures, NotScheduled, Standing};
use crate::turns::SHARE;
use outside::stop::Stop;

/// The name of an install, or of a provider. Clones share the text.
pub(super) type Name = Arc<str>;

/// The installs of a process.
#[derive(Debug)]
pub(super) struct Board {
    /// Polls at once.
    most: usize,
    random: fastrand::Rng,
    places: HashMap<Name, Place>,
    providers: HashMap<Name, Provider>,
    polls: usize,
    lateness: Duration,
}

/// The installs of one provider, as far as they matter to others.
#[derive(Debug, Default)]
struct Provider {
    /// Those that wait for their time, with it.
    waiting: BTreeSet<(Duration, Name)>,
    /// Their polls under way.
    polls: usize,
}

/// A poll that begins.
#[derive(Debug)]
pub(super) struct Begun {
    pub(super) install: Name,
    /// Which of the install's root tasks it is for, by their order in the workflow.
    pub(super) roots: Vec<usize>,
    /// Asks it to end after the pages in flight.
    pub(super) stop: Stop,
    /// Whether it is known whose data the credentials lead to.
    pub(super) checked: bool,
    /// How long after its time it begins.
    pub(super) late: Duration,
}

/// How a poll ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// It is over, whether or not it failed.
    Over,
    /// It was asked to end early.
    Interrupted,
}

impl Board {
    /// With room for so many polls at once, half of them at most for one provider.
    pub(super) fn new(most: usize, random: fastrand::Rng) -> Self {
        let (places, providers) = (HashMap::new(), HashMap::new());
        Self { most: most.max(1), random, places, providers, polls: 0, lateness: Duration::ZERO }
    }

    /// Takes an install in, or gives one that is there another period. All its tasks are due at `due`.
    pub(super) fn put(&mut self, install: &str, period: Duration, due: Duration) {
        self.leave_line(install);
        let name = self.places.get_key_value(install).map_or_else(|| Name::from(install), |(name, _)| name.clone());
        self.places.entry(name).or_insert_with(|| Place::new(period, due)).put(period, due);
        self.line_up(install);
    }

    /// When an install is due of which it is known how long ago it was polled; at once where it never was. One that is late
    /// comes a bit later at random: those that were late together must not come together.
    pub(super) fn first(&mut self, period: Duration, ago: Option<Duration>, now: Duration) -> Duration {
        match ago {
            None => now,
            Some(ago) if ago < period => now.saturating_add(period.saturating_sub(ago)),
            Some(_) => now.saturating_add(jitter(period, &mut self.random)),
        }
    }

    /// Lets go of an install of which nothing runs.
    pub(super) fn remove(&mut self, install: &str) {
        self.leave_line(install);
        self.places.remove(install);
    }

    /// The poll that begins now, if one does: the one that is due for longest, of those that there is room for.
    pub(super) fn begin(&mut self, now: Duration) -> Option<Begun> {
        let (due, install) = self.earliest().filter(|(due, _)| *due <= now).cloned()?;
        self.leave_line(&install);
        let place = self.places.get_mut(&install)?;
        let (roots, stop) = place.begin(now);
        let begun = Begun { install, roots, stop, checked: place.checked, late: now.saturating_sub(due) };
        self.lateness = begun.late;
        self.polls += 1;
        let provider = place.provider.clone();
        self.providers.entry(provider).or_default().polls += 1;
        self.line_up(&begun.install);
        Some(begun)
    }

    /// When the next poll may begin; none when none waits that there is room for.
    pub(super) fn wakes_at(&self) -> Option<Duration> {
        self.earliest().map(|(due, _)| *due)
    }

    /// Now it is known how many root tasks the install of a poll has, and whose they are. Gives those that the poll is for.
    pub(super) fn known(&mut self, begun: &Begun, roots: usize, provider: Option<String>) -> Vec<usize> {
        self.leave_line(&begun.install);
        let Some(place) = self.places.get_mut(&begun.install) else { return Vec::new() };
        let provider = provider.unwrap_or_default();
        if *place.provider != *provider {
            let known = self.providers.get_key_value(&*provider).map(|(name, _)| name.clone());
            let provider = known.unwrap_or_else(|| provider.into());
            let before = std::mem::replace(&mut place.provider, provider.clone());
            let polls = place.polls;
            self.providers.entry(provider).or_default().polls += polls;
            self.poll_less(&before, polls);
        }
        let Some(place) = self.places.get_mut(&begun.install) else { return Vec::new() };
        let all = place.know(&begun.roots, roots);
        self.line_up(&begun.install);
        all
    }

    /// A poll of these root tasks ended, which had begun at `began`.
    pub(super) fn ended(&mut self, install: &str, roots: &[usize], end: End, began: Duration, now: Duration) {
        self.leave_line(install);
        let Some(place) = self.places.get_mut(install) else { return };
        place.end(roots, end, began, now, &mut self.random);
        let provider = place.provider.clone();
        self.polls = self.polls.saturating_sub(1);
        self.poll_less(&provider, 1);
        self.line_up(install);
    }

    /// It is known whose data the credentials of an install lead to.
    pub(super) fn checked(&mut self, install: &str) {
        if let Some(place) = self.places.get_mut(install) {
            place.checked = true;
        }
    }

    /// Changes what is said of an install, and with it when it is polled.
    pub(super) fn change<T>(&mut self, install: &str, change: impl FnOnce(&mut Place) -> T) -> Result<T, NotScheduled> {
        self.leave_line(install);
        let changed = self.places.get_mut(install).map(change);
        self.line_up(install);
        changed.ok_or_else(|| NotScheduled(install.to_owned()))
    }

    /// Asks every poll to end after the pages in flight.
    pub(super) fn interrupt(&self) {
        self.places.values().for_each(Place::interrupt);
    }

    pub(super) fn place(&self, install: &str) -> Option<&Place> {
        self.places.get(install)
    }

    pub(super) fn standing(&self, install: &str, now: Duration) -> Option<Standing> {
        let place = self.places.get(install)?;
        let next = place.due().map(|due| due.saturating_sub(now));
        Some(Standing { polling: place.polls > 0, paused: place.paused, next })
    }

    pub(super) fn figures(&self, now: Duration) -> Figures {
        let due = |provider: &Provider| provider.waiting.iter().take_while(|(due, _)| *due <= now).count();
        Figures {
            installs: self.places.len(),
            due: self.providers.values().map(due).sum(),
            polls: self.polls,
            lateness: self.lateness,
        }
    }

    /// The first in line, of the providers that there is room for.
    fn earliest(&self) -> Option<&(Duration, Name)> {
        if self.polls >= self.most {
            return None;
        }
        let of_one = (self.most / SHARE).max(1);
        let open = self.providers.values().filter(|provider| provider.polls < of_one);
        open.filter_map(|provider| provider.waiting.first()).min()
    }

    fn poll_less(&mut self, provider: &str, polls: usize) {
        if let Some(one) = self.providers.get_mut(provider) {
            one.polls = one.polls.saturating_sub(polls);
        }
        self.forget_idle(provider);
    }

    fn line_up(&mut self, install: &str) {
        let Some((name, place)) = self.places.get_key_value(install) else { return };
        if let Some(due) = place.due() {
            self.providers.entry(place.provider.clone()).or_default().waiting.insert((due, name.clone()));
        }
    }

    fn leave_line(&mut self, install: &str) {
        let Some((name, place)) = self.places.get_key_value(install) else { return };
        let provider = place.provider.clone();
        if let (Some(due), Some(one)) = (place.due(), self.providers.get_mut(&provider)) {
            one.waiting.remove(&(due, name.clone()));
        }
        self.forget_idle(&provider);
    }

    fn forget_idle(&mut self, provider: &str) {
        if self.providers.get(provider).is_some_and(|one| one.polls == 0 && one.waiting.is_empty()) {
            self.providers.remove(provider);
        }
    }
}

#[cfg(test)]
#[path = "board_tests.rs"]
mod tests;

//! A long walk cut into several that are read side by side.
//!
//! Where the cuts are changes no record: what moves while the windows are read moves to a time behind all of them, and the
//! last one, which has no end, is read to its end when the others are over.

use super::{FIRST_DAY, NARROWEST, Tail, Walk};
use crate::time::DAY;

/// How many pages each part has left at least. Each takes a request that brings less than a page.
const WORTHWHILE: u64 = 4;

impl Walk {
    /// Cuts a walk with `left` rows left into up to `most` over windows that follow upon each other, as long as that is
    /// worth their requests. How even they are depends on `observed_at`, the host's time in milliseconds, where nothing
    /// else bounds the last one.
    #[must_use]
    pub fn split(self, left: u64, most: usize, observed_at: i64) -> Vec<Self> {
        let lower = self.from.unwrap_or(FIRST_DAY);
        let upper = self.to.or(self.end).unwrap_or(observed_at);
        // What lies behind a window that a search limit made necessary is as long as nobody knows.
        let rest =
            |to: i64| Self { end: self.end, width: self.width, tail: self.tail, ..Self::new(Some(to - 1), self.size) };
        let behind = self.to.map(rest);
        let worthwhile = left / u64::from(self.size).saturating_mul(WORTHWHILE).max(1);
        let room = u64::try_from(upper.saturating_sub(lower) / NARROWEST).unwrap_or_default();
        let most = u64::try_from(most.saturating_sub(behind.iter().len())).unwrap_or(u64::MAX);
        let parts = i64::try_from(worthwhile.min(room).min(most)).unwrap_or(i64::MAX);
        let is_endless = self.tail == Tail::Last && self.to.is_none();
        if is_endless || !self.is_at_a_page_of_its_own() || parts < 1 || parts == 1 && behind.is_none() {
            return vec![self];
        }
        let width = upper.saturating_sub(lower) / parts;
        let end = if behind.is_some() { self.to } else { self.end };
        let tail = if end.is_none() { Tail::Last } else { Tail::No };
        let part = |number: i64| Self {
            from: if number == 0 { self.from } else { Some(lower + number * width - 1) },
            end: if number == parts - 1 { end } else { Some(lower + (number + 1) * width) },
            tail: if number == parts - 1 { tail } else { Tail::No },
            ..Self::new(None, self.size)
        };
        (0..parts).map(part).chain(behind).collect()
    }

    /// The walk as it is to be cut where it meets a search limit; none where it can only be halved: it was before, or
    /// nobody knows how far it goes.
    #[must_use]
    pub fn to_be_cut(&self, observed_at: i64) -> Option<Self> {
        let is_bounded = self.end.is_some() || observed_at > self.from.unwrap_or(FIRST_DAY) + DAY;
        let is_whole = self.width.is_none() && self.to.is_none() && is_bounded;
        is_whole.then(|| Self { tail: Tail::No, ..self.clone() })
    }

    /// Nothing is half done: the next request is the first one of its bounds.
    fn is_at_a_page_of_its_own(&self) -> bool {
        let Self { page, tie, refused, probing, again, .. } = self;
        *page == 1 && tie.is_none() && refused.is_none() && !probing && !again && !self.rests()
    }

    /// Whether a row of this time, on a page that was asked for behind `from`, is this walk's: what is not behind that was
    /// read, and what is behind the end is read in the next window.
    #[must_use]
    pub fn is_within(&self, from: Option<i64>, time: i64) -> bool {
        from.is_none_or(|from| time > from) && self.end.is_none_or(|end| time < end)
    }

    /// Whether another window follows upon this one.
    #[must_use]
    pub fn has_end(&self) -> bool {
        self.end.is_some()
    }

    /// Whether rows of this time were read that the next page repeats.
    #[must_use]
    pub fn repeats(&self, time: i64) -> bool {
        self.from.is_some_and(|from| (from + 1..=from + 2).contains(&time))
    }

    /// Has read all there was, and looks once more when the other windows are over: what they did not meet any more is
    /// here.
    #[must_use]
    pub fn resting(self) -> Self {
        Self { tail: Tail::Resting, ..self.anew() }
    }

    /// Whether it waits for the other windows.
    #[must_use]
    pub fn rests(&self) -> bool {
        self.tail == Tail::Resting
    }

    /// No longer waits for them.
    #[must_use]
    pub fn awake(self) -> Self {
        Self { tail: if self.rests() { Tail::Last } else { self.tail }, ..self }
    }

    /// Waits for the next poll, while others go on.
    #[must_use]
    pub fn failed(self) -> Self {
        Self { failed: true, ..self }
    }

    /// Whether it waits for the next poll.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.failed
    }

    /// As a poll begins: it waits for nothing, so that what has come since is read whatever cannot be.
    #[must_use]
    pub fn of_a_new_poll(self) -> Self {
        Self { failed: false, ..self.awake() }
    }

    /// The same with another budget.
    #[must_use]
    pub fn anew(self) -> Self {
        Self { budget: None, ..self }
    }

    /// Whether everything before its end was read.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.from.zip(self.end).is_some_and(|(from, end)| from + 1 >= end)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::row::Row;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_instant_is_in_one_window_and_each_begins_where_the_one_before_ends(
            from in prop_oneof![Just(None), (0i64..50).prop_map(|ahead| Some(FIRST_DAY + ahead))],
            length in 0i64..400, most in 1usize..30, left in 0u64..500, is_limited: bool, has_end: bool,
        ) {
            let lower = from.unwrap_or(FIRST_DAY);
            let to = is_limited.then_some(lower + length / 2);
            let walk = Walk { to, end: has_end.then_some(lower + length), ..Walk::new(from, 1) };
            let parts = walk.clone().split(left, most, lower + length);
            prop_assert!(parts.len() <= most.max(1));
            prop_assert!(parts.windows(2).all(|pair| pair[0].from < pair[1].from));
            for time in lower - 3..lower + length + 3 {
                let owners = parts.iter().filter(|part| part.is_within(part.from, time)).count();
                prop_assert_eq!(owners, usize::from(walk.is_within(from, time)), "{} of {:?}", time, parts);
            }
            for part in &parts {
                let json = part.write();
                prop_assert_eq!(&Walk::read(&Row::parse(&json).unwrap()).unwrap(), part);
            }
        }
    }
}

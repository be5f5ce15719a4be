//! What one call does with the walks over one status.

use std::collections::VecDeque;

use crate::walk::Walk;

/// The walks of one status, from the first look at them to the end of the call.
#[derive(Debug, Default)]
pub struct Lane {
    is_begun: bool,
    /// Not asked in this call, in the order of their windows.
    waiting: VecDeque<Walk>,
    /// Those that go on in the next call.
    kept: Vec<Kept>,
}

/// A walk that goes on.
#[derive(Debug)]
struct Kept {
    walk: Walk,
    /// How many rows are left of it, as far as that is known.
    left: Option<u64>,
    /// What it was before a search limit halved it: where that can be cut into many, it need not be.
    whole: Option<Walk>,
}

/// A walk that a request is made for.
#[derive(Debug)]
pub struct Asked {
    /// Whose it is.
    pub status: usize,
    /// Where it stands.
    pub before: Walk,
    /// The same, while it is asked.
    pub walk: Walk,
    /// No other one of its status is open.
    pub is_alone: bool,
}

impl Lane {
    /// Whether [`Lane::begin`] was called.
    #[must_use]
    pub fn is_begun(&self) -> bool {
        self.is_begun
    }

    /// Takes over the walks that are open.
    pub fn begin(&mut self, walks: Vec<Walk>) {
        (self.is_begun, self.waiting) = (true, walks.into());
    }

    /// Up to `most` of those that were not asked in this call. Those that failed in this poll are not asked; the last one
    /// rests as long as others are open.
    pub fn next(&mut self, status: usize, most: usize) -> Vec<Asked> {
        let is_alone = self.waiting.len() + self.kept.len() == 1;
        let mut asked = Vec::new();
        while asked.len() < most
            && let Some(walk) = self.waiting.pop_front()
        {
            if walk.has_failed() || walk.rests() && !is_alone {
                self.keep(walk, None);
            } else {
                asked.push(Asked { status, before: walk.clone(), walk: walk.awake(), is_alone });
            }
        }
        asked
    }

    /// A walk goes on in the next call, with so many rows left.
    pub fn keep(&mut self, walk: Walk, left: Option<u64>) {
        self.kept.push(Kept { walk, left, whole: None });
    }

    /// A walk goes on halved, since there are `left` rows or more, unless the whole can be cut into more.
    pub fn keep_halved(&mut self, walk: Walk, whole: Walk, left: u64) {
        self.kept.push(Kept { walk, left: Some(left), whole: Some(whole) });
    }

    /// Whether none is open.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.waiting.is_empty() && self.kept.is_empty()
    }

    /// Whether there is one to ask in this poll.
    #[must_use]
    pub fn goes_on(&self) -> bool {
        let mut walks = self.kept.iter().map(|kept| &kept.walk).chain(&self.waiting);
        walks.any(|walk| !walk.has_failed() && (!walk.rests() || self.open() == 1))
    }

    /// How many are open.
    #[must_use]
    pub fn open(&self) -> usize {
        self.waiting.len() + self.kept.len()
    }

    /// Cuts the longest walks, until `free` have come to those that are open, as far as that is worth it.
    pub fn split(&mut self, mut free: usize, observed_at: i64) {
        while free > 0 {
            let longest = self.kept.iter().enumerate().filter_map(|(place, kept)| Some((kept.left?, place))).max();
            let Some((left, place)) = longest else { return };
            let Kept { walk, whole, .. } = self.kept.swap_remove(place);
            let parts = whole.unwrap_or_else(|| walk.clone()).split(left, free + 1, observed_at);
            free -= parts.len() - 1;
            let parts = if parts.len() > 1 { parts } else { vec![walk] };
            self.kept.extend(parts.into_iter().map(|walk| Kept { walk, left: None, whole: None }));
        }
    }

    /// The walks for the next call, in the order of their windows.
    #[must_use]
    pub fn end(self) -> Vec<Walk> {
        let mut walks: Vec<Walk> = Vec::with_capacity(self.open());
        for walk in self.kept.into_iter().map(|kept| kept.walk).chain(self.waiting) {
            // A sort of the library's would be 6 KB of the component, and most are in order.
            walks.insert(walks.partition_point(|other| other.from() < walk.from()), walk);
        }
        walks
    }
}

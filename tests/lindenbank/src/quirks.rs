//! The list of payments when it misbehaves.

use sim::Quirk;

/// How many rows too many [`Quirk::Overfull`] gives.
const SURPLUS: usize = 3;

/// What is odd at present.
#[derive(Debug, Clone, Default)]
pub(crate) struct Quirks {
    told: Vec<Quirk>,
    /// Answers that [`Quirk::EmptyOnce`] could have emptied so far.
    chances: u32,
}

impl Quirks {
    /// Adds one; false where this bank has no such case: it has no order to ask for, no total, and nothing past its end.
    pub(crate) fn add(&mut self, quirk: Quirk) -> bool {
        use Quirk::{EndsEarly, PastEndEmpty, SortIgnored, TotalTooHigh};
        if matches!(quirk, SortIgnored | TotalTooHigh | EndsEarly | PastEndEmpty) {
            return false;
        }
        self.told.push(quirk);
        true
    }

    /// Whether this one is told.
    pub(crate) fn has(&self, quirk: Quirk) -> bool {
        self.told.contains(&quirk)
    }

    /// How many rows come for so many that are asked.
    pub(crate) fn rows(&self, asked: usize) -> usize {
        self.told.iter().fold(asked, |rows, quirk| match quirk {
            Quirk::PageClamped(most) => rows.min(usize::try_from(*most).unwrap_or(rows)),
            Quirk::ShortPages => (rows - 1).max(1),
            Quirk::Overfull => rows + SURPLUS,
            _ => rows,
        })
    }

    /// Whether this page, which has more behind it or not, comes without its rows.
    pub(crate) fn empties(&mut self, has_more: bool) -> bool {
        if has_more && self.has(Quirk::EmptyOnce) {
            self.chances += 1;
        }
        self.has(Quirk::EmptyWithMore) || (has_more && self.has(Quirk::EmptyOnce) && self.chances == 2)
    }
}

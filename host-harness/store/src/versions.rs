//! Which version of a record is the present one: the one that was read last.
//!
//! The store draws a number, counting up for each install, when the call that reads a version begins. A page that comes
//! late has a smaller number than what is stored, and does not step back. Of versions whose calls overlapped in time
//! nobody knows which was read last: there the provider's `updated-at` decides, where both have one that can be true.

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Connection, Result};

use super::codec;
use model::Timestamp;

/// How far the clocks of host and provider may be apart.
const CLOCKS_APART: TimeDelta = TimeDelta::days(1);

/// What one commit knows of its call.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading {
    /// The stream that it belongs to.
    pub(super) stream: i64,
    /// Drawn when the call began.
    pub(super) number: i64,
    /// The last number that was drawn until now.
    pub(super) ended: i64,
    /// The latest time that the provider's clock can show.
    latest: (i64, u32),
}

/// What is known of the version that is present.
#[derive(Debug, Clone, Copy)]
pub(super) struct Present {
    pub(super) number: i64,
    pub(super) ended: i64,
    pub(super) updated: Option<Timestamp>,
}

impl Reading {
    /// Of the call number `number` of a stream of `install`, that began at `at` and is committed now.
    pub(super) fn new(
        connection: &Connection,
        install: i64,
        stream: i64,
        number: u64,
        at: DateTime<Utc>,
    ) -> Result<Self> {
        let ended = connection
            .prepare_cached("SELECT reading FROM installs WHERE id = ?1")?
            .query_row([install], |row| row.get(0))?;
        let latest = codec::order(codec::timestamp(at.checked_add_signed(CLOCKS_APART).unwrap_or(at)));
        Ok(Self { stream, number: number.cast_signed(), ended, latest })
    }

    /// Whether a version of this call, last changed at `updated`, takes the place of the present one.
    pub(super) fn supersedes(&self, updated: Option<Timestamp>, present: Present) -> bool {
        // Several versions in one page stand in the order in which they took effect.
        if self.number == present.number {
            return true;
        }
        let overlapped = self.number <= present.ended;
        let credible = |time: Option<Timestamp>| time.map(codec::order).filter(|time| *time <= self.latest);
        match (credible(updated), credible(present.updated)) {
            (Some(new), Some(old)) if overlapped && new != old => new > old,
            _ => self.number > present.number,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(number: i64) -> Reading {
        Reading { stream: 1, number, ended: number, latest: (1_000, 0) }
    }

    const fn at(seconds: i64) -> Timestamp {
        Timestamp { seconds, nanoseconds: 0 }
    }

    #[test]
    fn the_last_read_wins_and_a_late_page_does_not_step_back() {
        let present = Present { number: 5, ended: 5, updated: Some(at(9)) };
        assert!(read(6).supersedes(Some(at(3)), present), "whatever its time says");
        assert!(read(6).supersedes(None, present));
        assert!(!read(4).supersedes(None, present));
        assert!(!read(4).supersedes(Some(at(9)), present));
        assert!(read(5).supersedes(Some(at(1)), present), "of one page the later");
    }

    #[test]
    fn of_calls_that_overlapped_the_later_change_wins_where_both_times_can_be_true() {
        let present = Present { number: 5, ended: 8, updated: Some(at(9)) };
        assert!(!read(7).supersedes(Some(at(3)), present));
        assert!(read(7).supersedes(Some(at(9)), present), "equal: the later call");
        assert!(read(9).supersedes(Some(at(3)), present), "began when it was over");
        assert!(read(4).supersedes(Some(at(10)), present));
        assert!(!read(4).supersedes(Some(at(2_000)), present), "no clock shows that yet");
        assert!(read(7).supersedes(Some(at(3)), Present { updated: Some(at(2_000)), ..present }));
        assert!(read(7).supersedes(None, present));
    }
}

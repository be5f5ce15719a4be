//! Where the reading of a list stands: the state of a stream.

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::config::is_date;
use crate::contract::payments::connector::types::Error;
use crate::errors::{detail, no_progress};
use crate::row::Row;

/// How many days before the newest row a poll begins. A row shows a day late at most, which may be two dates; the rest is
/// for a provider whose `from` means "after".
const OVERLAP: Days = Days::new(3);

/// Where a row stands in its list.
pub type Position = (String, u64);

/// The state of a stream. Between two polls it has the date of the newest row, and nothing else.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Walk {
    /// Whose it is: the task, and the parent.
    pub stream: String,
    /// The date that this walk began with, or is to begin with; none for the beginning of all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The cursor to what is next; none between two walks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// The last row before that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Position>,
    /// The newest date that this walk has seen; between two walks, that the last one has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newest: Option<String>,
}

impl Walk {
    /// Reads the state of a stream.
    ///
    /// # Errors
    /// `invalid-state`: it was damaged, or is another stream's.
    pub fn load(state: Option<&[u8]>, stream: &str) -> Result<Self, Error> {
        let Some(state) = state else { return Ok(Self { stream: stream.to_owned(), ..Self::default() }) };
        let text = std::str::from_utf8(state).ok();
        let json = text.and_then(|text| text.split_once(' ')).filter(|(sum, json)| **sum == checksum(json));
        let walk: Option<Self> = json.and_then(|(_, json)| serde_json::from_str(json).ok());
        walk.filter(|walk| walk.stream == stream)
            .ok_or_else(|| Error::InvalidState(detail("the state is not one that this stream wrote")))
    }

    /// The bytes to keep.
    #[must_use]
    pub fn save(&self) -> Vec<u8> {
        let json = serde_json::to_string(self).unwrap_or_default();
        format!("{} {json}", checksum(&json)).into_bytes()
    }

    /// The date that a walk which begins now begins with.
    #[must_use]
    pub fn start(&self, since: Option<&str>) -> Option<String> {
        if self.from.is_some() {
            return self.from.clone();
        }
        let newest = self.newest.as_deref().and_then(|date| NaiveDate::parse_from_str(date, "%Y-%m-%d").ok());
        let overlap = newest.and_then(|date| date.checked_sub_days(OVERLAP)).map(|date| date.to_string());
        overlap.into_iter().chain(since.map(str::to_owned)).max()
    }

    /// Goes on over the rows of a page.
    ///
    /// # Errors
    /// `no-progress`: they are not behind those of the page before, in their order.
    pub fn pass<'r>(&mut self, path: &str, dated: bool, rows: impl Iterator<Item = &'r str>) -> Result<(), Error> {
        for row in rows.filter_map(|raw| Row::parse(raw).ok()) {
            let date = row.text("bookingDate").filter(|date| is_date(date));
            let Some(sequence) = row.sequence() else { continue };
            // A row whose date cannot be read stands somewhere, and is no measure.
            if dated && date.is_none() {
                continue;
            }
            let position = (date.unwrap_or_default().to_owned(), sequence);
            if self.last.as_ref().is_some_and(|last| *last >= position) {
                return Err(no_progress(path, "a row comes again, or before one that it should follow"));
            }
            self.newest = self.newest.take().max(date.map(str::to_owned));
            self.last = Some(position);
        }
        Ok(())
    }
}

/// FNV-1a of 64 bits: a state in which a bit has turned must not be taken for a good one.
fn checksum(text: &str) -> String {
    let hash = text
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{hash:016x}")
}

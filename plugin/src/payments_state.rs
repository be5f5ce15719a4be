//! The state of a stream of payments: versioned JSON, the same bytes for the same content.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::contract::payments::connector::types::Error;
use crate::errors::{detail, invalid_state};
use crate::seen::Seen;
use crate::time::{HOUR, in_range};
use crate::transactions::Entry;
use crate::walk::Walk;

/// The statuses that Qonto can be asked for, in the order of the walks: a payment that settles while they go on is met
/// again in a later one.
pub const STATUSES: [&str; 3] = ["pending", "declined", "completed"];

/// How far behind the newest row a poll starts: rows may become visible late.
const OVERLAP: i64 = HOUR + 1;
const VERSION: u32 = 1;
/// How many bytes of JSON the open payments may take, and the longest identifier kept.
const OPEN_LIMIT: usize = 9_000;
const LONGEST_ID: usize = 100;
/// What the contract allows.
const STATE_LIMIT: usize = 64 * 1024;

/// The state of a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    v: u32,
    marks: [Mark; 3],
    /// Payments emitted as pending and with no other status since. When it is full, further ones are not followed:
    /// their end is still met in the walks, unless they vanish without a trace.
    pub open: BTreeSet<String>,
    /// Where the running poll is; absent between polls.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub poll: Option<Phase>,
}

/// What was read of one status.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Mark {
    /// The newest `updated_at` read, in milliseconds. From rows, never from a clock.
    watermark: Option<i64>,
    seen: Seen,
}

/// What a poll is doing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Phase {
    /// Reads what changed in one status.
    Walk {
        /// The index in `STATUSES`.
        status: usize,
        /// Where it is.
        walk: Walk,
    },
    /// Looks for the open payments in the whole pending list.
    Sweep {
        /// Where it is.
        walk: Walk,
        /// Those not found yet.
        missing: BTreeSet<String>,
        /// No page was read yet.
        first: bool,
    },
    /// Reads those that have left the pending list, one by one.
    Lookup {
        /// Those left to read.
        missing: BTreeSet<String>,
    },
}

impl State {
    /// Reads what `write` wrote; a stream begins with nothing.
    ///
    /// # Errors
    /// `invalid-state`.
    pub fn read(bytes: Option<&[u8]>) -> Result<Self, Error> {
        let Some(bytes) = bytes else { return Ok(Self { v: VERSION, ..Self::default() }) };
        let state: Self = serde_json::from_slice(bytes).map_err(|error| invalid_state(&error.to_string()))?;
        if state.v != VERSION {
            return Err(invalid_state(&format!("version {}, expected {VERSION}", state.v)));
        }
        let status_exists = !matches!(state.poll, Some(Phase::Walk { status, .. }) if status >= STATUSES.len());
        if !status_exists || !state.marks.iter().filter_map(|mark| mark.watermark).all(in_range) {
            return Err(invalid_state("a number is out of range"));
        }
        Ok(state)
    }

    /// The state as bytes.
    ///
    /// # Errors
    /// It is longer than the contract allows, which the limits of its parts rule out.
    pub fn write(&self) -> Result<Vec<u8>, Error> {
        let bytes = serde_json::to_vec(self).map_err(|error| Error::Other(detail(format!("state: {error}"))))?;
        if bytes.len() > STATE_LIMIT {
            return Err(Error::Other(detail(format!("the state would take {} bytes", bytes.len()))));
        }
        Ok(bytes)
    }

    /// The walk of a new poll over one status.
    #[must_use]
    pub fn walk_of(&self, status: usize, size: u32) -> Walk {
        let watermark = self.marks.get(status).and_then(|mark| mark.watermark);
        Walk::new(watermark.map(|newest| newest - OVERLAP), size)
    }

    /// Whether this version of a row was emitted lately by the walk of a status.
    #[must_use]
    pub fn was_seen(&self, status: usize, entry: &Entry) -> bool {
        let mark = self.marks.get(status);
        entry.updated.zip(mark).is_some_and(|(millis, mark)| mark.seen.contains(millis, entry.raw()))
    }

    /// Whether the walk of a status has not emitted this version of a row; remembers it.
    pub fn is_news(&mut self, status: usize, entry: &Entry) -> bool {
        if self.was_seen(status, entry) {
            return false;
        }
        if let (Some(millis), Some(mark)) = (entry.updated, self.marks.get_mut(status)) {
            let newest = mark.watermark.map_or(millis, |newest| newest.max(millis));
            mark.watermark = Some(newest);
            mark.seen.add(millis, entry.raw());
        }
        true
    }

    /// Forgets what the next poll will not read again.
    pub fn trim(&mut self, status: usize) {
        if let Some(mark) = self.marks.get_mut(status) {
            mark.seen.trim(mark.watermark.map_or(i64::MIN, |newest| newest - OVERLAP));
        }
    }

    /// Follows a payment that is pending, and stops following one that is not any more.
    pub fn track(&mut self, entry: &Entry) {
        let Some(id) = entry.id.as_ref().filter(|id| id.len() <= LONGEST_ID) else { return };
        if !entry.is_pending {
            self.open.remove(id);
        } else if !self.open.contains(id) && self.open_cost() + cost(id) <= OPEN_LIMIT {
            self.open.insert(id.clone());
        }
    }

    fn open_cost(&self) -> usize {
        self.open.iter().map(|id| cost(id)).sum()
    }
}

/// The bytes of an identifier in JSON, if every character were escaped.
fn cost(id: &str) -> usize {
    let escaped = id.bytes().any(|byte| byte.is_ascii_control() || byte == b'"' || byte == b'\\');
    id.len() * if escaped { 6 } else { 1 } + 3
}

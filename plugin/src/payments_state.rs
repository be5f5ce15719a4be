//! The state of a stream of payments: versioned JSON, the same bytes for the same content.

use crate::api;
use crate::codec::{self, Object};
use crate::contract::payments::connector::types::Error;
use crate::errors::{detail, invalid_state};
use crate::row::Row;
use crate::seen::Seen;
use crate::time::{FIRST_DAY, HOUR, in_range};
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
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    marks: [Mark; 3],
    /// Payments emitted as pending and with no other status since. When it is full, further ones are not followed:
    /// their end is still met in the walks, unless they vanish without a trace.
    pub open: Ids,
    /// Where the running poll is; absent between polls.
    pub poll: Option<Phase>,
}

/// What was read of one status.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Mark {
    /// The newest `updated_at` read, in milliseconds. From rows, never from a clock.
    watermark: Option<i64>,
    seen: Seen,
}

/// What a poll is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Reads what changed in one status.
    Walk {
        /// The index in `STATUSES`.
        status: usize,
        /// Where it is.
        walk: Walk,
        /// Some walk of this poll met a row, new or known.
        found: bool,
    },
    /// Looks for the open payments in the whole pending list.
    Sweep {
        /// Where it is.
        walk: Walk,
        /// Those not found yet.
        missing: Ids,
        /// No page was read yet.
        first: bool,
    },
    /// Reads those that have left the pending list, one by one.
    Lookup {
        /// Those left to read.
        missing: Ids,
    },
}

impl Mark {
    fn read(row: &Row) -> Result<Self, String> {
        let watermark: Option<i64> = codec::number(row, "watermark")?;
        if !watermark.is_none_or(in_range) {
            return Err(row.wrong("watermark", "expected a year from 0000 to 9999"));
        }
        Ok(Self { watermark, seen: Seen::read(row.json("seen").unwrap_or_default())? })
    }

    fn write(&self) -> String {
        Object::new().number("watermark", self.watermark).json("seen", &self.seen.write()).finish()
    }
}

impl Phase {
    fn read(row: &Row) -> Result<Self, String> {
        let walk = codec::object(row, "walk")?.map(|walk| Walk::read(&walk)).transpose()?;
        let status = codec::number(row, "status")?;
        Ok(match (walk, status) {
            (Some(walk), Some(status)) if status < STATUSES.len() => {
                Self::Walk { status, walk, found: row.json("found") == Some("true") }
            }
            (Some(walk), None) => {
                let first = row.json("first") == Some("true");
                Self::Sweep { walk, missing: Ids::read(row, "missing")?, first }
            }
            (None, None) => Self::Lookup { missing: Ids::read(row, "missing")? },
            _ => return Err(row.wrong("status", "expected one of three with its walk")),
        })
    }

    fn write(&self) -> String {
        match self {
            Self::Walk { status, walk, found } => Object::new()
                .count("status", Some(*status as u64))
                .json("walk", &walk.write())
                .json("found", if *found { "true" } else { "false" }),
            Self::Sweep { walk, missing, first } => Object::new()
                .json("walk", &walk.write())
                .json("missing", &missing.write())
                .json("first", if *first { "true" } else { "false" }),
            Self::Lookup { missing } => Object::new().json("missing", &missing.write()),
        }
        .finish()
    }
}

/// Identifiers in ascending order, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ids(Vec<String>);

impl Ids {
    /// Reads what [`Ids::write`] wrote: identifiers that can be asked for.
    fn read(row: &Row, key: &str) -> Result<Self, String> {
        let ids = codec::strings(row, key)?;
        if ids.iter().all(|id| api::segment(id).is_some()) {
            Ok(Self(ids))
        } else {
            Err(row.wrong(key, "expected identifiers"))
        }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether `id` is one of them.
    #[must_use]
    pub fn contains(&self, id: &str) -> bool {
        self.find(id).is_ok()
    }

    /// Takes `id` out.
    pub fn remove(&mut self, id: &str) {
        if let Ok(at) = self.find(id) {
            self.0.remove(at);
        }
    }

    /// Takes out the first.
    pub fn pop_first(&mut self) -> Option<String> {
        (!self.0.is_empty()).then(|| self.0.remove(0))
    }

    fn insert(&mut self, id: &str) {
        if let Err(at) = self.find(id) {
            self.0.insert(at, id.to_owned());
        }
    }

    fn find(&self, id: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|known| known.as_str().cmp(id))
    }

    fn write(&self) -> String {
        let quoted: Vec<String> = self.0.iter().map(|id| codec::quoted(id)).collect();
        codec::list(quoted.iter().map(String::as_str))
    }
}

impl State {
    /// Reads what `write` wrote; a stream begins with nothing.
    ///
    /// # Errors
    /// `invalid-state`.
    pub fn read(bytes: Option<&[u8]>) -> Result<Self, Error> {
        let Some(bytes) = bytes else { return Ok(Self::default()) };
        codec::check_version(bytes, VERSION).and_then(Self::from_json).map_err(|reason| invalid_state(&reason))
    }

    fn from_json(text: &str) -> Result<Self, String> {
        let row = Row::parse(text)?;
        let mut state = Self { open: Ids::read(&row, "open")?, ..Self::default() };
        let marks = codec::list_of(&row, "marks")?;
        if marks.len() != state.marks.len() {
            return Err(row.wrong("marks", "expected three"));
        }
        for (mark, json) in state.marks.iter_mut().zip(marks) {
            *mark = Mark::read(&Row::parse(json)?)?;
        }
        if let Some(poll) = codec::object(&row, "poll")? {
            state.poll = Some(Phase::read(&poll)?);
        }
        // Whatever was left out above comes to light here.
        if state.to_json() == text { Ok(state) } else { Err("it has other fields".to_owned()) }
    }

    fn to_json(&self) -> String {
        let marks = self.marks.each_ref().map(Mark::write);
        let object = Object::new()
            .number("v", Some(VERSION.into()))
            .json("marks", &codec::list(marks.iter().map(String::as_str)))
            .json("open", &self.open.write());
        match &self.poll {
            Some(poll) => object.json("poll", &poll.write()).finish(),
            None => object.finish(),
        }
    }

    /// The state as bytes.
    ///
    /// # Errors
    /// It is longer than the contract allows, which the limits of its parts rule out.
    pub fn write(&self) -> Result<Vec<u8>, Error> {
        let json = self.to_json();
        if json.len() > STATE_LIMIT {
            return Err(Error::Other(detail(format!("the state would take {} bytes", json.len()))));
        }
        Ok(json.into_bytes())
    }

    /// The walk of a new poll over one status.
    #[must_use]
    pub fn walk_of(&self, status: usize, size: u32) -> Walk {
        let watermark = self.marks.get(status).and_then(|mark| mark.watermark);
        // A filter before Qonto's time is refused. The little that lies before it is read again instead.
        Walk::new(watermark.map(|newest| newest - OVERLAP).filter(|from| *from >= FIRST_DAY), size)
    }

    /// Forgets what was read, so that the walks begin at the beginning; false when there is nothing to forget.
    pub fn forget(&mut self) -> bool {
        let remembered = self.marks.iter().any(|mark| mark.watermark.is_some());
        self.marks = Default::default();
        remembered
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
        // One that cannot be asked for by its id is as it is listed.
        let can_be_asked = |id: &&String| id.len() <= LONGEST_ID && api::segment(id).is_some();
        let Some(id) = entry.id.as_ref().filter(can_be_asked) else { return };
        if !entry.is_pending {
            self.open.remove(id);
        } else if !self.open.contains(id) && self.open_cost() + cost(id) <= OPEN_LIMIT {
            self.open.insert(id);
        }
    }

    fn open_cost(&self) -> usize {
        self.open.0.iter().map(|id| cost(id)).sum()
    }
}

/// The bytes of an identifier in JSON, if every character were escaped.
fn cost(id: &str) -> usize {
    let escaped = id.bytes().any(|byte| byte.is_ascii_control() || byte == b'"' || byte == b'\\');
    id.len() * if escaped { 6 } else { 1 } + 3
}

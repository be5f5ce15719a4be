//! The state of a stream of payments: versioned JSON, the same bytes for the same content.

use crate::codec::{self, Object};
use crate::contract::payments::connector::types::Error;
use crate::errors::{detail, invalid_state};
use crate::manifest::MAX_IN_FLIGHT;
use crate::row::Row;
use crate::seen::Seen;
use crate::time::{HOUR, MINUTE, in_range};
use crate::transactions::Entry;
use crate::walk::FIRST_DAY;
use crate::walk::Walk;

/// The statuses that Qonto can be asked for, in the order of the walks: a payment that settles while they go on is met
/// again in a later one.
pub const STATUSES: [&str; 3] = ["pending", "declined", "completed"];
/// The place of the pending ones among them.
pub const PENDING: usize = 0;

/// How far behind the newest row a poll starts: rows may become visible late.
const OVERLAP: i64 = HOUR + 1;
/// How far behind it a poll starts where an hour has many rows, but for one poll an hour.
const SHORT_OVERLAP: i64 = MINUTE + 1;
/// How many rows are many: more than a page or a few bring.
const MANY: usize = 100;
const VERSION: u32 = 2;
/// Of the connectors for the contract 0.1.0.
const FIRST_VERSION: u32 = 1;
/// Of how many instants a lane remembers that their rows could not be read.
const LEFT_OUT: usize = 4;
/// Into how many windows the lists are cut at the most. As many requests are in flight then.
pub const WINDOWS: usize = MAX_IN_FLIGHT as usize;
/// What the contract allows.
const STATE_LIMIT: usize = 64 * 1024;

/// The state of a stream: a lane for each status, none of which depends on another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    lanes: [Lane; 3],
    /// Where the running poll is; absent between polls.
    pub poll: Option<Poll>,
}

/// What was read of one status.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Lane {
    /// Up to which `updated_at` everything was read, in milliseconds. From rows, never from a clock.
    watermark: Option<i64>,
    seen: Seen,
    /// Where the walks stand that have not come to their end, in the order of their windows; the next poll goes on there.
    walks: Vec<Walk>,
    /// Where the mark stood, and what the host's clock showed, when the rows of the hour before it were last read again. Only
    /// where they are so many that not every poll does so.
    swept: Option<(i64, i64)>,
    /// Behind which times rows of one instant could not be read: each poll asks for them again.
    left_out: Vec<i64>,
}

/// How far a poll has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Poll {
    /// For each status.
    pub lanes: [Progress; 3],
    /// Some walk of this poll met a row, new or known, or could not look.
    pub found: bool,
    /// For each status, how much of what was left out could not be read in this poll either.
    pub again: [usize; 3],
}

impl Poll {
    /// Whether there is more to ask for of a status.
    #[must_use]
    pub fn is_open(&self, status: usize) -> bool {
        matches!(self.lanes[status], Progress::Open | Progress::Again)
    }
}

/// How far a poll has come with one status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Progress {
    /// To be read, from where its walk stands.
    #[default]
    Open,
    /// Read to its end; what was left out before is asked for again.
    Again,
    /// Read to its end.
    Done,
    /// A request of it failed: the next poll goes on.
    Failed,
}

impl Progress {
    fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Again => "again",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }

    fn of(word: &str) -> Option<Self> {
        [Self::Open, Self::Again, Self::Done, Self::Failed].into_iter().find(|progress| progress.word() == word)
    }
}

impl Lane {
    fn read(row: &Row) -> Result<Self, String> {
        let watermark: Option<i64> = codec::number(row, "watermark")?;
        if !watermark.is_none_or(in_range) {
            return Err(row.wrong("watermark", "expected a year from 0000 to 9999"));
        }
        let walks = match row.json("walks") {
            Some(_) => codec::list_of(row, "walks")?,
            None => row.json("walk").into_iter().collect(),
        };
        if walks.len() > WINDOWS {
            return Err(row.wrong("walks", "expected fewer"));
        }
        let walks = walks.into_iter().map(|walk| Walk::read(&Row::parse(walk)?)).collect::<Result<_, _>>()?;
        let left_out = match row.json("left-out") {
            Some(_) => codec::list_of(row, "left-out")?,
            None => Vec::new(),
        };
        let left_out: Option<Vec<i64>> = left_out.into_iter().map(|item| item.parse().ok()).collect();
        let left_out = left_out
            .filter(|times| times.len() <= LEFT_OUT && times.iter().all(|time| in_range(*time)))
            .ok_or_else(|| row.wrong("left-out", "expected a few times"))?;
        let swept = codec::object(row, "swept")?
            .map(|swept| Ok::<_, String>((codec::required(&swept, "mark")?, codec::required(&swept, "at")?)))
            .transpose()?;
        let seen = Seen::read(row.json("seen").unwrap_or_default())?;
        Ok(Self { watermark, seen, walks, swept: swept.filter(|(mark, _)| in_range(*mark)), left_out })
    }

    fn write(&self) -> String {
        let mut object = Object::new().number("watermark", self.watermark).json("seen", &self.seen.write());
        if let Some((mark, at)) = self.swept {
            let swept = Object::new().number("mark", Some(mark)).number("at", Some(at));
            object = object.json("swept", &swept.finish());
        }
        if !self.left_out.is_empty() {
            let times: Vec<String> = self.left_out.iter().map(i64::to_string).collect();
            object = object.json("left-out", &codec::list(times.iter().map(String::as_str)));
        }
        match &self.walks[..] {
            [] => object.finish(),
            [walk] => object.json("walk", &walk.write()).finish(),
            walks => {
                let walks: Vec<String> = walks.iter().map(Walk::write).collect();
                object.json("walks", &codec::list(walks.iter().map(String::as_str))).finish()
            }
        }
    }
}

impl Lane {
    /// Whether the hour before the mark has more rows than every poll can read again.
    fn is_busy(&self) -> bool {
        self.watermark.is_some_and(|newest| self.seen.count_from(newest - OVERLAP) > MANY)
    }

    /// Behind which time a poll begins, at `now` by the host's clock.
    ///
    /// A row of an instant up to an hour before the mark may not have been visible yet. Where such an hour has many rows,
    /// they are read again once an hour only: that of row time, or that of the clock where no row comes. Whatever was not
    /// visible when that was done last lies less than an hour before the mark of then.
    fn begin(&mut self, now: i64) -> Option<i64> {
        let newest = self.watermark?;
        let is_swept = |(mark, at): (i64, i64)| newest - mark < HOUR && (at..at.saturating_add(HOUR)).contains(&now);
        if self.is_busy() && self.swept.is_some_and(is_swept) {
            return Some(newest - SHORT_OVERLAP);
        }
        let mark = self.swept.map_or(newest, |(mark, _)| mark);
        self.swept = self.is_busy().then_some((newest, now));
        Some(mark.min(newest) - OVERLAP)
    }
}

impl Poll {
    fn read(row: &Row) -> Result<Self, String> {
        let words = codec::list_of(row, "lanes")?;
        let lanes: Option<Vec<Progress>> = words.iter().map(|word| Progress::of(word.trim_matches('"'))).collect();
        let lanes =
            lanes.and_then(|lanes| lanes.try_into().ok()).ok_or_else(|| row.wrong("lanes", "expected three"))?;
        let again = match row.json("again") {
            Some(_) => codec::list_of(row, "again")?.into_iter().map(str::parse).collect::<Result<Vec<usize>, _>>(),
            None => Ok(vec![0; 3]),
        };
        let again = again.ok().and_then(|again| again.try_into().ok());
        let again = again.ok_or_else(|| row.wrong("again", "expected three numbers"))?;
        Ok(Self { lanes, found: row.json("found") == Some("true"), again })
    }

    fn write(&self) -> String {
        let words = self.lanes.map(|lane| codec::quoted(lane.word()));
        let object = Object::new()
            .json("lanes", &codec::list(words.iter().map(String::as_str)))
            .json("found", if self.found { "true" } else { "false" });
        if self.again == [0; 3] {
            return object.finish();
        }
        let again = self.again.map(|count| count.to_string());
        object.json("again", &codec::list(again.iter().map(String::as_str))).finish()
    }
}

impl State {
    /// Reads what `write` wrote; a stream begins with nothing.
    ///
    /// # Errors
    /// `invalid-state`.
    pub fn read(bytes: Option<&[u8]>) -> Result<Self, Error> {
        let Some(bytes) = bytes else { return Ok(Self::default()) };
        let first = |_| codec::check_version(bytes, FIRST_VERSION).and_then(Self::from_first);
        codec::check_version(bytes, VERSION)
            .map_or_else(first, Self::from_json)
            .map_err(|reason| invalid_state(&reason))
    }

    fn from_json(text: &str) -> Result<Self, String> {
        let row = Row::parse(text)?;
        let mut state = Self::default();
        let lanes = codec::list_of(&row, "marks")?;
        if lanes.len() != state.lanes.len() {
            return Err(row.wrong("marks", "expected three"));
        }
        for (lane, json) in state.lanes.iter_mut().zip(lanes) {
            *lane = Lane::read(&Row::parse(json)?)?;
        }
        state.poll = codec::object(&row, "poll")?.map(|poll| Poll::read(&poll)).transpose()?;
        // Whatever was left out above comes to light here.
        if state.to_json() == text { Ok(state) } else { Err("it has other fields".to_owned()) }
    }

    /// The state of a connector of before: what was read stays read. The payments that it followed are the host's to hand
    /// over now, and a poll that it was in begins again.
    fn from_first(text: &str) -> Result<Self, String> {
        let row = Row::parse(text)?;
        let mut state = Self::default();
        for (lane, json) in state.lanes.iter_mut().zip(codec::list_of(&row, "marks")?) {
            *lane = Lane::read(&Row::parse(json)?)?;
        }
        Ok(state)
    }

    fn to_json(&self) -> String {
        let lanes = self.lanes.each_ref().map(Lane::write);
        let object = Object::new()
            .number("v", Some(VERSION.into()))
            .json("marks", &codec::list(lanes.iter().map(String::as_str)));
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

    /// As a poll begins, no walk waits for another one or for this poll.
    pub fn begin_poll(&mut self) {
        for walk in self.lanes.iter_mut().flat_map(|lane| &mut lane.walks) {
            *walk = walk.clone().of_a_new_poll();
        }
    }

    /// The walks over one status: those that have not come to their end, one over what was left out, or a new one.
    pub fn take_walks(&mut self, status: usize, poll: &Poll, size: u32, now: i64) -> Vec<Walk> {
        let Some(lane) = self.lanes.get_mut(status) else { return Vec::new() };
        if !lane.walks.is_empty() {
            return std::mem::take(&mut lane.walks).into_iter().map(|walk| walk.of_size(size)).collect();
        }
        let left_out = lane.left_out.get(poll.again[status]);
        if let (Progress::Again, Some(from)) = (poll.lanes[status], left_out) {
            return vec![Walk::again(*from, size)];
        }
        // A filter before Qonto's time is refused. The little that lies before it is read again instead.
        let from = lane.begin(now).filter(|from| *from >= FIRST_DAY);
        vec![Walk::new(from, size)]
    }

    /// Keeps where the walks over one status stand.
    pub fn keep_walks(&mut self, status: usize, walks: Vec<Walk>) {
        if let Some(lane) = self.lanes.get_mut(status) {
            lane.walks = walks;
        }
    }

    /// Remembers that the rows of the instant behind `from` could not be read in this poll; false where that is too much to
    /// remember.
    pub fn leave_out(&mut self, status: usize, from: i64, poll: &mut Poll) -> bool {
        let Some(lane) = self.lanes.get_mut(status) else { return false };
        let place = lane.left_out.iter().position(|time| *time == from);
        if place.is_none() && lane.left_out.len() >= LEFT_OUT {
            return false;
        }
        if place.is_none_or(|place| place >= poll.again[status]) {
            place.map(|place| lane.left_out.remove(place));
            lane.left_out.insert(0, from);
            poll.again[status] = poll.again[status].saturating_add(1);
        }
        true
    }

    /// Whether something was left out that was not asked for again in this poll.
    #[must_use]
    pub fn has_left_out(&self, status: usize, poll: &Poll) -> bool {
        self.lanes.get(status).is_some_and(|lane| lane.left_out.len() > poll.again[status])
    }

    /// What was left out behind `from` was read.
    pub fn made_up(&mut self, status: usize, from: Option<i64>) {
        if let Some(lane) = self.lanes.get_mut(status) {
            lane.left_out.retain(|time| Some(*time) != from);
        }
    }

    /// Forgets what was read, so that the walks begin at the beginning; false when there is nothing to forget.
    pub fn forget(&mut self) -> bool {
        let remembered = self.lanes.iter().any(|lane| lane.watermark.is_some());
        self.lanes = Default::default();
        remembered
    }

    /// Whether the walk of a status has not emitted this version of a row; remembers it.
    pub fn is_news(&mut self, status: usize, entry: &Entry) -> bool {
        let (Some(millis), Some(lane)) = (entry.updated, self.lanes.get_mut(status)) else { return true };
        lane.seen.add(millis, entry.raw())
    }

    /// Moves the mark of a status on, at `now` by the host's clock, and forgets what will not be read again.
    pub fn trim(&mut self, status: usize, now: i64) {
        let Some(lane) = self.lanes.get_mut(status) else { return };
        if lane.walks.len() > 1 {
            // As long as windows are open the mark is no place to go on from. It is kept for the day when they are over, as
            // far as what is remembered does not tell it.
            let walks = &lane.walks;
            let forgotten = lane.seen.bound(|time| walks.iter().any(|walk| walk.repeats(time)));
            lane.watermark = lane.watermark.max(forgotten);
        } else {
            lane.watermark = lane.seen.mark(lane.watermark);
            lane.seen.trim(lane.watermark.map_or(i64::MIN, |newest| newest - OVERLAP));
        }
        if lane.walks.is_empty() && lane.swept.is_none() && lane.is_busy() {
            lane.swept = lane.watermark.map(|newest| (newest, now));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::DAY;

    #[test]
    fn behind_windows_the_mark_is_the_newest_row_even_where_none_but_odd_ones_are_remembered() {
        let mut state = State::default();
        let [.., lane] = &mut state.lanes;
        for row in 0..300 {
            lane.seen.add(DAY + row, &row.to_string());
        }
        // Rows of a century to come, more than are remembered in all.
        for row in 0..450 {
            lane.seen.add(30_000 * DAY, &row.to_string());
        }
        lane.walks = vec![Walk::new(None, 100), Walk::new(Some(2 * DAY), 100)];
        state.trim(2, 0);
        state.keep_walks(2, Vec::new());
        state.trim(2, 0);
        assert_eq!(state.lanes[2].watermark, Some(DAY + 299));
    }
}

//! The beneficiaries in euros, newest first.
//!
//! The list cannot be filtered by time. An edit moves a row to the head, so pages can only repeat rows; a deletion shifts
//! rows up, past the page just read, so the walk begins again when the total fell.

use crate::accounts::empty_page;
use crate::api::{self, Api, List, Meta};
use crate::beneficiaries;
use crate::codec::{self, Object};
use crate::config::check_page_size;
use crate::contract::exports::payments::connector::connector::{AccountsPage, FetchRequest};
use crate::contract::payments::connector::types::Error;
use crate::errors::{self, invalid_state};
use crate::host::Host;
use crate::row::{Row, rejected};
use crate::seen::Seen;
use crate::time::{self, HOUR, in_range};

const SEPA: &str = "/v2/sepa/beneficiaries";
/// Past its announced end, and the only one on some installations.
const LEGACY: &str = "/v2/beneficiaries";
const VERSION: u32 = 2;
/// Of the connectors for the contract 0.1.0.
const FIRST_VERSION: u32 = 1;
/// How often a list is begun again in one poll before the next poll goes on.
pub const RESTARTS: u32 = 10;
/// Why a list is begun again too often.
pub const LEAVING: &str = "rows leave the list faster than it is read";
/// The most pages of a list that does not say how long it is.
const PAGES: u64 = 10_000;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct State {
    /// Up to which `updated_at` everything was read by walks that came to their end, in milliseconds.
    watermark: Option<i64>,
    seen: Seen,
    /// True when only the old list answers.
    legacy: bool,
    /// Where the running poll is; absent between polls.
    poll: Option<Poll>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Poll {
    page: u32,
    size: u32,
    total: Option<u64>,
    restarts: u32,
    /// The page behind what Qonto called the end was asked for, since its total said that there is more.
    probing: bool,
}

impl State {
    fn read(bytes: Option<&[u8]>) -> Result<Self, Error> {
        let Some(bytes) = bytes else { return Ok(Self::default()) };
        let first = |_| codec::check_version(bytes, FIRST_VERSION).and_then(Self::from_first);
        codec::check_version(bytes, VERSION)
            .map_or_else(first, Self::from_json)
            .map_err(|reason| invalid_state(&reason))
    }

    /// The state of a connector of before: what was read stays read, and a poll that it was in begins again.
    fn from_first(text: &str) -> Result<Self, String> {
        let row = Row::parse(text)?;
        Ok(Self {
            watermark: codec::number(&row, "watermark")?.filter(|millis| in_range(*millis)),
            seen: Seen::read(row.json("seen").unwrap_or_default())?,
            legacy: row.json("legacy") == Some("true"),
            poll: None,
        })
    }

    fn from_json(text: &str) -> Result<Self, String> {
        let row = Row::parse(text)?;
        let state = Self {
            watermark: codec::number(&row, "watermark")?,
            seen: Seen::read(row.json("seen").unwrap_or_default())?,
            legacy: row.json("legacy") == Some("true"),
            poll: codec::object(&row, "poll")?.map(|poll| Poll::read(&poll)).transpose()?,
        };
        if !state.watermark.is_none_or(in_range) {
            return Err(row.wrong("watermark", "expected a year from 0000 to 9999"));
        }
        // Whatever was left out above comes to light here.
        if state.write() == text { Ok(state) } else { Err("it has other fields".to_owned()) }
    }

    /// The list was read to its end: nothing is left of the poll.
    fn whole(&mut self) -> Option<Poll> {
        self.watermark = self.seen.mark(self.watermark);
        self.seen.trim(self.watermark.map_or(i64::MIN, |newest| newest - HOUR));
        None
    }

    fn write(&self) -> String {
        let object = Object::new()
            .number("v", Some(VERSION.into()))
            .number("watermark", self.watermark)
            .json("seen", &self.seen.write())
            .json("legacy", if self.legacy { "true" } else { "false" });
        match &self.poll {
            Some(poll) => object.json("poll", &poll.write()).finish(),
            None => object.finish(),
        }
    }
}

impl Poll {
    fn new(size: u32) -> Self {
        Self { page: 1, size, total: None, restarts: 0, probing: false }
    }

    fn read(row: &Row) -> Result<Self, String> {
        Ok(Self {
            page: codec::required(row, "page")?,
            size: codec::required(row, "size")?,
            total: codec::number(row, "total")?,
            restarts: codec::required(row, "restarts")?,
            probing: row.json("probing") == Some("true"),
        })
    }

    fn write(&self) -> String {
        Object::new()
            .number("page", Some(self.page.into()))
            .number("size", Some(self.size.into()))
            .count("total", self.total)
            .number("restarts", Some(self.restarts.into()))
            .flag("probing", self.probing)
            .finish()
    }

    /// From page 1 again, or not at all when that happened too often.
    fn restarted(self) -> Option<Self> {
        let restarts = self.restarts.saturating_add(1);
        (restarts <= RESTARTS).then_some(Self { restarts, page: 1, total: None, ..self })
    }

    /// Whether rows have moved up past the page just read.
    fn shrank(&self, meta: Option<Meta>) -> bool {
        self.total.zip(meta.and_then(|meta| meta.total)).is_some_and(|(before, now)| now < before)
    }
}

/// The next page of beneficiaries.
///
/// # Errors
/// `invalid-config`, `invalid-state`, or what Qonto answered.
pub fn fetch<H: Host>(host: &mut H, request: &FetchRequest) -> Result<AccountsPage, Error> {
    let stored = host.state();
    let mut api = Api::new(host, &request.config, Some(request.observed_at))?;
    let size = check_page_size(request.page_size)?;
    let mut state = State::read(stored.as_deref())?;
    let mut poll = state.poll.take().unwrap_or_else(|| Poll::new(size));
    if poll.size != size {
        poll = Poll { size, page: 1, total: None, ..poll };
    }
    let mut page = empty_page();
    state.poll = sepa(&mut api, &mut state, poll, &mut page)?;
    page.has_more = state.poll.is_some();
    api.host.set_state(state.write().into_bytes());
    Ok(page)
}

fn sepa<H: Host>(
    api: &mut Api<H>,
    state: &mut State,
    poll: Poll,
    page: &mut AccountsPage,
) -> Result<Option<Poll>, Error> {
    let sort = [("sort_by", "updated_at:desc".to_owned())];
    let (path, body) = match get_sepa(api, state, &poll, &sort) {
        Err(error) if poll.page > 1 && errors::status(&error) == Some(422) => {
            return Ok(if poll.probing { state.whole() } else { again(poll, error, page) });
        }
        answer => answer?,
    };
    let List { rows, meta } = api::list(path, &body, &["beneficiaries"], poll.page)?;
    let count = rows.len();
    let horizon = state.watermark.map(|newest| newest - HOUR);
    let mut oldest = None;
    for raw in rows {
        let updated = updated_at(raw);
        if let Some(millis) = updated {
            if oldest.is_some_and(|oldest| millis > oldest) {
                return Err(errors::no_progress(path, "the provider ignores sort_by"));
            }
            oldest = Some(millis);
        }
        let is_old = updated.zip(horizon).is_some_and(|(millis, horizon)| millis < horizon);
        if is_old || updated.is_some_and(|millis| state.seen.contains(millis, raw)) {
            continue;
        }
        if let Some(millis) = updated {
            state.seen.add(millis, raw);
        }
        emit(page, raw, "EUR");
    }
    state.seen.trim(i64::MIN);
    if poll.shrank(meta) {
        return Ok(again(poll, errors::no_progress(path, LEAVING), page));
    }
    let reached_known = oldest.zip(horizon).is_some_and(|(oldest, horizon)| oldest < horizon);
    if meta.is_some_and(|meta| meta.has_next) && !reached_known {
        return next_page(path, poll, meta).map(Some);
    }
    if api::claims_more(meta, poll.size, poll.page, count) && !poll.probing && !reached_known {
        return Ok(Some(Poll { page: poll.page + 1, probing: true, ..poll }));
    }
    Ok(state.whole())
}

/// From page 1 again. When that happened too often the next poll goes on, and what is behind the page is a gap.
fn again(poll: Poll, error: Error, page: &mut AccountsPage) -> Option<Poll> {
    let again = poll.restarted();
    if again.is_none() {
        page.gaps.push(errors::gap("beneficiaries in euros", error));
    }
    again
}

/// Asks the list that answered last, and the other one when it is gone.
fn get_sepa<H: Host>(
    api: &mut Api<H>,
    state: &mut State,
    poll: &Poll,
    sort: &[(&str, String)],
) -> Result<(&'static str, String), Error> {
    let query: Vec<(&str, String)> = sort.iter().cloned().chain(paging(poll.size, poll.page)).collect();
    let path = |legacy: bool| if legacy { LEGACY } else { SEPA };
    match api.get(path(state.legacy), &query) {
        Err(Error::NotFound(_)) if poll.page == 1 => {
            let body = api.get(path(!state.legacy), &query)?;
            state.legacy = !state.legacy;
            Ok((path(state.legacy), body))
        }
        answer => Ok((path(state.legacy), answer?)),
    }
}

/// The parameters of a page of so many rows.
#[must_use]
pub fn paging(size: u32, page: u32) -> [(&'static str, String); 2] {
    [("per_page", size.to_string()), ("page", page.to_string())]
}

/// Every page holds a row, so there are never more pages than rows.
fn next_page(path: &str, poll: Poll, meta: Option<Meta>) -> Result<Poll, Error> {
    let total = meta.and_then(|meta| meta.total);
    if is_beyond(poll.page, total) {
        return Err(errors::no_progress(path, "there are more pages than rows"));
    }
    Ok(Poll { page: poll.page + 1, total, probing: false, ..poll })
}

/// Whether a list of so many rows can have no page behind this one.
#[must_use]
pub fn is_beyond(page: u32, total: Option<u64>) -> bool {
    u64::from(page) > total.unwrap_or(PAGES).min(PAGES)
}

fn updated_at(raw: &str) -> Option<i64> {
    let row = Row::parse(raw).ok()?;
    time::parse(&row.text("updated_at")?).ok().map(time::millis)
}

/// Puts a beneficiary of a list in this currency where it belongs.
pub fn emit(page: &mut AccountsPage, raw: &str, currency: &str) {
    match beneficiaries::map(raw, currency) {
        Ok(account) => page.items.push(account),
        Err(reason) => page.rejected.push(rejected(raw, reason)),
    }
}

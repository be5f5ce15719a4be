//! The beneficiaries in euros, newest first.
//!
//! The list cannot be filtered by time. An edit moves a row to the head, so pages can only repeat rows; a deletion shifts
//! rows up, past the page just read, so the walk begins again when the total fell.

use crate::accounts::empty_page;
use crate::api::{self, Api, List};
use crate::beneficiaries;
use crate::codec::{self, Object};
use crate::config::check_page_size;
use crate::contract::exports::payments::connector::connector::{AccountsPage, FetchRequest};
use crate::contract::payments::connector::types::Error;
use crate::errors::{self, invalid_state};
use crate::host::Host;
use crate::place::Place;
use crate::row::{Item, Row, rejected};
use crate::seen::Seen;
use crate::time::{self, HOUR, in_range};

const SEPA: &str = "/v2/sepa/beneficiaries";
/// Past its announced end, and the only one on some installations.
const LEGACY: &str = "/v2/beneficiaries";
const VERSION: u32 = 2;
/// Of the connectors for the contract 0.1.0.
const FIRST_VERSION: u32 = 1;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct State {
    /// Up to which `updated_at` everything was read by walks that came to their end, in milliseconds.
    watermark: Option<i64>,
    seen: Seen,
    /// True when only the old list answers.
    legacy: bool,
    /// Where the running poll is; absent between polls.
    poll: Option<Place>,
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
            poll: codec::object(&row, "poll")?.map(|poll| Place::read(&poll)).transpose()?,
        };
        if !state.watermark.is_none_or(in_range) {
            return Err(row.wrong("watermark", "expected a year from 0000 to 9999"));
        }
        // Whatever was left out above comes to light here.
        if state.write() == text { Ok(state) } else { Err("it has other fields".to_owned()) }
    }

    /// What is left of the poll. At the end of the list everything was read; what cannot be read is a gap, and the next
    /// poll begins anew.
    fn left(&mut self, next: Result<Option<Place>, Error>, page: &mut AccountsPage) -> Option<Place> {
        match next {
            Ok(Some(place)) => return Some(place),
            Ok(None) => {
                self.watermark = self.seen.mark(self.watermark);
                self.seen.trim(self.watermark.map_or(i64::MIN, |newest| newest - HOUR));
            }
            Err(error) => page.gaps.push(errors::gap("beneficiaries in euros", error)),
        }
        None
    }

    fn write(&self) -> String {
        let object = Object::new()
            .number("v", Some(VERSION.into()))
            .number("watermark", self.watermark)
            .json("seen", &self.seen.write())
            .json("legacy", if self.legacy { "true" } else { "false" });
        match &self.poll {
            Some(poll) => object.json("poll", &poll.write(Object::new()).finish()).finish(),
            None => object.finish(),
        }
    }
}

/// The next page of beneficiaries.
///
/// # Errors
/// `invalid-config`, `invalid-state`, or what Qonto answered.
pub fn fetch<H: Host>(host: &mut H, request: &FetchRequest) -> Result<AccountsPage, Error> {
    let stored = host.state();
    let mut api = Api::of(host, request)?;
    let size = check_page_size(request.page_size)?;
    let mut state = State::read(stored.as_deref())?;
    let place = state.poll.take().map_or_else(|| Place::new(size), |place| place.of_size(size));
    let mut page = empty_page();
    state.poll = sepa(&mut api, &mut state, place, &mut page)?;
    page.has_more = state.poll.is_some();
    api.client.host.set_state(state.write().into_bytes());
    Ok(page)
}

fn sepa<H: Host>(
    api: &mut Api<H>,
    state: &mut State,
    place: Place,
    page: &mut AccountsPage,
) -> Result<Option<Place>, Error> {
    let sort = [("sort_by", "updated_at:desc".to_owned())];
    let (path, body) = match get_sepa(api, state, &place, &sort) {
        Err(error) if place.page() > 1 && errors::status(&error) == Some(422) => {
            return Ok(state.left(place.refused(error), page));
        }
        answer => answer?,
    };
    let List { rows, meta } = api::list(path, &body, &["beneficiaries"], place.page())?;
    let count = rows.len();
    let horizon = state.watermark.map(|newest| newest - HOUR);
    let mut oldest = None;
    for Item { raw, .. } in rows {
        let updated = updated_at(raw);
        if let Some(millis) = updated {
            if oldest.is_some_and(|oldest| millis > oldest) {
                return Err(errors::no_progress(path, "the provider ignores sort_by"));
            }
            oldest = Some(millis);
        }
        let is_old = updated.zip(horizon).is_some_and(|(millis, horizon)| millis < horizon);
        if is_old || updated.is_some_and(|millis| !state.seen.add(millis, raw)) {
            continue;
        }
        emit(page, raw, "EUR");
    }
    state.seen.trim(i64::MIN);
    let reached_known = oldest.zip(horizon).is_some_and(|(oldest, horizon)| oldest < horizon);
    let is_over = reached_known && !place.shrank(meta);
    let next = if is_over { Ok(None) } else { place.advance(path, meta, count) };
    Ok(state.left(next, page))
}

/// Asks the list that answered last, and the other one when it is gone.
fn get_sepa<H: Host>(
    api: &mut Api<H>,
    state: &mut State,
    place: &Place,
    sort: &[(&str, String)],
) -> Result<(&'static str, String), Error> {
    let query: Vec<(&str, String)> = sort.iter().cloned().chain(place.query()).collect();
    let path = |legacy: bool| if legacy { LEGACY } else { SEPA };
    match api.get(path(state.legacy), &query) {
        Err(Error::NotFound(_)) if place.page() == 1 => {
            let body = api.get(path(!state.legacy), &query)?;
            state.legacy = !state.legacy;
            Ok((path(state.legacy), body))
        }
        answer => Ok((path(state.legacy), answer?)),
    }
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

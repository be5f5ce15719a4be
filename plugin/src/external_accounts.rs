//! The beneficiaries: first the SEPA list, newest first, then the international one, currency by currency.
//!
//! Neither list can be filtered by time. In the SEPA list an edit moves a row to the head, so pages can only repeat rows;
//! a deletion shifts rows up, past the page just read, so the walk begins again when the total fell.

use crate::api::{self, Api, List, Meta};
use crate::beneficiaries;
use crate::codec::{self, Object};
use crate::config::check_page_size;
use crate::contract::exports::payments::connector::connector::{AccountsPage, FetchRequest};
use crate::contract::payments::connector::types::Error;
use crate::errors::{self, INVALID_CURRENCY, invalid_state};
use crate::host::{Host, Level};
use crate::row::{Row, rejected};
use crate::seen::Seen;
use crate::time::{self, HOUR, in_range};

const SEPA: &str = "/v2/sepa/beneficiaries";
/// Past its announced end, and the only one on some installations.
const LEGACY: &str = "/v2/beneficiaries";
const INTERNATIONAL: &str = "/v2/international/beneficiaries";
/// What Qonto pays out in, other than euros.
const CURRENCIES: [&str; 17] = [
    "AUD", "CAD", "CHF", "CNY", "CZK", "DKK", "GBP", "HKD", "HUF", "ILS", "JPY", "NOK", "NZD", "PLN", "RON", "SEK",
    "USD",
];
const VERSION: u32 = 1;
/// How often a list is begun again in one poll before the next poll goes on.
const RESTARTS: u32 = 10;
/// The most pages of a list that does not say how long it is.
const PAGES: u64 = 10_000;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct State {
    /// The newest `updated_at` of a completed walk, in milliseconds.
    watermark: Option<i64>,
    seen: Seen,
    /// True when only the old list answers.
    legacy: bool,
    /// True when the international list is not this key's to read; `harness state reset` asks again.
    international: bool,
    /// Where the running poll is; absent between polls.
    poll: Option<Poll>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Poll {
    /// None in the SEPA list, else an index in `CURRENCIES`.
    currency: Option<usize>,
    page: u32,
    size: u32,
    total: Option<u64>,
    restarts: u32,
    newest: Option<i64>,
}

impl State {
    fn read(bytes: Option<&[u8]>) -> Result<Self, Error> {
        let Some(bytes) = bytes else { return Ok(Self::default()) };
        codec::check_version(bytes, VERSION).and_then(Self::from_json).map_err(|reason| invalid_state(&reason))
    }

    fn from_json(text: &str) -> Result<Self, String> {
        let row = Row::parse(text)?;
        let state = Self {
            watermark: codec::number(&row, "watermark")?,
            seen: Seen::read(row.json("seen").unwrap_or_default())?,
            legacy: row.json("legacy") == Some("true"),
            international: row.text("international").as_deref() == Some("refused"),
            poll: codec::object(&row, "poll")?.map(|poll| Poll::read(&poll)).transpose()?,
        };
        if !state.watermark.is_none_or(in_range) {
            return Err(row.wrong("watermark", "expected a year from 0000 to 9999"));
        }
        // Whatever was left out above comes to light here.
        if state.write() == text { Ok(state) } else { Err("it has other fields".to_owned()) }
    }

    fn write(&self) -> String {
        let object = Object::new()
            .number("v", Some(VERSION.into()))
            .number("watermark", self.watermark)
            .json("seen", &self.seen.write())
            .json("legacy", if self.legacy { "true" } else { "false" })
            .json("international", if self.international { "\"refused\"" } else { "\"asked\"" });
        match &self.poll {
            Some(poll) => object.json("poll", &poll.write()).finish(),
            None => object.finish(),
        }
    }
}

impl Poll {
    fn new(currency: Option<usize>, size: u32) -> Self {
        Self { currency, page: 1, size, total: None, restarts: 0, newest: None }
    }

    fn read(row: &Row) -> Result<Self, String> {
        let currency = codec::number(row, "currency")?;
        if currency.is_some_and(|currency: usize| currency >= CURRENCIES.len()) {
            return Err(row.wrong("currency", "expected one that is asked for"));
        }
        Ok(Self {
            currency,
            page: codec::required(row, "page")?,
            size: codec::required(row, "size")?,
            total: codec::number(row, "total")?,
            restarts: codec::required(row, "restarts")?,
            newest: codec::number(row, "newest")?,
        })
    }

    fn write(&self) -> String {
        Object::new()
            .count("currency", self.currency.map(|currency| currency as u64))
            .number("page", Some(self.page.into()))
            .number("size", Some(self.size.into()))
            .count("total", self.total)
            .number("restarts", Some(self.restarts.into()))
            .number("newest", self.newest)
            .finish()
    }

    /// From page 1 again, or not at all when that happened too often.
    fn restarted(self) -> Option<Self> {
        let restarts = self.restarts + 1;
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
    let mut poll = state.poll.take().unwrap_or_else(|| Poll::new(None, size));
    if poll.size != size {
        poll = Poll { size, page: 1, total: None, ..poll };
    }
    let mut page = AccountsPage { items: Vec::new(), rejected: Vec::new(), has_more: false };
    state.poll = match poll.currency {
        None => sepa(&mut api, &mut state, poll, &mut page)?,
        Some(currency) => international(&mut api, &mut state, poll, currency, &mut page)?,
    };
    page.has_more = state.poll.is_some();
    api.host.set_state(state.write().into_bytes());
    Ok(page)
}

fn sepa<H: Host>(
    api: &mut Api<H>,
    state: &mut State,
    mut poll: Poll,
    page: &mut AccountsPage,
) -> Result<Option<Poll>, Error> {
    let sort = [("sort_by", "updated_at:desc".to_owned())];
    let (path, body) = match get_sepa(api, state, &poll, &sort) {
        Err(error) if poll.page > 1 && errors::status(&error) == Some(422) => {
            let size = poll.size;
            return Ok(poll.restarted().or_else(|| after_sepa(state, size)));
        }
        answer => answer?,
    };
    let List { rows, meta } = api::list(path, &body, &["beneficiaries"], poll.page)?;
    let horizon = state.watermark.map(|newest| newest - HOUR);
    let mut oldest = None;
    for raw in rows {
        let updated = updated_at(raw);
        if let Some(millis) = updated {
            if oldest.is_some_and(|oldest| millis > oldest) {
                return Err(errors::no_progress(path, "the provider ignores sort_by"));
            }
            oldest = Some(millis);
            poll.newest = poll.newest.max(Some(millis));
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
    state.seen.trim(poll.newest.max(state.watermark).unwrap_or(i64::MIN).saturating_sub(HOUR));
    if poll.shrank(meta) {
        let size = poll.size;
        return Ok(poll.restarted().or_else(|| after_sepa(state, size)));
    }
    let reached_known = oldest.zip(horizon).is_some_and(|(oldest, horizon)| oldest < horizon);
    if meta.is_some_and(|meta| meta.has_next) && !reached_known {
        return next_page(path, poll, meta).map(Some);
    }
    state.watermark = state.watermark.max(poll.newest);
    Ok(after_sepa(state, poll.size))
}

fn after_sepa(state: &State, size: u32) -> Option<Poll> {
    (!state.international).then(|| Poll::new(Some(0), size))
}

/// Asks the list that answered last, and the other one when it is gone.
fn get_sepa<H: Host>(
    api: &mut Api<H>,
    state: &mut State,
    poll: &Poll,
    sort: &[(&str, String)],
) -> Result<(&'static str, String), Error> {
    let query: Vec<(&str, String)> = sort.iter().cloned().chain(paging(poll)).collect();
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

fn international<H: Host>(
    api: &mut Api<H>,
    state: &mut State,
    poll: Poll,
    currency: usize,
    page: &mut AccountsPage,
) -> Result<Option<Poll>, Error> {
    let Some(code) = CURRENCIES.get(currency) else { return Ok(None) };
    let size = poll.size;
    let next_currency = || (currency + 1 < CURRENCIES.len()).then(|| Poll::new(Some(currency + 1), size));
    let query: Vec<(&str, String)> = [("currency", (*code).to_owned())].into_iter().chain(paging(&poll)).collect();
    let body = match api.get(INTERNATIONAL, &query) {
        Ok(body) => body,
        Err(error) => {
            return match errors::status(&error) {
                Some(422) if errors::has_code(&error, INVALID_CURRENCY) => Ok(next_currency()),
                Some(422) if poll.page > 1 => Ok(poll.restarted().or_else(next_currency)),
                // The same credentials were accepted a moment ago: this list is not for API keys.
                Some(401 | 403 | 404 | 410) if currency == 0 && poll.page == 1 => {
                    api.host.log(
                        Level::Warn,
                        "Qonto does not let this key read international beneficiaries; not asked again until the state is reset",
                    );
                    state.international = true;
                    Ok(None)
                }
                _ => Err(error),
            };
        }
    };
    let keys = ["beneficiaries", "international_beneficiaries"];
    let List { rows, meta } = api::list(INTERNATIONAL, &body, &keys, poll.page)?;
    for raw in rows {
        emit(page, raw, code);
    }
    if poll.shrank(meta) {
        return Ok(poll.restarted().or_else(next_currency));
    }
    if meta.is_some_and(|meta| meta.has_next) {
        return next_page(INTERNATIONAL, poll, meta).map(Some);
    }
    Ok(next_currency())
}

fn paging(poll: &Poll) -> [(&'static str, String); 2] {
    [("per_page", poll.size.to_string()), ("page", poll.page.to_string())]
}

/// Every page holds a row, so there are never more pages than rows.
fn next_page(path: &str, poll: Poll, meta: Option<Meta>) -> Result<Poll, Error> {
    let total = meta.and_then(|meta| meta.total);
    if u64::from(poll.page) > total.unwrap_or(PAGES) {
        return Err(errors::no_progress(path, "there are more pages than rows"));
    }
    Ok(Poll { page: poll.page + 1, total, ..poll })
}

fn updated_at(raw: &str) -> Option<i64> {
    let row = Row::parse(raw).ok()?;
    time::parse(&row.text("updated_at")?).ok().map(time::millis)
}

fn emit(page: &mut AccountsPage, raw: &str, currency: &str) {
    match beneficiaries::map(raw, currency) {
        Ok(account) => page.items.push(account),
        Err(reason) => page.rejected.push(rejected(raw, reason)),
    }
}

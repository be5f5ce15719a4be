//! The beneficiaries in other currencies: one list for each, none of which depends on another, read whole.
//!
//! No list can be filtered by time, and API keys are refused them as a rule.

use crate::accounts::empty_page;
use crate::api::{self, Api, List};
use crate::codec::{self, Object};
use crate::config::check_page_size;
use crate::contract::exports::payments::connector::connector::{AccountsPage, FetchRequest};
use crate::contract::payments::connector::types::{Error, ErrorDetail};
use crate::errors::{self, INVALID_CURRENCY, gap, invalid_state};
use crate::external_accounts::{LEAVING, RESTARTS, emit, is_beyond, paging};
use crate::host::Host;
use crate::row::Row;

const PATH: &str = "/v2/international/beneficiaries";
/// What Qonto pays out in, other than euros.
const CURRENCIES: [&str; 17] = [
    "AUD", "CAD", "CHF", "CNY", "CZK", "DKK", "GBP", "HKD", "HUF", "ILS", "JPY", "NOK", "NZD", "PLN", "RON", "SEK",
    "USD",
];
const VERSION: u32 = 1;
/// What is missing when no list can be read.
const ALL: &str = "international beneficiaries";

/// Where the running poll is; between polls there is nothing to remember.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Place {
    /// An index in `CURRENCIES`.
    currency: usize,
    /// The page to ask for.
    page: u32,
    size: u32,
    total: Option<u64>,
    restarts: u32,
    /// As for the list in euros.
    probing: bool,
}

impl Place {
    fn at(currency: usize, size: u32) -> Self {
        Self { currency, page: 1, size, total: None, restarts: 0, probing: false }
    }

    /// The list of the next currency; none behind the last.
    fn next(self) -> Option<Self> {
        let next = self.currency + 1;
        (next < CURRENCIES.len()).then(|| Self::at(next, self.size))
    }

    /// From page 1 again.
    ///
    /// # Errors
    /// `error`, when that happened too often.
    fn restarted(self, error: Error) -> Result<Option<Self>, Error> {
        let restarts = self.restarts.saturating_add(1);
        if restarts > RESTARTS { Err(error) } else { Ok(Some(Self { restarts, page: 1, total: None, ..self })) }
    }

    fn read(bytes: Option<&[u8]>, size: u32) -> Result<Self, Error> {
        let Some(bytes) = bytes else { return Ok(Self::at(0, size)) };
        codec::check_version(bytes, VERSION)
            .and_then(|text| Self::from_json(text, size))
            .map_err(|reason| invalid_state(&reason))
    }

    fn from_json(text: &str, size: u32) -> Result<Self, String> {
        let row = Row::parse(text)?;
        let Some(poll) = codec::object(&row, "poll")? else {
            return if text == write(None) { Ok(Self::at(0, size)) } else { Err("it has other fields".to_owned()) };
        };
        let place = Self {
            currency: codec::required(&poll, "currency")?,
            page: codec::required(&poll, "page")?,
            size: codec::required(&poll, "size")?,
            total: codec::number(&poll, "total")?,
            restarts: codec::required(&poll, "restarts")?,
            probing: poll.json("probing") == Some("true"),
        };
        if place.currency >= CURRENCIES.len() {
            return Err(row.wrong("currency", "expected one that is asked for"));
        }
        if write(Some(place)) != text {
            return Err("it has other fields".to_owned());
        }
        Ok(if place.size == size { place } else { Self { size, page: 1, total: None, ..place } })
    }
}

fn write(place: Option<Place>) -> String {
    let object = Object::new().number("v", Some(VERSION.into()));
    let Some(place) = place else { return object.finish() };
    let poll = Object::new()
        .count("currency", Some(place.currency as u64))
        .number("page", Some(place.page.into()))
        .number("size", Some(place.size.into()))
        .count("total", place.total)
        .number("restarts", Some(place.restarts.into()))
        .flag("probing", place.probing);
    object.json("poll", &poll.finish()).finish()
}

/// The next page of beneficiaries.
///
/// # Errors
/// `invalid-config`, `invalid-state`, or what Qonto answered when it limits the rate.
pub fn fetch<H: Host>(host: &mut H, request: &FetchRequest) -> Result<AccountsPage, Error> {
    let stored = host.state();
    let mut api = Api::new(host, &request.config, Some(request.observed_at))?;
    let size = check_page_size(request.page_size)?;
    let mut place = Some(Place::read(stored.as_deref(), size)?);
    let mut page = empty_page();
    // One answer a call, and what is refused on the way to it.
    while let Some(at) = place {
        let Some(code) = CURRENCIES.get(at.currency) else { break };
        match read(&mut api, at, code, &mut page) {
            Ok(next) => {
                place = next;
                break;
            }
            Err(error) if errors::ends_the_call(&error) => return Err(error),
            Err(error) => {
                let refusals = page.gaps.iter().filter(|gap| is_of_key(&gap.error)).count();
                if is_of_key(&error) && refusals > 0 {
                    page.gaps = vec![gap(ALL, error)];
                    place = None;
                } else {
                    page.gaps.push(gap(format!("{ALL} in {code}"), error));
                    place = at.next();
                }
            }
        }
    }
    join(&mut page);
    page.has_more = place.is_some();
    api.host.set_state(write(place).into_bytes());
    Ok(page)
}

/// Reads one page of the list in `code`; gives where to go on.
fn read<H: Host>(api: &mut Api<H>, at: Place, code: &str, page: &mut AccountsPage) -> Result<Option<Place>, Error> {
    let currency = [("currency", code.to_owned())];
    let query: Vec<(&str, String)> = currency.into_iter().chain(paging(at.size, at.page)).collect();
    let body = match api.get(PATH, &query) {
        Ok(body) => body,
        Err(error) => {
            return match errors::status(&error) {
                Some(422) if errors::has_code(&error, INVALID_CURRENCY) => Ok(at.next()),
                Some(422) if at.probing => Ok(at.next()),
                Some(422) if at.page > 1 => at.restarted(error),
                _ => Err(not_for_keys(error)),
            };
        }
    };
    let List { rows, meta } = api::list(PATH, &body, &["beneficiaries", "international_beneficiaries"], at.page)?;
    let count = rows.len();
    for raw in rows {
        emit(page, raw, code);
    }
    let total = meta.and_then(|meta| meta.total);
    if at.total.zip(total).is_some_and(|(before, now)| now < before) {
        return at.restarted(errors::no_progress(PATH, LEAVING));
    }
    if !meta.is_some_and(|meta| meta.has_next) {
        let probes = api::claims_more(meta, at.size, at.page, count) && !at.probing;
        return Ok(if probes { Some(Place { page: at.page + 1, probing: true, ..at }) } else { at.next() });
    }
    if is_beyond(at.page, total) {
        return Err(errors::no_progress(PATH, "there are more pages than rows"));
    }
    Ok(Some(Place { page: at.page + 1, total, probing: false, ..at }))
}

/// These lists answer 401 to keys that Qonto accepts elsewhere.
fn not_for_keys(error: Error) -> Error {
    match error {
        Error::Unauthorized(detail) => Error::Forbidden(detail),
        other => other,
    }
}

/// Whether Qonto answered 401. Two lists that do are refused to the key, and each further answer of that kind brings
/// the lock-out of the address nearer.
fn is_of_key(error: &Error) -> bool {
    errors::status(error) == Some(401)
}

/// The same refusal of every list is one gap.
fn join(page: &mut AccountsPage) {
    let alike = |detail: &ErrorDetail| (detail.http_status, detail.provider_code.clone());
    let refusal = |error: &Error| match error {
        Error::Forbidden(detail) | Error::NotFound(detail) => Some(alike(detail)),
        _ => None,
    };
    let first = page.gaps.first().and_then(|gap| refusal(&gap.error));
    if page.gaps.len() == CURRENCIES.len()
        && first.is_some()
        && page.gaps.iter().all(|gap| refusal(&gap.error) == first)
    {
        page.gaps.truncate(1);
        page.gaps.iter_mut().for_each(|gap| ALL.clone_into(&mut gap.what));
    }
}

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
use crate::external_accounts::emit;
use crate::host::Host;
use crate::place::Place;
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct At {
    /// An index in `CURRENCIES`.
    currency: usize,
    place: Place,
}

impl At {
    fn read(bytes: Option<&[u8]>, size: u32) -> Result<Self, Error> {
        let Some(bytes) = bytes else { return Ok(Self { currency: 0, place: Place::new(size) }) };
        codec::check_version(bytes, VERSION)
            .and_then(|text| Self::from_json(text, size))
            .map_err(|reason| invalid_state(&reason))
    }

    fn from_json(text: &str, size: u32) -> Result<Self, String> {
        let row = Row::parse(text)?;
        let at = match codec::object(&row, "poll")? {
            Some(poll) => Some(Self { currency: codec::required(&poll, "currency")?, place: Place::read(&poll)? }),
            None => None,
        };
        if at.is_some_and(|at| at.currency >= CURRENCIES.len()) {
            return Err(row.wrong("currency", "expected one that is asked for"));
        }
        if write(at) != text {
            return Err("it has other fields".to_owned());
        }
        let at = at.unwrap_or(Self { currency: 0, place: Place::new(size) });
        Ok(Self { place: at.place.of_size(size), ..at })
    }

    /// The list of the next currency; none behind the last.
    fn next(self, size: u32) -> Option<Self> {
        let currency = self.currency + 1;
        (currency < CURRENCIES.len()).then(|| Self { currency, place: Place::new(size) })
    }
}

fn write(at: Option<At>) -> String {
    let object = Object::new().number("v", Some(VERSION.into()));
    let Some(At { currency, place }) = at else { return object.finish() };
    let poll = place.write(Object::new().count("currency", Some(currency as u64)));
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
    let mut left = Some(At::read(stored.as_deref(), size)?);
    let mut page = empty_page();
    // One answer a call, and what is refused on the way to it.
    while let Some(at) = left {
        let Some(code) = CURRENCIES.get(at.currency) else { break };
        match read(&mut api, at.place, code, &mut page) {
            Ok(next) => {
                left = next.map_or_else(|| at.next(size), |place| Some(At { place, ..at }));
                break;
            }
            Err(error) if errors::ends_the_call(&error) => return Err(error),
            Err(error) => {
                let refusals = page.gaps.iter().filter(|gap| is_of_key(&gap.error)).count();
                if is_of_key(&error) && refusals > 0 {
                    page.gaps = vec![gap(ALL, error)];
                    left = None;
                } else {
                    page.gaps.push(gap(format!("{ALL} in {code}"), error));
                    left = at.next(size);
                }
            }
        }
    }
    join(&mut page);
    page.has_more = left.is_some();
    api.host.set_state(write(left).into_bytes());
    Ok(page)
}

/// Reads one page of the list in `code`; gives where to go on in it, none at its end.
fn read<H: Host>(api: &mut Api<H>, at: Place, code: &str, page: &mut AccountsPage) -> Result<Option<Place>, Error> {
    let currency = [("currency", code.to_owned())];
    let query: Vec<(&str, String)> = currency.into_iter().chain(at.query()).collect();
    let body = match api.get(PATH, &query) {
        Ok(body) => body,
        Err(error) => {
            return match errors::status(&error) {
                Some(422) if errors::has_code(&error, INVALID_CURRENCY) => Ok(None),
                Some(422) => at.refused(error),
                _ => Err(not_for_keys(error)),
            };
        }
    };
    let List { rows, meta } = api::list(PATH, &body, &["beneficiaries", "international_beneficiaries"], at.page())?;
    let count = rows.len();
    for raw in rows {
        emit(page, raw, code);
    }
    at.advance(PATH, meta, count)
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

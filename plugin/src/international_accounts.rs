//! The beneficiaries in other currencies: one list for each, none of which depends on another, read whole.
//!
//! No list can be filtered by time, and API keys are refused them as a rule.

use crate::accounts::empty_page;
use crate::api::{self, Api, Ask, List};
use crate::codec::{self, Object};
use crate::config::check_page_size;
use crate::contract::exports::payments::connector::connector::{AccountsPage, FetchRequest};
use crate::contract::payments::connector::types::{Error, ErrorDetail};
use crate::errors::{self, INVALID_CURRENCY, gap, invalid_state};
use crate::external_accounts::emit;
use crate::host::Host;
use crate::place::Place;
use crate::row::{Item, Row};

const PATH: &str = "/v2/international/beneficiaries";
/// What Qonto pays out in, other than euros.
const CURRENCIES: [&str; 17] = [
    "AUD", "CAD", "CHF", "CNY", "CZK", "DKK", "GBP", "HKD", "HUF", "ILS", "JPY", "NOK", "NZD", "PLN", "RON", "SEK",
    "USD",
];
const VERSION: u32 = 2;
/// Of the connectors for which one list waited for the other.
const FIRST_VERSION: u32 = 1;
/// What is missing when no list can be read.
const ALL: &str = "international beneficiaries";

/// A list that is not at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Lane {
    /// An index in `CURRENCIES`.
    currency: usize,
    place: Place,
}

impl Lane {
    fn read(json: &str) -> Result<Self, String> {
        let row = Row::parse(json)?;
        let currency = codec::required(&row, "currency")?;
        if currency >= CURRENCIES.len() {
            return Err(row.wrong("currency", "expected one that is asked for"));
        }
        Ok(Self { currency, place: Place::read(&row)? })
    }

    fn write(&self) -> String {
        self.place.write(Object::new().count("currency", Some(self.currency as u64))).finish()
    }

    fn code(&self) -> &'static str {
        CURRENCIES.get(self.currency).copied().unwrap_or_default()
    }

    fn ask(&self) -> Ask {
        let currency = [("currency", self.code().to_owned())];
        Ask { path: PATH.to_owned(), query: currency.into_iter().chain(self.place.query()).collect() }
    }
}

/// What is left of the running poll; between polls there is nothing to remember.
fn read_state(bytes: Option<&[u8]>) -> Result<Option<Vec<Lane>>, String> {
    let Some(bytes) = bytes else { return Ok(None) };
    if codec::check_version(bytes, FIRST_VERSION).is_ok() {
        return Ok(None);
    }
    let text = codec::check_version(bytes, VERSION)?;
    let row = Row::parse(text)?;
    let lanes = match row.json("poll") {
        Some(_) => codec::list_of(&row, "poll")?.into_iter().map(Lane::read).collect::<Result<Vec<Lane>, String>>()?,
        None => Vec::new(),
    };
    if write_state(&lanes) != text {
        return Err("it has other fields".to_owned());
    }
    Ok((!lanes.is_empty()).then_some(lanes))
}

fn write_state(lanes: &[Lane]) -> String {
    let object = Object::new().number("v", Some(VERSION.into()));
    if lanes.is_empty() {
        return object.finish();
    }
    let lanes: Vec<String> = lanes.iter().map(Lane::write).collect();
    object.json("poll", &codec::list(lanes.iter().map(String::as_str))).finish()
}

/// The next page of beneficiaries.
///
/// # Errors
/// `invalid-config`, `invalid-state`, or what Qonto answered when it limits the rate.
pub fn fetch<H: Host>(host: &mut H, request: &FetchRequest) -> Result<AccountsPage, Error> {
    let stored = host.state();
    let mut api = Api::of(host, request)?;
    let size = check_page_size(request.page_size)?;
    let running = read_state(stored.as_deref()).map_err(|reason| invalid_state(&reason))?;
    // The first list goes ahead: where the key may not read it, no other is asked at the same time.
    let is_let_in = running.is_some();
    let place = Place::new(size);
    let lanes = match running {
        Some(lanes) => lanes.into_iter().map(|lane| Lane { place: lane.place.of_size(size), ..lane }).collect(),
        None => (0..CURRENCIES.len()).map(|currency| Lane { currency, place }).collect(),
    };
    let mut call = Call { api: &mut api, page: empty_page(), left: Vec::new(), is_let_in, is_read: false, limit: None };
    call.read(lanes)?;
    let Call { mut page, left, .. } = call;
    join(&mut page);
    page.has_more = !left.is_empty();
    api.client.host.set_state(write_state(&left).into_bytes());
    Ok(page)
}

/// One call: a page of each list.
struct Call<'c, 'a, H> {
    api: &'c mut Api<'a, H>,
    page: AccountsPage,
    /// The lists that are not at their end, where they go on.
    left: Vec<Lane>,
    /// The key may read some list.
    is_let_in: bool,
    is_read: bool,
    /// Qonto, or the host, wants no further request now.
    limit: Option<Error>,
}

impl<H: Host> Call<'_, '_, H> {
    /// Reads a page of each of `lanes`, and whatever is refused on the way to it.
    fn read(&mut self, lanes: Vec<Lane>) -> Result<(), Error> {
        let mut lanes = lanes.into_iter();
        let mut is_full = false;
        while !is_full && self.limit.is_none() {
            let goes_wide = self.is_let_in;
            let batch: Vec<Lane> = lanes.by_ref().take(if goes_wide { CURRENCIES.len() } else { 1 }).collect();
            if batch.is_empty() {
                break;
            }
            let mut answers = self.api.get_all(&batch.iter().map(Lane::ask).collect::<Vec<Ask>>()).into_iter();
            for lane in batch {
                let Some(answer) = answers.next() else {
                    self.left.push(lane);
                    continue;
                };
                if !self.take(lane, answer) {
                    return Ok(());
                }
            }
            is_full = goes_wide && self.is_read;
        }
        self.left.extend(lanes);
        match self.limit.take() {
            Some(error) if !self.is_read => Err(error),
            _ => Ok(()),
        }
    }

    /// Takes in what a list was answered; false when the key may read none.
    fn take(&mut self, lane: Lane, answer: Result<String, Error>) -> bool {
        match take_page(lane, answer, &mut self.page) {
            Ok(next) => {
                self.left.extend(next.map(|place| Lane { place, ..lane }));
                self.is_read = true;
                self.is_let_in = true;
            }
            Err(error) if errors::ends_the_call(&error) => {
                self.left.push(lane);
                self.page.gaps.push(gap(missing(lane), error.clone()));
                self.limit.get_or_insert(error);
            }
            // Each further answer of that kind brings the lock-out of the address nearer.
            Err(error) if is_of_key(&error) && !self.is_let_in && self.has_gap_of_key() => {
                self.page.gaps = vec![gap(ALL, error)];
                return false;
            }
            Err(error) => self.page.gaps.push(gap(missing(lane), error)),
        }
        true
    }

    fn has_gap_of_key(&self) -> bool {
        self.page.gaps.iter().any(|gap| is_of_key(&gap.error))
    }
}

/// What a list that cannot be read leaves out.
fn missing(lane: Lane) -> String {
    format!("{ALL} in {}", lane.code())
}

/// Takes in one page of a list; gives where to go on in it, none at its end.
fn take_page(lane: Lane, answer: Result<String, Error>, page: &mut AccountsPage) -> Result<Option<Place>, Error> {
    let body = match answer {
        Ok(body) => body,
        Err(error) => {
            return match errors::status(&error) {
                Some(422) if errors::has_code(&error, INVALID_CURRENCY) => Ok(None),
                Some(422) => lane.place.refused(error),
                _ => Err(not_for_keys(error)),
            };
        }
    };
    let keys = ["beneficiaries", "international_beneficiaries"];
    let List { rows, meta } = api::list(PATH, &body, &keys, lane.place.page())?;
    let count = rows.len();
    for Item { raw, .. } in rows {
        emit(page, raw, lane.code());
    }
    lane.place.advance(PATH, meta, count)
}

/// These lists answer 401 to keys that Qonto accepts elsewhere.
fn not_for_keys(error: Error) -> Error {
    match error {
        Error::Unauthorized(detail) => Error::Forbidden(detail),
        other => other,
    }
}

/// Whether Qonto answered 401: two lists that do are refused to the key.
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

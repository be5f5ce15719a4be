//! A reader of pages as many connectors have it: a page number, and a mark in the state. Each of its bugs is one that
//! such readers had.

use qonto_connector::api::Api;
use qonto_connector::contract::exports::payments::connector::connector::{FetchRequest, PaymentsPage};
use qonto_connector::contract::payments::connector::types::Error;
use qonto_connector::errors::{self, invalid_state};
use qonto_connector::host::Host as _;
use qonto_connector::payments::empty_page;
use qonto_connector::payments_state::STATUSES;
use qonto_connector::row::Item;
use qonto_connector::time::{self, HOUR};
use qonto_connector::transactions::Entry;
use serde_json::{Value, json};

use super::host::Saboteur;
use super::listing::Listing;
use crate::mutants::Bug;

const PATH: &str = "/v2/transactions";

/// Whether a bug is one of this reader's.
pub(super) fn has(bug: Bug) -> bool {
    matches!(
        bug,
        Bug::PageKept | Bug::PageAfterTie | Bug::PagesByNumber | Bug::FollowsNextBlindly | Bug::ReadsByCreation
    )
}

/// What was read of one status.
#[derive(Clone, Default)]
struct Mark {
    /// The newest time read.
    newest: Option<i64>,
    /// The row that had it.
    last: String,
    page: u64,
}

struct State {
    status: usize,
    /// The lower bound of the running poll.
    from: Option<i64>,
    /// Pages read in this poll, where they are counted.
    pages: u64,
    marks: Vec<Mark>,
}

impl State {
    fn read(bytes: Option<Vec<u8>>) -> Result<Self, Error> {
        let fresh = || vec![Mark { page: 1, ..Mark::default() }; STATUSES.len()];
        let Some(bytes) = bytes else { return Ok(Self { status: 0, from: None, pages: 0, marks: fresh() }) };
        let json: Value = serde_json::from_slice(&bytes).map_err(|error| invalid_state(&error.to_string()))?;
        let marks: Vec<Mark> = json["marks"].as_array().into_iter().flatten().filter_map(Mark::read).collect();
        let status = json["status"].as_u64().and_then(|status| usize::try_from(status).ok());
        match status {
            Some(status) if marks.len() == STATUSES.len() && status < STATUSES.len() => {
                Ok(Self { status, from: json["from"].as_i64(), pages: json["pages"].as_u64().unwrap_or(0), marks })
            }
            _ => Err(invalid_state("it has no marks")),
        }
    }

    fn write(&self) -> Vec<u8> {
        let marks: Vec<Value> = self
            .marks
            .iter()
            .map(|mark| json!({ "newest": mark.newest, "last": mark.last, "page": mark.page }))
            .collect();
        json!({ "status": self.status, "from": self.from, "pages": self.pages, "marks": marks })
            .to_string()
            .into_bytes()
    }
}

impl Mark {
    fn read(json: &Value) -> Option<Self> {
        Some(Self {
            newest: json["newest"].as_i64(),
            last: json["last"].as_str()?.to_owned(),
            page: json["page"].as_u64()?,
        })
    }
}

/// The next page of the payments of the parent.
pub(super) fn fetch(host: &mut Saboteur, request: &FetchRequest, bug: Bug) -> Result<PaymentsPage, Error> {
    let account = qonto_connector::balances::parent_of(request)?.0.reference.clone();
    let stored = host.state();
    let mut state = State::read(stored)?;
    let place = state.status;
    let mark = state.marks[place].clone();
    let from = match bug {
        Bug::PageKept | Bug::PageAfterTie => mark.newest,
        _ if mark.page == 1 => mark.newest.map(|newest| newest - HOUR),
        _ => state.from,
    };
    let body = ask(host, request, &account, bug, (STATUSES[place], from, mark.page))?;
    let list = match body {
        Some(body) => Listing::read(body.as_bytes()).ok_or_else(|| errors::malformed(PATH, "no list came"))?,
        None => Listing::none(),
    };
    let entries: Vec<Entry> = list.rows.iter().map(|row| Entry::read(Item::of(row), &account)).collect();
    let mut page = empty_page();
    let newest = entries.iter().filter_map(|entry| time_of(entry, bug)).max().max(mark.newest);
    let full = list.rows.len() == request.page_size as usize;
    let last = entries.last().and_then(|entry| entry.id.clone()).unwrap_or_else(|| mark.last.clone());
    for entry in entries {
        if bug == Bug::PageAfterTie && entry.id.as_deref() == Some(&mark.last) && entry.updated == mark.newest {
            continue;
        }
        match entry.outcome {
            Ok(payment) => page.items.push(payment),
            Err(rejected) => page.rejected.push(rejected),
        }
    }
    let next = &mut state.marks[place];
    let more = match bug {
        Bug::PageKept | Bug::PageAfterTie => {
            let moved = newest > mark.newest;
            let stays = moved || (bug == Bug::PageAfterTie && page.items.is_empty());
            *next = Mark { newest, last, page: if stays { 1 } else { mark.page + 1 } };
            full
        }
        Bug::FollowsNextBlindly => {
            next.newest = newest;
            next.page = list.next.unwrap_or(1);
            state.pages = if list.next.is_some() { state.pages + 1 } else { 0 };
            list.next.is_some()
        }
        _ => {
            next.newest = newest;
            next.page = if list.next.is_some() { mark.page + 1 } else { 1 };
            list.next.is_some()
        }
    };
    // The bound stays while pages are counted from it.
    state.from = from.filter(|_| more && !matches!(bug, Bug::PageKept | Bug::PageAfterTie));
    page.has_more = more || place + 1 < STATUSES.len();
    if !more {
        state.status = (place + 1) % STATUSES.len();
    }
    host.set_state(state.write());
    Ok(page)
}

fn time_of(entry: &Entry, bug: Bug) -> Option<i64> {
    match (bug, &entry.outcome) {
        (Bug::ReadsByCreation, Ok(payment)) => Some(time::millis(payment.created_at)),
        _ => entry.updated,
    }
}

/// The body of a page; none when it is beyond the last.
fn ask(
    host: &mut Saboteur,
    request: &FetchRequest,
    account: &str,
    bug: Bug,
    (status, from, page): (&str, Option<i64>, u64),
) -> Result<Option<String>, Error> {
    let field = if bug == Bug::ReadsByCreation { "emitted_at" } else { "updated_at" };
    let bound = format!("{field}_from");
    let mut query = vec![
        ("bank_account_id", account.to_owned()),
        ("status[]", status.to_owned()),
        ("sort_by", format!("{field}:asc")),
        ("per_page", request.page_size.to_string()),
        ("page", page.to_string()),
    ];
    query.extend(from.map(|from| (bound.as_str(), time::format(from))));
    qonto_connector::config::check_page_size(request.page_size)?;
    match Api::of(host, request)?.get(PATH, &query) {
        Ok(body) => Ok(Some(body)),
        Err(error) if errors::status(&error) == Some(422) && page > 1 => Ok(None),
        Err(error) => Err(error),
    }
}

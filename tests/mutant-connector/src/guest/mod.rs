//! The component: the Qonto connector, with a saboteur in between.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "most of these bugs would not pass a lint")]

mod config;
mod errors;
mod host;
mod listing;
mod manifest;
mod pager;
mod records;

use std::hint::black_box;

use qonto_connector::contract::exports::payments::connector::connector::{
    AccountsPage, BalancesPage, FetchRequest, Guest, Manifest, PaymentsPage,
};
use qonto_connector::contract::payments::connector::types::{Account, Error};
use qonto_connector::host::{Host as _, Level};
use qonto_connector::{accounts, balances, external_accounts, payments};

use crate::mutants::{Bug, MUTANTS};
use host::Saboteur;

struct Mutant;

qonto_connector::contract::export!(Mutant with_types_in qonto_connector::contract);

/// The bug in the switch.
fn bug() -> Option<Bug> {
    let name = crate::switch::name();
    MUTANTS.iter().find(|mutant| mutant.name == name).map(|mutant| mutant.bug)
}

/// Whether this is the bug.
fn is(wanted: Bug) -> bool {
    bug() == Some(wanted)
}

impl Guest for Mutant {
    fn describe() -> Manifest {
        manifest::describe()
    }

    fn check(config: String) -> Result<(), Error> {
        let mut host = Saboteur::new(None);
        let config = config::tampered(&mut host, &config)?;
        match bug() {
            Some(Bug::CheckAlwaysFine) => return Ok(()),
            Some(Bug::CheckTwice) => accounts::check(&mut host, &config)?,
            _ => {}
        }
        let checked = accounts::check(&mut host, &config);
        errors::tampered(&mut host, checked, || ())
    }

    fn fetch_accounts(request: FetchRequest) -> Result<AccountsPage, Error> {
        serve(&request, empty_accounts, |host, request| {
            let page = accounts::fetch(host, request)?;
            Ok(records::accounts(host, page))
        })
    }

    fn fetch_external_accounts(request: FetchRequest) -> Result<AccountsPage, Error> {
        serve(&request, empty_accounts, |host, request| {
            match bug() {
                Some(Bug::CapabilityNotThere) => return Err(errors::unsupported()),
                Some(Bug::CapabilityWithoutRows) => return Ok(empty_accounts()),
                _ => {}
            }
            let page = external_accounts::fetch(host, request)?;
            Ok(records::external_accounts(host, page))
        })
    }

    fn fetch_balances(request: FetchRequest, parent: Account) -> Result<BalancesPage, Error> {
        let empty = || BalancesPage { items: Vec::new(), rejected: Vec::new(), has_more: false };
        serve(&request, empty, |_, request| Ok(records::balances(balances::fetch(request, &parent_of(&parent))?)))
    }

    fn fetch_payments(request: FetchRequest, parent: Account) -> Result<PaymentsPage, Error> {
        serve(&request, pager::empty, |host, request| {
            let parent = parent_of(&parent);
            let page = match bug() {
                Some(bug) if pager::has(bug) => pager::fetch(host, request, &parent, bug)?,
                Some(Bug::FirstAccountOnly) => {
                    let first = accounts::fetch(host, request)?.items.into_iter().next().unwrap_or(parent.clone());
                    payments::fetch(host, request, &first)?
                }
                _ => payments::fetch(host, request, &parent)?,
            };
            records::payments(host, page, &parent)
        })
    }
}

/// One call: what all of them have in common.
fn serve<T>(
    request: &FetchRequest,
    empty: impl FnOnce() -> T,
    fetch: impl FnOnce(&mut Saboteur, &FetchRequest) -> Result<T, Error>,
) -> Result<T, Error> {
    let mut host = Saboteur::new(Some(request));
    let config = config::tampered(&mut host, &request.config)?;
    before(&mut host, &config);
    let page_size = match bug() {
        // Divides by it without a look.
        Some(Bug::PageSizeUnchecked) => request.page_size.max(black_box(100) / request.page_size).min(100),
        _ => request.page_size,
    };
    let request = FetchRequest { config, page_size, ..request.clone() };
    let fetched = fetch(&mut host, &request);
    let fetched = errors::tampered(&mut host, fetched, empty)?;
    host.commit();
    Ok(fetched)
}

/// What is done before each fetch.
fn before(host: &mut Saboteur, config: &str) {
    match bug() {
        Some(Bug::MemoryPerPage) => hoard(host.count() << 16),
        Some(Bug::MemoryHog) => hoard(40 << 20),
        Some(Bug::WorkPerPage) => spin(host.count() * 100_000),
        Some(Bug::ConfigLogged) => host.log(Level::Debug, &format!("fetching with {config}")),
        _ => {}
    }
}

/// Takes memory and uses it.
fn hoard(bytes: u64) {
    black_box(vec![1_u8; usize::try_from(bytes).unwrap()]);
}

/// Computes for a while.
fn spin(rounds: u64) {
    for round in 0..rounds {
        black_box(round);
    }
}

/// The parent, as the connector takes it.
fn parent_of(parent: &Account) -> Account {
    match bug() {
        Some(Bug::ParentTraps) => {
            let raw: serde_json::Value = serde_json::from_str(&parent.raw).unwrap();
            assert_eq!(raw["id"].as_str().unwrap(), parent.reference);
        }
        Some(Bug::ParentByRaw) => {
            // Believes the payload, whatever the reference says.
            let raw: serde_json::Value = serde_json::from_str(&parent.raw).unwrap_or_default();
            if let Some(id) = raw["id"].as_str() {
                return Account { reference: id.to_owned(), ..parent.clone() };
            }
        }
        _ => {}
    }
    parent.clone()
}

fn empty_accounts() -> AccountsPage {
    AccountsPage { items: Vec::new(), rejected: Vec::new(), has_more: false }
}

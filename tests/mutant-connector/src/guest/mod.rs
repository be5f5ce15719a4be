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
    AccountsPage, BalancesPage, Checked, FetchRequest, Guest, Manifest, OthersPage, Parent, PaymentsPage,
};
use qonto_connector::contract::payments::connector::types::{Error, Gap, Withdrawn};
use qonto_connector::host::{Host as _, Level};
use qonto_connector::manifest::INTERNATIONAL;
use qonto_connector::{accounts, balances, external_accounts, follow, international_accounts, payments};

use crate::mutants::Bug;
use host::Saboteur;

struct Mutant;

qonto_connector::contract::export!(Mutant with_types_in qonto_connector::contract);

/// The bug in the switch.
fn bug() -> Option<Bug> {
    Bug::named(&crate::switch::name())
}

/// Whether this is the bug.
fn is(wanted: Bug) -> bool {
    bug() == Some(wanted)
}

impl Guest for Mutant {
    fn describe() -> Manifest {
        manifest::describe()
    }

    fn check(config: String) -> Result<Checked, Error> {
        let mut host = Saboteur::new(None);
        let config = config::tampered(&mut host, &config)?;
        match bug() {
            Some(Bug::CheckAlwaysFine) => return Ok(nobody()),
            Some(Bug::CheckTwice) => drop(accounts::check(&mut host, &config)?),
            _ => {}
        }
        let checked = accounts::check(&mut host, &config).map(|checked| whose(&config, &host, checked));
        errors::tampered(&mut host, checked, nobody)
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
            let page = match request.task.as_str() {
                INTERNATIONAL => international_accounts::fetch(host, request)?,
                _ => external_accounts::fetch(host, request)?,
            };
            Ok(records::external_accounts(host, page))
        })
    }

    fn fetch_balances(request: FetchRequest) -> Result<BalancesPage, Error> {
        let empty = || BalancesPage { items: vec![], rejected: vec![], gaps: vec![], has_more: false };
        serve(&request, empty, |_, request| Ok(records::balances(balances::fetch(request)?)))
    }

    fn fetch_payments(request: FetchRequest) -> Result<PaymentsPage, Error> {
        serve(&request, payments::empty_page, |host, request| {
            let page = match bug() {
                Some(bug) if pager::has(bug) => pager::fetch(host, request, bug)?,
                Some(Bug::FirstAccountOnly) => {
                    let request = for_the_first(host, request)?;
                    payments::fetch(host, &request)?
                }
                Some(Bug::OneLaneStopsAll) => whole(payments::fetch(host, request)?)?,
                Some(Bug::GapsSwallowed) => PaymentsPage { gaps: vec![], ..payments::fetch(host, request)? },
                _ => payments::fetch(host, request)?,
            };
            records::payments(host, page, &account_of(request))
        })
    }

    fn follow_payments(request: FetchRequest, references: Vec<String>) -> Result<PaymentsPage, Error> {
        serve(&request, payments::empty_page, |host, request| {
            if bug() == Some(Bug::PendingForEver) {
                return Ok(payments::empty_page());
            }
            let asked = if bug() == Some(Bug::TurnInFollow) { host.half(&references) } else { references.clone() };
            let mut page = follow::fetch(host, request, &asked)?;
            match bug() {
                Some(Bug::LookUpIgnored) => page.gaps.clear(),
                Some(Bug::LookUpFailedIsGone) => page.withdrawn.extend(page.gaps.drain(..).filter_map(gone)),
                _ => {}
            }
            records::payments(host, page, &account_of(request))
        })
    }

    fn fetch_others(_: FetchRequest) -> Result<OthersPage, Error> {
        Err(errors::unsupported())
    }
}

/// Whose data it is, as the bug has it.
fn whose(config: &str, host: &Saboteur, checked: Checked) -> Checked {
    let text = |json: &str, pointer: &str| -> Option<String> {
        let value: serde_json::Value = serde_json::from_str(json).ok()?;
        value.pointer(pointer)?.as_str().map(str::to_owned)
    };
    let subject = match bug() {
        Some(Bug::SubjectIsLogin) => text(config, "/clientID"),
        Some(Bug::SubjectIsName) => checked.name.clone(),
        Some(Bug::SubjectIsFirstAccount) => text(&host.last_body, "/organization/bank_accounts/0/id"),
        Some(Bug::SubjectUnsaid) => None,
        _ => return checked,
    };
    Checked { subject, ..checked }
}

fn nobody() -> Checked {
    Checked { subject: None, name: None }
}

/// The reference of the account that a request is for.
fn account_of(request: &FetchRequest) -> String {
    request.parent.as_ref().map(|parent| parent.reference.clone()).unwrap_or_default()
}

/// What could not be asked for, as if it were not there.
fn gone(gap: Gap) -> Option<Withdrawn> {
    let reference = gap.what.strip_prefix("pending transaction ")?.to_owned();
    Some(Withdrawn { reference, replaced_by: None })
}

/// The page, where nothing of it is missing.
fn whole(mut page: PaymentsPage) -> Result<PaymentsPage, Error> {
    page.gaps.pop().map_or(Ok(page), |gap| Err(gap.error))
}

/// The request, for the first account whichever was meant.
fn for_the_first(host: &mut Saboteur, request: &FetchRequest) -> Result<FetchRequest, Error> {
    let first = accounts::fetch(host, request)?.items.into_iter().next();
    let parent = first.zip(request.parent.clone()).map(|(first, parent)| Parent {
        reference: first.reference,
        raw: first.raw,
        metadata: first.metadata,
        ..parent
    });
    Ok(FetchRequest { parent: parent.or_else(|| request.parent.clone()), ..request.clone() })
}

/// One call: what all of them have in common.
fn serve<T: errors::Gaps>(
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
    let parent = request.parent.as_ref().map(parent_of);
    let request = FetchRequest { config, page_size, parent, ..request.clone() };
    let fetched = fetch(&mut host, &request);
    let mut fetched = errors::tampered(&mut host, fetched, empty)?;
    errors::tamper_gaps(&mut host, fetched.gaps());
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
fn parent_of(parent: &Parent) -> Parent {
    match bug() {
        Some(Bug::ParentTraps) => {
            let raw: serde_json::Value = serde_json::from_str(&parent.raw).unwrap();
            assert_eq!(raw["id"].as_str().unwrap(), parent.reference);
        }
        Some(Bug::ParentByRaw) => {
            // Believes the payload, whatever the reference says.
            let raw: serde_json::Value = serde_json::from_str(&parent.raw).unwrap_or_default();
            if let Some(id) = raw["id"].as_str() {
                return Parent { reference: id.to_owned(), ..parent.clone() };
            }
        }
        _ => {}
    }
    parent.clone()
}

fn empty_accounts() -> AccountsPage {
    accounts::empty_page()
}

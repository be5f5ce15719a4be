//! The component: the connector, and what is wrong with it.

use lindenbank_connector::contract::exports::payments::connector::connector::{
    AccountsPage, BalancesPage, Checked, FetchRequest, Guest, Manifest, OthersPage, PaymentsPage,
};
use lindenbank_connector::contract::payments::connector::types::Error;
use lindenbank_connector::guest::Lindenbank;
use mutant_connector::lindenbank::Bug;
use mutant_connector::switch;

use crate::{at_once, errors, records};

struct Mutant;

lindenbank_connector::contract::export!(Mutant with_types_in lindenbank_connector::contract);

/// The bug in the switch.
fn bug() -> Option<Bug> {
    Bug::named(&switch::name())
}

/// What a bug makes of an error.
fn wrong(error: Error) -> Error {
    errors::tampered(bug(), error)
}

impl Guest for Mutant {
    fn describe() -> Manifest {
        let manifest = Lindenbank::describe();
        let max_in_flight = if bug() == Some(Bug::RowsAsTheyCome) { 6 } else { manifest.max_in_flight };
        Manifest { max_in_flight, ..manifest }
    }

    fn check(config: String) -> Result<Checked, Error> {
        Lindenbank::check(config).map_err(wrong)
    }

    fn fetch_others(request: FetchRequest) -> Result<OthersPage, Error> {
        Lindenbank::fetch_others(request).map_err(wrong)
    }

    fn fetch_accounts(request: FetchRequest) -> Result<AccountsPage, Error> {
        Lindenbank::fetch_accounts(request).map_err(wrong)
    }

    fn fetch_external_accounts(request: FetchRequest) -> Result<AccountsPage, Error> {
        Lindenbank::fetch_external_accounts(request).map_err(wrong)
    }

    fn fetch_balances(request: FetchRequest) -> Result<BalancesPage, Error> {
        let page = Lindenbank::fetch_balances(request).map_err(wrong)?;
        Ok(records::balances(bug(), page))
    }

    fn fetch_payments(request: FetchRequest) -> Result<PaymentsPage, Error> {
        let page = Lindenbank::fetch_payments(request).map_err(wrong)?;
        Ok(records::payments(bug(), page))
    }

    fn follow_payments(request: FetchRequest, references: Vec<String>) -> Result<PaymentsPage, Error> {
        let page = match bug() {
            Some(Bug::RowsAsTheyCome) => at_once::follow(request, references),
            _ => Lindenbank::follow_payments(request, references),
        };
        let page = page.map_err(wrong)?;
        Ok(records::payments(bug(), page))
    }
}

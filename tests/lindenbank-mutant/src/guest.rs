//! The component: the connector, and what is wrong with it.

use lindenbank_connector::contract::exports::payments::connector::connector::{
    AccountsPage, BalancesPage, Checked, FetchRequest, Guest, Manifest, OthersPage, PaymentsPage,
};
use lindenbank_connector::contract::payments::connector::types::Error;
use lindenbank_connector::guest::Lindenbank;
use mutant_connector::lindenbank::Bug;
use mutant_connector::switch;

use crate::records;

struct Mutant;

lindenbank_connector::contract::export!(Mutant with_types_in lindenbank_connector::contract);

/// The bug in the switch.
fn bug() -> Option<Bug> {
    Bug::named(&switch::name())
}

impl Guest for Mutant {
    fn describe() -> Manifest {
        Lindenbank::describe()
    }

    fn check(config: String) -> Result<Checked, Error> {
        Lindenbank::check(config)
    }

    fn fetch_others(request: FetchRequest) -> Result<OthersPage, Error> {
        Lindenbank::fetch_others(request)
    }

    fn fetch_accounts(request: FetchRequest) -> Result<AccountsPage, Error> {
        Lindenbank::fetch_accounts(request)
    }

    fn fetch_external_accounts(request: FetchRequest) -> Result<AccountsPage, Error> {
        Lindenbank::fetch_external_accounts(request)
    }

    fn fetch_balances(request: FetchRequest) -> Result<BalancesPage, Error> {
        let page = Lindenbank::fetch_balances(request)?;
        Ok(records::balances(bug(), page))
    }

    fn fetch_payments(request: FetchRequest) -> Result<PaymentsPage, Error> {
        let page = Lindenbank::fetch_payments(request)?;
        Ok(records::payments(bug(), page))
    }

    fn follow_payments(request: FetchRequest, references: Vec<String>) -> Result<PaymentsPage, Error> {
        let page = Lindenbank::follow_payments(request, references)?;
        Ok(records::payments(bug(), page))
    }
}

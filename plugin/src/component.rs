//! The component: the contract's exports, joined to the logic.

use crate::contract::exports::payments::connector::connector::{
    AccountsPage, BalancesPage, Checked, FetchRequest, Guest, Manifest, OthersPage, PaymentsPage,
};
use crate::contract::payments::connector::types::Error;
use crate::imports::Imports;
use crate::{accounts, balances, errors, external_accounts, follow, international_accounts, manifest, payments};

/// What the host loads.
pub struct Component;

impl Guest for Component {
    fn describe() -> Manifest {
        manifest::describe()
    }

    fn check(config: String) -> Result<Checked, Error> {
        accounts::check(&mut Imports, &config)
    }

    fn fetch_accounts(request: FetchRequest) -> Result<AccountsPage, Error> {
        accounts::fetch(&mut Imports, &request)
    }

    fn fetch_external_accounts(request: FetchRequest) -> Result<AccountsPage, Error> {
        match request.task.as_str() {
            manifest::INTERNATIONAL => international_accounts::fetch(&mut Imports, &request),
            _ => external_accounts::fetch(&mut Imports, &request),
        }
    }

    fn fetch_balances(request: FetchRequest) -> Result<BalancesPage, Error> {
        balances::fetch(&request)
    }

    fn fetch_payments(request: FetchRequest) -> Result<PaymentsPage, Error> {
        payments::fetch(&mut Imports, &request)
    }

    fn follow_payments(request: FetchRequest, references: Vec<String>) -> Result<PaymentsPage, Error> {
        follow::fetch(&mut Imports, &request, &references)
    }

    fn fetch_others(_: FetchRequest) -> Result<OthersPage, Error> {
        Err(errors::unsupported())
    }
}

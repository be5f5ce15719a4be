//! The component: the contract's exports, joined to the logic.

use crate::contract::exports::payments::connector::connector::{
    AccountsPage, BalancesPage, FetchRequest, Guest, Manifest, PaymentsPage,
};
use crate::contract::payments::connector::types::{Account, Error};
use crate::imports::Imports;
use crate::{accounts, balances, external_accounts, manifest, payments};

/// What the host loads.
pub struct Component;

impl Guest for Component {
    fn describe() -> Manifest {
        manifest::describe()
    }

    fn check(config: String) -> Result<(), Error> {
        accounts::check(&mut Imports, &config)
    }

    fn fetch_accounts(request: FetchRequest) -> Result<AccountsPage, Error> {
        accounts::fetch(&mut Imports, &request)
    }

    fn fetch_external_accounts(request: FetchRequest) -> Result<AccountsPage, Error> {
        external_accounts::fetch(&mut Imports, &request)
    }

    fn fetch_balances(request: FetchRequest, parent: Account) -> Result<BalancesPage, Error> {
        balances::fetch(&request, &parent)
    }

    fn fetch_payments(request: FetchRequest, parent: Account) -> Result<PaymentsPage, Error> {
        payments::fetch(&mut Imports, &request, &parent)
    }
}

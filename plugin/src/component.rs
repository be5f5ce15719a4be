//! The component: the contract's exports and imports, joined to the logic.

use crate::contract::exports::payments::connector::connector::{
    AccountsPage, BalancesPage, FetchRequest, Guest, Manifest, PaymentsPage,
};
use crate::contract::payments::connector::types::{Account, Error};
use crate::contract::payments::connector::{log, state};
use crate::host::{Host, HttpAnswer, HttpFailure, HttpGet, Level};
use crate::{accounts, balances, external_accounts, http, manifest, payments};

/// What the host loads.
pub struct Component;

/// The imports of the component.
struct Imports;

impl Host for Imports {
    fn get(&mut self, request: &HttpGet) -> Result<HttpAnswer, HttpFailure> {
        http::get(request)
    }

    fn state(&mut self) -> Option<Vec<u8>> {
        state::get()
    }

    fn set_state(&mut self, state: Vec<u8>) {
        state::set(&state);
    }

    fn log(&mut self, level: Level, message: &str) {
        log::write(level, message);
    }
}

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

//! What a component does, behind [`Host`], so that it runs natively as well.

use crate::contract::exports::payments::connector::connector::{
    AccountsPage, BalancesPage, Checked, FetchRequest, Manifest, OthersPage, PaymentsPage,
};
use crate::contract::payments::connector::types::Error;
use crate::errors::unsupported;
use crate::host::Host;

/// The contract's functions; what a connector does not do is answered with `unsupported`. [`component!`](crate::component)
/// makes a component of it.
#[allow(clippy::missing_errors_doc, reason = "the contract's errors, which wit/ explains")]
pub trait Connector {
    /// What the connector is.
    fn describe() -> Manifest;

    /// Whether the config is valid and its credentials are accepted, and whose data they lead to.
    fn check<H: Host>(host: &mut H, config: &str) -> Result<Checked, Error>;

    /// The customer's own accounts.
    fn fetch_accounts<H: Host>(_: &mut H, _: &FetchRequest) -> Result<AccountsPage, Error> {
        Err(unsupported())
    }

    /// Third parties' accounts.
    fn fetch_external_accounts<H: Host>(_: &mut H, _: &FetchRequest) -> Result<AccountsPage, Error> {
        Err(unsupported())
    }

    /// Balances.
    fn fetch_balances<H: Host>(_: &mut H, _: &FetchRequest) -> Result<BalancesPage, Error> {
        Err(unsupported())
    }

    /// Payments.
    fn fetch_payments<H: Host>(_: &mut H, _: &FetchRequest) -> Result<PaymentsPage, Error> {
        Err(unsupported())
    }

    /// How payments stand that were not final.
    fn follow_payments<H: Host>(_: &mut H, _: &FetchRequest, _: &[String]) -> Result<PaymentsPage, Error> {
        Err(unsupported())
    }

    /// Things for which other tasks run.
    fn fetch_others<H: Host>(_: &mut H, _: &FetchRequest) -> Result<OthersPage, Error> {
        Err(unsupported())
    }
}

/// Exports a [`Connector`] as the component that a host loads.
#[macro_export]
macro_rules! component {
    ($connector:ty) => {
        #[cfg(target_arch = "wasm32")]
        mod exported {
            use super::*;
            use $crate::connector::Connector as _;
            use $crate::contract::exports::payments::connector::connector as functions;
            use $crate::contract::payments::connector::types::Error;
            use $crate::imports::Imports;

            /// What the host loads.
            struct Exported;

            impl functions::Guest for Exported {
                fn describe() -> functions::Manifest {
                    <$connector>::describe()
                }

                fn check(config: String) -> Result<functions::Checked, Error> {
                    <$connector>::check(&mut Imports, &config)
                }

                fn fetch_accounts(request: functions::FetchRequest) -> Result<functions::AccountsPage, Error> {
                    <$connector>::fetch_accounts(&mut Imports, &request)
                }

                fn fetch_external_accounts(request: functions::FetchRequest) -> Result<functions::AccountsPage, Error> {
                    <$connector>::fetch_external_accounts(&mut Imports, &request)
                }

                fn fetch_balances(request: functions::FetchRequest) -> Result<functions::BalancesPage, Error> {
                    <$connector>::fetch_balances(&mut Imports, &request)
                }

                fn fetch_payments(request: functions::FetchRequest) -> Result<functions::PaymentsPage, Error> {
                    <$connector>::fetch_payments(&mut Imports, &request)
                }

                fn follow_payments(
                    request: functions::FetchRequest,
                    references: Vec<String>,
                ) -> Result<functions::PaymentsPage, Error> {
                    <$connector>::follow_payments(&mut Imports, &request, &references)
                }

                fn fetch_others(request: functions::FetchRequest) -> Result<functions::OthersPage, Error> {
                    <$connector>::fetch_others(&mut Imports, &request)
                }
            }

            $crate::contract::export!(Exported with_types_in $crate::contract);
        }
    };
}

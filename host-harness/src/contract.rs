//! The contract of `wit/` as Rust types: what a connector returns is one of these, from the sandbox to the store.

#![allow(missing_docs, clippy::pedantic, reason = "generated from wit/, where every item is documented")]

wasmtime::component::bindgen!({
    path: "../wit",
    world: "connector-core",
    imports: { default: trappable },
    exports: { default: async },
    require_store_data_send: true,
    additional_derives: [PartialEq, Eq],
});

pub use exports::payments::connector::connector::{
    AccountsPage, BalancesPage, Capability, Checked, ConfigField, Credential, FetchRequest, FieldKind, Manifest,
    OthersPage, Parent, PaymentsPage, RateLimit, RateScope, RequestPattern, Task,
};
pub use payments::connector::log::Level;
pub use payments::connector::types::{
    Account, ActionDetail, Balance, BalanceKind, ConfigError, Counterparty, Error, ErrorDetail, Gap, Money, Other,
    Payment, PaymentScheme, PaymentStatus, PaymentType, Rejected, TimePrecision, Timestamp, Withdrawn,
};

/// The version of the contract that this host speaks, as in the package name of `wit/`.
pub const VERSION: &str = "0.2.0";

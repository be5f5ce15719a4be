//! The Qonto connector: reads a Qonto organisation, as a `payments:connector` component.
//!
//! Everything but `component` is ordinary Rust behind [`host::Host`] and runs natively: in tests, in benchmarks, and in
//! whatever else wants to read Qonto. What any connector needs is in `connector-kit`. Another component that builds on
//! this one turns the feature `component` off, or there would be two of each export.

#[cfg(all(target_arch = "wasm32", feature = "component"))]
use component::Component;
#[cfg(target_arch = "wasm32")]
pub use connector_kit::imports;
pub use connector_kit::{contract, host, row, scan, time};

#[cfg(all(target_arch = "wasm32", feature = "component"))]
contract::export!(Component with_types_in connector_kit::contract);

pub mod accounts;
pub mod api;
pub mod balances;
pub mod beneficiaries;
pub mod codec;
#[cfg(all(target_arch = "wasm32", feature = "component"))]
mod component;
pub mod config;
pub mod errors;
pub mod external_accounts;
pub mod follow;
pub mod international_accounts;
pub mod lane;
pub mod manifest;
pub mod money;
pub mod payments;
pub mod payments_state;
pub mod place;
pub mod seen;
pub mod tie;
pub mod transactions;
pub mod walk;

#[cfg(test)]
mod model;

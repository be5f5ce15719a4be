//! The Qonto connector: reads a Qonto organisation, as a `payments:connector` component.
//!
//! Everything but `component` and `http` is ordinary Rust behind [`host::Host`] and runs natively: in tests, in
//! benchmarks, and in whatever else wants to read Qonto.

/// The contract of `wit/` as Rust types.
#[allow(missing_docs, clippy::pedantic, reason = "generated from wit/, where every item is documented")]
pub mod contract {
    wit_bindgen::generate!({
        world: "connector-core",
        path: "../wit",
        additional_derives: [PartialEq, Eq],
    });
    #[cfg(target_arch = "wasm32")]
    export!(Component with_types_in self);
    #[cfg(target_arch = "wasm32")]
    use crate::component::Component;
}

pub mod accounts;
pub mod api;
pub mod balances;
pub mod beneficiaries;
pub mod codec;
#[cfg(target_arch = "wasm32")]
mod component;
pub mod config;
pub mod errors;
pub mod external_accounts;
pub mod host;
#[cfg(target_arch = "wasm32")]
mod http;
pub mod manifest;
pub mod money;
pub mod payments;
pub mod payments_state;
pub mod row;
pub mod seen;
pub mod time;
pub mod transactions;
pub mod walk;

#[cfg(test)]
mod model;

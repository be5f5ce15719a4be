//! The Qonto connector: reads a Qonto organisation, as a `payments:connector` component.
//!
//! Everything but `component`, `imports` and `http` is ordinary Rust behind [`host::Host`] and runs natively: in tests,
//! in benchmarks, and in whatever else wants to read Qonto. Another component that builds on this one turns the feature
//! `component` off, or there would be two of each export.

/// The contract of `wit/` as Rust types.
#[allow(missing_docs, clippy::pedantic, reason = "generated from wit/, where every item is documented")]
pub mod contract {
    wit_bindgen::generate!({
        world: "connector-core",
        path: "../wit",
        additional_derives: [PartialEq, Eq],
        pub_export_macro: true,
        default_bindings_module: "qonto_connector::contract",
    });
    #[cfg(all(target_arch = "wasm32", feature = "component"))]
    export!(Component with_types_in self);
    #[cfg(all(target_arch = "wasm32", feature = "component"))]
    use crate::component::Component;
}

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
pub mod host;
#[cfg(target_arch = "wasm32")]
pub mod http;
#[cfg(target_arch = "wasm32")]
pub mod imports;
pub mod international_accounts;
pub mod lane;
pub mod manifest;
pub mod money;
pub mod payments;
pub mod payments_state;
pub mod place;
pub mod row;
pub mod scan;
pub mod seen;
pub mod tie;
pub mod time;
pub mod transactions;
pub mod walk;

#[cfg(test)]
mod model;

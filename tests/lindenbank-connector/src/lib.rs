//! A connector for the made-up Lindenbank of the tests, written the simple way: one request at a time by
//! `wasi-http-client`, a page of the provider for a page of the contract, a date and a cursor for a state.
//!
//! The list of payments is in the order of their dates, and a row may show late, or change while it is pending. So each
//! poll reads the last days again, from the date of the newest row that it has seen; what is older and still pending,
//! the host asks for one by one.

/// The contract of `wit/` as Rust types.
#[allow(missing_docs, clippy::pedantic, reason = "generated from wit/, where every item is documented")]
pub mod contract {
    wit_bindgen::generate!({
        world: "connector-core",
        path: "../../wit",
        pub_export_macro: true,
        default_bindings_module: "lindenbank_connector::contract",
    });
    #[cfg(all(target_arch = "wasm32", feature = "component"))]
    export!(Lindenbank with_types_in self);
    #[cfg(all(target_arch = "wasm32", feature = "component"))]
    use crate::guest::Lindenbank;
}

pub mod accounts;
pub mod config;
pub mod errors;
#[cfg(target_arch = "wasm32")]
pub mod guest;
#[cfg(target_arch = "wasm32")]
pub mod http;
pub mod manifest;
pub mod payment;
pub mod row;
pub mod walk;

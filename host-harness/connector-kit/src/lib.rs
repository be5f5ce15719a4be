//! What every connector needs, whatever its provider: the contract as types, requests, rows that keep the provider's bytes,
//! exact money, instants, the config, errors, and lists that are read page by page.
//!
//! Everything but `http` and `imports` is ordinary Rust behind [`host::Host`]: a connector's logic runs natively, in its
//! tests. [`component!`] makes a component of a [`connector::Connector`].

/// The contract of `wit/` as Rust types.
#[allow(missing_docs, clippy::pedantic, reason = "generated from wit/, where every item is documented")]
pub mod contract {
    wit_bindgen::generate!({
        world: "connector-core",
        path: "../../wit",
        additional_derives: [PartialEq, Eq],
        pub_export_macro: true,
        default_bindings_module: "connector_kit::contract",
    });
}

pub mod client;
pub mod config;
pub mod connector;
pub mod errors;
pub mod host;
#[cfg(target_arch = "wasm32")]
pub mod http;
#[cfg(target_arch = "wasm32")]
pub mod imports;
pub mod manifest;
pub mod money;
pub mod paging;
pub mod prelude;
pub mod record;
pub mod row;
pub mod scan;
pub mod time;

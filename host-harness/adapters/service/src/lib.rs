//! Gives a connector out over HTTP: a component that every host of `wasi:http` serves, composed of the connector, its
//! [credentials](../credentials_adapter/index.html) and its stream. It keeps nothing: whoever calls it holds the state of
//! each stream, and gives it back with the next call.
//!
//! | request | answers with |
//! |---|---|
//! | `GET /` | the manifest that was agreed to |
//! | `POST /check` | whose data it is |
//! | `POST /fetch` with [`call::Call`] | one page, and the state to go on with |
//!
//! Everything but `component` runs natively.

/// The contract of `wit/` as Rust types, from the side of the host.
#[allow(missing_docs, clippy::pedantic, reason = "generated from wit/, where every item is documented")]
pub mod contract {
    wit_bindgen::generate!({
        world: "payments:adapters/caller",
        path: ["../../../wit", "../wit"],
        additional_derives: [serde::Serialize],
        generate_all,
    });
}

pub mod answer;
pub mod call;
#[cfg(target_arch = "wasm32")]
mod component;
pub mod service;
pub mod spelling;

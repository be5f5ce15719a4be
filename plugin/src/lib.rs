//! The Qonto connector: reads a Qonto organisation, as a `payments:connector` component.

/// The contract of `wit/` as Rust types.
#[allow(missing_docs, clippy::pedantic, reason = "generated from wit/, where every item is documented")]
pub mod contract {
    wit_bindgen::generate!({
        world: "connector-core",
        path: "../wit",
        additional_derives: [PartialEq, Eq],
    });
}

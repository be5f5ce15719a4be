//! A connector that breaks one rule at a time, to prove that the host holds.
//!
//! It has two accounts. The payments of `good` are always fetched as they should be; the payments of `bad` are where the
//! rule named by the config field `behaviour` is broken. Whatever goes wrong there, the host's other streams must go on.

/// The contract of `wit/` as Rust types.
#[allow(missing_docs, clippy::pedantic, reason = "generated from wit/, where every item is documented")]
pub mod contract {
    wit_bindgen::generate!({ world: "connector-core", path: "../../wit" });
}

#[cfg(target_arch = "wasm32")]
mod guest;

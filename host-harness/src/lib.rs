//! The host of `payments:connector`: runs a connector, by anyone, in a sandbox, into an embedded store.

pub mod providers;

/// The Qonto connector that this crate carries, built by its build script.
pub const QONTO: &[u8] = include_bytes!(env!("QONTO_COMPONENT"));

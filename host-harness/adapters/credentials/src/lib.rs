//! Sits between a connector and `wasi:http` in a host that is not ours: lets through what was agreed to, and puts the
//! credentials on, so that the connector holds none there either. Composed with a connector, it takes its place towards the
//! host.
//!
//! | variable of the environment | holds |
//! |---|---|
//! | `CONNECTOR_MANIFEST` | what `describe` said when somebody agreed to it, as JSON |
//! | `CONNECTOR_CONFIG` | the config with its secrets, each as text or as `{"env": "NAME"}` |
//!
//! Everything but `component` and `network` runs natively.

pub mod access;
#[cfg(target_arch = "wasm32")]
mod component;
#[cfg(target_arch = "wasm32")]
mod network;

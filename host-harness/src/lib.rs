//! The host of `payments:connector`: runs a connector, by anyone, in a sandbox, into an embedded store.

pub mod authority;
pub mod clock;
pub mod component;
pub mod config;
pub mod conformance;
pub mod contract;
pub mod digest;
pub mod egress;
pub mod export;
pub mod har;
pub mod install;
pub mod manifest_json;
pub mod private;
pub mod rate_limit;
pub mod runner;
pub mod sandbox;
pub mod secrets;
pub mod shown;
pub mod sim;
pub mod size;
pub mod standard;
pub mod stop;
pub mod store;
pub mod transport;
pub mod validate;

//! The host of `payments:connector`: runs a connector, by anyone, in a sandbox, into an embedded store.

pub mod component;
pub mod config;
pub mod conformance;
pub mod export;
pub mod install;
pub mod runner;
pub mod sandbox;
pub mod sim;
pub mod store;

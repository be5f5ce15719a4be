//! The host of `payments:connector`: runs a connector, by anyone, in a sandbox, into an embedded store.

pub mod clock;
pub mod component;
pub mod contract;
pub mod egress;
pub mod har;
pub mod secrets;
pub mod export;
pub mod store;
pub mod sim;
pub mod transport;

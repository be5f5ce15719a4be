//! A simulated bank in another process, in whatever language.
//!
//! What the suite needs of a provider is [`sim::Bank`]. Here each of its functions is a line of JSON to another program,
//! and each answer a line back: on its standard input and output, or on a loopback port. Requests of the connector are
//! such lines as well, so there are no sockets between connector and bank, and time stays virtual.
//!
//! [`Foreign`] is such a program, and gives banks to the suite; [`serve`] is the other side, for banks in Rust. The page
//! `provider-protocol.md` of the documentation is the reference for all others.
//!
//! A program that dies, hangs, writes what is no answer, or contradicts itself is told as [`ProviderError`], by its name:
//! from then on nothing that it says is taken for the truth.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking"))]

mod bank;
mod error;
mod foreign;
mod http_message;
mod line;
mod message;
mod rehearsal;
mod serve;
#[cfg(test)]
mod tests;

pub use error::ProviderError;
pub use foreign::{Foreign, Place};
pub use message::{Call, Hello, PROTOCOL};
pub use serve::serve;

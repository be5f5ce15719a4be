//! The host of `payments:connector`: runs a connector, by anyone, in a sandbox, into an embedded store.
//!
//! A [`Sandbox`] loads a component, which [`Described`] asks what it is. With a config it is an [`Install`], and with a way
//! out ([`Install::online`]) and a [`Store`] a [`Runner`], which polls. `examples/embed.rs` is all of it in thirty lines.
//!
//! This crate is the door: what stands behind it (`engine`, `sandbox`, `outside`, `store`, `model`) is its own, and may
//! move. Without its features it needs no target for WebAssembly, no terminal and no suite.

pub use engine::install::{Described, Install, InstallError};
pub use engine::runner::{Budgets, Observer, PollError, PollSummary, Runner, StreamError, StreamSummary};
pub use model::Manifest;
pub use model::grant::Grant;
pub use outside::clock::{Clock, SystemClock, VirtualClock};
pub use outside::config::{ConfigError, Terms};
pub use outside::rate_limit::RateLimits;
pub use outside::stop::Stop;
pub use outside::transport::authenticated::Authenticated;
pub use outside::transport::live::{LiveLimits, LiveTransport};
pub use outside::transport::{Transport, TransportError};
pub use sandbox::{CallError, CompileCache, Limits, Outside, Sandbox};
pub use store::export::{Cursor, ExportError, Filter, Format, Selection, What, changes, export};
pub use store::{PollStore, Store, StoreError, StreamKey};

#[cfg(feature = "conformance")]
pub mod providers;

/// The Qonto connector that this crate carries, built by its build script.
#[cfg(feature = "bundled")]
pub const QONTO: &[u8] = include_bytes!(env!("QONTO_COMPONENT"));

//! What lies outside the sandbox: time, files, and HTTP to where an operator let a connector go.
//!
//! A request passes [`egress`] (where may it go), [`rate_limit`] (when), [`authority`] (with whose credentials) and a
//! [`transport`] (the network, a recording, a simulator); [`secrets`] are looked for in all that comes back. What a config
//! has of all that is told apart in [`config`].
//!
//! On wasm there is no network, file or recording: what is left puts credentials on requests in hosts that are not ours.

pub mod authority;
pub mod clock;
pub mod config;
pub mod digest;
pub mod egress;
#[cfg(not(target_family = "wasm"))]
pub mod har;
#[cfg(not(target_family = "wasm"))]
pub mod hook;
pub mod rate_limit;
pub mod secrets;
pub mod stop;
pub mod transport;

//! What lies outside the sandbox: time, files, and HTTP to where an operator let a connector go.
//!
//! A request passes [`egress`] (where may it go), [`rate_limit`] (when), [`authority`] (with whose credentials) and a
//! [`transport`] (the network, a recording, a simulator); [`secrets`] are looked for in all that comes back.

pub mod authority;
pub mod clock;
pub mod digest;
pub mod egress;
pub mod har;
pub mod hook;
pub mod rate_limit;
pub mod secrets;
pub mod stop;
pub mod transport;

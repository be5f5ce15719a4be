//! The Qonto connector with one bug at a time, to prove that the conformance suite finds it.
//!
//! It is `qonto-connector` itself, and in between a saboteur: at the host's imports, at the pages and errors that come
//! back, at the manifest. Which bug it has is written into the component's bytes ([`switch`]), so each mutant is a
//! component of its own with the config and the manifest of the real one. Without a name in the switch there is no bug.
//!
//! `tests/mutants.rs` runs the suite on each and holds what fails against [`mutants::MUTANTS`].

pub mod mutants;
pub mod switch;

#[cfg(target_arch = "wasm32")]
#[allow(clippy::all, clippy::pedantic, reason = "bugs on purpose: the wrong way is the point")]
mod guest;

//! The Qonto connector with one bug at a time, to prove that the conformance suite finds it.
//!
//! It is `qonto-connector` itself, and in between a saboteur: at the host's imports, at the pages and errors that come
//! back, at the manifest. Which bug it has is written into the component's bytes ([`switch`]), so each mutant is a
//! component of its own with the config and the manifest of the real one. Without a name in the switch there is no bug.
//!
//! What no row of Qonto shows, such as fees, cannot be got wrong here: those bugs are `lindenbank-mutant`'s, whose table
//! and switch are here as well. That component turns the feature `component` off, or there would be two in it.
//!
//! `tests/mutants.rs` runs the suite on each and holds what fails against [`mutants::MUTANTS`] and
//! [`lindenbank::MUTANTS`].

pub mod lindenbank;
pub mod mutants;
pub mod switch;
pub mod table;

#[cfg(all(target_arch = "wasm32", feature = "component"))]
#[allow(clippy::all, clippy::pedantic, reason = "bugs on purpose: the wrong way is the point")]
mod guest;

//! Connectors from elsewhere: published at a registry with proof, installed by reference, kept by digest.
//!
//! | question | answered by |
//! |---|---|
//! | where is it? | [`mod@reference`] |
//! | what does the registry have, and is it what was asked for? | [`registry`], [`credentials`] |
//! | what is published, and how? | [`artifact`] |
//! | who says so? | [`keys`], [`bundle`] |
//! | what is said? | [`statement`] |
//! | whom does the operator believe, and is it enough? | [`trust`], [`evidence`] |
//! | does the component say the same? is it no older than the one before? | [`origin`] |
//! | where is it kept? | [`components`] |
//!
//! Nothing of a component runs here, and none is compiled: whoever does that holds what it then says against the evidence.

pub mod artifact;
pub mod bundle;
pub mod components;
pub mod credentials;
pub mod digest;
pub mod evidence;
pub mod keys;
pub mod origin;
pub mod publish;
pub mod reference;
pub mod registry;
pub mod statement;
pub mod trust;

// The fake registry of the tests names this crate as others do.
#[cfg(test)]
extern crate self as distribution;

#[cfg(test)]
mod tests;

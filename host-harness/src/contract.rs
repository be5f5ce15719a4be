//! The words of the contract: what a connector returns is one of these, from the sandbox to the store.

pub use model::*;

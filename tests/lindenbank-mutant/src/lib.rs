//! The connector for the made-up Lindenbank with one bug at a time: those that no row of Qonto's could show, since it
//! has no fees, no refunds, no exchanges, no mere dates and no consent that lapses.
//!
//! It is `lindenbank-connector` itself, and what comes back is changed. The table of the bugs and the switch that names
//! one are `mutant_connector`'s.

#[cfg(target_arch = "wasm32")]
mod at_once;
#[cfg(target_arch = "wasm32")]
mod errors;
#[cfg(target_arch = "wasm32")]
mod guest;
#[cfg(target_arch = "wasm32")]
mod records;

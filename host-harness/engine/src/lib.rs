//! Installs: a connector with the config of one customer, what an operator granted it, and its polls into a store.

mod blocking;
pub mod install;
mod offline;
pub mod runner;
pub mod schedule;
pub mod turns;

//! Installs: a connector with the config of one customer, what an operator granted it, and its polls into a store.

pub mod config;
pub mod install;
pub mod runner;

//! The checks, a module for each group. Another check is another entry in the table of its module.

mod about;
mod capabilities;
mod config;
mod determinism;
mod egress;
mod histories;
mod http;
mod mapping;
mod pagination;
mod secrets;
mod state;
mod stock;

use super::check::Check;

/// The tables of all groups, in the order of the catalogue.
pub static TABLES: &[&[Check]] = &[
    about::CHECKS,
    config::CHECKS,
    capabilities::CHECKS,
    pagination::CHECKS,
    state::CHECKS,
    http::CHECKS,
    egress::CHECKS,
    secrets::CHECKS,
    mapping::CHECKS,
    determinism::CHECKS,
    histories::CHECKS,
];

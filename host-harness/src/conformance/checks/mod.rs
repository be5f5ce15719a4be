//! The checks, a module for each group. Another check is another entry in the table of its module.

mod pagination;

use super::check::Check;

/// The tables of all groups, in the order of the catalogue.
pub static TABLES: &[&[Check]] = &[pagination::CHECKS];

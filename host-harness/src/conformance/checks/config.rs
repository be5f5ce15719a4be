//! C: what it takes for a config, and what it says of a bad one.

use crate::conformance::check::Check;

/// See the module.
pub const CHECKS: &[Check] = &[];

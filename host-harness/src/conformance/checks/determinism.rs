//! N: whether it does the same each time, and at what cost.

use crate::conformance::check::Check;

/// See the module.
pub const CHECKS: &[Check] = &[];

//! M: whether money, time and meaning survive.

use crate::conformance::check::Check;

/// See the module.
pub const CHECKS: &[Check] = &[];

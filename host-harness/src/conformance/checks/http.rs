//! H: what it makes of answers that are not as they should be.

use crate::conformance::check::Check;

/// See the module.
pub const CHECKS: &[Check] = &[];

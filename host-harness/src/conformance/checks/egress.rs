//! E: whether it stays in its sandbox.

use crate::conformance::check::Check;

/// See the module.
pub const CHECKS: &[Check] = &[];

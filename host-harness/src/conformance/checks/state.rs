//! S: whether what it remembers is enough, and not too much.

use crate::conformance::check::Check;

/// See the module.
pub const CHECKS: &[Check] = &[];

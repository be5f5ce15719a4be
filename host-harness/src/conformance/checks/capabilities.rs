//! K: whether it can do what it says, and its workflow is a tree.

use crate::conformance::check::Check;

/// See the module.
pub const CHECKS: &[Check] = &[];

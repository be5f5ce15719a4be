//! X: whether secrets and personal data stay where they belong.

use crate::conformance::check::Check;

/// See the module.
pub const CHECKS: &[Check] = &[];

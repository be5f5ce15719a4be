//! Q: what only a connector for Qonto can get wrong.

use crate::conformance::check::Check;

/// See the module.
pub const CHECKS: &[Check] = &[];

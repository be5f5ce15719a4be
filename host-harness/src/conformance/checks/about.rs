//! A: what a connector says of itself, from its bytes and its manifest.

use crate::conformance::check::Check;

/// See the module.
pub const CHECKS: &[Check] = &[];

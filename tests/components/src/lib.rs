//! The components that the end-to-end tests run beside the Qonto connector.

/// `rogue-connector`: breaks one rule at a time.
pub const ROGUE: &[u8] = include_bytes!(env!("ROGUE_COMPONENT"));

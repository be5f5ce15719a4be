//! The components that the end-to-end tests run beside the Qonto connector.

/// `rogue-connector`: breaks one rule at a time.
pub const ROGUE: &[u8] = include_bytes!(env!("ROGUE_COMPONENT"));

/// `lindenbank-connector`: reads the made-up bank of the tests.
pub const LINDENBANK: &[u8] = include_bytes!(env!("LINDENBANK_COMPONENT"));

/// `mutant-connector`: the Qonto connector with a switch for one bug at a time; no bug until it is turned.
pub const MUTANT: &[u8] = include_bytes!(env!("MUTANT_COMPONENT"));

/// `lindenbank-mutant`: the same of the connector for the made-up bank.
pub const LINDENBANK_MUTANT: &[u8] = include_bytes!(env!("LINDENBANK_MUTANT_COMPONENT"));

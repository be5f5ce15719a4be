//! The number by which a payment is found.
//!
//! The first eight bytes of the SHA-256 of the install's id and the reference: the same for ever and on every machine,
//! since it is kept. References are the provider's, and one who could make many that share a number would make each search
//! go through all of them; of this hash nobody can. Two that share one by chance are told apart by the reference itself.

use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::{Connection, Result};
use sha2::{Digest as _, Sha256};

/// Lets statements on this connection call `hash_reference(install, reference)`.
pub(super) fn register(connection: &Connection) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_DIRECTONLY;
    let hash = |context: &Context<'_>| Ok(hash(context.get(0)?, context.get_raw(1).as_str()?));
    connection.create_scalar_function("hash_reference", 2, flags, hash)
}

fn hash(install: i64, reference: &str) -> i64 {
    let digest = Sha256::new().chain_update(install.to_be_bytes()).chain_update(reference).finalize();
    digest.iter().take(8).fold(0, |hash, byte| hash << 8 | i64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_every_store_there_is() {
        assert_eq!(hash(1, "018f7a1c-1111-7111-8111-111111111111"), 7_671_508_911_282_625_508);
        assert_eq!(hash(2, "018f7a1c-1111-7111-8111-111111111111"), 4_491_166_967_164_707_361);
        assert_eq!(hash(1, ""), -3_664_133_403_169_687_886);
    }
}

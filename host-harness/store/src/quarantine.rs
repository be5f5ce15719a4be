//! Rows that a connector read and could not map: kept once each, until the record arrives after all.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, Result, params};

use super::codec;
use model::Rejected;

/// The quarantine of one stream, during one commit.
pub(super) struct Quarantine<'c> {
    connection: &'c Connection,
    stream: i64,
    at: String,
    /// Most streams never reject a row: they are spared a search for each record.
    any_open: bool,
}

impl<'c> Quarantine<'c> {
    pub(super) fn of(connection: &'c Connection, stream: i64, at: DateTime<Utc>) -> Result<Self> {
        let any_open = connection
            .prepare_cached("SELECT 1 FROM quarantine WHERE stream = ?1 AND resolved_at IS NULL")?
            .exists([stream])?;
        Ok(Self { connection, stream, at: codec::host_time(at), any_open })
    }

    /// Keeps a row. False when it was known: open or resolved, it stays as it is.
    pub(super) fn keep(&mut self, row: &Rejected) -> Result<bool> {
        let digest = digest(row);
        let mut keep = self.connection.prepare_cached(
            "INSERT INTO quarantine (stream, digest, reference, reason, raw, first_seen) \
             SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE NOT EXISTS (SELECT 1 FROM quarantine \
             WHERE stream = ?1 AND digest = ?2 AND reference IS ?3 AND reason = ?4 AND raw = ?5)",
        )?;
        let stored = keep.execute(params![self.stream, digest, row.reference, row.reason, row.raw, self.at])?;
        Ok(stored > 0)
    }

    /// A record with this reference was stored: rows rejected earlier under that reference are dealt with.
    pub(super) fn resolve(&mut self, reference: &str) -> Result<()> {
        if self.any_open {
            let mut resolve = self.connection.prepare_cached(
                "UPDATE quarantine SET resolved_at = ?3 WHERE stream = ?1 AND reference = ?2 AND resolved_at IS NULL",
            )?;
            resolve.execute(params![self.stream, reference, self.at])?;
        }
        Ok(())
    }
}

/// FNV-1a: the same in every version of this program, which the standard library's hash is not.
fn digest(row: &Rejected) -> i64 {
    let parts = [row.reference.as_deref().unwrap_or_default(), &row.reason, &row.raw];
    let bytes = parts.iter().flat_map(|part| part.bytes().chain([0xff]));
    bytes
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
        .cast_signed()
}

//! What polls did not read while they read the rest, and since when: a gap that recurs is one that lasts.

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{TransactionBehavior, params};

use super::commit::stream_id;
use super::{Store, StoreError, StreamKey, codec};

/// After so long a gap is a failure of its own.
const LONG: TimeDelta = TimeDelta::days(1);

/// A gap as a poll found it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewGap {
    /// What is missing, in the connector's words.
    pub what: String,
    /// Why, for a person.
    pub error: String,
    /// Whether the credentials should lead to it. What is not theirs to read is told, and no failure however long it lasts.
    pub granted: bool,
}

/// A gap of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastingGap {
    /// What is missing, in the connector's words.
    pub what: String,
    /// Why, as last seen.
    pub error: String,
    /// When it was seen first, of the polls in a row that saw it.
    pub since: DateTime<Utc>,
    /// Whether that is so long that somebody should look.
    pub lasts: bool,
}

impl Store {
    pub(crate) fn note_gaps(
        &self,
        key: &StreamKey,
        gaps: &[NewGap],
        now: DateTime<Utc>,
    ) -> Result<Vec<LastingGap>, StoreError> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let (_, stream, _) = stream_id(&transaction, key)?;
        let mut lasting = Vec::new();
        for NewGap { what, error, granted } in gaps {
            let since: String = transaction.query_row(
                "INSERT INTO gaps (stream, what, error, first_seen, last_seen) VALUES (?1, ?2, ?3, ?4, ?4) \
                 ON CONFLICT DO UPDATE SET error = ?3, last_seen = ?4, first_seen = min(first_seen, ?4) \
                 RETURNING first_seen",
                params![stream, what, error, codec::host_time(now)],
                |row| row.get(0),
            )?;
            let since = since.parse().unwrap_or(now);
            let lasts = *granted && now.signed_duration_since(since) > LONG;
            lasting.push(LastingGap { what: what.clone(), error: error.clone(), since, lasts });
        }
        let known: Vec<(i64, String)> = {
            let mut known = transaction.prepare("SELECT id, what FROM gaps WHERE stream = ?1")?;
            let rows = known.query_map([stream], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect::<rusqlite::Result<_>>()?
        };
        for (id, what) in known {
            if !gaps.iter().any(|recurring| recurring.what == what) {
                transaction.execute("DELETE FROM gaps WHERE id = ?1", [id])?;
            }
        }
        transaction.commit()?;
        Ok(lasting)
    }
}

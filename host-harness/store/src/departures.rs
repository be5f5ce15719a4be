//! What the provider no longer has: by its own word, or because two complete polls missed it.
//!
//! A list that comes up short for an hour must not empty an install. So what leaves is collected until the poll is over;
//! more than ten records that are more than a tenth of all are held back until the operator says so. Payments that were
//! asked for one by one are no list that comes up short: they leave.

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Connection, OptionalExtension as _, Result, TransactionBehavior, params};

use super::commit::stream_id;
use super::versions::Reading;
use super::{Store, StoreError, StreamKey, codec, payments};
use model::Withdrawn;

/// Complete polls in a row that must have missed a record.
const POLLS: i64 = 2;
/// How far apart they are at least.
const APART: TimeDelta = TimeDelta::hours(1);
/// So many may leave in any case.
const FEW: i64 = 10;
/// More than that, only where they are at most one in so many.
const ONE_IN: i64 = 10;

/// The word for payments among the kinds of records.
const PAYMENT: &str = "payment";

/// A record that is to leave, and is held back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Departure {
    /// The stream that reported it.
    pub stream: StreamKey,
    /// `payment`, `account`, `external-account`, `other/TASK`.
    pub kind: String,
    /// Its reference.
    pub reference: String,
    /// What stands in its place.
    pub replaced_by: Option<String>,
    /// Since when it is known.
    pub at: DateTime<Utc>,
}

/// What left at the end of a poll.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Settled {
    /// Records that were marked gone, cancelled or replaced.
    pub left: u64,
    /// Records that would have been, and are held back.
    pub held: u64,
}

/// Notes what a page says that is gone. What is not known is ignored.
pub(super) fn note(
    connection: &Connection,
    install: i64,
    reading: Reading,
    kind: Option<&str>,
    (withdrawn, asked): (&[Withdrawn], bool),
    at: DateTime<Utc>,
) -> Result<()> {
    if withdrawn.is_empty() {
        return Ok(());
    }
    let known = match kind {
        None => {
            "SELECT 1 FROM payments WHERE reference_hash = hash_reference(?1, ?2) AND install = ?1 AND reference = ?2 \
             AND ?3 IS NULL"
        }
        Some(_) => "SELECT 1 FROM accounts WHERE install = ?1 AND reference = ?2 AND kind = ?3",
    };
    let mut known = connection.prepare(known)?;
    let mut insert = connection.prepare(
        "INSERT INTO departures (stream, kind, reference, replaced_by, reading, at, asked) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO UPDATE SET replaced_by = ?4, reading = ?5, asked = ?7",
    )?;
    for row in withdrawn {
        if known.exists(params![install, row.reference, kind])? {
            insert.execute(params![
                reading.stream,
                kind.unwrap_or(PAYMENT),
                row.reference,
                row.replaced_by,
                reading.number,
                codec::host_time(at),
                asked
            ])?;
        }
    }
    Ok(())
}

impl Store {
    pub(crate) fn settle(
        &self,
        key: &StreamKey,
        snapshot: bool,
        now: DateTime<Utc>,
    ) -> std::result::Result<Settled, StoreError> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let (install, stream, _) = stream_id(&transaction, key)?;
        let (round, partial): (Option<i64>, bool) =
            transaction.query_row("SELECT round, partial OR nameless FROM streams WHERE id = ?1", [stream], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
        if let Some(round) = round.filter(|_| snapshot && !partial) {
            miss(&transaction, stream, round, now)?;
        }
        forget_the_returned(&transaction, install, stream)?;
        let leaving: i64 = transaction.query_row(
            "SELECT count(*) FROM departures WHERE stream = ?1 AND NOT asked",
            [stream],
            |row| row.get(0),
        )?;
        let many = leaving > FEW && leaving > records(&transaction, stream)? / ONE_IN;
        let left = apply(&transaction, install, stream, many, now)?;
        let settled = Settled { left, held: if many { leaving.cast_unsigned() } else { 0 } };
        transaction.execute(
            "UPDATE streams SET completed_at = ?2, round = NULL, partial = 0, nameless = 0 WHERE id = ?1",
            params![stream, codec::host_time(now)],
        )?;
        transaction.commit()?;
        Ok(settled)
    }

    /// What is held back, in the order of streams and references.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn held(&self, install: &str) -> std::result::Result<Vec<Departure>, StoreError> {
        let connection = self.lock();
        let mut statement = connection.prepare(
            "SELECT s.task, s.parent, d.kind, d.reference, d.replaced_by, d.at FROM departures d \
             JOIN streams s ON s.id = d.stream JOIN installs i ON i.id = s.install \
             WHERE i.name = ?1 ORDER BY s.task, s.parent, d.kind, d.reference",
        )?;
        let rows = statement.query_map([install], |row| {
            Ok(Departure {
                stream: StreamKey { install: install.to_owned(), task: row.get(0)?, parent: row.get(1)? },
                kind: row.get(2)?,
                reference: row.get(3)?,
                replaced_by: row.get(4)?,
                at: codec::read_host_time(row, 5)?.unwrap_or_default(),
            })
        })?;
        Ok(rows.collect::<Result<_>>()?)
    }

    /// Lets what is held back leave, on the operator's word. Gives how many records that were.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn release_held(&self, install: &str, now: DateTime<Utc>) -> std::result::Result<u64, StoreError> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let streams: Vec<(i64, i64)> = {
            let mut statement = transaction.prepare(
                "SELECT DISTINCT s.install, d.stream FROM departures d JOIN streams s ON s.id = d.stream \
                 JOIN installs i ON i.id = s.install WHERE i.name = ?1",
            )?;
            let rows = statement.query_map([install], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect::<Result<_>>()?
        };
        let mut left = 0;
        for (install, stream) in streams {
            forget_the_returned(&transaction, install, stream)?;
            left += apply(&transaction, install, stream, false, now)?;
        }
        transaction.commit()?;
        Ok(left)
    }
}

/// How many records of a stream have not left; payments that have count as well.
fn records(connection: &Connection, stream: i64) -> Result<i64> {
    connection.query_row(
        "SELECT (SELECT count(*) FROM accounts WHERE stream = ?1 AND gone_at IS NULL) \
         + (SELECT count(*) FROM payments WHERE stream = ?1)",
        [stream],
        |row| row.get(0),
    )
}

/// Counts a round that missed records, and notes those that were missed often and long enough. What a clock that was ahead
/// missed first, was missed by now.
fn miss(connection: &Connection, stream: i64, since: i64, now: DateTime<Utc>) -> Result<()> {
    let missed_since = codec::host_time(now.checked_sub_signed(APART).unwrap_or(now));
    connection.execute(
        "UPDATE accounts SET missed = missed + 1, missed_since = min(ifnull(missed_since, ?3), ?3) \
         WHERE stream = ?1 AND reading < ?2 AND gone_at IS NULL",
        params![stream, since, codec::host_time(now)],
    )?;
    connection.execute(
        "INSERT INTO departures (stream, kind, reference, replaced_by, reading, at, asked) \
         SELECT stream, kind, reference, NULL, ?2, ?4, 0 FROM accounts \
         WHERE stream = ?1 AND gone_at IS NULL AND missed >= ?5 AND missed_since <= ?3 ON CONFLICT DO NOTHING",
        params![stream, since, missed_since, codec::host_time(now), POLLS],
    )?;
    Ok(())
}

/// A record that was read again after it was said to be gone is there.
fn forget_the_returned(connection: &Connection, install: i64, stream: i64) -> Result<()> {
    connection.execute(
        "DELETE FROM departures WHERE stream = ?2 AND EXISTS (SELECT 1 FROM accounts a WHERE a.install = ?1 \
         AND a.kind = departures.kind AND a.reference = departures.reference AND a.reading > departures.reading)",
        [install, stream],
    )?;
    connection.execute(
        "DELETE FROM departures WHERE stream = ?2 AND kind = ?3 AND EXISTS (SELECT 1 FROM payments p \
         WHERE p.reference_hash = hash_reference(?1, departures.reference) AND p.install = ?1 \
         AND p.reference = departures.reference AND p.reading > departures.reading)",
        params![install, stream, PAYMENT],
    )?;
    Ok(())
}

fn apply(connection: &Connection, install: i64, stream: i64, only_asked: bool, now: DateTime<Utc>) -> Result<u64> {
    let mut next = connection.prepare(
        "SELECT id, kind, reference, replaced_by, reading FROM departures WHERE stream = ?1 AND asked >= ?2 \
         ORDER BY id LIMIT 1",
    )?;
    let read = |row: &rusqlite::Row<'_>| {
        let departing =
            Departing { kind: row.get(1)?, reference: row.get(2)?, replaced_by: row.get(3)?, reading: row.get(4)? };
        Ok((row.get::<_, i64>(0)?, departing))
    };
    let mut left = 0;
    while let Some((id, departing)) = next.query_row(params![stream, only_asked], read).optional()? {
        left += u64::from(departing.leave(connection, install, now)?);
        connection.execute("DELETE FROM departures WHERE id = ?1", [id])?;
    }
    Ok(left)
}

/// A record that leaves now.
struct Departing {
    kind: String,
    reference: String,
    replaced_by: Option<String>,
    /// As which call that was read: a page that was read before does not bring it back.
    reading: i64,
}

impl Departing {
    fn leave(&self, connection: &Connection, install: i64, now: DateTime<Utc>) -> Result<bool> {
        let Self { kind, reference, replaced_by, reading } = self;
        if kind == PAYMENT {
            let at = codec::timestamp(now);
            return payments::withdraw(connection, install, reference, replaced_by.as_deref(), *reading, at);
        }
        let changed = connection.execute(
            "UPDATE accounts SET gone_at = ?4, replaced_by = ?5, reading = max(reading, ?6) \
             WHERE install = ?1 AND kind = ?2 AND reference = ?3 AND gone_at IS NULL",
            params![install, kind, reference, codec::host_time(now), replaced_by, reading],
        )?;
        Ok(changed > 0)
    }
}

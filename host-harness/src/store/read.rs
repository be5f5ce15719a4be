//! What the runner and the command line ask: parents, states, installs.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension as _, TransactionBehavior, params};

use super::commit::stream_id;
use super::{AccountKind, Store, StoreError, StreamKey, StreamState, codec};
use crate::contract::Account;

impl Store {
    /// Where a stream stands; at the very beginning when nothing is known of it.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn stream(&self, key: &StreamKey) -> Result<StreamState, StoreError> {
        let state = self
            .lock()
            .query_row(
                "SELECT s.state, s.revision, s.not_before FROM streams s JOIN installs i ON i.id = s.install \
                 WHERE i.name = ?1 AND s.task = ?2 AND s.parent IS ?3",
                params![key.install, key.task, key.parent],
                |row| {
                    Ok(StreamState {
                        state: row.get(0)?,
                        revision: row.get::<_, i64>(1)?.cast_unsigned(),
                        not_before: codec::read_host_time(row, 2)?,
                    })
                },
            )
            .optional()?;
        Ok(state.unwrap_or_default())
    }

    /// Remembers until when the provider asked to be left alone.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn set_not_before(&self, key: &StreamKey, not_before: Option<DateTime<Utc>>) -> Result<(), StoreError> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let (_, stream, _) = stream_id(&transaction, key)?;
        transaction.execute(
            "UPDATE streams SET not_before = ?2 WHERE id = ?1",
            params![stream, not_before.map(codec::host_time)],
        )?;
        Ok(transaction.commit()?)
    }

    /// The current accounts, each exactly as the connector returned it, with the time it was last read: the
    /// `observed-at` of the calls that run for it. In the order of their references.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn parents(&self, install: &str, kind: AccountKind) -> Result<Vec<(Account, DateTime<Utc>)>, StoreError> {
        let connection = self.lock();
        let mut statement = connection.prepare(
            "SELECT a.reference, a.name, a.asset, a.created_s, a.created_n, a.updated_s, a.updated_n, a.metadata, \
             a.raw, a.read_at FROM accounts a JOIN installs i ON i.id = a.install \
             WHERE i.name = ?1 AND a.kind = ?2 ORDER BY a.reference",
        )?;
        let rows = statement.query_map(params![install, kind.name()], |row| {
            let account = Account {
                reference: row.get(0)?,
                name: row.get(1)?,
                default_asset: row.get(2)?,
                created_at: codec::read_timestamp(row, 3)?,
                updated_at: codec::read_timestamp(row, 5)?,
                metadata: codec::read_metadata(row, 7)?,
                raw: row.get(8)?,
            };
            Ok((account, codec::read_host_time(row, 9)?.unwrap_or_default()))
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The streams of an install that have a state, with the state and the time it was set.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    #[expect(clippy::type_complexity, reason = "three values that belong to one row, named in the summary")]
    pub fn states(&self, install: &str) -> Result<Vec<(StreamKey, Vec<u8>, DateTime<Utc>)>, StoreError> {
        let connection = self.lock();
        let mut statement = connection.prepare(
            "SELECT s.task, s.parent, s.state, s.updated_at FROM streams s JOIN installs i ON i.id = s.install \
             WHERE i.name = ?1 AND s.state IS NOT NULL ORDER BY s.task, s.parent",
        )?;
        let rows = statement.query_map([install], |row| {
            let key = StreamKey { install: install.to_owned(), task: row.get(0)?, parent: row.get(1)? };
            Ok((key, row.get(2)?, codec::read_host_time(row, 3)?.unwrap_or_default()))
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Forgets the states of an install: of all its streams, of those of one task (`fetch-payments`), or of one stream
    /// (`fetch-payments/acc-1`). Records stay: the next poll reads everything again and finds most of it known. A call
    /// that is under way meanwhile cannot commit. Returns how many states are gone.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn reset_state(&self, install: &str, pattern: Option<&str>) -> Result<usize, StoreError> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let matching = "install = (SELECT id FROM installs WHERE name = ?1) \
                        AND (?2 IS NULL OR task = ?2 OR task || '/' || parent = ?2)";
        let reset: i64 = transaction.query_row(
            &format!("SELECT count(*) FROM streams WHERE state IS NOT NULL AND {matching}"),
            params![install, pattern],
            |row| row.get(0),
        )?;
        transaction.execute(
            &format!("UPDATE streams SET state = NULL, updated_at = NULL, revision = revision + 1 WHERE {matching}"),
            params![install, pattern],
        )?;
        transaction.commit()?;
        Ok(usize::try_from(reset).unwrap_or(usize::MAX))
    }

    /// How many bytes of records an install keeps, about; 0 when nothing is known of it. A withdrawal is not counted:
    /// it repeats one version of a payment, once.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn stored_bytes(&self, install: &str) -> Result<u64, StoreError> {
        let read = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0);
        let bytes = self.lock().query_row("SELECT bytes FROM installs WHERE name = ?1", [install], read).optional()?;
        Ok(bytes.and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or_default())
    }

    /// The names of the installs, sorted.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn installs(&self) -> Result<Vec<String>, StoreError> {
        let connection = self.lock();
        let mut statement = connection.prepare("SELECT name FROM installs ORDER BY name")?;
        let names = statement.query_map([], |row| row.get(0))?;
        Ok(names.collect::<rusqlite::Result<_>>()?)
    }
}

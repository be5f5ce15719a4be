//! What the runner and the command line ask: parents, states, installs.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};

use super::accounts::kind_of_others;
use super::commit::stream_id;
use super::{AccountKind, Store, StoreError, StreamKey, StreamState, codec};
use model::{Capability, Parent};

/// A record that tasks may run for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The record, as it goes into requests.
    pub parent: Parent,
    /// Whether it is one of the customer's own accounts.
    pub is_account: bool,
    /// When it was last read.
    pub read_at: DateTime<Utc>,
    /// As which call, see [`PollStore::last_call`](crate::PollStore::last_call).
    pub reading: u64,
    /// Whether the provider no longer has it.
    pub is_gone: bool,
}

/// Where a stream stands.
pub(super) fn stream(connection: &Connection, key: &StreamKey) -> rusqlite::Result<StreamState> {
    let mut stream = connection.prepare_cached(
        "SELECT s.state, s.revision, s.not_before, s.completed_at FROM streams s JOIN installs i ON i.id = s.install \
         WHERE i.name = ?1 AND s.task = ?2 AND s.parent IS ?3",
    )?;
    let state = stream.query_row(params![key.install, key.task, key.parent], |row| {
        Ok(StreamState {
            state: row.get(0)?,
            revision: row.get::<_, i64>(1)?.cast_unsigned(),
            not_before: codec::read_host_time(row, 2)?,
            completed_at: codec::read_host_time(row, 3)?,
        })
    });
    Ok(state.optional()?.unwrap_or_default())
}

/// What the records of a task are kept as; none where other tasks cannot run for them.
fn kind_of_parents(task: &str, capability: Capability) -> Option<Cow<'static, str>> {
    match capability {
        Capability::FetchAccounts => Some(Cow::Borrowed(AccountKind::Internal.name())),
        Capability::FetchExternalAccounts => Some(Cow::Borrowed(AccountKind::External.name())),
        Capability::FetchOthers => Some(Cow::Owned(kind_of_others(task))),
        Capability::FetchBalances | Capability::FetchPayments => None,
    }
}

impl Store {
    pub(crate) fn stream(&self, key: &StreamKey) -> Result<StreamState, StoreError> {
        Ok(stream(&self.lock(), key)?)
    }

    pub(crate) fn read_again(&self, key: &StreamKey) -> Result<(), StoreError> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let (_, stream, _) = stream_id(&transaction, key)?;
        transaction.execute("UPDATE streams SET partial = 0 WHERE id = ?1", [stream])?;
        Ok(transaction.commit()?)
    }

    pub(crate) fn set_not_before(&self, key: &StreamKey, not_before: Option<DateTime<Utc>>) -> Result<(), StoreError> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let (_, stream, _) = stream_id(&transaction, key)?;
        transaction.execute(
            "UPDATE streams SET not_before = ?2 WHERE id = ?1",
            params![stream, not_before.map(codec::host_time)],
        )?;
        Ok(transaction.commit()?)
    }

    pub(crate) fn parents(&self, key: &StreamKey, capability: Capability) -> Result<Vec<String>, StoreError> {
        let Some(kind) = kind_of_parents(&key.task, capability) else { return Ok(Vec::new()) };
        let connection = self.lock();
        let mut statement = connection.prepare(
            "SELECT a.reference FROM accounts a JOIN installs i ON i.id = a.install \
             LEFT JOIN streams s ON s.id = a.stream WHERE i.name = ?1 AND a.kind = ?2 \
             AND (s.task = ?3 AND s.parent IS ?4 OR a.stream IS NULL AND ?4 IS NULL) ORDER BY a.reference",
        )?;
        let rows = statement.query_map(params![key.install, kind, key.task, key.parent], |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    pub(crate) fn kept(
        &self,
        key: &StreamKey,
        capability: Capability,
        reference: &str,
    ) -> Result<Option<Kept>, StoreError> {
        let Some(kind) = kind_of_parents(&key.task, capability) else { return Ok(None) };
        let connection = self.lock();
        let mut statement = connection.prepare(
            "SELECT a.reference, a.asset, a.metadata, a.raw, a.read_at, a.gone_at IS NOT NULL, a.reading FROM accounts a \
             JOIN installs i ON i.id = a.install WHERE i.name = ?1 AND a.kind = ?2 AND a.reference = ?3",
        )?;
        let kept = statement.query_row(params![key.install, kind, reference], |row| {
            let parent = Parent {
                task: key.task.clone(),
                reference: row.get(0)?,
                default_asset: row.get(1)?,
                metadata: codec::read_metadata(row, 2)?,
                raw: row.get(3)?,
            };
            let read_at = codec::read_host_time(row, 4)?.unwrap_or_default();
            let reading = row.get::<_, i64>(6)?.cast_unsigned();
            let is_account = capability == Capability::FetchAccounts;
            Ok(Kept { parent, is_account, read_at, reading, is_gone: row.get(5)? })
        });
        Ok(kept.optional()?)
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

    /// The streams of an install that are left alone until a time, with that time.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn waits(&self, install: &str) -> Result<Vec<(StreamKey, DateTime<Utc>)>, StoreError> {
        let connection = self.lock();
        let mut statement = connection.prepare(
            "SELECT s.task, s.parent, s.not_before FROM streams s JOIN installs i ON i.id = s.install \
             WHERE i.name = ?1 AND s.not_before IS NOT NULL ORDER BY s.task, s.parent",
        )?;
        let rows = statement.query_map([install], |row| {
            let key = StreamKey { install: install.to_owned(), task: row.get(0)?, parent: row.get(1)? };
            Ok((key, codec::read_host_time(row, 2)?.unwrap_or_default()))
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Forgets the states of an install: of all its streams, of those of one task (`fetch-payments`), or of one stream
    /// (`fetch-payments/acc-1`). Records stay: the next poll reads everything again and finds most of it known. Waits
    /// that the provider asked for end. A call that is under way meanwhile cannot commit. Returns how many streams forgot.
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
            &format!(
                "SELECT count(*) FROM streams WHERE (state IS NOT NULL OR not_before IS NOT NULL OR completed_at IS NOT \
                 NULL) AND {matching}"
            ),
            params![install, pattern],
            |row| row.get(0),
        )?;
        transaction.execute(
            &format!(
                "UPDATE streams SET state = NULL, updated_at = NULL, not_before = NULL, completed_at = NULL, \
                 round = NULL, partial = 0, nameless = 0, revision = revision + 1 WHERE {matching}"
            ),
            params![install, pattern],
        )?;
        transaction.commit()?;
        Ok(usize::try_from(reset).unwrap_or(usize::MAX))
    }

    pub(crate) fn stored_bytes(&self, install: &str) -> Result<u64, StoreError> {
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

/// The id of an install.
pub(super) fn install_id(connection: &Connection, name: &str) -> Result<i64, StoreError> {
    let id = connection.query_row("SELECT id FROM installs WHERE name = ?1", [name], |row| row.get(0)).optional()?;
    if let Some(id) = id {
        return Ok(id);
    }
    let mut statement = connection.prepare("SELECT name FROM installs ORDER BY name")?;
    let known = statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    Err(StoreError::NoSuchInstall { install: name.to_owned(), known })
}

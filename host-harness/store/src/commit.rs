//! The one transaction that makes a page durable: records, quarantine and state, or none of them.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};

use super::accounts::{AccountWriter, as_account, kind_of_others};
use super::balances::BalanceWriter;
use super::payments::PaymentWriter;
use super::quarantine::Quarantine;
use super::versions::Reading;
use super::{Change, Changes, Committed, PageRecords, Store, StoreError, StreamKey, StreamState, codec, departures};
use model::Rejected;
use model::size::Size;

/// A page on its way into the store, with what is needed to place it.
#[derive(Debug, Clone, Copy)]
pub struct Delivery<'a> {
    /// The stream.
    pub key: &'a StreamKey,
    /// The one that the state was read at, or that the previous page of this stream returned.
    pub revision: u64,
    /// The number that [`PollStore::begin_call`](crate::PollStore::begin_call) drew for the call.
    pub reading: u64,
    /// When the page was asked for: for accounts, the time they were read.
    pub at: DateTime<Utc>,
    /// The records.
    pub records: &'a PageRecords,
    /// The rows it rejected.
    pub rejected: &'a [Rejected],
    /// The state it set; none when it set none, and the state stays.
    pub state: Option<&'a [u8]>,
    /// Whether something is missing on it, so that what its round does not report may be there all the same.
    pub partial: bool,
    /// Whether the provider was asked for each of the records by itself.
    pub asked: bool,
}

/// Bytes that a stream, or the mark of one poll of it, takes beside its texts.
pub(super) const ROW: i64 = 100;

impl Store {
    pub(crate) fn begin_call(&self, key: &StreamKey) -> Result<(StreamState, u64), StoreError> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let (install, stream, _) = stream_id(&transaction, key)?;
        let number: i64 = transaction
            .prepare_cached("UPDATE installs SET reading = reading + 1 WHERE id = ?1 RETURNING reading")?
            .query_row([install], |row| row.get(0))?;
        // A round under way is left alone, also by SQLite: a row that is not touched is not written.
        transaction
            .prepare_cached("UPDATE streams SET round = ?2 WHERE id = ?1 AND round IS NULL")?
            .execute([stream, number])?;
        let state = super::read::stream(&transaction, key)?;
        transaction.commit()?;
        Ok((state, number.cast_unsigned()))
    }

    pub(crate) fn last_call(&self, install: &str) -> Result<u64, StoreError> {
        let read = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0);
        let number =
            self.lock().query_row("SELECT reading FROM installs WHERE name = ?1", [install], read).optional()?;
        Ok(number.map(i64::cast_unsigned).unwrap_or_default())
    }

    pub(crate) fn commit(&self, delivery: &Delivery<'_>) -> Result<Committed, StoreError> {
        let Delivery { key, revision, reading, at, records, rejected, state, partial, asked } = *delivery;
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let (install, stream, stored) = stream_id(&transaction, key)?;
        if stored != revision {
            return Err(StoreError::Concurrent { stream: key.to_string(), expected: revision, stored });
        }
        let reading = Reading::new(&transaction, install, stream, reading, at)?;
        let mut page = Page {
            connection: &transaction,
            install,
            task: &key.task,
            reading,
            at,
            asked,
            quarantine: Quarantine::of(&transaction, stream, at)?,
            changes: Changes::default(),
            bytes: 0,
        };
        page.write(records)?;
        page.reject(rejected)?;
        let Page { changes, bytes, .. } = page;
        let revision = stored + 1;
        let nameless = rejected.iter().any(|row| row.reference.is_none());
        let state_grew: i64 = transaction
            .prepare_cached("SELECT ifnull(length(?2) - ifnull(length(state), 0), 0) FROM streams WHERE id = ?1")?
            .query_row(params![stream, state], |row| row.get(0))?;
        transaction
            .prepare_cached(
                "UPDATE streams SET revision = ?2, updated_at = iif(?3 IS NULL, updated_at, ?4), \
                 state = ifnull(?3, state), partial = max(partial, ?5), nameless = max(nameless, ?6) WHERE id = ?1",
            )?
            .execute(params![stream, revision.cast_signed(), state, codec::host_time(at), partial, nameless])?;
        grow(&transaction, install, i64::try_from(bytes).unwrap_or(i64::MAX).saturating_add(state_grew))?;
        transaction.commit()?;
        Ok(Committed { revision, changes })
    }
}

/// A page while it is written.
struct Page<'c> {
    connection: &'c Connection,
    install: i64,
    task: &'c str,
    reading: Reading,
    at: DateTime<Utc>,
    asked: bool,
    quarantine: Quarantine<'c>,
    changes: Changes,
    /// Of what is new.
    bytes: u64,
}

impl Page<'_> {
    fn write(&mut self, records: &PageRecords) -> rusqlite::Result<()> {
        let Self { connection, install, reading, at, .. } = *self;
        match records {
            PageRecords::Accounts { kind, items, withdrawn } => {
                let mut writer = AccountWriter::new(connection, install, Cow::Borrowed(kind.name()), reading, at)?;
                items.iter().try_for_each(|account| self.done(&account.reference, account, writer.store(account)?))?;
                departures::note(connection, install, reading, Some(kind.name()), (withdrawn, self.asked), at)
            }
            PageRecords::Others(items) => {
                let kind = Cow::Owned(kind_of_others(self.task));
                let mut writer = AccountWriter::new(connection, install, kind, reading, at)?;
                items
                    .iter()
                    .try_for_each(|other| self.done(&other.reference, other, writer.store(&as_account(other.clone()))?))
            }
            PageRecords::Balances(items) => {
                let mut writer = BalanceWriter::new(connection, install, reading)?;
                items
                    .iter()
                    .try_for_each(|balance| self.done(&balance.account_reference, balance, writer.store(balance)?))
            }
            PageRecords::Payments { items, withdrawn } => {
                let mut writer = PaymentWriter::new(connection, install, reading, at)?;
                items.iter().try_for_each(|payment| self.done(&payment.reference, payment, writer.store(payment)?))?;
                departures::note(connection, install, reading, None, (withdrawn, self.asked), at)
            }
        }
    }

    /// A record resolves a rejected row only when it brings something new: the redelivery of a page that held both must
    /// not.
    fn done(&mut self, reference: &str, record: &dyn Size, change: Change) -> rusqlite::Result<()> {
        self.changes.count(change);
        if change == Change::Unchanged {
            return Ok(());
        }
        self.bytes = self.bytes.saturating_add(record.bytes());
        self.quarantine.resolve(reference)
    }

    fn reject(&mut self, rejected: &[Rejected]) -> rusqlite::Result<()> {
        for row in rejected {
            if self.quarantine.keep(row)? {
                self.bytes = self.bytes.saturating_add(row.bytes());
                self.changes.rejected += 1;
            } else {
                self.changes.unchanged += 1;
            }
        }
        Ok(())
    }
}

/// The ids of the install and the stream, made when they are new, and the stream's revision.
pub(super) fn stream_id(connection: &Connection, key: &StreamKey) -> rusqlite::Result<(i64, i64, u64)> {
    let known = connection
        .prepare_cached(
            "SELECT s.install, s.id, s.revision FROM streams s JOIN installs i ON i.id = s.install \
             WHERE i.name = ?1 AND s.task = ?2 AND s.parent IS ?3",
        )?
        .query_row(params![key.install, key.task, key.parent], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get::<_, i64>(2)?.cast_unsigned()))
        })
        .optional()?;
    if let Some(known) = known {
        return Ok(known);
    }
    connection.execute("INSERT INTO installs (name) VALUES (?1) ON CONFLICT DO NOTHING", [&key.install])?;
    let install = connection.query_row("SELECT id FROM installs WHERE name = ?1", [&key.install], |row| row.get(0))?;
    connection.execute(
        "INSERT INTO streams (install, task, parent) VALUES (?1, ?2, ?3)",
        params![install, key.task, key.parent],
    )?;
    let stream = connection.last_insert_rowid();
    grow(connection, install, ROW)?;
    Ok((install, stream, 0))
}

/// Counts what an install keeps more, or less.
pub(super) fn grow(connection: &Connection, install: i64, bytes: i64) -> rusqlite::Result<()> {
    if bytes != 0 {
        connection
            .prepare_cached("UPDATE installs SET bytes = max(bytes + ?2, 0) WHERE id = ?1")?
            .execute([install, bytes])?;
    }
    Ok(())
}

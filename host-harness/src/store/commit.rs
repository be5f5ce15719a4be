//! The one transaction that makes a page durable: records, quarantine and state, or none of them.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};

use super::accounts::AccountWriter;
use super::balances::BalanceWriter;
use super::payments::PaymentWriter;
use super::quarantine::Quarantine;
use super::{Change, Changes, Committed, PageRecords, Store, StoreError, StreamKey, codec};
use crate::contract::Rejected;
use crate::size::Size;

impl Store {
    /// Stores a page: its records, the rows it rejected and the state it set (`None`: it set none), all or nothing.
    ///
    /// `revision` is the one that the state was read at, or that the previous page of this stream returned. `at` is when
    /// the page was asked for: for accounts, the time they were read.
    ///
    /// # Errors
    ///
    /// [`StoreError::Concurrent`] when the stream moved on meanwhile, or the file cannot be written. Nothing is stored.
    pub fn commit(
        &self,
        key: &StreamKey,
        revision: u64,
        records: &PageRecords,
        rejected: &[Rejected],
        state: Option<&[u8]>,
        at: DateTime<Utc>,
    ) -> Result<Committed, StoreError> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let (install, stream, stored) = stream_id(&transaction, key)?;
        if stored != revision {
            return Err(StoreError::Concurrent { stream: key.to_string(), expected: revision, stored });
        }
        let mut changes = Changes::default();
        let mut quarantine = Quarantine::of(&transaction, stream, at)?;
        let mut bytes = write(&transaction, install, records, at, &mut quarantine, &mut changes)?;
        for row in rejected {
            if quarantine.keep(row)? {
                bytes = bytes.saturating_add(row.bytes());
                changes.rejected += 1;
            } else {
                changes.unchanged += 1;
            }
        }
        let revision = stored + 1;
        transaction.execute(
            "UPDATE streams SET revision = ?2, updated_at = iif(?3 IS NULL, updated_at, ?4), state = ifnull(?3, state) \
             WHERE id = ?1",
            params![stream, revision.cast_signed(), state, codec::host_time(at)],
        )?;
        if bytes > 0 {
            let grown = i64::try_from(bytes).unwrap_or(i64::MAX);
            transaction.execute("UPDATE installs SET bytes = bytes + ?2 WHERE id = ?1", [install, grown])?;
        }
        transaction.commit()?;
        Ok(Committed { revision, changes })
    }
}

/// Gives the bytes of what is new.
fn write(
    connection: &Connection,
    install: i64,
    records: &PageRecords,
    at: DateTime<Utc>,
    quarantine: &mut Quarantine<'_>,
    changes: &mut Changes,
) -> rusqlite::Result<u64> {
    // A record resolves a rejected row only when it brings something new: the redelivery of a page that held both
    // must not.
    let mut bytes = 0_u64;
    let mut done = |reference: &str, record: &dyn Size, change: Change| {
        changes.count(change);
        if change == Change::Unchanged {
            return Ok(());
        }
        bytes = bytes.saturating_add(record.bytes());
        quarantine.resolve(reference)
    };
    match records {
        PageRecords::Accounts { items, .. } if items.is_empty() => {}
        PageRecords::Accounts { kind, items } => {
            let mut writer = AccountWriter::new(connection, install, *kind, at)?;
            items.iter().try_for_each(|account| done(&account.reference, account, writer.store(account)?))?;
        }
        PageRecords::Balances(items) if items.is_empty() => {}
        PageRecords::Balances(items) => {
            let mut writer = BalanceWriter::new(connection, install)?;
            items.iter().try_for_each(|balance| done(&balance.account_reference, balance, writer.store(balance)?))?;
        }
        PageRecords::Payments { items, withdrawn } if items.is_empty() && withdrawn.is_empty() => {}
        PageRecords::Payments { items, withdrawn } => {
            let mut writer = PaymentWriter::new(connection, install, at)?;
            items.iter().try_for_each(|payment| done(&payment.reference, payment, writer.store(payment)?))?;
            for reference in withdrawn {
                if writer.withdraw(reference, codec::timestamp(at))? {
                    changes.count(Change::Updated);
                }
            }
        }
    }
    Ok(bytes)
}

/// The ids of the install and the stream, made when they are new, and the stream's revision.
pub(super) fn stream_id(connection: &Connection, key: &StreamKey) -> rusqlite::Result<(i64, i64, u64)> {
    let known = connection
        .query_row(
            "SELECT s.install, s.id, s.revision FROM streams s JOIN installs i ON i.id = s.install \
             WHERE i.name = ?1 AND s.task = ?2 AND s.parent IS ?3",
            params![key.install, key.task, key.parent],
            |row| Ok((row.get(0)?, row.get(1)?, row.get::<_, i64>(2)?.cast_unsigned())),
        )
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
    Ok((install, connection.last_insert_rowid(), 0))
}

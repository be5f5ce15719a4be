//! Accounts, and the others that tasks run for: the current version of each, and the versions before it.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use rusqlite::{CachedStatement, Connection, Result, params};

use super::versions::{Present, Reading};
use super::{Change, codec};
use model::{Account, Other};

/// Writes the accounts of one page.
pub(super) struct AccountWriter<'c> {
    connection: &'c Connection,
    find: CachedStatement<'c>,
    insert: CachedStatement<'c>,
    read_again: CachedStatement<'c>,
    install: i64,
    kind: Cow<'static, str>,
    reading: Reading,
    at: String,
}

/// The row an account is stored in already.
struct Known {
    id: i64,
    present: Present,
    same: bool,
    gone: bool,
}

/// Under which kind the others of a task are kept.
pub(super) fn kind_of_others(task: &str) -> String {
    format!("other/{task}")
}

/// An other, as accounts are kept.
pub(super) fn as_account(other: Other) -> Account {
    Account {
        reference: other.reference,
        name: other.name,
        default_asset: None,
        created_at: None,
        updated_at: None,
        metadata: other.metadata,
        raw: other.raw,
    }
}

impl<'c> AccountWriter<'c> {
    pub(super) fn new(
        connection: &'c Connection,
        install: i64,
        kind: Cow<'static, str>,
        reading: Reading,
        at: DateTime<Utc>,
    ) -> Result<Self> {
        Ok(Self {
            connection,
            find: connection.prepare_cached(
                "SELECT id, name, asset, created_s, created_n, updated_s, updated_n, metadata, raw, reading, ended, \
                 gone_at IS NOT NULL FROM accounts WHERE install = ?1 AND kind = ?2 AND reference = ?3",
            )?,
            insert: connection.prepare_cached(
                "INSERT INTO accounts (install, kind, reference, name, asset, created_s, created_n, updated_s, \
                 updated_n, metadata, raw, read_at, stream, reading, ended, first_seen) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?12)",
            )?,
            read_again: connection.prepare_cached(
                "UPDATE accounts SET read_at = iif(reading <= ?4, ?2, read_at), stream = ?3, reading = max(reading, ?4), \
                 ended = ?5, missed = 0, missed_since = NULL, gone_at = NULL, replaced_by = NULL WHERE id = ?1",
            )?,
            install,
            kind,
            reading,
            at: codec::host_time(at),
        })
    }

    /// Stores one account: present when it was read last. One that was gone is back.
    pub(super) fn store(&mut self, account: &Account) -> Result<Change> {
        let metadata = codec::metadata_json(&account.metadata)?;
        let Reading { stream, number, ended, .. } = self.reading;
        let Some(known) = self.find(account, &metadata)? else {
            let (created, updated) = (account.created_at, account.updated_at);
            self.insert.execute(params![
                self.install,
                self.kind,
                account.reference,
                account.name,
                account.default_asset,
                created.map(|t| t.seconds),
                created.map(|t| t.nanoseconds),
                updated.map(|t| t.seconds),
                updated.map(|t| t.nanoseconds),
                metadata,
                account.raw,
                self.at,
                stream,
                number,
                ended,
            ])?;
            return Ok(Change::Inserted);
        };
        if !self.reading.supersedes(account.updated_at, known.present) {
            if known.same || self.is_superseded(known.id, account, &metadata)? {
                return Ok(Change::Unchanged);
            }
            self.keep_version(known.id, account, &metadata)?;
            return Ok(Change::Updated);
        }
        if !known.same {
            self.supersede(known.id, account, &metadata)?;
        }
        self.read_again.execute(params![known.id, self.at, stream, number, ended])?;
        Ok(if known.same && !known.gone { Change::Unchanged } else { Change::Updated })
    }

    fn find(&mut self, account: &Account, metadata: &str) -> Result<Option<Known>> {
        let mut rows = self.find.query(params![self.install, self.kind, account.reference])?;
        let Some(row) = rows.next()? else {
            return Ok(None);
        };
        let updated = codec::read_timestamp(row, 5)?;
        let same = codec::is_text(row, 8, Some(&account.raw))?
            && codec::is_text(row, 7, Some(metadata))?
            && codec::is_text(row, 1, account.name.as_deref())?
            && codec::is_text(row, 2, account.default_asset.as_deref())?
            && codec::read_timestamp(row, 3)? == account.created_at
            && updated == account.updated_at;
        let present = Present { number: row.get(9)?, ended: row.get(10)?, updated };
        Ok(Some(Known { id: row.get(0)?, present, same, gone: row.get(11)? }))
    }

    fn is_superseded(&self, id: i64, account: &Account, metadata: &str) -> Result<bool> {
        let (created, updated) = (account.created_at, account.updated_at);
        self.connection.query_row(
            "SELECT EXISTS (SELECT 1 FROM account_versions WHERE account = ?1 AND name IS ?2 AND asset IS ?3 \
             AND created_s IS ?4 AND created_n IS ?5 AND updated_s IS ?6 AND updated_n IS ?7 AND metadata = ?8 \
             AND raw = ?9)",
            params![
                id,
                account.name,
                account.default_asset,
                created.map(|t| t.seconds),
                created.map(|t| t.nanoseconds),
                updated.map(|t| t.seconds),
                updated.map(|t| t.nanoseconds),
                metadata,
                account.raw,
            ],
            |row| row.get(0),
        )
    }

    fn keep_version(&self, id: i64, account: &Account, metadata: &str) -> Result<()> {
        let (created, updated) = (account.created_at, account.updated_at);
        self.connection.execute(
            "INSERT INTO account_versions (account, name, asset, created_s, created_n, updated_s, updated_n, metadata, \
             raw, kept_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            params![
                id,
                account.name,
                account.default_asset,
                created.map(|t| t.seconds),
                created.map(|t| t.nanoseconds),
                updated.map(|t| t.seconds),
                updated.map(|t| t.nanoseconds),
                metadata,
                account.raw,
                self.at,
            ],
        )?;
        Ok(())
    }

    fn supersede(&self, id: i64, account: &Account, metadata: &str) -> Result<()> {
        self.connection.execute(
            "INSERT INTO account_versions (account, name, asset, created_s, created_n, updated_s, updated_n, metadata, \
             raw, kept_at) SELECT id, name, asset, created_s, created_n, updated_s, updated_n, metadata, raw, ?2 \
             FROM accounts WHERE id = ?1",
            params![id, self.at],
        )?;
        let (created, updated) = (account.created_at, account.updated_at);
        self.connection.execute(
            "UPDATE accounts SET name = ?2, asset = ?3, created_s = ?4, created_n = ?5, updated_s = ?6, updated_n = ?7, \
             metadata = ?8, raw = ?9 WHERE id = ?1",
            params![
                id,
                account.name,
                account.default_asset,
                created.map(|t| t.seconds),
                created.map(|t| t.nanoseconds),
                updated.map(|t| t.seconds),
                updated.map(|t| t.nanoseconds),
                metadata,
                account.raw,
            ],
        )?;
        Ok(())
    }
}

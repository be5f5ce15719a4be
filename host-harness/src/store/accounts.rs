//! Accounts: the current version of each, and the versions before it.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, Result, Statement, params};

use super::{AccountKind, Change, codec};
use crate::contract::{Account, Timestamp};

/// Writes the accounts of one page.
pub(super) struct AccountWriter<'c> {
    connection: &'c Connection,
    find: Statement<'c>,
    insert: Statement<'c>,
    read_again: Statement<'c>,
    install: i64,
    kind: AccountKind,
    at: String,
}

/// The row an account is stored in already.
struct Known {
    id: i64,
    updated: Option<Timestamp>,
    same: bool,
}

impl<'c> AccountWriter<'c> {
    pub(super) fn new(connection: &'c Connection, install: i64, kind: AccountKind, at: DateTime<Utc>) -> Result<Self> {
        Ok(Self {
            connection,
            find: connection.prepare(
                "SELECT id, name, asset, created_s, created_n, updated_s, updated_n, metadata, raw FROM accounts \
                 WHERE install = ?1 AND kind = ?2 AND reference = ?3",
            )?,
            insert: connection.prepare(
                "INSERT INTO accounts (install, kind, reference, name, asset, created_s, created_n, updated_s, \
                 updated_n, metadata, raw, read_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            )?,
            read_again: connection.prepare("UPDATE accounts SET read_at = max(read_at, ?2) WHERE id = ?1")?,
            install,
            kind,
            at: codec::host_time(at),
        })
    }

    /// Stores one account. The newer `updated-at` holds; between equal ones, or without, the one that came last, unless
    /// it is a version that was superseded before: then it is an old page delivered late.
    pub(super) fn store(&mut self, account: &Account) -> Result<Change> {
        let metadata = codec::metadata_json(&account.metadata)?;
        let Some(known) = self.find(account, &metadata)? else {
            let (created, updated) = (account.created_at, account.updated_at);
            self.insert.execute(params![
                self.install,
                self.kind.name(),
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
            ])?;
            return Ok(Change::Inserted);
        };
        if known.same {
            self.read_again.execute(params![known.id, self.at])?;
            return Ok(Change::Unchanged);
        }
        match (account.updated_at.map(codec::order), known.updated.map(codec::order)) {
            (Some(new), Some(old)) if new <= old && self.is_superseded(known.id, account, &metadata)? => {
                Ok(Change::Unchanged)
            }
            (Some(new), Some(old)) if new < old => {
                self.keep_version(known.id, account, &metadata)?;
                Ok(Change::Updated)
            }
            _ => {
                self.supersede(known.id, account, &metadata)?;
                Ok(Change::Updated)
            }
        }
    }

    fn find(&mut self, account: &Account, metadata: &str) -> Result<Option<Known>> {
        let mut rows = self.find.query(params![self.install, self.kind.name(), account.reference])?;
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
        Ok(Some(Known { id: row.get(0)?, updated, same }))
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
             metadata = ?8, raw = ?9, read_at = ?10 WHERE id = ?1",
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
}

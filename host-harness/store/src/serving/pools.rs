//! Pools: sets of accounts whose balances are summed up.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};

use super::events::News;
use super::list::{List, Page, RecordId, Seek, read};
use super::new_uuid;
use crate::{Store, StoreError, codec};

/// A pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pool {
    /// What it is called by.
    pub uuid: String,
    /// For a person.
    pub name: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Its accounts.
    pub accounts: Vec<PoolAccount>,
}

/// An account in a pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolAccount {
    /// The account.
    pub id: RecordId,
    /// Its provider's name.
    pub provider: String,
}

/// What the accounts of a pool have together of one asset. Each amount is whole, however long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolBalance {
    /// What it is of.
    pub asset: String,
    /// The amount of each account that has some.
    pub amounts: Vec<(PoolAccount, String)>,
}

/// Why there is no pool.
#[derive(Debug, thiserror::Error)]
pub enum PoolError {
    /// There is one of this name.
    #[error("there is a pool `{0}` already; give the new one another name")]
    Exists(String),
    /// It is made of an account that there is not.
    #[error("there is no own account `{0}`")]
    NoAccount(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<rusqlite::Error> for PoolError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Store {
    /// Makes a pool of accounts; gives its UUID.
    ///
    /// # Errors
    ///
    /// [`PoolError`].
    pub fn add_pool(&self, name: &str, accounts: &[RecordId], at: DateTime<Utc>) -> Result<String, PoolError> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let uuid = new_uuid(&transaction)?;
        let made = transaction.execute(
            "INSERT INTO pools (uuid, name, created_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
            params![uuid, name, codec::host_time(at)],
        )?;
        if made == 0 {
            return Err(PoolError::Exists(name.to_owned()));
        }
        for account in accounts {
            put(&transaction, &uuid, account)?;
        }
        News::Pool(&uuid).note(&transaction, at)?;
        transaction.commit()?;
        Ok(uuid)
    }

    /// Adds an account to a pool; false when there is no such pool.
    ///
    /// # Errors
    ///
    /// [`PoolError`].
    pub fn add_to_pool(&self, uuid: &str, account: &RecordId, at: DateTime<Utc>) -> Result<bool, PoolError> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if !transaction.prepare("SELECT 1 FROM pools WHERE uuid = ?1")?.exists([uuid])? {
            return Ok(false);
        }
        put(&transaction, uuid, account)?;
        News::Pool(uuid).note(&transaction, at)?;
        transaction.commit()?;
        Ok(true)
    }

    /// Takes an account out of a pool; false when there is no such pool, or it is not in it.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn take_from_pool(&self, uuid: &str, account: &RecordId, at: DateTime<Utc>) -> Result<bool, StoreError> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let taken = transaction.execute(
            "DELETE FROM pool_accounts WHERE pool = (SELECT id FROM pools WHERE uuid = ?1) AND account IN \
             (SELECT a.id FROM accounts a JOIN connectors n ON n.install = a.install WHERE n.uuid = ?2 AND a.reference = ?3)",
            params![uuid, account.connector, account.reference],
        )?;
        if taken > 0 {
            News::Pool(uuid).note(&transaction, at)?;
        }
        transaction.commit()?;
        Ok(taken > 0)
    }

    /// Erases a pool; false when there is none.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn remove_pool(&self, uuid: &str, at: DateTime<Utc>) -> Result<bool, StoreError> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute("DELETE FROM pool_accounts WHERE pool = (SELECT id FROM pools WHERE uuid = ?1)", [uuid])?;
        let removed = transaction.execute("DELETE FROM pools WHERE uuid = ?1", [uuid])?;
        if removed > 0 {
            News::PoolGone(uuid).note(&transaction, at)?;
        }
        transaction.commit()?;
        Ok(removed > 0)
    }

    /// One pool; none where there is none.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn pool(&self, uuid: &str) -> Result<Option<Pool>, StoreError> {
        self.reading(|connection| pool_of(connection, uuid))
    }

    /// A part of the list of pools.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn list_pools(&self, seek: Seek, most: u32) -> Result<Page<Pool>, StoreError> {
        self.reading(|connection| {
            let list = List {
                select: "SELECT uuid, name, created_at, 0, 0, id FROM pools",
                condition: "TRUE".to_owned(),
                values: Vec::new(),
                key: ["0 | 0", "0 | 0", "id"],
            };
            read(connection, list, seek, most, |row| pool(connection, row))
        })
    }

    /// What the accounts of a pool had at a time, booked; none where there is no such pool.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn pool_balances(&self, uuid: &str, at: DateTime<Utc>) -> Result<Option<Vec<PoolBalance>>, StoreError> {
        self.reading(|connection| {
            if !connection.prepare_cached("SELECT 1 FROM pools WHERE uuid = ?1")?.exists([uuid])? {
                return Ok(None);
            }
            let mut statement = connection.prepare_cached(
                "SELECT n.uuid, a.reference, n.provider, b.asset, b.amount, max(b.first) FROM pools p \
                 JOIN pool_accounts m ON m.pool = p.id JOIN accounts a ON a.id = m.account \
                 JOIN connectors n ON n.install = a.install JOIN balances b ON b.install = a.install \
                 AND b.account = a.reference AND b.kind = 'BOOKED' AND b.label IS NULL AND (b.since_s, b.since_n) <= (?2, ?3) \
                 WHERE p.uuid = ?1 GROUP BY a.id, b.asset ORDER BY b.asset, a.id",
            )?;
            let mut rows = statement.query(params![uuid, at.timestamp(), at.timestamp_subsec_nanos()])?;
            let mut balances: BTreeMap<String, Vec<(PoolAccount, String)>> = BTreeMap::new();
            while let Some(row) = rows.next()? {
                balances.entry(row.get(3)?).or_default().push((pool_account(row)?, row.get(4)?));
            }
            Ok(Some(balances.into_iter().map(|(asset, amounts)| PoolBalance { asset, amounts }).collect()))
        })
    }
}

fn put(connection: &Connection, pool: &str, account: &RecordId) -> Result<(), PoolError> {
    let put = connection.execute(
        "INSERT INTO pool_accounts (pool, account) SELECT p.id, a.id FROM pools p, accounts a \
         JOIN connectors n ON n.install = a.install WHERE p.uuid = ?1 AND n.uuid = ?2 AND a.reference = ?3 \
         AND a.kind = 'account' ON CONFLICT DO NOTHING",
        params![pool, account.connector, account.reference],
    )?;
    let is_in = || {
        connection
            .prepare(
                "SELECT 1 FROM accounts a JOIN connectors n ON n.install = a.install WHERE n.uuid = ?1 \
                      AND a.reference = ?2 AND a.kind = 'account'",
            )?
            .exists([&account.connector, &account.reference])
    };
    if put == 0 && !is_in()? {
        return Err(PoolError::NoAccount(account.reference.clone()));
    }
    Ok(())
}

fn pool_account(row: &rusqlite::Row<'_>) -> rusqlite::Result<PoolAccount> {
    let id = RecordId { connector: row.get(0)?, reference: row.get(1)?, payment_type: None };
    Ok(PoolAccount { id, provider: row.get(2)? })
}

pub(super) fn pool_of(connection: &Connection, uuid: &str) -> rusqlite::Result<Option<Pool>> {
    let sql = "SELECT uuid, name, created_at FROM pools WHERE uuid = ?1";
    connection.prepare_cached(sql)?.query_row([uuid], |row| pool(connection, row)).optional()
}

fn pool(connection: &Connection, row: &rusqlite::Row<'_>) -> rusqlite::Result<Pool> {
    let uuid: String = row.get(0)?;
    let mut statement = connection.prepare_cached(
        "SELECT n.uuid, a.reference, n.provider FROM pools p JOIN pool_accounts m ON m.pool = p.id \
         JOIN accounts a ON a.id = m.account JOIN connectors n ON n.install = a.install WHERE p.uuid = ?1 ORDER BY a.id",
    )?;
    let accounts = statement.query_map([&uuid], pool_account)?.collect::<rusqlite::Result<_>>()?;
    Ok(Pool { name: row.get(1)?, created_at: codec::read_host_time(row, 2)?.unwrap_or_default(), accounts, uuid })
}

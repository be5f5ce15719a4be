//! What happened, in order: the log of changes with what each of them is about. A reader that keeps the number of the last
//! one it read misses none.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::list::{
    ACCOUNT, AccountItem, AdjustmentItem, BALANCE, BalanceItem, Of, PAYMENT, PaymentItem, account, adjustments,
    balance, payment,
};
use super::pools::{Pool, pool_of};
use super::tasks::{Task, TaskStatus, tasks_where};
use crate::{Store, StoreError, codec};

/// A change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its number: they grow, and none comes twice.
    pub seq: i64,
    /// What it is about.
    pub about: About,
}

/// What a change is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// An account is new, changed or gone.
    Account(Box<AccountItem>),
    /// A balance is another one.
    Balance(Box<NewBalance>),
    /// A payment is new or changed: the version that it changed to, which may not be the present one any more.
    Payment(Box<PaymentItem>, Box<AdjustmentItem>),
    /// A pool is new, or has other accounts.
    Pool(Box<Pool>, DateTime<Utc>),
    /// The pool of this UUID is no more.
    PoolGone(String, DateTime<Utc>),
    /// A task began, or ended.
    Task(Box<Task>),
    /// The connector of this task begins anew, without what was read.
    Reset(Box<Task>),
}

/// News about what is no record, as it is written down.
#[derive(Debug, Clone, Copy)]
pub(super) enum News<'n> {
    /// Of the pool of this UUID.
    Pool(&'n str),
    PoolGone(&'n str),
    /// Of the task of this UUID.
    TaskBegins(&'n str),
    TaskEnds(&'n str),
    Reset(&'n str),
}

impl News<'_> {
    /// Writes it down, in the transaction that it is about.
    pub(super) fn note(self, connection: &Connection, at: DateTime<Utc>) -> rusqlite::Result<()> {
        let (kind, told, is_gone, version) = match self {
            Self::Pool(pool) => ("pool", pool, false, BEGUN),
            Self::PoolGone(pool) => ("pool", pool, true, BEGUN),
            Self::TaskBegins(task) => ("task", task, false, BEGUN),
            Self::TaskEnds(task) => ("task", task, false, ENDED),
            Self::Reset(task) => ("reset", task, false, ENDED),
        };
        connection
            .prepare_cached(
                "INSERT INTO change_log (install, kind, record, is_gone, version, told, at) VALUES (0, ?1, 0, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![kind, is_gone, version, told, codec::host_time(at)])
            .map(drop)
    }
}

const BEGUN: i64 = 1;
const ENDED: i64 = 2;

/// A balance that is another one than before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBalance {
    /// Whose.
    pub of: Of,
    /// The account's reference.
    pub account: String,
    /// `BOOKED`.
    pub kind: String,
    /// The provider's word, where there are several of a kind.
    pub label: Option<String>,
    /// The balance.
    pub balance: BalanceItem,
}

impl Store {
    /// At most so many changes after a number, and the number to go on from, which is larger where changes were about what
    /// is gone by now.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn events(&self, after: i64, most: u32) -> Result<(Vec<Event>, i64), StoreError> {
        self.reading(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT seq, kind, record, version, is_gone, told, at FROM change_log WHERE seq > ?1 ORDER BY seq LIMIT ?2",
            )?;
            let mut rows = statement.query(params![after, most])?;
            let (mut events, mut last) = (Vec::new(), after);
            while let Some(row) = rows.next()? {
                last = row.get(0)?;
                let (kind, record, version): (String, i64, i64) = (row.get(1)?, row.get(2)?, row.get(3)?);
                let about = match row.get::<_, Option<String>>(5)? {
                    Some(told) => {
                        let at = codec::read_host_time(row, 6)?.unwrap_or_default();
                        news(connection, &kind, told, (version, row.get(4)?, at))?
                    }
                    None => about(connection, &kind, record, version)?,
                };
                if let Some(about) = about {
                    events.push(Event { seq: last, about });
                }
            }
            Ok((events, last))
        })
    }

    /// The number of the last change; 0 before the first one.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn last_event(&self) -> Result<i64, StoreError> {
        self.reading(|connection| {
            connection.query_row("SELECT ifnull(max(seq), 0) FROM change_log", [], |row| row.get(0))
        })
    }

    /// How far somebody has read; none at the beginning.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn reader(&self, name: &str) -> Result<Option<i64>, StoreError> {
        let sql = "SELECT after FROM readers WHERE name = ?1";
        Ok(self.lock().query_row(sql, [name], |row| row.get(0)).optional()?)
    }

    /// Notes how far somebody has read.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn set_reader(&self, name: &str, after: i64) -> Result<(), StoreError> {
        self.lock().execute(
            "INSERT INTO readers (name, after) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET after = ?2",
            params![name, after],
        )?;
        Ok(())
    }
}

/// News as they are told: a task as it was then.
fn news(
    connection: &Connection,
    kind: &str,
    told: String,
    (version, is_gone, at): (i64, bool, DateTime<Utc>),
) -> rusqlite::Result<Option<About>> {
    if kind == "pool" && is_gone {
        return Ok(Some(About::PoolGone(told, at)));
    }
    if kind == "pool" {
        return Ok(pool_of(connection, &told)?.map(|pool| About::Pool(Box::new(pool), at)));
    }
    let Some(mut task) = tasks_where(connection, "uuid = ?1", Some(&told))?.pop() else { return Ok(None) };
    task.updated_at = at;
    if version == BEGUN {
        task.status = TaskStatus::Processing;
    }
    let task = Box::new(task);
    Ok(Some(if kind == "reset" { About::Reset(task) } else { About::Task(task) }))
}

fn about(connection: &Connection, kind: &str, record: i64, version: i64) -> rusqlite::Result<Option<About>> {
    match kind {
        "payment" => {
            let sql = format!("{PAYMENT} WHERE p.id = ?1");
            let Some(payment) = connection.prepare_cached(&sql)?.query_row([record], payment).optional()? else {
                return Ok(None);
            };
            let versions = adjustments(connection, record)?;
            let version = versions.into_iter().find(|found| found.seq == version);
            Ok(version.map(|version| About::Payment(Box::new(payment), Box::new(version))))
        }
        "balance" => {
            let sql = format!("{BALANCE} WHERE p.id = ?1");
            let Some(balance) = connection.prepare_cached(&sql)?.query_row([record], balance).optional()? else {
                return Ok(None);
            };
            connection
                .prepare_cached(
                    "SELECT n.uuid, n.provider, i.name, p.account, p.kind, p.label FROM balances p \
                     JOIN connectors n ON n.install = p.install JOIN installs i ON i.id = p.install WHERE p.id = ?1",
                )?
                .query_row([record], |row| {
                    let of = Of { uuid: row.get(0)?, provider: row.get(1)?, install: row.get(2)? };
                    let (account, kind, label) = (row.get(3)?, row.get(4)?, row.get(5)?);
                    Ok(About::Balance(Box::new(NewBalance { of, account, kind, label, balance })))
                })
                .optional()
        }
        "account" | "external-account" => {
            let sql = format!("{ACCOUNT} WHERE p.id = ?1");
            let account = connection.prepare_cached(&sql)?.query_row([record], account).optional()?;
            Ok(account.map(|account| About::Account(Box::new(account))))
        }
        _ => Ok(None),
    }
}

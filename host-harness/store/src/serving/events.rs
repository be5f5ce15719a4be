//! What happened, in order: the log of changes with what each of them is about. A reader that keeps the number of the last
//! one it read misses none.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::list::{
    ACCOUNT, AccountItem, AdjustmentItem, BALANCE, BalanceItem, Of, PAYMENT, PaymentItem, account, adjustments,
    balance, payment,
};
use crate::{Store, StoreError};

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
}

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
                "SELECT seq, kind, record, version FROM change_log WHERE seq > ?1 ORDER BY seq LIMIT ?2",
            )?;
            let mut rows = statement.query(params![after, most])?;
            let (mut events, mut last) = (Vec::new(), after);
            while let Some(row) = rows.next()? {
                last = row.get(0)?;
                let (kind, record, version): (String, i64, i64) = (row.get(1)?, row.get(2)?, row.get(3)?);
                if let Some(about) = about(connection, &kind, record, version)? {
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

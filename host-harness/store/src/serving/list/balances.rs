//! Balances of an account over time.

use chrono::{DateTime, Utc};
use rusqlite::Row;
use rusqlite::types::Value;

use super::{List, Page, RecordId, Seek, read};
use crate::{Store, StoreError};
use model::Timestamp;

/// Which balances.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// `BOOKED`, `AVAILABLE` and more.
    pub kind: String,
    /// Of this asset only.
    pub asset: Option<String>,
    /// Held at or after this time.
    pub from: Option<DateTime<Utc>>,
    /// Held at or before this time.
    pub to: Option<DateTime<Utc>>,
}

/// How much an account had, from one time to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BalanceItem {
    /// Since when.
    pub since: Timestamp,
    /// Until when: when another amount was read, else when this one was read last.
    pub until: Timestamp,
    /// What it is of.
    pub asset: String,
    /// In the smallest unit, with a sign.
    pub amount: String,
}

pub(in crate::serving) const BALANCE: &str = "SELECT p.asset, p.amount, p.since_s, p.since_n, \
    ifnull(next.since_s, p.until_s), ifnull(next.since_n, p.until_n), p.since_s, p.since_n, p.id FROM balances p \
    JOIN connectors n ON n.install = p.install LEFT JOIN balances next ON next.id = (SELECT b.id FROM balances b \
    WHERE b.install = p.install AND b.account = p.account AND b.kind = p.kind AND b.label IS p.label \
    AND b.asset = p.asset AND b.first > p.first ORDER BY b.first LIMIT 1)";

pub(in crate::serving) fn balance(row: &Row<'_>) -> rusqlite::Result<BalanceItem> {
    Ok(BalanceItem {
        asset: row.get(0)?,
        amount: row.get(1)?,
        since: Timestamp { seconds: row.get(2)?, nanoseconds: row.get(3)? },
        until: Timestamp { seconds: row.get(4)?, nanoseconds: row.get(5)? },
    })
}

impl Store {
    /// A part of the history of an account's balances of one kind that has no label.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn list_balances(
        &self,
        account: &RecordId,
        span: &Span,
        seek: Seek,
        most: u32,
    ) -> Result<Page<BalanceItem>, StoreError> {
        let mut condition = "n.uuid = ? AND p.account = ? AND p.kind = ? AND p.label IS NULL".to_owned();
        let mut values: Vec<Value> =
            vec![account.connector.clone().into(), account.reference.clone().into(), span.kind.clone().into()];
        let mut also = |sql: &str, more: Vec<Value>| {
            condition.push_str(sql);
            values.extend(more);
        };
        if let Some(asset) = &span.asset {
            also(" AND p.asset = ?", vec![asset.clone().into()]);
        }
        if let Some(from) = span.from {
            also(" AND (ifnull(next.since_s, p.until_s), ifnull(next.since_n, p.until_n)) >= (?, ?)", time(from));
        }
        if let Some(to) = span.to {
            also(" AND (p.since_s, p.since_n) <= (?, ?)", time(to));
        }
        let list = List { select: BALANCE, condition, values, key: ["p.since_s", "p.since_n", "p.id"] };
        self.reading(|connection| read(connection, list, seek, most, balance))
    }
}

fn time(at: DateTime<Utc>) -> Vec<Value> {
    vec![at.timestamp().into(), at.timestamp_subsec_nanos().into()]
}

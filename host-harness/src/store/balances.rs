//! Balances: a history of runs of equal amounts for each account, kind and asset.
//!
//! A poll that reads the same amount again adds no row: the run's `since`, which the export shows, stays. Its `until`
//! moves on, which the export does not show and [`Changes`](super::Changes) does not count; without it, a balance that
//! arrives late from the middle of a run would pass for the latest.

use rusqlite::{Connection, OptionalExtension as _, Result, Statement, params};

use super::{Change, codec};
use crate::contract::{Balance, Timestamp};

/// Writes the balances of one page.
pub(super) struct BalanceWriter<'c> {
    connection: &'c Connection,
    known: Statement<'c>,
    before: Statement<'c>,
    after: Statement<'c>,
    install: i64,
}

struct Run {
    id: i64,
    amount: String,
    since: (i64, u32),
    until: (i64, u32),
}

impl<'c> BalanceWriter<'c> {
    pub(super) fn new(connection: &'c Connection, install: i64) -> Result<Self> {
        Ok(Self {
            connection,
            known: connection.prepare(
                "SELECT EXISTS (SELECT 1 FROM balances WHERE install = ?1 AND account = ?2 AND kind = ?3 AND asset = ?4 \
                 AND amount = ?7 AND (since_s, since_n) <= (?5, ?6) AND (until_s, until_n) >= (?5, ?6))",
            )?,
            before: connection.prepare(
                "SELECT id, amount, since_s, since_n, until_s, until_n FROM balances WHERE install = ?1 AND account = ?2 \
                 AND kind = ?3 AND asset = ?4 AND (since_s, since_n) <= (?5, ?6) \
                 ORDER BY since_s DESC, since_n DESC, id DESC LIMIT 1",
            )?,
            after: connection.prepare(
                "SELECT id, amount, since_s, since_n, until_s, until_n FROM balances WHERE install = ?1 AND account = ?2 \
                 AND kind = ?3 AND asset = ?4 AND (since_s, since_n) > (?5, ?6) \
                 ORDER BY since_s, since_n, id LIMIT 1",
            )?,
            install,
        })
    }

    pub(super) fn store(&mut self, balance: &Balance) -> Result<Change> {
        let kind = codec::balance_kind_name(balance.kind);
        let Timestamp { seconds, nanoseconds } = balance.as_of;
        let place = params![self.install, balance.account_reference, kind, balance.asset, seconds, nanoseconds];
        let known: bool = self.known.query_row(
            params![self.install, balance.account_reference, kind, balance.asset, seconds, nanoseconds, balance.amount],
            |row| row.get(0),
        )?;
        if known {
            return Ok(Change::Unchanged);
        }
        let before = self.before.query_row(place, run).optional()?;
        let after = self.after.query_row(place, run).optional()?;
        let first = before.is_none() && after.is_none();
        let at = codec::order(balance.as_of);
        match (before, after) {
            (Some(before), _) if before.amount == balance.amount => {
                self.set(before.id, before.since, at)?;
                return Ok(Change::Unchanged);
            }
            (Some(before), _) if before.until > at => {
                self.set(before.id, before.since, before.since)?;
                self.insert(balance, &balance.amount, at)?;
                self.insert(balance, &before.amount, before.until)?;
            }
            (_, Some(after)) if after.amount == balance.amount => self.set(after.id, at, after.until)?,
            _ => self.insert(balance, &balance.amount, at)?,
        }
        Ok(if first { Change::Inserted } else { Change::Updated })
    }

    fn set(&self, id: i64, since: (i64, u32), until: (i64, u32)) -> Result<()> {
        self.connection.execute(
            "UPDATE balances SET since_s = ?2, since_n = ?3, until_s = ?4, until_n = ?5 WHERE id = ?1",
            params![id, since.0, since.1, until.0, until.1],
        )?;
        Ok(())
    }

    fn insert(&self, balance: &Balance, amount: &str, at: (i64, u32)) -> Result<()> {
        self.connection.execute(
            "INSERT INTO balances (install, account, kind, asset, amount, since_s, since_n, until_s, until_n) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?6, ?7)",
            params![
                self.install,
                balance.account_reference,
                codec::balance_kind_name(balance.kind),
                balance.asset,
                amount,
                at.0,
                at.1
            ],
        )?;
        Ok(())
    }
}

fn run(row: &rusqlite::Row<'_>) -> Result<Run> {
    Ok(Run {
        id: row.get(0)?,
        amount: row.get(1)?,
        since: (row.get(2)?, row.get(3)?),
        until: (row.get(4)?, row.get(5)?),
    })
}

//! Balances: a history of runs of equal amounts for each account, kind, label and asset, in the order of reading.
//!
//! The amount that was read last is the present one, whatever time it bears: a clock that was ahead must not hold it. A
//! poll that reads the same amount again adds no row: the run's `since`, which the export shows, stays. Its end moves on,
//! which the export does not show and [`Changes`](super::Changes) does not count; without it, a balance that arrives late
//! from the middle of a run would pass for the latest.

use rusqlite::{CachedStatement, Connection, OptionalExtension as _, Result, params};

use super::versions::Reading;
use super::{Change, codec};
use model::Balance;

/// Writes the balances of one page.
pub(super) struct BalanceWriter<'c> {
    connection: &'c Connection,
    before: CachedStatement<'c>,
    after: CachedStatement<'c>,
    install: i64,
    number: i64,
}

/// Equal amounts, read by calls from one number to another.
struct Run {
    id: i64,
    amount: String,
    first: Point,
    last: Point,
}

/// As which call an amount was read, and for which time.
#[derive(Clone, Copy)]
struct Point {
    number: i64,
    as_of: (i64, u32),
}

impl<'c> BalanceWriter<'c> {
    pub(super) fn new(connection: &'c Connection, install: i64, reading: Reading) -> Result<Self> {
        let run = "SELECT id, amount, first, since_s, since_n, reading, until_s, until_n FROM balances \
                   WHERE install = ?1 AND account = ?2 AND kind = ?3 AND label IS ?4 AND asset = ?5";
        Ok(Self {
            connection,
            before: connection.prepare_cached(&format!("{run} AND first <= ?6 ORDER BY first DESC LIMIT 1"))?,
            after: connection.prepare_cached(&format!("{run} AND first > ?6 ORDER BY first LIMIT 1"))?,
            install,
            number: reading.number,
        })
    }

    pub(super) fn store(&mut self, balance: &Balance) -> Result<Change> {
        let kind = codec::balance_kind_name(balance.kind);
        let place = params![self.install, balance.account_reference, kind, balance.label, balance.asset, self.number];
        let before = self.before.query_row(place, run).optional()?;
        let after = self.after.query_row(place, run).optional()?;
        let first = before.is_none() && after.is_none();
        let at = Point { number: self.number, as_of: codec::order(balance.as_of) };
        match (before, after) {
            (Some(run), _) if run.amount == balance.amount => {
                if at.number > run.last.number {
                    self.set(run.id, run.first, at)?;
                }
                return Ok(Change::Unchanged);
            }
            // Twice in one page: the later one holds.
            (Some(run), _) if run.first.number == at.number => {
                self.delete(run.id)?;
                self.insert(balance, &balance.amount, at, at)?;
                if run.last.number > at.number {
                    self.insert(balance, &run.amount, run.last, run.last)?;
                }
            }
            (Some(run), _) if run.last.number > at.number => {
                self.set(run.id, run.first, run.first)?;
                self.insert(balance, &balance.amount, at, at)?;
                self.insert(balance, &run.amount, run.last, run.last)?;
            }
            (_, Some(run)) if run.amount == balance.amount => self.set(run.id, at, run.last)?,
            _ => self.insert(balance, &balance.amount, at, at)?,
        }
        Ok(if first { Change::Inserted } else { Change::Updated })
    }

    fn set(&self, id: i64, first: Point, last: Point) -> Result<()> {
        self.connection.execute(
            "UPDATE balances SET first = ?2, since_s = ?3, since_n = ?4, reading = ?5, until_s = ?6, until_n = ?7 \
             WHERE id = ?1",
            params![id, first.number, first.as_of.0, first.as_of.1, last.number, last.as_of.0, last.as_of.1],
        )?;
        Ok(())
    }

    fn delete(&self, id: i64) -> Result<()> {
        self.connection.execute("DELETE FROM balances WHERE id = ?1", [id])?;
        Ok(())
    }

    fn insert(&self, balance: &Balance, amount: &str, first: Point, last: Point) -> Result<()> {
        self.connection.execute(
            "INSERT INTO balances (install, account, kind, label, asset, amount, first, since_s, since_n, reading, \
             until_s, until_n) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            params![
                self.install,
                balance.account_reference,
                codec::balance_kind_name(balance.kind),
                balance.label,
                balance.asset,
                amount,
                first.number,
                first.as_of.0,
                first.as_of.1,
                last.number,
                last.as_of.0,
                last.as_of.1,
            ],
        )?;
        Ok(())
    }
}

fn run(row: &rusqlite::Row<'_>) -> Result<Run> {
    let point = |index: usize| -> Result<Point> {
        Ok(Point { number: row.get(index)?, as_of: (row.get(index + 1)?, row.get(index + 2)?) })
    };
    Ok(Run { id: row.get(0)?, amount: row.get(1)?, first: point(2)?, last: point(5)? })
}

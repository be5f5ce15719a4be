//! What was stored since an export before: each record once, as it is now.

use std::borrow::Cow;
use std::fmt;
use std::io::{BufWriter, Write};
use std::str::FromStr;

use rusqlite::{Connection, params};

use super::encode::{Field, Sink, object};
use super::rows::{Accounts, Balances, Payments, Records};
use super::{ExportError, Format};
use crate::Store;
use crate::read::install_id;

/// How far an export of changes has read a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// Which store: a number means something in one alone.
    store: String,
    seq: i64,
}

/// A text that is no cursor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a cursor, as each line of an export of changes has one: 1a2b3c4d-567")]
pub struct NotACursor;

impl FromStr for Cursor {
    type Err = NotACursor;

    fn from_str(text: &str) -> Result<Self, NotACursor> {
        let (store, seq) = text.trim().split_once('-').ok_or(NotACursor)?;
        let is_id = store.len() == 8 && store.bytes().all(|byte| byte.is_ascii_hexdigit());
        let seq = seq.parse().ok().filter(|seq| *seq >= 0 && is_id).ok_or(NotACursor)?;
        Ok(Self { store: store.to_ascii_lowercase(), seq })
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.store, self.seq)
    }
}

const CHANGE: [&str; 5] = ["cursor", "kind", "id", "change", "record"];

/// A changed record.
struct Changed {
    seq: i64,
    kind: String,
    record: i64,
    id: String,
    is_gone: bool,
}

/// Writes the accounts, external accounts, balances and payments of an install that are new, changed or gone since
/// `since`, or all of them, in the order in which they were stored last. A table has no column for the record itself. Gives the
/// cursor to go on from.
///
/// # Errors
///
/// There is no such install, the cursor is another store's, the store cannot be read or `out` not be written.
pub fn changes(
    store: &Store,
    name: &str,
    since: Option<&Cursor>,
    format: Format,
    out: &mut dyn Write,
) -> Result<Cursor, ExportError> {
    store.snapshot(|connection| {
        let install = install_id(connection, name)?;
        let mut cursor = here(connection)?;
        let since = since.map_or(Ok(0), |since| {
            let is_of_here = since.store == cursor.store && since.seq <= cursor.seq;
            if is_of_here { Ok(since.seq) } else { Err(ExportError::ForeignCursor(since.clone())) }
        })?;
        let mut out = BufWriter::with_capacity(64 * 1024, out);
        let mut sink = Sink::new(format, &mut out)?;
        let names = if format.is_table() { &CHANGE[..4] } else { &CHANGE };
        sink.header(names)?;
        let mut records = AnyRecord::new(connection, install)?;
        for changed in changed(connection, install, since)? {
            let place = Cursor { store: cursor.store.clone(), seq: changed.seq }.to_string();
            let change = if changed.is_gone { "withdrawal" } else { "upsert" };
            let mut fields =
                vec![Field::text(&place), Field::text(&changed.kind), Field::text(&changed.id), Field::text(change)];
            if !format.is_table() {
                fields.push(Field::Json(Cow::Owned(records.json(&changed)?)));
            }
            sink.record(names, &fields)?;
        }
        sink.finish()?;
        out.flush()?;
        cursor.seq = cursor.seq.max(since);
        Ok(cursor)
    })
}

/// The end of what is stored.
fn here(connection: &Connection) -> Result<Cursor, ExportError> {
    let sql = "SELECT id, (SELECT ifnull(max(seq), 0) FROM change_log) FROM store";
    Ok(connection.query_row(sql, [], |row| Ok(Cursor { store: row.get(0)?, seq: row.get(1)? }))?)
}

/// Each record that changed, by its last change.
fn changed(connection: &Connection, install: i64, since: i64) -> Result<Vec<Changed>, ExportError> {
    // A run of a balance that another took the place of is no balance any more; others are the connector's own.
    let mut statement = connection.prepare(
        "SELECT max(c.seq), c.kind, c.record, coalesce(p.reference, b.account, a.reference), c.is_gone FROM change_log c \
         LEFT JOIN payments p ON c.kind = 'payment' AND p.id = c.record \
         LEFT JOIN balances b ON c.kind = 'balance' AND b.id = c.record \
         LEFT JOIN accounts a ON c.kind IN ('account', 'external-account') AND a.id = c.record \
         WHERE c.install = ?1 AND c.seq > ?2 AND coalesce(p.id, b.id, a.id) IS NOT NULL \
         GROUP BY c.kind, c.record ORDER BY max(c.seq)",
    )?;
    let rows = statement.query_map(params![install, since], |row| {
        Ok(Changed { seq: row.get(0)?, kind: row.get(1)?, record: row.get(2)?, id: row.get(3)?, is_gone: row.get(4)? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Reads a record of any kind.
struct AnyRecord<'c> {
    accounts: Accounts<'c>,
    balances: Balances<'c>,
    payments: Payments<'c>,
}

impl<'c> AnyRecord<'c> {
    fn new(connection: &'c Connection, install: i64) -> Result<Self, ExportError> {
        Ok(Self {
            accounts: Accounts::new(connection)?,
            balances: Balances::new(connection)?,
            payments: Payments::new(connection, install)?,
        })
    }

    fn json(&mut self, changed: &Changed) -> Result<String, ExportError> {
        let mut json = Vec::new();
        match changed.kind.as_str() {
            "payment" => self.payments.record(changed.record, |fields| object(&mut json, Payments::NAMES, fields)),
            "balance" => self.balances.record(changed.record, |fields| object(&mut json, Balances::NAMES, fields)),
            _ => self.accounts.record(changed.record, |fields| object(&mut json, Accounts::NAMES, fields)),
        }?;
        Ok(String::from_utf8(json).map_err(std::io::Error::other)?)
    }
}

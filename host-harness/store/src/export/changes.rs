//! What was stored since an export before: each record once, as it is now.

use std::borrow::Cow;
use std::fmt;
use std::io::{BufWriter, Write};
use std::str::FromStr;

use rusqlite::{Connection, params};

use super::column::Column;
use super::encode::{Field, Sink, object};
use super::rows::{Accounts, Balances, Payments, Records};
use super::{ExportError, Format};
use crate::Store;
use crate::read::install_id;

/// How far an export of changes has read a store: a line of its log, by its number and its mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    seq: i64,
    mark: u32,
}

/// A text that is no cursor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a cursor, as each line of an export of changes has one: 567-1a2b3c4d")]
pub struct NotACursor;

impl FromStr for Cursor {
    type Err = NotACursor;

    fn from_str(text: &str) -> Result<Self, NotACursor> {
        let (seq, mark) = text.trim().split_once('-').ok_or(NotACursor)?;
        let is_number = !seq.is_empty() && seq.bytes().all(|byte| byte.is_ascii_digit());
        let is_mark = mark.len() == 8 && mark.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_number || !is_mark {
            return Err(NotACursor);
        }
        let mark = u32::from_str_radix(mark, 16).map_err(|_| NotACursor)?;
        Ok(Self { seq: seq.parse().map_err(|_| NotACursor)?, mark })
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:08x}", self.seq, self.mark)
    }
}

const CHANGE: [&str; 5] = ["cursor", "kind", "id", "change", "record"];

/// A changed record.
struct Changed {
    cursor: Cursor,
    kind: String,
    record: i64,
    id: String,
    is_gone: bool,
}

/// Writes the accounts, external accounts, balances and payments of an install that are new, changed or gone since
/// `since`, or all of them, in the order in which they were stored last. A table has no column for the record itself. Gives
/// the cursor to go on from; none where there was none and nothing is there.
///
/// # Errors
///
/// There is no such install, the cursor is another store's, the store cannot be read or `out` not be written.
pub fn changes(
    store: &Store,
    name: &str,
    since: Option<Cursor>,
    format: Format,
    out: &mut dyn Write,
) -> Result<Option<Cursor>, ExportError> {
    store.snapshot(|connection| {
        let install = install_id(connection, name)?;
        let mut last = since.map(|since| expect_line(connection, since)).transpose()?;
        let mut out = BufWriter::with_capacity(64 * 1024, out);
        let mut sink = Sink::new(format, "changes", &mut out)?;
        let names = if format.is_table() { &CHANGE[..4] } else { &CHANGE };
        sink.header(&Column::all(names))?;
        let mut records = AnyRecord::new(connection, install)?;
        for changed in changed(connection, install, last.map_or(0, |cursor| cursor.seq))? {
            last = Some(changed.cursor);
            let place = changed.cursor.to_string();
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
        Ok(last)
    })
}

/// A cursor of this store, as far as chance can tell.
fn expect_line(connection: &Connection, cursor: Cursor) -> Result<Cursor, ExportError> {
    let mut line = connection.prepare("SELECT 1 FROM change_log WHERE seq = ?1 AND mark = ?2")?;
    let is_here = line.exists(params![cursor.seq, cursor.mark])?;
    if is_here { Ok(cursor) } else { Err(ExportError::ForeignCursor(cursor)) }
}

/// Each record that changed, by its last change.
fn changed(connection: &Connection, install: i64, since: i64) -> Result<Vec<Changed>, ExportError> {
    // Of a balance only the present amount is told; others are the connector's own.
    let mut statement = connection.prepare(
        "SELECT max(c.seq), c.mark, c.kind, c.record, v.id, c.is_gone FROM change_log c JOIN v_changes v ON v.seq = c.seq \
         WHERE c.install = ?1 AND c.seq > ?2 AND (c.kind IN ('account', 'external-account', 'payment') \
         OR c.kind = 'balance' AND c.record IN (SELECT id FROM _balances WHERE install = ?1 AND is_latest)) \
         GROUP BY c.kind, c.record ORDER BY max(c.seq)",
    )?;
    let rows = statement.query_map(params![install, since], |row| {
        Ok(Changed {
            cursor: Cursor { seq: row.get(0)?, mark: row.get(1)? },
            kind: row.get(2)?,
            record: row.get(3)?,
            id: row.get(4)?,
            is_gone: row.get(5)?,
        })
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

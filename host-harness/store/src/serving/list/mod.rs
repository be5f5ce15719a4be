//! Lists, newest first, that go on from the place where one left them: whatever is added meanwhile, nothing comes twice and
//! nothing is left out, and the last page costs as much as the first.

mod accounts;
mod balances;
mod condition;
mod payments;

use rusqlite::types::Value;
use rusqlite::{Connection, Row, params_from_iter};

pub use accounts::AccountItem;
pub(super) use accounts::{ACCOUNT, account};
pub(super) use balances::{BALANCE, balance};
pub use balances::{BalanceItem, Span};
pub(super) use condition::{Columns, Compiled};
pub use condition::{Condition, Field, Op};
pub use payments::{AdjustmentItem, PaymentItem};
pub(super) use payments::{PAYMENT, adjustments, payment};

/// The connector of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Of {
    /// Its UUID.
    pub uuid: String,
    /// The name that the connector gives itself.
    pub provider: String,
    /// The name of the install.
    pub install: String,
}

/// What names a record among those of all connectors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordId {
    /// The UUID of its connector.
    pub connector: String,
    /// The provider's.
    pub reference: String,
    /// Of a payment, the type that it had first.
    pub payment_type: Option<String>,
}

/// A place in a list: a record's time, and its number where several have the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// Seconds since 1970.
    pub seconds: i64,
    /// Of a second.
    pub nanoseconds: u32,
    /// The record's number.
    pub id: i64,
}

/// Where in a list to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seek {
    /// From its newest record.
    Newest,
    /// What is older than this place.
    OlderThan(Key),
    /// What is newer than this place, and next to it.
    NewerThan(Key),
}

/// A part of a list, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The records, each with its place.
    pub items: Vec<(Key, T)>,
    /// There are newer ones.
    pub has_newer: bool,
    /// There are older ones.
    pub has_older: bool,
}

/// A kind of list, as SQL.
pub(super) struct List<'s> {
    /// `SELECT … FROM …`; its last three columns are the key.
    pub(super) select: &'s str,
    /// What has to hold.
    pub(super) condition: String,
    /// The values in it.
    pub(super) values: Vec<Value>,
    /// The expressions of the key.
    pub(super) key: [&'s str; 3],
}

/// Reads a part of a list of at most so many records.
pub(super) fn read<T>(
    connection: &Connection,
    list: List<'_>,
    seek: Seek,
    most: u32,
    mut item: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Page<T>> {
    let List { select, condition, mut values, key: [seconds, nanoseconds, id] } = list;
    let (comparison, order) = match seek {
        Seek::Newest => (None, "DESC"),
        Seek::OlderThan(key) => (Some(("<", key)), "DESC"),
        Seek::NewerThan(key) => (Some((">", key)), "ASC"),
    };
    let place = comparison.map_or(String::new(), |(sign, key)| {
        values.extend([Value::from(key.seconds), Value::from(key.nanoseconds), Value::from(key.id)]);
        format!(" AND ({seconds}, {nanoseconds}, {id}) {sign} (?, ?, ?)")
    });
    values.push(Value::from(i64::from(most) + 1));
    let sql = format!(
        "{select} WHERE {condition}{place} ORDER BY {seconds} {order}, {nanoseconds} {order}, {id} {order} LIMIT ?"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let columns = statement.column_count();
    let mut rows = statement.query(params_from_iter(values))?;
    let mut items = Vec::new();
    while let Some(row) = rows.next()? {
        let at = columns.saturating_sub(3);
        let key = Key { seconds: row.get(at)?, nanoseconds: row.get(at + 1)?, id: row.get(at + 2)? };
        items.push((key, item(row)?));
    }
    let is_more = items.len() > most as usize;
    items.truncate(most as usize);
    let (has_newer, has_older) = match seek {
        Seek::Newest => (false, is_more),
        Seek::OlderThan(_) => (true, is_more),
        Seek::NewerThan(_) => {
            items.reverse();
            (is_more, true)
        }
    };
    Ok(Page { items, has_newer, has_older })
}

fn of(row: &Row<'_>) -> rusqlite::Result<Of> {
    Ok(Of { uuid: row.get(0)?, provider: row.get(1)?, install: row.get(2)? })
}

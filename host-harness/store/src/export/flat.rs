//! The views, a line a row, nothing nested; as they are, but for the days, which are those of a zone.

use std::borrow::Cow;
use std::io::Write;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, ToSql, params};

use super::column::{Column, Kind};
use super::encode::{Field, Sink};
use super::selection::Selected;
use super::zone::{CREATED_ON, booked_on};
use super::{ExportError, Format};
use crate::{payments, raw};

/// How a kind of records is read out of a view, `v`.
pub(super) struct View {
    name: &'static str,
    /// Which of its rows, besides those of the install.
    only: &'static str,
    /// What its rows are of.
    of: Of,
    /// The day of a row, where rows have one.
    day: Day,
    /// Whether a row is of the account `?4`.
    account: &'static str,
    /// The status of a row, where rows have one.
    status: &'static str,
    order: &'static str,
}

/// What a row is of: the record beside it is `p`.
enum Of {
    Balance,
    Account,
    Payment,
    /// A part of a payment, which has no metadata and no bytes of its own.
    Entry,
}

impl Of {
    /// The record of a row, found by its index.
    fn join(&self) -> &'static str {
        match self {
            Self::Balance => "",
            Self::Account => {
                "LEFT JOIN accounts p ON p.install = ?1 AND p.kind = v.kind AND p.reference = v.account_id"
            }
            Self::Payment | Self::Entry => {
                "LEFT JOIN payments p ON p.reference_hash = hash_reference(?1, v.payment_id) AND p.install = ?1 \
                 AND p.reference = v.payment_id"
            }
        }
    }

    fn has_raw(&self) -> bool {
        matches!(self, Self::Account | Self::Payment)
    }
}

/// On which day a row lies.
enum Day {
    None,
    /// That of the payment's creation.
    Created,
    /// That of its booking, which is the column `booked_on`.
    Booked,
}

/// A column that no filter asks for.
const NONE: &str = "NULL";

pub(super) const ENTRIES: View = View {
    name: "v_entries",
    only: "TRUE",
    of: Of::Entry,
    day: Day::Booked,
    account: "account_id = ?4",
    status: "v.status",
    order: "account_id, booked_on, created_at, payment_id",
};

pub(super) const PAYMENTS: View = View {
    name: "v_payments",
    only: "TRUE",
    of: Of::Payment,
    day: Day::Created,
    account: "?4 IN (source_account_id, destination_account_id)",
    status: "v.status",
    order: "created_at, payment_id",
};

pub(super) const BALANCES: View = View {
    name: "v_balances",
    only: "TRUE",
    of: Of::Balance,
    day: Day::None,
    account: "account_id = ?4",
    status: NONE,
    order: "account_id, type, label, currency",
};

pub(super) const ACCOUNTS: View = View {
    name: "v_accounts",
    only: "v.kind = 'account'",
    of: Of::Account,
    day: Day::None,
    account: NONE,
    status: NONE,
    order: "account_id",
};

pub(super) const EXTERNAL_ACCOUNTS: View = View { only: "v.kind = 'external-account'", ..ACCOUNTS };

impl View {
    /// Its rows; with what the record of each has besides, where that `has_raw`.
    fn sql(&self, connection: &Connection, has_raw: bool) -> rusqlite::Result<String> {
        let Self { name, only, account, status, order, of, .. } = self;
        let day = match self.day {
            Day::None => NONE.to_owned(),
            Day::Created => CREATED_ON.to_owned(),
            Day::Booked => booked_on(),
        };
        let view = connection.prepare(&format!("SELECT * FROM {name}"))?;
        let columns = view.column_names().map(|column| match self.day {
            // The view's own day is UTC's.
            Day::Booked if column == "booked_on" => format!("{day} AS booked_on"),
            _ => format!("v.{column}"),
        });
        let more = [String::from("p.metadata"), String::from("p.raw")].into_iter().filter(|_| has_raw);
        let columns = columns.chain(more).collect::<Vec<_>>().join(", ");
        Ok(format!(
            "SELECT {columns} FROM {name} v {} WHERE v.install = (SELECT name FROM installs WHERE id = ?1) AND {only} \
             AND (?2 IS NULL OR {day} >= ?2) AND (?3 IS NULL OR {day} <= ?3) AND (?4 IS NULL OR {account}) \
             AND (?5 IS NULL OR {status} = ?5) ORDER BY {order}",
            of.join()
        ))
    }

    /// Writes its rows, named as its columns are.
    pub(super) fn write<W: Write>(
        &self,
        connection: &Connection,
        selected: &Selected,
        format: Format,
        sink: &mut Sink<W>,
    ) -> Result<(), ExportError> {
        let Selected { install, since, until, account, status } = selected;
        let is_parquet = format == Format::Parquet;
        let has_raw = is_parquet && self.of.has_raw();
        let sql = self.sql(connection, has_raw)?;
        let mut statement = connection.prepare(&sql)?;
        let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let chosen = params![install, since, until, account, status];
        let mut columns = Column::all(&names);
        if is_parquet {
            count_decimals(connection, &sql, chosen, &mut columns)?;
        }
        sink.header(&columns)?;
        let sample = if has_raw { payments::sample(connection, *install)? } else { None }.unwrap_or_default();
        let mut rows = statement.query(chosen)?;
        while let Some(row) = rows.next()? {
            let raw = if has_raw { raw::unpack(row, names.len() - 1, &sample)? } else { Cow::default() };
            let fields = columns.iter().enumerate().map(|(place, column)| {
                Ok(match (column.kind, row.get_ref(place)?) {
                    (_, ValueRef::Null) => Field::Null,
                    (Kind::Json, _) => Field::raw(&raw),
                    // Text, as exact as it is long: not every reader of JSON reads a long number as it stands.
                    (_, ValueRef::Integer(number)) => Field::Text(Cow::Owned(number.to_string())),
                    (Kind::Map, value) => Field::Json(Cow::Borrowed(value.as_str()?)),
                    (_, value) => Field::text(value.as_str()?),
                })
            });
            let fields: Vec<Field<'_>> = fields.collect::<rusqlite::Result<_>>()?;
            sink.record(&names, &fields)?;
        }
        Ok(())
    }
}

/// Looks how many decimals the numbers of each column have at most.
fn count_decimals(
    connection: &Connection,
    rows: &str,
    chosen: &[&dyn ToSql],
    columns: &mut [Column],
) -> Result<(), ExportError> {
    let count = |column: &Column| match column.kind {
        Kind::Number => {
            let name = &column.name;
            format!("max(CASE instr({name}, '.') WHEN 0 THEN 0 ELSE length({name}) - instr({name}, '.') END)")
        }
        _ => NONE.to_owned(),
    };
    let counts: Vec<String> = columns.iter().map(count).collect();
    let mut statement = connection.prepare(&format!("SELECT {} FROM ({rows})", counts.join(", ")))?;
    let mut found = statement.query(chosen)?;
    if let Some(row) = found.next()? {
        for (place, column) in columns.iter_mut().enumerate() {
            column.decimals = row.get::<_, Option<u16>>(place)?.unwrap_or_default().into();
        }
    }
    Ok(())
}

//! The views, a line a row, nothing nested; as they are, but for the days, which are those of a zone.

use std::borrow::Cow;
use std::io::Write;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, params};

use super::ExportError;
use super::encode::{Field, Sink};
use super::selection::Selected;
use super::zone::{CREATED_ON, booked_on};

/// How a kind of records is read out of a view, `v`.
pub(super) struct View {
    name: &'static str,
    /// Which of its rows, besides those of the install.
    only: &'static str,
    /// Whether its rows are of payments: they are beside them, as `p`.
    of_payments: bool,
    /// The day of a row, where rows have one.
    day: Day,
    /// Whether a row is of the account `?4`.
    account: &'static str,
    /// The status of a row, where rows have one.
    status: &'static str,
    order: &'static str,
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
    of_payments: true,
    day: Day::Booked,
    account: "account_id = ?4",
    status: "v.status",
    order: "account_id, booked_on, created_at, payment_id",
};

pub(super) const PAYMENTS: View = View {
    name: "v_payments",
    only: "TRUE",
    of_payments: true,
    day: Day::Created,
    account: "?4 IN (source_account_id, destination_account_id)",
    status: "v.status",
    order: "created_at, payment_id",
};

pub(super) const BALANCES: View = View {
    name: "v_balances",
    only: "TRUE",
    of_payments: false,
    day: Day::None,
    account: "account_id = ?4",
    status: NONE,
    order: "account_id, type, label, currency",
};

pub(super) const ACCOUNTS: View = View {
    name: "v_accounts",
    only: "kind = 'account'",
    of_payments: false,
    day: Day::None,
    account: NONE,
    status: NONE,
    order: "account_id",
};

pub(super) const EXTERNAL_ACCOUNTS: View = View { only: "kind = 'external-account'", ..ACCOUNTS };

/// The payment of a row: found by its index, one for each row.
const PAYMENT: &str = "CROSS JOIN payments p ON p.reference_hash = hash_reference(?1, v.payment_id) AND p.install = ?1 \
    AND p.reference = v.payment_id";

impl View {
    fn sql(&self, connection: &Connection) -> rusqlite::Result<String> {
        let Self { name, only, account, status, order, .. } = self;
        let day = match self.day {
            Day::None => NONE.to_owned(),
            Day::Created => CREATED_ON.to_owned(),
            Day::Booked => booked_on(),
        };
        let view = connection.prepare(&format!("SELECT * FROM {name}"))?;
        let columns = view.column_names().into_iter().map(|column| match self.day {
            // The view's own day is UTC's.
            Day::Booked if column == "booked_on" => format!("{day} AS booked_on"),
            _ => format!("v.{column}"),
        });
        let columns = columns.collect::<Vec<_>>().join(", ");
        let payment = if self.of_payments { PAYMENT } else { "" };
        Ok(format!(
            "SELECT {columns} FROM {name} v {payment} WHERE v.install = (SELECT name FROM installs WHERE id = ?1) AND {only} \
             AND (?2 IS NULL OR {day} >= ?2) AND (?3 IS NULL OR {day} <= ?3) AND (?4 IS NULL OR {account}) \
             AND (?5 IS NULL OR {status} = ?5) ORDER BY {order}"
        ))
    }

    /// Writes its rows, named as its columns are.
    pub(super) fn write<W: Write>(
        &self,
        connection: &Connection,
        selected: &Selected,
        sink: &mut Sink<W>,
    ) -> Result<(), ExportError> {
        let Selected { install, since, until, account, status } = selected;
        let mut statement = connection.prepare(&self.sql(connection)?)?;
        let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        sink.header(&names)?;
        let mut rows = statement.query(params![install, since, until, account, status])?;
        while let Some(row) = rows.next()? {
            let fields = (0..names.len()).map(|column| {
                Ok(match row.get_ref(column)? {
                    ValueRef::Null => Field::Null,
                    // Text, as exact as it is long: not every reader of JSON reads a long number as it stands.
                    ValueRef::Integer(number) => Field::Text(Cow::Owned(number.to_string())),
                    value => Field::text(value.as_str()?),
                })
            });
            let fields: Vec<Field<'_>> = fields.collect::<rusqlite::Result<_>>()?;
            sink.record(&names, &fields)?;
        }
        Ok(())
    }
}

//! The views as they are: a line a row, nothing nested.

use std::borrow::Cow;
use std::io::Write;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, params};

use super::ExportError;
use super::encode::{Field, Sink};
use super::selection::Selected;

/// How a kind of records is read out of a view.
pub(super) struct View {
    name: &'static str,
    /// Which of its rows, besides those of the install.
    only: &'static str,
    /// The day of a row, where rows have one.
    day: &'static str,
    /// Whether a row is of the account `?4`.
    account: &'static str,
    /// The status of a row, where rows have one.
    status: &'static str,
    order: &'static str,
}

/// A column that no filter asks for.
const NONE: &str = "NULL";

pub(super) const ENTRIES: View = View {
    name: "v_entries",
    only: "TRUE",
    day: "booked_on",
    account: "account_id = ?4",
    status: "status",
    order: "account_id, booked_on, created_at, payment_id",
};

pub(super) const PAYMENTS: View = View {
    name: "v_payments",
    only: "TRUE",
    day: "substr(created_at, 1, 10)",
    account: "?4 IN (source_account_id, destination_account_id)",
    status: "status",
    order: "created_at, payment_id",
};

pub(super) const BALANCES: View = View {
    name: "v_balances",
    only: "TRUE",
    day: NONE,
    account: "account_id = ?4",
    status: NONE,
    order: "account_id, type, label, currency",
};

pub(super) const ACCOUNTS: View =
    View { name: "v_accounts", only: "kind = 'account'", day: NONE, account: NONE, status: NONE, order: "account_id" };

pub(super) const EXTERNAL_ACCOUNTS: View = View { only: "kind = 'external-account'", ..ACCOUNTS };

impl View {
    fn sql(&self) -> String {
        let Self { name, only, day, account, status, order } = self;
        format!(
            "SELECT * FROM {name} WHERE install = (SELECT name FROM installs WHERE id = ?1) AND {only} \
             AND (?2 IS NULL OR {day} >= ?2) AND (?3 IS NULL OR {day} <= ?3) AND (?4 IS NULL OR {account}) \
             AND (?5 IS NULL OR {status} = ?5) ORDER BY {order}"
        )
    }

    /// Writes its rows, named as its columns are.
    pub(super) fn write<W: Write>(
        &self,
        connection: &Connection,
        selected: &Selected,
        sink: &mut Sink<W>,
    ) -> Result<(), ExportError> {
        let Selected { install, since, until, account, status } = selected;
        let mut statement = connection.prepare(&self.sql())?;
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

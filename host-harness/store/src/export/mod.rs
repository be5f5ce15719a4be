//! The store's records on their way out: JSON, or tables; and what accountants take, statements and ledgers.
//!
//! The order is the same at every export of the same records: own accounts, external accounts, balances, payments,
//! rejected rows. Accounts by reference; balances by account, kind and asset, the latest of each; payments by
//! `createdAt`, then reference; rejected rows by stream, then as they came. One consistent state of the store is
//! written, row by row, whatever a run adds meanwhile.

mod beancount;
mod camt053;
mod cell;
mod changes;
mod column;
mod encode;
mod flat;
mod ledger;
#[cfg(test)]
mod ledger_tests;
#[cfg(feature = "parquet")]
mod parquet;
mod rows;
mod selection;
#[cfg(test)]
mod tests;
mod xlsx;
mod zone;

use std::io::{self, BufWriter, Write};

use chrono::NaiveDate;
use rusqlite::Connection;

pub use self::beancount::{AccountNames, NotAccountNames, ledger};
pub use self::camt053::{Period, statements};
pub use self::changes::{Cursor, NotACursor, changes};
use self::column::Column;
use self::encode::Sink;
use self::flat::View;
use self::rows::{Accounts, Balances, Payments, Records, RejectedRows};
use self::selection::Selected;
#[cfg(test)]
pub(crate) use self::selection::{BOOKED, NOT_BOOKED};
pub use self::selection::{Filter, Selection, What};
pub use self::zone::{NoSuchZone, Zone};
use crate::{Store, StoreError};

/// How they are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One JSON object a line.
    Ndjson,
    /// One JSON array.
    Json,
    /// One header line, then one line a record, its columns those of the view of its kind, absent values empty. Where a
    /// spreadsheet would take a text for a formula, it has a `'` before it; numbers stay as they are.
    Csv,
    /// The same table as an Excel workbook: numbers and times are such, texts are never formulas. A number of more than
    /// fifteen digits is a text, since a spreadsheet would round it, and a text ends where a cell is full.
    Xlsx,
    /// The same table as a Parquet file: decimals, days and instants are such. Accounts and payments have their metadata as well,
    /// as a map, and the provider's bytes as JSON. Only where this was built with the feature `parquet`.
    Parquet,
}

impl Format {
    /// Whether it is a table, of one kind of records: nothing in its cells is nested.
    #[must_use]
    pub fn is_table(self) -> bool {
        matches!(self, Self::Csv | Self::Xlsx | Self::Parquet)
    }
}

/// Why there is no export, or only a part of one.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The store cannot be read, or lacks the install.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The output cannot be written.
    #[error("the export cannot be written: {0}")]
    Write(#[from] io::Error),
    /// The format was left out when this was built.
    #[error("this program was built without {feature}")]
    NotBuilt {
        /// The feature that it takes.
        feature: &'static str,
    },
    /// Records of several kinds share no header.
    #[error("a table has one header, so it takes one kind of record, not all; JSON takes them all")]
    OneKindOnly,
    /// The records have nothing that the filter could ask for.
    #[error("{what} cannot be picked by {by}; entries and payments can, and balances by an account")]
    NoSuchFilter {
        /// Which records.
        what: &'static str,
        /// What they were to be picked by.
        by: &'static str,
    },
    /// Statements and ledgers are made of all entries of their days.
    #[error("{0} need all entries of their days, so they cannot be picked by a status")]
    NeedsAllEntries(&'static str),
    /// The account is none of the install's own.
    #[error("there is no own account {account:?}; {}", match known.as_slice() {
        [] => "there is none".to_owned(),
        known => format!("there are: {}", known.join(", ")),
    })]
    NoSuchAccount {
        /// What was asked for.
        account: String,
        /// The IBANs of those that there are, or their references.
        known: Vec<String>,
    },
    /// The cursor is another store's, or of this one before it was put back to an earlier day.
    #[error("the cursor {0} is not of this store, or of what it was before it was put back; begin without one")]
    ForeignCursor(Cursor),
    /// No statement can be written, since none would hold anything.
    #[error("nothing was booked on these days, so there is nothing to state")]
    NothingBooked,
    /// A record or an account has no place in the format.
    #[error("{record} cannot be exported like this: {reason}")]
    Misfit {
        /// Which one.
        record: String,
        /// Why not.
        reason: &'static str,
    },
    /// What an account had, and what was booked since, do not make what it has.
    #[error(
        "the account {account} does not add up on {day}: it had {opening} {currency}, {entries} {currency} were booked since, and \
         it has {closing} {currency}, which is {difference} {currency} more than that; entries are missing or twice there, so \
         have them read again, or leave the account out"
    )]
    DoesNotClose {
        /// The account, by its IBAN where it has one.
        account: String,
        /// The day of its latest balance.
        day: NaiveDate,
        /// The currency of all amounts.
        currency: String,
        /// What it had before its first entry, from its oldest balance.
        opening: String,
        /// What was booked until its latest balance.
        entries: String,
        /// That balance.
        closing: String,
        /// The latest balance less opening and entries.
        difference: String,
    },
    /// No such records are ever in this status.
    #[error("no {what} are in status {status:?}; there are: {}", .known.join(", "))]
    NoSuchStatus {
        /// Which records.
        what: &'static str,
        /// What was asked for.
        status: String,
        /// The statuses that they can be in.
        known: Vec<&'static str>,
    },
    /// There is no day that is asked for.
    #[error("the last day, {until}, lies before the first, {since}")]
    NoDays {
        /// The first day.
        since: NaiveDate,
        /// The last.
        until: NaiveDate,
    },
}

impl From<rusqlite::Error> for ExportError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

/// Writes records of one install. Returns how many there were.
///
/// # Errors
///
/// There is no such install or account, all kinds are asked for as a table, the filter does not fit the kind, the store cannot be
/// read or `out` not be written.
pub fn export(
    store: &Store,
    install: &str,
    selection: impl Into<Selection>,
    format: Format,
    out: &mut dyn Write,
) -> Result<u64, ExportError> {
    let selection = selection.into();
    let kinds: &[What] = match &selection.what {
        What::All => &[What::Accounts, What::ExternalAccounts, What::Balances, What::Payments, What::Rejected],
        one => std::slice::from_ref(one),
    };
    if format.is_table() && kinds.len() > 1 {
        return Err(ExportError::OneKindOnly);
    }
    store.snapshot(|connection| {
        let selected = Selected::of(connection, install, &selection)?;
        let mut out = BufWriter::with_capacity(64 * 1024, out);
        let mut sink = Sink::new(format, selection.what.name(), &mut out)?;
        for kind in kinds {
            match view(*kind).filter(|_| format.is_table() || *kind == What::Entries) {
                Some(view) => view.write(connection, &selected, format, &mut sink)?,
                None => records(connection, *kind, &selected, &mut sink)?,
            }
        }
        let count = sink.finish()?;
        out.flush()?;
        Ok(count)
    })
}

/// The view of a kind of records, where it has one.
fn view(what: What) -> Option<&'static View> {
    match what {
        What::Entries => Some(&flat::ENTRIES),
        What::Accounts => Some(&flat::ACCOUNTS),
        What::ExternalAccounts => Some(&flat::EXTERNAL_ACCOUNTS),
        What::Balances => Some(&flat::BALANCES),
        What::Payments => Some(&flat::PAYMENTS),
        What::Rejected | What::All => None,
    }
}

/// A kind of records in the contract's words, with the provider's bytes.
fn records<W: Write>(
    connection: &Connection,
    what: What,
    selected: &Selected,
    sink: &mut Sink<W>,
) -> Result<(), ExportError> {
    match what {
        What::Accounts => each(connection, selection::ACCOUNTS, selected, Accounts::new(connection)?, sink),
        What::ExternalAccounts => {
            each(connection, selection::EXTERNAL_ACCOUNTS, selected, Accounts::new(connection)?, sink)
        }
        What::Balances => each(connection, selection::BALANCES, selected, Balances::new(connection)?, sink),
        What::Payments => {
            each(connection, &selection::payments(), selected, Payments::new(connection, selected.install)?, sink)
        }
        What::Rejected | What::Entries | What::All => {
            each(connection, selection::REJECTED, selected, RejectedRows::new(connection)?, sink)
        }
    }
}

/// Each record whose id `sql` gives. Ids alone are sorted, so that the bytes of the records never are.
fn each<W: Write, R: Records>(
    connection: &Connection,
    sql: &str,
    selected: &Selected,
    mut records: R,
    sink: &mut Sink<W>,
) -> Result<(), ExportError> {
    let Selected { install, since, until, account, status } = selected;
    sink.header(&Column::all(R::NAMES))?;
    let mut statement = connection.prepare(sql)?;
    let mut ids = statement.query(rusqlite::params![install, since, until, account, status])?;
    while let Some(row) = ids.next()? {
        records.write(row.get(0)?, sink)?;
    }
    Ok(())
}

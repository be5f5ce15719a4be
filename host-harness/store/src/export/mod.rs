//! The store's records on their way out: newline-delimited JSON, a JSON array, or CSV.
//!
//! The order is the same at every export of the same records: own accounts, external accounts, balances, payments,
//! rejected rows. Accounts by reference; balances by account, kind and asset, the latest of each; payments by
//! `createdAt`, then reference; rejected rows by stream, then as they came. One consistent state of the store is
//! written, row by row, whatever a run adds meanwhile.

mod cell;
mod encode;
mod rows;
#[cfg(test)]
mod tests;

use std::io::{self, BufWriter, Write};

use crate::{AccountKind, Store, StoreError};
use encode::Sink;

/// Which records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// The customer's own accounts.
    Accounts,
    /// Third parties' accounts.
    ExternalAccounts,
    /// The latest balance of each account, kind and asset.
    Balances,
    /// Payments in their current version, with their adjustments.
    Payments,
    /// Rows that a connector could not map and that have not arrived since.
    Rejected,
    /// All of these.
    All,
}

/// How they are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One JSON object a line.
    Ndjson,
    /// One JSON array.
    Json,
    /// One header line, then one line a record; nested values as JSON text, absent ones empty. Where a spreadsheet would
    /// take a text for a formula, it has a `'` before it; numbers stay as they are.
    Csv,
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
    /// Records of several kinds share no header.
    #[error(
        "CSV has one header, so it takes one kind of record: pick accounts, external-accounts, balances, payments or \
         rejected, or another format"
    )]
    OneKindOnly,
}

impl From<rusqlite::Error> for ExportError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

/// Writes the records of one install. Returns how many there were.
///
/// # Errors
///
/// There is no such install, all kinds are asked for as CSV, the store cannot be read or `out` not be written.
pub fn export(
    store: &Store,
    install: &str,
    what: What,
    format: Format,
    out: &mut dyn Write,
) -> Result<u64, ExportError> {
    let kinds: &[What] = match what {
        What::All => &[What::Accounts, What::ExternalAccounts, What::Balances, What::Payments, What::Rejected],
        What::Accounts => &[What::Accounts],
        What::ExternalAccounts => &[What::ExternalAccounts],
        What::Balances => &[What::Balances],
        What::Payments => &[What::Payments],
        What::Rejected => &[What::Rejected],
    };
    if format == Format::Csv && kinds.len() > 1 {
        return Err(ExportError::OneKindOnly);
    }
    store.snapshot(|connection| {
        let install = rows::install(connection, install)?;
        let mut out = BufWriter::with_capacity(64 * 1024, out);
        let mut sink = Sink::new(format, &mut out)?;
        for kind in kinds {
            match kind {
                What::Accounts => rows::accounts(connection, install, AccountKind::Internal, &mut sink)?,
                What::ExternalAccounts => rows::accounts(connection, install, AccountKind::External, &mut sink)?,
                What::Balances => rows::balances(connection, install, &mut sink)?,
                What::Payments => rows::payments(connection, install, &mut sink)?,
                What::Rejected | What::All => rows::rejected(connection, install, &mut sink)?,
            }
        }
        let count = sink.finish()?;
        out.flush()?;
        Ok(count)
    })
}

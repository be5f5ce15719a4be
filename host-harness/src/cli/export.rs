//! `harness export`: the records of a store, for other programs and for people.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use chrono::NaiveDate;
use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use store::Store;
use store::export::{Cursor, ExportError, Filter, Format, Selection, What, changes, export};

use super::failure::{self, Failure};
use super::{StoreFile, open, out, words};

/// Prints the records of a store.
///
/// `changes` prints what is new, changed or gone since an export of changes before, each record once: `--since` takes the
/// cursor of the last line that one printed. Without, it begins at the beginning.
#[derive(Debug, Args)]
pub struct Export {
    #[command(flatten)]
    store: StoreFile,
    /// Which records.
    #[arg(value_parser = kind(), default_value = "all")]
    what: Kind,
    /// How to print them: as the file's ending says, and else `ndjson`.
    #[arg(long, value_parser = words::format())]
    format: Option<Format>,
    /// Entries booked, or payments created, from this day on: `2026-01-31`, in UTC where the bank names no day. Of changes: the
    /// cursor to go on from; an empty one begins at the beginning.
    #[arg(long, value_name = "DAY|CURSOR")]
    since: Option<String>,
    /// Entries booked, or payments created, up to this day, and on it.
    #[arg(long, value_name = "DAY")]
    until: Option<NaiveDate>,
    /// Entries, payments and balances of one own account, by its reference or its IBAN.
    #[arg(long, value_name = "REF|IBAN")]
    account: Option<String>,
    /// Entries and payments in one status, such as `SUCCEEDED`. What is pending, or never came about, is a payment and no entry.
    #[arg(long, value_name = "STATUS")]
    status: Option<String>,
    /// Write into a file, for its owner alone, rather than to standard output. An earlier one is replaced once the new one
    /// is whole.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Records(What),
    Changes,
}

fn kind() -> impl TypedValueParser<Value = Kind> {
    let kinds = [
        ("entries", "Movements on one's own accounts, a line each, with signs", Kind::Records(What::Entries)),
        ("accounts", "The customer's own accounts", Kind::Records(What::Accounts)),
        ("external-accounts", "Third parties' accounts", Kind::Records(What::ExternalAccounts)),
        ("balances", "The latest balance of each account, kind and asset", Kind::Records(What::Balances)),
        ("payments", "Payments in their current version, with their adjustments", Kind::Records(What::Payments)),
        (
            "rejected",
            "Rows that a connector could not map and that have not arrived since",
            Kind::Records(What::Rejected),
        ),
        ("changes", "What is new, changed or gone since an export of changes before", Kind::Changes),
        ("all", "Accounts, external accounts, balances, payments and rejected rows", Kind::Records(What::All)),
    ];
    PossibleValuesParser::new(kinds.map(|(word, help, _)| PossibleValue::new(word).help(help))).try_map(move |given| {
        kinds.iter().find(|(word, ..)| *word == given).map(|(.., kind)| *kind).ok_or("no such value")
    })
}

impl Export {
    pub fn run(self) -> Result<ExitCode, Failure> {
        let (store, install) = open::to_read(&self.store)?;
        let (wanted, format) = (self.wanted()?, self.format());
        let Some(file) = &self.output else {
            return match wanted.write(&store, &install, format, &mut *out::results(format)?) {
                // The reader has seen enough (`| head`).
                Err(error) if failure::is_broken_pipe(&error) => Ok(ExitCode::SUCCESS),
                written => Ok(written.map(|()| ExitCode::SUCCESS)?),
            };
        };
        let cannot = |error: io::Error| Failure::usage(format!("cannot write {}: {error}", file.display()));
        let mut written = private_file::Draft::open(file).map_err(cannot)?;
        wanted.write(&store, &install, format, &mut written)?;
        written.finish().map_err(cannot)?;
        Ok(ExitCode::SUCCESS)
    }

    fn format(&self) -> Format {
        let ending = self.output.as_ref().and_then(|file| file.extension()?.to_str());
        let meant = match ending.map(str::to_ascii_lowercase).as_deref() {
            Some("csv") => Format::Csv,
            Some("xlsx") => Format::Xlsx,
            Some("json") => Format::Json,
            _ => Format::Ndjson,
        };
        self.format.unwrap_or(meant)
    }

    fn wanted(&self) -> Result<Wanted, Failure> {
        let Self { since, until, account, status, .. } = self;
        let wrong = |what: String| Failure::usage(format!("--since: {what}"));
        match self.what {
            Kind::Records(what) => {
                let day = |day: &String| {
                    day.parse().map_err(|_| wrong(format!("expected a day such as 2026-01-31, not {day:?}")))
                };
                let since = since.as_ref().map(day).transpose()?;
                let filter = Filter { since, until: *until, account: account.clone(), status: status.clone() };
                Ok(Wanted::Records(Selection { what, filter }))
            }
            Kind::Changes if until.is_some() || account.is_some() || status.is_some() => {
                Err(Failure::usage("changes are picked by --since alone".to_owned()))
            }
            Kind::Changes => {
                let cursor = since.as_deref().filter(|cursor| !cursor.trim().is_empty()).map(str::parse).transpose();
                Ok(Wanted::Changes(cursor.map_err(|error: store::export::NotACursor| wrong(error.to_string()))?))
            }
        }
    }
}

enum Wanted {
    Records(Selection),
    Changes(Option<Cursor>),
}

impl Wanted {
    fn write(self, store: &Store, install: &str, format: Format, out: &mut dyn Write) -> Result<(), ExportError> {
        match self {
            Self::Records(selection) => export(store, install, selection, format, out).map(drop),
            Self::Changes(since) => changes(store, install, since, format, out).map(drop),
        }
    }
}

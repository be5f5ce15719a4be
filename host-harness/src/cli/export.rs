//! `harness export`: the records of a store, for other programs and for people.

use std::fmt::Display;
use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use chrono::NaiveDate;
use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use model::shown::one_line;
use store::Store;
use store::export::{
    AccountNames, Cursor, ExportError, Filter, Format, NotAccountNames, Period, Selection, What, Zone, changes, export,
    ledger, statements,
};

use super::failure::{self, Failure};
use super::words::{self, Shape};
use super::{StoreFile, open, out};

/// Prints the records of a store.
///
/// `changes` prints what is new, changed or gone since an export of changes before, each record once: `--since` takes the
/// cursor of the last line that one printed. Without, it begins at the beginning.
#[derive(Debug, Args)]
pub struct Export {
    #[command(flatten)]
    store: StoreFile,
    /// Which records. [default: all, or entries where the format is made of those]
    #[arg(value_parser = kind())]
    what: Option<Kind>,
    /// How to print them: as the file's ending says (`.xml`: `camt053`), and without a file or an ending `ndjson`.
    #[arg(long, value_parser = words::shape())]
    format: Option<Shape>,
    /// Entries booked, or payments created, from this day on: `2026-01-31`. Of changes: the cursor to go on from; an empty one
    /// begins at the beginning.
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
    /// Where days are counted, such as `Europe/Paris`, of what the bank tells an instant of and no day. [default: UTC]
    #[arg(long, value_name = "ZONE")]
    tz: Option<Zone>,
    /// How much time a statement of `camt053` is about. [default: month]
    #[arg(long, value_name = "PERIOD", value_parser = words::period())]
    per: Option<Period>,
    /// Names of accounts for `beancount`, a JSON object of texts: each by the own account's reference or IBAN, or the
    /// counterparty's IBAN or name, or the category, or the type such as `FEE`.
    #[arg(long = "accounts", value_name = "FILE")]
    names: Option<PathBuf>,
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
        let (store, install) = open::records(&self.store)?;
        let shape = self.shape()?;
        let wanted = self.wanted(shape)?;
        let Some(file) = &self.output else {
            return match wanted.write(&store, &install, &mut *out::results(shape)?) {
                // The reader has seen enough (`| head`).
                Err(error) if failure::is_broken_pipe(&error) => Ok(ExitCode::SUCCESS),
                written => Ok(written.map(|()| ExitCode::SUCCESS)?),
            };
        };
        let cannot = |error: io::Error| Failure::usage(format!("cannot write {}: {error}", file.display()));
        let mut written = private_file::Draft::open(file).map_err(cannot)?;
        if shape == Shape::Records(Format::Csv) {
            // Without it, Excel takes a file for one of its country's old characters.
            written.write_all("\u{feff}".as_bytes()).map_err(cannot)?;
        }
        wanted.write(&store, &install, &mut written)?;
        written.finish().map_err(cannot)?;
        Ok(ExitCode::SUCCESS)
    }

    fn shape(&self) -> Result<Shape, Failure> {
        if let Some(format) = self.format {
            return Ok(format);
        }
        let ending = self.output.as_ref().and_then(|file| file.extension()?.to_str());
        Ok(match ending.map(str::to_ascii_lowercase).as_deref() {
            None | Some("ndjson" | "jsonl") => Shape::Records(Format::Ndjson),
            Some("csv") => Shape::Records(Format::Csv),
            Some("xlsx") => Shape::Records(Format::Xlsx),
            Some("parquet") => Shape::Records(Format::Parquet),
            Some("json") => Shape::Records(Format::Json),
            Some("xml") => Shape::Statements,
            Some("beancount") => Shape::Ledger,
            Some(other) => {
                let text =
                    format!("the ending `.{}` says no format; --format does, and `--help` lists them", one_line(other));
                return Err(Failure::usage(text));
            }
        })
    }

    fn wanted(&self, shape: Shape) -> Result<Wanted, Failure> {
        let Self { until, account, status, tz, .. } = self;
        let expect = |is_so: bool, what: &str| if is_so { Ok(()) } else { Err(Failure::usage(what.to_owned())) };
        expect(self.per.is_none() || shape == Shape::Statements, "--per is for --format camt053 alone")?;
        expect(self.names.is_none() || shape == Shape::Ledger, "--accounts is for --format beancount alone")?;
        let format = match (self.what, shape) {
            (None | Some(Kind::Records(What::Entries)), Shape::Statements) => {
                return Ok(Wanted::Statements(self.filter()?, self.per.unwrap_or(Period::Month)));
            }
            (None | Some(Kind::Records(What::Entries)), Shape::Ledger) => {
                return Ok(Wanted::Ledger(self.filter()?, self.names()?));
            }
            (_, Shape::Statements | Shape::Ledger) => {
                return Err(Failure::usage("camt053 and beancount are made of entries, and of nothing else"));
            }
            (_, Shape::Records(format)) => format,
        };
        match self.what.unwrap_or(Kind::Records(What::All)) {
            Kind::Records(what) => Ok(Wanted::Records(Selection { what, filter: self.filter()? }, format)),
            Kind::Changes => {
                let is_alone = until.is_none() && account.is_none() && status.is_none() && tz.is_none();
                expect(is_alone, "changes are picked by --since alone")?;
                let given = self.since.as_deref().filter(|cursor| !cursor.trim().is_empty());
                let cursor = given.map(str::parse).transpose();
                let wrong = |error: store::export::NotACursor| Failure::usage(format!("--since: {error}"));
                Ok(Wanted::Changes(cursor.map_err(wrong)?, format))
            }
        }
    }

    fn filter(&self) -> Result<Filter, Failure> {
        let wrong = |day| Failure::usage(format!("--since: expected a day such as 2026-01-31, not {day:?}"));
        let since = self.since.as_ref().map(|day| day.parse().map_err(|_| wrong(day))).transpose()?;
        let Self { until, account, status, tz, .. } = self;
        let zone = tz.unwrap_or_default();
        Ok(Filter { zone, since, until: *until, account: account.clone(), status: status.clone() })
    }

    fn names(&self) -> Result<AccountNames, Failure> {
        let Some(file) = &self.names else { return Ok(AccountNames::default()) };
        let wrong = |error: &dyn Display| Failure::usage(format!("--accounts: {}: {error}", file.display()));
        let json = fs::read_to_string(file).map_err(|error| wrong(&error))?;
        json.parse().map_err(|error: NotAccountNames| wrong(&error))
    }
}

enum Wanted {
    Records(Selection, Format),
    Changes(Option<Cursor>, Format),
    Statements(Filter, Period),
    Ledger(Filter, AccountNames),
}

impl Wanted {
    fn write(self, store: &Store, install: &str, out: &mut dyn Write) -> Result<(), ExportError> {
        match self {
            Self::Records(selection, format) => export(store, install, selection, format, out).map(drop),
            Self::Changes(since, format) => changes(store, install, since, format, out).map(drop),
            Self::Statements(filter, period) => statements(store, install, &filter, period, out).map(drop),
            Self::Ledger(filter, names) => ledger(store, install, &filter, &names, out).map(drop),
        }
    }
}

//! The words of the command line for what the libraries know as values.

use std::time::Duration;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use conformance::Level;
use store::export::{Format, Period};

/// A time span as a config spells it: `1h30m`.
pub fn duration(span: Duration) -> String {
    let all = span.as_secs();
    let parts =
        [(all / 3600, "h"), (all / 60 % 60, "m"), (all % 60, "s")].into_iter().filter(|(number, _)| *number > 0);
    parts.map(|(number, unit)| format!("{number}{unit}")).collect::<Vec<_>>().concat()
}

/// What an export is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Records, each by itself.
    Records(Format),
    /// Statements of account, `camt.053`.
    Statements,
    /// A ledger for beancount.
    Ledger,
}

/// How an export is written.
pub fn shape() -> impl TypedValueParser<Value = Shape> {
    one_of([
        ("ndjson", "One JSON object a line", Shape::Records(Format::Ndjson)),
        ("json", "One JSON array", Shape::Records(Format::Json)),
        (
            "csv",
            "One header line, then one line a record, its columns those of the view of its kind, absent values empty. Where \
             a spreadsheet would take a text for a formula, it has a `'` before it; numbers stay as they are",
            Shape::Records(Format::Csv),
        ),
        ("xlsx", "The same table as an Excel workbook, with numbers and times as such", Shape::Records(Format::Xlsx)),
        (
            "parquet",
            "The same table as a Parquet file, typed; accounts and payments with all that the bank sent",
            Shape::Records(Format::Parquet),
        ),
        ("camt053", "Entries as statements of account, ISO 20022 camt.053.001.08", Shape::Statements),
        ("beancount", "Entries, and what is pending, as a ledger for beancount and hledger", Shape::Ledger),
    ])
}

/// How much time a statement is about.
pub fn period() -> impl TypedValueParser<Value = Period> {
    one_of([("day", "One for each day with entries", Period::Day), ("month", "One for each month", Period::Month)])
}

/// How much is to be proved.
pub fn level() -> impl TypedValueParser<Value = Level> {
    one_of([
        ("bronze", "It loads, says what it is, reads to the end, and keeps the secret", Level::Bronze),
        ("silver", "All of tier 1", Level::Silver),
        ("gold", "All tiers, with ten thousand random histories", Level::Gold),
    ])
}

fn one_of<T: Copy + Send + Sync + 'static, const N: usize>(
    words: [(&'static str, &'static str, T); N],
) -> impl TypedValueParser<Value = T> {
    let values = words.map(|(word, help, _)| PossibleValue::new(word).help(help));
    PossibleValuesParser::new(values).try_map(move |given| {
        let known = words.iter().find(|(word, _, _)| *word == given);
        known.map(|(_, _, value)| *value).ok_or("no such value")
    })
}

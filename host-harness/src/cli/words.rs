//! The words of the command line for what the libraries know as values.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use conformance::Level;
use store::export::{Format, What};

/// Which records.
pub fn what() -> impl TypedValueParser<Value = What> {
    one_of([
        ("accounts", "The customer's own accounts", What::Accounts),
        ("external-accounts", "Third parties' accounts", What::ExternalAccounts),
        ("balances", "The latest balance of each account, kind and asset", What::Balances),
        ("payments", "Payments in their current version, with their adjustments", What::Payments),
        ("rejected", "Rows that a connector could not map and that have not arrived since", What::Rejected),
        ("all", "All of these", What::All),
    ])
}

/// How they are written.
pub fn format() -> impl TypedValueParser<Value = Format> {
    one_of([
        ("ndjson", "One JSON object a line", Format::Ndjson),
        ("json", "One JSON array", Format::Json),
        (
            "csv",
            "One header line, then one line a record; nested values as JSON text, absent ones empty. Where a spreadsheet \
             would take a text for a formula, it has a `'` before it; numbers stay as they are",
            Format::Csv,
        ),
    ])
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

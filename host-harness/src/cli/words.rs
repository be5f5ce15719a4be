//! The words of the command line for what the libraries know as values.

use std::time::Duration;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use conformance::Level;
use store::export::Format;

/// A time span as a config spells it: `1h30m`.
pub fn duration(span: Duration) -> String {
    let all = span.as_secs();
    let parts =
        [(all / 3600, "h"), (all / 60 % 60, "m"), (all % 60, "s")].into_iter().filter(|(number, _)| *number > 0);
    parts.map(|(number, unit)| format!("{number}{unit}")).collect::<Vec<_>>().concat()
}

/// How records are written.
pub fn format() -> impl TypedValueParser<Value = Format> {
    one_of([
        ("ndjson", "One JSON object a line", Format::Ndjson),
        ("json", "One JSON array", Format::Json),
        (
            "csv",
            "One header line, then one line a record, its columns those of the view of its kind, absent values empty. Where \
             a spreadsheet would take a text for a formula, it has a `'` before it; numbers stay as they are",
            Format::Csv,
        ),
        ("xlsx", "The same table as an Excel workbook, with numbers and times as such", Format::Xlsx),
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

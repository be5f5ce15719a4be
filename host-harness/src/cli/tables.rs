//! Tables for people.

use comfy_table::presets::{NOTHING, UTF8_FULL_CONDENSED};
use comfy_table::{CellAlignment, ContentArrangement, Table};
use model::shown::one_line;
use serde_json::Value;

/// How wide a table is where there is no terminal to ask.
const WIDTH: u16 = 120;

/// An empty table with these columns.
pub fn new<const N: usize>(columns: [&str; N]) -> Table {
    let mut table = Table::new();
    if !table.is_tty() {
        table.set_width(WIDTH);
    }
    table.load_style(UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic).set_header(columns);
    table
}

/// Columns without lines between them, and without a header.
pub fn bare(rows: impl IntoIterator<Item = Vec<String>>) -> Table {
    let mut table = Table::new();
    if !table.is_tty() {
        table.set_width(WIDTH);
    }
    table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Dynamic).add_rows(rows);
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table
}

/// Adds a row. A cell is one line, whoever wrote it.
pub fn add<T: AsRef<str>>(table: &mut Table, cells: impl IntoIterator<Item = T>) {
    table.add_row(cells.into_iter().map(|cell| one_line(cell.as_ref())));
}

/// Numbers to the right.
pub fn align_right(table: &mut Table, column: usize) {
    if let Some(column) = table.column_mut(column) {
        column.set_cell_alignment(CellAlignment::Right);
    }
}

/// A JSON string without its quotes, on one line; nothing for null.
pub fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => one_line(text),
        other => other.to_string(),
    }
}

/// Minor units as an amount with its currency: `-1 299.00 EUR`. What is no asset of the contract is shown as it is.
pub fn money(amount: &str, asset: &str) -> String {
    let Some((currency, exponent)) = asset.split_once('/') else { return format!("{amount} {asset}") };
    let Ok(exponent) = exponent.parse::<usize>() else { return format!("{amount} {asset}") };
    let (sign, digits) = amount.strip_prefix('-').map_or(("", amount), |digits| ("-", digits));
    let padded = format!("{digits:0>width$}", width = exponent + 1);
    let (major, minor) = padded.split_at(padded.len() - exponent);
    let point = if exponent == 0 { "" } else { "." };
    format!("{sign}{}{point}{minor} {currency}", grouped(major))
}

fn grouped(digits: &str) -> String {
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(' ');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_shown_in_major_units_without_losing_a_digit() {
        for (amount, asset, shown) in [
            ("129900", "EUR/2", "1 299.00 EUR"),
            ("-5", "EUR/2", "-0.05 EUR"),
            ("0", "EUR/2", "0.00 EUR"),
            ("1500", "JPY/0", "1 500 JPY"),
            ("90071992547409930001", "BHD/3", "90 071 992 547 409 930.001 BHD"),
        ] {
            assert_eq!(money(amount, asset), shown);
        }
    }
}

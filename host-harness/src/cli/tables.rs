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

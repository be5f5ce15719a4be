//! A table as a workbook of one sheet, its cells typed: what a spreadsheet can compute with is a number or a date, and
//! everything else a text, which it never takes for a formula.

use std::io;

use chrono::{DateTime, Datelike as _, NaiveDate, Timelike as _, Utc};
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use super::column::{Column, Kind};
use super::encode::Field;

/// Characters that a cell holds.
const LONGEST: usize = 32_767;
/// Digits that a spreadsheet's numbers keep exactly.
const DIGITS: usize = 15;
/// Rows of a sheet, the header included.
const ROWS: u32 = 1_048_576;

/// How wide a column is, in characters.
fn width(kind: Kind) -> f64 {
    match kind {
        Kind::Text | Kind::Map | Kind::Json => 24.0,
        Kind::Number | Kind::Day => 13.0,
        Kind::Instant => 20.0,
    }
}

/// A workbook in the making.
pub(super) struct Book {
    workbook: Workbook,
    kinds: Vec<Kind>,
    rows: u32,
    day: Format,
    instant: Format,
    /// By the decimals that are shown.
    numbers: Vec<Format>,
}

impl Book {
    /// `name` is that of the sheet.
    pub(super) fn new(name: &str) -> io::Result<Self> {
        let mut workbook = Workbook::new();
        let sheet = workbook.add_worksheet_with_constant_memory().map_err(io::Error::other)?;
        sheet.set_name(name).map_err(io::Error::other)?;
        let format = |shown: &str| Format::new().set_num_format(shown);
        let (day, instant) = (format("yyyy-mm-dd"), format("yyyy-mm-dd hh:mm:ss"));
        let decimals = (1..=DIGITS).map(|decimals| format(&format!("#,##0.{}", "0".repeat(decimals))));
        let numbers = [format("#,##0")].into_iter().chain(decimals).collect();
        Ok(Self { workbook, kinds: Vec::new(), rows: 0, day, instant, numbers })
    }

    pub(super) fn header(&mut self, columns: &[Column]) -> io::Result<()> {
        self.kinds = columns.iter().map(|column| column.kind).collect();
        let bold = Format::new().set_bold();
        let sheet = self.workbook.worksheet_from_index(0).map_err(io::Error::other)?;
        for (place, Column { name, kind, .. }) in (0..).zip(columns) {
            sheet.set_column_width(place, width(*kind)).map_err(io::Error::other)?;
            sheet.write_string_with_format(0, place, name, &bold).map_err(io::Error::other)?;
        }
        sheet.set_freeze_panes(1, 0).map_err(io::Error::other)?;
        self.rows = 1;
        Ok(())
    }

    pub(super) fn record(&mut self, fields: &[Field<'_>]) -> io::Result<()> {
        if self.rows >= ROWS {
            return Err(io::Error::other(format!(
                "a sheet holds {ROWS} rows, and there are more: pick fewer, or take csv"
            )));
        }
        let sheet = self.workbook.worksheet_from_index(0).map_err(io::Error::other)?;
        for (column, (field, kind)) in (0..).zip(fields.iter().zip(&self.kinds)) {
            let text = match field {
                Field::Null => continue,
                Field::Text(text) | Field::Json(text) => text.as_ref(),
            };
            let place = (self.rows, column);
            let written = match kind {
                Kind::Number => number(sheet, place, text, &self.numbers),
                Kind::Day => {
                    day(text).map(|day| sheet.write_datetime_with_format(place.0, place.1, day, &self.day).map(drop))
                }
                Kind::Instant => instant(text)
                    .map(|at| sheet.write_datetime_with_format(place.0, place.1, at, &self.instant).map(drop)),
                Kind::Text | Kind::Map | Kind::Json => None,
            };
            written.unwrap_or_else(|| words(sheet, place, text)).map_err(io::Error::other)?;
        }
        self.rows += 1;
        Ok(())
    }

    /// The bytes of the workbook, and how many records are in it.
    pub(super) fn finish(mut self) -> io::Result<(Vec<u8>, u64)> {
        let bytes = self.workbook.save_to_buffer().map_err(io::Error::other)?;
        Ok((bytes, self.rows.saturating_sub(1).into()))
    }
}

fn words(sheet: &mut Worksheet, (row, column): (u32, u16), text: &str) -> Result<(), XlsxError> {
    // Excel counts as UTF-16 does.
    let mut units = 0;
    let end = text.char_indices().find(|(_, character)| {
        units += character.len_utf16();
        units > LONGEST
    });
    let text = end.map_or(text, |(end, _)| &text[..end]);
    sheet.write_string(row, column, text).map(drop)
}

/// A number that a spreadsheet would change stays a text.
fn number(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    text: &str,
    formats: &[Format],
) -> Option<Result<(), XlsxError>> {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let number: f64 = text.parse().ok().filter(|_| digits <= DIGITS)?;
    let format = formats.get(text.split_once('.').map_or(0, |(_, decimals)| decimals.len()))?;
    Some(sheet.write_number_with_format(row, column, number, format).map(drop))
}

fn day(text: &str) -> Option<ExcelDateTime> {
    let day: NaiveDate = text.parse().ok()?;
    ExcelDateTime::from_ymd(u16::try_from(day.year()).ok()?, narrow(day.month())?, narrow(day.day())?).ok()
}

fn instant(text: &str) -> Option<ExcelDateTime> {
    let at: DateTime<Utc> = text.parse().ok()?;
    let day = day(&at.date_naive().to_string())?;
    let millis = u16::try_from(at.timestamp_subsec_millis()).ok()?.min(999);
    day.and_hms_milli(u16::try_from(at.hour()).ok()?, narrow(at.minute())?, narrow(at.second())?, millis).ok()
}

fn narrow(number: u32) -> Option<u8> {
    u8::try_from(number).ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_day_or_instant_of_a_spreadsheet_stays_a_text() {
        for text in ["", "today", "0001-01-01", "2026-02-30"] {
            assert!(day(text).is_none(), "{text}");
        }
        for text in ["2026-01-31", "@9223372036854775807.000000005", "0001-01-01T00:00:00Z"] {
            assert!(instant(text).is_none(), "{text}");
        }
        assert!(instant("2026-12-31T23:59:59.999999Z").is_some());
    }

    #[test]
    fn a_text_that_no_cell_holds_is_cut_at_a_character() {
        let mut book = Book::new("notes").unwrap();
        book.header(&Column::all(&["note"])).unwrap();
        book.record(&[Field::text(&"😀".repeat(20_000))]).unwrap();
        book.record(&[Field::text("=1+1")]).unwrap();
        let (bytes, rows) = book.finish().unwrap();
        assert!(bytes.starts_with(b"PK") && rows == 2);
    }
}

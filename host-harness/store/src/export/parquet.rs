//! A table as a Parquet file: decimals, days and microseconds as such, metadata as a map, the provider's bytes as JSON.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::mem;
use std::sync::Arc;

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use parquet::basic::Compression;
use parquet::data_type::{
    ByteArray, ByteArrayType, DataType, FixedLenByteArray, FixedLenByteArrayType, Int32Type, Int64Type,
};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;

use super::column::{Column, Kind};
use super::encode::Field;

/// Digits of a decimal number; they take sixteen bytes.
const DIGITS: usize = 38;
/// So many rows are held in memory, and stand together in the file.
const ROWS: usize = 1 << 14;

/// The cells of a column that are not written yet.
enum Cells {
    /// Texts, and JSON.
    Text(Vec<ByteArray>),
    Decimal(Vec<FixedLenByteArray>),
    /// Since 1970.
    Day(Vec<i32>),
    /// Microseconds since 1970.
    Instant(Vec<i64>),
    /// For each pair: 0 where it is the first of its map.
    Map {
        keys: Vec<ByteArray>,
        values: Vec<ByteArray>,
        repetition: Vec<i16>,
    },
}

/// A column, how far each cell is there (0: not at all), and what there is.
struct Buffer {
    column: Column,
    levels: Vec<i16>,
    cells: Cells,
}

/// A file in the making.
pub(super) struct Table<W: Write> {
    out: W,
    writer: Option<SerializedFileWriter<Vec<u8>>>,
    buffers: Vec<Buffer>,
    rows: usize,
    count: u64,
}

impl<W: Write> Table<W> {
    pub(super) fn new(out: W) -> Self {
        Self { out, writer: None, buffers: Vec::new(), rows: 0, count: 0 }
    }

    pub(super) fn header(&mut self, columns: &[Column]) -> io::Result<()> {
        let fields: String = columns.iter().map(field).collect();
        let schema = parse_message_type(&format!("message records {{ {fields} }}")).map_err(failed)?;
        let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
        let writer = SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::new(properties)).map_err(failed)?;
        self.writer = Some(writer);
        self.buffers = columns.iter().map(Buffer::new).collect();
        Ok(())
    }

    pub(super) fn record(&mut self, fields: &[Field<'_>]) -> io::Result<()> {
        for (buffer, field) in self.buffers.iter_mut().zip(fields) {
            match field {
                Field::Null => buffer.null(),
                Field::Text(text) => buffer.push(text, false)?,
                Field::Json(json) => buffer.push(json, true)?,
            }
        }
        self.count += 1;
        self.rows += 1;
        if self.rows == ROWS { self.write() } else { Ok(()) }
    }

    /// Writes what comes after the last record. Returns how many there were.
    pub(super) fn finish(mut self) -> io::Result<u64> {
        if self.rows > 0 {
            self.write()?;
        }
        if let Some(writer) = self.writer {
            let rest = writer.into_inner().map_err(failed)?;
            self.out.write_all(&rest)?;
        }
        Ok(self.count)
    }

    /// Writes the rows that are held. The writer's own output has to be of any thread, so it goes through memory.
    fn write(&mut self) -> io::Result<()> {
        let Some(writer) = &mut self.writer else { return Ok(()) };
        let mut group = writer.next_row_group().map_err(failed)?;
        self.buffers.iter_mut().try_for_each(|buffer| buffer.write(&mut group)).map_err(failed)?;
        group.close().map_err(failed)?;
        writer.flush()?;
        self.rows = 0;
        self.out.write_all(&mem::take(writer.inner_mut()))
    }
}

/// A column of the schema. Any cell may be absent.
fn field(Column { name, kind, decimals }: &Column) -> String {
    match kind {
        Kind::Text => format!("optional binary {name} (STRING); "),
        Kind::Json => format!("optional binary {name} (JSON); "),
        Kind::Number => format!("optional fixed_len_byte_array(16) {name} (DECIMAL({DIGITS}, {decimals})); "),
        Kind::Day => format!("optional int32 {name} (DATE); "),
        Kind::Instant => format!("optional int64 {name} (TIMESTAMP(MICROS, true)); "),
        Kind::Map => format!(
            "optional group {name} (MAP) {{ repeated group key_value {{ required binary key (STRING); \
             required binary value (STRING); }} }} "
        ),
    }
}

impl Buffer {
    fn new(column: &Column) -> Self {
        let cells = match column.kind {
            Kind::Text | Kind::Json => Cells::Text(Vec::new()),
            Kind::Number => Cells::Decimal(Vec::new()),
            Kind::Day => Cells::Day(Vec::new()),
            Kind::Instant => Cells::Instant(Vec::new()),
            Kind::Map => Cells::Map { keys: Vec::new(), values: Vec::new(), repetition: Vec::new() },
        };
        Self { column: column.clone(), levels: Vec::new(), cells }
    }

    fn null(&mut self) {
        self.levels.push(0);
        if let Cells::Map { repetition, .. } = &mut self.cells {
            repetition.push(0);
        }
    }

    fn push(&mut self, text: &str, is_json: bool) -> io::Result<()> {
        let odd = |expected| {
            let name = &self.column.name;
            io::Error::other(format!("{name} {text:?} is not {expected}; take csv, or leave the record out"))
        };
        match &mut self.cells {
            // What is not JSON is a text of JSON there.
            Cells::Text(cells) if self.column.kind == Kind::Json && !is_json => {
                cells.push(ByteArray::from(serde_json::to_string(text)?.as_str()));
            }
            Cells::Text(cells) => cells.push(ByteArray::from(text)),
            Cells::Decimal(cells) => {
                let number = decimal(text, self.column.decimals).ok_or_else(|| odd("a number of up to 38 digits"))?;
                cells.push(FixedLenByteArray::from(number.to_be_bytes().to_vec()));
            }
            Cells::Day(cells) => {
                let day: NaiveDate = text.parse().map_err(|_| odd("a day"))?;
                cells.push(day.num_days_from_ce() - NaiveDate::default().num_days_from_ce());
            }
            Cells::Instant(cells) => {
                let at: DateTime<Utc> = text.parse().map_err(|_| odd("an instant"))?;
                cells.push(at.timestamp_micros());
            }
            Cells::Map { keys, values, repetition } => {
                let pairs: BTreeMap<String, String> = serde_json::from_str(text)?;
                repetition.push(0);
                repetition.extend((1..pairs.len()).map(|_| 1));
                // 1: the map is there; 2: a pair of it is.
                self.levels.extend(if pairs.is_empty() { vec![1] } else { vec![2; pairs.len()] });
                for (key, value) in pairs {
                    keys.push(ByteArray::from(key.as_str()));
                    values.push(ByteArray::from(value.as_str()));
                }
                return Ok(());
            }
        }
        self.levels.push(1);
        Ok(())
    }

    fn write(&mut self, group: &mut SerializedRowGroupWriter<'_, Vec<u8>>) -> Result<(), ParquetError> {
        let levels = mem::take(&mut self.levels);
        match &mut self.cells {
            Cells::Text(cells) => batch::<ByteArrayType>(group, &mem::take(cells), &levels, None),
            Cells::Decimal(cells) => batch::<FixedLenByteArrayType>(group, &mem::take(cells), &levels, None),
            Cells::Day(cells) => batch::<Int32Type>(group, &mem::take(cells), &levels, None),
            Cells::Instant(cells) => batch::<Int64Type>(group, &mem::take(cells), &levels, None),
            Cells::Map { keys, values, repetition } => {
                let repetition = mem::take(repetition);
                batch::<ByteArrayType>(group, &mem::take(keys), &levels, Some(&repetition))?;
                batch::<ByteArrayType>(group, &mem::take(values), &levels, Some(&repetition))
            }
        }
    }
}

fn batch<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, Vec<u8>>,
    cells: &[T::T],
    levels: &[i16],
    repetition: Option<&[i16]>,
) -> Result<(), ParquetError> {
    let Some(mut column) = group.next_column()? else { return Ok(()) };
    column.typed::<T>().write_batch(cells, Some(levels), repetition)?;
    column.close()
}

/// A decimal number as a whole one of its last decimal; none where there is no room.
fn decimal(text: &str, decimals: usize) -> Option<i128> {
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    let zeros = decimals.checked_sub(rest.len())?;
    let digits = format!("{whole}{rest}{}", "0".repeat(zeros));
    let has_room = digits.trim_start_matches(['-', '0']).len() <= DIGITS;
    digits.parse().ok().filter(|_| has_room)
}

fn failed(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(inner) => io::Error::other(inner),
        other => io::Error::other(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_is_exact_or_refused() {
        for (text, decimals, number) in [
            ("-12.50", 2, Some(-1250)),
            ("12.5", 3, Some(12_500)),
            ("-0.05", 2, Some(-5)),
            ("1500", 0, Some(1500)),
            ("0.005", 2, None),
            ("", 0, None),
            ("x", 0, None),
        ] {
            assert_eq!(decimal(text, decimals), number, "{text}");
        }
        assert!(decimal(&"9".repeat(38), 0).is_some() && decimal(&"9".repeat(38), 1).is_none());
    }
}

//! From fields to bytes, whatever the format.

use std::borrow::Cow;
use std::io::{self, Write};

use chrono::{DateTime, Datelike as _, SecondsFormat, Utc};
use serde::de::IgnoredAny;

use super::cell::inert;
use super::column::Column;
use super::xlsx::Book;
use super::{ExportError, Format};

/// One value of a record.
pub(super) enum Field<'a> {
    /// Absent.
    Null,
    /// A string.
    Text(Cow<'a, str>),
    /// A JSON value, on one line.
    Json(Cow<'a, str>),
}

impl<'a> Field<'a> {
    pub(super) fn text(value: &'a str) -> Self {
        Self::Text(Cow::Borrowed(value))
    }

    pub(super) fn optional(value: Option<&'a str>) -> Self {
        value.map_or(Self::Null, Self::text)
    }

    /// The provider's bytes: as JSON when they are JSON, numbers spelled as they came; else as a string.
    pub(super) fn raw(raw: &'a str) -> Self {
        // A validator, not a parser: a value would lose key order and the spelling of numbers, and limit the depth.
        if serde_json::from_str::<IgnoredAny>(raw).is_ok() { Self::Json(minify(raw)) } else { Self::text(raw) }
    }
}

/// Valid JSON without the whitespace between its tokens, which may hold line breaks. Nothing else changes.
fn minify(json: &str) -> Cow<'_, str> {
    let mut in_string = false;
    let mut escaped = false;
    let mut space = |character: char| {
        if !in_string {
            in_string = character == '"';
            return matches!(character, ' ' | '\t' | '\n' | '\r');
        }
        if escaped {
            escaped = false;
        } else if character == '\\' {
            escaped = true;
        } else if character == '"' {
            in_string = false;
        }
        false
    };
    let Some(first) = json.find(&mut space) else {
        return Cow::Borrowed(json);
    };
    let (clean, rest) = json.split_at(first);
    let mut text = String::with_capacity(json.len());
    text.push_str(clean);
    text.extend(rest.chars().filter(|character| !space(*character)));
    Cow::Owned(text)
}

/// RFC 3339 in UTC, with as many decimals as it takes. What RFC 3339 cannot spell (a year of five digits, say) becomes
/// `@seconds.nanoseconds`: one odd row of a provider does not keep the others from being exported.
pub(super) fn time(seconds: i64, nanoseconds: u32) -> String {
    DateTime::<Utc>::from_timestamp(seconds, nanoseconds)
        .filter(|at| nanoseconds < 1_000_000_000 && (0..=9999).contains(&at.year()))
        .map_or_else(|| format!("@{seconds}.{nanoseconds:09}"), |at| at.to_rfc3339_opts(SecondsFormat::AutoSi, true))
}

/// Appends a JSON string.
pub(super) fn json_string(out: &mut Vec<u8>, text: &str) -> io::Result<()> {
    Ok(serde_json::to_writer(out, text)?)
}

/// Where records go.
pub(super) enum Sink<W: Write> {
    Json {
        out: W,
        array: bool,
        count: u64,
        line: Vec<u8>,
    },
    Csv {
        out: Box<csv::Writer<W>>,
        count: u64,
    },
    Xlsx {
        out: W,
        book: Box<Book>,
    },
    #[cfg(feature = "parquet")]
    Parquet(Box<super::parquet::Table<W>>),
}

impl<W: Write> Sink<W> {
    /// `name` is that of the records.
    pub(super) fn new(format: Format, name: &str, mut out: W) -> Result<Self, ExportError> {
        Ok(match format {
            Format::Csv => Self::Csv { out: Box::new(csv::Writer::from_writer(out)), count: 0 },
            Format::Xlsx => Self::Xlsx { out, book: Box::new(Book::new(name)?) },
            #[cfg(feature = "parquet")]
            Format::Parquet => Self::Parquet(Box::new(super::parquet::Table::new(out))),
            #[cfg(not(feature = "parquet"))]
            Format::Parquet => return Err(ExportError::NotBuilt { feature: "parquet" }),
            Format::Ndjson => Self::Json { out, array: false, count: 0, line: Vec::new() },
            Format::Json => {
                out.write_all(b"[")?;
                Self::Json { out, array: true, count: 0, line: Vec::new() }
            }
        })
    }

    /// Announces the fields of the records that follow, so that a table of no records still has its header.
    pub(super) fn header(&mut self, columns: &[Column]) -> io::Result<()> {
        match self {
            Self::Csv { out, .. } => {
                out.write_record(columns.iter().map(|column| &column.name)).map_err(io::Error::other)
            }
            Self::Xlsx { book, .. } => book.header(columns),
            #[cfg(feature = "parquet")]
            Self::Parquet(table) => table.header(columns),
            Self::Json { .. } => Ok(()),
        }
    }

    /// Writes one record. `names` and `fields` are equally long.
    pub(super) fn record(&mut self, names: &[&str], fields: &[Field<'_>]) -> io::Result<()> {
        match self {
            Self::Csv { out, count } => {
                *count += 1;
                let cells = fields.iter().map(|field| match field {
                    Field::Null => Cow::Borrowed(""),
                    Field::Text(text) | Field::Json(text) => inert(text),
                });
                for cell in cells {
                    out.write_field(&*cell).map_err(io::Error::other)?;
                }
                out.write_record(None::<&[u8]>).map_err(io::Error::other)
            }
            Self::Xlsx { book, .. } => book.record(fields),
            #[cfg(feature = "parquet")]
            Self::Parquet(table) => table.record(fields),
            Self::Json { out, array, count, line } => {
                line.clear();
                if *array {
                    line.extend_from_slice(if *count == 0 { b"\n" } else { b",\n" });
                }
                *count += 1;
                object(line, names, fields)?;
                if !*array {
                    line.push(b'\n');
                }
                out.write_all(line)
            }
        }
    }

    /// Writes what comes after the last record. Returns how many there were.
    pub(super) fn finish(self) -> io::Result<u64> {
        match self {
            Self::Csv { mut out, count } => out.flush().map(|()| count),
            #[cfg(feature = "parquet")]
            Self::Parquet(table) => table.finish(),
            Self::Xlsx { mut out, book } => {
                let (bytes, count) = book.finish()?;
                out.write_all(&bytes).map(|()| count)
            }
            Self::Json { mut out, array, count, .. } => {
                if array {
                    out.write_all(if count == 0 { b"]\n" } else { b"\n]\n" })?;
                }
                Ok(count)
            }
        }
    }
}

/// Appends a JSON object, its keys in the order given.
pub(super) fn object(line: &mut Vec<u8>, names: &[&str], fields: &[Field<'_>]) -> io::Result<()> {
    for (index, (name, field)) in names.iter().zip(fields).enumerate() {
        line.push(if index == 0 { b'{' } else { b',' });
        json_string(line, name)?;
        line.push(b':');
        match field {
            Field::Null => line.extend_from_slice(b"null"),
            Field::Text(text) => json_string(line, text)?,
            Field::Json(json) => line.extend_from_slice(json.as_bytes()),
        }
    }
    line.push(b'}');
    Ok(())
}

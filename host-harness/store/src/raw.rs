//! How the provider's bytes of a payment are kept: as they came, or packed where that takes less room.
//!
//! Rows of one provider have most of their text in common, so they are packed beside a sample: the first row that the
//! install stored, which never changes after. What is packed is a BLOB: its length as it came (four bytes, the lowest
//! first), then a block of LZ4 with the sample as its dictionary. What is not is TEXT.

use std::borrow::Cow;

use lz4_flex::block;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::{ToSql, ToSqlOutput, Type, ValueRef};
use rusqlite::{Connection, Error, Result, Row};

/// A sample has as much as rows usually have: packing looks through all of it for each row.
const SAMPLE: usize = 4 << 10;

/// A block of LZ4 stands for at most so many times its bytes. Whatever claims more is damaged, and gets no memory.
const MOST: usize = 255;

/// A text as it goes into the store.
pub(super) enum Raw<'r> {
    /// As it came.
    Plain(&'r str),
    /// Packed.
    Packed(Vec<u8>),
}

impl ToSql for Raw<'_> {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Plain(text) => ValueRef::Text(text.as_bytes()),
            Self::Packed(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// What cannot be unpacked.
#[derive(Debug, thiserror::Error)]
#[error("the provider's bytes of a payment are damaged")]
struct Damaged;

/// What an install packs with that stores this text first.
pub(super) fn sample(raw: &str) -> &str {
    &raw[..raw.floor_char_boundary(SAMPLE)]
}

/// Packs a text, unless that gains nothing.
pub(super) fn pack<'r>(raw: &'r str, sample: &str) -> Raw<'r> {
    let packed = block::compress_prepend_size_with_dict(raw.as_bytes(), sample.as_bytes());
    if packed.len() < raw.len() { Raw::Packed(packed) } else { Raw::Plain(raw) }
}

/// Reads back what [`pack`] made with the same sample.
pub(super) fn unpack<'r>(row: &'r Row<'_>, index: usize, sample: &str) -> Result<Cow<'r, str>> {
    match row.get_ref(index)? {
        ValueRef::Blob(packed) => Ok(Cow::Owned(unpacked(packed, sample).ok_or_else(|| damaged(index))?)),
        plain => Ok(Cow::Borrowed(plain.as_str()?)),
    }
}

fn unpacked(packed: &[u8], sample: &str) -> Option<String> {
    let (length, block) = parts(packed)?;
    let bytes = block::decompress_with_dict(block, length, sample.as_bytes()).ok()?;
    String::from_utf8(bytes).ok().filter(|text| text.len() == length)
}

/// The length that a block claims to have as it came, and the block.
fn parts(packed: &[u8]) -> Option<(usize, &[u8])> {
    let (length, block) = block::uncompressed_size(packed).ok()?;
    (length <= block.len().saturating_mul(MOST)).then_some((length, block))
}

fn damaged(index: usize) -> Error {
    Error::FromSqlConversionFailure(index, Type::Blob, Box::new(Damaged))
}

/// Lets statements on this connection call `pack_raw(raw, sample)`, for what an older layout kept as it came.
pub(super) fn register(connection: &Connection) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_DIRECTONLY;
    connection.create_scalar_function("pack_raw", 2, flags, |context: &Context<'_>| {
        let (raw, sample) = (context.get_raw(0).as_str()?, context.get_raw(1).as_str()?);
        Ok(match pack(raw, sample) {
            Raw::Plain(text) => rusqlite::types::Value::Text(text.to_owned()),
            Raw::Packed(bytes) => rusqlite::types::Value::Blob(bytes),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ROW: &str =
        r#"{"id":"018f7a1c","amount":12.50,"currency":"EUR","label":"Atelier Morel","status":"completed"}"#;

    fn packed(raw: &str, sample: &str) -> Vec<u8> {
        match pack(raw, sample) {
            Raw::Packed(bytes) => bytes,
            Raw::Plain(text) => unreachable!("{text} gains something"),
        }
    }

    #[test]
    fn a_block_is_read_as_its_format_says() {
        // A match of eight bytes, twenty back; then five bytes as they are.
        let block = b"\x04\x14\x00\x50!!!!!";
        let packed = [&13_u32.to_le_bytes(), &block[..]].concat();
        assert_eq!(unpacked(&packed, "01234567890123456789").as_deref(), Some("01234567!!!!!"));
    }

    #[test]
    fn a_row_like_the_sample_takes_little_and_one_that_gains_nothing_stays_as_it_came() {
        let other = ROW.replace("018f7a1c", "99aa00bb").replace("Morel", "Faure");
        let packed = packed(&other, ROW);
        assert!(packed.len() < other.len() / 2, "{}", packed.len());
        assert_eq!(unpacked(&packed, ROW).as_deref(), Some(&*other));
        assert!(matches!(pack("x7#", ROW), Raw::Plain("x7#")));
        assert!(matches!(pack("", ROW), Raw::Plain("")));
    }

    #[test]
    fn a_sample_is_cut_between_characters() {
        let long = "é".repeat(SAMPLE);
        assert_eq!(sample(&format!("x{long}")).len(), SAMPLE - 1);
        assert_eq!(sample(ROW), ROW);
    }

    #[test]
    fn a_length_that_no_block_can_have_gets_no_memory() {
        let mut packed = packed(&ROW.repeat(9), ROW);
        packed[..4].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!((parts(&packed), unpacked(&packed, ROW)), (None, None));
    }

    proptest! {
        #[test]
        fn any_text_comes_back_with_any_sample(raw in "[a-c\u{e9}\"{}]{0,300}", sample in "[a-c\u{e9}\"{}]{0,300}") {
            match pack(&raw, &sample) {
                Raw::Plain(text) => prop_assert_eq!(text, &raw),
                Raw::Packed(packed) => prop_assert_eq!(unpacked(&packed, &sample), Some(raw)),
            }
        }

        #[test]
        fn what_is_damaged_is_told_and_stops_nothing(
            repeated in 1..40_usize,
            places in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
            length in any::<prop::sample::Index>(),
        ) {
            let raw = ROW.repeat(repeated).replace("12.50", "7");
            let mut packed = packed(&raw, ROW);
            for (place, byte) in places {
                let place = place.index(packed.len());
                packed[place] = byte;
            }
            packed.truncate(length.index(packed.len()) + 1);
            let read = unpacked(&packed, ROW);
            prop_assert!(read.is_none_or(|text| text.len() <= packed.len() * MOST));
        }
    }
}

//! One JSON object as the provider spelled it, read field by field.

use std::borrow::Cow;

use serde::Deserialize as _;

use crate::contract::payments::connector::types::{Metadata, Rejected, Timestamp};
use crate::scan::{Malformed, Scanner};
use crate::time;

/// Bytes of an identifier, at most.
const LONGEST_ID: usize = 1_024;
/// How many fields most rows have, at most.
const MANY: usize = 48;
/// How many bytes a field has, at least as a rule.
const BYTES: usize = 24;
/// How much of a provider's value a reason quotes.
const QUOTED: usize = 80;

/// The prefix of the metadata keys that mean the same for every provider. Sorts behind those of a provider's own.
const STANDARD: &str = "std/";

/// A JSON object whose values are still text.
#[derive(Clone, Debug, Default)]
pub struct Row<'a> {
    fields: Vec<Field<'a>>,
    places: Places,
}

#[derive(Clone, Debug)]
struct Field<'a> {
    tag: u64,
    name: Cow<'a, str>,
    value: &'a str,
    /// Nothing in it is spelled by an escape.
    is_plain: bool,
}

/// One row of a list: its bytes, and what stands in them.
#[derive(Clone, Debug)]
pub struct Item<'a> {
    /// The bytes, as the provider spelled them.
    pub raw: &'a str,
    /// The object, or why it is none.
    pub row: Result<Row<'a>, String>,
}

impl<'a> Item<'a> {
    /// Reads a text that is one row.
    #[must_use]
    pub fn of(raw: &'a str) -> Self {
        Self { raw, row: Row::parse(raw) }
    }

    /// Reads the next row of a list.
    ///
    /// # Errors
    /// It is no JSON.
    pub fn read(scanner: &mut Scanner<'a>) -> Result<Self, Malformed> {
        if scanner.peek() != Some(b'{') {
            return Ok(Self { raw: scanner.value()?, row: Err("expected a JSON object".to_owned()) });
        }
        let start = scanner.at();
        let row = Row::read(scanner, MANY, |scanner, _| scanner.value().map(drop))?;
        Ok(Self { raw: scanner.since(start), row })
    }
}

impl<'a> Row<'a> {
    /// Reads an object.
    ///
    /// # Errors
    /// The text is not a JSON object, or names a field twice.
    pub fn parse(text: &'a str) -> Result<Self, String> {
        Self::parse_with(text, |scanner, _| scanner.value().map(drop))
    }

    /// As `parse`; `value` is called before each value, with its name, and reads it.
    ///
    /// # Errors
    /// As of `parse`.
    pub fn parse_with(
        text: &'a str,
        value: impl FnMut(&mut Scanner<'a>, &str) -> Result<(), Malformed>,
    ) -> Result<Self, String> {
        let mut scanner = Scanner::new(text);
        let row = Self::read(&mut scanner, MANY.min(text.len() / BYTES), value);
        let end = |row| scanner.end().map(|()| row);
        row.and_then(end).map_err(|malformed| format!("expected a JSON object: {malformed}"))?
    }

    /// The object that comes next, of about so many fields. It may name a field twice, which makes it unreadable and not what
    /// stands behind it.
    fn read(
        scanner: &mut Scanner<'a>,
        fields: usize,
        mut value: impl FnMut(&mut Scanner<'a>, &str) -> Result<(), Malformed>,
    ) -> Result<Result<Self, String>, Malformed> {
        let mut row = Self { fields: Vec::with_capacity(fields), places: Places::default() };
        let mut twice = None;
        scanner.object::<Malformed>(|scanner, name| {
            let tag = tag(&name);
            match row.find(tag, &name) {
                Ok(_) => drop(twice.get_or_insert_with(|| name.clone())),
                Err(free) => row.places.put(free, row.fields.len()),
            }
            scanner.peek();
            let (start, escapes) = (scanner.at(), scanner.escapes());
            value(scanner, &name)?;
            let is_plain = scanner.escapes() == escapes;
            row.fields.push(Field { tag, name, value: scanner.since(start), is_plain });
            Ok(())
        })?;
        // Which of two values counts is anyone's guess: guessing about money is not an option.
        Ok(match twice {
            Some(name) => Err(format!("expected a JSON object: the field {name} occurs twice")),
            None => Ok(row),
        })
    }

    fn field(&self, key: &str) -> Option<&Field<'a>> {
        self.find(tag(key), key).ok()
    }

    /// The field of this name, or the slot that is free for it.
    fn find(&self, tag: u64, name: &str) -> Result<&Field<'a>, Option<usize>> {
        let is = |field: &&Field<'_>| field.tag == tag && same(field.name.as_bytes(), name.as_bytes());
        let mut slot = Places::first(tag);
        for _ in 0..MOST_PLACED {
            match self.fields.get(usize::from(self.places.0[slot])) {
                None if self.fields.len() > MOST_PLACED => break,
                None => return Err(Some(slot)),
                Some(field) if is(&field) => return Ok(field),
                Some(_) => slot = (slot + 1) % SLOTS,
            }
        }
        // A row with more fields is rare, and the others of it have no place.
        self.fields.iter().find(is).ok_or(None)
    }

    /// The JSON text of a field; absent and null are the same.
    #[must_use]
    pub fn json(&self, key: &str) -> Option<&'a str> {
        self.field(key).map(|field| field.value).filter(|value| *value != "null")
    }

    /// A field that is an object.
    #[must_use]
    pub fn object(&self, key: &str) -> Option<Row<'a>> {
        self.json(key).and_then(|text| Row::parse(text).ok())
    }

    /// A field that is a string. Anything else counts as absent.
    #[must_use]
    pub fn string(&self, key: &str) -> Option<Cow<'a, str>> {
        let Field { value, is_plain, .. } = self.field(key)?;
        if *is_plain { unquoted(value).map(Cow::Borrowed) } else { string(value) }
    }

    /// A field that is a string with something in it. Anything else counts as absent.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<Cow<'a, str>> {
        self.string(key).filter(|text| !is_blank(text))
    }

    /// A field that is a string, a number or a boolean, as text.
    #[must_use]
    pub fn scalar(&self, key: &str) -> Option<Cow<'a, str>> {
        let json = self.json(key)?;
        if json.starts_with(['"', '{', '[']) { self.text(key) } else { Some(Cow::Borrowed(json)) }
    }

    /// A string that the row cannot do without.
    ///
    /// # Errors
    /// The reason names the field, what it holds and what was expected.
    pub fn required(&self, key: &str) -> Result<Cow<'a, str>, String> {
        self.text(key).ok_or_else(|| self.wrong(key, "expected a string that is not empty"))
    }

    /// The identifier, which the row cannot do without.
    ///
    /// # Errors
    /// It is missing, or longer than what a host takes for one: such a row must not cost the others of its page.
    pub fn id(&self) -> Result<Cow<'a, str>, String> {
        let id = self.required("id")?;
        if id.len() > LONGEST_ID {
            return Err(self.wrong("id", &format!("expected at most {LONGEST_ID} bytes")));
        }
        Ok(id)
    }

    /// An instant; none when absent or null.
    ///
    /// # Errors
    /// The field holds something that is not an instant.
    pub fn time(&self, key: &str) -> Result<Option<Timestamp>, String> {
        if self.json(key).is_none() { Ok(None) } else { self.required_time(key).map(Some) }
    }

    /// An instant that the row cannot do without.
    ///
    /// # Errors
    /// The field is missing or holds something that is not an instant.
    pub fn required_time(&self, key: &str) -> Result<Timestamp, String> {
        time::parse(&self.required(key)?).map_err(|expected| self.wrong(key, &expected))
    }

    /// A reason: the field, what it holds, what was expected.
    #[must_use]
    pub fn wrong(&self, key: &str, expected: &str) -> String {
        match self.field(key) {
            Some(field) => format!("{key} is {}: {expected}", clip(field.value, QUOTED)),
            None => format!("{key} is missing: {expected}"),
        }
    }
}

/// How many fields are found without looking at the others.
const MOST_PLACED: usize = SLOTS * 3 / 4;
const SLOTS: usize = 128;

/// Where the fields of a row stand in it, by their tags: a row is asked for half of its fields by name.
#[derive(Clone, Debug)]
struct Places([u8; SLOTS]);

impl Default for Places {
    fn default() -> Self {
        Self([u8::MAX; SLOTS])
    }
}

impl Places {
    fn first(tag: u64) -> usize {
        // The upper bits of the product depend on all of the tag.
        (tag.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 57) as usize
    }

    fn put(&mut self, slot: Option<usize>, place: usize) {
        if let (Some(slot), Ok(known)) = (slot, u8::try_from(place))
            && place < MOST_PLACED
        {
            self.0[slot] = known;
        }
    }
}

/// A number that differs for most names: their length and their ends.
fn tag(name: &str) -> u64 {
    let end = |bytes: &[u8]| bytes.iter().fold(0_u64, |tag, byte| tag << 8 | u64::from(*byte));
    let bytes = name.as_bytes();
    let head = bytes.first_chunk::<8>().map_or_else(|| end(bytes), |head| u64::from_le_bytes(*head));
    let tail = bytes.last_chunk::<8>().map_or(0, |tail| u64::from_le_bytes(*tail));
    head ^ tail.rotate_left(29) ^ u64::try_from(bytes.len()).unwrap_or_default()
}

/// Whether two names are the same, eight bytes at a time: what WebAssembly has to compare bytes with does one.
fn same(one: &[u8], other: &[u8]) -> bool {
    let (words, other_words) = (one.as_chunks::<8>().0, other.as_chunks::<8>().0);
    one.len() == other.len()
        && match (one.last_chunk::<8>(), other.last_chunk::<8>()) {
            (Some(end), Some(other_end)) => {
                end == other_end && words.iter().zip(other_words).all(|(one, other)| one == other)
            }
            _ => one.iter().eq(other),
        }
}

fn is_blank(text: &str) -> bool {
    // The first character of nearly every text.
    !text.as_bytes().first().is_some_and(u8::is_ascii_graphic) && text.trim().is_empty()
}

/// The text of a JSON string. Half of a character that UTF-16 writes in two, as a provider leaves it that cuts texts at a
/// length, stands as the replacement character.
#[must_use]
pub fn string(json: &str) -> Option<Cow<'_, str>> {
    if !json.contains('\\') {
        return unquoted(json).map(Cow::Borrowed);
    }
    let unescaped = |json: &str| String::deserialize(&mut serde_json::Deserializer::from_str(json)).ok();
    unescaped(json).or_else(|| unescaped(&whole_characters(json)?)).map(Cow::Owned)
}

fn unquoted(json: &str) -> Option<&str> {
    json.strip_prefix('"')?.strip_suffix('"')
}

/// A JSON string without halves of characters; none where there is no half.
fn whole_characters(json: &str) -> Option<String> {
    let escapes = json.match_indices("\\u").filter(|(at, _)| {
        let slashes = json.as_bytes()[..*at].iter().rev().take_while(|byte| **byte == b'\\').count();
        slashes.is_multiple_of(2)
    });
    let unit = |at: usize| u16::from_str_radix(json.get(at + 2..at + 6)?, 16).ok();
    let units: Vec<(usize, u16)> = escapes.filter_map(|(at, _)| Some((at, unit(at)?))).collect();
    let is_at = |at: usize, range: std::ops::RangeInclusive<u16>| {
        units.iter().any(|(other, unit)| *other == at && range.contains(unit))
    };
    let halves = units.iter().filter(|(at, unit)| match unit {
        0xd800..=0xdbff => !is_at(at + 6, 0xdc00..=0xdfff),
        0xdc00..=0xdfff => at.checked_sub(6).is_none_or(|before| !is_at(before, 0xd800..=0xdbff)),
        _ => false,
    });
    let mut whole = json.to_owned();
    halves.for_each(|(at, _)| whole.replace_range(at + 2..at + 6, "fffd"));
    (whole != json).then_some(whole)
}

/// The items of a JSON list, as the provider spelled them.
#[must_use]
pub fn items(json: &str) -> Option<Vec<&str>> {
    let mut items = Vec::new();
    let mut scanner = Scanner::new(json);
    scanner
        .list::<Malformed>(|scanner| {
            items.push(scanner.value()?);
            Ok(())
        })
        .ok()?;
    scanner.end().is_ok().then_some(items)
}

/// Metadata in the making: sorted, namespaced, without empty values.
pub struct Pairs {
    namespace: &'static str,
    own: Vec<(&'static str, String)>,
    standard: Vec<(&'static str, String)>,
}

impl Pairs {
    /// None yet; `namespace` is the prefix of the provider's own keys: `com.example.spec/`.
    #[must_use]
    pub fn of(namespace: &'static str) -> Self {
        Self { namespace, own: Vec::with_capacity(12), standard: Vec::with_capacity(16) }
    }

    /// Adds a pair when there is a value.
    pub fn add(&mut self, key: &'static str, value: Option<impl Into<String>>) {
        insert(&mut self.own, key, value.map(Into::into));
    }

    /// Adds a pair whose key means the same for every provider, when there is a value.
    pub fn add_standard(&mut self, key: &'static str, value: Option<impl Into<String>>) {
        insert(&mut self.standard, key, value.map(Into::into));
    }

    /// The metadata of the contract.
    #[must_use]
    pub fn finish(self) -> Metadata {
        let own = self.own.into_iter().map(|(key, value)| ([self.namespace, key].concat(), value));
        own.chain(self.standard.into_iter().map(|(key, value)| ([STANDARD, key].concat(), value))).collect()
    }
}

fn insert(pairs: &mut Vec<(&'static str, String)>, key: &'static str, value: Option<String>) {
    if let Some(value) = value.filter(|value| !value.is_empty()) {
        // A sort of these few would cost more code than the rest of this file; most come in their order.
        let at = pairs.iter().rposition(|(known, _)| *known <= key).map_or(0, |before| before + 1);
        pairs.insert(at, (key, value));
    }
}

/// A row that could not be mapped, with its identifier when that can be read.
#[must_use]
pub fn rejected(raw: &str, reason: String) -> Rejected {
    let row = Row::parse(raw).ok();
    Rejected { reference: row.and_then(|row| row.id().ok().map(Cow::into_owned)), reason, raw: raw.to_owned() }
}

/// The first `limit` characters of a text, on one line.
#[must_use]
pub fn clip(text: &str, limit: usize) -> String {
    let mut line = text.chars().map(|char| if char.is_control() { ' ' } else { char });
    let mut clipped: String = line.by_ref().take(limit).collect();
    if line.next().is_some() {
        clipped.push('…');
    }
    clipped
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_field_is_found_and_a_second_one_refused_however_many_there_are() {
        for count in [1, 95, 96, 97, 98, 127, 128, 129, 255, 256, 257, 1_000] {
            let fields: Vec<String> = (0..count).map(|n| format!("\"name-{n}\":{n}")).collect();
            let fields = fields.join(",");
            let row = format!("{{{fields}}}");
            let read = Row::parse(&row).unwrap();
            for n in 0..count {
                assert_eq!(read.json(&format!("name-{n}")), Some(n.to_string().as_str()), "{n} of {count}");
            }
            for n in [0, count / 2, count - 1] {
                let twice = format!("{{{fields},\"name-{n}\":0}}");
                assert!(Row::parse(&twice).unwrap_err().contains("occurs twice"), "{n} of {count}");
            }
            assert_eq!(read.json("name"), None);
        }
    }

    #[test]
    fn a_field_of_another_type_counts_as_absent_where_that_is_harmless() {
        let row = Row::parse(r#"{"a":7,"b":"","c":null,"d":["x"],"e":" ","f":"\u00e9t\u00e9","g":true}"#).unwrap();
        for key in ["a", "b", "c", "d", "e", "g", "absent"] {
            assert_eq!(row.text(key), None, "{key}");
        }
        assert_eq!(row.text("f").as_deref(), Some("été"));
        assert_eq!(row.scalar("a").as_deref(), Some("7"));
        assert_eq!(row.scalar("g").as_deref(), Some("true"));
        assert_eq!(row.scalar("d"), None);
    }

    #[test]
    fn a_field_given_twice_makes_the_row_unreadable() {
        assert!(Row::parse(r#"{"amount_cents":1,"amount_cents":2}"#).unwrap_err().contains("amount_cents"));
    }

    #[test]
    fn a_reason_names_field_value_and_expectation() {
        let row = Row::parse(r#"{"updated_at":"yesterday"}"#).unwrap();
        let reason = row.required_time("updated_at").unwrap_err();
        assert!(
            reason.contains("updated_at") && reason.contains("yesterday") && reason.contains("RFC 3339"),
            "{reason}"
        );
        assert!(row.required("id").unwrap_err().contains("id is missing"));
    }

    #[test]
    fn metadata_is_sorted_and_has_no_empty_values() {
        let mut pairs = Pairs::of("com.example.spec/");
        pairs.add("b", Some("2"));
        pairs.add("a", Some("1"));
        pairs.add("c", Some(""));
        pairs.add("d", None::<String>);
        pairs.add_standard("a", Some("3"));
        let expected = [("com.example.spec/a", "1"), ("com.example.spec/b", "2"), ("std/a", "3")];
        assert_eq!(pairs.finish(), expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
    }

    #[test]
    fn half_a_character_is_replaced_and_the_rest_of_the_text_stays() {
        for (json, text) in [
            (r#""Caf\ud83d""#, "Caf\u{fffd}"),
            (r#""\uDE00 x \ud83d\ude00""#, "\u{fffd} x \u{1f600}"),
            (r#""\ud83d\ud83d\ude00é""#, "\u{fffd}\u{1f600}é"),
            (r#""\\ud83d""#, "\\ud83d"),
            (r#""\ud83d\u0041""#, "\u{fffd}A"),
        ] {
            assert_eq!(string(json).as_deref(), Some(text), "{json}");
        }
        for json in [r#""\ud8""#, r#""\x\ud83d""#, "7"] {
            assert_eq!(string(json), None, "{json}");
        }
    }

    #[test]
    fn clipped_text_is_one_line_of_whole_characters() {
        assert_eq!(clip("é\nè", 10), "é è");
        assert_eq!(clip("ééé", 2), "éé…");
    }
}

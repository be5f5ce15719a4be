//! JSON read once, from front to back, for where its values stand: nothing is made of a value that nobody asks for.
//!
//! Own code, since this is most of what the connector spends: `serde_json` reads a page three times (the list in it, the rows
//! in that, the fields in those), byte by byte. Of the libraries that keep places, nojson refuses a page over half of a
//! character in one label, and jiter makes numbers of digits.

use std::borrow::Cow;
use std::fmt;

use crate::row;

/// Text that is not JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed {
    expected: &'static str,
    at: usize,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "expected {} at byte {}", self.expected, self.at)
    }
}

impl From<Malformed> for String {
    fn from(malformed: Malformed) -> Self {
        malformed.to_string()
    }
}

/// Where reading stands in a text.
#[derive(Clone, Debug)]
pub struct Scanner<'a> {
    text: &'a str,
    at: usize,
    escapes: usize,
}

impl<'a> Scanner<'a> {
    /// At the beginning.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0, escapes: 0 }
    }

    /// Expects the end of the text.
    ///
    /// # Errors
    /// There is more than white space.
    pub fn end(mut self) -> Result<(), Malformed> {
        if self.peek().is_none() { Ok(()) } else { Err(self.malformed("the end")) }
    }

    /// Reads an object; `each` is called before each of its values, with the name, and reads the value.
    ///
    /// # Errors
    /// It is none, or what `each` says.
    pub fn object<E: From<Malformed>>(
        &mut self,
        mut each: impl FnMut(&mut Self, Cow<'a, str>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.expect(b'{', "an object")?;
        if self.skips(b'}') {
            return Ok(());
        }
        loop {
            let name = self.name()?;
            each(self, name)?;
            if !self.skips(b',') {
                return Ok(self.expect(b'}', "a comma or the end of the object")?);
            }
        }
    }

    /// Reads a list; `each` is called before each of its items, and reads it.
    ///
    /// # Errors
    /// It is none, or what `each` says.
    pub fn list<E: From<Malformed>>(&mut self, mut each: impl FnMut(&mut Self) -> Result<(), E>) -> Result<(), E> {
        self.expect(b'[', "a list")?;
        if self.skips(b']') {
            return Ok(());
        }
        loop {
            each(self)?;
            if !self.skips(b',') {
                return Ok(self.expect(b']', "a comma or the end of the list")?);
            }
        }
    }

    /// Reads any value; gives its text.
    ///
    /// # Errors
    /// It is none.
    pub fn value(&mut self) -> Result<&'a str, Malformed> {
        let first = self.peek();
        let start = self.at;
        match first {
            Some(b'{' | b'[') => self.nested()?,
            _ => self.plain()?,
        }
        Ok(&self.text[start..self.at])
    }

    /// The first byte of what comes next.
    pub fn peek(&mut self) -> Option<u8> {
        loop {
            match self.byte() {
                Some(b' ' | b'\t' | b'\n' | b'\r') => self.at += 1,
                byte => return byte,
            }
        }
    }

    /// How many escapes were read.
    #[must_use]
    pub fn escapes(&self) -> usize {
        self.escapes
    }

    /// The bytes that were read since `start`.
    #[must_use]
    pub fn since(&self, start: usize) -> &'a str {
        &self.text[start..self.at]
    }

    /// How many bytes were read.
    #[must_use]
    pub fn at(&self) -> usize {
        self.at
    }

    /// An object or a list with whatever is in it, however deep that is.
    fn nested(&mut self) -> Result<(), Malformed> {
        let mut open: Vec<u8> = Vec::new();
        loop {
            match self.peek() {
                Some(b'{') => {
                    self.at += 1;
                    if !self.skips(b'}') {
                        open.push(b'}');
                        self.skip_name()?;
                        continue;
                    }
                }
                Some(b'[') => {
                    self.at += 1;
                    if !self.skips(b']') {
                        open.push(b']');
                        continue;
                    }
                }
                _ => self.plain()?,
            }
            // A value is over: so are those that it was the last of.
            loop {
                let Some(close) = open.last().copied() else { return Ok(()) };
                if self.skips(b',') {
                    if close == b'}' {
                        self.skip_name()?;
                    }
                    break;
                }
                self.expect(close, "a comma or the end of an object or list")?;
                open.pop();
            }
        }
    }

    /// What is neither an object nor a list, and begins here.
    fn plain(&mut self) -> Result<(), Malformed> {
        match self.byte() {
            Some(b'"') => self.string().map(drop),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true"),
            Some(b'f') => self.word("false"),
            Some(b'n') => self.word("null"),
            _ => Err(self.malformed("a value")),
        }
    }

    fn word(&mut self, word: &'static str) -> Result<(), Malformed> {
        if !self.text.as_bytes()[self.at..].starts_with(word.as_bytes()) {
            return Err(self.malformed("a value"));
        }
        self.at += word.len();
        Ok(())
    }

    fn number(&mut self) -> Result<(), Malformed> {
        if self.byte() == Some(b'-') {
            self.at += 1;
        }
        match self.byte() {
            Some(b'0') => self.at += 1,
            _ => self.digits()?,
        }
        if self.byte() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.byte(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.byte(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), Malformed> {
        let count = self.text.as_bytes()[self.at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += count;
        if count == 0 { Err(self.malformed("a digit")) } else { Ok(()) }
    }

    /// Reads a string that begins here; gives what stands between its quotes. Halves of characters are let through.
    fn string(&mut self) -> Result<&'a str, Malformed> {
        if self.byte() != Some(b'"') {
            return Err(self.malformed("a string"));
        }
        self.at += 1;
        let start = self.at;
        loop {
            self.skip_plain();
            match self.byte() {
                Some(b'"') => break,
                Some(b'\\') => self.escape()?,
                _ => return Err(self.malformed("the end of a string")),
            }
        }
        self.at += 1;
        Ok(&self.text[start..self.at - 1])
    }

    /// Goes to the next byte of a string that does not stand for itself, eight at a time.
    fn skip_plain(&mut self) {
        let rest = &self.text.as_bytes()[self.at..];
        let mut skipped = 0;
        for eight in rest.as_chunks::<8>().0 {
            let special = special(u64::from_le_bytes(*eight));
            if special != 0 {
                self.at += skipped + special.trailing_zeros() as usize / 8;
                return;
            }
            skipped += 8;
        }
        let is_plain = |byte: &&u8| **byte >= 0x20 && **byte != b'"' && **byte != b'\\';
        self.at += skipped + rest[skipped..].iter().take_while(is_plain).count();
    }

    fn escape(&mut self) -> Result<(), Malformed> {
        self.at += 1;
        let rest = &self.text.as_bytes()[self.at..];
        let length = match rest.first() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => 1,
            Some(b'u') if rest.get(1..5).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)) => 5,
            _ => return Err(self.malformed("an escape")),
        };
        self.at += length;
        self.escapes += 1;
        Ok(())
    }

    fn name(&mut self) -> Result<Cow<'a, str>, Malformed> {
        self.peek();
        let (start, escapes) = (self.at, self.escapes);
        let name = self.string()?;
        let name = if self.escapes == escapes {
            Cow::Borrowed(name)
        } else {
            row::string(self.since(start)).ok_or_else(|| self.malformed("a name before"))?
        };
        self.expect(b':', "a colon")?;
        Ok(name)
    }

    fn skip_name(&mut self) -> Result<(), Malformed> {
        self.peek();
        self.string()?;
        self.expect(b':', "a colon")
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skips(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    fn expect(&mut self, byte: u8, expected: &'static str) -> Result<(), Malformed> {
        if self.skips(byte) { Ok(()) } else { Err(self.malformed(expected)) }
    }

    fn malformed(&self, expected: &'static str) -> Malformed {
        Malformed { expected, at: self.at }
    }
}

/// Of eight bytes of a string, the highest bit of the first that does not stand for itself, and maybe of some behind it.
fn special(eight: u64) -> u64 {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGHEST: u64 = ONES << 7;
    // The highest bit of each byte that is zero. What it borrows from the byte behind it can show there, never before.
    let zero = |bytes: u64| bytes.wrapping_sub(ONES) & !bytes;
    let is = |byte: u8| zero(eight ^ (ONES * u64::from(byte)));
    let control = eight.wrapping_sub(ONES * 0x20) & !eight;
    (control | is(b'"') | is(b'\\')) & HIGHEST
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use proptest::prelude::*;
    use serde_json::value::RawValue;

    fn read(text: &str) -> Result<&str, Malformed> {
        let mut scanner = Scanner::new(text);
        let value = scanner.value()?;
        scanner.end()?;
        Ok(value)
    }

    #[test]
    fn what_is_json_is_read_and_what_is_not_is_refused_as_by_others() {
        for text in [
            "{}",
            "[]",
            "7",
            "-0",
            "0.5e-9",
            "1E+2",
            "true",
            "null",
            "\"\"",
            " [ 1 , {\"a\" : [ ] } ] ",
            "\"\\u00e9\\/\"",
            "\"é\u{1f600}\"",
            "",
            " ",
            "{",
            "[1,]",
            "{\"a\":1,}",
            "{a:1}",
            "{\"a\" 1}",
            "01",
            "1.",
            "-",
            "+1",
            ".5",
            "1e",
            "tru",
            "nul",
            "\"",
            "\"\\x\"",
            "\"\\u12g4\"",
            "\"a\nb\"",
            "\"a\u{7f}b\"",
            "[1 2]",
            "{\"a\":1 \"b\":2}",
            "1 2",
            "\u{feff}1",
            "[}",
            "{]",
            "[1}",
            "{\"a\":1]",
            "NaN",
            "{\"a\":}",
            "[,1]",
            "\"12345678\\\"9\"",
            "\"1234567\u{1}\"",
        ] {
            let other = serde_json::from_str::<&RawValue>(text).map(RawValue::get).ok();
            assert_eq!(read(text).ok(), other, "{text:?}");
        }
    }

    #[test]
    fn any_depth_is_read_without_recursion() {
        let text = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
        assert_eq!(read(&text), Ok(text.as_str()));
        assert!(read(&text[1..]).is_err());
    }

    #[test]
    fn halves_of_characters_are_let_through() {
        assert_eq!(read("\"\\ud83d\""), Ok("\"\\ud83d\""));
    }

    fn json() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            any::<i64>().prop_map(|number| number.to_string()),
            any::<f64>()
                .prop_filter("JSON has no infinity", |number| number.is_finite())
                .prop_map(|number| format!("{number:e}")),
            any::<String>().prop_map(|text| serde_json::to_string(&text).unwrap()),
            Just("null".to_owned()),
        ];
        leaf.prop_recursive(5, 64, 6, |inner| {
            let list =
                proptest::collection::vec(inner.clone(), 0..6).prop_map(|items| format!("[ {}]", items.join(" ,")));
            let field = (any::<String>(), inner);
            let object = proptest::collection::vec(field, 0..6).prop_map(|fields| {
                let fields: Vec<String> = fields
                    .iter()
                    .map(|(name, value)| format!("{}:{value}", serde_json::to_string(name).unwrap()))
                    .collect();
                format!("{{{}}}", fields.join(","))
            });
            prop_oneof![list, object]
        })
    }

    proptest! {
        #[test]
        fn any_json_is_read_and_so_is_no_part_of_it_that_others_refuse(text in json(), cut: prop::sample::Index, put: u8) {
            prop_assert_eq!(read(&text), Ok(text.as_str()));
            let mut bytes = text.into_bytes();
            let at = cut.index(bytes.len());
            bytes[at] = put;
            if let Ok(changed) = String::from_utf8(bytes) {
                let other = serde_json::from_str::<&RawValue>(&changed).map(RawValue::get).ok();
                prop_assert_eq!(read(&changed).ok(), other, "{}", changed);
            }
        }
    }
}

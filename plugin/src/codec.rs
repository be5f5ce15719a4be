//! JSON for the states of streams.
//!
//! By hand on [`Row`], since derived serde code for these few structs was a fifth of the component.

use std::fmt::Write as _;
use std::str::FromStr;

use crate::row::{Row, items};

/// A JSON object in the making.
#[derive(Debug)]
pub struct Object(String);

impl Object {
    /// An object with nothing in it.
    #[must_use]
    pub fn new() -> Self {
        Self("{".to_owned())
    }

    /// Adds a field whose value is JSON already.
    #[must_use]
    pub fn json(mut self, key: &str, value: &str) -> Self {
        let comma = if self.0.len() > 1 { "," } else { "" };
        for part in [comma, "\"", key, "\":", value] {
            self.0.push_str(part);
        }
        self
    }

    /// Adds a field when there is a number.
    #[must_use]
    pub fn number(self, key: &str, value: Option<i64>) -> Self {
        match value {
            Some(number) => self.json(key, &number.to_string()),
            None => self,
        }
    }

    /// Adds a count when there is one.
    #[must_use]
    pub fn count(self, key: &str, value: Option<u64>) -> Self {
        self.number(key, value.map(|count| i64::try_from(count).unwrap_or(i64::MAX)))
    }

    /// Adds a field when it holds.
    #[must_use]
    pub fn flag(self, key: &str, holds: bool) -> Self {
        if holds { self.json(key, "true") } else { self }
    }

    /// The object.
    #[must_use]
    pub fn finish(mut self) -> String {
        self.0.push('}');
        self.0
    }
}

impl Default for Object {
    fn default() -> Self {
        Self::new()
    }
}

/// A JSON list of values that are JSON already.
#[must_use]
pub fn list<'a>(values: impl Iterator<Item = &'a str>) -> String {
    let mut json = String::from("[");
    for value in values {
        if json.len() > 1 {
            json.push(',');
        }
        json.push_str(value);
    }
    json.push(']');
    json
}

/// A JSON string.
#[must_use]
pub fn quoted(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    json.push('"');
    for char in text.chars() {
        match char {
            '"' | '\\' => json.extend(['\\', char]),
            // Writing to a string does not fail.
            '\0'..='\u{1f}' => drop(write!(json, "\\u{:04x}", u32::from(char))),
            _ => json.push(char),
        }
    }
    json.push('"');
    json
}

/// The text of a state of this version.
///
/// # Errors
/// It is none, or of another version.
pub fn check_version(bytes: &[u8], expected: u32) -> Result<&str, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
    let version: u32 = required(&Row::parse(text)?, "v")?;
    if version == expected { Ok(text) } else { Err(format!("version {version}, expected {expected}")) }
}

/// A number; none when absent.
///
/// # Errors
/// The field holds something else.
pub fn number<T: FromStr>(row: &Row, key: &str) -> Result<Option<T>, String> {
    row.json(key).map(|json| json.parse().map_err(|_| row.wrong(key, "expected another number"))).transpose()
}

/// A number that must be there.
///
/// # Errors
/// It is not.
pub fn required<T: FromStr>(row: &Row, key: &str) -> Result<T, String> {
    number(row, key)?.ok_or_else(|| row.wrong(key, "expected a number"))
}

/// An object; none when absent.
///
/// # Errors
/// The field holds something else.
pub fn object<'a>(row: &Row<'a>, key: &str) -> Result<Option<Row<'a>>, String> {
    row.json(key).map(Row::parse).transpose()
}

/// The items of a list.
///
/// # Errors
/// There is none.
pub fn list_of<'a>(row: &Row<'a>, key: &str) -> Result<Vec<&'a str>, String> {
    row.json(key).and_then(items).ok_or_else(|| row.wrong(key, "expected a list"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::row::string;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_text_comes_back(text: String) {
            let json = quoted(&text);
            prop_assert_eq!(&string(&json).unwrap(), &text);
            prop_assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        }
    }

    #[test]
    fn what_is_absent_is_left_out() {
        let object = Object::new().number("a", Some(-1)).number("b", None).count("c", Some(2)).json("d", "[]").finish();
        assert_eq!(object, r#"{"a":-1,"c":2,"d":[]}"#);
        assert_eq!(list(["1", "{}"].into_iter()), "[1,{}]");
    }
}

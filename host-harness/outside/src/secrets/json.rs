//! Keeps a JSON text JSON when parts of it are replaced.

use serde::de::IgnoredAny;

/// True if `text` is one JSON value.
pub(super) fn is_json(text: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(text).is_ok()
}

/// The inside of a string, or a number, `true`, `false` or `null`.
pub(super) struct Token {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) string: bool,
}

/// The tokens of a text that is known to be JSON.
pub(super) struct Tokens<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Tokens<'a> {
    pub(super) fn of(text: &'a [u8]) -> Self {
        Self { text, at: 0 }
    }
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        let rest = self.text.get(self.at..)?;
        let skip = rest
            .iter()
            .position(|b| !matches!(b, b' ' | b'\t' | b'\r' | b'\n' | b',' | b':' | b'[' | b']' | b'{' | b'}'))?;
        let first = self.at + skip;
        if self.text[first] == b'"' {
            let start = first + 1;
            let mut end = start;
            while *self.text.get(end)? != b'"' {
                end += if self.text[end] == b'\\' { 2 } else { 1 };
            }
            self.at = end + 1;
            return Some(Token { start, end, string: true });
        }
        let length =
            self.text[first..].iter().position(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n' | b',' | b']' | b'}'));
        self.at = length.map_or(self.text.len(), |length| first + length);
        Some(Token { start: first, end: self.at, string: false })
    }
}

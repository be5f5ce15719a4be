//! Keeps a JSON text JSON when parts of it are replaced.

use serde::de::IgnoredAny;

use super::needles::{Find, merge};

/// A find, and whether its replacement needs quotes because it takes the place of a number.
pub(super) type Aligned = (Find, bool);

/// True if `text` is one JSON value.
pub(super) fn is_json(text: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(text).is_ok()
}

/// Widens finds in a JSON text so that each covers whole escapes of one string, or the whole of a number. `None` if one
/// goes across a comma, bracket or quote: then nothing but replacing the whole text keeps it JSON.
pub(super) fn align(text: &[u8], finds: &[Find]) -> Option<Vec<Aligned>> {
    let mut tokens = Tokens { text, at: 0 };
    let mut token = tokens.next()?;
    let mut strings = Vec::new();
    let mut scalars = Vec::new();
    for find in finds {
        while token.end <= find.start {
            token = tokens.next()?;
        }
        if find.start < token.start || find.end > token.end {
            return None;
        }
        if token.string {
            let (start, end) = whole_escapes(text, &token, find);
            strings.push(Find { start, end, ..*find });
        } else {
            scalars.push(Find { start: token.start, end: token.end, ..*find });
        }
    }
    let mut aligned: Vec<Aligned> = merge(strings).into_iter().map(|find| (find, false)).collect();
    aligned.extend(merge(scalars).into_iter().map(|find| (find, true)));
    aligned.sort_by_key(|(find, _)| find.start);
    Some(aligned)
}

/// The inside of a string, or a number, `true`, `false` or `null`.
struct Token {
    start: usize,
    end: usize,
    string: bool,
}

/// The tokens of a text that is known to be JSON.
struct Tokens<'a> {
    text: &'a [u8],
    at: usize,
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
                end += escape_length(&self.text[end..]);
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

/// How many bytes of a string's inside must stay together. The halves of a surrogate pair must, too.
fn escape_length(text: &[u8]) -> usize {
    match text {
        [b'\\', b'u', b'd' | b'D', b'8' | b'9' | b'a' | b'b' | b'A' | b'B', _, _, b'\\', b'u', ..] => 12,
        [b'\\', b'u', ..] => 6,
        [b'\\', ..] => 2,
        _ => 1,
    }
}

fn whole_escapes(text: &[u8], token: &Token, find: &Find) -> (usize, usize) {
    let (mut start, mut end) = (find.start, find.end);
    let mut at = token.start;
    while at < end {
        let next = at + escape_length(&text[at..token.end]);
        if at < start && start < next {
            start = at;
        }
        if end < next {
            end = next;
        }
        at = next;
    }
    (start, end.min(token.end))
}

//! Text by anybody, made fit to be shown: on a terminal, in a log, in a report.
//!
//! A manifest, an answer, a panic can hold what drives a terminal (and writes its clipboard), turns the direction of
//! writing, or looks like the next line of a log. What does not show is spelt out here as JSON spells it, so that JSON
//! stays JSON and means what it meant. A program that prints passes everything through [`visible`] or [`Visible`], and
//! what must be one line through [`one_line`].

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write};

/// Text in which every character shows. Control characters but tab and line feed, and characters that turn the
/// direction of writing, break lines or take no room, are spelt out: `\u001b`.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if text.chars().all(shows) {
        return Cow::Borrowed(text);
    }
    let mut spelt = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            shown if shows(shown) => spelt.push(shown),
            '\r' => spelt.push_str("\\r"),
            hidden => {
                for unit in hidden.encode_utf16(&mut [0; 2]) {
                    // Writing to a string cannot fail.
                    _ = write!(spelt, "\\u{unit:04x}");
                }
            }
        }
    }
    Cow::Owned(spelt)
}

fn shows(character: char) -> bool {
    match character {
        '\n' | '\t' => true,
        '\u{61c}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{fffe}'
        | '\u{ffff}'
        | '\u{e0000}'..='\u{e007f}' => false,
        other => !other.is_control(),
    }
}

/// As [`visible`], on one line: runs of white space become a blank.
#[must_use]
pub fn one_line(text: &str) -> String {
    visible(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// As [`visible`], as one message: further lines are indented, so that none of them passes for a message of its own.
#[must_use]
pub fn message(text: &str) -> String {
    let mut lines = Vec::new();
    for line in visible(text).split('\n') {
        let indent = if lines.is_empty() || line.starts_with("  ") { "" } else { "  " };
        lines.push(format!("{indent}{line}"));
    }
    lines.join("\n")
}

/// Writes UTF-8 on as [`visible`] text. What is no UTF-8 becomes U+FFFD.
#[derive(Debug)]
pub struct Visible<W> {
    inner: W,
    /// The beginning of a character whose end has not come yet.
    begun: Vec<u8>,
}

impl<W: Write> Visible<W> {
    /// Writes to `inner`.
    pub fn new(inner: W) -> Self {
        Self { inner, begun: Vec::new() }
    }

    fn pass_on(&mut self, bytes: &[u8]) -> io::Result<()> {
        for chunk in bytes.utf8_chunks() {
            self.inner.write_all(visible(chunk.valid()).as_bytes())?;
            if !chunk.invalid().is_empty() {
                self.inner.write_all("\u{fffd}".as_bytes())?;
            }
        }
        Ok(())
    }
}

impl<W: Write> Write for Visible<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.begun.is_empty() && bytes.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\t')) {
            self.inner.write_all(bytes)?;
            return Ok(bytes.len());
        }
        let mut all = std::mem::take(&mut self.begun);
        all.extend_from_slice(bytes);
        let cut = all.len() - unfinished(&all);
        self.begun = all.split_off(cut);
        self.pass_on(&all)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// How many bytes at the end begin a character that needs more.
fn unfinished(bytes: &[u8]) -> usize {
    let end = bytes.utf8_chunks().last().map(|chunk| chunk.invalid()).unwrap_or_default();
    let cut = std::str::from_utf8(end).is_err_and(|error| error.error_len().is_none());
    if cut { end.len() } else { 0 }
}

/// A text without the byte order mark that some editors put before it.
#[must_use]
pub fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_show_is_spelt_as_json_spells_it() {
        assert_eq!(visible("Émile 株式会社\t\n"), "Émile 株式会社\t\n");
        assert_eq!(
            visible("a\u{1b}]52;c;eA==\u{7}\r\u{7f}\u{9b}31m\u{202e}\u{2066}\u{2028}\u{feff}\u{e0041}"),
            "a\\u001b]52;c;eA==\\u0007\\r\\u007f\\u009b31m\\u202e\\u2066\\u2028\\ufeff\\udb40\\udc41"
        );
    }

    #[test]
    fn json_means_the_same_when_it_was_made_visible() {
        let value = serde_json::json!({ "k\u{202e}": "\u{0}\u{7f}\u{9b}\u{2028}\u{e0041}\n\"\\u" });
        for text in [value.to_string(), format!("{value:#}")] {
            let shown = visible(&text);
            assert_ne!(shown, text);
            assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).ok(), Some(value.clone()));
        }
    }

    #[test]
    fn a_line_stays_one_and_a_message_stays_one() {
        assert_eq!(one_line(" a\n  b\t\r\nerror: c"), "a b \\r error: c");
        assert_eq!(message("it failed\n  in f\nerror: forged\n"), "it failed\n  in f\n  error: forged\n  ");
    }

    #[test]
    fn a_writer_shows_the_same_wherever_the_bytes_are_cut() {
        let text = "plain, é株🏦 \u{1b}[2J\u{202e}\u{9b}\n";
        for size in 1..=text.len() {
            let mut out = Visible::new(Vec::new());
            for piece in text.as_bytes().chunks(size) {
                out.write_all(piece).unwrap();
            }
            assert_eq!(String::from_utf8(out.inner).unwrap(), visible(text), "{size}");
        }
        let mut out = Visible::new(Vec::new());
        out.write_all(b"a\xff\xc0b\x9b\xe6z").unwrap();
        assert_eq!(String::from_utf8(out.inner).unwrap(), "a\u{fffd}\u{fffd}b\u{fffd}\u{fffd}z");
    }
}

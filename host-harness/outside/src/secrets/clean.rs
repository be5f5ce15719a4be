//! Replaces what was found, and all that stands around it.
//!
//! How much goes never depends on how much was recognised: a server that repeats the beginning of a secret beside a
//! guess would tell by it how much of the guess is right.

use super::json::Tokens;
use super::needles::Find;
use super::scan::Scan;

/// What takes the place of every find, whichever secret it is of.
pub(super) const REDACTED: &[u8] = b"[redacted]";
/// The same as JSON.
pub(super) const REDACTED_JSON: &[u8] = b"\"[redacted]\"";

/// What a run is made of: letters, digits, what encodings and escapes are spelt with, and whatever is in a secret.
/// Nothing else is in any spelling of a secret.
#[derive(Debug)]
pub(super) struct Runs([bool; 256]);

impl Runs {
    pub(super) fn of<'a>(secrets: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut inside = [false; 256];
        let alphabet = (0..=u8::MAX).filter(|b| b.is_ascii_alphanumeric() || b"-._~+/=%&;#\\!$*@^".contains(b));
        for byte in alphabet.chain(secrets.into_iter().flatten().copied()) {
            inside[usize::from(byte)] = true;
        }
        Self(inside)
    }

    fn has(&self, byte: u8) -> bool {
        self.0[usize::from(byte)]
    }

    /// The longest run at a place that is in one. It is the same for all finds in it.
    fn around(&self, text: &[u8], place: usize) -> (usize, usize) {
        let before = text[..place].iter().rev().take_while(|b| self.has(**b)).count();
        let after = text[place..].iter().skip(1).take_while(|b| self.has(**b)).count();
        (place - before, place + 1 + after)
    }
}

/// A text that is not JSON with all runs replaced that hold a find.
pub(super) fn runs(mut scan: Scan<'_>, runs: &Runs) -> Vec<u8> {
    let mut clean = Clean::of(scan.text());
    while let Some(find) = scan.find() {
        let (start, end) = runs.around(scan.text(), find.last);
        clean.replace(start, end, REDACTED);
        scan.skip_to(end);
    }
    clean.finish()
}

/// A JSON text with all strings, keys and numbers replaced that hold a find; all of it, if a find goes across a comma,
/// bracket or quote.
pub(super) fn json(mut scan: Scan<'_>) -> Vec<u8> {
    let mut clean = Clean::of(scan.text());
    let mut tokens = Tokens::of(scan.text());
    while let Some(Find { last, length, .. }) = scan.find() {
        let token = tokens.find(|token| token.end > last);
        let Some(token) = token.filter(|token| token.start + length <= last + 1) else {
            return REDACTED_JSON.to_vec();
        };
        clean.replace(token.start, token.end, if token.string { REDACTED } else { REDACTED_JSON });
        scan.skip_to(token.end);
    }
    clean.finish()
}

/// A text that is being written anew.
struct Clean<'a> {
    text: &'a [u8],
    written: Vec<u8>,
    done: usize,
}

impl<'a> Clean<'a> {
    fn of(text: &'a [u8]) -> Self {
        Self { text, written: Vec::with_capacity(text.len()), done: 0 }
    }

    fn replace(&mut self, start: usize, end: usize, by: &[u8]) {
        self.written.extend_from_slice(&self.text[self.done..start]);
        self.written.extend_from_slice(by);
        self.done = end;
    }

    fn finish(mut self) -> Vec<u8> {
        self.written.extend_from_slice(&self.text[self.done..]);
        self.written
    }
}

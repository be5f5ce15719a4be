//! Finds secrets in a text, in whatever encoding.

use std::ops::Range;

use aho_corasick::{AhoCorasick, BuildError, Input, MatchKind};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::views::{self, Undone};

/// A piece of a secret at least this long is a find of its own.
const PIECE: usize = 8;

/// Where a secret stands in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Find {
    pub(super) start: usize,
    pub(super) end: usize,
    /// The index of the secret.
    pub(super) secret: usize,
    /// How much was recognised, unescaped: the longest names the whole.
    pub(super) weight: usize,
}

#[derive(Clone, Copy)]
enum Kind {
    /// The first bytes of the secret: the rest is compared on the spot.
    Head,
    /// The last bytes of the secret: those before are compared on the spot.
    Tail,
    /// All of an encoding.
    Whole,
}

/// The patterns of all secrets. One automaton, so that a text is read once, however many secrets there are.
#[derive(Default)]
pub(super) struct Needles {
    automaton: Option<AhoCorasick>,
    patterns: Vec<(usize, Kind)>,
    secrets: Vec<Vec<u8>>,
    /// No find is longer.
    reach: usize,
}

impl Needles {
    pub(super) fn new(secrets: Vec<Vec<u8>>) -> Result<Self, BuildError> {
        let mut patterns = Vec::new();
        let mut texts: Vec<Vec<u8>> = Vec::new();
        let mut add = |secret: usize, kind: Kind, text: Vec<u8>| {
            patterns.push((secret, kind));
            texts.push(text);
        };
        for (index, secret) in secrets.iter().enumerate() {
            let piece = secret.len().min(PIECE);
            add(index, Kind::Head, secret[..piece].to_vec());
            add(index, Kind::Tail, secret[secret.len() - piece..].to_vec());
            add(index, Kind::Whole, secret.iter().rev().copied().collect());
            add(index, Kind::Whole, hex(secret, b"0123456789abcdef"));
            add(index, Kind::Whole, hex(secret, b"0123456789ABCDEF"));
            for before in 0..3 {
                for text in base64_inside(secret, before) {
                    add(index, Kind::Whole, text);
                }
            }
        }
        if secrets.is_empty() {
            return Ok(Self::default());
        }
        let reach = texts.iter().chain(&secrets).map(Vec::len).max().unwrap_or_default();
        // Overlapping finds are wanted: with leftmost-longest, a chance find of a piece of one secret could end inside
        // another secret and let the rest of it pass. The prefilter looks for rare bytes, and those of a secret are not
        // rare among a provider's identifiers: reading every byte is faster.
        let automaton = AhoCorasick::builder().match_kind(MatchKind::Standard).prefilter(false).build(&texts)?;
        Ok(Self { automaton: Some(automaton), patterns, secrets, reach })
    }

    /// All finds in order; those that overlap are one, which bears the name of the longest.
    pub(super) fn find(&self, text: &[u8]) -> Vec<Find> {
        let Some(automaton) = &self.automaton else { return Vec::new() };
        let mut finds = Vec::new();
        views::each(text, &mut |form, origin, undone| {
            for window in self.windows(form, undone) {
                for found in automaton.find_overlapping_iter(Input::new(form).range(window)) {
                    let (secret, kind) = self.patterns[found.pattern().as_usize()];
                    let (start, end) = stretch(&self.secrets[secret], kind, form, found.start(), found.end());
                    finds.push(Find { start: origin(start), end: origin(end), secret, weight: end - start });
                }
            }
        });
        merge(finds)
    }

    /// Where to look in a form: what touches no escape stood like that in the text that the form was made of, and was
    /// found there.
    fn windows(&self, form: &[u8], undone: Option<&[Undone]>) -> Vec<Range<usize>> {
        let Some(undone) = undone else { return std::iter::once(0..form.len()).collect() };
        let mut windows: Vec<Range<usize>> = Vec::new();
        for escape in undone {
            let start = escape.form.start.saturating_sub(self.reach);
            let end = escape.form.end.saturating_add(self.reach).min(form.len());
            match windows.last_mut().filter(|last| start <= last.end) {
                Some(last) => last.end = end,
                None => windows.push(start..end),
            }
        }
        windows
    }
}

/// Lets a piece grow for as long as the text goes on like the secret.
fn stretch(secret: &[u8], kind: Kind, text: &[u8], start: usize, end: usize) -> (usize, usize) {
    let size = end - start;
    match kind {
        Kind::Whole => (start, end),
        Kind::Head => {
            let more = secret[size..].iter().zip(&text[end..]).take_while(|(a, b)| a == b).count();
            (start, end + more)
        }
        Kind::Tail => {
            let (before, rest) = (text[..start].iter().rev(), secret[..secret.len() - size].iter().rev());
            (start - rest.zip(before).take_while(|(a, b)| a == b).count(), end)
        }
    }
}

/// Makes one of those that overlap.
pub(super) fn merge(mut finds: Vec<Find>) -> Vec<Find> {
    finds.sort_by_key(|find| (find.start, find.end));
    let mut merged: Vec<Find> = Vec::new();
    for find in finds {
        match merged.last_mut().filter(|last| find.start < last.end) {
            Some(last) => {
                last.end = last.end.max(find.end);
                if find.weight > last.weight {
                    (last.secret, last.weight) = (find.secret, find.weight);
                }
            }
            None => merged.push(find),
        }
    }
    merged
}

fn hex(secret: &[u8], digits: &[u8; 16]) -> Vec<u8> {
    secret.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|digit| digits[usize::from(digit)]).collect()
}

/// The characters of a Base64 text (RFC 4648 §4 and §5) that depend on `secret` alone, if `before` bytes, modulo 3,
/// stand before it in what is encoded. In both alphabets.
fn base64_inside(secret: &[u8], before: usize) -> [Vec<u8>; 2] {
    let mut bytes = vec![0; before];
    bytes.extend_from_slice(secret);
    let inside = (before * 8).div_ceil(6)..bytes.len() * 8 / 6;
    [STANDARD_NO_PAD.encode(&bytes), URL_SAFE_NO_PAD.encode(&bytes)]
        .map(|text| text.as_bytes()[inside.clone()].to_vec())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn find_everywhere(needles: &Needles, text: &[u8]) -> Vec<Find> {
        let mut finds = Vec::new();
        views::each(text, &mut |form, origin, _| {
            for found in needles.automaton.as_ref().unwrap().find_overlapping_iter(form) {
                let (secret, kind) = needles.patterns[found.pattern().as_usize()];
                let (start, end) = stretch(&needles.secrets[secret], kind, form, found.start(), found.end());
                finds.push(Find { start: origin(start), end: origin(end), secret, weight: end - start });
            }
        });
        merge(finds)
    }

    proptest! {
        #[test]
        fn looking_around_the_escapes_finds_what_looking_everywhere_does(
            text in prop::collection::vec(
                prop::sample::select(vec![
                    "a+b/c%d&", "a+b/c%d&e\\f=0123456789", "0123456789", "d&e\\f", "%2B", "%25", "%2525", "\\u002b", "\\\\",
                    "\\/", "&amp;", "&#37;", "+", "%", "&", "\\", "a", "b", "c%d", "/", "e", "f=0", "9876543210",
                ]),
                0..60,
            ),
        ) {
            let needles = Needles::new(vec![b"a+b/c%d&e\\f=0123456789".to_vec(), b"0123456789".to_vec()]).unwrap();
            let text = text.concat();
            prop_assert_eq!(needles.find(text.as_bytes()), find_everywhere(&needles, text.as_bytes()));
        }
    }
}

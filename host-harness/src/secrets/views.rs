//! A text as those see it who undo its escapes, with the way back to the bytes as they stand.
//!
//! Escaping is not a function: `a/b` is `a\/b`, `\u0061/b`, `%61/b`, `a%2Fb`… So it is the text that is unescaped here,
//! not the needle that is spelt in every way.

use std::ops::Range;

use memchr::{memchr, memchr_iter};

/// How many escapes inside one another are undone: JSON in a JSON string in a form is three.
const DEPTH: usize = 3;

/// Undoes one escape at the start of the text: its length, and the bytes that it stands for.
type Decoder = fn(&[u8]) -> Option<(usize, Decoded)>;

/// Where the `i`th byte of a form, or its end, stands in the text.
type Origin<'a> = &'a dyn Fn(usize) -> usize;

/// At most one character.
type Decoded = ([u8; 4], usize);

const DECODERS: [(u8, Decoder); 4] = [(b'\\', json), (b'%', percent), (b'+', plus), (b'&', html)];

/// One escape: where it stood, and where what it stands for stands in the form.
pub(super) struct Undone {
    text: Range<usize>,
    pub(super) form: Range<usize>,
}

/// Gets each form of a text, where it comes from, and what was undone in it.
type See<'a> = dyn FnMut(&[u8], Origin<'_>, Option<&[Undone]>) + 'a;

/// Calls `see` with `text` and with each of its unescaped forms. With a form come the escapes that were undone last, in
/// order: everything between them was seen before.
pub(super) fn each(text: &[u8], see: &mut See<'_>) {
    see(text, &|i| i, None);
    deeper(text, &|i| i, DEPTH, see);
}

fn deeper(text: &[u8], origin: Origin<'_>, depth: usize, see: &mut See<'_>) {
    if depth == 0 {
        return;
    }
    for (sign, decoder) in DECODERS {
        if let Some((form, undone)) = undo(text, sign, decoder) {
            let back = |i: usize| origin(if i < form.len() { start(&undone, i) } else { text.len() });
            see(&form, &back, Some(&undone));
            deeper(&form, &back, depth - 1, see);
        }
    }
}

/// The text with all escapes of one kind undone, and these; `None` if there is no escape.
fn undo(text: &[u8], sign: u8, decoder: Decoder) -> Option<(Vec<u8>, Vec<Undone>)> {
    let mut form = Vec::new();
    let mut undone: Vec<Undone> = Vec::new();
    let mut done = 0;
    for at in memchr_iter(sign, text) {
        if at < done {
            continue;
        }
        let Some((length, (bytes, count))) = decoder(&text[at..]) else { continue };
        if undone.is_empty() {
            form.reserve_exact(text.len());
        }
        form.extend_from_slice(&text[done..at]);
        done = at + length;
        undone.push(Undone { text: at..done, form: form.len()..form.len() + count });
        form.extend_from_slice(&bytes[..count]);
    }
    if undone.is_empty() {
        return None;
    }
    form.extend_from_slice(&text[done..]);
    Some((form, undone))
}

/// Where a byte of a form started in the text: an escape starts as a whole.
fn start(undone: &[Undone], i: usize) -> usize {
    let before = undone.partition_point(|escape| escape.form.start <= i);
    match before.checked_sub(1).map(|last| &undone[last]) {
        None => i,
        Some(escape) if i < escape.form.end => escape.text.start,
        Some(escape) => escape.text.end + (i - escape.form.end),
    }
}

fn one(byte: u8) -> Decoded {
    ([byte, 0, 0, 0], 1)
}

fn utf8(code: u32) -> Option<Decoded> {
    let mut bytes = [0; 4];
    let length = char::from_u32(code)?.encode_utf8(&mut bytes).len();
    Some((bytes, length))
}

fn hex(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0_u32, |sum, digit| sum.checked_mul(16)?.checked_add(char::from(*digit).to_digit(16)?))
}

/// RFC 8259 §7. A lone surrogate stands for nothing and stays as it is.
fn json(text: &[u8]) -> Option<(usize, Decoded)> {
    Some(match text.get(1)? {
        b'b' => (2, one(8)),
        b'f' => (2, one(12)),
        b'n' => (2, one(b'\n')),
        b'r' => (2, one(b'\r')),
        b't' => (2, one(b'\t')),
        b'u' => (6, utf8(hex(text.get(2..6)?)?)?),
        plain @ (b'"' | b'\\' | b'/') => (2, one(*plain)),
        _ => return None,
    })
}

/// RFC 3986 §2.1, with digits of either case.
fn percent(text: &[u8]) -> Option<(usize, Decoded)> {
    let byte = u8::try_from(hex(text.get(1..3)?)?).ok()?;
    Some((3, one(byte)))
}

/// The space of `application/x-www-form-urlencoded`. Apart from [`percent`], since in a path it is a plus.
#[expect(clippy::unnecessary_wraps, reason = "has to be a `Decoder`")]
fn plus(_: &[u8]) -> Option<(usize, Decoded)> {
    Some((1, one(b' ')))
}

/// The character references that make a text safe in HTML: pages of errors like to quote a request.
fn html(text: &[u8]) -> Option<(usize, Decoded)> {
    let end = memchr(b';', text.get(..12).unwrap_or(text))?;
    let decoded = match text.get(1..end)? {
        b"amp" => one(b'&'),
        b"lt" => one(b'<'),
        b"gt" => one(b'>'),
        b"quot" => one(b'"'),
        b"apos" => one(b'\''),
        [b'#', b'x' | b'X', digits @ ..] => utf8(hex(digits)?)?,
        [b'#', digits @ ..] => utf8(std::str::from_utf8(digits).ok()?.parse().ok()?)?,
        _ => return None,
    };
    Some((end + 1, decoded))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn forms(text: &str) -> Vec<String> {
        let mut forms = Vec::new();
        each(text.as_bytes(), &mut |form, origin, _| {
            assert_eq!(origin(form.len()), text.len());
            forms.push(String::from_utf8_lossy(form).into_owned());
        });
        forms
    }

    #[test]
    fn each_escape_is_undone_alone_and_inside_another() {
        for (escaped, plain) in [
            (r"a\/b", "a/b"),
            (r"\u0061\u002Fb", "a/b"),
            ("a%2fb", "a/b"),
            ("a%2Fb+c", "a/b c"),
            ("a%252Fb", "a/b"),
            (r"a\u00252Fb", "a/b"),
            ("a%5C%2Fb", "a/b"),
            (r"\\u0061", "a"),
            ("a&#47;b&#x2F;&amp;", "a/b/&"),
        ] {
            assert!(forms(escaped).iter().any(|form| form == plain), "{escaped}: {:?}", forms(escaped));
        }
    }

    #[test]
    fn what_is_no_escape_stays() {
        for text in ["plain", "100%", "%zz", r"\x", r"\u12", r"\ud800", "&&;", "&nope;", "\\"] {
            assert_eq!(forms(text), [text]);
        }
    }

    #[test]
    fn the_way_back_leads_to_the_start_of_the_escape() {
        each(br"xy\u0041z", &mut |form, origin, _| {
            if form == b"xyAz" {
                assert_eq!((0..=4).map(origin).collect::<Vec<_>>(), [0, 1, 2, 8, 9]);
            }
        });
    }
}

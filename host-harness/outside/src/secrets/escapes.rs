//! Undoes one escape: of JSON, of URLs, of forms, of HTML.
//!
//! Escaping is not a function: `a/b` is `a\/b`, `\u0061/b`, `%61/b`, `a%2Fb`… So it is the text that is unescaped, not
//! the needle that is spelt in every way.

/// What an escape starts with; each sign has one kind of escape. The space of `application/x-www-form-urlencoded` is
/// apart from `%20`, since in a path a plus is a plus.
pub(super) const SIGNS: [u8; 4] = *b"\\%&+";

/// No escape has more bytes: what is longer is none.
pub(super) const LONGEST: usize = 12;

/// At most one character: its bytes, and how many there are.
pub(super) type Decoded = ([u8; 4], usize);

/// What a text that starts with a sign starts with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    /// The beginning of an escape; more has to be seen.
    Part,
    /// No escape. The last byte shows it: without that, it is [`Start::Part`].
    Not,
    /// An escape of this length, and what it stands for.
    Escape(usize, Decoded),
}

/// Reads the escape at the start of a text.
pub(super) fn read(text: &[u8]) -> Start {
    match text.first() {
        None => Start::Part,
        Some(b'\\') => json(text),
        Some(b'%') => digits(text, 1, 2),
        Some(b'&') => html(text),
        Some(b'+') => one(1, b' '),
        Some(_) => Start::Not,
    }
}

fn one(length: usize, byte: u8) -> Start {
    Start::Escape(length, ([byte, 0, 0, 0], 1))
}

fn character(length: usize, code: u32) -> Start {
    let mut bytes = [0; 4];
    match char::from_u32(code) {
        Some(c) => {
            let count = c.encode_utf8(&mut bytes).len();
            Start::Escape(length, (bytes, count))
        }
        None => Start::Not,
    }
}

/// RFC 8259 §7. A surrogate stands for nothing that is in a secret, and stays as it is.
fn json(text: &[u8]) -> Start {
    match text.get(1) {
        None => Start::Part,
        Some(b'b') => one(2, 8),
        Some(b'f') => one(2, 12),
        Some(b'n') => one(2, b'\n'),
        Some(b'r') => one(2, b'\r'),
        Some(b't') => one(2, b'\t'),
        Some(b'u') => digits(text, 2, 4),
        Some(plain @ (b'"' | b'\\' | b'/')) => one(2, *plain),
        Some(_) => Start::Not,
    }
}

/// `count` hexadecimal digits (RFC 3986 §2.1, RFC 8259 §7), of either case. Two are a byte, four a character.
fn digits(text: &[u8], from: usize, count: usize) -> Start {
    let end = from + count;
    let mut code = 0;
    for digit in text.iter().take(end).skip(from) {
        match char::from(*digit).to_digit(16) {
            Some(digit) => code = code * 16 + digit,
            None => return Start::Not,
        }
    }
    match u8::try_from(code) {
        _ if text.len() < end => Start::Part,
        Ok(byte) if count == 2 => one(end, byte),
        _ => character(end, code),
    }
}

/// The character references that make a text safe in HTML: pages of errors like to quote a request.
fn html(text: &[u8]) -> Start {
    const NAMES: [(&[u8], u8); 5] =
        [(b"&amp;", b'&'), (b"&lt;", b'<'), (b"&gt;", b'>'), (b"&quot;", b'"'), (b"&apos;", b'\'')];
    match text {
        [_, b'#', b'x' | b'X', ..] => number(text, 3, 16),
        [_, b'#', ..] => number(text, 2, 10),
        _ => match NAMES.iter().find(|(name, _)| name.starts_with(text) || text.starts_with(name)) {
            None => Start::Not,
            Some((name, _)) if text.len() < name.len() => Start::Part,
            Some((name, byte)) => one(name.len(), *byte),
        },
    }
}

fn number(text: &[u8], from: usize, radix: u32) -> Start {
    let mut code = 0_u32;
    for (place, byte) in text.iter().enumerate().take(LONGEST).skip(from) {
        if *byte == b';' && place > from {
            return character(place + 1, code);
        }
        let digit = char::from(*byte).to_digit(radix);
        match digit.and_then(|digit| code.checked_mul(radix)?.checked_add(digit)) {
            Some(more) => code = more,
            None => return Start::Not,
        }
    }
    if text.len() < LONGEST { Start::Part } else { Start::Not }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_escape_stands_for_a_character() {
        for (escape, plain) in [
            (r"\/", "/"),
            (r"\\", "\\"),
            (r"\n", "\n"),
            (r"\u0061", "a"),
            (r"\u002F", "/"),
            (r"\u00e9", "é"),
            ("%2f", "/"),
            ("%2F", "/"),
            ("+", " "),
            ("&amp;", "&"),
            ("&quot;", "\""),
            ("&#47;", "/"),
            ("&#x2f;", "/"),
            ("&#X0000002F;", "/"),
            ("&#x1F600;", "😀"),
        ] {
            let Start::Escape(length, (bytes, count)) = read(format!("{escape}…").as_bytes()) else {
                panic!("{escape} is an escape")
            };
            assert_eq!((length, &bytes[..count]), (escape.len(), plain.as_bytes()), "{escape}");
        }
    }

    #[test]
    fn what_is_no_escape_is_none() {
        for text in
            ["%zz", "%4", r"\x", r"\u12", r"\ud800", "&&;", "&nope;", "&#;", "&#x;", "&#x110000;", "&#00000000047;"]
        {
            assert_eq!(read(format!("{text}…").as_bytes()), Start::Not, "{text}");
        }
    }

    proptest! {
        /// What [`super::super::forms`] relies on: it sees a byte at a time.
        #[test]
        fn whether_it_is_an_escape_shows_at_one_byte_and_only_its_first_is_a_sign(
            text in r"[\\%&+](u?[0-9a-fA-F]{0,5}|#[xX]?[0-9a-f]{0,11}|[a-z]{0,5});?.{0,3}",
        ) {
            let text = text.as_bytes();
            let shown = (1..=text.len()).find(|end| read(&text[..*end]) != Start::Part);
            let Some(shown) = shown else { return Ok(()) };
            prop_assert!(shown <= LONGEST);
            prop_assert_eq!(read(&text[..shown]), read(text));
            prop_assert!(text[..shown - 1].iter().skip(1).all(|b| b.is_ascii_alphanumeric() || *b == b'#'));
            if let Start::Escape(length, _) = read(text) {
                prop_assert_eq!(length, shown);
            } else {
                prop_assert!(shown > 1);
            }
        }
    }
}

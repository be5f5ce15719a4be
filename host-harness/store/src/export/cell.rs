//! Cells of a CSV that a spreadsheet does not run.
//!
//! A text that begins with `=`, `+`, `-` or `@` is a formula to a spreadsheet, and a formula can send the sheet away or
//! start a program. A `'` before it makes it a text. A spreadsheet that separates cells by other characters than commas
//! (in much of Europe it is the semicolon) begins a cell in the middle of a text as well.

use std::borrow::Cow;

/// The text of a cell, with a `'` wherever a formula could begin.
pub(super) fn inert(text: &str) -> Cow<'_, str> {
    let mut places = formulas(text).peekable();
    if places.peek().is_none() {
        return Cow::Borrowed(text);
    }
    let (mut inert, mut done) = (String::with_capacity(text.len() + 1), 0);
    for place in places {
        inert.push_str(&text[done..place]);
        inert.push('\'');
        done = place;
    }
    inert.push_str(&text[done..]);
    Cow::Owned(inert)
}

/// Where a `'` is due: at the beginning of the text, and behind what could begin a cell within it.
fn formulas(text: &str) -> impl Iterator<Item = usize> {
    let whole = text.starts_with(['\t', '\r']) || is_formula(text.trim_matches(is_blank));
    let within = text.match_indices(SEPARATORS).map(|(place, _)| place + 1).filter(|place| {
        let cell = text[*place..].split(SEPARATORS).next().unwrap_or_default();
        is_formula(cell.trim_matches(|character| is_blank(character) || character == '"'))
    });
    whole.then_some(0).into_iter().chain(within)
}

/// What ends a cell where commas do not, and a row where quotes are not seen.
const SEPARATORS: [char; 4] = [';', '\t', '\r', '\n'];

fn is_formula(cell: &str) -> bool {
    cell.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']) && !is_number(cell)
}

/// White space, and what takes no room.
fn is_blank(character: char) -> bool {
    character.is_whitespace() || character.is_control() || matches!(character, '\u{200b}'..='\u{200f}' | '\u{feff}')
}

/// A decimal number, such as `-12.50`.
fn is_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, decimals) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    digits(whole) && digits(decimals)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_becomes_a_text() {
        for text in [
            "=1+1",
            "+cmd|' /C calc'!A0",
            "-2+3",
            "@SUM(A1)",
            "\r1",
            "\tplain",
            "  =1",
            "\u{a0}\u{200b}\u{feff}=1",
            "＝1+1",
            "＋1",
            "－1",
            "＠x",
            "--5",
            "-5=cmd()",
            "-1e5",
            "-",
            "-1.2.3",
            "-1,5",
        ] {
            assert_eq!(inert(text), format!("'{text}"));
        }
        assert_eq!((inert("\n=1"), inert("\t=1")), ("'\n'=1".into(), "'\t'=1".into()));
    }

    #[test]
    fn numbers_and_all_other_texts_stay_as_they_are() {
        for text in
            ["", "-12.50", "+33612345678", "0", "-5", " -5 ", "a=b", "x@y.example", "'=1", "{\"a\":-5}", "1-2; 3"]
        {
            assert!(matches!(inert(text), Cow::Borrowed(same) if same == text), "{text}");
        }
    }

    #[test]
    fn a_cell_that_another_separator_would_begin_does_not_run_either() {
        for (text, same) in [
            ("a;=1+1;b", "a;'=1+1;b"),
            ("a; \"=1\"", "a;' \"=1\""),
            ("a\n=1\r\n+x", "a\n'=1\r\n'+x"),
            ("{\"a\":\"b;@c\"}", "{\"a\":\"b;'@c\"}"),
            ("a;-5;-12.50", "a;-5;-12.50"),
            ("-5;=1", "'-5;'=1"),
            ("a;-5\"&x", "a;'-5\"&x"),
        ] {
            assert_eq!(inert(text), same);
        }
    }
}

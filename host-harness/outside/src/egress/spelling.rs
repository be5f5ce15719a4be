//! How servers read a path: some decode it once, some twice, some not at all, and some drop what is behind a `;` or at the
//! end of a segment. Nobody can know which of them answers, so a path that means different things to them is none.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// Characters that a server turns into a dot, a slash or a backslash when it looks for the nearest it knows.
const NEARLY: &str =
    "\u{2024}\u{2025}\u{2026}\u{2044}\u{2215}\u{2216}\u{29f5}\u{29f8}\u{fe52}\u{fe68}\u{ff0e}\u{ff0f}\u{ff3c}\u{ff61}";
/// What must not hide behind an escape: each ends a segment, a path or a name for some server.
const HIDDEN: [char; 6] = ['.', '/', '\\', '?', '#', ';'];

/// Whether servers read a segment in one way only, however often they decode it: it does not climb, and hides nothing that
/// would make another segment or another path of it.
pub(super) fn is_plain(segment: &str) -> bool {
    if segment.contains('\\') || !is_escaped_well(segment) {
        return false;
    }
    let Some(once) = decoded(segment) else { return false };
    let Some(twice) = decoded(&once) else { return false };
    let signs = |text: &str| text.matches(HIDDEN).count();
    signs(&twice) == signs(segment)
        && decoded(&twice).is_some_and(|thrice| thrice == twice)
        && !twice.contains(|character: char| character.is_control() || NEARLY.contains(character))
        && !climbs(&twice)
}

/// Whether there are servers to whom two paths are the same: they decode, or do without the case, a slash at the end, what
/// is behind a `;`, or dots and blanks at the end of a segment.
pub(super) fn is_same_to_some(one: &str, other: &str) -> bool {
    let plain = |path: &str| {
        let decoded = lossy(&lossy(path)).to_lowercase();
        let segments = decoded.split(['/', '\\']).map(|segment| bare(segment).to_owned());
        segments.filter(|segment| !segment.is_empty()).collect::<Vec<_>>()
    };
    plain(one) == plain(other)
}

/// `.`, `..`, and what some servers make of `..;a`, `.. ` and `...`.
fn climbs(segment: &str) -> bool {
    let name = segment.split(';').next().unwrap_or_default();
    !name.is_empty() && bare(name).is_empty() && name.contains('.')
}

/// A segment without its parameters, and without what some systems drop at the end of a name.
fn bare(segment: &str) -> &str {
    let name = segment.split(';').next().unwrap_or_default();
    name.trim_end_matches(|character: char| character == '.' || character.is_whitespace())
}

/// Every `%` begins an escape.
fn is_escaped_well(segment: &str) -> bool {
    let is_hex = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_hexdigit);
    let bytes = segment.as_bytes();
    let mut escapes = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'%');
    escapes.all(|(place, _)| is_hex(bytes.get(place + 1)) && is_hex(bytes.get(place + 2)))
}

/// None where it is no text then: an overlong spelling of a slash is none, and some servers take it for one.
fn decoded(segment: &str) -> Option<Cow<'_, str>> {
    percent_decode_str(segment).decode_utf8().ok()
}

fn lossy(path: &str) -> String {
    percent_decode_str(path).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ordinary_id_escaped_once_is_plain() {
        for good in [
            "a",
            "",
            "1.0",
            "a.b",
            "..a",
            "a..b",
            "~",
            "a:b@c,d=e",
            "a+b",
            "a%2Bb",
            "a%20b",
            "%20",
            "caf%C3%A9",
            "%E6%A0%AA",
            "100%25",
            "a%26b",
            "a%3Db",
            "a%3Ab",
            "a%22b",
            "%F0%9F%8F%A6",
            "a;b=c",
        ] {
            assert!(is_plain(good), "{good}");
        }
    }

    #[test]
    fn a_segment_that_some_server_reads_otherwise_is_not_plain() {
        for bad in [
            ".",
            "..",
            "...",
            "..;",
            "..;a=b",
            ".;",
            ". ",
            "..%20",
            "..%09",
            ".%20.",
            "%2e",
            "%2E%2e",
            ".%2e",
            "%2e%2e;x",
            "%252e",
            "%252e%252e",
            "%25%32%65",
            "%25252e",
            "a%2fb",
            "a%252fb",
            "a%252Fb",
            "a%5cb",
            "a%255cb",
            "a\\b",
            "a%00",
            "a%2500",
            "a%0d%0ab",
            "a%1f",
            "a%7f",
            "a%C2%85",
            "%c0%ae%c0%ae",
            "a%c0%afb",
            "%c1%9c",
            "%25c0%25ae",
            "a%3fb",
            "a%253fb",
            "a%23b",
            "a%3bb",
            "a%3Bb",
            "%",
            "%2",
            "%zz",
            "a%2",
            "%u002e",
            "%%32%65",
            "\u{ff0e}\u{ff0e}",
            "%EF%BC%8E%EF%BC%8E",
            "a%EF%BC%8Fb",
            "%E2%80%A5",
        ] {
            assert!(!is_plain(bad), "{bad}");
        }
    }

    #[test]
    fn a_path_is_the_same_to_some_server_in_many_spellings_and_another_path_is_not() {
        for same in [
            "/oauth/token",
            "/oauth/token/",
            "/OAuth/Token",
            "/oauth/%74oken",
            "/oauth/%2574oken",
            "/oauth/token;a=b",
            "/oauth;a/token",
            "/oauth/token%20",
            "/oauth/token%2520",
            "/oauth/token.",
            "/oauth/token..;x",
            "/oauth//token",
            "/oauth\\token",
        ] {
            assert!(is_same_to_some(same, "/oauth/token"), "{same}");
        }
        for other in ["/oauth/tokens", "/oauth", "/oauth/token/x", "/oauth/token.json", "/x/oauth/token"] {
            assert!(!is_same_to_some(other, "/oauth/token"), "{other}");
        }
    }
}

//! The names of functions, as a person reads them.
//!
//! They are the component's, so no demangler sees them: the grammars of Rust and C++ let a name refer back to its own
//! parts, and a few hundred characters unfold to more than any machine finishes. This takes the words of a Rust name in
//! their order and lets everything else go (generic arguments, hashes), in one pass.

/// Bytes of a name that are looked at.
const READ: usize = 1_000;
/// Characters of a name that are shown.
const SHOWN: usize = 200;
/// The last part of a name in Rust's older scheme: `17h` and a hash of sixteen digits.
const HASH: usize = 17;

/// A name without its mangling; one that has none, or another language's, as it is.
pub(super) fn readable(name: &str) -> String {
    let read = name.get(..name.floor_char_boundary(READ)).unwrap_or_default();
    let words = match (read.strip_prefix("_ZN"), read.strip_prefix("_R")) {
        (Some(rest), _) => legacy(rest),
        (_, Some(rest)) => current(rest),
        _ => Vec::new(),
    };
    let path = if words.is_empty() { read.to_owned() } else { words.join("::") };
    path.chars().take(SHOWN).collect()
}

/// The older scheme: lengths and words, up to an `E`.
fn legacy(mut rest: &str) -> Vec<String> {
    let mut words = Vec::new();
    while let Some((word, after)) = word(rest, "") {
        if !(word.len() == HASH && word.starts_with('h') && after.starts_with('E')) {
            words.push(plain(word));
        }
        rest = after;
    }
    words
}

/// Some characters are spelled out: `$LT$` is `<`, `..` is `::`. A word that needed it begins with `_`.
fn plain(word: &str) -> String {
    let mut text = word.replace("..", "::");
    for (spelled, meant) in [("$LT$", "<"), ("$GT$", ">"), ("$RF$", "&"), ("$BP$", "*"), ("$C$", ","), ("$u20$", " ")] {
        text = text.replace(spelled, meant);
    }
    text.trim_start_matches(['_', '<', '&']).to_owned()
}

/// The scheme of today: words among letters, each of which says what comes next.
fn current(mut rest: &str) -> Vec<String> {
    let mut words = Vec::new();
    while let Some(first) = rest.chars().next() {
        if let Some((word, after)) = word(rest, "_") {
            if !word.is_empty() {
                words.push(word.to_owned());
            }
            rest = after;
            continue;
        }
        rest = match first {
            // A number in base 62, which an underscore ends: of a crate, a place to go back to, a lifetime, a constant.
            's' | 'B' | 'G' | 'L' | 'K' => rest.split_once('_').map_or("", |(_, after)| after),
            // What kind of thing is named here; one letter.
            'N' => rest.get(2..).unwrap_or_default(),
            _ => rest.get(first.len_utf8()..).unwrap_or_default(),
        };
    }
    words
}

/// A word whose length stands before it, with `between` the two where it begins with a digit.
fn word<'a>(text: &'a str, between: &str) -> Option<(&'a str, &'a str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let length: usize = text.get(..digits)?.parse().ok()?;
    let after = text.get(digits..)?;
    after.strip_prefix(between).unwrap_or(after).split_at_checked(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rust_name_is_its_path_in_both_schemes() {
        for (name, path) in [
            ("_ZN4core9panicking9panic_fmt17h0123456789abcdefE", "core::panicking::panic_fmt"),
            (
                "_ZN57_$LT$rogue_connector..Rogue$u20$as$u20$exports..Guest$GT$14fetch_payments17h0123456789abcdefE",
                "rogue_connector::Rogue as exports::Guest>::fetch_payments",
            ),
            ("_RNvNtCs9ltgdHTiPiY_4core9panicking9panic_fmt", "core::panicking::panic_fmt"),
            ("_RNvXs_Cs1234_5rogueNtB4_5RogueNtB4_5Guest14fetch_payments", "rogue::Rogue::Guest::fetch_payments"),
            ("_PyEval_EvalFrameDefault", "_PyEval_EvalFrameDefault"),
            ("main", "main"),
        ] {
            assert_eq!(readable(name), path);
        }
    }

    #[test]
    fn a_name_that_is_hostile_is_read_once_and_shown_short() {
        // Each tuple holds the one before it twice: a demangler that follows them never ends.
        let unfolding = (0..80).fold("_RMC0".to_owned(), |name, depth| format!("{name}TB{depth}_B{depth}_"));
        let endless = format!("_RNvC{}", "99999999999999999999999a".repeat(1_000));
        let wide = "é".repeat(100_000);
        let spelled = format!("_ZN{}{}E", 900, "$LT$".repeat(225));
        for name in [unfolding.as_str(), &endless, &wide, &spelled, "_ZN", "_R", "_ZN0E", "_RN", "_Rs", "_ZN5éé"] {
            assert!(readable(name).chars().count() <= SHOWN, "{name}");
        }
    }
}

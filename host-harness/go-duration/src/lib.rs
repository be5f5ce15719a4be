//! Durations as Go spells them (`time.ParseDuration`): the `duration` fields of a connector's config.
//!
//! Shared by the host and by connectors in Rust, so that both read a config alike. Own code, since the crate of that
//! purpose, go-parse-duration 0.1.1, panics on `µ` and overflows on long fractions.

use std::time::Duration;

/// Go keeps a duration in 63 bits of nanoseconds.
const MAX_NANOSECONDS: u128 = i64::MAX as u128;

/// Reads `30m`, `1h30m`, `1.5s`, `0`; units are ns, us, ms, s, m and h. `None` for anything else, a minus included.
#[must_use]
pub fn parse(text: &str) -> Option<Duration> {
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    if rest == "0" {
        return Some(Duration::ZERO);
    }
    if rest.is_empty() || text.len() > 100 {
        return None;
    }
    let mut total = 0u128;
    while !rest.is_empty() {
        let (nanoseconds, tail) = term(rest)?;
        total = total.checked_add(nanoseconds)?;
        rest = tail;
    }
    let total = u64::try_from(total).ok().filter(|total| u128::from(*total) <= MAX_NANOSECONDS)?;
    Some(Duration::from_nanos(total))
}

/// The nanoseconds of the first number with its unit, and what follows.
fn term(text: &str) -> Option<(u128, &str)> {
    let (number, tail) = text.split_at(text.find(|char: char| !char.is_ascii_digit() && char != '.')?);
    let unit_end = tail.find(|char: char| char.is_ascii_digit() || char == '.').unwrap_or(tail.len());
    let (unit, tail) = tail.split_at(unit_end);
    let unit: u128 = match unit {
        "ns" => 1,
        "us" | "µs" | "μs" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => return None,
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
        return None;
    }
    let whole: u128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    // Twelve digits are finer than a nanosecond of an hour.
    let fraction = &fraction[..fraction.len().min(12)];
    let scale = 10u128.pow(u32::try_from(fraction.len()).ok()?);
    let part: u128 = if fraction.is_empty() { 0 } else { fraction.parse().ok()? };
    Some((whole.checked_mul(unit)?.checked_add(part * unit / scale)?, tail))
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn durations_are_read_as_go_reads_them() {
        for (text, nanoseconds) in [
            ("0", 0),
            ("30m", 1_800_000_000_000),
            ("1h30m", 5_400_000_000_000),
            ("+5s", 5_000_000_000),
            ("1.5h", 5_400_000_000_000),
            (".5s", 500_000_000),
            ("1.s", 1_000_000_000),
            ("1µs2us", 3_000),
            ("0.100000000000000000000h", 360_000_000_000),
            ("9223372036854775807ns", i64::MAX.unsigned_abs()),
        ] {
            assert_eq!(parse(text).map(|d| d.as_nanos()), Some(u128::from(nanoseconds)), "{text}");
        }
    }

    #[test]
    fn what_go_refuses_is_refused() {
        for text in ["", "30", "m", "-5s", "+", ".s", "1.2.3s", "5 s", "1d", "9223372036854775808ns", "soon"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}

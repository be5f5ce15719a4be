//! How values are written: amounts, timestamps, identifiers.

use std::borrow::Cow;

use chrono::{DateTime, SecondsFormat, Utc};

use super::dialect::{Casing, Dialect};
use super::query::instant;
use sim::Object;

/// Hundredths as the JSON number that Qonto writes: whole where it is whole, no zero at the end (`100`, `225.3`).
#[must_use]
pub fn decimal(hundredths: i128) -> String {
    let sign = if hundredths < 0 { "-" } else { "" };
    let (whole, rest) = (hundredths.unsigned_abs() / 100, hundredths.unsigned_abs() % 100);
    match (rest, rest % 10) {
        (0, _) => format!("{sign}{whole}"),
        (_, 0) => format!("{sign}{whole}.{}", rest / 10),
        _ => format!("{sign}{whole}.{rest:02}"),
    }
}

/// A time as Qonto writes it: UTC, milliseconds, `Z`.
#[must_use]
pub fn timestamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Bits that look random and depend on the input only (`SplitMix64`).
#[must_use]
pub(super) fn mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// The `number`th identifier of a `kind`: a version 4 UUID by its looks, the same in every run.
#[must_use]
pub(super) fn uuid(kind: u64, number: u64) -> String {
    let high = mix(mix(kind) ^ number);
    let low = mix(high);
    format!(
        "{:08x}-{:04x}-4{:03x}-{:x}{:03x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xFFFF,
        high & 0xFFF,
        8 + (low >> 62),
        (low >> 48) & 0xFFF,
        low & 0xFFFF_FFFF_FFFF
    )
}

/// A row as the dialect spells it. The common case costs nothing.
pub(super) fn spelled<'a>(row: &'a str, dialect: &Dialect) -> Cow<'a, str> {
    if dialect.fraction_digits == 3 && dialect.subject_type == Casing::Camel {
        return Cow::Borrowed(row);
    }
    let Ok(mut object) = Object::parse(row) else { return Cow::Borrowed(row) };
    object.rewrite(|name, value| {
        let inner = value.strip_prefix('"')?.strip_suffix('"')?;
        if name.ends_with("_at") {
            Some(format!("\"{}\"", with_fraction(inner, dialect.fraction_digits)?))
        } else if name == "subject_type" {
            Some(format!("\"{}\"", cased(inner, dialect.subject_type)))
        } else {
            None
        }
    });
    Cow::Owned(object.render())
}

/// A timestamp with this many digits after the point.
fn with_fraction(text: &str, digits: usize) -> Option<String> {
    let at = instant(text)?;
    let seconds = at.format("%Y-%m-%dT%H:%M:%S");
    let nanoseconds = format!("{:09}", at.timestamp_subsec_nanos());
    Some(match digits {
        0 => format!("{seconds}Z"),
        digits => format!("{seconds}.{}Z", &nanoseconds[..digits.min(9)]),
    })
}

fn cased(camel: &str, casing: Casing) -> String {
    let mut text = String::new();
    for letter in camel.chars() {
        let boundary = letter.is_ascii_uppercase() && !text.is_empty();
        match casing {
            Casing::Camel => text.push(letter),
            Casing::Snake if boundary => {
                text.push('_');
                text.push(letter.to_ascii_lowercase());
            }
            Casing::Lower | Casing::Snake => text.push(letter.to_ascii_lowercase()),
        }
    }
    text
}

/// The invented IBAN of a country: valid by its checksum. `bban` is all after the check digits, in digits and letters.
#[must_use]
pub fn iban(country: &str, bban: &str) -> String {
    let check = 98 - mod_97(&format!("{bban}{country}00"));
    format!("{country}{check:02}{bban}")
}

/// The invented IBAN of a French account: valid by its own key and by its checksum. Banks `00000` and `99999` do not
/// exist. Each number is cut to its width: 5, 5 and 11 digits.
#[must_use]
pub fn french_iban(bank: u64, branch: u64, account: u64) -> String {
    let (bank, branch, account) = (bank % 100_000, branch % 100_000, account % 100_000_000_000);
    let key = 97 - (89 * bank + 15 * branch + 3 * account) % 97;
    iban("FR", &format!("{bank:05}{branch:05}{account:011}{key:02}"))
}

/// The remainder of an IBAN's characters, letters as 10 to 35, by 97.
fn mod_97(text: &str) -> u32 {
    text.chars()
        .filter_map(|letter| letter.to_digit(36))
        .fold(0, |rest, value| if value < 10 { (rest * 10 + value) % 97 } else { (rest * 100 + value) % 97 })
}

/// Whether the checksum of an IBAN holds.
#[must_use]
pub fn is_iban(text: &str) -> bool {
    match (text.get(..4), text.get(4..)) {
        (Some(head), Some(rest)) if text.chars().all(|letter| letter.is_ascii_alphanumeric()) => {
            mod_97(&format!("{rest}{head}")) == 1
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact_at_any_size_and_have_no_zero_at_the_end() {
        let cases = [
            (0, "0"),
            (1, "0.01"),
            (10, "0.1"),
            (-250, "-2.5"),
            (22_530, "225.3"),
            (10_000, "100"),
            (9_007_199_254_740_993, "90071992547409.93"),
            (i128::from(i64::MAX), "92233720368547758.07"),
        ];
        for (hundredths, text) in cases {
            assert_eq!(decimal(hundredths), text);
        }
    }

    #[test]
    fn invented_ibans_pass_their_checksums() {
        // The example of the French standard: account 20041 01005 0500013M026 has letters; this one has digits only.
        assert_eq!(french_iban(30_006, 1, 12_345_678_901), "FR7630006000011234567890189");
        assert_eq!(iban("DE", "370400440532013000"), "DE89370400440532013000");
        assert_eq!(iban("GB", "WEST12345698765432"), "GB82WEST12345698765432");
        assert!(is_iban("GB82WEST12345698765432") && !is_iban("GB83WEST12345698765432") && !is_iban("FR76****1234"));
    }

    #[test]
    fn identifiers_are_version_4_uuids_and_repeat_in_every_run() {
        assert_eq!(uuid(1, 1), uuid(1, 1));
        assert_ne!(uuid(1, 1), uuid(1, 2));
        assert_ne!(uuid(1, 1), uuid(2, 1));
        let id = uuid(3, 7);
        assert_eq!(id.len(), 36);
        assert_eq!(&id[14..15], "4");
    }
}

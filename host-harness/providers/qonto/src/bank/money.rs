//! Amounts of any size and currency, as Qonto spells them: a decimal number, and the same in hundredths.

use sim::Object;

/// How many decimals the minor unit of a currency stands for (ISO 4217); none for what cannot be counted so.
pub(super) fn exponent(code: &str) -> Option<usize> {
    Some(match code {
        "CLP" | "ISK" | "JPY" | "KRW" | "VND" | "XAF" | "XOF" => 0,
        "AED" | "AUD" | "BRL" | "CAD" | "CHF" | "CNY" | "CZK" | "DKK" | "EUR" | "GBP" | "HKD" | "HUF" | "ILS"
        | "INR" | "MAD" | "MXN" | "NOK" | "NZD" | "PLN" | "RON" | "SEK" | "SGD" | "TRY" | "USD" | "ZAR" => 2,
        "BHD" | "JOD" | "KWD" | "OMR" | "TND" => 3,
        "CLF" | "UYW" => 4,
        _ => return None,
    })
}

/// The asset of the contract: `EUR/2`. For a currency that nobody knows, as if it had cents.
pub(super) fn asset(code: &str) -> String {
    format!("{code}/{}", exponent(code).unwrap_or(2))
}

/// Minor units as a decimal number: whole where it is whole, no zero at the end.
pub(super) fn major(minor: &str, exponent: usize) -> String {
    let (sign, digits) = minor.strip_prefix('-').map_or(("", minor), |digits| ("-", digits));
    let padded = format!("{digits:0>width$}", width = exponent + 1);
    let (whole, fraction) = padded.split_at(padded.len() - exponent);
    match fraction.trim_end_matches('0') {
        "" => format!("{sign}{whole}"),
        fraction => format!("{sign}{whole}.{fraction}"),
    }
}

/// Minor units as the whole number that stands beside the decimal one. Qonto documents it for euros only. Here it is
/// hundredths of the currency also where that is not its minor unit (yen), since that is the trap; where hundredths
/// could not say it (dinars), it is the minor unit.
pub(super) fn cents(minor: &str, exponent: usize) -> String {
    if minor == "0" { minor.to_owned() } else { format!("{minor}{}", "0".repeat(2_usize.saturating_sub(exponent))) }
}

/// The minor units behind [`cents`].
pub(super) fn minor(cents: &str, exponent: usize) -> String {
    let zeros = 2_usize.saturating_sub(exponent);
    let cut = cents.len().checked_sub(zeros).and_then(|length| cents.get(..length));
    cut.filter(|text| !text.is_empty()).unwrap_or("0").to_owned()
}

/// Writes an amount of so many minor units to `field` and its `_cents`.
pub(super) fn write(object: &mut Object, field: &str, minor: &str, exponent: usize) {
    object.set_raw(field, major(minor, exponent)).set_raw(&format!("{field}_cents"), cents(minor, exponent));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_of_any_size_and_exponent_are_spelled_exactly() {
        for (units, exponent, decimal, whole) in [
            ("0", 2, "0", "0"),
            ("1", 2, "0.01", "1"),
            ("-1050", 2, "-10.5", "-1050"),
            ("99999999999999999999999", 2, "999999999999999999999.99", "99999999999999999999999"),
            ("1500", 0, "1500", "150000"),
            ("1500", 3, "1.5", "1500"),
            ("1", 4, "0.0001", "1"),
        ] {
            assert_eq!((major(units, exponent).as_str(), cents(units, exponent).as_str()), (decimal, whole));
            assert_eq!(minor(whole, exponent), units);
        }
    }
}

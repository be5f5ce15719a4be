//! Amounts as Qonto gives them: twice.

use connector_kit::money::fitting;
pub use connector_kit::money::{Currency, Decimal};

/// The minor units of an amount that Qonto gives twice: as `cents` and as a decimal number.
///
/// With two decimals, as in every account of Qonto's own, the cents are the amount and the decimal must agree when it is
/// given. What `cents` means in another currency is nowhere documented, so there the decimal is the amount, and the
/// cents, when given, must be that × 100 or × 10^exponent.
///
/// # Errors
/// Says what is wrong, without the names of the fields.
pub fn minor_units(cents: Option<&str>, decimal: Option<&str>, currency: Currency) -> Result<Decimal, String> {
    let number = |text: &str| Decimal::parse(text).ok_or_else(|| format!("{text} is not a number"));
    let cents = cents.map(number).transpose()?;
    let decimal = decimal.map(number).transpose()?;
    let exponent = i64::from(currency.exponent);
    let disagree = || format!("the cents and the decimal amount contradict each other in {}", currency.asset());
    let amount = if currency.exponent == 2 {
        let cents = cents.ok_or("the cents are missing")?;
        if decimal.is_some_and(|decimal| decimal.shifted(2) != cents) {
            return Err(disagree());
        }
        cents
    } else {
        let decimal = decimal.ok_or_else(|| format!("the decimal amount is missing, in {}", currency.asset()))?;
        let amount = decimal.shifted(exponent);
        if cents.is_some_and(|cents| cents != amount && cents != decimal.shifted(2)) {
            return Err(disagree());
        }
        amount
    };
    if amount.whole().is_none() {
        return Err(fitting(currency));
    }
    Ok(amount)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use proptest::prelude::*;

    fn minor(cents: &str, decimal: &str, code: &str) -> Option<String> {
        let given = |text: &'static str| (!text.is_empty()).then_some(text);
        let (cents, decimal) = (cents.to_owned().leak(), decimal.to_owned().leak());
        minor_units(given(cents), given(decimal), Currency::from_code(code).unwrap()).ok()?.whole()
    }

    #[test]
    fn euro_cents_count_and_the_decimal_must_agree() {
        for (cents, decimal, expected) in [
            ("1", "0.01", Some("1")),
            ("29", "0.29", Some("29")),
            ("129900", "1299", Some("129900")),
            ("129900", "1299.00", Some("129900")),
            ("9007199254740993", "90071992547409.93", Some("9007199254740993")),
            ("9223372036854775808", "92233720368547758.08", Some("9223372036854775808")),
            ("-5", "-0.05", Some("-5")),
            ("-0", "0.0", Some("0")),
            ("0", "-0", Some("0")),
            ("129900", "1.299e3", Some("129900")),
            ("1.299E5", "1299", Some("129900")),
            ("100.0", "1", Some("100")),
            ("7", "", Some("7")),
            ("", "0.07", None),
            ("101", "1.005", None),
            ("100", "1.005", None),
            ("100.5", "1.005", None),
            ("1299", "1299", None),
            ("5", "-0.05", None),
            ("1e999999999", "1e999999997", None),
            ("1e99999999999999999999", "1", None),
        ] {
            assert_eq!(minor(cents, decimal, "EUR").as_deref(), expected, "{cents} {decimal}");
        }
    }

    #[test]
    fn other_exponents_take_the_decimal_and_either_reading_of_cents() {
        for (cents, decimal, code, expected) in [
            ("1500", "1500", "JPY", Some("1500")),
            ("150000", "1500", "JPY", Some("1500")),
            ("", "1500.0", "JPY", Some("1500")),
            ("15000", "1500", "JPY", None),
            ("150050", "1500.5", "JPY", None),
            ("1500", "", "JPY", None),
            ("1234", "12.34", "BHD", Some("12340")),
            ("12345", "12.345", "BHD", Some("12345")),
            ("12345", "12.3456", "BHD", None),
            ("", "1.2345", "CLF", Some("12345")),
        ] {
            assert_eq!(minor(cents, decimal, code).as_deref(), expected, "{cents} {decimal} {code}");
        }
    }

    proptest! {
        #[test]
        fn any_number_of_cents_survives_and_matches_its_decimal_spelling(digits in "[1-9][0-9]{2,60}", negative: bool) {
            let sign = if negative { "-" } else { "" };
            let (whole, fraction) = digits.split_at(digits.len() - 2);
            let cents = format!("{sign}{digits}");
            prop_assert_eq!(minor(&cents, &format!("{sign}{whole}.{fraction}"), "EUR"), Some(cents.clone()));
            prop_assert_eq!(minor(&cents, &format!("{sign}{digits}e-2"), "EUR"), Some(cents.clone()));
            prop_assert_eq!(minor(&cents, &format!("{sign}{whole}.{fraction}1"), "EUR"), None);
        }
    }
}

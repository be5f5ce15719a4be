//! Exact amounts: decimal digits all the way, never a float.

use std::cmp::Ordering;

/// More digits than any amount has: bounds what `1e999999999` may cost, and what a host takes for an amount.
const MAX_DIGITS: i64 = 100;

/// An exact decimal number: `digits` × 10^`-scale`, normalised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decimal {
    negative: bool,
    /// No leading zeros, no trailing zeros; empty for 0.
    digits: String,
    scale: i64,
}

impl Decimal {
    /// Reads a number as JSON spells it: `12.50`, `-3`, `1.25e3`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, rest) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (mantissa, exponent) = match rest.find(['e', 'E']) {
            Some(at) => (&rest[..at], rest[at + 1..].parse::<i64>().ok()?),
            None => (rest, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
        let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !is_digits(whole) || !is_digits(fraction) {
            return None;
        }
        let mut digits = [whole, fraction].concat();
        let all = digits.len();
        digits.truncate(digits.trim_end_matches('0').len());
        let zeros = i64::try_from(all - digits.len()).ok()?;
        digits.drain(..digits.len() - digits.trim_start_matches('0').len());
        if digits.is_empty() {
            return Some(Self { negative: false, digits, scale: 0 });
        }
        let scale = i64::try_from(fraction.len()).ok()?.checked_sub(zeros)?.checked_sub(exponent)?;
        Some(Self { negative, digits, scale })
    }

    /// This × 10^`power`.
    #[must_use]
    pub fn shifted(&self, power: i64) -> Self {
        let scale = if self.digits.is_empty() { 0 } else { self.scale.saturating_sub(power) };
        Self { scale, ..self.clone() }
    }

    /// The number as a whole number in base 10, or `None` when it has decimals or is absurdly long.
    #[must_use]
    pub fn whole(&self) -> Option<String> {
        if self.digits.is_empty() {
            return Some("0".to_owned());
        }
        let zeros = self.scale.checked_neg().filter(|zeros| (0..=MAX_DIGITS).contains(zeros))?;
        if zeros + i64::try_from(self.digits.len()).ok()? > MAX_DIGITS {
            return None;
        }
        let sign = if self.negative { "-" } else { "" };
        let mut whole = [sign, &self.digits].concat();
        whole.extend(std::iter::repeat_n('0', usize::try_from(zeros).ok()?));
        Some(whole)
    }

    /// The sign of the number.
    #[must_use]
    pub fn sign(&self) -> Ordering {
        match (self.digits.is_empty(), self.negative) {
            (true, _) => Ordering::Equal,
            (false, true) => Ordering::Less,
            (false, false) => Ordering::Greater,
        }
    }
}

/// What nearly every amount is in: looking it up among 180 others shows in what a row costs.
const EURO: Currency = Currency { code: "EUR", exponent: 2 };

/// A currency of ISO 4217 that money can be counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Currency {
    code: &'static str,
    /// How many decimals its minor unit stands for.
    pub exponent: u16,
}

impl Currency {
    /// Finds a currency by its code, in upper or lower case.
    ///
    /// # Errors
    /// The code is not one of a currency in ISO 4217, or has no minor unit (gold, the testing code).
    pub fn from_code(code: &str) -> Result<Self, String> {
        if code == EURO.code {
            return Ok(EURO);
        }
        let found = iso_currency::Currency::from_code(&code.to_ascii_uppercase());
        found
            .and_then(|currency| Some(Self { code: currency.code(), exponent: currency.exponent()? }))
            .ok_or_else(|| "expected a currency code of ISO 4217, such as EUR".to_owned())
    }

    /// The asset of the contract: `EUR/2`.
    #[must_use]
    pub fn asset(&self) -> String {
        format!("{}/{}", self.code, self.exponent)
    }
}

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
        return Err(format!(
            "expected no more decimals than {} has, and at most {MAX_DIGITS} digits",
            currency.asset()
        ));
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
    fn an_amount_of_more_digits_than_a_host_takes_is_none() {
        let whole = |text: &str| Decimal::parse(text).unwrap().whole();
        assert_eq!(whole(&"9".repeat(100)), Some("9".repeat(100)));
        for text in ["9".repeat(101), "1e100".to_owned(), format!("{}e50", "9".repeat(60))] {
            assert_eq!(whole(&text), None, "{text}");
        }
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

    #[test]
    fn assets_carry_the_exponent_of_iso_4217() {
        for (code, asset) in [("EUR", "EUR/2"), ("eur", "EUR/2"), ("JPY", "JPY/0"), ("BHD", "BHD/3"), ("CLF", "CLF/4")]
        {
            assert_eq!(Currency::from_code(code).unwrap().asset(), asset);
        }
        for code in ["", "EU", "EURO", "ZZZ", "XAU", "XXX", "€"] {
            assert!(Currency::from_code(code).is_err(), "{code}");
        }
    }

    #[test]
    fn only_json_numbers_are_numbers() {
        for text in ["", "-", ".", "1.", ".5", "1e", "e1", "0x10", "1,5", "NaN", "--1", "١"] {
            assert_eq!(Decimal::parse(text), None, "{text}");
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

        #[test]
        fn spelling_never_changes_the_value(value in -1_000_000_000_000i64..1_000_000_000_000, zeros in 0usize..20) {
            let plain = Decimal::parse(&value.to_string()).unwrap();
            prop_assert_eq!(&Decimal::parse(&format!("{value}.{}", "0".repeat(zeros + 1))).unwrap(), &plain);
            prop_assert_eq!(&Decimal::parse(&format!("{value}{}e-{zeros}", "0".repeat(zeros))).unwrap(), &plain);
            prop_assert_eq!(plain.whole().unwrap(), value.to_string());
            prop_assert_eq!(plain.sign(), value.cmp(&0));
        }
    }
}

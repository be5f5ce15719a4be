//! Exact amounts: decimal digits all the way, never a float.

use std::cmp::Ordering;

use crate::row::clip;

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

/// The minor units of a decimal number: `12.50` EUR are 1250.
///
/// # Errors
/// Says what is wrong, without the name of the field.
pub fn minor(decimal: &str, currency: Currency) -> Result<String, String> {
    let amount = Decimal::parse(decimal).ok_or_else(|| format!("{} is not a number", clip(decimal, 40)))?;
    amount.shifted(i64::from(currency.exponent)).whole().ok_or_else(|| fitting(currency))
}

/// What an amount has to be that has too many decimals or digits.
#[must_use]
pub fn fitting(currency: Currency) -> String {
    format!("expected no more decimals than {} has, and at most {MAX_DIGITS} digits", currency.asset())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_decimal_becomes_minor_units_of_its_currency_exactly_or_not_at_all() {
        for (decimal, code, expected) in [
            ("12.50", "EUR", Some("1250")),
            ("-0.05", "EUR", Some("-5")),
            ("90071992547409.93", "EUR", Some("9007199254740993")),
            ("1500.0", "JPY", Some("1500")),
            ("12.345", "BHD", Some("12345")),
            ("1.005", "EUR", None),
            ("1500.5", "JPY", None),
            ("1,5", "EUR", None),
            ("1e999999999", "EUR", None),
        ] {
            let minor = minor(decimal, Currency::from_code(code).unwrap()).ok();
            assert_eq!(minor.as_deref(), expected, "{decimal} {code}");
        }
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
        fn spelling_never_changes_the_value(value in -1_000_000_000_000i64..1_000_000_000_000, zeros in 0usize..20) {
            let plain = Decimal::parse(&value.to_string()).unwrap();
            prop_assert_eq!(&Decimal::parse(&format!("{value}.{}", "0".repeat(zeros + 1))).unwrap(), &plain);
            prop_assert_eq!(&Decimal::parse(&format!("{value}{}e-{zeros}", "0".repeat(zeros))).unwrap(), &plain);
            prop_assert_eq!(plain.whole().unwrap(), value.to_string());
            prop_assert_eq!(plain.sign(), value.cmp(&0));
        }
    }
}

//! Amounts as the API writes them: decimal text in the currency's own number of places.

use sim::Object;

/// The currencies of an account here, with their decimals in ISO 4217.
const CURRENCIES: [(&str, usize); 9] =
    [("EUR", 2), ("USD", 2), ("GBP", 2), ("CHF", 2), ("PLN", 2), ("JPY", 0), ("KRW", 0), ("BHD", 3), ("CLF", 4)];

/// The decimals of a currency; none for one that the bank does not keep.
pub(crate) fn exponent(code: &str) -> Option<usize> {
    CURRENCIES.iter().find(|(known, _)| *known == code).map(|(_, exponent)| *exponent)
}

/// The contract's word for a currency: `EUR/2`.
pub(crate) fn asset(code: &str) -> String {
    format!("{code}/{}", exponent(code).unwrap_or(2))
}

/// Minor units as decimal text: `-5` in euros is `-0.05`.
pub(crate) fn decimal(minor: &str, exponent: usize) -> String {
    let (sign, digits) = minor.strip_prefix('-').map_or(("", minor), |digits| ("-", digits));
    let digits = format!("{digits:0>width$}", width = exponent + 1);
    let (whole, rest) = digits.split_at(digits.len() - exponent);
    if rest.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{rest}") }
}

/// An amount as a member of a row: `{"value":"12.50","currency":"EUR"}`.
pub(crate) fn amount(minor: &str, currency: &str) -> Object {
    let mut object = Object::new();
    object.set("value", decimal(minor, exponent(currency).unwrap_or(2))).set("currency", currency);
    object
}

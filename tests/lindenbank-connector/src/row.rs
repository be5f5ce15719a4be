//! A row as the API gives it: its members, and amounts exactly.

use serde_json::{Map, Value};

use crate::contract::payments::connector::types::{Money, Rejected};
use crate::errors::clip;

/// The currencies of the API, with their decimals in ISO 4217.
const CURRENCIES: [(&str, usize); 9] =
    [("BHD", 3), ("CHF", 2), ("CLF", 4), ("EUR", 2), ("GBP", 2), ("JPY", 0), ("KRW", 0), ("PLN", 2), ("USD", 2)];
/// The longest identifier that the API gives.
const LONGEST_ID: usize = 64;

/// The members of a row.
pub struct Row(Map<String, Value>);

impl Row {
    /// Reads a row.
    ///
    /// # Errors
    /// It is no JSON object.
    pub fn parse(raw: &str) -> Result<Self, String> {
        serde_json::from_str(raw).map(Self).map_err(|error| format!("not a JSON object: {}", clip(&error.to_string())))
    }

    /// A text that is there and not empty.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str().filter(|text| !text.is_empty())
    }

    /// A member that is there and not null.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// The number of the row in its list.
    #[must_use]
    pub fn sequence(&self) -> Option<u64> {
        self.0.get("sequence")?.as_u64()
    }

    /// The identifier.
    ///
    /// # Errors
    /// There is none, or it is not like one.
    pub fn id(&self) -> Result<String, String> {
        match self.text("id") {
            Some(id) if is_id(id) => Ok(id.to_owned()),
            _ => Err(format!("`id` is {}, expected an identifier", self.shown("id"))),
        }
    }

    /// What a member holds, for a person.
    #[must_use]
    pub fn shown(&self, name: &str) -> String {
        self.0.get(name).map_or_else(|| "missing".to_owned(), |value| clip(&value.to_string()))
    }

    /// The rejected row for this reason.
    #[must_use]
    pub fn reject(raw: &str, reason: String) -> Rejected {
        let reference = Self::parse(raw).ok().and_then(|row| row.id().ok());
        Rejected { reference, reason, raw: raw.to_owned() }
    }
}

/// Whether a text is like an identifier of the API: nothing that a path could take for more than one segment.
#[must_use]
pub fn is_id(text: &str) -> bool {
    (1..=LONGEST_ID).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Reads an amount: `{"value":"12.50","currency":"EUR"}`.
///
/// # Errors
/// What is wrong with it.
pub fn money(name: &str, value: &Value) -> Result<Money, String> {
    let wrong = |expected: &str| format!("`{name}` is {}, expected {expected}", clip(&value.to_string()));
    let text = |member: &str| value.get(member).and_then(Value::as_str);
    let code = text("currency").ok_or_else(|| wrong("a currency"))?;
    let (_, exponent) =
        CURRENCIES.iter().find(|(known, _)| *known == code).ok_or_else(|| wrong("a currency of Lindenbank's"))?;
    let amount = text("value").and_then(|text| minor(text, *exponent));
    let amount = amount.ok_or_else(|| wrong(&format!("a decimal number of at most {exponent} places, as text")))?;
    Ok(Money { amount, asset: format!("{code}/{exponent}") })
}

/// As [`money`], of what has no sign.
///
/// # Errors
/// What is wrong with it.
pub fn unsigned(name: &str, value: &Value) -> Result<Money, String> {
    let money = money(name, value)?;
    if money.amount.starts_with('-') {
        Err(format!("`{name}` is below zero: {}", clip(&value.to_string())))
    } else {
        Ok(money)
    }
}

/// Decimal text as minor units, digit by digit.
fn minor(text: &str, exponent: usize) -> Option<String> {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
    let (whole, places) = digits.split_once('.').unwrap_or((digits, "0"));
    let numeric = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let (places, finer) = places.split_at_checked(exponent).unwrap_or((places, ""));
    let known = numeric(whole) && (places.is_empty() || numeric(places)) && finer.bytes().all(|digit| digit == b'0');
    let digits = format!("{whole}{places:0<exponent$}");
    let digits = digits.trim_start_matches('0');
    match digits {
        _ if !known => None,
        "" => Some("0".to_owned()),
        digits => Some(format!("{sign}{digits}")),
    }
}

//! How records are spelt in JSON: members as in `wit/types.wit` in camel case, cases and enums in its own words, instants
//! as RFC 3339, metadata as an object.

use chrono::{DateTime, SecondsFormat};
use serde::Serialize;
use serde_json::{Map, Value};

/// The members that hold a word of an enum.
const WORDS: [&str; 5] = ["kind", "paymentType", "status", "scheme", "createdAtPrecision"];

/// A value of the contract as JSON.
///
/// # Errors
/// It has a key that is no text, which none has.
pub fn spelled(value: &impl Serialize) -> serde_json::Result<Value> {
    serde_json::to_value(value).map(again)
}

/// A case of an enum or a variant in the contract's own spelling: `PayIn` is `pay-in`.
#[must_use]
pub fn word(case: &str) -> String {
    let mut word = String::with_capacity(case.len() + 2);
    for (at, letter) in case.char_indices() {
        if letter.is_ascii_uppercase() && at > 0 {
            word.push('-');
        }
        word.push(letter.to_ascii_lowercase());
    }
    word
}

fn again(value: Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.into_iter().map(again).collect()),
        Value::Object(members) => instant(&members)
            .unwrap_or_else(|| Value::Object(members.into_iter().map(|(name, value)| member(&name, value)).collect())),
        value => value,
    }
}

fn member(name: &str, value: Value) -> (String, Value) {
    let name = camel(name);
    let value = match value {
        Value::String(case) if WORDS.contains(&&*name) => Value::String(word(&case)),
        Value::Array(pairs) if name == "metadata" => Value::Object(pairs.into_iter().filter_map(pair).collect()),
        Value::Object(variant) if name == "error" => error(variant),
        value => again(value),
    };
    (name, value)
}

/// A case and what it holds as one object: the case is its `kind`.
fn error(variant: Map<String, Value>) -> Value {
    let Some((case, detail)) = variant.into_iter().next() else { return Value::Null };
    let mut members = Map::from_iter([("kind".to_owned(), Value::String(word(&case)))]);
    if let Value::Object(detail) = again(detail) {
        members.extend(detail);
    }
    Value::Object(members)
}

fn pair(pair: Value) -> Option<(String, Value)> {
    match pair {
        Value::Array(both) => match <[Value; 2]>::try_from(both).ok()? {
            [Value::String(key), value] => Some((key, value)),
            _ => None,
        },
        _ => None,
    }
}

fn instant(members: &Map<String, Value>) -> Option<Value> {
    let part = |name| members.get(name)?.as_i64();
    let (seconds, nanoseconds) = (part("seconds")?, u32::try_from(part("nanoseconds")?).ok()?);
    let text = DateTime::from_timestamp(seconds, nanoseconds)?.to_rfc3339_opts(SecondsFormat::AutoSi, true);
    Some(Value::String(text))
}

fn camel(snake: &str) -> String {
    let mut words = snake.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |joined, word| {
        let (initial, rest) = word.split_at(usize::from(!word.is_empty()));
        joined + &initial.to_ascii_uppercase() + rest
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::contract::payments::connector::types::{
        Balance, BalanceKind, Error, ErrorDetail, Gap, Other, Timestamp,
    };

    #[test]
    fn records_are_spelt_in_the_words_of_the_contract() {
        let balance = Balance {
            account_reference: "a".into(),
            kind: BalanceKind::Booked,
            label: None,
            amount: "-5".into(),
            asset: "EUR/2".into(),
            as_of: Timestamp { seconds: 0, nanoseconds: 500_000_000 },
        };
        assert_eq!(
            spelled(&balance).unwrap(),
            json!({ "accountReference": "a", "kind": "booked", "label": null, "amount": "-5", "asset": "EUR/2",
                    "asOf": "1970-01-01T00:00:00.500Z" })
        );
        let pairs = vec![("std/iban".to_owned(), "Booked".to_owned())];
        let other = Other { reference: "o".into(), name: None, metadata: pairs, raw: "{\"seconds\":1}".into() };
        assert_eq!(
            spelled(&other).unwrap(),
            json!({ "reference": "o", "name": null, "metadata": { "std/iban": "Booked" }, "raw": "{\"seconds\":1}" })
        );
    }

    #[test]
    fn an_error_says_its_case_beside_its_detail() {
        let detail = ErrorDetail {
            message: "m".into(),
            http_status: Some(429),
            provider_code: None,
            request_id: None,
            retry_after_seconds: Some(3),
        };
        let gap = spelled(&Gap { what: "w".into(), error: Error::RateLimited(detail) }).unwrap();
        assert_eq!(
            (&gap["error"]["kind"], &gap["error"]["retryAfterSeconds"], &gap["error"]["httpStatus"]),
            (&json!("rate-limited"), &json!(3), &json!(429))
        );
    }
}

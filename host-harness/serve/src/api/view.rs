//! Values as the API spells them.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};
use model::Timestamp;
use serde::{Serialize, Serializer};
use serde_json::Number;
use serde_json::value::RawValue;
use utoipa::ToSchema;

/// The answer about one thing.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Data<T> {
    /// The thing.
    pub(crate) data: T,
}

/// A list, or a part of one.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Listed<T> {
    /// The part.
    pub(crate) cursor: Part<T>,
}

/// A part of a list, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Part<T> {
    /// The most that a part holds.
    pub(crate) page_size: u32,
    /// There is more.
    pub(crate) has_more: bool,
    /// Leads to the part before this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) previous: Option<String>,
    /// Leads to the part after this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<String>,
    /// What there is.
    pub(crate) data: Vec<T>,
}

/// A whole number of any length, in the smallest unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct Amount(Number);

impl utoipa::PartialSchema for Amount {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        let integer = utoipa::openapi::schema::Type::Integer;
        utoipa::openapi::ObjectBuilder::new().schema_type(integer).into()
    }
}

impl ToSchema for Amount {
    fn name() -> std::borrow::Cow<'static, str> {
        "Amount".into()
    }
}

impl std::fmt::Display for Amount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl Amount {
    /// Of digits, as the store keeps them.
    pub(crate) fn of(digits: &str) -> Self {
        Self(serde_json::from_str(digits).unwrap_or_else(|_| Number::from(0)))
    }
}

/// What the provider sent, byte for byte where it is an object; else an object with it as `value`.
#[derive(Debug)]
pub(crate) struct Raw(Box<RawValue>);

impl Raw {
    /// As it goes out.
    pub(crate) fn text(&self) -> &str {
        self.0.get()
    }

    pub(crate) fn of(text: &str) -> Self {
        let is_object = text.trim_start().starts_with('{');
        if let Ok(raw) = serde_json::from_str::<Box<RawValue>>(text) {
            if is_object {
                return Self(raw);
            }
            return Self::wrapped(&raw);
        }
        Self::wrapped(&text)
    }

    fn wrapped(value: &impl Serialize) -> Self {
        let text = serde_json::to_string(&BTreeMap::from([("value", value)])).unwrap_or_else(|_| "{}".to_owned());
        Self(RawValue::from_string(text).unwrap_or_else(|_| RawValue::NULL.to_owned()))
    }
}

impl Serialize for Raw {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl utoipa::PartialSchema for Raw {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        let object = utoipa::openapi::schema::Type::Object;
        utoipa::openapi::ObjectBuilder::new().schema_type(object).into()
    }
}

impl ToSchema for Raw {
    fn name() -> std::borrow::Cow<'static, str> {
        "Raw".into()
    }
}

/// Keys and values, each key once: the last one given counts.
pub(crate) fn metadata(pairs: &[(String, String)], notes: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    pairs.iter().cloned().chain(notes.clone()).collect()
}

/// A provider's time. What no calendar has is told as the nearest end of what it has.
pub(crate) fn time(time: Timestamp) -> String {
    let at = DateTime::from_timestamp(time.seconds, time.nanoseconds);
    let end = if time.seconds < 0 { EARLIEST } else { LATEST };
    at.filter(|at| (EARLIEST.0..=LATEST.0).contains(&at.timestamp())).map_or_else(|| end.1.to_owned(), host_time)
}

/// Four digits of a year are all that RFC 3339 has.
const EARLIEST: (i64, &str) = (-62_167_219_200, "0000-01-01T00:00:00Z");
const LATEST: (i64, &str) = (253_402_300_799, "9999-12-31T23:59:59Z");

/// An instant of the host.
pub(crate) fn host_time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_a_whole_number_of_any_length() {
        let long = "123456789012345678901234567890123456789";
        assert_eq!(serde_json::to_string(&Amount::of(long)).unwrap(), long);
        assert_eq!(serde_json::to_string(&Amount::of("-5")).unwrap(), "-5");
    }

    #[test]
    fn what_the_provider_sent_keeps_its_spelling_and_is_always_an_object() {
        let spelt = |raw: &str| serde_json::to_string(&Raw::of(raw)).unwrap();
        assert_eq!(spelt(r#"{"a":1.50,"a":1e2}"#), r#"{"a":1.50,"a":1e2}"#);
        assert_eq!(spelt("[1.50]"), r#"{"value":[1.50]}"#);
        assert_eq!(spelt("<html>"), r#"{"value":"<html>"}"#);
    }

    #[test]
    fn a_time_that_no_calendar_has_is_the_end_of_what_it_has() {
        let at = |seconds| time(Timestamp { seconds, nanoseconds: 5_000_000 });
        assert_eq!(at(0), "1970-01-01T00:00:00.005Z");
        assert_eq!([at(i64::MIN), at(i64::MAX), at(LATEST.0 + 1)], [EARLIEST.1, LATEST.1, LATEST.1]);
    }
}

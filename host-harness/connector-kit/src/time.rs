//! Instants: parsing what the provider writes, writing what it understands.

use std::time::UNIX_EPOCH;

use chrono::{DateTime, SecondsFormat};

use crate::contract::payments::connector::types::Timestamp;

/// One minute in milliseconds.
pub const MINUTE: i64 = 60_000;
/// One hour in milliseconds.
pub const HOUR: i64 = 60 * MINUTE;
/// One day in milliseconds.
pub const DAY: i64 = 24 * HOUR;

/// The years that four digits can write, in milliseconds.
const EARLIEST: i64 = -62_167_219_200_000;
/// The end of the years that four digits can write.
pub const LATEST: i64 = 253_402_300_799_999;

/// Reads an RFC 3339 instant with any offset and any number of fraction digits.
///
/// # Errors
/// The text is not an instant; a local time without an offset is not.
pub fn parse(text: &str) -> Result<Timestamp, String> {
    let parsed = DateTime::parse_from_rfc3339(text)
        .map_err(|_| "expected an RFC 3339 time with an offset, such as 2026-01-31T10:20:30.000Z".to_owned())?;
    // chrono holds 23:59:60 as nanoseconds beyond 10⁹; the contract has no leap seconds.
    let nanoseconds = parsed.timestamp_subsec_nanos();
    let stamp = Timestamp {
        seconds: parsed.timestamp() + i64::from(nanoseconds / 1_000_000_000),
        nanoseconds: nanoseconds % 1_000_000_000,
    };
    if in_range(millis(stamp)) { Ok(stamp) } else { Err("expected a year from 0000 to 9999".to_owned()) }
}

/// The date of an instant, in UTC: `2026-01-31`. None for what is no instant.
#[must_use]
pub fn date(text: &str) -> Option<String> {
    let stamp = parse(text).ok()?;
    Some(DateTime::from_timestamp(stamp.seconds, 0)?.date_naive().to_string())
}

/// The whole milliseconds of an instant, rounded down.
#[must_use]
pub fn millis(stamp: Timestamp) -> i64 {
    stamp.seconds.saturating_mul(1000).saturating_add(i64::from(stamp.nanoseconds / 1_000_000))
}

/// Whether `format` can write these milliseconds.
#[must_use]
pub fn in_range(millis: i64) -> bool {
    (EARLIEST..=LATEST).contains(&millis)
}

/// Milliseconds as text, always with three fraction digits: `2026-01-31T10:20:30.000Z`.
#[must_use]
pub fn format(millis: i64) -> String {
    let clamped = millis.clamp(EARLIEST, LATEST);
    DateTime::from_timestamp_millis(clamped).unwrap_or_default().to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// The whole seconds from `now` to an HTTP date, 0 when it is past.
#[must_use]
pub fn seconds_until(http_date: &str, now: Timestamp) -> Option<u64> {
    let then = read_http_date(http_date)?;
    Some(u64::try_from(then.seconds.saturating_sub(now.seconds)).unwrap_or(0))
}

/// The instant of an HTTP date.
#[must_use]
pub fn read_http_date(text: &str) -> Option<Timestamp> {
    let since_epoch = httpdate::parse_http_date(text.trim()).ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(Timestamp { seconds: i64::try_from(since_epoch.as_secs()).ok()?, nanoseconds: 0 })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn any_fraction_and_offset_is_the_same_instant_in_utc() {
        for (text, seconds, nanoseconds) in [
            ("2026-01-31T10:20:30Z", 1_769_854_830, 0),
            ("2026-01-31T10:20:30.1Z", 1_769_854_830, 100_000_000),
            ("2026-01-31T10:20:30.123456789Z", 1_769_854_830, 123_456_789),
            ("2026-01-31T12:20:30.5+02:00", 1_769_854_830, 500_000_000),
            ("2026-01-31T04:50:30-05:30", 1_769_854_830, 0),
            ("2024-02-29T00:00:00Z", 1_709_164_800, 0),
            ("2016-12-31T23:59:60Z", 1_483_228_800, 0),
            ("2016-12-31T23:59:60.25Z", 1_483_228_800, 250_000_000),
            ("1969-12-31T23:59:59.500Z", -1, 500_000_000),
        ] {
            assert_eq!(parse(text), Ok(Timestamp { seconds, nanoseconds }), "{text}");
        }
    }

    #[test]
    fn what_is_not_an_instant_is_refused() {
        for text in [
            "",
            "yesterday",
            "2026-01-31",
            "2026-01-31T10:20:30",
            "2022-12-01 08:57:00.123047",
            "2026-02-29T00:00:00Z",
            "2026-01-31T25:00:00Z",
            "0000-01-01T00:00:00+01:00",
            "9999-12-31T23:59:59-01:00",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn milliseconds_round_down_even_before_1970() {
        assert_eq!(millis(parse("1969-12-31T23:59:59.0009Z").unwrap()), -1000);
        assert_eq!(millis(parse("2026-01-31T10:20:30.9999Z").unwrap()), 1_769_854_830_999);
    }

    #[test]
    fn format_always_writes_three_digits_and_never_leaves_four_digit_years() {
        assert_eq!(format(1_769_854_830_000), "2026-01-31T10:20:30.000Z");
        assert_eq!(format(1_769_854_830_120), "2026-01-31T10:20:30.120Z");
        assert_eq!(format(1_483_228_800_000), "2017-01-01T00:00:00.000Z");
        assert_eq!(format(i64::MAX), "9999-12-31T23:59:59.999Z");
        assert_eq!(format(i64::MIN), "0000-01-01T00:00:00.000Z");
    }

    #[test]
    fn a_date_to_wait_for_counts_from_now_and_never_below_zero() {
        let now = Timestamp { seconds: 784_111_777, nanoseconds: 0 };
        assert_eq!(seconds_until("Sun, 06 Nov 1994 08:50:37 GMT", now), Some(60));
        assert_eq!(seconds_until("Sun, 06 Nov 1994 08:49:00 GMT", now), Some(0));
        assert_eq!(seconds_until("soon", now), None);
    }
}

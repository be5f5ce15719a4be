//! Where an instant's day is counted: a provider that tells no day tells an instant, and that lies on other days elsewhere.

use std::str::FromStr;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};
use rusqlite::functions::FunctionFlags;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Error, Result};

/// How much a misspelt name may differ from the one that was meant.
const SIMILAR: f64 = 0.85;

/// A time zone of the IANA's list, such as `Europe/Paris`; UTC unless it is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Zone(Tz);

/// A name that is in no list of time zones.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no time zone {asked:?}; {}", .nearest.map_or("they are called such as Europe/Paris".to_owned(), |name| format!("is it {name}?")))]
pub struct NoSuchZone {
    /// What was asked for.
    pub asked: String,
    /// The name that is spelt most like it, as a whole or as a city; none where no name is.
    pub nearest: Option<&'static str>,
}

impl Default for Zone {
    fn default() -> Self {
        Self(Tz::UTC)
    }
}

impl FromStr for Zone {
    type Err = NoSuchZone;

    fn from_str(name: &str) -> std::result::Result<Self, NoSuchZone> {
        let like = |one: &str| strsim::jaro_winkler(&one.to_lowercase(), &name.to_lowercase());
        let likeness = |zone: &Tz| {
            let whole = zone.name();
            like(whole).max(whole.rsplit('/').next().map_or(0.0, like))
        };
        name.parse().map(Self).map_err(|_| {
            let nearest = TZ_VARIANTS.iter().max_by(|one, other| likeness(one).total_cmp(&likeness(other)));
            let nearest = nearest.filter(|zone| likeness(zone) >= SIMILAR).map(|zone| zone.name());
            NoSuchZone { asked: name.to_owned(), nearest }
        })
    }
}

impl Zone {
    /// The day that an instant lies on.
    pub(super) fn date(self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.0).date_naive()
    }

    fn day(self, at: DateTime<Utc>) -> String {
        self.date(at).format("%Y-%m-%d").to_string()
    }

    /// Gives a connection the function `local_day` of seconds since 1970, or of an instant of RFC 3339. It is null of what is
    /// neither.
    pub(super) fn register(self, connection: &Connection) -> Result<()> {
        let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
        connection.create_scalar_function("local_day", 1, flags, move |context| {
            let at = match context.get_raw(0) {
                ValueRef::Integer(seconds) => DateTime::from_timestamp(seconds, 0),
                ValueRef::Text(text) => {
                    let text = std::str::from_utf8(text).map_err(|error| Error::UserFunctionError(error.into()))?;
                    DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc())
                }
                _ => None,
            };
            Ok(at.map(|at| self.day(at)))
        })
    }
}

/// SQL: the day that a payment `p` was created on. Where the provider tells no more than a day, it is that, in any zone.
pub(super) const CREATED_ON: &str =
    "CASE p.precision WHEN 'DAY' THEN date(p.created_s, 'unixepoch') ELSE local_day(p.created_s) END";

/// SQL: the day that a payment `p` was booked on: as the provider says, or that of the instant it tells. A date that is the
/// instant's own, in UTC, was made of it, and says no more.
pub(super) fn booked_on() -> String {
    let (date, instant) = ("p.metadata, '$.\"std/booking-date\"'", "p.metadata, '$.\"std/booked-at\"'");
    format!(
        "coalesce(nullif(json_extract({date}), date(json_extract({instant}))), local_day(json_extract({instant})), \
         {CREATED_ON})"
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_known_by_its_name_and_another_name_is_told_with_the_nearest() {
        let at: DateTime<Utc> = "2026-06-30T22:30:00Z".parse().unwrap();
        assert_eq!("Europe/Paris".parse::<Zone>().unwrap().day(at), "2026-07-01");
        assert_eq!((Zone::default().day(at), "UTC".parse()), ("2026-06-30".to_owned(), Ok(Zone::default())));
        for (asked, nearest) in [
            ("europe/paris", Some("Europe/Paris")),
            ("Europe/Pariss", Some("Europe/Paris")),
            ("Paris", Some("Europe/Paris")),
            ("", None),
            ("+02:00", None),
            ("../../etc/passwd", None),
        ] {
            let error = asked.parse::<Zone>().unwrap_err();
            assert_eq!(error.nearest, nearest, "{error}");
        }
    }

    #[test]
    fn no_instant_has_no_day() {
        let connection = Connection::open_in_memory().unwrap();
        Zone::default().register(&connection).unwrap();
        for (given, day) in [
            ("0", Some("1970-01-01")),
            ("'2026-01-01T00:30:00+02:00'", Some("2025-12-31")),
            ("'2026-01-01'", None),
            ("NULL", None),
            ("9223372036854775807", None),
        ] {
            let sql = format!("SELECT local_day({given})");
            let told: Option<String> = connection.query_row(&sql, [], |row| row.get(0)).unwrap();
            assert_eq!(told.as_deref(), day, "{given}");
        }
    }
}

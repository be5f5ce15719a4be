//! How long a provider asks to be left alone, as a time that the host can wait.

use std::time::Duration;

use chrono::{DateTime, Utc};
use http::HeaderMap;
use http::header::{DATE, RETRY_AFTER};

/// The longest that the host waits because somebody asks for it. What asks for more is wrong, or does not matter: the
/// day after it is asked again.
pub const LONGEST_WAIT: Duration = Duration::from_hours(24);

/// A wait in seconds as a connector or a provider says it: any number.
#[must_use]
pub fn wait_of(seconds: u64) -> Duration {
    Duration::from_secs(seconds).min(LONGEST_WAIT)
}

/// A `Retry-After`, in seconds or as a date. A date counts from the answer's own `Date` where it has one, since the
/// host's clock may be wrong; otherwise from `now`. None when there is none that can be read.
#[must_use]
pub fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(wait_of(text.parse().unwrap_or(u64::MAX)));
    }
    let date = |text: &str| DateTime::parse_from_rfc2822(text).ok().map(|date| date.with_timezone(&Utc));
    let from = headers.get(DATE).and_then(|value| date(value.to_str().ok()?.trim())).unwrap_or(now);
    let wait = date(text)?.signed_duration_since(from).to_std().unwrap_or_default();
    Some(wait.min(LONGEST_WAIT))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(pairs: &[(&'static str, &'static str)]) -> Option<u64> {
        let headers = pairs.iter().map(|(n, v)| (n.parse().expect("name"), v.parse().expect("value"))).collect();
        retry_after(&headers, DateTime::UNIX_EPOCH).map(|wait| wait.as_secs())
    }

    #[test]
    fn a_wait_is_at_most_a_day_however_it_is_spelled() {
        let day = LONGEST_WAIT.as_secs();
        assert_eq!(asked(&[("retry-after", "7")]), Some(7));
        assert_eq!(asked(&[("retry-after", "1893456000")]), Some(day), "an instant where seconds are meant");
        assert_eq!(asked(&[("retry-after", "99999999999999999999999999")]), Some(day));
        assert_eq!(asked(&[("retry-after", "Thu, 01 Jan 2086 00:00:00 GMT")]), None, "no such weekday");
        assert_eq!(asked(&[("retry-after", "Tue, 01 Jan 2086 00:00:00 GMT")]), Some(day));
        assert_eq!(wait_of(u64::MAX), LONGEST_WAIT);
        for unreadable in ["", "-1", "1.5", "soon"] {
            assert_eq!(asked(&[("retry-after", unreadable)]), None, "{unreadable}");
        }
    }

    #[test]
    fn a_date_counts_from_the_providers_clock() {
        let date = ("date", "Wed, 21 Oct 2015 07:28:00 GMT");
        assert_eq!(asked(&[date, ("retry-after", "Wed, 21 Oct 2015 07:28:30 GMT")]), Some(30));
        assert_eq!(asked(&[date, ("retry-after", "Wed, 21 Oct 2015 07:27:00 GMT")]), Some(0), "in the past");
    }
}

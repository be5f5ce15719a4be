//! What a poll did, in lines for a person.

use chrono::{DateTime, Utc};
use engine::runner::{PollError, PollSummary, StreamError, StreamSummary};
use model::shown::one_line;
use outside::transport::TransportError;
use sandbox::{Blame, CallError};
use store::{LastingGap, StreamKey};

use super::streams::Streams;

/// Streams of one failure that are named; of more, their number says enough.
const NAMED: usize = 3;

/// What one poll of many did, and when the next one is: one line.
pub fn stamped(summary: &PollSummary, now: DateTime<Utc>, next: Option<DateTime<Utc>>) -> String {
    let sum = |of: fn(&StreamSummary) -> u64| summary.streams.iter().map(of).fold(0, u64::saturating_add);
    let changed = sum(|stream| stream.changed);
    let mut parts = vec![
        format!("{changed} new or changed"),
        count(sum(|stream| stream.records), "record"),
        count(sum(|stream| stream.requests), "request"),
    ];
    let missing = sum(|stream| u64::try_from(stream.gaps.len()).unwrap_or(u64::MAX));
    for (number, word) in [
        (sum(|stream| stream.left), "no longer there"),
        (sum(|stream| stream.rejected), "rejected"),
        (missing, "missing"),
        (u64::try_from(summary.failed().count()).unwrap_or(u64::MAX), "failed"),
    ] {
        if number > 0 {
            parts.push(format!("{number} {word}"));
        }
    }
    parts.push(at_last(now, next));
    format!("{}  {}", stamp(now), parts.join(" · "))
}

/// The same of a poll that could not begin.
pub fn stamped_error(error: &PollError, tries: u32, now: DateTime<Utc>, next: Option<DateTime<Utc>>) -> String {
    let after = if tries > 1 { format!(", after {tries} tries") } else { String::new() };
    format!("{}  nothing polled{after}: {} · {}", stamp(now), one_line(&not_polled(error)), at_last(now, next))
}

fn not_polled(error: &PollError) -> String {
    match error {
        PollError::Check(error) => why_of_call(error),
        other => other.to_string(),
    }
}

/// Why a call failed. Where no provider was reached, what was asked does not matter, and every stream says the same.
pub fn why_of_call(error: &CallError) -> String {
    match error {
        CallError::Connector { failure: Some(TransportError::NotRecorded(_)), .. } => {
            "the recording has no answer to what is asked (-v tells to what). It answers what was asked when it was made: for a \
             store that has read on since, take another --store, or `harness state reset` first"
                .to_owned()
        }
        error => error.no_way().map_or_else(|| error.to_string(), ToString::to_string),
    }
}

fn at_last(now: DateTime<Utc>, next: Option<DateTime<Utc>>) -> String {
    match next {
        None => "ended".to_owned(),
        Some(next) if next.date_naive() == now.date_naive() => format!("next poll {}Z", next.format("%H:%M:%S")),
        Some(next) => format!("next poll {}", stamp(next)),
    }
}

fn stamp(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%SZ").to_string()
}

/// What went otherwise than it should, a line each; streams that failed for one reason have one line.
pub fn notes(summary: &PollSummary, streams: &Streams<'_>) -> Vec<String> {
    let mut failed: Vec<(String, Vec<String>)> = Vec::new();
    for stream in &summary.streams {
        let Some(error) = &stream.error else { continue };
        let (why, name) = (one_line(&why(&stream.stream, error, streams)), streams.name(&stream.stream));
        match failed.iter_mut().find(|(known, _)| *known == why) {
            Some((_, names)) => names.push(name),
            None => failed.push((why, vec![name])),
        }
    }
    let mut lines: Vec<String> =
        failed.into_iter().map(|(why, names)| format!("failed: {}: {why}", named(&names))).collect();
    for stream in &summary.streams {
        let name = streams.name(&stream.stream);
        lines.extend(stream.gaps.iter().map(|gap| missing(&name, gap)));
        lines.extend(stream.goes_on.map(|spent| format!("not at its end: {name}: {spent}; the next poll goes on")));
        if stream.held > 0 {
            lines.push(format!(
                "{name}: the provider no longer has {} that it had before, so many that nothing is marked until you say so; \
                 `harness gone show` lists them",
                count(stream.held, "record")
            ));
        }
    }
    lines
}

fn named(names: &[String]) -> String {
    let (first, rest) = names.split_at(names.len().min(NAMED));
    let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
    format!("{}{more}", first.join(", "))
}

/// Why a stream failed, and when it is tried again.
fn why(stream: &StreamKey, error: &StreamError, streams: &Streams<'_>) -> String {
    match (error, streams.left_alone_until(stream)) {
        (StreamError::Call(error), Some(until)) => {
            format!("{}; not tried again before {}, as the provider asked", why_of_call(error), stamp(until))
        }
        (StreamError::Call(error), None) if error.blame() != Blame::Provider => why_of_call(error),
        (StreamError::Call(error), None) => format!("{}; tried again at the next poll", why_of_call(error)),
        (StreamError::CredentialsRefused, _) => format!("{error}; tried again at the next poll"),
        _ => error.to_string(),
    }
}

fn missing(name: &str, gap: &LastingGap) -> String {
    let LastingGap { what, error, since, lasts } = gap;
    let word = if *lasts { "missing for more than a day" } else { "missing" };
    let of = if what == name { String::new() } else { format!("{name}: ") };
    let since = stamp(*since);
    one_line(&format!("{word}: {of}{what} (since {since}): {error}; asked for again when that is next read"))
}

/// `1 record`, `2 records`.
pub fn count(number: u64, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use chrono::TimeZone as _;
    use store::{PollStore as _, Store};

    use super::*;

    fn at(hour: u32) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 11, 27, hour, 15, 3).unwrap()
    }

    fn stream(task: &str, parent: Option<&str>) -> StreamSummary {
        let parent = parent.map(str::to_owned);
        StreamSummary {
            stream: StreamKey { install: "acme".to_owned(), task: task.to_owned(), parent },
            records: 206,
            changed: 2,
            rejected: 0,
            requests: 5,
            error: None,
            goes_on: None,
            gaps: Vec::new(),
            left: 0,
            held: 0,
        }
    }

    fn unreachable(path: &str) -> CallError {
        let detail = model::ErrorDetail {
            message: format!("GET {path}: no complete answer"),
            http_status: None,
            provider_code: None,
            request_id: None,
            retry_after_seconds: None,
        };
        let failure = TransportError::Connect { host: "a.example:443".to_owned(), reason: "refused".to_owned() };
        CallError::Connector { error: model::Error::Unavailable(detail), failure: Some(failure) }
    }

    #[test]
    fn a_poll_without_trouble_is_one_line_with_its_time_and_that_of_the_next() {
        let mut summary = PollSummary { streams: vec![stream("fetch-accounts", None), stream("fetch-payments", None)] };
        assert_eq!(
            stamped(&summary, at(22), Some(at(23))),
            "2026-11-27 22:15:03Z  4 new or changed · 412 records · 10 requests · next poll 23:15:03Z"
        );
        summary.streams[0].rejected = 1;
        summary.streams[1].error = Some(StreamError::CredentialsRefused);
        let tomorrow = at(22) + chrono::TimeDelta::days(1);
        let told = stamped(&summary, at(22), Some(tomorrow));
        assert!(told.ends_with("· 1 rejected · 1 failed · next poll 2026-11-28 22:15:03Z"), "{told}");
        assert!(stamped(&summary, at(22), None).ends_with("· ended"));
        let error = PollError::Check(unreachable("/a"));
        let told = stamped_error(&error, 5, at(22), Some(at(23)));
        let expected = "2026-11-27 22:15:03Z  nothing polled, after 5 tries: cannot connect to a.example:443: refused · next \
                        poll 23:15:03Z";
        assert_eq!(told, expected);
    }

    #[test]
    fn streams_that_failed_alike_have_one_line_and_what_is_missing_has_one() {
        let store = Store::in_memory().unwrap();
        let streams = Streams::of(&store, "acme");
        let mut polled: Vec<_> = ["a", "b", "c", "d"].map(|account| stream("fetch-payments", Some(account))).into();
        for (number, stream) in polled.iter_mut().enumerate() {
            stream.error = Some(unreachable(&format!("/{number}")).into());
        }
        let mut other = stream("fetch-external-accounts", None);
        other.error = Some(StreamError::CredentialsRefused);
        let gap = LastingGap { what: "attachments".to_owned(), error: "a\nb".to_owned(), since: at(1), lasts: true };
        other.gaps.push(gap);
        polled.push(other);
        assert_eq!(
            notes(&PollSummary { streams: polled }, &streams),
            [
                "failed: payments · a, payments · b, payments · c and 1 more: cannot connect to a.example:443: refused; tried \
                 again at the next poll",
                "failed: external accounts: not polled: the provider refused the credentials a moment ago; tried again at the \
                 next poll",
                "missing for more than a day: external accounts: attachments (since 2026-11-27 01:15:03Z): a b; asked for \
                 again when that is next read",
            ]
        );
    }

    #[test]
    fn a_stream_that_is_to_be_left_alone_says_until_when() {
        let store = Store::in_memory().unwrap();
        let mut failed = stream("fetch-payments", Some("a"));
        store.begin_run(&failed.stream, at(22)).unwrap();
        store.set_not_before(&failed.stream, Some(at(23))).unwrap();
        failed.error = Some(unreachable("/a").into());
        let told = notes(&PollSummary { streams: vec![failed] }, &Streams::of(&store, "acme"));
        assert!(told[0].ends_with("; not tried again before 2026-11-27 23:15:03Z, as the provider asked"), "{told:?}");
    }
}

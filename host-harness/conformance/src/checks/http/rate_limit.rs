//! H1: what a connector makes of "too many requests".

use chrono::{DateTime, TimeDelta, Utc};

use super::stage::{Judged, Met, Misfortune, Place, provoke};
use crate::check::{Finding, Outcome};
use crate::rig::{Rig, case};
use crate::subject::Subject;
use model::{Error, ErrorDetail};
use outside::clock::Clock as _;
use sandbox::CallError;
use sim::{Asked, Fault};

/// The longest wait that a connector may think of where the provider names none, in seconds.
const UNASKED: u64 = 300;

/// What the header asks for, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wait {
    /// So many.
    Exactly(u64),
    /// So many, from a date: half a second may be rounded either way.
    About(u64),
    /// Nothing that can be read.
    Unknown,
}

/// The spellings of `Retry-After` (RFC 9110, 10.2.3), and what is met instead of them.
fn spellings(now: DateTime<Utc>) -> Vec<(&'static str, Option<String>, Wait)> {
    let date = |seconds| (now + TimeDelta::seconds(seconds)).format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    vec![
        ("7 seconds", Some("7".to_owned()), Wait::Exactly(7)),
        ("an hour", Some("3600".to_owned()), Wait::Exactly(3_600)),
        ("no time", Some("0".to_owned()), Wait::Exactly(0)),
        ("a date 90 s ahead", Some(date(90)), Wait::About(90)),
        ("a date that has passed", Some(date(-90)), Wait::Unknown),
        ("no Retry-After", None, Wait::Unknown),
        ("a Retry-After that is none", Some("soon".to_owned()), Wait::Unknown),
        ("a Retry-After beyond all numbers", Some("9".repeat(40)), Wait::Unknown),
    ]
}

fn misfortunes(rig: &Rig, place: &Place) -> Vec<Misfortune> {
    let answer = |status: u16, header: Option<&str>| {
        let fault = Fault::Answer(rig.sim.with(|bank| bank.refusal(status)).response);
        match header {
            Some(value) => fault.header("retry-after", value),
            None => fault,
        }
    };
    let spellings = spellings(rig.clock.now());
    let limited = spellings
        .iter()
        .map(|(name, value, _)| Misfortune::lasting(format!("a 429 with {name}"), answer(429, value.as_deref())));
    let mut all: Vec<Misfortune> = match place.asked {
        Asked::Payments => limited.collect(),
        // The header is read in one place of a connector: elsewhere two spellings are enough.
        _ => limited.step_by(3).collect(),
    };
    all.push(Misfortune::lasting("a 503 with 7 seconds", answer(503, Some("7"))));
    all
}

/// What the misfortune of this name asks for.
fn asked_for(name: &str) -> Wait {
    let spelled = spellings(DateTime::UNIX_EPOCH).into_iter().find(|(spelling, _, _)| name.ends_with(spelling));
    spelled.map_or(Wait::Unknown, |(_, _, wait)| wait)
}

fn judge(met: &Met<'_>) -> Result<Judged, Finding> {
    let limited = met.misfortune.name.starts_with("a 429");
    let detail = match &met.told {
        Err(CallError::Connector { error: Error::RateLimited(detail), .. }) => detail,
        Err(CallError::Connector { error: Error::Unavailable(detail), .. }) if !limited => detail,
        Err(CallError::Connector { error, .. }) => {
            return met.fails(format!("the error is `{}`, should be `rate-limited`: the host waits then", case(error)));
        }
        Err(error) => return met.fails(error),
        Ok(_) => return met.fails("the call succeeded, as if nothing had been refused"),
    };
    met.expect_no_retry()?;
    // What was under way by then is none that followed.
    if met.after().len() > usize::try_from(met.rig.max_in_flight).unwrap_or(usize::MAX) {
        let count = met.after().len() - 1;
        return met.fails(format!("{count} more requests followed in the same call; the provider asked for a pause"));
    }
    expect_wait(met, detail)
}

fn expect_wait(met: &Met<'_>, detail: &ErrorDetail) -> Result<Judged, Finding> {
    let found = detail.retry_after_seconds;
    let (right, expected) = match asked_for(&met.misfortune.name) {
        Wait::Exactly(seconds) => (found == Some(seconds), format!("{seconds}")),
        Wait::About(seconds) => (found.is_some_and(|found| found.abs_diff(seconds) <= 1), format!("{seconds}")),
        Wait::Unknown => (found.is_none_or(|found| found <= UNASKED), "absent: the provider names none".to_owned()),
    };
    if right {
        return Ok(Judged::Fine);
    }
    let found = found.map_or("absent".to_owned(), |found| found.to_string());
    met.fails(format!("`retry-after-seconds` is {found}, should be {expected}"))
}

/// Runs it.
pub(super) async fn rate_limit(subject: Subject) -> Outcome {
    let tally = provoke(&subject, misfortunes, judge).await?;
    Ok(format!("{} calls met a limit, none was repeated, and the host knows how long to wait", tally.calls))
}

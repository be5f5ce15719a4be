//! M6, M7: times as providers spell them, and the host's clock when it is wrong.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::check::{Finding, Outcome, fail};
use crate::ledger::Ledger;
use crate::rig::{PAGE, Rig, ago, start};
use crate::subject::Subject;
use outside::clock::Clock as _;
use sim::{Movement, Odd};
use store::StreamKey;

use super::trial::{Trial, rig};

/// Spellings of instants, and of what is none. Paris has the hour from 02:00 twice on 26 October 2025, and not at all on
/// 29 March 2026.
const SPELLINGS: [&str; 13] = [
    "2026-05-31T12:20:30.5+02:00",
    "2026-05-31T04:50:30-05:30",
    "2026-05-31T00:10:00+14:00",
    "2024-02-29T12:00:00.000Z",
    "2025-02-29T12:00:00.000Z",
    "2025-10-26T02:30:00+02:00",
    "2025-10-26T02:30:00+01:00",
    "2025-10-26T02:30:00",
    "2026-03-29T02:30:00",
    "2026-05-31T10:20:30.123",
    "2026-05-31 10:20:30",
    "2025-12-31T23:59:60Z",
    "yesterday",
];

/// M6.
pub async fn spellings(subject: Subject) -> Outcome {
    let digits = "123456789";
    let fraction = |count: usize| match digits.get(..count) {
        Some("") | None => format!("2026-05-30T10:{count:02}:30Z"),
        Some(digits) => format!("2026-05-30T10:{count:02}:30.{digits}Z"),
    };
    let mut odds: Vec<Odd> = (0..=9).map(|count| Odd::Time(fraction(count))).collect();
    odds.extend(SPELLINGS.iter().map(|text| Odd::Time((*text).to_owned())));
    let seen = Trial::new(&subject, &odds)?.hold().await?;

    // More rows without a time than a page holds, with nothing between them: a walk by time finds no footing there.
    let mut odds = vec![Odd::NullTime];
    odds.extend((0..=PAGE).map(|_| Odd::NoTime));
    let silent = Trial::dense(&subject, &odds)?.hold().await?;
    Ok(format!("{seen}; a page without times: {silent}"))
}

/// What a host with a wrong clock has in the end.
#[derive(PartialEq)]
struct Found {
    ledger: Ledger,
    states: BTreeMap<StreamKey, Vec<u8>>,
}

/// How far a host's clock is off, at a true time.
type Skew = fn(DateTime<Utc>) -> TimeDelta;

/// M7.
pub async fn skew(subject: Subject) -> Outcome {
    let clocks: [(&str, Skew); 6] = [
        ("a day behind", |_| TimeDelta::days(-1)),
        ("a day ahead", |_| TimeDelta::days(1)),
        ("that stands still", |now| start() - now),
        ("that goes back", |now| (start() - now) * 3),
        ("in 2038", |now| DateTime::from_timestamp(2_147_483_650, 0).unwrap_or_default() - now),
        ("in 2100", |now| DateTime::from_timestamp(4_107_542_400, 0).unwrap_or_default() - now),
    ];
    let right = three_polls(&subject, "that is right", |_| TimeDelta::zero()).await?;
    let mut unlike = Vec::new();
    for (name, skew) in clocks {
        let found = three_polls(&subject, name, skew).await?;
        if found.ledger.payments != right.ledger.payments || found.ledger.rejected != right.ledger.rejected {
            return fail(format!("by a clock {name}, payments came out otherwise than by the right one"));
        }
        if found.states != right.states {
            unlike.push(name);
        }
    }
    match unlike.as_slice() {
        [] => Ok(format!("{} wrong clocks, three polls each: the same rows and states", clocks.len())),
        names => Err(Finding::Warn(format!(
            "all rows come by a wrong clock, but the states depend on it ({}): a clock that is put right may lose rows",
            names.join(", ")
        ))),
    }
}

/// Polls, half an hour later again, and again; new payments come before each poll, a minute before and at the moment.
async fn three_polls(subject: &Subject, name: &str, skew: Skew) -> Result<Found, Finding> {
    let mut account = String::new();
    let mut rig = rig(subject, |bank| {
        account = bank.open_account("EUR");
        for minutes in [3_000, 1_500, 1_441, 1_439, 61, 59, 30] {
            bank.add(&Movement::on(&account, ago(minutes)).minor(minutes.unsigned_abs()));
        }
    })?
    .setting(format!("a host with a clock {name}; seven payments, then two before each of three polls"));
    for poll in 1..=3 {
        let now = rig.clock.now();
        rig.sim.with(|bank| {
            bank.add(&Movement::on(&account, now - TimeDelta::minutes(1)).minor(poll));
            bank.add(&Movement::on(&account, now).minor(100 + poll));
        });
        rig.skew = skew(now);
        rig.poll_well().await?;
        rig.expect_payments(&format!("after poll {poll} by a clock {name}"))?;
        rig.clock.advance(Duration::from_mins(30));
    }
    let Rig { ledger, states, .. } = rig;
    Ok(Found { ledger, states })
}

//! Q2: every status, whatever the filter makes of several.

use chrono::{DateTime, TimeDelta, Utc};

use super::desk::{STATUSES, expect_whole, open, rig, rows, with};
use crate::{QontoWorld, StatusFilter};
use conformance::check::{Finding, Outcome};
use conformance::rig::{PAGE, ago, start};
use conformance::subject::Subject;

/// Rows of each status: two full pages and a bit.
const COUNT: u32 = 2 * PAGE + 3;

/// When the rows of a status begin: each status has a month of its own.
fn month(place: usize, turn: usize) -> DateTime<Utc> {
    let months = i64::try_from((place + turn) % STATUSES.len()).unwrap_or_default();
    ago(5 * 30 * 24 * 60) + TimeDelta::days(30 * months)
}

fn stock(world: &mut QontoWorld, turn: usize) -> Vec<String> {
    let account = open(world);
    let mut ids = Vec::new();
    for (place, status) in STATUSES.iter().enumerate() {
        ids.extend(rows(world, &account, status, COUNT, month(place, turn), TimeDelta::minutes(7)));
    }
    ids
}

/// Some rows change their status, and some are new, in every status.
fn change(world: &mut QontoWorld, ids: &[String]) {
    let at = |minutes| start() + TimeDelta::minutes(minutes);
    let pending = ids.iter().take(COUNT as usize);
    for (number, id) in (0..).zip(pending.step_by(4)) {
        world.flip(id, at(number), if number % 2 == 0 { "completed" } else { "declined" });
    }
    let Some(account) = world.account_ids().into_iter().next() else { return };
    for (place, status) in (0..).zip(STATUSES) {
        rows(world, &account, status, 2, at(20 - 3 * place), TimeDelta::seconds(1));
    }
}

async fn filter(subject: &Subject, filter: StatusFilter, turn: usize) -> Result<usize, Finding> {
    let mut ids = Vec::new();
    let mut rig = rig(subject, |world| {
        world.dialect.status_filter = filter;
        ids = stock(world, turn);
    })?
    .setting(format!("a filter by status that takes {filter:?} of several, pages of {PAGE}"));
    rig.poll_well().await?;
    expect_whole(&rig, "after the first poll")?;
    rig.clock.advance(std::time::Duration::from_mins(30));
    with(&rig, |world| change(world, &ids))?;
    rig.poll_well().await?;
    expect_whole(&rig, "after some rows changed their status")
}

/// Runs it.
pub(super) async fn all_statuses(subject: Subject) -> Outcome {
    let mut found = 0;
    for (turn, takes) in [StatusFilter::All, StatusFilter::First, StatusFilter::Last].into_iter().enumerate() {
        found = filter(&subject, takes, turn).await?;
    }
    Ok(format!("{found} rows of {} statuses, whether the filter takes all, the first or the last", STATUSES.len()))
}

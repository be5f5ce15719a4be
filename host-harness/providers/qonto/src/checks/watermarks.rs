//! Q4: what `updated_at` and its filter do.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::desk::{expect_ids, expect_rows, expect_whole, honest, open, rig, rows, with};
use crate::{Dialect, QontoWorld, Transaction};
use conformance::check::{Finding, Outcome};
use conformance::rig::{PAGE, Rig, ago, start};
use conformance::subject::Subject;

/// Ties, rows a millisecond apart, and one that was changed before it was emitted.
fn stock(world: &mut QontoWorld) {
    let account = open(world);
    rows(world, &account, "completed", PAGE - 1, ago(300), TimeDelta::minutes(1));
    rows(world, &account, "completed", 2 * PAGE + 1, ago(200), TimeDelta::zero());
    rows(world, &account, "completed", PAGE + 2, ago(200) + TimeDelta::milliseconds(1), TimeDelta::milliseconds(1));
    world.transaction(Transaction::on(&account, ago(150)).cents(303).updated(ago(170)).label("Temps à rebours"));
    rows(world, &account, "pending", PAGE, ago(180), TimeDelta::microseconds(300));
}

/// New rows at the very instant of the newest known one, and edits of old ones.
fn news(world: &mut QontoWorld) {
    let Some(account) = world.account_ids().into_iter().next() else { return };
    let newest = world.rows().iter().filter(|row| &*row.status == "completed").map(|row| row.updated_at).max();
    let newest = newest.and_then(DateTime::from_timestamp_micros).unwrap_or_default();
    rows(world, &account, "completed", PAGE + 1, newest, TimeDelta::zero());
    let old: Vec<String> = world.rows().iter().take(3).map(|row| row.id.to_string()).collect();
    for (number, id) in (0_i64..).zip(old) {
        world.edit(&id, start() + TimeDelta::seconds(number), |row| _ = row.set("note", "corrigé"));
    }
}

async fn bounds(subject: &Subject, name: &str, set: impl FnOnce(&mut Dialect)) -> Result<usize, Finding> {
    let mut plain = true;
    let mut rig = rig(subject, |world| {
        set(&mut world.dialect);
        plain = world.dialect.fraction_digits == 3;
        stock(world);
    })?
    .setting(format!("{name}; pages of {PAGE}"));
    rig.poll_well().await?;
    expect(&rig, plain, "after the first poll")?;
    rig.clock.advance(Duration::from_mins(30));
    with(&rig, news)?;
    rig.poll_well().await?;
    expect(&rig, plain, "after new rows at the newest instant and edits of old ones")
}

/// The rows as they are kept, where the wire spells them so; else by their ids.
fn expect(rig: &Rig, plain: bool, when: &str) -> Result<usize, Finding> {
    if plain { expect_rows(rig, when) } else { expect_ids(rig, when) }
}

/// Times that are shown by the second and filtered by the millisecond contradict what is asked: to say so is enough.
async fn whole_seconds(subject: &Subject) -> Result<(), Finding> {
    let mut rig = rig(subject, |world| {
        world.dialect.fraction_digits = 0;
        stock(world);
    })?
    .setting(format!("times without a fraction of a second, pages of {PAGE}"));
    rig.patience = 300;
    let poll = rig.poll_payments().await;
    honest(&rig, &poll, "where times have no fraction of a second").map(|_| ())
}

/// A filter before 2017 or in a year to come is refused, and a connector has no other way to know.
async fn years(subject: &Subject) -> Result<(), Finding> {
    let first_day = DateTime::<Utc>::from_timestamp(1_483_228_800, 0).unwrap_or_default();
    let mut rig = rig(subject, |world| {
        let account = open(world);
        rows(world, &account, "completed", PAGE + 2, first_day, TimeDelta::minutes(1));
    })?
    .setting("all rows within an hour of the earliest time that a filter takes");
    for poll in ["first", "second"] {
        rig.poll_well().await?;
        expect_whole(&rig, &format!("after the {poll} poll"))?;
        rig.clock.advance(Duration::from_mins(30));
    }
    with(&rig, |world| {
        let Some(account) = world.account_ids().into_iter().next() else { return };
        rows(world, &account, "completed", PAGE + 2, first_day + TimeDelta::minutes(5), TimeDelta::minutes(1));
    })?;
    rig.poll_well().await?;
    expect_whole(&rig, "after new rows within the same hour").map(|_| ())
}

/// An edit brings a row back with its new content, and with the same id.
async fn edits(subject: &Subject) -> Result<(), Finding> {
    let mut ids = Vec::new();
    let mut rig = rig(subject, |world| {
        let account = open(world);
        ids = rows(world, &account, "completed", 3 * PAGE, ago(60 * 24 * 40), TimeDelta::hours(5));
    })?
    .setting("an edit of each of many old rows, one a poll");
    rig.poll_well().await?;
    for (number, id) in ids.iter().enumerate().step_by(4) {
        rig.clock.advance(Duration::from_mins(30));
        let now = outside::clock::Clock::now(&rig.clock);
        with(&rig, |world| world.edit(id, now, |row| _ = row.set("label", format!("Relu {number}"))))?;
        rig.poll_well().await?;
        expect_whole(&rig, "after the edit of an old row")?;
    }
    if rig.ledger.payments.len() != ids.len() {
        return Err(rig.failure("an edit made another payment of the same row".to_owned(), Vec::new()));
    }
    Ok(())
}

/// Runs it.
pub(super) async fn watermarks(subject: Subject) -> Outcome {
    for (from, to) in [(true, true), (false, false), (true, false), (false, true)] {
        let name = format!("`from` {} and `to` {} its instant", includes(from), includes(to));
        bounds(&subject, &name, |dialect| (dialect.from_inclusive, dialect.to_inclusive) = (from, to)).await?;
    }
    let hidden = "microseconds that are kept and not shown";
    bounds(&subject, hidden, |dialect| dialect.hidden_microseconds = true).await?;
    let exclusive = |dialect: &mut Dialect| {
        dialect.hidden_microseconds = true;
        (dialect.from_inclusive, dialect.to_inclusive) = (false, false);
    };
    bounds(&subject, "hidden microseconds, and exclusive bounds", exclusive).await?;
    let rows = bounds(&subject, "six digits of a second", |dialect| dialect.fraction_digits = 6).await?;
    whole_seconds(&subject).await?;
    years(&subject).await?;
    edits(&subject).await?;
    Ok(format!("7 kinds of bounds and instants, {rows} rows each; filters from 2017 on; edits of old rows"))
}

fn includes(inclusive: bool) -> &'static str {
    if inclusive { "includes" } else { "excludes" }
}

//! S3: what was read is known from the rows, not from a clock, and is never forgotten.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::check::{Finding, Outcome};
use crate::checks::stock::Rows;
use crate::rig::{PAGE, Poll, Rig, ago, start};
use crate::subject::Subject;
use model::Capability;
use outside::clock::Clock as _;
use sim::{Bank, Movement};

/// S3.
pub async fn sane(subject: Subject) -> Outcome {
    let lag = TimeDelta::from_std(subject.bank().lag()).unwrap_or_default();
    for before in [TimeDelta::zero(), lag / 60, lag / 2, lag - lag / 60] {
        between(&subject, before).await?;
    }
    ahead(&subject).await?;
    let idle = never_back(&subject, lag).await?;
    Ok(format!(
        "payments dated up to {} min before the last poll came, with a clock a day ahead as well; idle polls read {idle}",
        lag.num_minutes()
    ))
}

/// An account whose newest row is two days old.
fn old(bank: &mut dyn Bank) -> String {
    let account = bank.open_account("EUR");
    let rows = Rows { account: &account, count: PAGE + 2, last: ago(2 * 24 * 60), apart: TimeDelta::minutes(30) };
    rows.add_settled(bank);
    account
}

fn add_each(bank: &mut dyn Bank, account: &str, at: DateTime<Utc>) {
    for status in bank.statuses() {
        bank.add(&Movement::on(account, at).status(status).minor(4_711));
    }
}

/// A poll that reads a history that ends two days ago, and right after it rows that are `before` older than that poll.
async fn between(subject: &Subject, before: TimeDelta) -> Result<(), Finding> {
    let mut account = String::new();
    let mut rig = Rig::new(subject, |bank| account = old(bank))?.setting(format!(
        "the newest payment is two days old; after a poll come others, dated {} min before that poll",
        before.num_minutes()
    ));
    for _ in 0..2 {
        rig.poll_well().await?;
        let now = rig.clock.now();
        rig.sim.with(|bank| add_each(&mut **bank, &account, now - before));
        rig.clock.advance(Duration::from_hours(3));
    }
    rig.poll_well().await?;
    rig.expect_payments("after the next poll")
}

/// The host's clock was wrong by a day, and was set right.
async fn ahead(subject: &Subject) -> Result<(), Finding> {
    let mut account = String::new();
    let mut rig = Rig::new(subject, |bank| account = old(bank))?
        .setting("two polls by a host whose clock is a day ahead; then its clock is right, and there are new payments");
    rig.skew = TimeDelta::days(1);
    for _ in 0..2 {
        rig.poll_well().await?;
        rig.clock.advance(rig.install.polling_period);
    }
    rig.skew = TimeDelta::zero();
    let now = rig.clock.now();
    rig.sim.with(|bank| add_each(&mut **bank, &account, now - TimeDelta::minutes(5)));
    rig.poll_well().await?;
    rig.expect_payments("after the next poll")
}

/// Rows that are older than the newest one make no poll after them read more than before.
async fn never_back(subject: &Subject, lag: TimeDelta) -> Result<String, Finding> {
    let mut account = String::new();
    let stock = |bank: &mut dyn Bank| {
        account = old(bank);
        let rows = Rows { account: &account, count: 3 * PAGE, last: start(), apart: TimeDelta::seconds(1) };
        rows.add_settled(bank);
    };
    let mut rig = Rig::new(subject, stock)?
        .setting("many payments up to now are read, then late ones that are older than all of these, then nothing new");
    rig.poll_well().await?;
    let before = idle(&mut rig).await?;
    rig.sim.with(|bank| add_each(&mut **bank, &account, start() - lag / 2));
    let added = rig.sim.with(|bank| bank.statuses().len() as u64);
    rig.clock.advance(rig.install.polling_period);
    let poll = rig.poll_only(&[Capability::FetchPayments]).await;
    rig.expect_well(poll)?;
    rig.expect_payments("after the poll that follows the late payments")?;
    let mut last = String::new();
    // The late rows may fill another page of their list, and be looked for as long as they are open.
    for _ in 0..3 {
        let after = idle(&mut rig).await?;
        if after.rows() > before.rows() + added || u64::from(after.requests()) > u64::from(before.requests()) + added {
            let what = format!(
                "an idle poll read {} records in {} requests before {added} late ones came, and now reads {} in {}: it \
                 went back",
                before.rows(),
                before.requests(),
                after.rows(),
                after.requests()
            );
            return Err(rig.failure(what, Vec::new()));
        }
        last = format!("{} records in {} requests", after.rows(), after.requests());
    }
    Ok(last)
}

async fn idle(rig: &mut Rig) -> Result<Poll, Finding> {
    rig.clock.advance(rig.install.polling_period);
    let poll = rig.poll_only(&[Capability::FetchPayments]).await;
    rig.expect_well(poll)
}

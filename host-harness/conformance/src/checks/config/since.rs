//! C5: how far back a first poll goes.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};

use crate::check::{Finding, Outcome};
use crate::rig::{PAGE, Rig, ago, start};
use crate::subject::Subject;
use outside::clock::Clock as _;
use sim::{Bank, Movement};
use store::timestamp;

/// Seconds from `since` at which a payment of each status happens, besides those long before and long after.
const AROUND: [i64; 7] = [-86_400, -1, 0, 1, 3_600, 43_200, 86_400];

/// Where a poll may begin.
fn beginnings() -> [(&'static str, DateTime<Utc>); 5] {
    let day = ago(10 * 24 * 60).date_naive().and_time(NaiveTime::MIN).and_utc();
    [
        ("the beginning of a day", day),
        ("noon", day + TimeDelta::hours(12)),
        ("the last second of a day", day + TimeDelta::seconds(86_399)),
        ("half a second", day + TimeDelta::milliseconds(12_345_500)),
        ("the time of the first poll", start()),
    ]
}

/// Payments of every status on two accounts around a time; gives those from then on.
fn stock(bank: &mut dyn Bank, since: DateTime<Utc>) -> BTreeSet<String> {
    let mut wanted = BTreeSet::new();
    for _ in 0..2 {
        let account = bank.open_account("EUR");
        let long_before = (1..=i64::from(PAGE)).map(|number| since - TimeDelta::days(20 * number));
        let around = AROUND.iter().map(|seconds| since + TimeDelta::seconds(*seconds));
        let after = (1..=i64::from(PAGE)).map(|number| since + TimeDelta::hours(40 * number));
        for at in long_before.rev().chain(around).chain(after).filter(|at| *at <= start()) {
            wanted.extend(add(bank, &account, at).into_iter().filter(|_| at >= since));
        }
    }
    wanted
}

/// Adds a payment of each status.
fn add(bank: &mut dyn Bank, account: &str, at: DateTime<Utc>) -> Vec<String> {
    let statuses = bank.statuses().into_iter();
    statuses.map(|status| bank.add(&Movement::on(account, at).status(status))).collect()
}

/// Runs it.
pub(super) async fn since(subject: Subject) -> Outcome {
    let (mut payments, mut before) = (0, 0);
    for (name, since) in beginnings() {
        let mut wanted = BTreeSet::new();
        let mut rig = Rig::new(&subject, |bank| wanted = stock(bank, since))?;
        rig.since = Some(timestamp(since));
        rig.setting = format!("`since` is {name}: {since}");
        rig.poll_well().await?;
        expect(&rig, &wanted, "after the first poll")?;
        before += rig.ledger.payments.keys().filter(|reference| !wanted.contains(*reference)).count();
        for poll in 2..=3 {
            rig.clock.advance(rig.install.polling_period);
            let at = rig.clock.now() - TimeDelta::minutes(1);
            rig.sim.with(|bank| {
                for account in bank.truth().accounts.into_keys() {
                    wanted.extend(add(&mut **bank, &account, at));
                }
            });
            rig.poll_well().await?;
            expect(&rig, &wanted, &format!("after poll {poll}"))?;
        }
        payments += wanted.len();
    }
    Ok(format!("{payments} payments from `since` on, {} times; {before} from before came as well", beginnings().len()))
}

fn expect(rig: &Rig, wanted: &BTreeSet<String>, when: &str) -> Result<(), Finding> {
    let mut truth = rig.sim.with(|bank| bank.truth());
    truth.payments.retain(|reference, _| wanted.contains(reference));
    let differences = rig.ledger.payment_differences(&truth, false);
    match differences.first() {
        None => Ok(()),
        Some(first) => Err(rig.failure(format!("{when}, {first}; it happened at `since` or later"), differences)),
    }
}

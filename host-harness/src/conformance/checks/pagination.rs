//! P: whether all rows come, however the provider pages them.

use chrono::TimeDelta;
use futures::FutureExt as _;

use crate::conformance::check::{Check, Clause, Level, Outcome, Tier};
use crate::conformance::rig::{PAGE, Rig, ago};
use crate::conformance::subject::Subject;
use crate::sim::{Bank, Movement};

/// The clause that most of these prove.
const EVERY_PAYMENT: Clause = Clause {
    item: "connector.fetch-payments",
    text: "Every payment is reported at least once in each version that lasts; reporting one again is harmless, missing one is not.",
};

/// See the module.
pub const CHECKS: &[Check] = &[Check {
    id: "P1",
    title: "complete",
    tier: Tier::One,
    level: Level::Bronze,
    clause: EVERY_PAYMENT,
    provocation: "accounts with 0, 1, s-1, s, s+1, 10s and 10s+3 payments, polled with pages of s rows",
    rule: "after one poll the host has every payment that the provider has, in its last version",
    run: |subject| complete(subject).boxed(),
}];

/// Adds an account with `count` payments, a minute apart, the last one two hours ago; gives its reference.
fn account_with(bank: &mut dyn Bank, count: u32) -> String {
    let account = bank.open_account("EUR");
    for number in 0..count {
        let at = ago(120) - TimeDelta::minutes(i64::from(count - number));
        bank.add(&Movement::on(&account, at).minor(u64::from(number) + 1));
    }
    account
}

async fn complete(subject: Subject) -> Outcome {
    let s = PAGE;
    for count in [0, 1, s - 1, s, s + 1, 10 * s, 10 * s + 3] {
        let mut rig = Rig::new(&subject, |bank| _ = account_with(bank, count))?
            .setting(format!("{count} payments, pages of {s}"));
        rig.poll_well().await?;
        rig.expect_payments("after the first poll")?;
    }
    Ok(format!("0 to {} rows, pages of {s}", 10 * s + 3))
}

//! K4: installs in one store, in the life that installs have.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::check::{Finding, Outcome};
use crate::rig::{Rig, ago};
use crate::subject::Subject;
use engine::runner::{PollSummary, RetryPolicy};
use sim::{Bank, Fault, Movement, On};
use store::Store;
use store::export::{Format, What, export};

/// Days after which the last install is made.
const LATER: u64 = 400;
/// Payments on each account.
const PAYMENTS: i64 = 12;
const DAY: i64 = 24 * 60;

/// Two accounts with payments from the last two hours back to two years ago, and counterparties.
fn stock(bank: &mut dyn Bank) {
    for _ in 0..2 {
        let account = bank.open_account("EUR");
        for number in 0..PAYMENTS {
            bank.add(&Movement::on(&account, ago(120 + (PAYMENTS - 1 - number) * 60 * DAY)).minor(1_000));
        }
    }
    for number in 0..3 {
        bank.add_counterparty(ago(number * 100 * DAY + 300));
    }
}

/// A connector at a bank, with a store of its own for many installs.
struct Life {
    rig: Rig,
    store: Arc<Store>,
}

pub(super) async fn install_cycle(subject: Subject) -> Outcome {
    let rig = Rig::new(&subject, stock)?;
    let store = Store::in_memory().map_err(|error| Finding::Inconclusive(error.to_string()))?;
    let mut life = Life { rig, store: Arc::new(store) };

    life.poll_well("first").await?;
    let first = life.records("first")?;
    life.expect_everything(&first)?;

    life.poll_well("second").await?;
    life.expect_same("second", "a second install beside the first", &first)?;

    life.after_failure("third").await?;
    life.expect_same("third", "an install whose states were reset after a failed poll", &first)?;

    life.reset_meanwhile("fourth").await?;
    life.expect_same("fourth", "an install whose states were reset during a poll", &first)?;

    life.rig.clock.advance(Duration::from_hours(24 * LATER));
    life.poll_well("fifth").await?;
    life.expect_same("fifth", &format!("an install that was made {LATER} days later"), &first)?;
    life.poll_well("first").await?;
    life.expect_same("first", &format!("the first install, polled again {LATER} days later"), &first)?;
    Ok(format!("5 installs in one store, over {LATER} days, end with the same {} records", first.len()))
}

impl Life {
    /// One poll, each call made once: the waits of a real host's retries are drawn at random.
    async fn poll(&mut self, install: &str) -> Result<PollSummary, Finding> {
        self.rig.setting = format!("a poll of the {install} install in a store");
        let mut runner = self.rig.install.runner(self.rig.outside().clone(), self.store.clone(), install);
        runner.retry = RetryPolicy { attempts: 1, attempts_malformed: 1, ..RetryPolicy::default() };
        runner.poll(&()).await.map_err(|error| Finding::Inconclusive(error.to_string()))
    }

    async fn poll_well(&mut self, install: &str) -> Result<(), Finding> {
        let summary = self.poll(install).await?;
        let failed = summary.failed().find_map(|stream| Some((stream.stream.to_string(), stream.error.as_ref()?)));
        match failed {
            None => Ok(()),
            Some((stream, error)) => {
                let what = format!("the poll of the {install} install fails in {stream}: {error}");
                Err(self.rig.failure(what, Vec::new()))
            }
        }
    }

    /// A poll that fails after its first requests, then a reset, then another poll.
    async fn after_failure(&mut self, install: &str) -> Result<(), Finding> {
        self.rig.sim.inject(On::since(self.rig.sim.requests() + 3), Fault::status(503));
        self.poll(install).await?;
        self.rig.sim.calm();
        self.reset(install)?;
        // The provider may have asked for patience.
        self.rig.clock.advance(Duration::from_hours(1));
        self.poll_well(install).await
    }

    /// A reset between two requests of a poll: what is under way then cannot be committed, the next poll begins again.
    async fn reset_meanwhile(&mut self, install: &'static str) -> Result<(), Finding> {
        let store = Arc::clone(&self.store);
        self.rig.sim.before(self.rig.sim.requests() + 4, move |_| {
            // That it was reset shows in what comes of the poll.
            let _ = store.reset_state(install, None);
        });
        self.poll(install).await?;
        self.rig.sim.calm();
        self.poll_well(install).await
    }

    fn reset(&self, install: &str) -> Result<(), Finding> {
        let reset = self.store.reset_state(install, None);
        reset.map(drop).map_err(|error| Finding::Inconclusive(error.to_string()))
    }

    /// The records of an install as the export has them, less the time at which a balance was read.
    fn records(&self, install: &str) -> Result<BTreeSet<String>, Finding> {
        let mut text = Vec::new();
        export(&self.store, install, What::All, Format::Ndjson, &mut text)
            .map_err(|error| Finding::Inconclusive(error.to_string()))?;
        Ok(String::from_utf8_lossy(&text).lines().map(timeless).collect())
    }

    fn expect_same(&self, install: &str, what: &str, first: &BTreeSet<String>) -> Result<(), Finding> {
        let records = self.records(install)?;
        let lacking = first.difference(&records).map(|record| format!("lacks {}", shown(record)));
        let differences: Vec<String> =
            lacking.chain(records.difference(first).map(|record| format!("has {}", shown(record)))).collect();
        match differences.first() {
            None => Ok(()),
            Some(difference) => {
                let what = format!("{what} should have the records of the first one, and {difference}");
                Err(self.rig.failure(what, differences))
            }
        }
    }

    /// All payments that the bank has, also those of long ago.
    fn expect_everything(&self, records: &BTreeSet<String>) -> Result<(), Finding> {
        let truth = self.rig.sim.with(|bank| bank.truth());
        let has = |reference: &String| records.iter().any(|record| record.contains(reference.as_str()));
        let reads_payments = self.rig.install.manifest.capabilities.contains(&model::Capability::FetchPayments);
        match truth.payments.iter().find(|(reference, _)| reads_payments && !has(reference)) {
            None => Ok(()),
            Some((reference, payment)) => Err(self.rig.failure(
                format!(
                    "after the first poll the payment {reference} of {} is missing",
                    payment.created_at.date_naive()
                ),
                Vec::new(),
            )),
        }
    }
}

/// A line of the export without the time at which a balance was read.
fn timeless(line: &str) -> String {
    match serde_json::from_str(line) {
        Ok(Value::Object(mut record)) => {
            record.remove("asOf");
            Value::Object(record).to_string()
        }
        _ => line.to_owned(),
    }
}

fn shown(record: &str) -> String {
    record.chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn balances_are_compared_without_their_time() {
        let (one, other) =
            (r#"{"kind":"balance","amount":"1","asOf":"x"}"#, r#"{"kind":"balance","asOf":"y","amount":"1"}"#);
        assert_eq!(timeless(one), timeless(other));
        assert_ne!(timeless(one), timeless(r#"{"kind":"balance","amount":"2"}"#));
    }
}

//! M13: each balance once, under its own kind.

use std::collections::BTreeSet;

use crate::check::{Finding, Outcome, no_such_case};
use crate::ledger::{instant, kind_of};
use crate::rig::{Rig, ago};
use crate::subject::Subject;
use crate::walk::{Step, walk};
use model::{Balance, Capability};
use sandbox::Page;
use sim::{Bank, Movement};

/// Accounts of several currencies, one of them indebted.
fn stock(bank: &mut dyn Bank) {
    for (currency, booked, available) in [("EUR", "120000", "90000"), ("JPY", "-4200", "-5000"), ("EUR", "0", "0")] {
        let account = bank.open_account(currency);
        bank.set_balance(&account, booked, available);
        bank.add(&Movement::on(&account, ago(300)));
    }
}

/// M13.
pub async fn kinds(subject: Subject) -> Outcome {
    let mut rig = Rig::new(&subject, stock)?.setting("accounts in EUR and JPY, one of them indebted, one with nothing");
    if rig.tasks(Capability::FetchBalances).is_empty() {
        return no_such_case("balances: the connector reads none");
    }
    let steps = walk(&mut rig).await;
    for step in &steps {
        if let Err(error) = &step.result {
            return Err(rig.failure(format!("the stream {} failed: {error}", step.stream), Vec::new()));
        }
        each_once(&rig, step)?;
    }
    let now = rig.observed_at();
    if let Some(balance) = rig.ledger.balances.values().find(|balance| balance.as_of != now)
        && !rig.sim.with(|bank| bank.dates_balances())
    {
        let at = instant(balance.as_of).to_rfc3339();
        let what = format!("a balance of {} is of {at}, and the provider tells no time", balance.account_reference);
        return Err(rig.failure(what, Vec::new()));
    }
    let truth = rig.sim.with(|bank| bank.truth().balances);
    let found = &rig.ledger.balances;
    let place =
        |(account, kind, asset): &(String, String, String)| format!("the {kind} balance of {account} in {asset}");
    let mut wrong = Vec::new();
    for (key, wanted) in &truth {
        match found.get(key) {
            None => wrong.push(format!("{} is missing", place(key))),
            Some(balance) if balance.amount != *wanted => {
                wrong.push(format!("{} is {}, the provider has {wanted}", place(key), balance.amount));
            }
            Some(_) => {}
        }
    }
    let surplus = found.keys().filter(|key| !truth.contains_key(*key));
    wrong.extend(surplus.map(|key| format!("{} is none that the provider has", place(key))));
    match wrong.first() {
        None => Ok(format!("{} balances of {} kinds", truth.len(), kinds_of(truth.keys().map(|(_, kind, _)| kind)))),
        Some(first) => Err(rig.failure(first.clone(), wrong)),
    }
}

fn kinds_of<'k>(kinds: impl Iterator<Item = &'k String>) -> usize {
    kinds.collect::<BTreeSet<_>>().len()
}

/// Of two that are alike in one page the host keeps the last: one of them would be lost, whichever is right.
fn each_once(rig: &Rig, step: &Step) -> Result<(), Finding> {
    let Ok(fetched) = &step.result else { return Ok(()) };
    let Page::Balances(page) = &fetched.page else { return Ok(()) };
    let mut seen = BTreeSet::new();
    let key = |balance: &Balance| (balance.account_reference.clone(), kind_of(balance), balance.asset.clone());
    match page.items.iter().find(|balance| !seen.insert(key(balance))) {
        None => Ok(()),
        Some(twice) => {
            let (account, kind) = (&twice.account_reference, kind_of(twice));
            let what = format!("a page has the {kind} balance of {account} in {} twice", twice.asset);
            Err(rig.failure(what, page.items.iter().map(|balance| format!("{balance:?}")).collect()))
        }
    }
}

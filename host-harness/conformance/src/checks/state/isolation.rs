//! S7: streams do not know of each other.

use chrono::TimeDelta;

use crate::check::{Finding, Outcome};
use crate::checks::stock::Rows;
use crate::rig::{PAGE, Poll, Rig, ago};
use crate::subject::Subject;
use model::{Capability, Task};
use sandbox::{Fetch, Limits};
use sim::{Bank, Broken, Fault, On};
use store::Kept;

/// Three accounts with different histories, several pages each.
fn stock(bank: &mut dyn Bank) {
    for number in 1..=3 {
        let account = bank.open_account("EUR");
        let count = PAGE + 2 * number;
        let rows = Rows { account: &account, count, last: ago(90 * i64::from(number)), apart: TimeDelta::minutes(7) };
        rows.add_in_turn(bank);
    }
}

fn rig(subject: &Subject, setting: &str) -> Result<Rig, Finding> {
    Ok(Rig::new(subject, stock)?.setting(setting))
}

/// Every stream of payments.
fn streams(rig: &Rig) -> Vec<(Task, Option<Kept>)> {
    rig.streams(Capability::FetchPayments)
}

async fn read_accounts(rig: &mut Rig) -> Result<(), Finding> {
    let poll = rig.poll_only(&[Capability::FetchAccounts]).await;
    rig.expect_well(poll).map(|_| ())
}

/// S7.
pub async fn isolation(subject: Subject) -> Outcome {
    let mut plain = rig(&subject, "three accounts one after the other")?;
    plain.poll_well().await?;
    plain.expect_payments("after a poll")?;
    reversed(&subject, &plain).await?;
    interleaved(&subject, &plain).await?;
    let faults: [(&str, Option<Fault>); 4] = [
        ("every answer for it is a 500", Some(Fault::status(500))),
        ("every answer for it is a page of HTML", Some(Fault::html())),
        ("every connection for it is reset", Some(Fault::Break(Broken::Reset))),
        ("its calls are killed half way", None),
    ];
    let count = faults.len();
    for (number, (words, fault)) in faults.into_iter().enumerate() {
        // Another account each time.
        let broken = number % streams(&plain).len().max(1);
        one_broken(&subject, &plain, broken, words, fault.as_ref()).await?;
    }
    Ok(format!("three accounts, in reverse, in turn, and {count} times with one failing: the same records and states"))
}

async fn reversed(subject: &Subject, plain: &Rig) -> Result<(), Finding> {
    let mut rig = rig(subject, "three accounts, the last one first")?;
    read_accounts(&mut rig).await?;
    for (task, account) in streams(&rig).into_iter().rev() {
        poll_one(&mut rig, &task, account.as_ref()).await?;
    }
    expect_same(&rig, plain, "in reverse order")
}

async fn poll_one(rig: &mut Rig, task: &Task, parent: Option<&Kept>) -> Result<(), Finding> {
    let stream = rig.stream(task, parent).await;
    rig.expect_well(Poll { streams: vec![stream] }).map(|_| ())
}

/// A page of each in turn.
async fn interleaved(subject: &Subject, plain: &Rig) -> Result<(), Finding> {
    let mut rig = rig(subject, "three accounts, a page of each in turn")?;
    read_accounts(&mut rig).await?;
    let mut open = streams(&rig);
    for _ in 0..rig.patience {
        let mut left = Vec::new();
        for (task, account) in open {
            let called = rig.call(&task, account.as_ref()).await;
            let fetched = called.result.map_err(|error| {
                rig.failure(format!("the stream {} failed: {error}", rig.key(&task, account.as_ref())), Vec::new())
            })?;
            rig.commit(&task, account.as_ref(), &fetched);
            if fetched.page.has_more() {
                left.push((task, account));
            }
        }
        open = left;
        if open.is_empty() {
            break;
        }
    }
    expect_same(&rig, plain, "page by page in turn")
}

/// One stream fails, the others come to their end; then it is well again.
async fn one_broken(
    subject: &Subject,
    plain: &Rig,
    broken: usize,
    words: &str,
    fault: Option<&Fault>,
) -> Result<(), Finding> {
    let mut rig = rig(subject, &format!("account {} of three: {words}", broken + 1))?;
    read_accounts(&mut rig).await?;
    let streams = streams(&rig);
    for (place, (task, account)) in streams.iter().enumerate() {
        if place != broken {
            poll_one(&mut rig, task, account.as_ref()).await?;
            continue;
        }
        let Some(fault) = fault else {
            let limits = Limits { host_calls: 2, ..rig.connector.limits() };
            let _ = rig.make(task, account.as_ref(), &Fetch::Page(task.capability), limits).await;
            continue;
        };
        rig.sim.inject(On::any(), fault.clone());
        let failed = rig.stream(task, account.as_ref()).await;
        rig.sim.calm();
        if failed.fault.is_none() {
            return Err(rig.failure(format!("{words}, and the stream {} is a success", failed.key), Vec::new()));
        }
    }
    let Some((task, account)) = streams.get(broken) else { return Ok(()) };
    expect_others(&rig, plain, task, account.as_ref())?;
    poll_one(&mut rig, task, account.as_ref()).await?;
    expect_same(&rig, plain, "once the account that failed is well again")
}

/// All but one stream are as they are where nothing failed.
fn expect_others(rig: &Rig, plain: &Rig, task: &Task, failed: Option<&Kept>) -> Result<(), Finding> {
    let mut truth = rig.sim.with(|bank| bank.truth());
    // Where payments are read at the root, there is no other stream that should have them.
    truth.payments.retain(|_, payment| failed.is_some_and(|failed| payment.account != failed.parent.reference));
    let key = rig.key(task, failed);
    let differences = rig.ledger.payment_differences(&truth, false);
    if let Some(first) = differences.first() {
        return Err(rig.failure(format!("while another account failed, {first}"), differences));
    }
    let moved = plain.states.iter().find(|(other, state)| **other != key && rig.states.get(*other) != Some(*state));
    match moved {
        None => Ok(()),
        Some((key, _)) => {
            Err(rig.failure(format!("the state of {key} is another one because another account failed"), Vec::new()))
        }
    }
}

fn expect_same(rig: &Rig, plain: &Rig, how: &str) -> Result<(), Finding> {
    rig.expect_payments(how)?;
    if !rig.ledger.has_the_same_records(&plain.ledger) {
        return Err(rig.failure(format!("{how}, the records are others than one account after the other"), Vec::new()));
    }
    match plain.states.iter().find(|(key, state)| rig.states.get(*key) != Some(*state)) {
        None => Ok(()),
        Some((key, _)) => {
            let what = format!("{how}, the state of {key} is another one than one account after the other");
            Err(rig.failure(what, Vec::new()))
        }
    }
}

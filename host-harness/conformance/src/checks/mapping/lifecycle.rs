//! M8, M14: what becomes of a payment over time.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::check::{Finding, Outcome, no_such_case};
use crate::plain::quoted;
use crate::rig::{PAGE, Rig, ago};
use crate::subject::Subject;
use crate::walk::walk;
use model::PaymentStatus;
use outside::clock::Clock as _;
use sim::{Bank, Change, Movement};

use super::trial::rig;

/// Payments that stay pending to the end, around those that do not.
const OTHERS: i64 = 2 * PAGE as i64;

/// What happens to a payment.
struct Life {
    /// What it is, for the evidence.
    name: String,
    reference: String,
    /// What changes, at once; nothing where it vanishes.
    changes: Vec<Change>,
}

/// M8.
pub async fn lifecycle(subject: Subject) -> Outcome {
    let (mut account, mut lives) = (String::new(), Vec::new());
    let mut rig = rig(&subject, |bank| {
        account = bank.open_account("EUR");
        lives = stock(bank, &account);
    })?;
    if !rig.sim.with(|bank| bank.statuses().contains(&PaymentStatus::Pending)) {
        return no_such_case("pending payments");
    }
    rig.setting =
        format!("{} payments that change, one kind of change a poll, pages of {}", lives.len(), rig.page_size);
    rig.poll_well().await?;
    expect(&rig, &[], "after the first poll")?;

    let mut gone = Vec::new();
    for life in &lives {
        rig.clock.advance(Duration::from_hours(5));
        live(&rig, life, &account);
        if life.changes.is_empty() {
            gone.push(life.reference.clone());
        }
        rig.poll_well().await?;
        expect(&rig, &gone, &format!("after {}", life.name))?;
    }
    rig.clock.advance(Duration::from_hours(24));
    rig.poll_well().await?;
    expect(&rig, &gone, "a day later")?;
    Ok(format!(
        "{} changes, {} of them withdrawals, among {} payments",
        lives.len(),
        gone.len(),
        rig.ledger.payments.len()
    ))
}

/// Adds the payments, and says what will become of them.
fn stock(bank: &mut dyn Bank, account: &str) -> Vec<Life> {
    let old = Movement::on(account, ago(40 * 24 * 60));
    let pending = old.clone().status(PaymentStatus::Pending);
    let mut lives = Vec::new();
    let mut add = |bank: &mut dyn Bank, name: String, row: Movement, changes: &[Change]| {
        let reference = bank.add(&row.minor(1_000 + lives.len() as u64));
        lives.push(Life { name, reference, changes: changes.to_vec() });
    };
    for status in bank.statuses().into_iter().filter(|status| *status != PaymentStatus::Pending) {
        add(bank, format!("pending → {status:?}"), pending.clone(), &[Change::Status(status)]);
    }
    let settled_at = |minor| [Change::Status(PaymentStatus::Succeeded), Change::Minor(minor)];
    add(bank, "pending → settled at another amount".to_owned(), pending.clone(), &settled_at(1_097));
    add(bank, "another amount, pending".to_owned(), pending.clone(), &[Change::Minor(1_099)]);
    add(bank, "another label, pending".to_owned(), pending.clone(), &[Change::Label("by hand".to_owned())]);
    add(bank, "a pending payment vanished".to_owned(), pending.clone(), &[]);
    add(bank, "another amount, settled".to_owned(), old.clone(), &[Change::Minor(1_098)]);
    add(bank, "another label, settled".to_owned(), old.clone(), &[Change::Label("by hand".to_owned())]);
    if bank.statuses().contains(&PaymentStatus::Failed) {
        add(bank, "settled → failed".to_owned(), old, &[Change::Status(PaymentStatus::Failed)]);
    }
    add(bank, "a pending payment came back under another reference".to_owned(), pending.clone(), &[]);
    for number in 0..OTHERS {
        let row = pending.clone().minor(2_000 + number.unsigned_abs());
        bank.add(&Movement { at: ago(50 * 24 * 60 - 3_000 * number), ..row });
    }
    lives
}

/// Makes it happen.
fn live(rig: &Rig, life: &Life, account: &str) {
    let now = rig.clock.now();
    rig.sim.with(|bank| {
        for change in &life.changes {
            bank.change(&life.reference, now, change);
        }
        if life.changes.is_empty() {
            bank.remove(&life.reference);
            // What vanished may have settled as another one.
            if life.name.contains("another reference") {
                bank.add(&Movement::on(account, now).minor(1_234));
            }
        }
    });
}

/// Expects each payment once, in its last version, and those that are gone to be withdrawn.
fn expect(rig: &Rig, gone: &[String], when: &str) -> Result<(), Finding> {
    let truth = rig.sim.with(|bank| bank.truth());
    let ledger = &rig.ledger;
    let mut wrong = ledger.payment_differences(&truth, false);
    let surplus = ledger.payments.keys().filter(|known| !truth.payments.contains_key(*known) && !gone.contains(known));
    wrong.extend(surplus.map(|reference| format!("payment {reference} is none that the provider ever had")));
    let kept = gone.iter().filter(|reference| !ledger.withdrawn.contains(*reference));
    wrong.extend(kept.map(|reference| {
        format!("payment {reference} was pending and is gone at the provider; it should be in `withdrawn`")
    }));
    match wrong.first() {
        None => Ok(()),
        Some(first) => Err(rig.failure(format!("{when}, {first}"), wrong)),
    }
}

/// M14.
pub async fn replaced(subject: Subject) -> Outcome {
    let mut open = Vec::new();
    let mut rig = rig(&subject, |bank| {
        let account = bank.open_account("EUR");
        for number in 0..2 * PAGE {
            let row = Movement::on(&account, ago(40 * 24 * 60 - i64::from(number))).minor(1_000 + u64::from(number));
            open.push(bank.add(&row.status(PaymentStatus::Pending)));
        }
        bank.add(&Movement::on(&account, ago(300)));
    })?;
    if !rig.sim.with(|bank| bank.statuses().contains(&PaymentStatus::Pending)) {
        return no_such_case("pending payments");
    }
    rig.setting =
        format!("{} open payments, of which some come back under another identifier, and some vanish", open.len());
    rig.poll_well().await?;
    rig.clock.advance(Duration::from_hours(5));
    let now = rig.clock.now();
    let mut wanted: BTreeMap<String, Option<String>> = BTreeMap::new();
    for (number, reference) in open.iter().enumerate().take(open.len() - 2) {
        let other = rig.sim.with(|bank| if number % 2 == 0 { bank.replace(reference, now) } else { None });
        if other.is_none() {
            rig.sim.with(|bank| bank.remove(reference));
        }
        wanted.insert(reference.clone(), other);
    }
    let steps = walk(&mut rig).await;
    let mut found: BTreeMap<String, Option<String>> = BTreeMap::new();
    for step in &steps {
        match &step.result {
            Ok(fetched) => found
                .extend(fetched.page.withdrawn().iter().map(|one| (one.reference.clone(), one.replaced_by.clone()))),
            Err(error) => return Err(rig.failure(format!("the stream {} failed: {error}", step.stream), Vec::new())),
        }
    }
    let wrong = wanted.iter().find(|(reference, other)| found.get(*reference) != Some(other));
    if let Some((reference, other)) = wrong {
        let what = match found.get(reference) {
            None => "is not in `withdrawn`".to_owned(),
            Some(told) => format!("is in `withdrawn` with {} in its place", quoted(told.as_ref())),
        };
        let wanted = quoted(other.as_ref());
        return Err(rig.failure(format!("payment {reference} {what}; what stands in its place is {wanted}"), vec![]));
    }
    rig.expect_payments("after the poll with the withdrawn ones")?;
    let named = wanted.values().flatten().count();
    Ok(format!("{} payments withdrawn, {named} of them with what stands in their place", wanted.len()))
}

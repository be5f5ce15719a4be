//! M9 to M12: what one row tells besides its amount: fees, another side, another payment, a mere date.
//!
//! Each looks at its own fields only, so that a failure says which clause is broken.

use std::time::Duration;

use chrono::TimeDelta;

use super::trial::rig;
use crate::check::{Finding, Outcome};
use crate::ledger::instant;
use crate::plain::{amount, amounts, quoted};
use crate::rig::{Rig, ago};
use crate::subject::Subject;
use model::{Payment, PaymentType, TimePrecision};
use sim::{Bank, Movement, Odd, TruePayment};
use store::timestamp;

/// Payments of each account: enough that a bank which tells something of every tenth or so has some.
const COUNT: i64 = 24;
/// Minutes from one to the next: some days in all.
const APART: i64 = 410;
/// How payments are read: rows a page, and whether only the later half is asked for.
const READINGS: [(u32, bool); 3] = [(2, false), (50, false), (50, true)];
/// From one reading to the next: another time of day, and another date.
const LATER: Duration = Duration::from_hours(19);

/// A clause about the fields of one payment.
struct Rule {
    /// Whether a row tells anything of it.
    tells: fn(&TruePayment) -> bool,
    /// What is wrong with a payment that should be this.
    wrong: fn(&Payment, &TruePayment) -> Option<String>,
    /// What a row tells, in few words.
    what: &'static str,
}

/// Payments both ways on accounts of two currencies, and the rows that tell most.
fn stock(bank: &mut dyn Bank) {
    for currency in ["EUR", "JPY"] {
        let account = bank.open_account(currency);
        for number in 1..=COUNT {
            let row = Movement::on(&account, ago(APART * (COUNT + 1 - number))).minor(1_000 + number.unsigned_abs());
            bank.add(&if number % 3 == 0 { row.incoming() } else { row });
        }
        for (minutes, odd) in [(90, Odd::Abroad), (60, Odd::Complete)] {
            bank.add_odd(&account, ago(minutes), &odd);
        }
    }
}

/// Reads all payments in several ways, each twice, and holds every one against its row.
async fn hold(subject: &Subject, rule: &Rule) -> Outcome {
    let (mut read, mut telling) = (0, 0);
    for (size, half) in READINGS {
        let mut rig = rig(subject, stock)?;
        let size = size.min(rig.install.manifest.max_page_size);
        rig = rig.pages_of(size).setting(format!("payments both ways in two currencies, pages of {size}"));
        if half {
            rig.since = Some(timestamp(ago(APART * COUNT / 2)));
        }
        for _ in 0..2 {
            rig.poll_well().await?;
            let (all, some) = judge(&rig, rule)?;
            (read, telling) = (read.max(all), telling.max(some));
            // As after a reset of the state, at another time.
            rig.states.clear();
            rig.clock.advance(LATER);
        }
    }
    match telling {
        0 => Ok(format!("none of {read} payments tells {}, and none was given one", rule.what)),
        _ => Ok(format!("{telling} of {read} payments tell {}; each read {} times", rule.what, 2 * READINGS.len())),
    }
}

/// Gives how many payments there are, and how many tell something.
fn judge(rig: &Rig, rule: &Rule) -> Result<(usize, usize), Finding> {
    let truth = rig.sim.with(|bank| bank.truth());
    let known = truth.payments.iter().filter_map(|(reference, row)| Some((rig.ledger.payments.get(reference)?, row)));
    let (mut wrong, mut telling) = (Vec::new(), 0);
    for (payment, row) in known {
        telling += usize::from((rule.tells)(row));
        wrong.extend((rule.wrong)(payment, row).map(|wrong| format!("payment {}: {wrong}", payment.reference)));
    }
    match wrong.first() {
        None => Ok((rig.ledger.payments.len(), telling)),
        Some(first) => Err(rig.failure(first.clone(), wrong)),
    }
}

/// M9.
pub async fn fees(subject: Subject) -> Outcome {
    let rule = Rule {
        tells: |row| !row.fees.is_empty(),
        wrong: |payment, row| {
            if payment.fees != row.fees {
                return Some(format!("its fees are {}, the row tells {}", amounts(&payment.fees), amounts(&row.fees)));
            }
            let gross = payment.amount == row.amount;
            (!gross).then(|| format!("its amount is {}, the gross amount is {}", payment.amount, row.amount))
        },
        what: "a fee",
    };
    hold(&subject, &rule).await
}

/// M10.
pub async fn other_side(subject: Subject) -> Outcome {
    let rule = Rule { tells: |row| row.counter_amount.is_some(), wrong: other_side_wrong, what: "another side" };
    hold(&subject, &rule).await
}

fn other_side_wrong(payment: &Payment, row: &TruePayment) -> Option<String> {
    let other = &payment.counter_amount;
    if other.as_ref().is_some_and(|other| other.asset == payment.asset) {
        return Some(format!("its `counter-amount` is of {}, as its amount is", payment.asset));
    }
    if *other != row.counter_amount {
        return Some(format!(
            "its `counter-amount` is {}, the row tells {}",
            amount(other.as_ref()),
            amount(row.counter_amount.as_ref())
        ));
    }
    if (&payment.amount, &payment.asset) != (&row.amount, &row.asset) {
        let (amount, asset) = (&row.amount, &row.asset);
        return Some(format!("its amount is {} {}, its account moved {amount} {asset}", payment.amount, payment.asset));
    }
    let conversions = [payment.payment_type, row.payment_type].map(|kind| kind == PaymentType::Conversion);
    match conversions {
        [true, false] => Some("it is a conversion, and the row is none".to_owned()),
        [false, true] => Some("the row is a conversion, and it is none".to_owned()),
        _ => None,
    }
}

/// M11.
pub async fn links(subject: Subject) -> Outcome {
    let rule = Rule {
        tells: |row| row.parent.is_some(),
        wrong: |payment, row| {
            let found = &payment.parent_reference;
            let (told, wanted) = (quoted(found.as_ref()), quoted(row.parent.as_ref()));
            (*found != row.parent).then(|| format!("its `parent-reference` is {told}, the row tells {wanted}"))
        },
        what: "the payment that they belong to",
    };
    hold(&subject, &rule).await
}

/// M12.
pub async fn dates(subject: Subject) -> Outcome {
    let rule = Rule {
        tells: |row| row.created_on_day,
        wrong: |payment, row| {
            let on_day = payment.created_at_precision == TimePrecision::Day;
            let found = instant(payment.created_at);
            if on_day != row.created_on_day {
                let (said, told) = if on_day { ("a date", "a time") } else { ("a time", "a date and no time") };
                return Some(format!("its `created-at` is said to be {said}, the row tells {told}"));
            }
            let off = found - row.created_at;
            let wrong = off != TimeDelta::zero();
            wrong.then(|| format!("it was created at {}, the row tells {}", found.to_rfc3339(), row.created_at))
        },
        what: "a date and no time",
    };
    hold(&subject, &rule).await
}

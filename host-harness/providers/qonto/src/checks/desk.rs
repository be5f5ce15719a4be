//! Qonto's own switches, behind the [`Bank`] that the generic checks see.

use std::any::Any;
use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use crate::{Account, QontoBank, QontoWorld, Row, Transaction, french_iban};
use conformance::check::Finding;
use conformance::rig::{Poll, Rig};
use conformance::subject::Subject;
use engine::install::Install;
use model::{Capability, Payment};
use sim::Bank;

/// The words of the statuses that lists take.
pub(super) const STATUSES: [&str; 3] = ["pending", "declined", "completed"];

/// The world behind a bank; none behind another simulation of Qonto.
fn world(bank: &mut dyn Bank) -> Option<&mut QontoWorld> {
    let any: &mut dyn Any = bank;
    any.downcast_mut::<QontoBank>().map(|bank| &mut bank.world)
}

fn foreign() -> Finding {
    Finding::Skip("the bank is another simulation of Qonto than this crate's".into())
}

/// A rig at a Qonto that `stock` prepared, with the bank's config.
pub(super) fn rig(subject: &Subject, stock: impl FnOnce(&mut QontoWorld)) -> Result<Rig, Finding> {
    rig_with(subject, subject.install()?, stock)
}

/// As [`rig`], with an install of one's own.
pub(super) fn rig_with(
    subject: &Subject,
    install: Install,
    stock: impl FnOnce(&mut QontoWorld),
) -> Result<Rig, Finding> {
    let mut stocked = false;
    let rig = Rig::with_install(subject, install, |bank| {
        if let Some(world) = world(bank) {
            stock(world);
            stocked = true;
        }
    })?;
    if stocked { Ok(rig) } else { Err(foreign()) }
}

/// Looks at the world of a rig, or changes it.
pub(super) fn with<R>(rig: &Rig, act: impl FnOnce(&mut QontoWorld) -> R) -> Result<R, Finding> {
    rig.sim.with(|bank| world(&mut **bank).map(act)).ok_or_else(foreign)
}

/// Adds an active account; gives its id.
pub(super) fn open(world: &mut QontoWorld) -> String {
    let number = world.account_ids().len() as u64 + 1;
    let account = Account::new(&format!("Compte {number}"), &french_iban(99_999, 7, number), epoch());
    world.account(if number == 1 { account.main() } else { account })
}

/// A time of no importance.
pub(super) fn epoch() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000)
}

/// Adds `count` rows of a status, one a step.
pub(super) fn rows(
    world: &mut QontoWorld,
    account: &str,
    status: &str,
    count: u32,
    from: DateTime<Utc>,
    step: TimeDelta,
) -> Vec<String> {
    let mut at = from;
    (0..count)
        .map(|number| {
            let row = Transaction::on(account, at).cents(i128::from(number) + 1).status(status);
            at += step;
            world.transaction(row.label(&format!("{status} {number}")))
        })
        .collect()
}

/// How many payments were read, and nothing else was.
pub(super) fn expect_whole(rig: &Rig, when: &str) -> Result<usize, Finding> {
    rig.expect_payments(when)?;
    Ok(rig.ledger.payments.len())
}

/// Expects by the ids alone: where the wire spells rows in another way than the world keeps them.
pub(super) fn expect_ids(rig: &Rig, when: &str) -> Result<usize, Finding> {
    let wanted: BTreeSet<String> = with(rig, |world| world.rows().iter().map(|row| row.id.to_string()).collect())?;
    let missing: Vec<String> = wanted
        .iter()
        .filter(|id| !rig.ledger.payments.contains_key(*id))
        .map(|id| format!("payment {id} is missing"))
        .collect();
    if missing.is_empty() {
        return Ok(wanted.len());
    }
    Err(rig.failure(format!("{when}, {} of {} payments are missing", missing.len(), wanted.len()), missing))
}

/// Expects every row in the bytes in which the world keeps it.
pub(super) fn expect_rows(rig: &Rig, when: &str) -> Result<usize, Finding> {
    let count = expect_ids(rig, when)?;
    let rows = with(rig, |world| world.rows())?;
    let is_stale = |row: &Row| rig.ledger.payments.get(&*row.id).is_none_or(|payment| payment.raw != *row.text);
    let stale: Vec<String> =
        rows.iter().filter(|row| is_stale(row)).map(|row| format!("payment {} is stale", row.id)).collect();
    match stale.first() {
        None => Ok(count),
        Some(first) => Err(rig.failure(format!("{when}, {first}"), stale)),
    }
}

/// A poll that may fail with a typed error, but not lose a row in silence: true when it came to its end.
pub(super) fn honest(rig: &Rig, poll: &Poll, when: &str) -> Result<bool, Finding> {
    match poll.failed().and_then(|stream| stream.fault.as_ref()) {
        None => expect_ids(rig, when).map(|_| true),
        Some(fault) if fault.is_typed() => Ok(false),
        Some(fault) => Err(rig.failure(format!("{when}, the poll ended with {fault}"), Vec::new())),
    }
}

/// Polls external accounts, and expects them to be read to their end.
pub(super) async fn poll_beneficiaries(rig: &mut Rig) -> Result<Poll, Finding> {
    let poll = rig.poll_only(&[Capability::FetchExternalAccounts]).await;
    rig.expect_well(poll)
}

/// The payment of this row, which must have been read.
pub(super) fn payment<'a>(rig: &'a Rig, id: &str) -> Result<&'a Payment, Finding> {
    rig.ledger.payments.get(id).ok_or_else(|| rig.failure(format!("payment {id} is missing"), Vec::new()))
}

/// A value of a payment's metadata.
pub(super) fn metadata<'a>(pairs: &'a [(String, String)], key: &str) -> Option<&'a str> {
    let is = |name: &str| name.rsplit('/').next() == Some(key);
    pairs.iter().find(|(name, _)| is(name)).map(|(_, value)| value.as_str())
}

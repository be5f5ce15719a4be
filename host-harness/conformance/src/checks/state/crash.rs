//! S1: the host dies at any instant.

use chrono::{DateTime, Utc};

use crate::check::{Finding, Outcome};
use crate::checks::stock::settled;
use crate::moment::Call;
use crate::rig::{PAGE, Rig, ago};
use crate::subject::Subject;
use model::Capability;
use outside::clock::Clock as _;
use sandbox::{CallError, Exceeded, Limits};
use sim::{Bank, Change, Movement};

const POLLED: [Capability; 3] =
    [Capability::FetchAccounts, Capability::FetchPayments, Capability::FetchExternalAccounts];

/// Two accounts and counterparties; gives the first account and its rows.
fn stock(bank: &mut dyn Bank) -> (String, Vec<String>) {
    let scene = super::history(bank, 2);
    let other = bank.open_account("EUR");
    bank.add(&Movement::on(&other, ago(200)));
    for number in 0..i64::from(PAGE) + 2 {
        bank.add_counterparty(ago(1_000 - number));
    }
    scene
}

/// What happens at the provider while the host is down.
fn meddle(bank: &mut dyn Bank, (account, rows): &(String, Vec<String>), now: DateTime<Utc>) {
    bank.add(&Movement::on(account, now).minor(4_711));
    if let Some(oldest) = rows.first() {
        bank.change(oldest, now, &Change::Label("changed meanwhile".to_owned()));
    }
    if let Some(open) = rows.last() {
        let status = settled(bank);
        bank.change(open, now, &Change::Status(status));
    }
    _ = bank.add_counterparty(now);
}

/// S1. A call that is killed leaves nothing behind, whichever call to the host it died at: so each of these deaths is
/// died, and what comes after them is tried once for each state that can be the last one committed.
pub async fn everywhere(subject: Subject) -> Outcome {
    let mut rig = Rig::new(&subject, |bank| _ = stock(bank))?;
    let calls = rig.poll_apart(&POLLED).await?;
    expect_all(&rig, "after a poll without a crash")?;
    rig.clock.advance(rig.install.polling_period);
    let second = rig.poll_only(&POLLED).await;
    let second = rig.expect_well(second)?;
    let usual = calls.iter().map(|call| call.unchanged).sum::<u64>() + second.rows() - second.changed();

    let mut deaths = 0;
    for (place, call) in calls.iter().enumerate() {
        deaths += die_everywhere(&subject, place, call).await?;
        recover(&subject, place, call, usual).await?;
        recover_changed(&subject, place, call).await?;
    }
    Ok(format!("{deaths} deaths in {} calls of a poll; none cost a record", calls.len()))
}

fn at(subject: &Subject, place: usize, call: &Call) -> Result<(Rig, (String, Vec<String>)), Finding> {
    let mut scene = Default::default();
    let rig = Rig::new(subject, |bank| scene = stock(bank))?.at(&call.before).setting(format!(
        "the host dies in call {} of a poll (`{}`), before it is committed; the next poll is a period later",
        place + 1,
        call.task.name
    ));
    Ok((rig, scene))
}

/// Dies at each call to the host; gives how many there were, with the death before the commit.
async fn die_everywhere(subject: &Subject, place: usize, call: &Call) -> Result<u32, Finding> {
    let (rig, _) = at(subject, place, call)?;
    for reached in 0..call.host_calls {
        let limits = Limits { host_calls: reached, ..rig.connector.limits() };
        let killed = rig.make(&call.task, call.parent.as_ref(), &call.what, limits).await;
        match killed.result {
            Err(CallError::Exceeded(Exceeded::HostCalls(_))) => {}
            Err(error) => {
                let what = format!("killed at call {} to the host, the connector should be gone; {error}", reached + 1);
                return Err(rig.failure(what, Vec::new()));
            }
            Ok(_) => {
                let what = format!(
                    "the same call made {} calls to the host the first time, and now ended after {reached}: it is no \
                     function of its arguments",
                    call.host_calls
                );
                return Err(rig.failure(what, Vec::new()));
            }
        }
    }
    Ok(call.host_calls + 1)
}

/// A poll later all is there, and little came twice.
async fn recover(subject: &Subject, place: usize, call: &Call, usual: u64) -> Result<(), Finding> {
    let (mut rig, _) = at(subject, place, call)?;
    rig.clock.advance(rig.install.polling_period);
    let poll = rig.poll_only(&POLLED).await;
    let poll = rig.expect_well(poll)?;
    expect_all(&rig, "after the poll that follows the crash")?;
    let again = poll.rows() - poll.changed();
    let allowed = usual + u64::from(rig.page_size);
    if again > allowed {
        let what = format!(
            "{again} records came again after the crash; two polls without one repeat {usual}, and a page is {} more",
            rig.page_size
        );
        return Err(rig.failure(what, Vec::new()));
    }
    Ok(())
}

/// The same with changes while the host was down. The poll under way may have been past them: the one after brings them.
async fn recover_changed(subject: &Subject, place: usize, call: &Call) -> Result<(), Finding> {
    let (mut rig, scene) = at(subject, place, call)?;
    rig.setting = format!("{}; meanwhile payments are added, edited and settled", rig.setting);
    rig.clock.advance(rig.install.polling_period);
    let now = rig.clock.now();
    rig.sim.with(|bank| meddle(&mut **bank, &scene, now));
    for _ in 0..2 {
        let poll = rig.poll_only(&POLLED).await;
        rig.expect_well(poll)?;
        rig.clock.advance(rig.install.polling_period);
    }
    expect_all(&rig, "after the two polls that follow the crash")
}

/// Payments, accounts and counterparties are those of the bank.
fn expect_all(rig: &Rig, when: &str) -> Result<(), Finding> {
    rig.expect_payments(when)?;
    let mut truth = rig.sim.with(|bank| bank.truth());
    truth.balances.clear();
    if rig.tasks(Capability::FetchExternalAccounts).is_empty() {
        truth.external_accounts.clear();
    }
    let differences = rig.ledger.account_differences(&truth);
    match differences.first() {
        None => Ok(()),
        Some(first) => Err(rig.failure(format!("{when}, {first}"), differences)),
    }
}

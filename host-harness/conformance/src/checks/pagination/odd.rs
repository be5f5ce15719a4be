//! P3, P8 and P9: a provider whose paging is odd.

use chrono::TimeDelta;

use crate::check::{Finding, Outcome, no_such_case};
use crate::checks::stock::{Rows, unsettled};
use crate::rig::{Fault, PAGE, Poll, Rig, ago, case};
use crate::subject::Subject;
use sim::{Bank, Quirk};

/// Calls that a stream's poll may take here. The history needs about 20 of the connector that reads one page a call.
const PATIENCE: u32 = 200;

/// A history that makes a connector turn pages: several pages, and more rows of one instant than a page holds.
fn stock(bank: &mut dyn Bank) {
    let account = bank.open_account("EUR");
    let rows = Rows { account: &account, count: 2 * PAGE, last: ago(500), apart: TimeDelta::minutes(1) };
    rows.add_settled(bank);
    Rows { count: 2 * PAGE + 1, last: ago(400), apart: TimeDelta::zero(), ..rows }.add_settled(bank);
    Rows { count: 3, last: ago(300), ..rows }.add_settled(bank);
    for status in unsettled(bank) {
        Rows { count: PAGE + 2, last: ago(299), ..rows }.add(bank, status);
    }
}

/// A rig at a bank with these quirks; none where it has not got them.
fn odd_rig(subject: &Subject, quirks: &[Quirk]) -> Result<Option<Rig>, Finding> {
    let mut known = true;
    let stock_odd = |bank: &mut dyn Bank| {
        stock(bank);
        known = quirks.iter().all(|quirk| bank.set_quirk(*quirk));
    };
    let mut rig = Rig::new(subject, stock_odd)?.setting(format!("the provider behaves so: {quirks:?}"));
    rig.patience = PATIENCE;
    Ok(known.then_some(rig))
}

/// How a poll at an odd provider ended, if in a way that is allowed: with a typed error (its case), or complete.
fn judge(rig: &Rig, poll: &Poll) -> Result<Option<&'static str>, Finding> {
    let Some(fault) = poll.failed().and_then(|stream| stream.fault.as_ref()) else {
        rig.expect_payments("the poll ended without an error, and")?;
        return Ok(None);
    };
    if let Some(error) = fault.error() {
        return Ok(Some(case(error)));
    }
    let what = match fault {
        Fault::Endless(calls) => format!(
            "the poll should end, with a typed error or every payment; after {calls} calls it still says that there is more"
        ),
        fault => format!("the poll should end with a typed error or every payment; {fault}"),
    };
    Err(rig.failure(what, Vec::new()))
}

/// The provider is as it should be from now on, with the same rows.
async fn heal(rig: &mut Rig) -> Result<(), Finding> {
    rig.sim.with(|bank| bank.clear_quirks());
    rig.clock.advance(rig.install.polling_period);
    rig.settle().await?;
    rig.expect_payments("once the provider is well again")
}

/// Polls twice at a provider with these quirks, then at the healthy one; says what came of it.
async fn trial(subject: &Subject, quirks: &[Quirk]) -> Result<Option<&'static str>, Finding> {
    let Some(mut rig) = odd_rig(subject, quirks)? else { return Ok(None) };
    let mut became = "complete";
    for _ in 0..2 {
        let poll = rig.poll_payments().await;
        became = judge(&rig, &poll)?.unwrap_or("complete");
        rig.clock.advance(rig.install.polling_period);
    }
    heal(&mut rig).await?;
    Ok(Some(became))
}

async fn trials(subject: &Subject, sets: &[&[Quirk]]) -> Outcome {
    let mut seen = Vec::new();
    for quirks in sets {
        if let Some(became) = trial(subject, quirks).await? {
            let names: Vec<String> = quirks.iter().map(|quirk| format!("{quirk:?}")).collect();
            seen.push(format!("{}: {became}", names.join("+")));
        }
    }
    if seen.is_empty() { no_such_case("its paging is always in order") } else { Ok(seen.join(", ")) }
}

/// P3.
pub async fn progress(subject: Subject) -> Outcome {
    let sets: [&[Quirk]; 5] = [
        &[Quirk::NextIsSame],
        &[Quirk::NextGoesBack],
        &[Quirk::AbsurdPages],
        &[Quirk::EmptyWithMore],
        &[Quirk::PageIgnored],
    ];
    trials(&subject, &sets).await
}

/// P8.
pub async fn odd_pages(subject: Subject) -> Outcome {
    let sets: [&[Quirk]; 12] = [
        &[Quirk::EmptyOnce],
        &[Quirk::ShortPages],
        &[Quirk::Overfull],
        &[Quirk::SortIgnored],
        &[Quirk::PageClamped(3)],
        &[Quirk::FromExclusive],
        &[Quirk::PastEndEmpty],
        &[Quirk::ShortPages, Quirk::FromExclusive],
        &[Quirk::Overfull, Quirk::FromExclusive],
        &[Quirk::PageClamped(1), Quirk::FromExclusive],
        &[Quirk::ShortPages, Quirk::PastEndEmpty],
        &[Quirk::SortIgnored, Quirk::PageClamped(3)],
    ];
    trials(&subject, &sets).await
}

/// P9.
pub async fn totals(subject: Subject) -> Outcome {
    let mut seen = Vec::new();
    for quirk in [Quirk::TotalTooHigh, Quirk::EndsEarly] {
        let Some(mut rig) = odd_rig(&subject, &[quirk])? else { continue };
        for _ in 0..2 {
            rig.poll_well().await?;
            rig.expect_payments("after a poll that reported no error")?;
            rig.clock.advance(rig.install.polling_period);
        }
        heal(&mut rig).await?;
        seen.push(format!("{quirk:?}: complete"));
    }
    if seen.is_empty() { no_such_case("it states no total") } else { Ok(seen.join(", ")) }
}

//! P1 and P2: any number of rows, in pages of any size.

use chrono::TimeDelta;

use crate::check::{Finding, Outcome};
use crate::checks::stock::Rows;
use crate::rig::{PAGE, Rig, ago, case};
use crate::subject::Subject;
use model::Capability;
use model::validate;
use sandbox::{CallError, Fetch, Page};
use sim::Bank;

/// P1.
pub async fn complete(subject: Subject) -> Outcome {
    let s = PAGE;
    for count in [0, 1, s - 1, s, s + 1, 10 * s, 10 * s + 3] {
        let stock = |bank: &mut dyn Bank| {
            let account = bank.open_account("EUR");
            let rows = Rows { account: &account, count, last: ago(120), apart: TimeDelta::minutes(1) };
            rows.add_settled(bank);
        };
        let mut rig = Rig::new(&subject, stock)?.setting(format!("{count} payments, pages of {s}"));
        rig.poll_well().await?;
        rig.expect_payments("after the first poll")?;
    }
    Ok(format!("0 to {} rows, pages of {s}", 10 * s + 3))
}

/// The rows that fit on a large page, at most: beyond it only the time of the check grows.
const LARGE: u32 = 250;

/// An account with a history in all statuses, a few rows of it at one instant.
fn history(bank: &mut dyn Bank, count: u32) {
    let account = bank.open_account("EUR");
    let rows = Rows { account: &account, count, last: ago(120), apart: TimeDelta::seconds(20) };
    rows.add_in_turn(bank);
    Rows { count: 4, last: ago(119), apart: TimeDelta::zero(), ..rows }.add_settled(bank);
}

/// P2.
pub async fn page_size_free(subject: Subject) -> Outcome {
    let max = subject.manifest()?.max_page_size;
    let mut sizes =
        vec![(1, 14), (2, 14), (7, 20), (max.saturating_sub(1), max.min(LARGE) + 3), (max, max.min(LARGE) + 3)];
    sizes.retain(|(size, _)| (1..=max).contains(size));
    sizes.dedup();
    for &(size, count) in &sizes {
        let mut rig = Rig::new(&subject, |bank| history(bank, count))?
            .pages_of(size)
            .setting(format!("{} payments, pages of {size}", count + 4));
        rig.poll_well().await?;
        rig.expect_payments(&format!("read with pages of {size}"))?;
    }
    for (first, then) in [(7, 2), (2, 7)] {
        changed_size(&subject, first.min(max), then.min(max)).await?;
    }
    let wild = wild_sizes(&subject, max).await?;
    let sizes: Vec<String> = sizes.iter().map(|(size, _)| size.to_string()).collect();
    Ok(format!("pages of {}, changed at each call of a poll; {wild}", sizes.join(", ")))
}

/// The operator changes the page size while a poll is under way, at each call of it.
async fn changed_size(subject: &Subject, first: u32, then: u32) -> Result<(), Finding> {
    let stock = |bank: &mut dyn Bank| history(bank, 14);
    let polled = [Capability::FetchAccounts, Capability::FetchPayments];
    let calls = Rig::new(subject, stock)?.pages_of(first).poll_apart(&polled).await?;
    let inside = calls.iter().enumerate().skip(1).filter(|(_, call)| call.task.capability == Capability::FetchPayments);
    for (place, call) in inside {
        let mut rig = Rig::new(subject, stock)?
            .pages_of(then)
            .at(&call.before)
            .setting(format!("18 payments, pages of {first} up to call {place} of the poll and of {then} from there"));
        let key = rig.key(&call.task, call.parent.as_ref());
        let poll = rig.poll_from(&polled, &key).await;
        rig.expect_well(poll)?;
        rig.expect_payments("after a change of the page size")?;
    }
    Ok(())
}

/// What comes of sizes that a host never asks for.
async fn wild_sizes(subject: &Subject, max: u32) -> Result<String, Finding> {
    let mut rig = Rig::new(subject, |bank| history(bank, 14))?;
    rig.poll_well().await?;
    let Some((task, parent)) = rig.streams(Capability::FetchPayments).into_iter().next() else {
        return Ok("no payments".to_owned());
    };
    let account = parent.as_ref().filter(|kept| kept.is_account).map(|kept| &*kept.parent.reference);
    let mut seen = Vec::new();
    for size in [0, max.saturating_add(1), u32::MAX] {
        rig.page_size = size;
        rig.setting = format!("18 payments, a call with the page size {size}");
        let asked = parent.as_ref().map(|kept| kept.parent.clone());
        let what = Fetch::Page(task.capability);
        let called = rig.fetch(&task, asked, what, None, rig.connector.limits()).await;
        let became = match called.result {
            Err(CallError::Connector { error, .. }) => case(&error).to_owned(),
            Err(error) => {
                return Err(rig.failure(
                    format!("the page size {size} should give a typed error or a correct page; {error}"),
                    Vec::new(),
                ));
            }
            Ok(fetched) => {
                validate::fetched(&fetched, account, None).map_err(|breach| {
                    rig.failure(format!("the page that came for the page size {size}: {breach}"), Vec::new())
                })?;
                let truth = rig.sim.with(|bank| bank.truth());
                let Page::Payments(page) = fetched.page else { continue };
                if let Some(row) = page.items.iter().find(|row| !truth.payments.contains_key(&row.reference)) {
                    let what = format!("with the page size {size} came the payment {}, which is none", row.reference);
                    return Err(rig.failure(what, Vec::new()));
                }
                "a page".to_owned()
            }
        };
        seen.push(format!("{size}: {became}"));
    }
    Ok(seen.join(", "))
}

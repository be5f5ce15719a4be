//! S4: a state that does not grow with the rows.

use chrono::TimeDelta;

use crate::conformance::check::{Finding, Outcome};
use crate::conformance::checks::stock::Rows;
use crate::conformance::rig::{Rig, ago};
use crate::conformance::subject::Subject;
use crate::contract::Capability;
use crate::sandbox::STATE_BYTES;
use crate::sim::Bank;

/// Rows at most; E4 does it with as many as one likes.
const ROWS: u32 = 2_000;
/// The rows that a state must be good for.
const FAR: usize = 100_000;
/// Parts of the history after which the state is weighed.
const PARTS: u32 = 4;

/// S4.
pub async fn small(subject: Subject) -> Outcome {
    let rows = subject.effort().rows.clamp(400, ROWS);
    let mut account = String::new();
    let mut rig = Rig::new(&subject, |bank| account = bank.open_account("EUR"))?;
    let largest = rig.sim.with(|bank| bank.largest_page());
    rig.page_size = rig.install.manifest.max_page_size.min(largest);
    rig.setting = format!("{rows} payments within an hour, pages of {}", rig.page_size);
    let mut sizes = vec![0];
    for part in 0..PARTS {
        rig.sim.with(|bank| add_part(&mut **bank, &account, rows, part));
        let polled: &[_] = &[Capability::FetchAccounts, Capability::FetchPayments];
        for call in rig.poll_apart(polled).await? {
            let bytes = call.fetched.state.map_or(0, |state| state.len());
            if bytes > STATE_BYTES {
                let what = format!("a state may have {STATE_BYTES} bytes; this one has {bytes}");
                return Err(rig.failure(what, Vec::new()));
            }
        }
        sizes.push(rig.states.values().map(Vec::len).max().unwrap_or(0));
    }
    rig.expect_payments("after the last poll")?;
    judge(&sizes, rows)
}

/// A quarter of the rows, evenly within its quarter of an hour.
fn add_part(bank: &mut dyn Bank, account: &str, rows: u32, part: u32) {
    let count = rows / PARTS;
    let apart = TimeDelta::minutes(60) / i32::try_from(rows).unwrap_or(i32::MAX);
    let last = ago(61 - 15 * (i64::from(part) + 1));
    Rows { account, count, last, apart }.add_in_turn(bank);
}

/// A state that still grows at the end as if it never stopped is no breach yet.
fn judge(sizes: &[usize], rows: u32) -> Outcome {
    let [.., before, last] = sizes else { return Ok("no state".to_owned()) };
    let part = (rows / PARTS) as usize;
    let growth = last.saturating_sub(*before);
    let far = last + growth * FAR.saturating_sub(rows as usize) / part.max(1);
    if far > STATE_BYTES {
        return Err(Finding::Warn(format!(
            "the state has {last} bytes after {rows} payments, {growth} more than {part} payments before; growing so, it \
             would have {far} after {FAR}, and {STATE_BYTES} are allowed"
        )));
    }
    Ok(format!("at most {} bytes after {rows} payments within an hour", sizes.iter().max().unwrap_or(&0)))
}

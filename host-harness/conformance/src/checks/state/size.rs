//! S4: a state that does not grow with the rows.

use chrono::TimeDelta;

use crate::check::{Finding, Outcome};
use crate::checks::stock::Rows;
use crate::rig::{Rig, ago};
use crate::subject::Subject;
use sandbox::STATE_BYTES;
use sim::Bank;

/// Enough to fill whatever a connector bounds; E4 does it with as many as one likes.
const ROWS: u32 = 2_000;
/// The rows that a state must be good for.
const FAR: usize = 100_000;
/// The part of the rows that comes last, one in so many: what the state grows by meanwhile tells how it goes on.
const LAST: u32 = 5;

/// S4.
pub async fn small(subject: Subject) -> Outcome {
    let rows = ROWS;
    let mut account = String::new();
    let mut rig = Rig::new(&subject, |bank| account = bank.open_account("EUR"))?;
    let largest = rig.sim.with(|bank| bank.largest_page());
    rig.page_size = rig.install.manifest.max_page_size.min(largest);
    rig.setting = format!("{rows} payments within an hour, pages of {}", rig.page_size);
    let last = rows / LAST;
    let mut sizes = Vec::new();
    for (already, count) in [(0, rows - last), (rows - last, last)] {
        rig.sim.with(|bank| add_part(&mut **bank, &account, (already, count), rows));
        rig.poll_well().await?;
        sizes.push(rig.states.values().map(Vec::len).max().unwrap_or(0));
    }
    rig.expect_payments("after the last poll")?;
    judge(&sizes, rows, last)
}

/// `count` of the rows, which are evenly spread over the hour, behind the first ones.
fn add_part(bank: &mut dyn Bank, account: &str, (already, count): (u32, u32), rows: u32) {
    let apart = TimeDelta::minutes(60) / i32::try_from(rows).unwrap_or(i32::MAX);
    let place = i32::try_from(already + count).unwrap_or(i32::MAX);
    Rows { account, count, last: ago(61) + apart * place, apart }.add_in_turn(bank);
}

/// A state that still grows at the end as if it never stopped is no breach yet.
fn judge(sizes: &[usize], rows: u32, last_rows: u32) -> Outcome {
    let &[before, last] = sizes else { return Ok("no state".to_owned()) };
    let growth = last.saturating_sub(before);
    let far = last + growth * FAR.saturating_sub(rows as usize) / (last_rows as usize).max(1);
    if far > STATE_BYTES {
        return Err(Finding::Warn(format!(
            "the state has {last} bytes after {rows} payments, {growth} more than {last_rows} payments before; growing so, \
             it would have {far} after {FAR}, and {STATE_BYTES} are allowed"
        )));
    }
    Ok(format!("{last} bytes after {rows} payments within an hour, {growth} of them for the last {last_rows}"))
}

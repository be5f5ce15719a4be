//! P4: many rows of one instant.

use chrono::TimeDelta;

use crate::check::{Finding, Outcome};
use crate::checks::stock::Rows;
use crate::rig::{PAGE, Rig, ago, start};
use crate::subject::Subject;
use sim::Bank;

/// The page size of the great storm, and how many rows it has.
const GREAT: (u32, u32) = (25, 250);

/// Rows of one instant, in one status or all.
fn tie(bank: &mut dyn Bank, rows: Rows<'_>, all: bool) {
    if all {
        // As many in each status as in one.
        let count = rows.count * u32::try_from(bank.statuses().len()).unwrap_or(1);
        Rows { count, ..rows }.add_in_turn(bank);
    } else {
        rows.add_settled(bank);
    }
}

/// Three ties of `count` rows with single rows between them. The last tie is of the instant of the poll.
fn three(bank: &mut dyn Bank, count: u32, all: bool) -> String {
    let account = bank.open_account("EUR");
    let rows = Rows { account: &account, count, last: ago(300), apart: TimeDelta::zero() };
    let single = Rows { count: 3, apart: TimeDelta::minutes(1), ..rows };
    tie(bank, rows, all);
    Rows { last: ago(250), ..single }.add_settled(bank);
    tie(bank, Rows { last: ago(200), ..rows }, all);
    Rows { last: ago(100), ..single }.add_settled(bank);
    tie(bank, Rows { last: start(), ..rows }, all);
    account
}

/// P4.
pub async fn storm(subject: Subject) -> Outcome {
    let s = PAGE;
    for all in [false, true] {
        for count in [1, s - 1, s, s + 1] {
            one(&subject, s, count, all).await?;
        }
    }
    great(&subject).await?;
    Ok(format!("1 to {} rows of one instant, pages of {s}; {} with pages of {}", s + 1, GREAT.1, GREAT.0))
}

async fn one(subject: &Subject, size: u32, count: u32, all: bool) -> Result<(), Finding> {
    let statuses = if all { "each status" } else { "one status" };
    let mut account = String::new();
    let mut rig = Rig::new(subject, |bank| account = three(bank, count, all))?
        .pages_of(size.min(subject.manifest()?.max_page_size))
        .setting(format!("three times {count} payments of one instant in {statuses}, pages of {size}"));
    rig.poll_well().await?;
    rig.expect_payments("after the first poll")?;
    // Others of the very instant that was read last: they came right after the answer.
    let rows = Rows { account: &account, count, last: start(), apart: TimeDelta::zero() };
    rig.sim.with(|bank| tie(&mut **bank, rows, all));
    rig.setting = format!("{}; then {count} more of the instant of the newest ones", rig.setting);
    rig.clock.advance(rig.install.polling_period);
    rig.poll_well().await?;
    rig.expect_payments("after more payments of the newest instant")
}

/// Many pages of one instant, as a batch of transfers makes them.
async fn great(subject: &Subject) -> Result<(), Finding> {
    let (size, count) = GREAT;
    let size = size.min(subject.manifest()?.max_page_size);
    let stock = |bank: &mut dyn Bank| {
        let account = bank.open_account("EUR");
        let rows = Rows { account: &account, count: 3, last: ago(100), apart: TimeDelta::minutes(1) };
        rows.add_settled(bank);
        Rows { count, last: ago(90), apart: TimeDelta::zero(), ..rows }.add_settled(bank);
        Rows { last: ago(80), ..rows }.add_settled(bank);
    };
    let mut rig = Rig::new(subject, stock)?
        .pages_of(size)
        .setting(format!("{count} payments of one instant between others, pages of {size}"));
    rig.poll_well().await?;
    rig.expect_payments("after the first poll")
}

//! N3: what it costs, and whether that grows faster than what is read.

use std::time::Duration;

use crate::check::{Finding, Outcome, fail};
use crate::rig::{Rig, ago};
use crate::subject::Subject;
use crate::walk::{Step, expect_within, premise, walk};
use sim::{Bank, Movement};

/// Of the rows that a check about many has, as many as the smallest history here: 250 of 10,000.
const PART: u32 = 40;
/// Polls after which a history must have been read: a connector may cut a long one.
const POLLS: u32 = 20;
/// How much more than its share the second half of the rows may cost, in hundredths.
const GROWTH: u64 = 130;
/// How much more a poll without news may cost after four times the rows, in hundredths.
const IDLE_GROWTH: u64 = 150;

pub(super) async fn budget(subject: Subject) -> Outcome {
    let full = subject.manifest()?.max_page_size.min(subject.bank().largest_page());
    let in_page = [full.div_ceil(4), full.div_ceil(2), full];
    let one_page = growing(&subject, "rows in one page", full, in_page).await?;
    let rows = (subject.effort().rows / PART).max(20);
    let size = full.div_ceil(4);
    let pages = growing(&subject, "rows over many pages", size, [rows, 2 * rows, 4 * rows]).await?;
    idle(&pages)?;
    let [few, _, many] = &pages;
    Ok(format!(
        "{} instructions a row in one page, {} over pages of {size}; {} requests for {} rows; at most {} KiB of memory and \
         {} bytes of state; a poll without news costs {} instructions and {} requests after {} rows, {} and {} after {}",
        per_row(&one_page),
        per_row(&pages),
        many.requests,
        many.rows,
        many.memory / 1024,
        many.state,
        few.idle_fuel,
        few.idle_requests,
        few.rows,
        many.idle_fuel,
        many.idle_requests,
        many.rows,
    ))
}

/// What reading a history cost, and the poll after it.
#[derive(Debug, Clone, Default)]
struct Cost {
    rows: u32,
    fuel: u64,
    requests: u64,
    memory: usize,
    state: usize,
    idle_fuel: u64,
    idle_requests: u64,
}

/// Instructions that one more row takes.
fn per_row(costs: &[Cost; 3]) -> u64 {
    let [few, _, many] = costs;
    many.fuel.saturating_sub(few.fuel) / u64::from(many.rows - few.rows).max(1)
}

/// The costs of n, 2n and 4n rows, which must not grow faster than the rows.
async fn growing(subject: &Subject, what: &str, size: u32, rows: [u32; 3]) -> Result<[Cost; 3], Finding> {
    let few = cost(subject, size, rows[0]).await?;
    let twice = cost(subject, size, rows[1]).await?;
    // Before the largest history is read, which with a cost that grows could take for ever.
    fair(what, &Cost::default(), &few, &twice)?;
    let many = cost(subject, size, rows[2]).await?;
    fair(what, &few, &twice, &many)?;
    Ok([few, twice, many])
}

/// Expects the rows from `b` to `c` to cost no more, each, than those from `a` to `b`.
fn fair(what: &str, a: &Cost, b: &Cost, c: &Cost) -> Result<(), Finding> {
    let figures = [("instructions", [a.fuel, b.fuel, c.fuel]), ("requests", [a.requests, b.requests, c.requests])];
    for (unit, [at_a, at_b, at_c]) in figures {
        let (first, second) = (at_b.saturating_sub(at_a), at_c.saturating_sub(at_b));
        let share = first * u64::from(c.rows - b.rows) / u64::from(b.rows - a.rows).max(1);
        if second > share * GROWTH / 100 + at_b / 20 + 2 {
            let sentence = format!(
                "the cost of {what} grows faster than the rows: {} rows take {at_b} {unit}, {} take {at_c}",
                b.rows, c.rows
            );
            return fail(sentence);
        }
    }
    Ok(())
}

/// Reads a history, and polls once more.
async fn cost(subject: &Subject, size: u32, rows: u32) -> Result<Cost, Finding> {
    let mut rig = Rig::new(subject, |bank| history(bank, rows))?
        .pages_of(size)
        .setting(format!("{rows} payments, pages of {size}"));
    let mut cost = Cost { rows, ..Cost::default() };
    let wanted = usize::try_from(rows).unwrap_or(usize::MAX);
    for _ in 0..POLLS {
        if rig.ledger.payments.len() >= wanted {
            break;
        }
        let steps = polled(&mut rig).await?;
        cost.fuel += fuel(&steps)?;
        cost.requests += requests(&steps);
        cost.memory = steps.iter().map(|step| step.report.memory).chain([cost.memory]).max().unwrap_or_default();
    }
    premise(rig.expect_payments("after the whole history"))?;
    cost.state = rig.states.values().map(Vec::len).max().unwrap_or_default();
    // The first poll without news may still have something to finish.
    for _ in 0..2 {
        rig.clock.advance(Duration::from_mins(30));
        let steps = polled(&mut rig).await?;
        (cost.idle_fuel, cost.idle_requests) = (fuel(&steps)?, requests(&steps));
    }
    Ok(cost)
}

async fn polled(rig: &mut Rig) -> Result<Vec<Step>, Finding> {
    let steps = walk(rig).await;
    expect_within(rig, &steps)?;
    Ok(steps)
}

/// One account with payments, ten minutes apart, or as far as a row may be late: who looks out for late ones reads as many
/// again after a long history as after a short one.
fn history(bank: &mut dyn Bank, rows: u32) {
    let account = bank.open_account("EUR");
    let apart = i64::try_from(bank.lag().as_secs() / 60).unwrap_or_default().max(10);
    for number in 0..rows {
        let at = ago(180 + apart * i64::from(rows - number));
        bank.add(&Movement::on(&account, at).minor(u64::from(number) + 1));
    }
}

fn fuel(steps: &[Step]) -> Result<u64, Finding> {
    let metered = || Finding::Inconclusive("the sandbox does not count instructions".to_owned());
    steps.iter().map(|step| step.report.fuel).sum::<Option<u64>>().ok_or_else(metered)
}

fn requests(steps: &[Step]) -> u64 {
    steps.iter().map(|step| u64::from(step.report.requests)).sum()
}

/// A poll without news costs the same, however long the history.
fn idle(costs: &[Cost; 3]) -> Result<(), Finding> {
    let [few, _, many] = costs;
    let figures =
        [("instructions", few.idle_fuel, many.idle_fuel), ("requests", few.idle_requests, many.idle_requests)];
    for (unit, after_few, after_many) in figures {
        if after_many > after_few * IDLE_GROWTH / 100 + 1 {
            return fail(format!(
                "a poll without news costs {after_few} {unit} after {} rows, and {after_many} after {}",
                few.rows, many.rows
            ));
        }
    }
    Ok(())
}

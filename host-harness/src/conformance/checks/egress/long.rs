//! E4: whether what a call needs stays the same, however much was read before.

use std::time::Duration;

use super::stock;
use crate::conformance::check::{Finding, Outcome};
use crate::conformance::rig::Rig;
use crate::conformance::subject::Subject;
use crate::conformance::walk::{Step, stream, streams};
use crate::contract::Capability;

/// Pages of the history.
const PAGES: u32 = 1_000;
/// Rows of the history for each poll that finds nothing new: 200 polls for 10,000 rows.
const ROWS_PER_IDLE_POLL: u32 = 50;
/// Polls after which a history must have been read: a connector may cut a long one.
const POLLS: u32 = 50;
/// What a late call may need more than an early one, in bytes: a state at its largest, decoded, and an allocator's
/// rounding.
const TOLERANCE: usize = 1 << 20;

pub(super) async fn flat_memory(subject: Subject) -> Outcome {
    let rows = subject.effort().rows;
    let size = (rows / PAGES).clamp(1, subject.manifest()?.max_page_size);
    let mut rig = Rig::new(&subject, |bank| stock(bank, 1, rows, 0))?
        .pages_of(size)
        .setting(format!("{rows} payments, pages of {size}"));
    let poll = rig.poll_only(&[Capability::FetchAccounts]).await;
    rig.expect_well(poll)?;

    let mut pages = Vec::new();
    for _ in 0..POLLS {
        payments(&mut rig, &mut pages).await?;
        if rig.ledger.payments.len() >= usize::try_from(rows).unwrap_or(usize::MAX) {
            break;
        }
    }
    rig.expect_payments("after the whole history")?;
    let with_rows: Vec<&Step> = pages.iter().filter(|step| rows_of(step) > 0).collect();
    let memory = flat(&rig, "pages", &with_rows)?;
    let state = pages.iter().filter_map(state_of).max().unwrap_or_default();

    let polls = (rows / ROWS_PER_IDLE_POLL).max(10);
    rig.setting = format!("{rows} payments, and then {polls} polls that find nothing new");
    let mut idle = Vec::new();
    for _ in 0..polls {
        rig.clock.advance(Duration::from_mins(30));
        payments(&mut rig, &mut idle).await?;
    }
    let idle_memory = flat(&rig, "polls", &idle.iter().collect::<Vec<_>>())?;
    Ok(format!(
        "{} pages: {} KiB early, {} KiB late, states of at most {state} bytes; {polls} idle polls: {} KiB, then {} KiB",
        with_rows.len(),
        memory.0 / 1024,
        memory.1 / 1024,
        idle_memory.0 / 1024,
        idle_memory.1 / 1024
    ))
}

/// Polls the payments, and expects that to go well.
async fn payments(rig: &mut Rig, steps: &mut Vec<Step>) -> Result<(), Finding> {
    let begin = steps.len();
    for (task, parent) in streams(rig).iter().filter(|(task, _)| task.capability == Capability::FetchPayments) {
        stream(rig, task, parent.as_ref(), steps).await;
    }
    match steps[begin..].iter().find_map(|step| step.result.as_ref().err()) {
        Some(error) => Err(rig.failure(format!("call {} failed: {error}", steps.len()), Vec::new())),
        None => Ok(()),
    }
}

fn rows_of(step: &Step) -> usize {
    step.result.as_ref().map_or(0, |fetched| fetched.page.len())
}

fn state_of(step: &Step) -> Option<usize> {
    step.result.as_ref().ok()?.state.as_ref().map(Vec::len)
}

/// Expects late calls to need no more memory than early ones; gives the most of either.
fn flat(rig: &Rig, what: &str, steps: &[&Step]) -> Result<(usize, usize), Finding> {
    let tenth = (steps.len() / 10).max(1).min(steps.len());
    let most = |steps: &[&Step]| steps.iter().map(|step| step.report.memory).max().unwrap_or_default();
    let (early, late) = (most(&steps[..tenth]), most(&steps[steps.len() - tenth..]));
    if late <= early + TOLERANCE {
        return Ok((early, late));
    }
    let what = format!(
        "the last {tenth} {what} took up to {} KiB of memory, the first {tenth} no more than {} KiB",
        late / 1024,
        early / 1024
    );
    Err(rig.failure(what, Vec::new()))
}

//! E4: whether what a call needs stays the same, however much was read before.

use std::fmt;
use std::time::Duration;

use super::stock;
use crate::check::{Finding, Outcome};
use crate::rig::Rig;
use crate::subject::Subject;
use crate::walk::{premise, streams};
use model::Capability;
use sandbox::{CallError, Called, Fetched, Page};

/// Rows a page: 10,000 rows make a thousand pages.
const SIZE: u32 = 10;
/// Rows of the history for each poll that finds nothing new: 200 polls for 10,000 rows.
const ROWS_PER_IDLE_POLL: u32 = 50;
/// Polls after which a history must have been read: a connector may cut a long one.
const POLLS: u32 = 50;
/// Pages that tell what a call takes: calls that begin with more rows read than these have are held against the others.
/// Not calls, since one may read many pages at once.
const EARLY_PAGES: u32 = 5;
/// Calls without news that tell what such a call takes.
const EARLY_CALLS: usize = 20;
/// What a late call may take more of memory, in bytes: a state at its largest, decoded, and an allocator's rounding.
const MEMORY: usize = 1 << 20;
/// What a late call may take more of instructions, besides three times as many: a state at its largest, decoded.
const INSTRUCTIONS: u64 = 20_000_000;

pub(super) async fn flat_memory(subject: Subject) -> Outcome {
    let rows = subject.effort().rows;
    let size = SIZE.min(subject.manifest()?.max_page_size);
    let mut rig = Rig::new(&subject, |bank| stock(bank, 1, rows, 0))?
        .pages_of(size)
        .setting(format!("{rows} payments, pages of {size}"));
    let poll = rig.poll_only(&[Capability::FetchAccounts]).await;
    premise(rig.expect_well(poll))?;

    let early = usize::try_from(EARLY_PAGES * size).unwrap_or(usize::MAX);
    let mut pages = Costs::new("page", Early::Rows(early));
    let wanted = usize::try_from(rows).unwrap_or(usize::MAX);
    for _ in 0..POLLS {
        payments(&mut rig, &mut pages).await?;
        if rig.ledger.payments.len() >= wanted {
            break;
        }
    }
    premise(rig.expect_payments("after the whole history"))?;

    let polls = (rows / ROWS_PER_IDLE_POLL).max(10);
    rig.setting = format!("{rows} payments, and then polls that find nothing new");
    let mut idle = Costs::new("call of a poll without news", Early::Calls(EARLY_CALLS));
    for _ in 0..polls {
        rig.clock.advance(Duration::from_mins(30));
        payments(&mut rig, &mut idle).await?;
    }
    Ok(format!("{pages}; {polls} polls without news: {idle}"))
}

/// Polls the payments, and looks at what each call took.
async fn payments(rig: &mut Rig, costs: &mut Costs) -> Result<(), Finding> {
    for (task, parent) in streams(rig).iter().filter(|(task, _)| task.capability == Capability::FetchPayments) {
        for _ in 0..rig.patience {
            let is_early = costs.is_early(rig);
            let called = rig.call(task, parent.as_ref()).await;
            costs.look(rig, &called, is_early)?;
            let Ok(fetched) = called.result else { break };
            rig.commit(task, parent.as_ref(), &fetched);
            if !fetched.page.has_more() {
                break;
            }
        }
    }
    Ok(())
}

/// Which calls are early.
enum Early {
    /// Those that begin with fewer rows read.
    Rows(usize),
    /// So many.
    Calls(usize),
}

/// What early calls took, and what late ones do.
struct Costs {
    what: &'static str,
    which: Early,
    calls: usize,
    /// The most memory and instructions of the first calls.
    early: (usize, u64),
    /// Of all others.
    late: (usize, u64),
    state: usize,
}

impl Costs {
    fn new(what: &'static str, which: Early) -> Self {
        Self { what, which, calls: 0, early: (0, 0), late: (0, 0), state: 0 }
    }

    fn is_early(&self, rig: &Rig) -> bool {
        match self.which {
            Early::Rows(rows) => rig.ledger.payments.len() < rows,
            Early::Calls(calls) => self.calls < calls,
        }
    }

    /// Holds a call against the first ones. At once: a connector whose calls grow would take for ever to the end.
    fn look(&mut self, rig: &Rig, called: &Called<Fetched<Page>>, is_early: bool) -> Result<(), Finding> {
        match &called.result {
            Err(error @ CallError::Exceeded(_)) => {
                return Err(rig.failure(format!("{} {} failed: {error}", self.what, self.calls + 1), Vec::new()));
            }
            Err(error) => return Err(Finding::Inconclusive(format!("an ordinary poll fails: {error}"))),
            Ok(fetched) => self.state = self.state.max(fetched.state.as_ref().map_or(0, Vec::len)),
        }
        let (memory, fuel) = (called.report.memory, called.report.fuel.unwrap_or_default());
        let most = if is_early { &mut self.early } else { &mut self.late };
        *most = (most.0.max(memory), most.1.max(fuel));
        self.calls += 1;
        let grown = if self.late.0 > self.early.0 + MEMORY {
            format!("{} KiB of memory, the first ones at most {} KiB", memory / 1024, self.early.0 / 1024)
        } else if self.late.1 > 3 * self.early.1 + INSTRUCTIONS {
            format!("{fuel} instructions, the first ones at most {}", self.early.1)
        } else {
            return Ok(());
        };
        Err(rig.failure(format!("{} {} took {grown}", self.what, self.calls), Vec::new()))
    }
}

impl fmt::Display for Costs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kib = |bytes: usize| bytes / 1024;
        let Self { calls, early, late, state, .. } = self;
        write!(
            f,
            "{calls} calls, early ones up to {} KiB and {} instructions, late ones {} KiB and {}, states up to {state} bytes",
            kib(early.0),
            early.1,
            kib(late.0),
            late.1
        )
    }
}

//! E3: whether full pages fit into the limits, and what comes of a call that does not.

use std::time::Duration;

use super::stock;
use crate::check::{Finding, Outcome};
use crate::rig::Rig;
use crate::subject::Subject;
use crate::walk::{expect_within, streams, walk};
use model::Task;
use outside::clock::Clock as _;
use sandbox::{CallError, Called, Exceeded, Fetch, Fetched, Limits, Page};
use store::Kept;

/// The rows of a full page that are provided at most.
const ROWS: u32 = 500;

pub(super) async fn memory_time(subject: Subject) -> Outcome {
    let rows = subject.manifest()?.max_page_size.min(subject.bank().largest_page()).min(ROWS);
    let mut rig = Rig::new(&subject, |bank| stock(bank, 1, rows + 1, 3))?
        .pages_of(rows)
        .setting(format!("pages of {rows} rows, half the memory and a quarter of the time"));
    let whole = rig.connector.limits();
    let part = Limits { memory: whole.memory / 2, cpu: whole.cpu / 4, ..whole };
    rig.connector = rig.connector.with_limits(part);
    let steps = walk(&mut rig).await;
    expect_within(&rig, &steps)?;
    rig.connector = rig.connector.with_limits(whole);
    let memory = steps.iter().map(|step| step.report.memory).max().unwrap_or_default();
    let fuel = steps.iter().filter_map(|step| step.report.fuel).max().unwrap_or_default();
    let broken_off = squeezed(&mut rig).await?;
    Ok(format!(
        "pages of {rows} rows: at most {} KiB of memory and {}.{:02} million instructions a call; \
         {broken_off} calls broke off, all with a typed error",
        memory / 1024,
        fuel / 1_000_000,
        fuel / 10_000 % 100
    ))
}

/// A limit to squeeze: its name, how, whether what a call used is more than that, and the error it must end in.
struct Squeeze {
    name: &'static str,
    limit: fn(Limits, &Called<Fetched<Page>>) -> Limits,
    /// None: whether the limit is hit depends on the machine.
    must: fn(&Called<Fetched<Page>>) -> Option<bool>,
    is: fn(&Exceeded) -> bool,
}

const SQUEEZES: [Squeeze; 6] = [
    Squeeze {
        name: "a byte less memory than it used",
        limit: |limits, used| Limits { memory: used.report.memory.saturating_sub(1), ..limits },
        must: |_| Some(true),
        is: |exceeded| matches!(exceeded, Exceeded::Memory(_)),
    },
    Squeeze {
        name: "no time on the processor",
        limit: |limits, _| Limits { cpu: Duration::ZERO, ..limits },
        must: |_| None,
        is: |exceeded| matches!(exceeded, Exceeded::Cpu(_)),
    },
    Squeeze {
        name: "no request",
        limit: |limits, _| Limits { requests: 0, ..limits },
        must: |used| Some(used.report.requests > 0),
        is: |exceeded| matches!(exceeded, Exceeded::Requests(_)),
    },
    Squeeze {
        name: "answers of one byte",
        limit: |limits, _| Limits { response: 1, ..limits },
        must: |used| Some(used.report.requests > 0),
        is: |exceeded| matches!(exceeded, Exceeded::Response(_)),
    },
    Squeeze {
        name: "one call less to the host than it made",
        limit: |limits, used| Limits { host_calls: used.report.host_calls.saturating_sub(1), ..limits },
        must: |used| Some(used.report.host_calls > 0),
        is: |exceeded| matches!(exceeded, Exceeded::HostCalls(_)),
    },
    Squeeze {
        name: "no time at all",
        limit: |limits, _| Limits { call: Duration::ZERO, ..limits },
        must: |_| None,
        is: |exceeded| matches!(exceeded, Exceeded::Call(_)),
    },
];

/// Squeezes every limit for every stream; gives the number of calls that broke off.
async fn squeezed(rig: &mut Rig) -> Result<u32, Finding> {
    // From the beginning, where calls have most to do.
    rig.states.clear();
    let mut broken_off = 0;
    for (task, parent) in streams(rig) {
        let now = rig.clock.now();
        let wanted = rig.call(&task, parent.as_ref()).await;
        for squeeze in &SQUEEZES {
            rig.setting = format!("{}: {}", task.name, squeeze.name);
            // A rate limit may have made the host wait, and the time is an argument of the call.
            rig.clock.set(now);
            broken_off += u32::from(one(rig, squeeze, &task, parent.as_ref(), &wanted).await?);
        }
    }
    Ok(broken_off)
}

/// Squeezes one limit, and looks whether the next call is as the one before; true when the call broke off.
async fn one(
    rig: &Rig,
    squeeze: &Squeeze,
    task: &Task,
    parent: Option<&Kept>,
    wanted: &Called<Fetched<Page>>,
) -> Result<bool, Finding> {
    let limits = (squeeze.limit)(rig.connector.limits(), wanted);
    let now = rig.clock.now();
    let called = rig.make(task, parent, &Fetch::Page(task.capability), limits).await;
    let broke_off = match &called.result {
        Err(CallError::Exceeded(exceeded)) if (squeeze.is)(exceeded) => true,
        result if (squeeze.must)(wanted) == Some(true) || *result != wanted.result => {
            let ended = result.as_ref().err().map_or_else(|| "with a page".to_owned(), |error| format!("so: {error}"));
            let what = format!("{} was given {}, and the call ended {ended}", task.name, squeeze.name);
            return Err(rig.failure(what, Vec::new()));
        }
        _ => false,
    };
    rig.clock.set(now);
    match rig.call(task, parent).await {
        next if next.result != wanted.result => {
            let what =
                format!("after a call of {} that broke off, the next one did not give what it gave before", task.name);
            Err(rig.failure(what, Vec::new()))
        }
        _ => Ok(broke_off),
    }
}

//! N: whether it does the same each time, and at what cost.

mod budget;
mod order;

use std::collections::BTreeMap;

use futures::FutureExt as _;

use crate::check::{Check, Clause, Level, Outcome, Tier};
use crate::plain::quoted;
use crate::rig::{Rig, ago};
use crate::subject::Subject;
use crate::walk::{Step, difference, expect_some, stream, streams, walk};
use sandbox::Ambient;
use sim::{Bank, Movement};

/// See the module.
pub const CHECKS: &[Check] = &[
    Check {
        id: "N1",
        title: "deterministic",
        tier: Tier::One,
        level: Level::Silver,
        clause: Clause {
            item: "package",
            text: "A connector is a function of its arguments, the state of its stream and the HTTP answers it gets.",
        },
        provocation: "the same polls a hundred times in fresh instances, with ten different seeds of random numbers",
        rule: "byte for byte the same pages, states and requests; with the same seed, exactly the same cost",
        run: |subject| deterministic(subject).boxed(),
    },
    Check {
        id: "N3",
        title: "budget",
        tier: Tier::Three,
        level: Level::Gold,
        clause: Clause {
            item: "package",
            text: "What a call needs depends on the rows it reads, and grows no faster than they do;",
        },
        provocation: "n, 2n and 4n rows in one page, and in many; a poll without news after N and after 4N rows; instructions \
                      are counted, so that the figures are the same on every machine",
        rule: "instructions and requests grow no faster than the rows; a poll without news costs the same after 4N rows",
        run: |subject| budget::budget(subject).boxed(),
    },
    Check {
        id: "N4",
        title: "order-of-answers",
        tier: Tier::One,
        level: Level::Silver,
        clause: Clause {
            item: "package",
            text: "So a poll gives the same records and leaves the same state whichever answer comes first, and with a `max-in-flight` of 1.",
        },
        provocation: "a poll, news, and another poll, with one request at a time, and with as many as the manifest allows and answers in four other orders; the same with one request that fails",
        rule: "the same records in the same order, the same gaps and errors, the same states",
        run: |subject| order::order(subject).boxed(),
    },
];

/// Runs in all.
const RUNS: usize = 100;
/// Runs that poll everything; each of the others polls one stream, in turn.
const WHOLE: usize = 20;
/// The seeds that random numbers are made from: with others, a hash table has another order.
const SEEDS: u8 = 10;

async fn deterministic(subject: Subject) -> Outcome {
    let mut first: Vec<Step> = Vec::new();
    let mut accounts = BTreeMap::new();
    let mut costs: BTreeMap<(u8, String), Vec<Option<u64>>> = BTreeMap::new();
    let mut calls = 0;
    for run in 0..RUNS {
        let seed = u8::try_from(run % usize::from(SEEDS)).unwrap_or_default();
        let mut rig = Rig::new(&subject, few)?.setting(format!("run {run} of {RUNS}, seed {seed}"));
        rig.connector = rig.connector.with_ambient(Ambient { seed, ..Ambient::default() });
        let steps = if run < WHOLE {
            walk(&mut rig).await
        } else {
            rig.ledger.accounts.clone_from(&accounts);
            one_stream(&mut rig, run).await
        };
        calls += steps.len();
        if run == 0 {
            expect_some(&steps)?;
            first.clone_from(&steps);
            accounts.clone_from(&rig.ledger.accounts);
        }
        for (stream, found) in by_stream(&steps) {
            let wanted: Vec<Step> = first.iter().filter(|step| step.stream == stream).cloned().collect();
            if let Some((what, lines)) = difference(&wanted, &found) {
                return Err(rig.failure(format!("the same poll came out otherwise: {what}"), lines));
            }
            let cost: Vec<Option<u64>> = found.iter().map(|step| step.report.fuel).collect();
            let before = costs.entry((seed, stream.clone())).or_insert_with(|| cost.clone());
            if *before != cost {
                let what = format!("the same calls of {stream} took another number of instructions");
                return Err(rig.failure(what, [&*before, &cost].map(|costs| instructions(costs)).to_vec()));
            }
        }
    }
    Ok(format!("{calls} calls in {RUNS} runs: the same bytes, the same number of instructions"))
}

/// Polls one stream, in turn.
async fn one_stream(rig: &mut Rig, run: usize) -> Vec<Step> {
    let streams = streams(rig);
    let mut steps = Vec::new();
    if let Some((task, parent)) = streams.get(run % streams.len().max(1)) {
        stream(rig, task, parent.as_ref(), &mut steps).await;
    }
    steps
}

fn by_stream(steps: &[Step]) -> BTreeMap<String, Vec<Step>> {
    steps.iter().fold(BTreeMap::new(), |mut streams: BTreeMap<String, Vec<Step>>, step| {
        streams.entry(step.stream.clone()).or_default().push(step.clone());
        streams
    })
}

/// Little enough to be read a hundred times, and more than one of each kind.
fn few(bank: &mut dyn Bank) {
    let account = bank.open_account("EUR");
    for number in 0..4 {
        bank.add(&Movement::on(&account, ago(500 - number)));
    }
    bank.add_counterparty(ago(900));
    bank.add_counterparty(ago(800));
}
/// What each call took.
fn instructions(costs: &[Option<u64>]) -> String {
    costs.iter().map(|cost| quoted(cost.as_ref())).collect::<Vec<_>>().join(", ")
}

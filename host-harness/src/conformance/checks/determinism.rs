//! N: whether it does the same each time, and at what cost.

mod budget;

use futures::FutureExt as _;

use super::egress::ambient::{requests_differ, steps_differ};
use crate::conformance::check::{Check, Clause, Level, Outcome, Tier};
use crate::conformance::rig::{Rig, ago};
use crate::conformance::subject::Subject;
use crate::conformance::walk::{Step, walk};
use crate::sandbox::Ambient;
use crate::sim::{Bank, Movement};
use crate::transport::Request;

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
];

/// Times that everything is done.
const RUNS: usize = 100;
/// The seeds that random numbers are made from: with others, a hash table has another order.
const SEEDS: u8 = 10;

async fn deterministic(subject: Subject) -> Outcome {
    let mut first: Option<(Vec<Step>, Vec<Request>)> = None;
    let mut costs: Vec<Vec<Option<u64>>> = Vec::new();
    let mut calls = 0;
    for run in 0..RUNS {
        let seed = u8::try_from(run % usize::from(SEEDS)).unwrap_or_default();
        let mut rig = Rig::new(&subject, few)?.setting(format!("run {run} of {RUNS}, seed {seed}"));
        rig.connector = rig.connector.with_ambient(Ambient { seed, ..Ambient::default() });
        let steps = walk(&mut rig).await;
        let requests = rig.tape.requests();
        calls += steps.len();
        let cost: Vec<Option<u64>> = steps.iter().map(|step| step.report.fuel).collect();
        match costs.get(usize::from(seed)) {
            None => costs.push(cost),
            Some(before) if *before != cost => {
                return Err(rig.failure(
                    "the same calls took another number of instructions",
                    vec![format!("{before:?}"), format!("{cost:?}")],
                ));
            }
            Some(_) => {}
        }
        let Some((wanted, asked)) = &first else {
            first = Some((steps, requests));
            continue;
        };
        if let Some((what, lines)) = requests_differ(asked, &requests).or_else(|| steps_differ(wanted, &steps)) {
            return Err(rig.failure(format!("the same poll came out otherwise: {what}"), lines));
        }
    }
    Ok(format!("{calls} calls in {RUNS} runs: the same bytes, the same number of instructions"))
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

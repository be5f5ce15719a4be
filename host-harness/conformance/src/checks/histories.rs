//! N2: whether it survives whatever can happen, tried on random histories.

use std::num::NonZero;
use std::sync::Arc;
use std::thread;

use futures::{FutureExt as _, StreamExt as _, stream};

use crate::check::{Check, Clause, Finding, Level, Outcome, Tier};
use crate::scenario::{Cost, Scenario, Theatre, history, shrink};
use crate::subject::Subject;

/// Histories that a task plays one after the other.
const CHUNK: u64 = 25;
/// Accounts that a history may have.
const ACCOUNTS: [u32; 2] = [1, 2];

/// See the module.
pub const CHECKS: &[Check] = &[Check {
    id: "N2",
    title: "model-check",
    tier: Tier::Three,
    level: Level::Gold,
    clause: Clause {
        item: "connector.fetch-payments",
        text: "Every payment is reported at least once in each version that lasts, here or by `follow-payments`; reporting one again is harmless, missing one is not.",
    },
    provocation: "seeded random histories: rows come up, tie, change, vanish and show late, between polls and in the middle of \
                  them, while requests fail and the host dies or delivers pages twice",
    rule: "in the end the host has every payment in its last version, an error is one of the contract's and has a cause, a poll without one leaves nothing behind, \
           and a poll with nothing new changes nothing",
    run: |subject| histories(subject).boxed(),
}];

/// What a chunk of histories came to.
type Chunk = Result<Cost, Box<(u64, Scenario, Finding)>>;

async fn histories(subject: Subject) -> Outcome {
    let theatre = Arc::new(Theatre::open(&subject, ACCOUNTS).await?);
    let (seed, count) = (subject.seed(), subject.effort().histories);
    let at_once = thread::available_parallelism().map_or(1, NonZero::get);
    let chunks = (0..count.div_ceil(CHUNK)).map(|chunk| {
        let numbers = chunk * CHUNK..((chunk + 1) * CHUNK).min(count);
        tokio::spawn(play(Arc::clone(&theatre), subject.clone(), numbers))
    });
    // In order, so that the first failure is the same one in every run.
    let mut played = stream::iter(chunks).buffered(at_once);
    let mut total = Cost::default();
    while let Some(chunk) = played.next().await {
        let chunk = chunk.map_err(|error| Finding::Inconclusive(format!("a history broke the harness: {error}")))?;
        match chunk {
            Ok(cost) => {
                total.polls += cost.polls;
                total.calls += cost.calls;
                total.requests += cost.requests;
            }
            Err(failed) => {
                drop(played);
                return Err(told(&theatre, &subject, *failed).await);
            }
        }
    }
    Ok(format!(
        "{count} histories of seed {seed}: {} polls, {} calls, {} requests",
        total.polls, total.calls, total.requests
    ))
}

/// Plays some histories, up to the first that fails.
async fn play(theatre: Arc<Theatre>, subject: Subject, numbers: std::ops::Range<u64>) -> Chunk {
    let bank = subject.bank();
    let mut total = Cost::default();
    for number in numbers {
        let scenario = history(&*bank, subject.seed(), number);
        match theatre.play(&scenario, None).await {
            Ok(cost) => {
                total.polls += cost.polls;
                total.calls += cost.calls;
                total.requests += cost.requests;
            }
            Err(finding) => return Err(Box::new((number, scenario, finding))),
        }
    }
    Ok(total)
}

/// The failure as its smallest scenario shows it.
async fn told(theatre: &Theatre, subject: &Subject, (number, scenario, finding): (u64, Scenario, Finding)) -> Finding {
    let steps = scenario.steps.len();
    let (mut smallest, mut finding) = match finding {
        Finding::Fail(_) => shrink(theatre, subject.bank(), scenario, finding).await,
        other => return other,
    };
    let seed = subject.seed();
    smallest.about = format!("History {number} of seed {seed}, made smaller: {}", finding.reason());
    if let Finding::Fail(evidence) = &mut finding {
        evidence.setting = format!(
            "history {number} of seed {seed}, shrunk from {steps} steps to {}; {}",
            smallest.steps.len(),
            evidence.setting
        );
        evidence.scenario = Some(smallest.to_json());
    }
    finding
}

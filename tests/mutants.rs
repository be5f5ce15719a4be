//! Is the suite any good? It is run on connectors with one known bug each, and must find it: exactly the checks that a
//! mutant's entry names may fail, and each check of the catalogue must be failed by a mutant.
//!
//! Every check on every mutant takes long. So by default a mutant meets the checks that must fail it, and a few of the others, in
//! turn: each check sees some mutants that are none of its business. All of it:
//!
//!     MUTANTS=all cargo test -p host-harness --test mutants -- --nocapture
//!
//! and with names, `MUTANTS=PageKept,TieSkipped`, every check on these. After a check is added, `CHECKS=M9` makes that one
//! alone, on each of the mutants. `cargo run --bin mutant -- NAME FILE` writes one to a file, for `harness test`.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use conformance::{Check, Effort, Level, Report, Suite, Verdict, catalogue};
use futures::{StreamExt as _, stream};
use host_harness::providers;
use lindenbank::Lindenbank;
use mutant_connector::table::Mutant;
use mutant_connector::{lindenbank as of_lindenbank, mutants as of_qonto, switch};
use sandbox::component::LoadError;
use sandbox::{CompileCache, Compiler, Metering};
use sim::Bank;

/// Less than the suite does by default: a bug that needs more than this to show is not in the table.
const EFFORT: Effort = Effort { histories: 60, rows: 600 };
/// Of the checks that a mutant should not fail, one in so many is made, each time another.
const SAMPLE: usize = 60;
/// Of the checks that a mutant should fail, so many are made.
const MET: usize = 3;

/// A component with a switch, and what it is tried at.
#[derive(Clone, Copy)]
struct Body {
    component: &'static [u8],
    make_bank: fn() -> Box<dyn Bank>,
    /// The checks that only this bank brings.
    own: &'static [Check],
    mutants: &'static [Mutant],
    /// The checks for which there is nothing at this bank.
    skipped: &'static [&'static str],
}

/// All of them.
const BODIES: [Body; 2] = [
    Body {
        component: test_components::MUTANT,
        make_bank: qonto::KIT.make,
        own: qonto::KIT.checks,
        mutants: of_qonto::MUTANTS,
        skipped: &[],
    },
    Body {
        component: test_components::LINDENBANK_MUTANT,
        make_bank: || Box::new(Lindenbank::default()),
        own: &[],
        mutants: of_lindenbank::MUTANTS,
        // It has no earlier version, and states no total.
        skipped: &["A4", "P9"],
    },
];

/// Every mutant, with its component.
fn mutants() -> impl Iterator<Item = (Body, &'static Mutant)> {
    BODIES.into_iter().flat_map(|body| body.mutants.iter().map(move |mutant| (body, mutant)))
}

/// The machine code of each body without a bug, with and without metering.
static COMPILED: Mutex<Compiled> = Mutex::new(Compiled::new());
type Compiled = BTreeMap<(&'static [u8], bool), Vec<u8>>;

/// Compiles a body once, and turns the switch in what comes out: the mutants are other data under the same code, and compiling
/// each of them took most of the time.
struct Switched {
    body: Body,
    mutant: &'static Mutant,
    wasm: Vec<u8>,
}

// SAFETY: what it gives is what `compile` gave, but for bytes of a static of the component's own. A mutant that is patched
// elsewhere is compiled by itself.
unsafe impl Compiler for Switched {
    fn compile(&self, wasm: &[u8], metering: Metering) -> Result<Vec<u8>, LoadError> {
        if !self.mutant.patch.is_empty() || wasm != self.wasm {
            return sandbox::compile(wasm, metering);
        }
        let key = (self.body.component, metering == Metering::On);
        let mut compiled = COMPILED.lock().unwrap();
        let code = match compiled.entry(key) {
            Entry::Occupied(kept) => kept.into_mut(),
            Entry::Vacant(place) => place.insert(sandbox::compile(self.body.component, metering)?),
        };
        Ok(switch::turned(code, self.mutant).unwrap())
    }
}

async fn report(body: Body, mutant: Option<&'static Mutant>, checks: &[&'static str]) -> Report {
    let wasm = mutant.map_or(body.component.to_vec(), |mutant| switch::turned(body.component, mutant).unwrap());
    let suite = Suite::new(wasm.clone(), body.make_bank).own(body.own).level(Level::Gold).effort(EFFORT);
    let suite = suite.only(checks.iter().copied()).cache(CompileCache::Off);
    match mutant {
        Some(mutant) => suite.compiler(Arc::new(Switched { body, mutant, wasm })).run(&()).await.unwrap(),
        None => suite.run(&()).await.unwrap(),
    }
}

fn ids(report: &Report, verdict: Verdict) -> Vec<&'static str> {
    report.checks.iter().filter(|checked| checked.verdict == verdict).map(|checked| checked.id).collect()
}

/// What is run: mutants, and whether each meets every check.
fn wanted() -> (Vec<(Body, &'static Mutant)>, bool) {
    match env::var("MUTANTS").as_deref() {
        Err(_) => (mutants().collect(), false),
        Ok("all") => (mutants().collect(), true),
        Ok(names) => {
            let is_among = |(_, mutant): &(Body, &Mutant)| names.split(',').any(|name| name == mutant.name);
            (mutants().filter(is_among).collect(), true)
        }
    }
}

/// The checks that are made, where not all of them are wanted.
fn chosen() -> Option<String> {
    env::var("CHECKS").ok()
}

fn is_chosen(id: &str) -> bool {
    chosen().is_none_or(|chosen| chosen.split(',').any(|one| one == id))
}

/// The checks that a mutant meets; `turn` is its place among them.
fn checks(body: Body, mutant: &Mutant, turn: usize, all: bool) -> Vec<&'static str> {
    let every = concerned(body).into_iter().enumerate();
    let every = every.filter(|(_, id)| is_chosen(id));
    let rarest = rarest(mutant);
    let met = every.filter(|(place, id)| all || rarest.contains(id) || (place + turn).is_multiple_of(SAMPLE));
    met.map(|(_, id)| id).collect()
}

/// Of the checks that a mutant fails those that the fewest others do: they tell most.
fn rarest(mutant: &Mutant) -> Vec<&'static str> {
    let failing = |id: &&str| mutants().filter(|(_, other)| other.fails.contains(id)).count();
    let mut fails = mutant.fails.to_vec();
    if chosen().is_none() {
        fails.sort_by_cached_key(failing);
        fails.truncate(MET);
    }
    fails
}

/// The checks that concern connectors for a bank.
fn concerned(body: Body) -> Vec<&'static str> {
    catalogue::with(body.own).map(|check| check.id).collect()
}

/// What there is to say against the outcome of one mutant; nothing when it is as its entry says. A check that comes to
/// nothing since the connector cannot do the ordinary thing before it is none that fails.
fn difference(mutant: &Mutant, report: &Report, all: bool) -> Option<String> {
    let failed = ids(report, Verdict::Fail);
    let was_met = |id: &&str| report.checks.iter().any(|checked| checked.id == *id);
    let wanted: Vec<&str> = mutant.fails.iter().copied().filter(was_met).collect();
    if failed == wanted {
        return None;
    }
    let quoted: Vec<String> = failed.iter().map(|id| format!("\"{id}\"")).collect();
    let mut text = format!("{} ({})", mutant.name, mutant.does);
    if all {
        text = format!("{text}\n        fails: [{}],", quoted.join(", "));
    }
    let other = |id: &str, verdict| (verdict == Verdict::Fail) != mutant.fails.contains(&id);
    for checked in report.checks.iter().filter(|checked| other(checked.id, checked.verdict)) {
        text = format!("{text}\n    {} {}: {}", checked.id, checked.verdict, checked.reason);
    }
    Some(text)
}

#[test]
fn the_table_names_checks_for_each_mutant_and_a_mutant_for_each_check() {
    for (_, mutant) in mutants() {
        assert!(!mutant.fails.is_empty(), "{} is failed by nothing", mutant.name);
        let known = |id: &&str| providers::checks().any(|check| check.id == *id);
        assert!(mutant.fails.iter().all(known), "{}: {:?}", mutant.name, mutant.fails);
    }
    for check in providers::checks() {
        assert!(mutants().any(|(_, mutant)| mutant.fails.contains(&check.id)), "no mutant is for {}", check.id);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_bug_each_component_passes_every_check() {
    for body in BODIES {
        let report = report(body, None, &concerned(body)).await;
        for checked in report.checks.iter().filter(|checked| checked.verdict != Verdict::Pass) {
            println!("{} {}: {}", checked.id, checked.verdict, checked.reason);
        }
        assert_eq!(ids(&report, Verdict::Skip), body.skipped);
        assert_eq!(report.count(Verdict::Pass) + body.skipped.len(), report.checks.len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_mutant_fails_exactly_the_checks_that_are_for_its_bug() {
    let (mutants, all) = wanted();
    let (mut differences, mut killed, mut failed) = (Vec::new(), 0, BTreeSet::new());
    // Two at once: the last check of a mutant would leave a processor idle.
    let reports = stream::iter(mutants.iter().enumerate()).map(|(turn, (body, mutant))| async move {
        let started = Instant::now();
        let report = report(*body, Some(mutant), &checks(*body, mutant, turn, all)).await;
        (*mutant, report, started.elapsed().as_millis())
    });
    let mut reports = pin!(reports.buffered(2));
    while let Some((mutant, report, millis)) = reports.next().await {
        let failing = ids(&report, Verdict::Fail);
        println!("{:24} {millis:5} ms  {}", mutant.name, failing.join(" "));
        println!("{:24}           {}; {}", "", mutant.does, mutant.story);
        killed += usize::from(!failing.is_empty());
        failed.extend(failing);
        differences.extend(difference(mutant, &report, all));
    }
    let never: Vec<&str> = providers::checks().map(|check| check.id).filter(|id| !failed.contains(id)).collect();
    println!("{killed} of {} mutants killed; checks that none failed: [{}]", mutants.len(), never.join(", "));
    assert!(differences.is_empty(), "not as the table says:\n{}", differences.join("\n"));
    if chosen().is_some() {
        return;
    }
    assert_eq!(killed, mutants.len());
    assert!(mutants.len() < self::mutants().count() || never.is_empty(), "no mutant fails {never:?}");
}

//! Is the suite any good? It is run on connectors with one known bug each, and must find it: exactly the checks that a
//! mutant's entry names may fail, and each check of the catalogue must be failed by a mutant.
//!
//! Every check on every mutant takes two cores a quarter of an hour. So by default a mutant meets the checks that must
//! fail it, and one of the others, in turn: each check sees some mutants that are none of its business. All of it:
//!
//!     MUTANTS=all cargo test -p host-harness --test mutants -- --nocapture
//!
//! and with names, `MUTANTS=PageKept,TieSkipped`, every check on these. `cargo run --bin mutant -- NAME FILE`
//! writes one to a file, for `harness test`.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeSet;
use std::env;
use std::pin::pin;
use std::time::Instant;

use futures::{StreamExt as _, stream};
use host_harness::conformance::{Effort, Level, Report, Suite, Verdict, catalogue};
use host_harness::sandbox::CompileCache;
use host_harness::sim::qonto::QontoBank;
use mutant_connector::mutants::{MUTANTS, Mutant};
use mutant_connector::switch;

/// Less than the suite does by default: a bug that needs more than this to show is not in the table.
const EFFORT: Effort = Effort { histories: 60, rows: 600 };
/// Of the checks that a mutant should not fail, one in so many is made, each time another.
const SAMPLE: usize = 60;

async fn report(wasm: &[u8], checks: &[&'static str]) -> Report {
    let suite = Suite::new(wasm, || Box::new(QontoBank::default())).level(Level::Gold).effort(EFFORT);
    suite.only(checks.iter().copied()).cache(CompileCache::Off).run(&()).await.unwrap()
}

fn ids(report: &Report, verdict: Verdict) -> Vec<&'static str> {
    report.checks.iter().filter(|checked| checked.verdict == verdict).map(|checked| checked.id).collect()
}

/// What is run: mutants, and whether each meets every check.
fn wanted() -> (Vec<&'static Mutant>, bool) {
    match env::var("MUTANTS").as_deref() {
        Err(_) => (MUTANTS.iter().collect(), false),
        Ok("all") => (MUTANTS.iter().collect(), true),
        Ok(names) => {
            let is_among = |mutant: &&Mutant| names.split(',').any(|name| name == mutant.name);
            (MUTANTS.iter().filter(is_among).collect(), true)
        }
    }
}

/// The checks that a mutant meets; `turn` is its place among them.
fn checks(mutant: &Mutant, turn: usize, all: bool) -> Vec<&'static str> {
    let every = catalogue::all().map(|check| check.id).enumerate();
    let met = every.filter(|(place, id)| all || mutant.fails.contains(id) || (place + turn).is_multiple_of(SAMPLE));
    met.map(|(_, id)| id).collect()
}

/// What there is to say against the outcome of one mutant; nothing when it is as its entry says. A check that comes to
/// nothing since the connector cannot do the ordinary thing before it is none that fails.
fn difference(mutant: &Mutant, report: &Report, all: bool) -> Option<String> {
    let failed = ids(report, Verdict::Fail);
    if failed == mutant.fails {
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
    for mutant in MUTANTS {
        assert!(!mutant.fails.is_empty(), "{} is failed by nothing", mutant.name);
        let known = |id: &&str| catalogue::find(id).is_some();
        assert!(mutant.fails.iter().all(known), "{}: {:?}", mutant.name, mutant.fails);
    }
    for check in catalogue::all() {
        assert!(MUTANTS.iter().any(|mutant| mutant.fails.contains(&check.id)), "no mutant is for {}", check.id);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_bug_the_component_passes_every_check() {
    let every: Vec<&str> = catalogue::all().map(|check| check.id).collect();
    let report = report(test_components::MUTANT, &every).await;
    for checked in report.checks.iter().filter(|checked| checked.verdict != Verdict::Pass) {
        println!("{} {}: {}", checked.id, checked.verdict, checked.reason);
    }
    assert_eq!(report.count(Verdict::Pass), report.checks.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn each_mutant_fails_exactly_the_checks_that_are_for_its_bug() {
    let (mutants, all) = wanted();
    let (mut differences, mut killed, mut failed) = (Vec::new(), 0, BTreeSet::new());
    // Two at once: the last check of a mutant would leave a processor idle.
    let reports = stream::iter(mutants.iter().enumerate()).map(|(turn, mutant)| async move {
        let started = Instant::now();
        let wasm = switch::turned(test_components::MUTANT, mutant).unwrap();
        (*mutant, report(&wasm, &checks(mutant, turn, all)).await, started.elapsed().as_millis())
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
    let never: Vec<&str> = catalogue::all().map(|check| check.id).filter(|id| !failed.contains(id)).collect();
    println!("{killed} of {} mutants killed; checks that none failed: [{}]", mutants.len(), never.join(", "));
    assert!(differences.is_empty(), "not as the table says:\n{}", differences.join("\n"));
    assert_eq!(killed, mutants.len());
    assert!(mutants.len() < MUTANTS.len() || never.is_empty(), "no mutant fails {never:?}");
}

//! Is the suite any good? It is run on connectors with one known bug each, and must find it: exactly the checks that a
//! mutant's entry names may fail, and each check of the catalogue must be failed by a mutant.
//!
//! `MUTANTS=PageKept,TieSkipped cargo test --test mutants -- --nocapture` runs some of them; with `--nocapture` each
//! mutant's verdicts are shown. `cargo run -p test-components --bin mutant` writes one to a file.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeSet;
use std::env;
use std::time::Instant;

use host_harness::conformance::{Effort, Level, Report, Suite, Verdict, catalogue};
use host_harness::sandbox::CompileCache;
use host_harness::sim::qonto::QontoBank;
use mutant_connector::mutants::{MUTANTS, Mutant};
use mutant_connector::switch;

/// Less than the suite does by default: a bug that needs more than this to show is not in the table.
const EFFORT: Effort = Effort { histories: 60, rows: 600 };

async fn report(wasm: &[u8]) -> Report {
    let suite = Suite::new(wasm, || Box::new(QontoBank::default())).level(Level::Gold).effort(EFFORT);
    suite.cache(CompileCache::Off).run(&()).await.unwrap()
}

fn ids(report: &Report, verdict: Verdict) -> Vec<&'static str> {
    report.checks.iter().filter(|checked| checked.verdict == verdict).map(|checked| checked.id).collect()
}

/// What there is to say against the outcome of one mutant; nothing when it is as its entry says.
fn difference(mutant: &Mutant, report: &Report) -> Option<String> {
    let failed = ids(report, Verdict::Fail);
    let undecided = ids(report, Verdict::Inconclusive);
    // Without a usable component, manifest or config, most checks come to nothing, and say whose matter it is.
    let unusable = ["A1", "A2", "A3", "K2", "C1"].iter().any(|id| mutant.fails.contains(id));
    if failed == mutant.fails && (undecided.is_empty() || unusable) {
        return None;
    }
    let quoted: Vec<String> = failed.iter().map(|id| format!("\"{id}\"")).collect();
    let mut text = format!("{} (it {})\n        fails: [{}],", mutant.name, mutant.does, quoted.join(", "));
    for checked in
        report.checks.iter().filter(|checked| (checked.verdict == Verdict::Fail) != mutant.fails.contains(&checked.id))
    {
        text = format!("{text}\n    {} {}: {}", checked.id, checked.verdict, checked.reason);
    }
    if !unusable {
        for id in undecided {
            text = format!("{text}\n    {id} came to nothing");
        }
    }
    Some(text)
}

fn wanted() -> Vec<&'static Mutant> {
    let only = env::var("MUTANTS").unwrap_or_default();
    MUTANTS.iter().filter(|mutant| only.is_empty() || only.split(',').any(|name| name == mutant.name)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_bug_the_component_passes_every_check() {
    let report = report(test_components::MUTANT).await;
    for checked in report.checks.iter().filter(|checked| checked.verdict != Verdict::Pass) {
        println!("{} {}: {}", checked.id, checked.verdict, checked.reason);
    }
    assert_eq!(report.count(Verdict::Pass), report.checks.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn each_mutant_fails_exactly_the_checks_that_are_for_its_bug() {
    let mutants = wanted();
    let (mut differences, mut killed, mut failed) = (Vec::new(), 0, BTreeSet::new());
    for mutant in &mutants {
        let started = Instant::now();
        let report = report(&switch::turned(test_components::MUTANT, mutant).unwrap()).await;
        let failing = ids(&report, Verdict::Fail);
        println!("{:24} {:5} ms  {}", mutant.name, started.elapsed().as_millis(), failing.join(" "));
        println!("{:24}           it {}; {}", "", mutant.does, mutant.story);
        killed += usize::from(!failing.is_empty());
        failed.extend(failing);
        differences.extend(difference(mutant, &report));
    }
    let never: Vec<&str> = catalogue::all().map(|check| check.id).filter(|id| !failed.contains(id)).collect();
    println!("{killed} of {} mutants killed; checks that none failed: {}", mutants.len(), never.join(" "));
    assert!(differences.is_empty(), "not as the table says:\n{}", differences.join("\n"));
    assert_eq!(killed, mutants.len());
    assert!(mutants.len() < MUTANTS.len() || never.is_empty(), "no mutant fails {never:?}");
}

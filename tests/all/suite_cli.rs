//! `harness test` and `harness explain` as a person, or a CI job, runs them.

#![allow(clippy::unwrap_used, clippy::expect_used, dead_code, reason = "tests; the command line's tests share a desk")]

use std::fs;
use std::path::Path;

use crate::support::cli::{folder, harness};
use mutant_connector::{mutants, switch};
use serde_json::{Value, json};

/// The verdicts of a JSON report by id.
fn verdicts(report: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    report["checks"].as_array().unwrap().iter().map(|check| (text(&check["id"]), text(&check["verdict"]))).collect()
}

#[test]
fn a_check_alone_passes_and_is_reported_in_every_format() {
    let folder = folder();
    let reports = "junit=out/r.xml,json=out/r.json,html=out/r.html";
    let said = harness(folder.path(), &["test", "--only", "p1", "--report", reports, "--report", "md=out/r.md"]);
    let said = said.ended(0);
    assert!(said.out.starts_with("tried at qonto, which this program simulates\npass "), "{said:?}");
    assert!(said.out.contains(" P1 "), "{said:?}");
    let summary = said.out.lines().last().unwrap();
    assert!(summary.contains("1 passed, 0 failed") && summary.contains("seed 1"), "{summary}");
    assert!(!said.out.contains('\u{1b}') && said.err.is_empty(), "no colour, no bar: {said:?}");

    let read = |name: &str| fs::read_to_string(folder.path().join("out").join(name)).unwrap();
    let report: Value = serde_json::from_str(&read("r.json")).unwrap();
    assert_eq!((&report["component"], &report["contract"]), (&json!("qonto 0.2.0"), &json!("0.2.0")));
    assert_eq!((&report["seed"], &report["level"]), (&json!(1), &json!("silver")));
    assert_eq!(report["sha256"].as_str().unwrap().len(), 64);
    assert_eq!(report["harness"], json!(env!("CARGO_PKG_VERSION")));
    assert!(report["date"].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().is_ok(), "{report}");
    assert_eq!(verdicts(&report), [("P1".to_owned(), "pass".to_owned())]);
    let xml = read("r.xml");
    let document = roxmltree::Document::parse(&xml).unwrap();
    assert_eq!(document.root_element().attribute("tests"), Some("1"));
    assert!(read("r.html").starts_with("<!DOCTYPE html>") && read("r.html").ends_with("</html>"));
    assert!(read("r.md").contains("| **P1** "));
}

#[test]
fn a_file_that_is_no_component_fails_a1_and_leaves_the_rest_open() {
    let folder = folder();
    fs::write(folder.path().join("my connector.wasm"), "not a component").unwrap();
    let said = harness(
        folder.path(),
        &["test", "my connector.wasm", "--level", "bronze", "--report", "json=r.json,html=r.html"],
    );
    let said = said.ended(1);
    assert!(said.out.contains("harness explain A1"), "{said:?}");
    assert!(said.out.contains("harness test --component 'my connector.wasm' --only A1 --seed 1"), "{said:?}");
    let page = fs::read_to_string(folder.path().join("r.html")).unwrap();
    assert!(page.contains("<code>harness test --component 'my connector.wasm' --only A1 --seed 1</code>"), "{page}");
    let report: Value = serde_json::from_slice(&fs::read(folder.path().join("r.json")).unwrap()).unwrap();
    for (id, verdict) in verdicts(&report) {
        assert_eq!(verdict, if id == "A1" { "fail" } else { "inconclusive" }, "{id}");
    }
    // A check that cannot be made is not passed, nor has it failed.
    harness(folder.path(), &["test", "--component", "my connector.wasm", "--only", "P1"]).ended(3);
}

/// The Qonto connector with one bug, in a file.
fn mutant(folder: &Path, name: &str) {
    let bug = mutants::MUTANTS.iter().find(|bug| bug.name == name).unwrap();
    fs::write(folder.join("my.wasm"), switch::turned(test_components::MUTANT, bug).unwrap()).unwrap();
}

#[test]
fn a_missing_row_is_told_with_its_instant_status_place_and_the_page_that_ended_there() {
    let folder = folder();
    mutant(folder.path(), "TieSkipped");
    let said = harness(folder.path(), &["test", "my.wasm", "--only", "P4", "--report", "json=r.json"]).ended(1);
    let report: Value = serde_json::from_slice(&fs::read(folder.path().join("r.json")).unwrap()).unwrap();
    let evidence = &report["checks"][0]["evidence"];
    let what = evidence["what"].as_str().unwrap();
    assert!(what.contains(" is missing (2026-") && what.contains(" UTC, succeeded, on "), "{what}");
    let lost = &evidence["lost"];
    let number = lost["exchange"].as_u64().unwrap();
    let told = lost["told"].as_str().unwrap();
    assert!(told.starts_with("it is row ") && told.contains(" of its account by time; no answer holds it, "), "{told}");
    assert!(told.contains(&format!("the page of exchange {number} ended beside it, at 2026-")), "{told}");
    // The row is in none of the answers, and what is beside it is.
    let exchange =
        evidence["exchanges"].as_array().unwrap().iter().find(|exchange| exchange["number"] == number).unwrap();
    assert!(exchange["body"].as_str().unwrap().contains("transactions"), "{exchange}");
    assert!(
        said.out.contains(told) && said.out.contains("harness test --component my.wasm --only P4 --seed 1"),
        "{said:?}"
    );
}

#[test]
fn one_of_many_failures_of_one_bug_is_the_one_to_start_with() {
    let folder = folder();
    mutant(folder.path(), "BearerToken");
    let checks = "C1,K1,P1,P4,H1,X1";
    let said = harness(folder.path(), &["test", "my.wasm", "--only", checks, "--report", "json=r.json"]).ended(1);
    let report: Value = serde_json::from_slice(&fs::read(folder.path().join("r.json")).unwrap()).unwrap();
    let follows = |id: &str| {
        let checks = report["checks"].as_array().unwrap();
        checks.iter().find(|check| check["id"] == id).map(|check| check["follows"].clone()).unwrap()
    };
    assert_eq!(
        ["C1", "K1", "P1", "P4", "H1"].map(follows),
        [json!(null), json!("C1"), json!("C1"), json!("C1"), json!("C1")]
    );
    assert_eq!(said.out.matches("see it again:").count(), 1, "{said:?}");
    assert!(said.out.contains("start here:      from it follow K1, P1, P4, H1"), "{said:?}");
}

#[test]
fn what_cannot_be_done_is_said_before_any_check_runs() {
    let folder = folder();
    fs::write(folder.path().join("file"), "{}").unwrap();
    fs::write(folder.path().join("my.wasm"), "kept").unwrap();
    for (arguments, told) in [
        (&["--only", "P1,Z*"][..], "harness explain"),
        (&["--only", "P1", "--report", "pdf=r.pdf"], "junit, json, html, md"),
        (&["--only", "P1", "--report", "json"], "json=FILE"),
        (&["--only", "P1", "--report", "json=file/r.json"], "cannot write the report file/r.json"),
        (&["--only", "P1", "--report", "json=r,md=r"], "two reports"),
        (&["my.wasm", "--only", "P1", "--report", "json=./my.wasm"], "replace"),
        (&["--only", "P1", "--provider", "monzo"], "qonto"),
        (&["--only", "P1", "--level", "platinum"], "gold"),
        (&["--only", "P1", "--previous", "my.wasm"], "harness describe --json"),
        (&["nowhere.wasm", "--only", "P1"], "nowhere.wasm"),
        (&["my.wasm", "--component", "my.wasm"], "--component"),
    ] {
        let said = harness(folder.path(), &[&["test"], arguments].concat()).ended(2);
        assert!(said.err.contains(told) && said.out.is_empty(), "{arguments:?}: {said:?}");
    }
    assert_eq!(fs::read_to_string(folder.path().join("my.wasm")).unwrap(), "kept");
}

#[test]
fn explain_tells_what_a_check_proves_and_lists_them_all() {
    let folder = folder();
    let one = harness(folder.path(), &["explain", "p1"]).ended(0).out;
    for told in ["P1 complete", "bronze", "fetch-payments", "Every payment", "--only P1"] {
        assert!(one.contains(told), "{told}: {one}");
    }
    let all = harness(folder.path(), &["explain"]).ended(0).out;
    assert!(all.contains("Pagination") && all.contains("P1") && all.contains("tier 1"), "{all}");
    let near = harness(folder.path(), &["explain", "P99"]).ended(2).err;
    assert!(near.contains("P99") && near.contains("P1"), "{near}");
    assert!(harness(folder.path(), &["explain", "zap"]).ended(2).err.contains("Pagination"));
}

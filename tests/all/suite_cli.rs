//! `harness test` and `harness explain` as a person, or a CI job, runs them.

#![allow(clippy::unwrap_used, clippy::expect_used, dead_code, reason = "tests; the command line's tests share a desk")]

use std::fs;

use crate::support::cli::{folder, harness};
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
    assert!(said.out.starts_with("pass ") && said.out.contains(" P1 "), "{said:?}");
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

//! `harness test --replay`: what a recording proves of a connector.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::fs;
use std::path::Path;

use mutant_connector::{mutants, switch};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::cli::{Said, folder, harness};

const RECORDINGS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/recordings");

/// A folder with the recording of the demo and a config for it. There is no secret: a recording needs none.
fn desk() -> TempDir {
    let folder = folder();
    fs::copy(Path::new(RECORDINGS).join("demo.har"), folder.path().join("t.har")).unwrap();
    let config = json!({ "clientID": "acme-1234", "endpoint": "https://thirdparty.qonto.com", "pageSize": 100 });
    fs::write(folder.path().join("c.json"), config.to_string()).unwrap();
    folder
}

fn tested(folder: &TempDir, more: &[&str]) -> Said {
    harness(
        folder.path(),
        &[&["test", "--config", "c.json", "--replay", "t.har", "--report", "json=r.json"], more].concat(),
    )
}

fn verdict(folder: &TempDir, id: &str) -> Value {
    let report: Value = serde_json::from_slice(&fs::read(folder.path().join("r.json")).unwrap()).unwrap();
    let checks = report["checks"].as_array().unwrap();
    checks.iter().find(|check| check["id"] == id).ok_or((id, &report)).unwrap()["verdict"].clone()
}

#[test]
fn a_recording_proves_what_needs_no_bank_and_says_what_it_cannot() {
    let folder = desk();
    let said = tested(&folder, &[]).ended(0);
    assert!(said.out.starts_with("tried on the recording t.har\n"), "{}", said.out);
    let report: Value = serde_json::from_slice(&fs::read(folder.path().join("r.json")).unwrap()).unwrap();
    let beyond = report["beyond"].as_array().unwrap();
    assert!(beyond.contains(&json!("P4")) && !beyond.contains(&json!("H4")), "{beyond:?}");
    assert_eq!(report["reached"], json!(null));
    let made: Vec<&str> =
        report["checks"].as_array().unwrap().iter().map(|check| check["id"].as_str().unwrap()).collect();
    assert!(said.out.contains("A recording cannot prove A5, C1, "), "{}", said.out);
    for id in ["A1", "C2", "P1", "S1", "H1", "H2", "H3", "H4", "X2", "N1"] {
        assert!(made.contains(&id), "{id}: {made:?}");
    }
}

/// The connector with a bug.
fn write(folder: &TempDir, bug: &str) {
    let bug = mutants::MUTANTS.iter().find(|known| known.name == bug).unwrap();
    fs::write(folder.path().join("my.wasm"), switch::turned(test_components::MUTANT, bug).unwrap()).unwrap();
}

#[test]
fn bugs_show_on_a_recording_as_they_do_at_a_bank() {
    let folder = desk();
    for (name, id) in [
        ("HtmlIsEmpty", "H4"),
        ("RetryAfterIgnored", "H1"),
        ("FailureIsEmpty", "H2"),
        ("Retries401", "H3"),
        ("HashOrder", "E2"),
    ] {
        write(&folder, name);
        // That of the bug before is none of this one.
        fs::remove_file(folder.path().join("r.json")).ok();
        let said = tested(&folder, &["--component", "my.wasm", "--only", id]);
        assert!(folder.path().join("r.json").exists(), "{name}: {said:?}");
        assert_eq!(verdict(&folder, id), "fail", "{name}: {said:?}");
        assert!(said.out.contains("--config c.json --replay t.har --only"), "{said:?}");
    }
}

#[test]
fn a_connector_that_asks_for_its_key_as_a_text_gets_none_and_is_not_tried() {
    let folder = desk();
    write(&folder, "AnswerQuoted");
    let mut config: Value = serde_json::from_slice(&fs::read(folder.path().join("c.json")).unwrap()).unwrap();
    config["apiKey"] = json!("not-a-real-key");
    fs::write(folder.path().join("c.json"), config.to_string()).unwrap();
    let said = tested(&folder, &["--component", "my.wasm", "--only", "X2"]).ended(2);
    assert!(said.err.contains("`apiKey`: its name says that it is a secret") && said.out.is_empty(), "{said:?}");
}

#[test]
fn what_was_not_recorded_proves_nothing_and_names_the_request() {
    let folder = desk();
    let mut har: Value = serde_json::from_slice(&fs::read(folder.path().join("t.har")).unwrap()).unwrap();
    har["log"]["entries"].as_array_mut().unwrap().pop();
    fs::write(folder.path().join("t.har"), har.to_string()).unwrap();
    let said = tested(&folder, &["--only", "P1,H4"]).ended(3);
    assert!(said.out.contains("asks for what was not recorded") && said.out.contains("currency"), "{said:?}");
    for (arguments, told) in [
        (&["--replay", "t.har"][..], "--config"),
        (&["--replay", "t.har", "--config", "c.json", "--provider", "qonto"], "--provider"),
        (&["--replay", "c.json", "--config", "c.json"], "is no recording"),
        (&["--replay", "t.har", "--config", "t.har"], "clientID"),
    ] {
        let said = harness(folder.path(), &[&["test", "--only", "P1"], arguments].concat()).ended(2);
        assert!(said.err.contains(told) && said.out.is_empty(), "{told}: {said:?}");
    }
}

//! `harness fixtures`: recordings that can be shared, and ours, which are.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::support::cli::{folder, harness};

/// Everything in a folder of the tests that is JSON.
fn files(name: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests").join(name);
    let all = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    all.filter(|path| path.extension().is_some_and(|ending| ending == "har" || ending == "json")).collect()
}

#[test]
fn no_recording_and_no_scenario_of_ours_holds_a_secret_or_somebodys_account() {
    let files: Vec<PathBuf> = ["recordings", "scenarios"].into_iter().flat_map(files).collect();
    assert!(files.len() >= 6, "{files:?}");
    let names: Vec<&str> = files.iter().map(|file| file.to_str().unwrap()).collect();
    harness(folder().path(), &[&["fixtures", "lint"], &*names].concat()).ended(0);
}

#[test]
fn what_is_found_is_told_with_its_place_and_never_in_full() {
    let folder = folder();
    let body = json!({ "rows": [{ "iban": "DE89370400440532013000" }] }).to_string();
    fs::write(folder.path().join("a.json"), json!({ "content": { "text": body }, "password": "hunter2" }).to_string())
        .unwrap();
    let said = harness(folder.path(), &["fixtures", "lint", "a.json"]).ended(1);
    assert!(
        said.out.contains("a.json: content.text.rows[0].iban: an IBAN that may be somebody's (DE8937…)"),
        "{said:?}"
    );
    assert!(said.out.contains("a.json: password: a secret") && !said.out.contains("hunter2"), "{said:?}");
    assert!(!said.out.contains("532013"), "{said:?}");
    harness(folder.path(), &["fixtures", "lint", "b.json"]).ended(2);
}

#[test]
fn a_redacted_recording_has_the_same_shape_and_reads_as_much() {
    let folder = folder();
    let demo = files("recordings").into_iter().find(|file| file.ends_with("demo.har")).unwrap();
    let demo = demo.to_str().unwrap();
    harness(folder.path(), &["fixtures", "redact", demo, "r.har"]).ended(0);
    let text = fs::read_to_string(folder.path().join("r.har")).unwrap();
    for gone in ["Kerdoncuff", "kerdoncuff", "004821", "Quincaillerie", "Brume", "a6ac9259"] {
        assert!(!text.contains(gone), "{gone}");
    }
    harness(folder.path(), &["fixtures", "lint", "r.har"]).ended(0);
    assert_eq!(harness(folder.path(), &["fixtures", "drift", demo, "r.har"]).ended(0).out, "the same shape\n");
    fs::write(
        folder.path().join("c.json"),
        r#"{"clientID":"a-1","endpoint":"https://thirdparty.qonto.com","pageSize":100}"#,
    )
    .unwrap();
    let counted = |recording: &str| {
        let said =
            harness(folder.path(), &["test", "--config", "c.json", "--replay", recording, "--only", "P1"]).ended(0);
        said.out.lines().nth(1).unwrap().split(" (").next().unwrap().to_owned()
    };
    assert_eq!(counted("r.har"), counted(demo));
    let onto_itself = harness(folder.path(), &["fixtures", "redact", "r.har", "./r.har"]).ended(2);
    assert!(onto_itself.err.contains("another file"), "{onto_itself:?}");
}

#[test]
fn what_is_gone_or_of_another_type_fails_and_what_is_new_is_told() {
    let folder = folder();
    let write = |name: &str, body: Value| {
        let entry = json!({ "request": { "method": "GET", "url": "https://bank.test/rows" },
            "response": { "status": 200, "content": { "text": body.to_string() } } });
        fs::write(folder.path().join(name), json!({ "log": { "entries": [entry] } }).to_string()).unwrap();
    };
    write("old.har", json!({ "id": "a", "amount": 1 }));
    write("more.har", json!({ "id": "a", "amount": 1, "note": "x" }));
    write("other.har", json!({ "amount": "1.00" }));
    let more = harness(folder.path(), &["fixtures", "drift", "old.har", "more.har"]).ended(0);
    assert_eq!(more.out, "new      GET /rows 200 $.note: a text\n");
    let other = harness(folder.path(), &["fixtures", "drift", "old.har", "other.har"]).ended(1);
    assert_eq!(other.out, "gone     GET /rows 200 $.id\nchanged  GET /rows 200 $.amount: was a number, is a text\n");
}

//! `harness review` as somebody runs it who has to approve a connector.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::Path;

use crate::support::cli::{folder, harness};
use conformance::{Check, Level};
use host_harness::providers;
use serde_json::{Value, json};

/// What `harness describe --json` says of the bundled connector.
fn described(folder: &Path) -> Value {
    serde_json::from_str(&harness(folder, &["describe", "--json"]).ended(0).out).unwrap()
}

/// The lines of a section, up to the blank line behind it.
fn section<'t>(text: &'t str, title: &str) -> Vec<&'t str> {
    text.lines().skip_while(|line| *line != title).skip(1).take_while(|line| !line.is_empty()).collect()
}

#[test]
fn a_sheet_tells_what_is_asked_what_was_proved_and_each_check_that_was_not() {
    let folder = folder();
    let said = harness(folder.path(), &["review", "--level", "bronze", "--html", "sheet.html"]).ended(0);
    assert!(said.err.is_empty() && said.out.starts_with("Review of qonto 0.2.0: passed ("), "{said:?}");
    let page = fs::read_to_string(folder.path().join("sheet.html")).unwrap();
    let digest = described(folder.path())["digest"].as_str().unwrap().to_owned();
    assert!(harness(folder.path(), &["describe"]).ended(0).out.contains(&digest));
    let rights = "no files, no sockets, no clock, no randomness, no environment (the one that it imports is empty); \
                  HTTP to one origin";
    for told in
        [&*digest, rights, "GET endpoint /v2/transactions/{id}", "authorization = {clientID}:{apiKey} to endpoint"]
    {
        assert!(said.out.contains(told) && page.contains(told), "{told}: {}", said.out);
    }
    let is_in = |check: &Check, title: &str| {
        let heading = format!("{} {}", check.id, check.title);
        section(&said.out, title).iter().any(|line| {
            line.split(", ").any(|part| part.ends_with(&heading)) || line.starts_with(&format!("  – {heading} "))
        })
    };
    for check in providers::checks() {
        let places =
            [is_in(check, "What was proved"), said.out.contains(&format!("\n  – {} {} ", check.id, check.title))];
        assert_eq!(places, [check.level == Level::Bronze, check.level > Level::Bronze], "{}", check.id);
    }
    assert!(said.out.contains("signature: ___"), "{}", said.out);
}

#[test]
fn a_sheet_tells_how_the_previous_version_differs() {
    let folder = folder();
    let mut old = described(folder.path());
    old["version"] = json!("0.1.9");
    old["digest"] = json!("sha256:00");
    old["bytes"] = json!(7);
    old["requests"].as_array_mut().unwrap().retain(|request| request["path"] != "/v2/transactions");
    old["headers"].as_array_mut().unwrap().push(json!("x-old"));
    old["imports"].as_array_mut().unwrap().push(json!("wasi:random/random@0.2.6"));
    old["config"].as_array_mut().unwrap().retain(|field| field["name"] != "stagingToken");
    fs::write(folder.path().join("old.json"), old.to_string()).unwrap();
    let said = harness(folder.path(), &["review", "--level", "bronze", "--previous", "old.json"]).ended(0);
    let lines = section(&said.out, "Difference to the previous version").join("\n");
    for told in [
        "From qonto 0.1.9 to qonto 0.2.0",
        "version: 0.1.9 → 0.2.0",
        "digest: sha256:00 → sha256:",
        "size: 7 bytes → ",
        "+ request       GET endpoint /v2/transactions\n",
        "- header        x-old",
        "- import        wasi:random/random: 0.2.6",
        "+ config field  stagingToken: secret, optional",
    ] {
        assert!(lines.contains(told), "{told}: {lines}");
    }
    fs::write(folder.path().join("same.json"), described(folder.path()).to_string()).unwrap();
    let same = harness(folder.path(), &["review", "--level", "bronze", "--previous", "same.json"]).ended(0);
    assert!(section(&same.out, "Difference to the previous version")[0].contains("byte for byte"), "{same:?}");
}

#[test]
fn what_does_not_load_has_a_sheet_that_says_so_and_fails() {
    let folder = folder();
    fs::write(folder.path().join("my connector.wasm"), "not a component").unwrap();
    let said = harness(folder.path(), &["review", "my connector.wasm", "--level", "bronze"]).ended(1);
    assert!(section(&said.out, "What it asks")[0].contains("Not known: "), "{said:?}");
    assert!(section(&said.out, "What failed")[0].contains("✗ A1 world-match"), "{said:?}");
    assert!(said.out.contains("`harness test --component 'my connector.wasm' --level bronze --seed 1 "), "{said:?}");
    assert!(!said.out.contains("--accept"), "what failed is nothing to approve: {said:?}");
}

#[test]
fn what_no_sheet_can_be_made_of_is_said_before_any_check_runs() {
    let folder = folder();
    fs::write(folder.path().join("my.wasm"), "kept").unwrap();
    fs::write(folder.path().join("old.json"), r#"{"name":"qonto"}"#).unwrap();
    for (arguments, told) in [
        (&["nowhere.wasm"][..], "nowhere.wasm"),
        (&["--previous", "my.wasm"], "harness describe --json"),
        (&["--previous", "old.json"], "no manifest"),
        (&["--provider", "monzo"], "qonto"),
        (&["my.wasm", "--html", "./my.wasm"], "replace"),
        (&["--html", "my.wasm/sheet.html"], "cannot write the report my.wasm/sheet.html"),
        (&["--html", "out/sheet.html"], "cannot write the report out/sheet.html: there is no folder out"),
    ] {
        let said = harness(folder.path(), &[&["review"], arguments].concat()).ended(2);
        assert!(said.err.contains(told) && said.out.is_empty(), "{arguments:?}: {said:?}");
    }
    assert_eq!(fs::read_to_string(folder.path().join("my.wasm")).unwrap(), "kept");
}

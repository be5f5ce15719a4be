//! What leaves the program: nothing that drives a terminal or forges a line, and files for their owner alone.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::cli::{Desk, Said, folder, harness};
use crate::support::{SECRET, world};

/// As the rogue has it.
const DRIVES: &str = "\u{1b}]52;c;eA==\u{7}\u{9b}2J\u{202e}\nerror: forged";

/// A folder in which the rogue can be run offline: it makes no request in these tests.
fn rogue(behaviour: &str) -> tempfile::TempDir {
    let folder = folder();
    let config = json!({ "endpoint": "https://bank.example", "token": SECRET, "behaviour": behaviour });
    fs::write(folder.path().join("rogue.wasm"), test_components::ROGUE).unwrap();
    fs::write(folder.path().join("config.json"), config.to_string()).unwrap();
    let empty = json!({ "log": { "version": "1.2", "creator": { "name": "x", "version": "1" }, "entries": [] } });
    fs::write(folder.path().join("empty.har"), empty.to_string()).unwrap();
    folder
}

fn run(folder: &Path) -> Said {
    let from = ["--component", "rogue.wasm", "--config", "config.json", "--replay", "empty.har"];
    harness(folder, &[&["run", "--once"], &from[..]].concat())
}

#[track_caller]
fn assert_harmless(said: &Said) {
    for text in [&said.out, &said.err] {
        let drives = |character: char| character.is_control() && character != '\n' || character == '\u{202e}';
        assert!(!text.contains(drives), "{said:#?}");
        assert!(!text.lines().any(|line| line.starts_with("error: forged")), "{said:#?}");
    }
}

#[test]
fn what_a_connector_says_drives_no_terminal_and_forges_no_line() {
    for (behaviour, code, told) in [
        ("drive-by-panic", 3, r"boom \u001b]52;c;eA==\u0007\u009b2J\u202e error: forged"),
        ("drive-by-error", 1, r"\u001b]52;c;eA==\u0007\u009b2J\u202e"),
        ("drive-by-record", 0, "1 rejected"),
    ] {
        let folder = rogue(behaviour);
        let polled = run(folder.path()).ended(code);
        assert_harmless(&polled);
        assert!(polled.err.contains(told), "{polled:#?}");
        assert!(polled.summary()["fetch-payments/bad"].is_object(), "the last line is JSON still: {polled:#?}");
        if behaviour == "drive-by-panic" {
            let logged = polled.err.lines().find(|line| line.contains("WARN") && line.contains("harness::connector"));
            assert!(logged.is_some_and(|line| line.ends_with("error: forged")), "{polled:#?}");
        }
        assert_harmless(&harness(folder.path(), &["state", "show"]).ended(0));
    }
}

#[test]
fn an_export_in_json_is_harmless_and_means_what_was_stored() {
    let folder = rogue("drive-by-record");
    run(folder.path()).ended(0);
    for format in ["json", "ndjson"] {
        let said = harness(folder.path(), &["export", "all", "--format", format]).ended(0);
        assert_harmless(&said);
        let parsed: Vec<Value> = if format == "json" { serde_json::from_str(&said.out).unwrap() } else { said.lines() };
        let of = |kind: &str| parsed.iter().find(|record| record["kind"] == kind && record["reference"] == DRIVES);
        assert_eq!(of("payment").unwrap()["raw"]["note"], DRIVES);
        assert_eq!(of("rejected").unwrap()["reason"], DRIVES);
    }
}

#[test]
fn a_manifest_is_shown_and_not_obeyed() {
    let folder = rogue("none");
    let shown = harness(folder.path(), &["describe", "--component", "rogue.wasm"]).ended(0);
    assert_harmless(&shown);
    assert!(shown.out.contains(r"time.\u001b]52"), "{shown:#?}");
    let facts = harness(folder.path(), &["describe", "--component", "rogue.wasm", "--json"]).ended(0);
    assert_harmless(&facts);
    let facts: Value = serde_json::from_str(&facts.out).unwrap();
    assert_eq!(facts["description"], format!("Breaks one rule at a time.{DRIVES}"));
}

#[test]
fn a_second_attempt_and_a_misspelt_field_are_told_without_asking_for_more() {
    let folder = rogue("unavailable");
    let polled = run(folder.path()).ended(1);
    assert!(polled.err.contains("try later; trying again in "), "{polled:#?}");
    let config = json!({ "endpoint": "https://bank.example", "token": SECRET, "behaviour": "none", "tokne": "" });
    fs::write(folder.path().join("config.json"), config.to_string()).unwrap();
    let polled = run(folder.path());
    assert!(polled.err.contains("`tokne`"), "{polled:#?}");
}

#[cfg(unix)]
mod unix {
    use std::io::{BufRead as _, BufReader};
    use std::os::unix::fs::PermissionsExt as _;
    use std::process::Stdio;

    use outside::har::Har;

    use super::*;

    fn mode(path: &Path) -> u32 {
        path.metadata().unwrap().permissions().mode() & 0o777
    }

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_store_and_a_recording_are_made_for_their_owner_alone() {
        let desk = Desk::new(world(1).0, 25).await;
        desk.poll(&["--record", "poll.har"]).ended(0);
        assert_eq!((mode(&desk.path("payments.db")), mode(&desk.path("poll.har"))), (0o600, 0o600));
        assert!(!desk.path("poll.har.tmp").exists());
        assert!(!desk.poll(&[]).err.contains("others on this machine can read the store"));
        set_mode(&desk.path("payments.db"), 0o644);
        for said in [desk.poll(&[]).ended(0), desk.export("all", &[])] {
            assert_eq!(said.err.matches("`chmod 600 payments.db*`").count(), 1, "{said:#?}");
        }
        assert_eq!(mode(&desk.path("payments.db")), 0o644, "it is left as it is");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_recording_that_cannot_be_written_is_told_before_the_first_request() {
        let desk = Desk::new(world(1).0, 25).await;
        for (file, told) in [("missing/poll.har", "there is no folder missing"), (".", "Is a directory")] {
            let refused = desk.poll(&["--record", file]).ended(2);
            assert!(refused.err.contains(told) && refused.err.contains(file), "{refused:#?}");
        }
        assert_eq!(desk.sim.requests(), 0);
        assert!(!desk.path("payments.db").exists());
        let piped = desk.poll(&["--record", "/dev/stdout"]).ended(0);
        assert!(!Har::from_slice(piped.out.as_bytes()).unwrap().log.entries.is_empty());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_plain_key_that_others_can_read_is_warned_of() {
        let desk = Desk::new(world(1).0, 25).await;
        let file = desk.path("config.json");
        let warned =
            |said: Said| said.ended(0).err.contains("`apiKey`, and others on this machine can read it; `chmod 600");
        for (given, mode, warns) in
            [(json!(SECRET), 0o644, true), (json!(SECRET), 0o600, false), (json!({ "env": "KEY" }), 0o644, false)]
        {
            desk.write("config.json", desk.config(&json!({ "apiKey": given })).to_string());
            set_mode(&file, mode);
            let mut check = desk.command(&["check", "--config", "config.json"]);
            let said =
                tokio::task::block_in_place(|| crate::support::cli::said(check.env("KEY", SECRET).output().unwrap()));
            assert_eq!(warned(said), warns, "{given} {mode:o}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_command_leaves_no_core_dump() {
        let folder = folder();
        let mut serve = crate::support::cli::command(folder.path(), &["sim", "serve"]);
        let mut serve = serve.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(serve.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let limits = fs::read_to_string(format!("/proc/{}/limits", serve.id())).unwrap();
        serve.kill().unwrap();
        serve.wait().unwrap();
        let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
        assert_eq!(core.split_whitespace().skip(4).take(2).collect::<Vec<_>>(), ["0", "0"]);
    }
}

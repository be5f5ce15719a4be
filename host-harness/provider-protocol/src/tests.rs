//! Programs that are no bank, and what is told of them.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;

use crate::rehearsal::possible;
use crate::{Foreign, Hello, Place};

/// Long enough for a shell to start, short enough to wait for.
const PATIENCE: Duration = Duration::from_millis(1_500);
/// What a bank says of itself, on one line.
const HELLO: &str = r#"{"ok":{"protocol":1,"name":"made-up","config":{"endpoint":"https://api.made-up.example","token":"cnry-0123456789abcdef"},"secrets":["token"],"largestPage":50,"statuses":["succeeded"]}}"#;

fn hello() -> Hello {
    let told: serde_json::Value = serde_json::from_str(HELLO).unwrap();
    serde_json::from_value(told["ok"].clone()).unwrap()
}

fn program(folder: &TempDir, name: &str, text: &str, mode: u32) -> PathBuf {
    let file = folder.path().join(name);
    fs::write(&file, text).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
    file
}

/// What is told of a program, less its own name.
fn told(place: Place) -> String {
    let name = place.to_string();
    let error = Foreign::meet_within(place, PATIENCE).expect_err("no bank").to_string();
    error.strip_prefix(&format!("the provider {name} ")).unwrap_or_else(|| panic!("{error}")).to_owned()
}

#[test]
fn a_program_that_is_no_bank_is_told_by_name_with_what_it_did() {
    let folder = tempfile::tempdir().unwrap();
    // Each reads the first line, and answers it in its own way.
    let after_hello = |then: &str| format!("read line; printf '%s\\n' '{HELLO}'; {then}");
    for (number, (script, wanted)) in [
        ("exit 0".to_owned(), "ended while it was asked `hello`"),
        ("echo Traceback: no such table >&2; exit 1".to_owned(), "standard error last:\nTraceback: no such table"),
        ("cat >/dev/null".to_owned(), "did not answer `hello` within 1.5 s"),
        (
            "read line; echo listening on port 80".to_owned(),
            "no answer to it (expected value at line 1 column 1): listening",
        ),
        ("read line; echo '{\"ok\":{}}'".to_owned(), "missing field `protocol`"),
        ("read line; echo '{\"error\":\"out of paper\"}'".to_owned(), "could not do `hello`: out of paper"),
        (
            "read line; head -c 70000000 /dev/zero | tr '\\0' x".to_owned(),
            "more than 67108864 bytes; an answer is one line",
        ),
        (after_hello("echo done; cat >/dev/null"), ": done"),
        (after_hello("read line; kill -9 $$"), "ended while it was asked `reset`"),
        (
            after_hello("while read line; do echo '{\"ok\":null}'; done"),
            "answered `truth` with what is no answer to it",
        ),
        (after_hello("while read line; do echo '{\"ok\":{}}'; done"), "answered `open` with what is no answer to it"),
    ]
    .into_iter()
    .enumerate()
    {
        let file = program(&folder, &format!("bank-{number}"), &format!("#!/bin/sh\n{script}\n"), 0o755);
        let told = told(Place::Program(file));
        assert!(told.contains(wanted), "{script}: {told}");
    }
    let nowhere = told(Place::Program(folder.path().join("nowhere.py")));
    assert!(nowhere.contains("there is no such file"), "{nowhere}");
    let plain = told(Place::Program(program(&folder, "plain", "#!/bin/sh\n", 0o644)));
    assert!(plain.contains("chmod +x"), "{plain}");
    let headless = told(Place::Program(program(&folder, "headless", "import sys\n", 0o755)));
    assert!(headless.contains("#!/usr/bin/env python3"), "{headless}");
}

#[test]
fn only_this_machine_is_spoken_to() {
    let elsewhere = told(Place::Port("192.0.2.1:80".parse().unwrap()));
    assert!(elsewhere.contains("tcp://127.0.0.1:PORT"), "{elsewhere}");
    // Nobody listens there, and no system gives it to whoever asks for any port: one of those may connect to itself.
    let nobody = told(Place::Port("127.0.0.1:1".parse().unwrap()));
    assert!(nobody.contains("cannot be reached: "), "{nobody}");
}

/// Something that no bank can say.
type Change = fn(&mut Hello);

#[test]
fn what_a_bank_says_of_itself_must_be_possible() {
    assert_eq!(possible(&hello()), Ok(()));
    let wrong: [(Change, &str); 7] = [
        (|hello| hello.protocol = 2, "protocol 2, and this harness 1"),
        (|hello| "Made Up".clone_into(&mut hello.name), "hyphens"),
        (|hello| hello.secrets.clear(), "`secrets`"),
        (|hello| hello.secrets = vec!["key".to_owned()], "`key`"),
        (|hello| _ = hello.config.insert("token".to_owned(), json!("short")), "`token`"),
        (|hello| _ = hello.config.remove("endpoint"), "https://"),
        (|hello| hello.largest_page = 0, "`largestPage`"),
    ];
    for (change, wanted) in wrong {
        let mut hello = hello();
        change(&mut hello);
        let why = possible(&hello).expect_err("impossible");
        assert!(why.contains(wanted), "{why}");
    }
}

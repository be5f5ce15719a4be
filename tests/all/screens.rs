//! What a person sees of a run: streams by their names, one line a poll, one line for one cause.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use chrono::TimeDelta;
use serde_json::json;
use sim::{Broken, Fault, On};

use crate::support::cli::{Desk, Said, folder, harness};
use crate::support::{at, mixed, world};

/// What stands before the JSON of the last line.
fn lines(said: &Said) -> Vec<&str> {
    let lines: Vec<&str> = said.err.lines().collect();
    lines[..lines.len() - 1].to_vec()
}

/// What an endless run says until it tells the time of its next poll; it is ended then.
fn first_poll(desk: &Desk) -> Vec<String> {
    let mut child = desk.command(&["run", "--config", "config.json"]).stderr(Stdio::piped()).spawn().unwrap();
    let mut told = Vec::new();
    for line in BufReader::new(child.stderr.take().unwrap()).lines() {
        let line = line.unwrap();
        told.push(line);
        if told.last().unwrap().contains("next poll") {
            break;
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
    // The file of the key is open to others.
    told.retain(|line| !line.starts_with("warning: "));
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_is_told_by_the_name_of_its_account_and_by_its_key_to_programs() {
    let (mut world, accounts) = world(3);
    mixed(&mut world, &accounts[0], 3, at(0), TimeDelta::seconds(1));
    for twin in &accounts[1..] {
        world.edit_account(twin, |account| _ = account.set("name", "Twin\u{1b}[2J"));
    }
    let desk = Desk::new(world, 25).await;
    let polled = desk.poll(&[]).ended(0);
    let told = lines(&polled);
    assert!(
        told.iter().any(|line| line.starts_with("payments · Account 1: 3 records (3 new or changed), ")),
        "{told:?}"
    );
    for twin in &accounts[1..] {
        let name = format!(r"payments · Twin\u001b[2J (…{}): 0 records", &twin[twin.len() - 8..]);
        assert!(told.iter().any(|line| line.starts_with(&name)), "{name}: {told:?}");
        assert!(!told.iter().any(|line| line.contains(twin)), "{told:?}");
    }
    assert!(accounts.iter().all(|id| polled.summary()[format!("fetch-payments/{id}")].is_object()), "{polled:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poll_of_an_endless_run_is_one_line() {
    let (mut world, accounts) = world(2);
    mixed(&mut world, &accounts[0], 3, at(0), TimeDelta::seconds(1));
    let desk = Desk::new(world, 25).await;
    desk.write("config.json", desk.config(&json!({ "pollingPeriod": "90m" })).to_string());
    let told = tokio::task::block_in_place(|| first_poll(&desk));
    assert_eq!(told.len(), 2, "{told:?}");
    assert_eq!(told[0], "polling every 1h30m; Ctrl-C or SIGTERM ends after the page in flight");
    let stamp = chrono::NaiveDateTime::parse_from_str(&told[1][..20], "%Y-%m-%d %H:%M:%SZ");
    assert!(stamp.is_ok() && told[1].contains("Z  9 new or changed · 9 records · "), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_cannot_be_reached_is_one_line_of_a_poll() {
    let desk = Desk::new(world(1).0, 25).await;
    // No system gives this port to whoever asks for any: one of those may connect to itself.
    let nobody = "127.0.0.1:1";
    desk.write("config.json", desk.config(&json!({ "endpoint": format!("http://{nobody}") })).to_string());
    let check = desk.harness(&["check", "--config", "config.json"]).ended(1);
    let why = format!("cannot connect to {nobody}: Connection refused");
    let next = "; nothing was read: see that this machine is online and that the config names the right URL, then run it again";
    assert!(check.err.lines().last() == Some(&*format!("error: {why}{next}")), "{check:?}");
    let told = tokio::task::block_in_place(|| first_poll(&desk));
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[1].contains(&format!("nothing polled, after 5 tries: {why} · next poll ")), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_that_meet_the_same_have_one_line_when_it_is_tried_again_and_one_at_the_end() {
    let desk = Desk::new(world(3).0, 25).await;
    desk.sim.inject(On::path("/v2/transactions"), Fault::Break(Broken::Reset));
    let polled = desk.poll(&[]).ended(1);
    let told = lines(&polled);
    let with = |text: &str| told.iter().filter(|line| line.contains(text)).copied().collect::<Vec<_>>();
    let [again] = with("trying again in")[..] else { unreachable!("{told:?}") };
    assert!(again.starts_with("the connection broke: ") && again.ends_with(", 4 times at most"), "{again}");
    let [failed] = with("failed: ")[..] else { unreachable!("{told:?}") };
    assert!(failed.starts_with("failed: payments · Account "), "{failed}");
    assert_eq!((failed.matches("payments · ").count(), failed.matches("the connection broke").count()), (3, 1));
    assert!(polled.summary().as_object().unwrap().values().filter(|stream| stream["error"].is_string()).count() == 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_uninstalled_is_meant_by_its_name_alone_and_is_not_uninstalled_twice() {
    let desk = Desk::new(world(1).0, 25).await;
    for name in ["paris", "lyon"] {
        desk.poll(&["--name", name]).ended(0);
    }
    desk.harness(&["show"]).ended(2);
    desk.harness(&["uninstall", "lyon"]).ended(0);
    assert!(desk.harness(&["state", "show"]).ended(0).out.contains("payments · Account 1"), "paris is meant");
    let twice = desk.harness(&["uninstall", "lyon"]).ended(2);
    assert!(
        twice.err.contains("`lyon` is not installed any more") && twice.err.contains("Installed there: paris"),
        "{twice:?}"
    );
    assert_eq!(desk.export("accounts", &["--name", "lyon"]).lines().len(), 1, "its records stay");
    desk.harness(&["uninstall", "paris"]).ended(0);
    desk.harness(&["show"]).ended(2);
    desk.harness(&["uninstall", "lyon", "--purge"]).ended(0);
    desk.export("accounts", &[]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_that_a_store_has_read_past_is_told_as_that_and_not_as_an_outage() {
    let (mut world, accounts) = world(1);
    mixed(&mut world, &accounts[0], 30, at(0), TimeDelta::seconds(1));
    let desk = Desk::new(world, 7).await;
    desk.poll(&["--record", "poll.har"]).ended(0);
    let again = desk.poll(&["--replay", "poll.har"]).ended(1);
    let failed: Vec<&str> = lines(&again).into_iter().filter(|line| line.starts_with("failed: ")).collect();
    assert_eq!(failed.len(), 1, "{again:?}");
    assert!(
        failed[0].contains("the recording has no answer") && failed[0].contains("`harness state reset`"),
        "{again:?}"
    );
    assert!(!failed[0].contains("unavailable"), "{again:?}");
    desk.harness(&["state", "reset"]).ended(0);
    desk.poll(&["--replay", "poll.har"]).ended(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_taken_back_of_the_own_connector_is_told_in_a_sentence() {
    let desk = Desk::new(world(1).0, 25).await;
    desk.poll(&[]).ended(0);
    let next = "its records stay, and it runs again once you agree to it: the next `harness run` says how";
    for (said, why) in [
        ("`qonto` was run by the program's own connector, which needs no grant; it is not run any more", "first"),
        ("what `qonto` was granted was taken back before", "again"),
    ] {
        assert_eq!(desk.harness(&["grant", "revoke"]).ended(0).out, format!("{said}; {next}\n"), "{why}");
    }
    assert_eq!(desk.harness(&["resume"]).ended(0).out, "`qonto` was not suspended, and goes on as before\n");
    assert!(desk.harness(&["state", "reset"]).ended(0).out.contains("the next poll reads all of that again"));
    assert!(desk.harness(&["state", "reset"]).ended(0).out.contains("remembers nothing"));
}

#[test]
fn a_file_that_is_wrong_is_told_what_is_wrong_where_and_what_to_do() {
    let folder = folder();
    let write = |name: &str, text: &[u8]| fs::write(folder.path().join(name), text).unwrap();
    let config = json!({ "clientID": "acme", "apiKey": "s3cr3t-key-00", "endpoint": "https://nowhere.invalid" });
    write("config.json", config.to_string().as_bytes());
    write("text", b"hello");
    write("cut.json", b"{\n\"log\": ");
    write("huge.json", &vec![b' '; (1 << 20) + 1]);
    write("latin1.json", b"{\"clientID\": \"caf\xe9\"}");
    write("period.json", config.to_string().replace('{', r#"{"pollingPeriod":"0s","#).as_bytes());
    write("rogue.wasm", test_components::ROGUE);
    let head = [&b"SQLite format 3\0"[..], &[0x10, 0, 1, 1, 0, 0x40, 0x20, 0x20], &[0x55; 5_000]].concat();
    write("damaged.db", &head);
    let run = ["run", "--once", "--config", "config.json"];
    let granted = [&run[..], &["--component", "rogue.wasm", "--grant"]].concat();
    for (arguments, told) in [
        (&["check", "--config", "no.json"][..], "cannot read no.json: there is no such file"),
        (&["check", "--config", "text"], "the config is not a JSON object: expected value, in line 1, column 1"),
        (&["check", "--config", "cut.json"], "it ends in the middle of its JSON, in line 2"),
        (&["check", "--config", "huge.json"], "it is larger than 1024 KiB"),
        (&["check", "--config", "/dev/zero"], "it is larger than 1024 KiB"),
        (&["check", "--config", "latin1.json"], "it is no text in UTF-8"),
        (&["check", "--config", "period.json"], "`pollingPeriod`: expected a duration of at least 10s"),
        (&["run", "--record", "r.har", "--config", "/dev/zero"], "it is larger than 1024 KiB"),
        (
            &[&granted[..], &["text"]].concat(),
            "text is no grant: expected value, in line 1, column 1. `harness grant show`",
        ),
        (&[&granted[..], &["period.json"]].concat(), "period.json is no grant: "),
        (
            &[&run[..], &["--replay", "cut.json"]].concat(),
            "cut.json is no recording: it ends in the middle of its JSON",
        ),
        (&[&run[..], &["--replay", "config.json"]].concat(), "the field `log` is missing"),
        (&[&run[..], &["--replay", "no.har"]].concat(), "cannot read no.har: there is no such file"),
        (&["show", "--store", "damaged.db"], "the store damaged.db is damaged"),
        (&["show", "--store", "text"], "text is not a payments store"),
    ] {
        let said = harness(folder.path(), arguments).ended(2);
        assert!(said.err.contains(told), "{arguments:?}: {told}: {said:?}");
        for raw in ["os error", "Error", "Some(", "database disk image"] {
            assert!(!said.err.contains(raw), "{arguments:?}: {raw}: {said:?}");
        }
    }
    let described = harness(folder.path(), &["describe"]).ended(0).out;
    assert!(described.contains("at least 10s") && !described.contains("longer than zero"), "{described}");
}

//! The operator grants: what a component asks for is agreed to once, anything wider does not run, and a component that
//! tries what it was not granted is stopped for good. Through the program, as an operator uses it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::fs;
use std::time::Duration;

use chrono::Utc;
use engine::runner::PollError;
use outside::clock::Clock as _;
use outside::egress::{Incident, Refusal, RefusalKind};
use qonto::QontoWorld;
use sandbox::Blame;
use serde_json::{Value, json};
use store::{Granted, PollStore as _, Store, StreamKey};

use crate::support::cli::{Desk, Said};
use crate::support::rogue::Rogue;
use crate::support::world;

/// A desk with the rogue component in `rogue.wasm`, and a config for it that behaves.
async fn desk() -> Desk {
    let (world, _): (QontoWorld, _) = world(1);
    let desk = Desk::new(world, 25).await;
    desk.write("rogue.wasm", test_components::ROGUE);
    configure(&desk, &json!({ "behaviour": "none" }));
    desk
}

fn configure(desk: &Desk, fields: &Value) {
    let mut config = json!({ "endpoint": desk.server.url(), "token": "tok-9b1f7c2e64" });
    for (name, value) in fields.as_object().unwrap() {
        config[name] = value.clone();
    }
    desk.write("rogue.json", config.to_string());
}

fn run(desk: &Desk, more: &[&str]) -> Said {
    let fixed = ["run", "--once", "--component", "rogue.wasm", "--config", "rogue.json"];
    desk.harness(&[&fixed[..], more].concat())
}

/// What a refusal says that agrees to it.
fn words(said: &Said) -> String {
    let word = said.err.split_whitespace().find(|word| word.starts_with("--accept=sha256:"));
    word.unwrap_or_else(|| panic!("{}", said.err)).to_owned()
}

/// The same component under another digest: a custom section that means nothing.
fn another(wasm: &[u8]) -> Vec<u8> {
    [wasm, &[0, 3, 1, b'x', b'y']].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_runs_when_the_operator_has_agreed_and_a_refusal_sends_nothing_and_leaves_nothing() {
    let desk = desk().await;
    for command in ["run", "check"] {
        let said = desk.harness(&[command, "--component", "rogue.wasm", "--config", "rogue.json"]).ended(2);
        for part in
            ["nobody has agreed", "sha256:", "authorization = {token} to endpoint", "GET endpoint /x", "--accept"]
        {
            assert!(said.err.contains(part), "{command}: {part}: {}", said.err);
        }
        assert!(said.err.contains(&desk.server.url()), "{}", said.err);
        assert!(!desk.path("payments.db").exists(), "{command}");
    }
    assert_eq!(desk.sim.requests(), 0);
    run(&desk, &["--accept"]).ended(0);
    run(&desk, &[]).ended(0);
    desk.harness(&["check", "--component", "rogue.wasm", "--config", "rogue.json"]).ended(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_taken_back_stays_so_until_the_operator_names_the_component() {
    let desk = desk().await;
    run(&desk, &["--accept"]).ended(0);
    desk.write("grant.json", desk.harness(&["grant", "show"]).ended(0).out);
    desk.harness(&["grant", "revoke"]).ended(0);
    let requests = desk.sim.requests();
    for more in [&[][..], &["--accept"], &["--grant", "grant.json"]] {
        let said = run(&desk, more).ended(2);
        assert!(said.err.contains("was taken back"), "{more:?}: {}", said.err);
    }
    let said = desk.harness(&["grant", "show"]).ended(2);
    assert!(said.err.contains("was taken back"), "{}", said.err);
    assert_eq!(desk.sim.requests(), requests);
    run(&desk, &[&*words(&run(&desk, &[]))]).ended(0);
    run(&desk, &["--grant", "grant.json"]).ended(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_install_is_whose_it_was_after_its_grant_is_taken_back() {
    let desk = desk().await;
    run(&desk, &["--accept", "--name", "qonto"]).ended(0);
    desk.harness(&["grant", "revoke"]).ended(0);
    let said = desk.poll(&[]).ended(2);
    assert!(said.err.contains("granted for the connector `rogue` was taken back"), "{}", said.err);
    desk.poll(&["--accept"]).ended(2);
    let said = desk.poll(&[&*words(&said)]);
    assert!(said.err.contains("granted: what the install `qonto`"), "{}", said.err);
    assert!(desk.harness(&["grant", "show"]).ended(0).err.contains("the program's own connector"));
}

#[tokio::test]
async fn a_grant_that_is_taken_back_or_changed_stops_a_run_at_its_next_poll() {
    for changed in [None, Some(Granted::Bundled)] {
        let mut rogue = Rogue::new(json!({ "behaviour": "none" })).await;
        let granted = Granted::Grant(Box::new(rogue.install.asked()));
        rogue.store.grant("rogue", &granted, rogue.clock.now()).unwrap();
        rogue.runner.granted = Some(granted);
        let (store, now) = (rogue.store.clone(), rogue.clock.now());
        let mut polls = 0;
        let ended = rogue.runner.poll_for_ever(Duration::from_mins(1), &(), |_, _| {
            polls += 1;
            if polls == 2 {
                match &changed {
                    None => assert!(store.revoke("rogue", now).unwrap()),
                    Some(other) => store.grant("rogue", other, now).unwrap(),
                }
            }
        });
        let error = ended.await.unwrap_err();
        assert!(matches!(error, PollError::Granted), "{error}");
        assert_eq!((polls, error.blame()), (2, Blame::Operator));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_component_and_anything_wider_is_refused_with_the_difference() {
    let desk = desk().await;
    run(&desk, &["--accept"]).ended(0);
    desk.write("rogue.wasm", another(test_components::ROGUE));
    let said = run(&desk, &[]).ended(2);
    assert!(said.err.contains("+ another component: sha256:"), "{}", said.err);
    let refused = run(&desk, &["--accept"]).ended(2);
    assert!(refused.err.contains("--accept alone agrees to the first run"), "{}", refused.err);
    let other = format!("--accept=sha256:{}", "0".repeat(64));
    let said = run(&desk, &[&*other]).ended(2);
    assert!(said.err.contains("since --accept means sha256:000"), "{}", said.err);
    run(&desk, &[&*words(&refused)]).ended(0);
    run(&desk, &[]).ended(0);

    let moved = desk.server.url().replace("127.0.0.1", "localhost");
    configure(&desk, &json!({ "behaviour": "none", "endpoint": moved }));
    let said = run(&desk, &[]).ended(2);
    assert!(said.err.contains(&format!("+ `endpoint`: {} becomes {moved}", desk.server.url())), "{}", said.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_is_a_file_that_can_be_kept_and_what_is_no_wider_runs() {
    let desk = desk().await;
    run(&desk, &["--accept"]).ended(0);
    let shown = desk.harness(&["grant", "show"]).ended(0).out;
    let grant: Value = serde_json::from_str(&shown).unwrap();
    let other = ["--store", "other.db", "--grant", "grant.json"];
    desk.write("grant.json", &shown);
    run(&desk, &other).ended(0);

    let mut narrower = grant.clone();
    narrower["asks"]["requests"] = json!(["GET endpoint /x"]);
    desk.write("grant.json", narrower.to_string());
    let said = run(&desk, &other).ended(2);
    assert!(said.err.contains("+ the request GET endpoint /echo"), "{}", said.err);

    let mut any = grant.clone();
    any["digests"] = json!([]);
    desk.write("grant.json", any.to_string());
    desk.write("rogue.wasm", another(test_components::ROGUE));
    run(&desk, &other).ended(0);
    configure(&desk, &json!({ "behaviour": "none", "endpoint": "https://bank.example" }));
    let said = run(&desk, &other).ended(2);
    assert!(said.err.contains("endpoints on this machine only"), "{}", said.err);

    desk.write("grant.json", "{\"connector\":1}");
    let said = run(&desk, &other).ended(2);
    assert!(said.err.contains("grant.json"), "{}", said.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_that_bears_the_name_of_an_install_does_not_land_in_it() {
    let desk = desk().await;
    desk.poll(&[]).ended(0);
    let store = fs::read(desk.path("payments.db")).unwrap();
    desk.write("twin.wasm", test_components::MUTANT);
    let twin = ["run", "--once", "--component", "twin.wasm", "--config", "config.json"];
    let said = desk.harness(&twin).ended(2);
    assert!(said.err.contains("the program's own connector so far"), "{}", said.err);
    assert_eq!(fs::read(desk.path("payments.db")).unwrap(), store, "nothing is written");
    desk.harness(&[&twin[..], &[&*words(&said)]].concat()).ended(0);
    let grant = desk.harness(&["grant", "show"]).ended(0).out;
    let said = desk.poll(&[]).ended(2);
    assert!(said.err.contains("was granted to the connector `qonto`"), "{}", said.err);
    desk.poll(&[&*words(&said)]).ended(0);
    desk.poll(&[]).ended(0);

    desk.write("grant.json", grant);
    let said = desk.harness(&[&twin[..], &["--grant", "grant.json"]].concat()).ended(2);
    assert!(said.err.contains("was the program's own connector so far"), "{}", said.err);
    let said = desk.poll(&["--grant", "grant.json"]).ended(2);
    assert!(said.err.contains("--grant is for what --component names"), "{}", said.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn three_incidents_suspend_an_install_until_the_operator_lets_it_go_on() {
    let desk = desk().await;
    configure(&desk, &json!({ "behaviour": "swallow", "target": "https://evil.example/x?y=1" }));
    for more in [&["--accept"][..], &[], &[]] {
        let said = run(&desk, more).ended(3);
        assert_eq!(
            said.err.matches("incident: GET https://evil.example/x: it goes to an origin").count(),
            1,
            "{}",
            said.err
        );
    }
    let requests = desk.sim.requests();
    let said = run(&desk, &[]).ended(3);
    assert!(said.err.contains("suspended") && said.err.contains("harness resume"), "{}", said.err);
    let check = ["check", "--component", "rogue.wasm", "--config", "rogue.json"];
    let said = desk.harness(&check).ended(3);
    assert!(said.err.contains("suspended") && said.err.contains("harness resume"), "{}", said.err);
    assert_eq!(desk.sim.requests(), requests, "nothing is polled, nothing is checked");
    let said = desk.harness(&["resume"]).ended(0);
    assert_eq!(said.out.matches("payments · bad").count(), 3, "{}", said.out);
    configure(&desk, &json!({ "behaviour": "none" }));
    run(&desk, &[]).ended(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_may_be_in_the_environment_or_in_a_file_that_is_read_at_each_poll() {
    let desk = desk().await;
    let secret = crate::support::SECRET;
    desk.write("key", format!("{secret}\n"));
    desk.write("config.json", desk.config(&json!({ "apiKey": { "file": "key" } })).to_string());
    let said = desk.poll(&[]).ended(0);
    assert!(said.err.contains("can read the secret in key"), "{}", said.err);
    desk.write("key", "wr0ng-k3y-91f2");
    let said = desk.poll(&[]).ended(1);
    assert!(!said.err.contains("wr0ng") && !said.err.contains(secret), "{}", said.err);
    fs::remove_file(desk.path("key")).unwrap();
    let said = desk.poll(&[]).ended(2);
    assert!(said.err.contains("the secret `apiKey`: cannot read key"), "{}", said.err);
    desk.write("config.json", desk.config(&json!({ "apiKey": { "env": "A_VARIABLE_THAT_NOBODY_SETS" } })).to_string());
    let said = desk.poll(&[]).ended(2);
    assert!(said.err.contains("A_VARIABLE_THAT_NOBODY_SETS is not set"), "{}", said.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_needs_neither_consent_nor_the_secret() {
    let desk = desk().await;
    desk.write("config.json", desk.config(&json!({})).to_string());
    desk.poll(&["--record", "poll.har", "--store", "first.db"]).ended(0);
    let recorded: Value = serde_json::from_str(&fs::read_to_string(desk.path("poll.har")).unwrap()).unwrap();
    assert_eq!(
        recorded["log"]["entries"][0]["_credentials"],
        json!(["login"]),
        "what was put on is named, and not shown"
    );
    desk.write("config.json", desk.config(&json!({ "apiKey": { "env": "A_VARIABLE_THAT_NOBODY_SETS" } })).to_string());
    desk.poll(&["--replay", "poll.har", "--store", "second.db"]).ended(0);
    desk.write("twin.wasm", test_components::MUTANT);
    let twin = ["--replay", "poll.har", "--store", "third.db", "--component", "twin.wasm"];
    desk.poll(&twin).ended(0);
    desk.poll(&twin).ended(0);
}

const REPLAY: [&str; 2] = ["--replay", "empty.har"];

/// The same, with a recording that has no answer.
async fn with_recording() -> Desk {
    let desk = desk().await;
    let empty = json!({ "log": { "version": "1.2", "creator": { "name": "x", "version": "1" }, "entries": [] } });
    desk.write("empty.har", empty.to_string());
    desk
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_goes_into_no_install_that_is_anothers() {
    let desk = with_recording().await;
    desk.poll(&[]).ended(0);
    let said = run(&desk, &[&REPLAY[..], &["--name", "qonto"]].concat()).ended(2);
    assert!(said.err.contains("was the program's own connector so far"), "{}", said.err);
    run(&desk, &["--accept", "--name", "mine"]).ended(0);
    run(&desk, &[&REPLAY[..], &["--name", "mine"]].concat()).ended(0);
    desk.write("rogue.wasm", another(test_components::ROGUE));
    let before = desk.export("all", &["--name", "mine"]).out;
    let said = run(&desk, &[&REPLAY[..], &["--name", "mine"]].concat()).ended(2);
    assert!(said.err.contains("was granted to the connector `rogue`, and a recording"), "{}", said.err);
    assert_eq!(desk.export("all", &["--name", "mine"]).out, before);
    let said = desk.poll(&[&REPLAY[..], &["--name", "mine"]].concat()).ended(2);
    assert!(said.err.contains("name another install with --name"), "{}", said.err);
    run(&desk, &REPLAY).ended(0);
    run(&desk, &["--accept"]).ended(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_suspends_nothing() {
    let desk = with_recording().await;
    run(&desk, &["--accept"]).ended(0);
    configure(&desk, &json!({ "behaviour": "swallow", "target": "https://evil.example/x" }));
    for _ in 0..3 {
        let said = run(&desk, &REPLAY).ended(3);
        assert!(said.err.contains("the host refused it"), "{}", said.err);
    }
    configure(&desk, &json!({ "behaviour": "none" }));
    run(&desk, &[]).ended(0);
    assert!(desk.harness(&["resume"]).ended(0).out.contains("was not suspended"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_looks_like_a_secret_is_handed_to_a_replay_only_where_the_grant_lists_it() {
    let desk = with_recording().await;
    run(&desk, &["--accept"]).ended(0);
    let mut grant: Value = serde_json::from_str(&desk.harness(&["grant", "show"]).ended(0).out).unwrap();
    configure(&desk, &json!({ "behaviour": "none", "publicKey": "s3cr3t-after-all" }));
    for more in [&REPLAY[..], &[]] {
        let said = run(&desk, more).ended(2);
        assert!(said.err.contains("`publicKey`: its name says that it is a secret"), "{}", said.err);
        assert!(!said.err.contains("s3cr3t"), "{}", said.err);
    }
    grant["public"] = json!(["publicKey"]);
    desk.write("grant.json", format!("\u{feff}{grant}"));
    run(&desk, &["--grant", "grant.json"]).ended(0);
    run(&desk, &REPLAY).ended(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_tried_is_told_in_a_line_each_whatever_the_stream_is_called() {
    let desk = desk().await;
    let store = Store::open(desk.path("payments.db")).unwrap();
    let parent = "a\n2026-01-01T00:00:00Z  check  sha256:00  all is well\u{1b}[2J".to_owned();
    let key = StreamKey { install: "rogue".into(), task: "fetch-payments".into(), parent: Some(parent) };
    let mut incident = Incident::default();
    incident.add(Refusal::new(RefusalKind::Path, "GET", "https://bank.example", "/x"));
    store.record_incident("rogue", Some(&key), "sha256:aa\nsha256:bb", &incident, Utc::now()).unwrap();
    let said = desk.harness(&["resume"]).ended(0);
    assert_eq!(said.out.lines().count(), 2, "{}", said.out);
    assert!(said.out.contains(r"payments · …well\u001b[2J  sha256:aa sha256:bb  GET "), "{}", said.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_config_that_others_can_read_is_warned_of_also_behind_a_byte_order_mark() {
    let desk = desk().await;
    for (secret, said) in
        [(json!("tok-9b1f7c2e64"), "holds the secret `token`"), (json!({ "file": "key" }), "secret in key")]
    {
        desk.write("key", "tok-9b1f7c2e64");
        let config = json!({ "endpoint": desk.server.url(), "token": secret, "behaviour": "none" });
        desk.write("rogue.json", format!("\u{feff}{config}"));
        let warned = run(&desk, &["--accept"]).ended(0);
        assert!(warned.err.contains(said), "{}", warned.err);
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_component_that_is_no_file_is_not_waited_for() {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    let desk = desk().await;
    mknodat(CWD, desk.path("pipe.wasm"), FileType::Fifo, Mode::RWXU, 0).unwrap();
    let said = desk.harness(&["describe", "--component", "pipe.wasm"]).ended(2);
    assert!(said.err.contains("cannot read pipe.wasm: it is no regular file"), "{}", said.err);
}

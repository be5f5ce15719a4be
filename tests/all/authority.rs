//! The operator grants: what a component asks for is agreed to once, anything wider does not run, and a component that
//! tries what it was not granted is stopped for good. Through the program, as an operator uses it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::fs;

use host_harness::sim::qonto::QontoWorld;
use serde_json::{Value, json};

use crate::support::cli::{Desk, Said};
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
    desk.harness(&["grant", "revoke"]).ended(0);
    run(&desk, &[]).ended(2);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_component_and_anything_wider_is_refused_with_the_difference() {
    let desk = desk().await;
    run(&desk, &["--accept"]).ended(0);
    desk.write("rogue.wasm", another(test_components::ROGUE));
    let said = run(&desk, &[]).ended(2);
    assert!(said.err.contains("+ another component: sha256:"), "{}", said.err);
    run(&desk, &["--accept"]).ended(0);
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
    desk.harness(&[&twin[..], &["--accept"]].concat()).ended(0);
    let said = desk.poll(&[]).ended(2);
    assert!(said.err.contains("was granted to the connector `qonto`"), "{}", said.err);
    desk.poll(&["--accept"]).ended(0);
    desk.poll(&[]).ended(0);
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
    assert_eq!(desk.sim.requests(), requests, "nothing is polled");
    let said = desk.harness(&["resume"]).ended(0);
    assert_eq!(said.out.matches("fetch-payments/bad").count(), 3, "{}", said.out);
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
    desk.poll(&["--replay", "poll.har", "--store", "third.db", "--component", "twin.wasm"]).ended(0);
}

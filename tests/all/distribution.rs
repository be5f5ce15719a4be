//! A connector's way from its author to an operator, through the program, and what registries try on it. What a registry
//! alone can do is tried in the crate `distribution`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use ::distribution::digest::Digest;
use host_harness::QONTO;
use qonto::QontoWorld;
use serde_json::json;
use store::Store;

use crate::support::cli::{Desk, Said, said};
use crate::support::registry::{Answer, Fake};
use crate::support::world;

/// Made for these tests, and for nothing else.
pub const KEY: &str = "-----BEGIN PRIVATE KEY-----\n\
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgPAXgO9zF4UM2xv2q\n\
    YQilAQMGaX4UnWJuOFJfKCqOi7ahRANCAAS5VurEtEJe1t79kYAjhQFjnyzH7OSz\n\
    cwoHNpYFHpt79W4R8mbTTKKY/uo9xhof6ErcEnBlygO4B7YMWlM7/o9Y\n\
    -----END PRIVATE KEY-----\n";
pub const PUBLIC: &str = "-----BEGIN PUBLIC KEY-----\n\
    MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEuVbqxLRCXtbe/ZGAI4UBY58sx+zk\n\
    s3MKBzaWBR6be/VuEfJm00yimP7qPcYaH+hK3BJwZcoDuAe2DFpTO/6PWA==\n\
    -----END PUBLIC KEY-----\n";
const STRANGER: &str = "-----BEGIN PRIVATE KEY-----\n\
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgvHd8aguuteLhwjS+\n\
    DHSwBat0Qi8jDT/4iz4ZbIM0ghGhRANCAAQlmZTX7x9h7nF6TL5C1AQhK8MvvTpD\n\
    +Jq68tRU4qqOAacKMmx09XXd8BwbaB381bNmN9/Jej9qEmm/WyYs5HO1\n\
    -----END PRIVATE KEY-----\n";

/// The Qonto connector as another version of itself.
pub fn version(version: &str) -> Vec<u8> {
    patched(QONTO, "qonto0.2.0Reads", &format!("qonto{version}Reads"))
}

/// A component with a text of it replaced by one that is as long.
fn patched(wasm: &[u8], from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let places: Vec<usize> =
        (0..wasm.len() - from.len()).filter(|at| wasm[*at..].starts_with(from.as_bytes())).collect();
    assert_eq!(places.len(), 1, "{from}");
    let mut patched = wasm.to_vec();
    patched[places[0]..][..to.len()].copy_from_slice(to.as_bytes());
    patched
}

/// A desk with a registry, the author's key, and a policy that trusts it.
async fn desk() -> (Desk, Fake) {
    let (world, _): (QontoWorld, _) = world(1);
    let (desk, registry) = (Desk::new(world, 25).await, Fake::start());
    desk.write("acme.key", KEY);
    desk.write("stranger.key", STRANGER);
    desk.write("acme.pub", PUBLIC);
    policy(&desk, &registry, &json!({}));
    (desk, registry)
}

fn policy(desk: &Desk, registry: &Fake, more: &serde_json::Value) {
    let mut rule = json!({ "repository": format!("{}/acme/*", registry.host), "keys": [{ "file": "acme.pub" }] });
    rule.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    desk.write("policy.json", json!({ "trust": [rule] }).to_string());
}

fn at(registry: &Fake, tag: &str) -> String {
    format!("oci://{}/acme/qonto:{tag}", registry.host)
}

/// Publishes a component; gives what it is pinned by.
fn publish(desk: &Desk, registry: &Fake, wasm: &[u8], tag: &str, more: &[&str]) -> String {
    desk.write("q.wasm", wasm);
    let to = at(registry, tag);
    let told = desk.harness(&[&["publish", &to, "q.wasm"], more].concat()).ended(0).out;
    let pinned = told.lines().next().and_then(|line| line.split(" is ").nth(1)).unwrap_or_else(|| panic!("{told}"));
    pinned.to_owned()
}

fn install(desk: &Desk, from: &str, more: &[&str]) -> Said {
    let fixed = ["install", from, "--name", "bank", "--config", "config.json", "--policy", "policy.json"];
    desk.harness(&[&fixed[..], more].concat())
}

fn upgrade(desk: &Desk, more: &[&str]) -> Said {
    desk.harness(&[&["upgrade", "bank", "--policy", "policy.json"], more].concat())
}

fn run(desk: &Desk) -> Said {
    desk.harness(&["run", "--name", "bank", "--once"])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connector_goes_from_its_author_to_an_operator_and_runs_when_the_registry_is_gone() {
    let (desk, registry) = desk().await;
    let report = json!({ "sha256": Digest::of(QONTO).hex(), "contract": "0.2.0", "harness": "0.2.0", "provider": "qonto",
        "date": "2026-06-01T09:20:00Z", "seed": 7, "reached": "gold", "checks": [{ "id": "P4", "verdict": "pass" }] });
    desk.write("report.json", report.to_string());
    let pinned = publish(&desk, &registry, QONTO, "1", &["--key", "acme.key", "--report", "report.json"]);
    policy(&desk, &registry, &json!({ "level": "gold" }));
    // Before a byte of it is fetched.
    let told = desk.harness(&["describe", &pinned, "--policy", "policy.json"]).ended(0).out;
    for part in [
        "qonto 0.2.0",
        "verified: signed by sha256:",
        "level gold on 2026-06-01",
        "request GET endpoint /v2/organization",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let blob = format!("/blobs/{}", Digest::of(QONTO));
    assert!(registry.asked().iter().all(|asked| asked.method != "GET" || !asked.path.ends_with(&blob)));
    // Nothing is agreed to by itself, and nothing is left behind.
    let told = install(&desk, &pinned, &[]).ended(2).err;
    assert!(told.contains("nobody has agreed yet") && told.contains("agree with --accept"), "{told}");
    assert!(!desk.path("payments.db").exists() && !desk.path("data").exists());
    let told = install(&desk, &pinned, &["--accept"]).ended(0);
    assert!(told.err.contains("verified: signed by sha256:") && told.err.contains("seed 7"), "{told:#?}");
    let again = install(&desk, &pinned, &["--accept"]).ended(2).err;
    assert!(again.contains("there is an install `bank` already"), "{again}");
    registry.rule(|_| Some(Answer::new(503, b"gone")));
    fs::remove_file(desk.path("config.json")).unwrap();
    run(&desk).ended(0);
    let list = desk.harness(&["installs"]).ended(0).out;
    for part in ["bank", "qonto", "0.2.0", &Digest::of(QONTO).as_str()[..12], "gold"] {
        assert!(list.contains(part), "{part}: {list}");
    }
    // What is kept is held against its digest at each load.
    let kept = desk.path(&format!("data/host-harness/components/{}.wasm", Digest::of(QONTO).hex()));
    fs::set_permissions(&kept, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(&kept, version("0.2.1")).unwrap();
    let told = run(&desk).ended(1).err;
    assert!(told.contains("is not what was installed, it was changed since"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_step_of_an_install_is_refused_in_words_of_its_own() {
    let (desk, registry) = desk().await;
    let signed = publish(&desk, &registry, QONTO, "1", &["--key", "acme.key"]);
    let unsigned = publish(&desk, &registry, &version("0.2.1"), "2", &[]);
    let stranger = publish(&desk, &registry, &version("0.2.2"), "3", &["--key", "stranger.key"]);
    let refused = |from: &str, told: &str| {
        let said = install(&desk, from, &["--accept"]).ended(2).err;
        assert!(said.contains(told), "{told}: {said}");
        assert!(!desk.path("payments.db").exists() && !desk.path("data").exists(), "{told}");
    };
    refused(&at(&registry, "9"), "has no manifest 9 of");
    refused(&unsigned, "error: unsigned: nobody says of");
    refused(&stranger, "error: failed: no signature of");
    desk.write("policy.json", "{}");
    refused(&signed, "the policy trusts nobody for");
    policy(&desk, &registry, &json!({ "level": "bronze" }));
    refused(&signed, "the policy demands the level bronze, and no report of");
    policy(&desk, &registry, &json!({}));
    // Whoever signed it says that it asks less than it does.
    let asks_more = patched(QONTO, "/v2/sepa/beneficiaries", "/v2/sepa/beneficiarieZ");
    let honest = Digest::of(QONTO);
    let lying = publish(&desk, &registry, QONTO, "4", &["--key", "acme.key"]);
    let kept = asks_more.clone();
    registry.rule(move |asked| {
        let is_asked = asked.method == "GET" && asked.path.ends_with(&format!("/blobs/{honest}"));
        is_asked.then(|| Answer::new(200, &kept))
    });
    let said = install(&desk, &lying, &["--accept"]).ended(1).err;
    assert!(said.contains("has other bytes than its name says"), "{said}");
    let report = json!({ "sha256": "aa", "contract": "", "harness": "", "provider": "", "date": "2026-06-01T09:20:00Z", "seed": 1,
        "reached": "gold", "checks": [] });
    desk.write("report.json", report.to_string());
    desk.write("q.wasm", QONTO);
    let to = at(&registry, "5");
    let arguments = ["publish", &to, "q.wasm", "--key", "acme.key", "--report", "report.json"];
    let said = desk.harness(&arguments).ended(2).err;
    assert!(said.contains("report.json: it is the report of another component"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upgrade_asks_for_what_is_wider_and_a_rollback_goes_back_with_what_the_streams_remember() {
    let (desk, registry) = desk().await;
    publish(&desk, &registry, QONTO, "1", &["--key", "acme.key"]);
    install(&desk, &at(&registry, "1"), &["--accept"]).ended(0);
    run(&desk).ended(0);
    let told = upgrade(&desk, &[]).ended(0).out;
    assert!(told.contains("is at 0.2.0 already"), "{told}");
    // The tag moves: what is installed stays, and what it means now is asked for.
    let narrow = version("0.2.1");
    publish(&desk, &registry, &narrow, "1", &["--key", "acme.key"]);
    let states = || Store::open_to_read(desk.path("payments.db")).unwrap().states("bank").unwrap();
    let before = states();
    let told = upgrade(&desk, &[]).ended(2).err;
    assert!(told.contains("`bank`: qonto 0.2.0 becomes 0.2.1") && told.contains("no report of it"), "{told}");
    policy(&desk, &registry, &json!({ "unattendedUpgrades": true }));
    let told = upgrade(&desk, &[]).ended(0);
    assert!(told.err.contains("nothing of it is wider") && told.out.contains("harness rollback bank"), "{told:#?}");
    run(&desk).ended(0);
    // One that asks for more is asked for all the same.
    let wide = patched(&version("0.3.0"), "/v2/sepa/beneficiaries", "/v2/sepa/beneficiarieZ");
    publish(&desk, &registry, &wide, "1", &["--key", "acme.key"]);
    let told = upgrade(&desk, &[]).ended(2).err;
    assert!(told.contains("+ the request GET endpoint /v2/sepa/beneficiarieZ"), "{told}");
    let told = upgrade(&desk, &[&format!("--accept={}", Digest::of(&narrow))]).ended(2).err;
    assert!(told.contains(&format!("and this is {}", Digest::of(&wide))), "{told}");
    upgrade(&desk, &[&format!("--accept={}", Digest::of(&wide))]).ended(0);
    // Back, and once more; there is nothing before the first.
    for (from, to) in [("0.3.0", "0.2.1"), ("0.2.1", "0.2.0")] {
        let told = desk.harness(&["rollback", "bank"]).ended(0).out;
        assert!(told.contains(&format!("is at {to} again")) && told.contains(&format!("it was at {from}")), "{told}");
        assert!(told.contains("what its streams remember stays"), "{told}");
        run(&desk).ended(0);
    }
    assert_eq!(states().len(), before.len());
    let told = desk.harness(&["rollback", "bank"]).ended(2).err;
    assert!(told.contains("there is none to go back to"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollback_names_the_streams_whose_state_the_older_version_cannot_read_and_what_to_do() {
    let (desk, registry) = desk().await;
    policy(&desk, &registry, &json!({ "unattendedUpgrades": true }));
    publish(&desk, &registry, QONTO, "1", &["--key", "acme.key"]);
    install(&desk, &at(&registry, "1"), &["--accept"]).ended(0);
    publish(&desk, &registry, &version("0.2.1"), "1", &["--key", "acme.key"]);
    upgrade(&desk, &[]).ended(0);
    run(&desk).ended(0);
    let payments = |query: &str| {
        let store = rusqlite::Connection::open(desk.path("payments.db")).unwrap();
        store.query_row(query, [], |row| row.get::<_, i64>(0)).unwrap()
    };
    let read = payments("SELECT count(*) FROM payments");
    // What a later version may leave behind, in a form of its own.
    let left = "UPDATE streams SET state = x'ff00' WHERE task = 'fetch-payments' RETURNING 1";
    assert_eq!(payments(left), 1);
    let told = desk.harness(&["rollback", "bank"]).ended(0).out;
    assert!(told.contains("0.2.0 cannot read what the later version left behind of:\n  fetch-payments"), "{told}");
    assert!(run(&desk).ended(1).err.contains("state"), "until then that stream fails, and the others go on");
    desk.harness(&["state", "reset", "--name", "bank", "fetch-payments"]).ended(0);
    run(&desk).ended(0);
    assert_eq!(payments("SELECT count(*) FROM payments"), read, "read anew, nothing is there twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upgrade_that_somebody_else_signed_or_that_is_less_proved_is_asked_for() {
    let (desk, registry) = desk().await;
    let rule = json!({ "keys": [{ "file": "acme.pub" }, { "file": "stranger.pub" }], "unattendedUpgrades": true });
    desk.write(
        "stranger.pub",
        "-----BEGIN PUBLIC KEY-----\n\
    MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEJZmU1+8fYe5xeky+QtQEISvDL706\n\
    Q/iauvLUVOKqjgGnCjJsdPV13fAcG2gd/NWzZjffyXo/ahJpv1smLORztQ==\n\
    -----END PUBLIC KEY-----\n",
    );
    policy(&desk, &registry, &rule);
    publish(&desk, &registry, QONTO, "1", &["--key", "acme.key"]);
    install(&desk, &at(&registry, "1"), &["--accept"]).ended(0);
    publish(&desk, &registry, &version("0.2.1"), "1", &["--key", "stranger.key"]);
    let told = upgrade(&desk, &[]).ended(2).err;
    assert!(told.contains("it is signed by sha256:") && told.contains(", and was by sha256:"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_version_that_a_registry_brings_back_is_refused_unless_its_digest_is_named() {
    let (desk, registry) = desk().await;
    let old = publish(&desk, &registry, &version("0.1.9"), "1", &["--key", "acme.key"]);
    let manifest = registry.manifest("acme/qonto", "1");
    publish(&desk, &registry, QONTO, "1", &["--key", "acme.key"]);
    install(&desk, &at(&registry, "1"), &["--accept"]).ended(0);
    // Signed as it was, under the tag of today.
    registry.put_manifest("acme/qonto", "1", &manifest);
    let accept = format!("--accept={}", Digest::of(&version("0.1.9")));
    let told = upgrade(&desk, &[&accept]).ended(2).err;
    assert!(told.contains("0.1.9 is offered, and 0.2.0 is installed: an older version"), "{told}");
    let told = upgrade(&desk, &["--to", &old, &accept]).ended(0).out;
    assert!(told.contains("is at 0.1.9"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_installs_at_once_leave_one_whole_install() {
    let (desk, registry) = desk().await;
    publish(&desk, &registry, QONTO, "1", &["--key", "acme.key"]);
    let from = at(&registry, "1");
    let arguments =
        ["install", &from, "--name", "bank", "--config", "config.json", "--policy", "policy.json", "--accept"];
    let both: Vec<_> = (0..2)
        .map(|_| {
            let mut command = desk.command(&arguments);
            command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap()
        })
        .collect();
    let both: Vec<Said> = both.into_iter().map(|child| said(child.wait_with_output().unwrap())).collect();
    let well = both.iter().filter(|said| said.code == Some(0)).count();
    let told = both.iter().find(|said| said.code != Some(0)).map(|said| said.err.clone()).unwrap_or_default();
    assert!(well == 1 && (told.contains("`bank` already") || told.contains("serves")), "{both:#?}");
    run(&desk).ended(0);
}

//! The commands as a person runs them: what they print, the files they make, how they end.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::Stdio;

use crate::support::cli::{Desk, folder, harness, said};
use crate::support::{LOGIN, SECRET, at, mixed, world};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use qonto::{Beneficiary, QontoWorld, Transaction, french_iban};
use serde_json::{Value, json};
use sim::{Fault, On};

/// What the bundled connector may import; a new name here is a new power in a bank's data.
const IMPORTS: [&str; 18] = [
    "payments:connector/log@0.2.0",
    "payments:connector/state@0.2.0",
    "payments:connector/types@0.2.0",
    "wasi:cli/environment@0.2.6",
    "wasi:cli/exit@0.2.6",
    "wasi:cli/stderr@0.2.6",
    "wasi:cli/stdin@0.2.6",
    "wasi:cli/stdout@0.2.6",
    "wasi:cli/terminal-input@0.2.6",
    "wasi:cli/terminal-output@0.2.6",
    "wasi:cli/terminal-stderr@0.2.6",
    "wasi:cli/terminal-stdin@0.2.6",
    "wasi:cli/terminal-stdout@0.2.6",
    "wasi:http/outgoing-handler@0.2.12",
    "wasi:http/types@0.2.12",
    "wasi:io/error@0.2.12",
    "wasi:io/poll@0.2.12",
    "wasi:io/streams@0.2.12",
];

const ACCOUNT: [&str; 10] =
    ["kind", "reference", "name", "defaultAsset", "createdAt", "updatedAt", "goneAt", "replacedBy", "metadata", "raw"];
const BALANCE: [&str; 7] = ["kind", "accountReference", "type", "label", "amount", "asset", "asOf"];
const PAYMENT: [&str; 20] = [
    "kind",
    "reference",
    "parentReference",
    "replacedBy",
    "type",
    "status",
    "scheme",
    "amount",
    "asset",
    "fees",
    "counterAmount",
    "createdAt",
    "createdAtPrecision",
    "updatedAt",
    "sourceAccountReference",
    "destinationAccountReference",
    "counterparty",
    "metadata",
    "raw",
    "adjustments",
];
const REJECTED: [&str; 5] = ["kind", "stream", "reference", "reason", "raw"];

/// Two accounts with payments, a beneficiary, and a row that cannot be mapped; gives the accounts' ids.
fn company() -> (QontoWorld, Vec<String>) {
    let (mut world, accounts) = world(2);
    mixed(&mut world, &accounts[0], 30, at(0), TimeDelta::seconds(1));
    mixed(&mut world, &accounts[1], 12, at(0), TimeDelta::seconds(1));
    world.transaction(Transaction::on(&accounts[0], at(60)).cents(5).label("Odd").set("currency", "ZZZ"));
    world.sepa_beneficiary(Beneficiary::sepa("Phare", &french_iban(99_999, 1, 77), "PHARFRPP", at(0)));
    (world, accounts)
}

/// The rows of [`company`] that can be mapped.
const PAYMENTS: usize = 42;

/// The keys of a JSON object in the order of its text, which a parsed one has lost.
fn keys(line: &str) -> Vec<String> {
    let (mut keys, mut depth, mut text, mut in_string, mut escaped) = (Vec::new(), 0, String::new(), false, false);
    for character in line.chars() {
        match (in_string, character) {
            (true, _) if escaped => escaped = false,
            (true, '\\') => escaped = true,
            (true, '"') => in_string = false,
            (true, _) => text.push(character),
            (false, '"') => (in_string, text) = (true, String::new()),
            (false, '{' | '[') => depth += 1,
            (false, '}' | ']') => depth -= 1,
            (false, ':') if depth == 1 => keys.push(text.clone()),
            _ => {}
        }
    }
    keys
}

fn assert_no_secret(text: &str) {
    for secret in [SECRET.to_owned(), STANDARD.encode(SECRET), STANDARD.encode(format!("{LOGIN}:{SECRET}"))] {
        assert!(!text.contains(&secret), "{text}");
    }
}

#[test]
fn demo_shows_the_bundled_recording_and_does_so_again() {
    let folder = folder();
    let first = harness(folder.path(), &["demo"]).ended(0);
    for title in ["Accounts\n", "External accounts: ", "Payments: ", "The latest 12\n", "Rejected rows: "] {
        assert!(first.out.contains(title), "{title}: {}", first.out);
    }
    assert!(folder.path().join("demo.db").exists());
    let second = harness(folder.path(), &["demo"]).ended(0);
    assert_eq!(first.out, second.out);
    let shown = harness(folder.path(), &["show", "--store", "demo.db"]).ended(0).out;
    assert!(first.out.starts_with(&shown) && shown.contains("Rejected rows: 0"), "{shown}");
    let unknown = harness(folder.path(), &["show", "--store", "demo.db", "--name", "acme"]).ended(2);
    assert!(unknown.err.contains("qonto-demo"), "{unknown:?}");
}

#[test]
fn demo_leaves_a_file_alone_that_is_not_its_own() {
    let folder = folder();
    let file = folder.path().join("demo.db");
    fs::write(&file, "notes on the demo").unwrap();
    let refused = harness(folder.path(), &["demo"]).ended(2);
    assert!(refused.err.contains("demo.db"), "{refused:?}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "notes on the demo");
}

#[test]
fn describe_tells_what_a_connector_is_and_may_do() {
    let folder = folder();
    let facts: Value = serde_json::from_str(&harness(folder.path(), &["describe", "--json"]).ended(0).out).unwrap();
    assert_eq!((&facts["name"], &facts["version"]), (&json!("qonto"), &json!("0.2.0")));
    let all = ["FETCH_ACCOUNTS", "FETCH_BALANCES", "FETCH_EXTERNAL_ACCOUNTS", "FETCH_PAYMENTS"];
    assert_eq!(facts["capabilities"], json!(all));
    let tree: Vec<Value> =
        facts["workflow"].as_array().unwrap().iter().map(|task| json!([task["name"], task["parent"]])).collect();
    let expected = json!([
        ["fetch-accounts", null],
        ["fetch-balances", "fetch-accounts"],
        ["fetch-payments", "fetch-accounts"],
        ["fetch-external-accounts", null],
        ["fetch-international-beneficiaries", null],
    ]);
    assert_eq!(json!(tree), expected);
    let fields: Vec<Value> =
        facts["config"].as_array().unwrap().iter().map(|field| json!([field["name"], field["kind"]])).collect();
    let expected = json!([
        ["apiKey", "secret"],
        ["clientID", "text"],
        ["endpoint", "url"],
        ["pageSize", "integer"],
        ["pollingPeriod", "duration"],
        ["stagingToken", "secret"],
    ]);
    assert_eq!(json!(fields), expected);
    assert_eq!(facts["imports"], json!(IMPORTS));
    assert!(IMPORTS.iter().all(|name| !name.starts_with("wasi:filesystem") && !name.starts_with("wasi:sockets")));
    let table = harness(folder.path(), &["describe"]).ended(0).out;
    assert!(all.iter().chain(&IMPORTS).all(|told| table.contains(told)), "{table}");
}

#[tokio::test(flavor = "multi_thread")]
async fn check_takes_one_request_and_says_whether_the_credentials_are_good() {
    let desk = Desk::new(company().0, 25).await;
    let check = ["check", "--config", "config.json"];
    desk.harness(&check).ended(0);
    assert_eq!(desk.sim.requests(), 1);

    let wrong = "wr0ng-5ecret-value-77";
    desk.write("config.json", desk.config(&json!({ "apiKey": wrong })).to_string());
    let refused = desk.harness(&check).ended(1);
    assert!(!format!("{refused:?}").contains(wrong) && !refused.err.contains(&STANDARD.encode(wrong)), "{refused:?}");
    assert_eq!(desk.sim.requests(), 2);

    desk.write("config.json", desk.config(&json!({ "apiKey": { "env": "QONTO_KEY" } })).to_string());
    let unset = desk.harness(&check).ended(2);
    assert!(unset.err.contains("QONTO_KEY") && unset.err.contains("apiKey"), "{unset:?}");
    let mut command = desk.command(&check);
    said(tokio::task::block_in_place(|| command.env("QONTO_KEY", SECRET).output().unwrap())).ended(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_nothing_was_read_into_is_not_shown_as_an_empty_bank() {
    let desk = Desk::new(company().0, 25).await;
    desk.harness(&["check", "--config", "config.json"]).ended(0);
    for command in [&["show"][..], &["export", "payments"], &["export", "entries", "-o", "entries.csv"]] {
        let empty = desk.harness(command).ended(0);
        assert!(empty.err.contains("nothing was read for `qonto` yet; `harness run` reads it"), "{empty:?}");
    }
    let nowhere = desk.harness(&["export", "entries", "--account", "FR00"]).ended(2);
    assert!(nowhere.err.contains("there is no own account \"FR00\"; there is none"), "{nowhere:?}");
    desk.poll(&[]).ended(0);
    assert!(!desk.harness(&["show"]).ended(0).err.contains("nothing was read"));
}

#[tokio::test(flavor = "multi_thread")]
async fn check_names_the_field_that_is_wrong_and_asks_nobody() {
    let desk = Desk::new(company().0, 25).await;
    for (field, values) in [
        ("apiKey", vec![json!(null), json!(""), json!(12_345_678)]),
        ("clientID", vec![json!(null), json!(""), json!("acme:1234"), json!(7)]),
        ("endpoint", vec![json!(null), json!("not a url"), json!("http://bank.example"), json!(7)]),
        ("pageSize", vec![json!(0), json!(101), json!("many"), json!(2.5)]),
        ("pollingPeriod", vec![json!("soon"), json!("0s"), json!(30)]),
    ] {
        for value in values {
            desk.write("config.json", desk.config(&json!({ field: value })).to_string());
            let refused = desk.harness(&["check", "--config", "config.json"]).ended(2);
            assert!(refused.err.contains(field), "{field} {value}: {refused:?}");
            assert_no_secret(&refused.err);
        }
    }
    let missing = desk.harness(&["check", "--config", "nowhere.json"]).ended(2);
    assert!(missing.err.contains("nowhere.json"), "{missing:?}");
    assert_eq!(desk.sim.requests(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_fills_the_store_and_a_second_changes_nothing() {
    let (world, accounts) = company();
    let desk = Desk::new(world, 7).await;
    let summary = desk.poll(&[]).ended(0).summary();
    for stream in summary.as_object().unwrap().values() {
        let names: Vec<&String> = stream.as_object().unwrap().keys().collect();
        assert_eq!(names, ["error", "gaps", "goesOn", "held", "left", "records", "rejected", "requests"]);
        assert_eq!(stream["error"], Value::Null);
    }
    let first = &summary[format!("fetch-payments/{}", accounts[0])];
    assert_eq!((&first["records"], &first["rejected"]), (&json!(30), &json!(1)), "{summary}");
    assert!(first["requests"].as_u64().unwrap() >= 5, "{summary}");
    assert_eq!(summary["fetch-accounts"]["records"], 2);
    let all = desk.export("all", &[]).out;
    desk.poll(&[]).ended(0);
    assert_eq!(desk.export("all", &[]).out, all);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_fails_leaves_the_others_stored() {
    let (world, accounts) = company();
    let desk = Desk::new(world, 25).await;
    let account = format!("bank_account_id={}", accounts[0]);
    let of_account = On::matching(move |request| {
        request.url.path() == "/v2/transactions" && request.url.query().unwrap_or_default().contains(&account)
    });
    desk.sim.inject(of_account, Fault::status(403));
    let summary = desk.poll(&[]).ended(1).summary();
    let failed: Vec<&String> =
        summary.as_object().unwrap().iter().filter(|(_, s)| !s["error"].is_null()).map(|(name, _)| name).collect();
    assert_eq!(failed, [&format!("fetch-payments/{}", accounts[0])]);
    assert_eq!(desk.export("payments", &[]).lines().len(), 12);
    assert_eq!(desk.export("accounts", &[]).lines().len(), 2);
    assert_eq!(desk.export("external-accounts", &[]).lines().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_that_is_none_or_breaks_the_contract_is_told_apart() {
    let desk = Desk::new(company().0, 25).await;
    desk.write("text.wasm", "not a component");
    let refused = desk.poll(&["--component", "text.wasm"]).ended(3);
    assert!(refused.err.contains("text.wasm") && refused.err.contains("component"), "{refused:?}");
    assert!(!desk.path("payments.db").exists());

    desk.write("rogue.wasm", test_components::ROGUE);
    let config = json!({ "endpoint": desk.server.url(), "token": SECRET, "behaviour": "trap" });
    desk.write("config.json", config.to_string());
    let trapped = desk.poll(&["--component", "rogue.wasm", "--name", "rogue", "--accept"]).ended(3);
    assert!(trapped.summary()["fetch-payments/bad"]["error"].is_string(), "{trapped:?}");
    let payments = desk.export("payments", &[]).lines();
    assert_eq!(payments.len(), 1);
    assert_eq!(payments[0]["reference"], "fine");
}

#[tokio::test(flavor = "multi_thread")]
async fn exports_have_the_documented_keys_in_every_format() {
    let desk = Desk::new(company().0, 25).await;
    desk.poll(&[]).ended(0);
    let mut everything = String::new();
    for (what, names, count) in [
        ("accounts", &ACCOUNT[..], 2),
        ("external-accounts", &ACCOUNT[..], 1),
        ("balances", &BALANCE[..], 4),
        ("payments", &PAYMENT[..], PAYMENTS),
        ("rejected", &REJECTED[..], 1),
    ] {
        let ndjson = desk.export(what, &[]);
        assert_eq!(ndjson.out.lines().count(), count, "{what}");
        for line in ndjson.out.lines() {
            assert_eq!(keys(line), names, "{what}");
        }
        let json: Vec<Value> = serde_json::from_str(&desk.export(what, &["--format", "json"]).out).unwrap();
        assert_eq!(json, ndjson.lines(), "{what}");
        let table = desk.export(what, &["--format", "csv"]).out;
        let mut table = csv::Reader::from_reader(table.as_bytes());
        // Those of the view, or of a rejected row.
        let first = if what == "rejected" {
            &names[..2]
        } else {
            &["install", if what == "payments" { "payment_id" } else { "account_id" }]
        };
        assert_eq!(table.headers().unwrap().iter().take(2).collect::<Vec<_>>(), first, "{what}");
        assert_eq!(table.records().map(Result::unwrap).count(), count, "{what}");
        everything += &ndjson.out;
    }
    assert_eq!(desk.export("all", &[]).out, everything);
    let refused = desk.harness(&["export", "all", "--format", "csv"]).ended(2);
    assert!(refused.out.is_empty() && refused.err.contains("one kind"), "{refused:?}");
    desk.harness(&["export", "payments", "--store", "nowhere.db"]).ended(2);
    assert!(!desk.path("nowhere.db").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_has_seen_enough_is_no_error() {
    let (mut world, accounts) = world(1);
    // More than any pipe holds.
    world.fill(&accounts[0], 600, at(0), TimeDelta::seconds(1));
    let desk = Desk::new(world, 100).await;
    desk.poll(&[]).ended(0);
    assert!(desk.export("payments", &[]).out.len() > 512 << 10);
    for format in ["ndjson", "json", "csv"] {
        let mut command = desk.command(&["export", "payments", "--format", format]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(!line.is_empty());
        let ended = said(child.wait_with_output().unwrap()).ended(0);
        assert!(ended.err.is_empty(), "{format}: {ended:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_installs_share_a_store_and_nothing_else() {
    let desk = Desk::new(company().0, 25).await;
    desk.poll(&["--name", "paris"]).ended(0);
    let paris = desk.export("payments", &[]).out;
    desk.poll(&["--name", "lyon"]).ended(0);
    let ambiguous = desk.harness(&["export", "all"]).ended(2);
    assert!(ambiguous.err.contains("paris") && ambiguous.err.contains("lyon"), "{ambiguous:?}");
    desk.harness(&["state", "reset", "--name", "lyon"]).ended(0);
    for name in ["paris", "lyon"] {
        assert_eq!(desk.export("payments", &["--name", name]).out, paris);
    }
    let states = desk.harness(&["state", "show", "--name", "paris"]).ended(0);
    assert!(states.out.contains("fetch-payments/"), "{states:?}");
    let unknown = desk.harness(&["export", "all", "--name", "nice"]).ended(2);
    assert!(unknown.err.contains("nice") && unknown.err.contains("paris"), "{unknown:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_that_is_reset_is_read_again_and_changes_nothing() {
    let (world, accounts) = company();
    let desk = Desk::new(world, 7).await;
    desk.poll(&[]).ended(0);
    let first = desk.sim.requests();
    let all = desk.export("all", &[]).out;
    desk.poll(&[]).ended(0);
    let idle = desk.sim.requests() - first;
    assert!(idle < first, "{idle} of {first}");
    let shown = desk.harness(&["state", "show", "fetch-payments"]).ended(0).out;
    assert!(accounts.iter().all(|account| shown.contains(&format!("fetch-payments/{account}"))), "{shown}");
    desk.harness(&["state", "show", "fetch-nothing"]).ended(2);
    desk.harness(&["state", "reset", "fetch-nothing"]).ended(2);
    desk.harness(&["state", "reset"]).ended(0);
    assert!(desk.harness(&["state", "show"]).ended(0).out.contains("remembers nothing"));
    let before = desk.sim.requests();
    desk.poll(&[]).ended(0);
    assert_eq!(desk.sim.requests() - before, first);
    assert_eq!(desk.export("all", &[]).out, all);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_plays_offline_and_holds_no_secret() {
    let desk = Desk::new(company().0, 7).await;
    desk.poll(&["--record", "poll.har"]).ended(0);
    let asked = desk.sim.requests();
    assert_no_secret(&fs::read_to_string(desk.path("poll.har")).unwrap());
    desk.poll(&["--replay", "poll.har", "--store", "replayed.db"]).ended(0);
    assert_eq!(desk.sim.requests(), asked, "a replay asks nobody");
    let replayed = desk.export("payments", &["--store", "replayed.db"]).out;
    assert_eq!(replayed.lines().count(), PAYMENTS);
    assert_eq!(replayed, desk.export("payments", &[]).out);
    assert_no_secret(&replayed);
    // It says what the connector was told: another page size in the config does not matter.
    let config = fs::read_to_string(desk.path("config.json")).unwrap().replace("\"pageSize\":7", "\"pageSize\":9");
    desk.write("config.json", config);
    let again = desk.poll(&["--replay", "poll.har", "--store", "again.db"]).ended(0);
    assert!(!again.err.contains("never asked for"), "{again:?}");
    assert_eq!(desk.export("payments", &["--store", "again.db"]).out, replayed);
}

#[test]
fn the_bundled_recording_plays_offline() {
    let folder = folder();
    let config =
        json!({ "clientID": LOGIN, "apiKey": SECRET, "endpoint": "https://thirdparty.qonto.com", "pageSize": 100 });
    fs::write(folder.path().join("config.json"), config.to_string()).unwrap();
    let recording = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/recordings/demo.har");
    let replay = ["run", "--once", "--config", "config.json", "--replay", recording.to_str().unwrap()];
    let played = harness(folder.path(), &replay).ended(0);
    assert!(played.summary()["fetch-accounts"]["error"].is_null(), "{played:?}");
    let payments = harness(folder.path(), &["export", "payments"]).ended(0).out;
    harness(folder.path(), &["demo"]).ended(0);
    let demo = harness(folder.path(), &["export", "payments", "--store", "demo.db"]).ended(0).out;
    assert!(!payments.is_empty());
    assert_eq!(payments, demo);
}

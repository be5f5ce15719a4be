//! The recordings in `tests/recordings/`: that they are what their makers make, that they play, that they are harmless.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod compose;
mod errors;
mod listing;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{env, fs};

use compose::{ENDPOINT, asked, first_poll, install, poll};
use engine::runner::PollError;
use errors::{PROBLEMS, Problem, errors};
use listing::{errors_listing, listing};
use model::{Error, ErrorDetail};
use outside::clock::VirtualClock;
use outside::egress::Origin;
use outside::har::Har;
use outside::transport::authenticated::Authenticated;
use outside::transport::replay::Replay;
use qonto::{catalogue, demo_company, demo_now, is_iban};
use sandbox::CallError;
use serde_json::Value;
use store::Store;

const INTRODUCTION: &str = "\
# Recordings

Composed by hand after the shapes that Qonto documents. No call was made to Qonto; people, companies and transactions are
invented, IBANs belong to banks that do not exist, and there are no credentials. Each entry says in `_provenance` which
page it follows.

They are made by `tests/all/recordings.rs`, as is this file. To write them anew, and then review the difference:

    UPDATE_RECORDINGS=1 cargo test -p host-harness --test all recordings_are

A HAR keeps a body as one line of text. To read one:

    jq '.log.entries[] | select(._id == \"organization-1\") | .response.content.text | fromjson' demo.har

In the tables, `sort_by` and `per_page` are left out of the requests, and transactions without a status are completed.
";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/recordings")
}

/// Holds a file against what makes it. With `UPDATE_RECORDINGS=1` it is written instead.
fn assert_file(name: &str, text: &str) {
    let path = folder().join(name);
    if env::var_os("UPDATE_RECORDINGS").is_some_and(|value| value == "1") {
        fs::write(&path, text).unwrap();
    }
    let stored = fs::read_to_string(&path).unwrap_or_default();
    let line = stored.lines().zip(text.lines()).take_while(|(stored, made)| stored == made).count() + 1;
    assert!(
        stored == text,
        "tests/recordings/{name} differs from what makes it, first in line {line}; if that is meant:\n    \
         UPDATE_RECORDINGS=1 cargo test -p host-harness --test all recordings_are"
    );
}

/// What the connector does not ask for: accounts at other banks, and a status that no list takes.
async fn catalogue_unasked() -> Har {
    let all = "/v2/organization?include_external_accounts=true";
    let organization = asked(catalogue(), demo_now(), [all]).await;
    let body = organization.log.entries[0].response.content.text.clone().unwrap();
    let accounts = serde_json::from_str::<Value>(&body).unwrap()["organization"]["bank_accounts"].clone();
    let accounts = accounts.as_array().unwrap();
    let external = accounts.iter().find(|account| account["is_external_account"] == true).unwrap();
    let transactions = format!("/v2/transactions?bank_account_id={}", external["id"].as_str().unwrap());
    let reversed = "/v2/transactions/00000000-0000-4000-8000-00000000beef";
    asked(catalogue(), demo_now(), [all, "/v2/bank_accounts", reversed, &transactions]).await
}

fn case_of(id: &str) -> &'static str {
    PROBLEMS.iter().find(|problem| problem.id == id).map(|problem| problem.case).unwrap()
}

#[tokio::test]
async fn recordings_are_what_their_makers_make_whichever_account_answers_first() {
    let (demo, _) = first_poll(demo_company(), demo_now()).await;
    let (catalogue, _) = first_poll(catalogue(), demo_now()).await;
    let (unasked, errors) = (catalogue_unasked().await, errors());
    assert_file("demo.har", &demo.to_text());
    assert_file("catalogue.har", &catalogue.to_text());
    assert_file("catalogue-unasked.har", &unasked.to_text());
    assert_file("errors.har", &errors.to_text());
    let sections = [
        ("demo.har: a first poll of a small company", listing(&demo)),
        ("catalogue.har: a first poll of one of each", listing(&catalogue)),
        ("catalogue-unasked.har: what the connector does not ask for", listing(&unasked)),
        ("errors.har: every error that is known", errors_listing(&errors, case_of)),
    ];
    let sections = sections.map(|(title, table)| format!("\n## {title}\n\n{table}"));
    assert_file("README.md", &format!("{INTRODUCTION}{}", sections.concat()));
}

#[tokio::test]
async fn a_replay_at_another_endpoint_gives_the_export_of_the_simulator_every_time_and_leaves_no_entry_unused() {
    let endpoint = "https://qonto.example";
    for (file, world) in [("demo.har", demo_company()), ("catalogue.har", catalogue())] {
        let (_, simulated) = first_poll(world, demo_now()).await;
        let simulated: Vec<String> = simulated.iter().map(Value::to_string).collect();
        for _ in 0..2 {
            let install = install(endpoint, "someone-else-1", "0ther-s3cret-93c1f7").await;
            let replay = Replay::load(&folder().join(file)).unwrap().rebase(&Origin::parse(endpoint).unwrap());
            let started = replay.started_at().unwrap();
            let swap = Arc::new(Authenticated::new(replay, install.keyring.clone()));
            let replayed: Vec<String> =
                poll(&install, swap.clone(), started).await.iter().map(Value::to_string).collect();
            assert_eq!(replayed, simulated, "{file}");
            assert_eq!(swap.inner().unused(), [""; 0], "{file}");
        }
    }
}

/// Every string of a recording, those of JSON bodies one by one, with the name of its field.
fn strings(har: &Har) -> Vec<(String, String)> {
    fn walk(name: &str, value: &Value, found: &mut Vec<(String, String)>) {
        match value {
            Value::String(text) => match serde_json::from_str::<Value>(text) {
                Ok(inner @ (Value::Object(_) | Value::Array(_))) => walk(name, &inner, found),
                _ => found.push((name.to_owned(), text.clone())),
            },
            Value::Array(items) => items.iter().for_each(|item| walk(name, item, found)),
            Value::Object(fields) => fields.iter().for_each(|(name, field)| walk(name, field, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk("", &serde_json::to_value(har).unwrap(), &mut found);
    found
}

fn recordings() -> Vec<(String, Har)> {
    let files = fs::read_dir(folder()).unwrap().map(|file| file.unwrap().path());
    let files = files.filter(|path| path.extension().is_some_and(|extension| extension == "har"));
    let recordings: Vec<_> = files.map(|path| (path.display().to_string(), Har::load(&path).unwrap())).collect();
    assert_eq!(recordings.len(), 4);
    recordings
}

#[test]
fn ibans_pass_their_checksum_at_banks_that_do_not_exist_or_are_masked() {
    let mut ibans = 0;
    for (file, har) in recordings() {
        for (name, text) in strings(&har) {
            let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '*');
            let like_an_iban = |word: &&str| {
                let bytes = word.as_bytes();
                name.contains("iban")
                    || (bytes.len() >= 15
                        && bytes[..2].iter().all(u8::is_ascii_uppercase)
                        && bytes[2..4].iter().all(u8::is_ascii_digit))
            };
            for iban in words.filter(|word| !word.is_empty()).filter(like_an_iban) {
                let invented = ["00000", "99999"].contains(&&iban[4..9]);
                assert!(iban.contains('*') || (is_iban(iban) && invented), "{file}: {name}: {iban}");
                ibans += 1;
            }
        }
    }
    assert!(ibans > 100);
}

#[test]
fn nothing_in_a_recording_opens_a_door_or_reaches_a_person() {
    let secrets = [demo_company().secret, catalogue().secret];
    let example = |domain: &str| {
        ["invalid", "example", "test"].iter().any(|top| domain.ends_with(&format!(".{top}")))
            || ["example.com", "example.org", "example.net"].contains(&domain)
    };
    for (file, har) in recordings() {
        let text = har.to_text();
        assert!(secrets.iter().all(|secret| !text.contains(secret)), "{file}: a secret");
        for entry in &har.log.entries {
            let id = entry.id.as_deref().unwrap();
            for header in entry.request.headers.iter().chain(&entry.response.headers) {
                let name = header.name.to_ascii_lowercase();
                assert!(
                    !["authorization", "cookie", "set-cookie", "x-qonto-staging-token"].contains(&name.as_str()),
                    "{file}: {id}"
                );
            }
            assert_eq!(entry.provenance.as_ref().unwrap().source, "constructed", "{file}: {id}");
        }
        for (name, text) in strings(&har) {
            for (before, _) in text.match_indices('@') {
                let domain: String = text[before + 1..]
                    .chars()
                    .take_while(|letter| letter.is_ascii_alphanumeric() || ".-".contains(*letter))
                    .collect();
                assert!(example(&domain), "{file}: {name}: {text}");
            }
            let bic = name == "bic" || name == "counterparty_bank_identifier";
            assert!(!bic || text.is_empty() || text.starts_with("FICT"), "{file}: {name}: {text}");
        }
    }
}

/// The name of an error's case, and its detail.
fn parts(error: &Error) -> (&'static str, &ErrorDetail) {
    match error {
        Error::Unauthorized(detail) => ("unauthorized", detail),
        Error::Forbidden(detail) => ("forbidden", detail),
        Error::NotFound(detail) => ("not-found", detail),
        Error::RateLimited(detail) => ("rate-limited", detail),
        Error::Unavailable(detail) => ("unavailable", detail),
        Error::MalformedResponse(detail) => ("malformed-response", detail),
        Error::UpstreamRejected(detail) => ("upstream-rejected", detail),
        other => panic!("{other:?}"),
    }
}

/// What a person must find in the message of an error with this body: its code, every text, the trace id.
fn said(body: &str) -> (Option<String>, Vec<String>, Option<String>) {
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    let errors = body["errors"].as_array().cloned().unwrap_or_else(|| vec![body["errors"].clone()]);
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let texts = errors.iter().filter_map(|error| text(&error["detail"]).or_else(|| text(&error["message"])));
    (errors.iter().find_map(|error| text(&error["code"])), texts.collect(), text(&body["trace_id"]))
}

#[tokio::test]
async fn every_known_error_becomes_its_case_of_the_contract_and_says_what_qonto_said() {
    let install = install(ENDPOINT, "brume-et-granit-4821", "0ther-s3cret-93c1f7").await;
    let recording = Har::load(&folder().join("errors.har")).unwrap();
    assert_eq!(recording.log.entries.len(), PROBLEMS.len());
    for mut entry in recording.log.entries {
        let id = entry.id.clone().unwrap();
        let problem: &Problem = PROBLEMS.iter().find(|problem| problem.id == id).unwrap();
        let (code, texts, trace) = said(entry.response.content.text.as_deref().unwrap_or_default());
        let status = entry.response.status;
        entry.request.url = format!("{ENDPOINT}/v2/organization");
        let mut har = Har::new();
        har.log.entries.push(entry);
        let swap = Arc::new(Authenticated::new(Replay::from_har(&har).unwrap(), install.keyring.clone()));
        // Each on its own: a refusal would make the next one wait.
        let install = install.clone().sharing(Arc::default(), "qonto");
        let outside = install.outside(swap.clone(), Arc::new(VirtualClock::at(demo_now())));
        let runner = install.runner(outside, Arc::new(Store::in_memory().unwrap()), "qonto");
        let PollError::Check(failed) = runner.check().await.unwrap_err() else { panic!("{id}") };
        assert_eq!(swap.inner().unused(), [""; 0], "{id}");
        let CallError::Connector { error, .. } = &failed else { panic!("{id}: {failed}") };
        let (case, detail) = parts(error);
        assert_eq!(case, problem.case, "{id}: {failed}");
        assert_eq!(detail.http_status.map(i64::from), Some(status), "{id}");
        assert_eq!(detail.retry_after_seconds, problem.wait(), "{id}");
        assert_eq!((&detail.provider_code, &detail.request_id), (&code, &trace), "{id}");
        for part in code.iter().chain(&texts).chain(&trace) {
            assert!(detail.message.contains(part.as_str()), "{id}: {}", detail.message);
        }
    }
}

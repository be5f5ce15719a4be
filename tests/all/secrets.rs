//! A secret never crosses into the guest, and what a guest produces is searched for it all the same.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use crate::support::rogue::{Always, Rogue, TOKEN};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use engine::install::Described;
use http::HeaderMap;
use outside::clock::VirtualClock;
use outside::config::Terms;
use outside::transport::authenticated::Authenticated;
use outside::transport::recording::Recording;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use private_file::Draft;
use sandbox::{CallError, Limits};
use serde_json::json;
use store::export::{Format, What, export};

/// The token in every spelling in which a provider might echo it.
fn spellings() -> Vec<String> {
    let json = serde_json::to_string(TOKEN).unwrap();
    let unicode = TOKEN.chars().map(|c| format!("\\u{:04x}", u32::from(c))).collect::<Vec<_>>().concat();
    let percent = utf8_percent_encode(TOKEN, NON_ALPHANUMERIC).to_string();
    vec![
        TOKEN.to_owned(),
        json[1..json.len() - 1].to_owned(),
        unicode,
        percent.to_lowercase(),
        percent.clone(),
        percent.replace("%20", "+"),
        STANDARD.encode(TOKEN),
        STANDARD.encode(format!("a:{TOKEN}")),
        STANDARD.encode(format!("ab:{TOKEN}")),
        URL_SAFE_NO_PAD.encode(format!("abc:{TOKEN}")),
        TOKEN.bytes().map(|b| format!("{b:02x}")).collect::<Vec<_>>().concat(),
    ]
}

#[tokio::test]
async fn an_echoed_secret_is_cut_out_of_the_answer_whatever_its_encoding() {
    let mut headers = HeaderMap::new();
    headers.insert("x-echo", STANDARD.encode(TOKEN).parse().unwrap());
    headers.insert("location", format!("https://bank.example/login?key={}", spellings()[4]).parse().unwrap());
    let body = spellings().join("\n");
    let provider = Always { headers, body: body.into(), ..Always::default() };
    let rogue = Rogue::with(json!({ "behaviour": "keep-answer" }), Limits::default(), provider.clone()).await;
    rogue.poll().await;

    let sent = provider.asked.lock().unwrap()[0].headers["authorization"].clone();
    assert_eq!(sent.as_bytes(), TOKEN.as_bytes(), "the provider gets the secret itself");
    let mut kept = Vec::new();
    export(&rogue.store, "rogue", What::All, Format::Ndjson, &mut kept).unwrap();
    for (_, state, _) in rogue.store.states("rogue").unwrap() {
        kept.extend(state);
    }
    let kept = String::from_utf8(kept).unwrap();
    assert!(kept.contains("[redacted]"), "the connector saw the answer: {kept}");
    assert!(
        kept.contains(r#"\"token\":true"#) || kept.contains(r#"\\\"token\\\":true"#),
        "and that the secret is set: {kept}"
    );
    for spelling in spellings() {
        assert!(!kept.contains(&spelling), "{spelling} reached the store");
    }
}

#[tokio::test]
async fn a_recording_holds_no_secret_and_no_credentials() {
    let body = spellings().join("\n");
    let provider = Always { body: body.into(), ..Always::default() };
    let rogue = Rogue::with(json!({ "behaviour": "keep-answer" }), Limits::default(), provider.clone()).await;
    let clock = VirtualClock::at(chrono::DateTime::UNIX_EPOCH);
    let swap = Authenticated::new(provider, rogue.install.keyring.clone());
    let recording = Arc::new(Recording::new(swap, Arc::new(clock.clone())));
    let outside = rogue.install.outside(recording.clone(), Arc::new(clock));
    rogue.install.runner(outside, rogue.store.clone(), "again").poll(&()).await.unwrap();

    let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("no-secret.har");
    recording.save(Draft::open(&file).unwrap(), &rogue.install.keyring.secrets()).unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains("[redacted]") && !text.contains("authorization"));
    for spelling in spellings() {
        assert!(!text.contains(&spelling), "{spelling} is in the recording");
    }
}

/// The token as the rogue needs it to make it out again.
fn disguised() -> String {
    TOKEN.bytes().map(|byte| char::from(byte - 1)).collect()
}

#[tokio::test]
async fn a_secret_in_anything_that_a_connector_produces_is_an_incident_and_nothing_of_it_is_kept() {
    for (behaviour, place) in [
        ("guess-in-url", "URL"),
        ("guess-in-header", "header"),
        ("guess-in-record", "page"),
        ("guess-in-state", "state"),
        ("guess-in-log", "log"),
        ("guess-in-output", "log"),
        ("guess-in-error", "error"),
        ("guess-in-trap", "log"),
    ] {
        let rogue = Rogue::new(json!({ "behaviour": behaviour, "target": disguised() })).await;
        let error = rogue.fault().await;
        let said = error.to_string();
        assert!(matches!(&error, CallError::Refused(_)), "{behaviour}: {said}");
        assert!(said.contains(&format!("a secret is in the {place}")), "{behaviour}: {said}");
        assert!(!said.contains(TOKEN) && !said.contains("9b1f"), "{behaviour}: {said}");
        assert_eq!(rogue.payments(), ["fine"], "{behaviour}");
        assert_eq!(rogue.store.states("rogue").unwrap(), [], "{behaviour}");
        assert_eq!(rogue.provider.asked.lock().unwrap().len(), 0, "{behaviour}");
    }
}

#[tokio::test]
async fn a_secret_in_another_field_of_the_config_is_refused_before_the_connector_runs() {
    let rogue = Rogue::new(json!({ "behaviour": "none" })).await;
    let config = json!({ "endpoint": "https://bank.example", "token": TOKEN, "behaviour": TOKEN }).to_string();
    let described = Described::new(rogue.install.connector, rogue.install.manifest).unwrap();
    let error = described.install(&config, &Terms::default()).err().unwrap();
    assert!(error.to_string().contains("`behaviour`") && !error.to_string().contains(TOKEN), "{error}");
}

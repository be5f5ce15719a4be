//! A secret never crosses into the guest, and so nothing that a connector can do with what it knows gives it away.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use crate::support::rogue::{Always, Rogue, TOKEN};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use host_harness::clock::VirtualClock;
use host_harness::export::{Format, What, export};
use host_harness::private::Draft;
use host_harness::sandbox::Limits;
use host_harness::transport::recording::Recording;
use host_harness::transport::secret::SecretSwap;
use http::HeaderMap;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

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
async fn an_echoed_secret_comes_back_as_the_placeholder_whatever_its_encoding() {
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
    assert!(kept.contains("{{secret:token}}"), "the connector saw the placeholder: {kept}");
    for spelling in spellings() {
        assert!(!kept.contains(&spelling), "{spelling} reached the store");
    }
}

#[tokio::test]
async fn a_recording_holds_placeholders_only() {
    let body = spellings().join("\n");
    let provider = Always { body: body.into(), ..Always::default() };
    let rogue = Rogue::with(json!({ "behaviour": "keep-answer" }), Limits::default(), provider.clone()).await;
    let clock = VirtualClock::at(chrono::DateTime::UNIX_EPOCH);
    let swap = SecretSwap::new(provider, rogue.install.secrets.clone());
    let recording = Arc::new(Recording::new(swap, Arc::new(clock.clone())));
    let outside = rogue.install.outside(recording.clone(), Arc::new(clock));
    rogue.install.runner(outside, rogue.store.clone(), "again").poll(&()).await.unwrap();

    let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("placeholders.har");
    recording.save(Draft::open(&file).unwrap(), &rogue.install.secrets).unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains("{{secret:token}}"));
    for spelling in spellings() {
        assert!(!text.contains(&spelling), "{spelling} is in the recording");
    }
}

#[tokio::test]
async fn errors_and_traps_show_no_secret() {
    for behaviour in ["trap", "secret-in-url", "secret-in-body", TOKEN] {
        let fields = json!({ "behaviour": behaviour });
        if behaviour == TOKEN {
            let config = json!({ "endpoint": "https://bank.example", "token": TOKEN, "behaviour": TOKEN }).to_string();
            let manifest = Rogue::new(json!({ "behaviour": "none" })).await.install.manifest;
            let error = host_harness::config::InstallConfig::read(&config, &manifest, |_| None).unwrap_err();
            assert!(error.to_string().contains("`behaviour`") && !error.to_string().contains(TOKEN), "{error}");
            continue;
        }
        let said = Rogue::new(fields).await.fault().await.to_string();
        assert!(!said.contains(TOKEN), "{said}");
    }
}

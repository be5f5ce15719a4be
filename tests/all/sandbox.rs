//! A connector that traps, does not end, takes too much or breaks the contract fails alone and with a typed error; its
//! other streams go on, nothing of the page is stored, and the host lives.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::time::Duration;

use crate::support::rogue::{Always, Rogue};
use sandbox::component::LoadError;
use sandbox::{Blame, CallError, CompileCache, Exceeded, Limits, Sandbox};
use serde_json::json;

async fn limited(behaviour: &str, limits: Limits) -> CallError {
    let rogue = Rogue::with(json!({ "behaviour": behaviour }), limits, Always::default()).await;
    let error = rogue.fault().await;
    assert_eq!(rogue.payments(), ["fine"], "{behaviour}");
    assert_eq!(error.blame(), Blame::Connector, "{behaviour}: {error}");
    error
}

async fn fault(behaviour: &str) -> CallError {
    limited(behaviour, Limits::default()).await
}

#[tokio::test]
async fn a_panic_is_reported_with_its_text_its_place_and_the_connectors_own_frames() {
    let CallError::Trap(report) = fault("trap").await else { panic!("expected a trap") };
    assert!(report.reason.starts_with("it panicked: the ledger is on fire (at tests/rogue-connector/"), "{report}");
    assert!(report.frames.iter().any(|frame| frame.contains("fetch_payments")), "{report}");
}

#[tokio::test]
async fn the_last_lines_that_a_guest_wrote_are_in_the_report_whatever_its_language() {
    let CallError::Trap(report) = fault("exit-with-words").await else { panic!("expected a trap") };
    assert_eq!(report.wrote.len(), 3, "{report}");
    let shown = report.to_string();
    assert!(shown.contains("\n  it wrote: KeyError: 'amount'") && shown.contains("\\u001b[31m"), "{shown}");
}

/// What the page holds that a connector made of its attempt.
async fn tried(behaviour: &str) -> String {
    let rogue = Rogue::new(json!({ "behaviour": behaviour })).await;
    assert!(rogue.bad().await.error.is_none(), "{behaviour}");
    rogue.payments().into_iter().find(|reference| reference != "fine").unwrap()
}

#[tokio::test]
async fn files_fail_in_the_guests_own_library_and_the_clock_stands_still_and_neither_is_an_incident() {
    let files = tried("std-files").await;
    assert_eq!(files.split("; ").count(), 3, "{files}");
    assert_eq!(tried("std-time").await, "0ns 0ns");
}

#[tokio::test]
async fn headers_that_are_too_large_are_an_error_and_no_trap() {
    assert!(tried("std-headers").await.contains("Forbidden"));
}

#[tokio::test]
async fn a_socket_or_the_address_of_a_name_is_refused_and_an_incident() {
    for (behaviour, said) in [("std-tcp", "(TCP)"), ("std-udp", "(UDP)"), ("std-names", "the address of a name")] {
        let CallError::Refused(incident) = fault(behaviour).await else { panic!("{behaviour}: expected an incident") };
        assert!(incident.to_string().contains(said), "{behaviour}: {incident}");
    }
}

#[tokio::test]
async fn an_endless_loop_is_stopped() {
    let limits = Limits { cpu: Duration::from_millis(100), ..Limits::default() };
    assert_eq!(limited("loop", limits).await, CallError::Exceeded(Exceeded::Cpu(limits.cpu)));
}

#[tokio::test]
async fn a_call_that_waits_for_ever_is_stopped() {
    let limits = Limits { call: Duration::from_millis(100), ..Limits::default() };
    assert_eq!(limited("loop", limits).await, CallError::Exceeded(Exceeded::Call(limits.call)));
}

#[tokio::test]
async fn endless_recursion_is_a_trap() {
    let error = fault("recurse").await;
    assert!(matches!(&error, CallError::Trap(report) if report.reason.contains("stack")), "{error}");
}

#[tokio::test]
async fn memory_beyond_the_limit_is_refused() {
    let limits = Limits { memory: 8 << 20, ..Limits::default() };
    assert_eq!(limited("memory", limits).await, CallError::Exceeded(Exceeded::Memory(8 << 20)));
}

#[tokio::test]
async fn a_page_that_is_too_large_to_take_over_is_refused() {
    let limits = Limits { memory: 512 << 20, copied: 8 << 20, ..Limits::default() };
    assert_eq!(limited("huge-page", limits).await, CallError::Exceeded(Exceeded::Copied(8 << 20)));
}

#[tokio::test]
async fn an_oversized_answer_is_refused_even_if_the_connector_swallows_the_error() {
    let limits = Limits { response: 1000, ..Limits::default() };
    let provider = Always { body: vec![b' '; 1001].into(), ..Always::default() };
    let target = json!({ "behaviour": "swallow", "target": "https://bank.example/big" });
    let rogue = Rogue::with(target, limits, provider).await;
    let error = rogue.fault().await;
    assert_eq!(error, CallError::Exceeded(Exceeded::Response(1000)));
    assert_eq!(error.blame(), Blame::Provider);
    assert!(error.to_string().contains("`pageSize`"), "{error}");
}

#[tokio::test]
async fn answers_that_a_connector_holds_on_to_are_bounded_together() {
    let limits = Limits { held: 3_000, ..Limits::default() };
    let hoard = async |answers: &str| {
        let provider = Always { body: vec![b' '; 1_000].into(), ..Always::default() };
        Rogue::with(json!({ "behaviour": "hoard", "target": answers }), limits, provider).await
    };
    assert!(hoard("3").await.bad().await.error.is_none());
    assert_eq!(hoard("4").await.fault().await, CallError::Exceeded(Exceeded::Held(3_000)));
}

#[tokio::test]
async fn more_requests_than_a_call_may_make_are_refused() {
    assert_eq!(fault("many-requests").await, CallError::Exceeded(Exceeded::Requests(50)));
}

#[tokio::test]
async fn a_state_beyond_the_contracts_cap_is_refused() {
    assert_eq!(fault("big-state").await, CallError::Exceeded(Exceeded::State((64 << 10) + 1)));
}

#[tokio::test]
async fn a_page_that_breaks_the_contract_is_not_stored() {
    for (behaviour, said) in [
        ("bad-amount", "the amount \"12.50\""),
        ("empty-reference", "an empty `reference`"),
        ("foreign-account", "of another account"),
        ("stuck", "left the state as it was"),
    ] {
        let rogue = Rogue::new(json!({ "behaviour": behaviour })).await;
        let mut error = rogue.fault().await;
        if behaviour == "stuck" {
            // The first call moved the state from nothing to something; only the second is stuck.
            assert_eq!(rogue.store.states("rogue").unwrap().len(), 1);
            error = rogue.fault().await;
        }
        assert!(matches!(&error, CallError::Breach(breach) if breach.0.contains(said)), "{behaviour}: {error}");
        assert_eq!(rogue.payments(), ["fine"], "{behaviour}");
    }
}

#[tokio::test]
async fn a_call_that_fails_after_setting_the_state_leaves_the_state_as_it_was() {
    for behaviour in ["state-then-trap", "state-then-error"] {
        let rogue = Rogue::new(json!({ "behaviour": behaviour })).await;
        rogue.poll().await;
        assert_eq!(rogue.store.states("rogue").unwrap(), [], "{behaviour}");
    }
}

#[tokio::test]
async fn what_is_no_connector_is_refused_at_load_and_by_name() {
    let sandbox = Sandbox::new(Limits::default(), &CompileCache::Off).unwrap();
    let refused = |bytes: &[u8]| sandbox.load(bytes).err().unwrap();
    assert!(matches!(refused(b"hello"), LoadError::NotAComponent(_)));
    let error = refused(b"\0asm\x01\0\0\0");
    assert!(matches!(error, LoadError::NotAComponent(_)), "a core module: {error:?}");
    assert!(matches!(refused(b"\0asm\x0d\0\x01\0"), LoadError::NotAConnector { .. }), "an empty component");

    // The same component, with one import and with its contract's version renamed in place.
    let renamed = |from: &str, to: &str| {
        let (from, to) = (from.as_bytes(), to.as_bytes());
        let mut wasm = test_components::ROGUE.to_vec();
        let places: Vec<usize> = (0..wasm.len() - from.len()).filter(|at| wasm[*at..].starts_with(from)).collect();
        for at in places {
            wasm[at..at + to.len()].copy_from_slice(to);
        }
        refused(&wasm)
    };
    let error = renamed("wasi:random/insecure-seed", "wasi:keyvalue/store-now12");
    assert!(matches!(&error, LoadError::ForbiddenImports { .. }), "{error}");
    assert!(error.to_string().contains("`wasi:keyvalue/store-now12@0.2.6` (storage"), "{error}");
    let error = renamed("payments:connector/connector@0.2.0", "payments:connector/connector@0.1.0");
    assert!(matches!(&error, LoadError::OtherVersion { found } if found == "0.1.0"), "{error}");
}

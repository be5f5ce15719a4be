//! A poll and an install have budgets, so that a connector which keeps within each call's limits still cannot fill the
//! machine.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::sync::Arc;

use engine::runner::{Budgets, Spent, StreamError};
use model::Capability;
use outside::clock::Clock as _;
use sandbox::{Blame, CallError, Exceeded, Fetch, Limits, Outside, Tally};
use serde_json::json;
use store::{PollStore as _, StoreError, StreamKey};

use crate::support::rogue::{Always, Rogue};

async fn endless(budgets: Budgets) -> Rogue {
    let mut rogue = Rogue::new(json!({ "behaviour": "endless" })).await;
    rogue.runner.budgets = budgets;
    rogue
}

#[tokio::test]
async fn a_poll_without_an_end_ends_at_its_budget_and_the_next_one_goes_on() {
    let budgets = Budgets { bytes: 1 << 20, ..Budgets::default() };
    let rogue = endless(budgets).await;
    let mut stored = 0;
    for polls in 1..=3 {
        let summary = rogue.poll().await;
        assert_eq!(summary.failed().count(), 0, "{summary:?}");
        let spent = format!("{}", Spent::Bytes(budgets.bytes));
        assert_eq!(summary.to_json()["fetch-payments/bad"]["goesOn"], spent);
        let now = rogue.store.stored_bytes("rogue").unwrap();
        assert!(now > stored && now <= polls * (budgets.bytes + (70 << 10)), "poll {polls}: {stored}, then {now}");
        stored = now;
    }
}

#[tokio::test]
async fn a_poll_stores_no_more_pages_than_its_budget_has() {
    let rogue = endless(Budgets { pages: 7, ..Budgets::default() }).await;
    let bad = rogue.bad().await;
    // The accounts have a page before it, and the other stream one beside it.
    assert!((5..=6).contains(&bad.records), "{bad:?}");
    assert_eq!(bad.goes_on, Some(Spent::Pages(7)));
}

#[tokio::test]
async fn an_install_keeps_no_more_than_its_cap() {
    let cap = 300_000;
    let rogue = endless(Budgets { stored: cap, ..Budgets::default() }).await;
    for _ in 0..2 {
        let error = rogue.bad().await.error;
        let Some(StreamError::Store(StoreError::Full { stored, most, .. })) = error else { panic!("{error:?}") };
        assert!(stored > 200_000 && stored <= most && most == cap, "{stored} {most}");
        assert!(rogue.store.stored_bytes("rogue").unwrap() <= cap);
    }
}

#[tokio::test]
async fn a_page_that_was_made_from_nothing_is_refused_and_one_that_fits_its_source_is_not() {
    for (bytes, fits) in [(64_000, true), (70_000, false)] {
        let rogue = Rogue::new(json!({ "behaviour": "inflated", "bytes": bytes.to_string() })).await;
        match rogue.bad().await.error {
            None => assert!(fits, "{bytes}"),
            Some(StreamError::Call(error @ CallError::Breach(_))) => {
                assert!(!fits && error.to_string().contains("bytes of answers"), "{error}");
                assert_eq!(error.blame(), Blame::Connector);
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn the_lines_of_a_log_are_limited_for_a_call_and_for_a_poll() {
    let rogue = Rogue::new(json!({ "behaviour": "chatty" })).await;
    rogue.poll().await;
    let key = StreamKey { install: "rogue".into(), task: "fetch-accounts".into(), parent: None };
    let parent = rogue.store.kept(&key, Capability::FetchAccounts, "bad").unwrap().unwrap().parent;
    assert_eq!(parent.reference, "bad");
    let tally = Arc::new(Tally::of_poll(250));
    let outside = Outside { tally: tally.clone(), ..rogue.runner.outside.clone() };
    let mut kept = Vec::new();
    for _ in 0..2 {
        let request = rogue.install.request("fetch-payments", Some(parent.clone()), rogue.clock.now());
        let what = Fetch::Page(Capability::FetchPayments);
        let called = rogue.install.connector.fetch(&outside, None, request, what).await;
        kept.push(called.report.log.len());
    }
    assert_eq!((kept, tally.dropped_lines()), (vec![200, 50], 350));
}

#[tokio::test]
async fn a_check_makes_one_request_and_no_more() {
    let provider = Always { body: "{}".into(), ..Always::default() };
    let rogue = Rogue::with(json!({ "behaviour": "check-often" }), Limits::default(), provider).await;
    let error = rogue.check_fault().await;
    assert_eq!(error, CallError::Exceeded(Exceeded::Requests(1)));
    assert_eq!(rogue.provider.asked.lock().unwrap().len(), 1);
}

//! Answers that are wrong, refusals and outages: told apart, retried where that helps, and never a loss.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::sync::atomic::AtomicBool;

use engine::runner::PollError;
use std::time::Duration;

use crate::support::{Rig, STATUSES, at, describe, exported, mixed, world};
use chrono::TimeDelta;
use engine::runner::{PollSummary, StreamError, StreamSummary};
use model::{Error, ErrorDetail};
use outside::clock::Clock as _;
use outside::transport::Request;
use qonto::{Beneficiary, french_iban};
use sandbox::CallError;
use sim::{Broken, Fault, On};
use store::export::What;

const ORGANIZATION: &str = "/v2/organization";
const TRANSACTIONS: &str = "/v2/transactions";
const BENEFICIARIES: &str = "/v2/sepa/beneficiaries";
const PATHS: [&str; 3] = [ORGANIZATION, TRANSACTIONS, BENEFICIARIES];

/// One account with 39 rows and 30 beneficiaries, polled at 25 a page.
async fn rig() -> Rig {
    let (mut world, accounts) = world(1);
    world.fill(&accounts[0], 30, at(300), TimeDelta::seconds(1));
    mixed(&mut world, &accounts[0], 9, at(0), TimeDelta::seconds(1));
    for number in 0..30 {
        let iban = french_iban(99_999, 1, number);
        world.sepa_beneficiary(Beneficiary::sepa(&format!("B {number}"), &iban, "FICTFRP2XXX", at(0)));
    }
    Rig::new(world, 25).await
}

/// A polled rig with something new at the provider.
async fn with_news() -> Rig {
    let rig = rig().await;
    rig.poll_well().await;
    rig.sim.with(|world| {
        let account = world.account_ids().remove(0);
        mixed(world, &account, 20, at(6_000), TimeDelta::seconds(1));
        world.sepa_beneficiary(Beneficiary::sepa("New", &french_iban(99_999, 1, 99), "FICTFRP2XXX", at(6_000)));
    });
    let _ = rig.sim.take_log();
    rig
}

/// The task that asks for a path.
fn task(path: &str) -> &'static str {
    match path {
        ORGANIZATION => "fetch-accounts",
        TRANSACTIONS => "fetch-payments",
        _ => "fetch-external-accounts",
    }
}

/// The one stream that failed, which is the one that asks for `path`. Others may wait because the provider asked for a
/// pause.
fn failure<'a>(summary: &'a PollSummary, path: &str) -> &'a StreamError {
    let waits = |one: &StreamSummary| matches!(one.error, Some(StreamError::NotBefore(_)));
    let failed: Vec<_> = summary.failed().filter(|one| one.stream.task == task(path) || !waits(one)).collect();
    assert_eq!(failed.len(), 1, "{:?}", failed.iter().map(|one| describe(one)).collect::<Vec<_>>());
    assert_eq!(failed[0].stream.task, task(path));
    failed[0].error.as_ref().unwrap()
}

fn detail(error: &StreamError) -> (&'static str, &ErrorDetail) {
    let StreamError::Call(CallError::Connector { error, .. }) = error else { panic!("{error}") };
    match error {
        Error::Unauthorized(detail) => ("unauthorized", detail),
        Error::Forbidden(detail) => ("forbidden", detail),
        Error::NotFound(detail) => ("not-found", detail),
        Error::RateLimited(detail) => ("rate-limited", detail),
        Error::Unavailable(detail) => ("unavailable", detail),
        Error::MalformedResponse(detail) => ("malformed-response", detail),
        Error::UpstreamRejected(detail) => ("upstream-rejected", detail),
        Error::NoProgress(detail) => ("no-progress", detail),
        other => panic!("{other:?}"),
    }
}

fn asked(rig: &Rig, path: &str) -> usize {
    rig.sim.log().iter().filter(|one| one.url.path() == path).count()
}

/// How many lists of this path do not depend on each other.
fn lanes(path: &str) -> usize {
    if path == TRANSACTIONS { STATUSES.len() } else { 1 }
}

async fn recovers(rig: &Rig, case: &str) {
    rig.sim.calm();
    rig.poll_well().await;
    rig.assert_complete();
    let known = exported(&rig.store, What::ExternalAccounts).len();
    assert_eq!(known, rig.sim.with(|world| world.beneficiary_ids().len()), "{case}");
}

/// Puts `after` behind the first `before` of the body.
fn edit(before: &'static str, after: &'static [u8]) -> Fault {
    Fault::change_body(move |body| {
        let text = String::from_utf8(body.to_vec()).unwrap();
        let at = text.find(before).map_or(text.len(), |at| at + before.len());
        [&text.as_bytes()[..at], after, &text.as_bytes()[at..]].concat().into()
    })
}

#[tokio::test]
async fn a_malformed_answer_is_a_typed_error_stores_nothing_and_leaves_the_state() {
    let json = |body: &'static str| Fault::status(200).header("content-type", "application/json").body(body);
    let deep = "[".repeat(100_000);
    let cases = [
        ("HTML", Fault::html()),
        ("truncated", Fault::truncate(200)),
        ("errors with 200", json(r#"{"errors":[{"code":"c","detail":"d"}]}"#)),
        ("no list", json(r#"{"meta":{"current_page":1,"total_count":0}}"#)),
        ("null", json("null")),
        ("a list", json("[]")),
        ("empty", json("")),
        ("BOM", Fault::change_body(|body| [b"\xef\xbb\xbf", &body[..]].concat().into())),
        ("invalid UTF-8", edit("\"name\":\"", b"\xff\xfe")),
        ("invalid UTF-8 in a row", edit("\"label\":\"", b"\xff\xfe")),
        ("deep", Fault::change_body(move |_| format!("{{\"transactions\":{deep}").into())),
        ("lists that are none", json(r#"{"organization":{"bank_accounts":{}},"transactions":{},"beneficiaries":{}}"#)),
    ];
    for path in PATHS {
        for (name, fault) in &cases {
            let case = format!("{path}: {name}");
            let rig = with_news().await;
            let (states, export) = (rig.states(), rig.payments());
            rig.sim.inject(On::path(path), fault.clone());
            let summary = rig.poll().await;
            let (kind, detail) = detail(failure(&summary, path));
            assert_eq!(kind, "malformed-response", "{case}: {}", detail.message);
            assert!(detail.message.contains(path), "{case}: {}", detail.message);
            assert!(asked(&rig, path) <= 3 * lanes(path), "{case}: asked {} times", asked(&rig, path));
            let after = rig.states();
            for (stream, state) in states.iter().filter(|(stream, _)| stream.starts_with(task(path))) {
                assert_eq!(after.get(stream), Some(state), "{case}");
            }
            if path == TRANSACTIONS {
                assert_eq!(rig.payments(), export, "{case}");
            }
            recovers(&rig, &case).await;
        }
    }
}

#[tokio::test]
async fn a_malformed_answer_in_the_middle_keeps_the_pages_before_it() {
    let rig = rig().await;
    let second = On::matching(|request| request.url.query().is_some_and(|query| query.contains("updated_at_from")));
    rig.sim.inject(second, Fault::truncate(100));
    for _ in 0..2 {
        let summary = rig.poll().await;
        assert_eq!(detail(failure(&summary, TRANSACTIONS)).0, "malformed-response");
    }
    recovers(&rig, "middle").await;
}

#[tokio::test]
async fn paging_that_does_not_advance_is_an_error_and_no_endless_loop() {
    let other_page = Fault::change_body(|body| {
        String::from_utf8(body.to_vec()).unwrap().replace("\"current_page\":1", "\"current_page\":7").into()
    });
    for path in [TRANSACTIONS, BENEFICIARIES] {
        let rig = with_news().await;
        let states = rig.states();
        rig.sim.inject(On::path(path), other_page.clone());
        let summary = rig.poll().await;
        assert_eq!(detail(failure(&summary, path)).0, "no-progress");
        assert_eq!(asked(&rig, path), lanes(path));
        let unchanged = |(stream, state): (&String, &Vec<u8>)| rig.states().get(stream) == Some(state);
        assert!(states.iter().filter(|(stream, _)| stream.starts_with(task(path))).all(unchanged));
        recovers(&rig, path).await;
    }
}

#[tokio::test]
async fn a_refusal_is_not_retried_and_keeps_what_the_provider_said() {
    let body = r#"{"errors":[{"code":"the_code","detail":"The detail"}],"trace_id":"trace-0815"}"#;
    for path in PATHS {
        for (status, expected) in [
            (400, "upstream-rejected"),
            (401, "unauthorized"),
            (403, "forbidden"),
            (404, "not-found"),
            (422, "upstream-rejected"),
        ] {
            // Another list is asked then, and other streams stop: tests of their own.
            if (path, status) == (BENEFICIARIES, 404) || (path, status) == (ORGANIZATION, 401) {
                continue;
            }
            let case = format!("{path}: {status}");
            let rig = with_news().await;
            rig.sim.inject(On::path(path), Fault::status(status).body(body));
            let summary = rig.poll().await;
            let error = failure(&summary, path);
            let (kind, detail) = detail(error);
            assert_eq!((kind, detail.http_status), (expected, Some(status)), "{case}");
            assert_eq!(detail.provider_code.as_deref(), Some("the_code"), "{case}");
            assert_eq!(detail.request_id.as_deref(), Some("trace-0815"), "{case}");
            for part in ["the_code", "The detail", "trace-0815", &status.to_string()] {
                assert!(error.to_string().contains(part), "{case}: {error}");
            }
            let most = if status == 401 { lanes(path).min(2) } else { lanes(path) };
            assert_eq!(asked(&rig, path), most, "{case}");
            recovers(&rig, &case).await;
        }
    }
}

#[tokio::test]
async fn refused_credentials_stop_the_other_streams_of_the_poll() {
    let rig = with_news().await;
    let secret = rig.sim.with(|world| std::mem::replace(&mut world.secret, "another".to_owned()));
    let summary = rig.poll().await;
    assert_eq!(rig.sim.log().len(), 1, "each refusal counts towards the provider's lock-out");
    assert_eq!(summary.failed().count(), summary.streams.len());
    // The balances belong to a reading of their account, and there was none.
    assert_eq!(summary.streams.len(), 3, "{summary:?}");
    rig.sim.with(|world| world.secret = secret);
    recovers(&rig, "credentials").await;
}

fn transient() -> Vec<(&'static str, Fault)> {
    let mut faults: Vec<(&str, Fault)> =
        [408, 425, 429, 500, 502, 503, 504].into_iter().map(|status| ("status", Fault::status(status))).collect();
    let date = (at(7 * 24 * 60) + TimeDelta::seconds(20)).format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    faults.push(("seconds", Fault::status(429).header("Retry-After", "20")));
    faults.push(("date", Fault::status(429).header("Retry-After", &date)));
    faults.push(("503 and seconds", Fault::status(503).header("Retry-After", "20")));
    let breaks = [Broken::Refused, Broken::Reset, Broken::Stalled, Broken::HalfBody, Broken::StalledBody];
    faults.extend(breaks.map(|broken| ("broken", Fault::Break(broken))));
    faults
}

#[tokio::test]
async fn a_short_outage_is_retried_on_the_virtual_clock_until_it_is_over() {
    for path in PATHS {
        for (name, fault) in transient() {
            let case = format!("{path}: {name} {fault:?}");
            let rig = rig().await;
            let before = rig.clock.now();
            rig.sim.inject(On::path(path).times(2), fault);
            rig.poll_well().await;
            rig.assert_complete();
            let waited = rig.clock.now() - before;
            let least = if name.contains("seconds") || name == "date" { 20 } else { 1 };
            assert!(waited >= TimeDelta::seconds(least), "{case}: {waited}");
            assert!(waited <= TimeDelta::seconds(300), "{case}: {waited}");
        }
    }
}

#[tokio::test]
async fn a_long_outage_fails_its_stream_alone_and_the_next_poll_completes_it() {
    for path in PATHS {
        for (name, fault) in transient() {
            let case = format!("{path}: {name} {fault:?}");
            let rig = with_news().await;
            rig.sim.inject(On::path(path), fault);
            let summary = rig.poll().await;
            let error = failure(&summary, path);
            assert!(["rate-limited", "unavailable"].contains(&detail(error).0), "{case}: {error}");
            assert!(error.to_string().contains(path), "{case}: {error}");
            let count = asked(&rig, path);
            assert!((2..=5 * lanes(path)).contains(&count), "{case}: asked {count} times");
            rig.clock.advance(Duration::from_mins(1));
            recovers(&rig, &case).await;
        }
    }
}

#[tokio::test]
async fn a_provider_that_asks_for_an_hour_is_left_alone_for_an_hour() {
    for path in PATHS {
        let rig = with_news().await;
        rig.sim.inject(On::path(path).once(), Fault::status(429).header("Retry-After", "3600"));
        let summary = rig.poll().await;
        assert_eq!(detail(failure(&summary, path)).0, "rate-limited");
        assert_eq!(asked(&rig, path), 1);
        for minutes in [10, 49] {
            rig.clock.advance(Duration::from_mins(minutes));
            let _ = rig.sim.take_log();
            let summary = rig.poll().await;
            assert!(matches!(failure(&summary, path), StreamError::NotBefore(_)), "{path}");
            assert_eq!(asked(&rig, path), 0, "{path}");
        }
        rig.clock.advance(Duration::from_secs(61));
        recovers(&rig, path).await;
    }
}

#[tokio::test]
async fn the_documented_rate_limits_are_never_exceeded() {
    for (size, rows) in [(1, 300), (2, 1_100)] {
        let (mut world, accounts) = world(4);
        world.dialect.documented_rate_limits();
        for account in &accounts {
            world.fill(account, rows / 4 + 1, at(0), TimeDelta::seconds(1));
        }
        let rig = Rig::new(world, size).await;
        rig.poll_well().await;
        rig.assert_complete();
        let log = rig.sim.log();
        assert!(log.len() > 1_000 || size == 1, "{} requests prove nothing", log.len());
        assert!(log.iter().all(|one| one.status.is_some_and(|status| status != 429)));
        assert!(log.windows(1_001).all(|window| window[1_000].at - window[0].at >= TimeDelta::seconds(10)));
    }
}

#[tokio::test]
async fn a_look_at_whose_data_it_is_that_meets_an_outage_is_made_again_before_the_poll() {
    let (world, _) = world(1);
    let mut rig = Rig::new(world, 25).await;
    rig.runner.unchecked = AtomicBool::new(true);
    rig.sim.inject(On::request(1), Fault::status(500));
    rig.poll_well().await;
    rig.sim.calm();
    rig.runner.unchecked = AtomicBool::new(true);
    rig.sim.inject(On::since(1), Fault::status(500));
    let error = rig.runner.poll(&()).await.unwrap_err();
    assert!(matches!(&error, PollError::Check(_)) && error.passes(), "{error}");
    let mut reported = 0;
    let ended = rig.runner.poll_for_ever(Duration::from_mins(1), &(), |polled, _| {
        reported += u32::from(polled.is_err());
        if reported == 2 {
            rig.runner.stop.set();
        }
    });
    ended.await.unwrap();
    assert_eq!(reported, 2, "whoever runs it is told each time");
}

#[tokio::test]
async fn a_wait_that_one_list_of_a_stream_asks_for_is_kept_for_another_process() {
    let bank = || {
        let (mut world, accounts) = world(1);
        mixed(&mut world, &accounts[0], 6, at(0), TimeDelta::minutes(1));
        world
    };
    let rig = Rig::new(bank(), 25).await;
    let limited = |request: &Request| request.url.query().is_some_and(|query| query.contains("=declined"));
    rig.sim.inject(On::matching(limited), Fault::status(429).header("retry-after", "3600"));
    let told = rig.poll().await;
    assert!(matches!(failure(&told, TRANSACTIONS), StreamError::NotBefore(_)), "{told:?}");
    assert!(!rig.payments().is_empty(), "what the other lists brought counts");

    let another = Rig::with_store(bank(), 25, rig.store.clone()).await;
    let summary = another.poll().await;
    assert!(matches!(failure(&summary, TRANSACTIONS), StreamError::NotBefore(_)));
    assert_eq!(another.sim.log().iter().filter(|one| one.url.path() == TRANSACTIONS).count(), 0);
    another.clock.advance(Duration::from_mins(61));
    another.poll_well().await;
    another.assert_complete();
}

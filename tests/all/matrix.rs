//! The fault matrix: twelve faults in the middle of a read of 500 rows, and what is lost, doubled, hidden or printed.
//!
//! `cargo test -p host-harness --test all matrix -- --nocapture` prints the column of `comparison.md`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::support::{Rig, SECRET, at, describe, world};
use chrono::{DateTime, TimeDelta, Utc};
use engine::runner::{PollSummary, StreamSummary};
use outside::clock::Clock as _;
use outside::transport::Request;
use qonto::{QontoWorld, Transaction};
use sim::{Fault, On};

const ROWS: usize = 500;

/// One account with 500 completed rows, a minute apart: five pages.
fn stocked() -> QontoWorld {
    let (mut world, accounts) = world(1);
    world.fill(&accounts[0], ROWS, at(0), TimeDelta::minutes(1));
    world
}

async fn rig() -> Rig {
    Rig::new(stocked(), 100).await
}

/// Whether a request asks for a page of the 500 rows.
fn asks_rows(request: &Request) -> bool {
    let completed = request.url.query_pairs().any(|(name, value)| name == "status[]" && value == "completed");
    request.url.path() == "/v2/transactions" && completed
}

/// The third page, once or at each further attempt.
fn third(attempts: u64) -> On {
    let seen = AtomicU64::new(0);
    On::matching(move |request| {
        asks_rows(request) && (3..3 + attempts).contains(&(seen.fetch_add(1, Ordering::Relaxed) + 1))
    })
}

/// The number of the request for the third page, in a poll without faults.
async fn number_of_third() -> u64 {
    let rig = rig().await;
    rig.poll_well().await;
    let log = rig.sim.log();
    let pages = log
        .iter()
        .filter(|one| one.url.path() == "/v2/transactions" && one.url.query_pairs().any(|pair| pair.1 == "completed"));
    pages.map(|one| one.number).nth(2).unwrap()
}

/// What one poll came to.
struct Seen {
    exit: u8,
    stored: usize,
    requests: u64,
    seconds: i64,
    errors: Vec<String>,
    gaps: usize,
    told: String,
}

fn payments(summary: &PollSummary) -> impl Iterator<Item = &StreamSummary> {
    summary.streams.iter().filter(|stream| stream.stream.task == "fetch-payments")
}

async fn poll(rig: &Rig) -> Seen {
    let (before, asked) = (rig.clock.now(), rig.sim.requests());
    let summary: PollSummary = rig.poll().await;
    let errors: Vec<String> = summary.failed().map(describe).collect();
    Seen {
        exit: u8::from(!errors.is_empty()),
        stored: rig.payments().len(),
        requests: rig.sim.requests() - asked,
        seconds: (rig.clock.now() - before).num_seconds(),
        errors,
        gaps: payments(&summary).map(|stream| stream.gaps.len()).sum(),
        told: summary.to_json().to_string(),
    }
}

fn row(table: &mut Vec<(&'static str, String)>, name: &'static str, told: String) {
    println!("| {name} | {told} |");
    table.push((name, told));
}

/// A page that lies: the poll says so, nothing of the page is stored, and the next poll reads all.
async fn lying(fault: Fault) -> String {
    let rig = rig().await;
    rig.sim.inject(third(u64::MAX / 2), fault);
    let failed = poll(&rig).await;
    // Two pages, which have a row in common where the second goes on behind the first.
    assert_eq!((failed.exit, failed.gaps, failed.stored), (0, 1, 199), "{:?}", failed.errors);
    rig.sim.calm();
    let well = poll(&rig).await;
    assert_eq!((well.exit, well.gaps, well.stored), (0, 0, ROWS));
    rig.assert_complete();
    "a gap, told; **0 lost** after the next poll".to_owned()
}

fn json(body: &'static str) -> Fault {
    Fault::status(200).header("content-type", "application/json").body(body)
}

/// Rewrites the paging of every list of the rows, so that the next page is the one just read.
fn stuck() -> (On, Fault) {
    let fault = Fault::change_body(|body| {
        let mut body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        body["meta"]["next_page"] = body["meta"]["current_page"].clone();
        body.to_string().into()
    });
    (third(u64::MAX / 2), fault)
}

async fn never_advances() -> String {
    let rig = rig().await;
    let (on, fault) = stuck();
    rig.sim.inject(on, fault);
    let seen = poll(&rig).await;
    assert!(seen.requests < 40, "{} requests", seen.requests);
    assert!(seen.gaps == 1 || seen.stored == ROWS, "neither told nor complete: {} stored", seen.stored);
    rig.sim.calm();
    poll(&rig).await;
    rig.assert_complete();
    format!("a gap, told, {} rows after {} requests; **0 lost** after the next poll", seen.stored, seen.requests)
}

async fn asked_to_wait() -> String {
    let rig = rig().await;
    rig.sim.inject(third(1), Fault::status(429).header("retry-after", "3600"));
    let told = poll(&rig).await;
    assert_eq!((told.exit, told.seconds), (1, 0), "{:?}", told.errors);
    let early = poll(&rig).await;
    let rows = |rig: &Rig| rig.sim.log().iter().filter(|one| one.url.path() == "/v2/transactions").count();
    let asked = rows(&rig);
    poll(&rig).await;
    assert_eq!(rows(&rig), asked, "asked before the hour was over");
    rig.clock.advance(std::time::Duration::from_hours(1));
    let well = poll(&rig).await;
    assert_eq!((early.exit, well.exit, well.stored), (1, 0, ROWS));
    rig.assert_complete();
    "exit 1 at once, not asked for an hour, then **0 lost**".to_owned()
}

async fn echoed_key() -> String {
    let rig = rig().await;
    let body = format!(r#"{{"errors":[{{"code":"unauthorized","detail":"bad key {SECRET}"}}]}}"#);
    let fault = Fault::status(401).header("content-type", "application/json").body(body);
    rig.sim.inject(third(1), fault);
    let seen = poll(&rig).await;
    let told = format!("{:?} {:?} {} {:?}", seen.errors, seen.told, rig.export_text(), rig.states());
    assert_eq!((seen.exit, seen.gaps), (0, 1));
    assert!(!told.contains(&SECRET[..8]), "{told}");
    "a gap, told, clean".to_owned()
}

/// What happens to the rows right before the third page is asked for.
async fn meanwhile(act: impl FnOnce(&mut QontoWorld) + Send + 'static) -> (usize, usize) {
    let rig = rig().await;
    let before = Arc::new(rig.sim.with(|world| world.rows()));
    rig.sim.before(number_of_third().await, act);
    let seen = poll(&rig).await;
    assert_eq!(seen.exit, 0, "{:?}", seen.errors);
    let after = rig.sim.with(|world| world.rows());
    let stored = rig.payments();
    let lost = after.iter().filter(|row| !stored.contains_key(row.id.as_ref())).count();
    let ever = before.iter().chain(&after).map(|row| row.id.to_string()).collect::<std::collections::BTreeSet<_>>();
    (lost, stored.len().saturating_sub(ever.len()))
}

fn minute(number: usize) -> DateTime<Utc> {
    at(i64::try_from(number).unwrap())
}

#[tokio::test]
async fn no_fault_loses_a_row_or_hides_a_failure() {
    println!("| page 3 of 5 | payments:connector, Qonto |\n|---|---|");
    let mut table = Vec::new();
    let t = &mut table;
    row(t, "200 + HTML", lying(Fault::html()).await);
    row(t, "200 + truncated JSON", lying(Fault::truncate(5_000)).await);
    row(t, "200 + errors, no list key", lying(json(r#"{"errors":[{"code":"x","detail":"y"}]}"#)).await);
    let empty = json(
        r#"{"transactions":[],"meta":{"current_page":3,"next_page":4,"prev_page":2,"total_pages":5,"total_count":500,"per_page":100}}"#,
    );
    row(t, "empty list, next_page=4 (transient)", lying(empty).await);
    row(t, "next_page never advances", never_advances().await);
    let rig = rig().await;
    rig.sim.inject(third(2), Fault::status(429));
    let seen = poll(&rig).await;
    assert_eq!((seen.exit, seen.stored), (0, ROWS), "{:?}", seen.errors);
    row(t, "429 ×2, no Retry-After", "backs off, exit 0, **0 lost**".to_owned());
    row(t, "429, Retry-After: 3600", asked_to_wait().await);
    row(t, "401 body echoes the key", echoed_key().await);
    let (lost, doubled) = meanwhile(|world| {
        for row in world.rows().into_iter().take(10) {
            world.delete(&row.id);
        }
    })
    .await;
    assert_eq!((lost, doubled), (0, 0));
    row(t, "10 rows leave the head mid-scan", format!("**{lost} lost**"));
    let (lost, doubled) = meanwhile(|world| {
        let account = world.account_ids().remove(0);
        for number in 0..10 {
            world.transaction(Transaction::on(&account, minute(600 + number)));
        }
    })
    .await;
    assert_eq!((lost, doubled), (0, 0));
    row(t, "10 rows enter the head mid-scan", format!("{doubled} duplicates, **{lost} lost**"));
    row(t, "duplicate id on a page", duplicate().await);
    row(t, "amount 90071992547409.93", amount().await);
    assert_eq!(t.len(), 12);
}

/// The same row twice on the third page.
async fn duplicate() -> String {
    let rig = rig().await;
    rig.sim.inject(
        third(1),
        Fault::change_body(|body| {
            let text = String::from_utf8(body.to_vec()).unwrap();
            let (head, rows) = text.split_once('[').unwrap();
            let first = &rows[..=rows.find("},{").unwrap()];
            format!("{head}[{first},{rows}").into()
        }),
    );
    let seen = poll(&rig).await;
    assert_eq!((seen.exit, seen.stored), (0, ROWS), "{:?}", seen.errors);
    rig.assert_complete();
    "stored once".to_owned()
}

async fn amount() -> String {
    let (mut world, accounts) = world(1);
    world.transaction(Transaction::on(&accounts[0], at(0)).cents(9_007_199_254_740_993));
    let rig = Rig::new(world, 100).await;
    rig.poll_well().await;
    let amount = rig.payments().into_values().next().unwrap()["amount"].as_str().unwrap().to_owned();
    assert_eq!(amount, "9007199254740993");
    "exact".to_owned()
}

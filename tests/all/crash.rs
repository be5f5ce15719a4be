//! Killing the process at any point of a poll loses nothing, and leaves little to ask for again.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::collections::BTreeMap;
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex, mpsc};

use crate::support::cli::Desk;
use crate::support::{STATUSES, at, mixed, tie, world};
use chrono::TimeDelta;
use qonto::QontoWorld;
use serde_json::Value;

const PAGE_SIZE: u32 = 7;
const RUN: [&str; 4] = ["run", "--once", "--config", "config.json"];
/// Requests of calls that a second start may repeat: accounts, the two lists of beneficiaries, of which one call is all
/// 17 currencies of one of them, and the page in flight of each of the two accounts.
const AGAIN: u64 = 1 + 1 + 17 + 2;

/// Rows half an hour apart: a stream that had come to its end reads its last hour again, as at any next poll.
fn history() -> QontoWorld {
    let (mut world, accounts) = world(2);
    mixed(&mut world, &accounts[0], 180, at(0), TimeDelta::minutes(30));
    tie(&mut world, &accounts[0], 20, at(10), &STATUSES);
    mixed(&mut world, &accounts[1], 100, at(0), TimeDelta::minutes(30));
    world
}

/// How the process meets its end.
#[derive(Debug, Clone, Copy)]
enum Kill {
    /// Before the answer goes out: nothing of this page can have been stored.
    BeforeTheAnswer,
    /// While the answer is on its way: wherever the process has got to by then.
    DuringTheAnswer,
}

/// Starts a poll and kills it (SIGKILL on Unix) at the request `number`. Waits for its end.
fn killed_at(desk: &Desk, number: u64, kill: Kill) {
    let child: Arc<Mutex<Option<Child>>> = Arc::default();
    let (signal, signalled) = mpsc::channel();
    // Held until there is a child to kill.
    let mut slot = child.lock().unwrap();
    let victim = child.clone();
    desk.sim.before(number, move |_| {
        if let (Kill::BeforeTheAnswer, Some(child)) = (kill, &mut *victim.lock().unwrap()) {
            child.kill().unwrap();
        }
        signal.send(()).unwrap();
    });
    *slot = Some(desk.command(&RUN).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    drop(slot);
    signalled.recv().expect("the request comes");
    let mut child = child.lock().unwrap().take().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Holds the export against the provider's own table.
fn assert_complete(desk: &Desk, at: &str) {
    let rows = desk.sim.with(|world| world.rows());
    let truth: BTreeMap<String, Value> =
        rows.iter().map(|row| (row.id.to_string(), serde_json::from_str(&row.text).unwrap())).collect();
    let payments = desk.export("payments", &[]).lines();
    assert_eq!(payments.len(), truth.len(), "{at}");
    let mut stored = BTreeMap::new();
    for payment in payments {
        assert_eq!(payment["adjustments"].as_array().unwrap().len(), 1, "{at}: {payment}");
        let before = stored.insert(payment["reference"].as_str().unwrap().to_owned(), payment["raw"].clone());
        assert!(before.is_none(), "{at}: twice: {payment}");
    }
    assert!(stored == truth, "{at}: the payments are not the provider's");
    assert!(desk.export("rejected", &[]).out.is_empty(), "{at}");
}

/// Kills at one request, resumes, and gives how many requests both took.
async fn killed_and_resumed(number: u64, kill: Kill) -> u64 {
    let desk = Desk::new(history(), PAGE_SIZE).await;
    let name = format!("killed at request {number}, {kill:?}");
    tokio::task::block_in_place(|| killed_at(&desk, number, kill));
    desk.poll(&[]).ended(0);
    assert_complete(&desk, &name);
    desk.sim.requests()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_at_any_request_loses_nothing_and_repeats_a_page_at_most() {
    let desk = Desk::new(history(), PAGE_SIZE).await;
    desk.poll(&[]).ended(0);
    assert_complete(&desk, "undisturbed");
    let undisturbed = desk.sim.requests();
    desk.poll(&[]).ended(0);
    // What had come to its end before is polled anew.
    let most = desk.sim.requests() + AGAIN;
    for number in (1..=undisturbed).step_by(3).chain([undisturbed]) {
        let kill = if number % 2 == 0 { Kill::BeforeTheAnswer } else { Kill::DuringTheAnswer };
        let requests = killed_and_resumed(number, kill).await;
        assert!(requests <= most, "killed at {number}: {requests} requests, {undisturbed} undisturbed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_is_killed_again_and_again_still_comes_to_the_end() {
    let desk = Desk::new(history(), PAGE_SIZE).await;
    // Each start gets a few pages further than the one before.
    for _ in 0..4 {
        let number = desk.sim.requests() + 9;
        tokio::task::block_in_place(|| killed_at(&desk, number, Kill::BeforeTheAnswer));
    }
    desk.poll(&[]).ended(0);
    assert_complete(&desk, "killed four times");
}

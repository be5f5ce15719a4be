//! The host's wall clock may be wrong, be set, and be set back: it tells a person when something was, and decides nothing.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use engine::runner::StreamError;
use futures::future::BoxFuture;
use outside::clock::{Clock, VirtualClock};
use sim::{Fault, On};
use store::export::What;
use store::{PollStore as _, StreamKey};

use crate::support::cli::Desk;
use crate::support::{INSTALL, Rig, at, exported, mixed, tie, world};

/// A clock that is set back whenever somebody looks.
struct Backwards(VirtualClock);

impl Clock for Backwards {
    fn now(&self) -> DateTime<Utc> {
        let now = self.0.now();
        self.0.set(now - TimeDelta::seconds(1));
        now
    }

    fn monotonic(&self) -> Duration {
        self.0.monotonic()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.0.sleep(duration)
    }
}

/// The booked balance of each account, and for which time.
fn booked(rig: &Rig) -> BTreeMap<String, (String, String)> {
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let balances = exported(&rig.store, What::Balances).into_iter().filter(|balance| balance["type"] == "BOOKED");
    balances.map(|one| (text(&one["accountReference"]), (text(&one["amount"]), text(&one["asOf"])))).collect()
}

/// A rig with two accounts whose balances are `cents` more for each call of what it comes with.
async fn two_accounts() -> (Rig, impl Fn(&Rig)) {
    let (mut world, accounts) = world(2);
    for account in &accounts {
        mixed(&mut world, account, 3, at(0), TimeDelta::seconds(1));
    }
    let credit = move |rig: &Rig| {
        rig.sim.with(|world| {
            for account in &accounts {
                tie(world, account, 1, at(1), &["completed"]);
            }
            world.balance();
        });
    };
    (Rig::new(world, 1).await, credit)
}

#[tokio::test]
async fn the_balances_of_every_account_are_read_with_it_also_where_the_clock_is_set_back_meanwhile() {
    let (mut rig, credit) = two_accounts().await;
    rig.poll_well().await;
    let before = booked(&rig);
    credit(&rig);
    rig.clock.advance(Duration::from_hours(1));
    rig.runner.outside.clock = Arc::new(Backwards(rig.clock.clone()));
    rig.poll().await;
    let after = booked(&rig);
    assert_eq!(before.len(), 2);
    assert!(before.iter().all(|(account, (amount, _))| after[account].0 != *amount), "{before:?} {after:?}");
}

#[tokio::test]
async fn what_was_read_while_the_clock_was_ahead_gives_way_to_what_is_read_next_and_to_its_time() {
    let (rig, credit) = two_accounts().await;
    let now = rig.clock.now();
    rig.clock.set(now + TimeDelta::days(400));
    rig.poll_well().await;
    let before = booked(&rig);
    rig.clock.set(now);
    credit(&rig);
    rig.poll_well().await;
    for (account, (amount, as_of)) in booked(&rig) {
        assert_ne!(amount, before[&account].0);
        assert!(as_of.starts_with("2026-05-11"), "{as_of}");
    }
    rig.assert_complete();
}

#[tokio::test]
async fn a_limiter_and_a_wait_stand_still_for_no_clock_that_is_set_back() {
    let (rig, _) = two_accounts().await;
    let now = rig.clock.now();
    rig.sim.inject(On::path("/v2/transactions").once(), Fault::status(429).header("Retry-After", "30"));
    let clock = rig.clock.clone();
    rig.sim.before(3, move |_| clock.set(now - TimeDelta::days(1)));
    rig.poll_well().await;
    assert!(rig.clock.monotonic() < Duration::from_mins(10), "{:?}", rig.clock.monotonic());
    rig.assert_complete();
}

#[tokio::test]
async fn a_reset_ends_what_a_stream_waits_for_whether_or_not_it_has_a_state() {
    let (rig, _) = two_accounts().await;
    rig.sim.inject(On::path("/v2/transactions"), Fault::status(429).header("Retry-After", "80000"));
    rig.poll().await;
    rig.sim.calm();
    rig.clock.advance(Duration::from_hours(1));
    let waits = rig.poll().await;
    let waits = waits.failed().filter(|one| matches!(one.error, Some(StreamError::NotBefore(_)))).count();
    let payments = || rig.store.waits(INSTALL).unwrap().iter().filter(|(key, _)| key.task == "fetch-payments").count();
    assert!(waits > 0 && payments() == 2, "{waits}");
    assert_eq!(rig.store.reset_state(INSTALL, Some("fetch-payments")).unwrap(), 2, "they have a wait, and no state");
    assert_eq!(payments(), 0);
    let of = |key: &StreamKey| rig.store.stream(key).unwrap();
    let key = StreamKey { install: INSTALL.into(), task: "fetch-accounts".into(), parent: None };
    assert!(of(&key).completed_at.is_some(), "another stream keeps what it knows");
    rig.store.reset_state(INSTALL, None).unwrap();
    assert_eq!(of(&key).completed_at, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_sees_what_a_stream_waits_for_and_a_reset_ends_it() {
    let desk = Desk::new(world(1).0, 25).await;
    desk.sim.inject(On::path("/v2/transactions"), Fault::status(429).header("Retry-After", "80000"));
    desk.poll(&[]).ended(1);
    let shown = desk.harness(&["state", "show", "fetch-payments"]).ended(0);
    assert!(shown.out.contains("is left alone until "), "{shown:?}");
    desk.sim.calm();
    desk.poll(&[]).ended(1);
    desk.harness(&["state", "reset"]).ended(0);
    desk.poll(&[]).ended(0);
    assert!(!desk.harness(&["state", "show"]).ended(0).out.contains("left alone"));
}

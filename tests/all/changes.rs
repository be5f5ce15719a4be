//! What changes at the provider changes in the store: as adjustments of the same payment, and never as a loss.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::support::{Rig, STATUSES, at, exported, mixed, world};
use chrono::{DateTime, TimeDelta, Utc};
use fastrand::Rng;
use qonto::{Beneficiary, QontoWorld, Transaction, french_iban};
use serde_json::Value;
use sim::{Fault, On};
use store::export::What;

const SEPA: &str = "/v2/sepa/beneficiaries";
const INTERNATIONAL: &str = "/v2/international/beneficiaries";
/// How many currencies the international list is asked for in.
const CURRENCIES: usize = 17;

/// When a rig's clock starts.
fn start() -> DateTime<Utc> {
    at(7 * 24 * 60)
}

fn adjustments(payment: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    payment["adjustments"].as_array().unwrap().iter().map(|one| (text(&one["status"]), text(&one["amount"]))).collect()
}

/// How many requests of the log had this path.
fn asked(rig: &Rig, path: &str) -> usize {
    rig.sim.log().iter().filter(|one| one.url.path() == path).count()
}

#[tokio::test]
async fn an_idle_poll_changes_nothing_and_takes_at_most_four_requests_for_transactions() {
    for size in [1, 25, 100] {
        let (mut world, accounts) = world(2);
        for account in &accounts {
            // One row in the overlap of each status, so that a poll is one page even at size 1.
            mixed(&mut world, account, 3, at(0), TimeDelta::hours(2));
        }
        let rig = Rig::new(world, size).await;
        rig.poll_well().await;
        let (export, states) = (rig.export(), rig.states());
        for _ in 0..3 {
            let _ = rig.sim.take_log();
            let summary = rig.poll_well().await;
            assert!(summary.streams.iter().all(|stream| stream.changed == 0), "{summary:?}");
            assert_eq!((rig.export(), rig.states()), (export.clone(), states.clone()));
            assert!(asked(&rig, "/v2/transactions") <= 4 * accounts.len());
        }
    }
}

#[tokio::test]
async fn an_edit_becomes_an_adjustment_and_never_a_second_payment() {
    let (mut world, accounts) = world(1);
    world.fill(&accounts[0], 30, at(0), TimeDelta::seconds(1));
    let made = |status: &str| Transaction::on(&accounts[0], at(60)).cents(1_000).status(status).label("Before");
    let edited = world.transaction(made("completed"));
    let settles = world.transaction(made("pending"));
    let declines = world.transaction(made("pending"));
    let rig = Rig::new(world, 7).await;
    rig.poll_well().await;
    for (minutes, name, text) in [(1, "label", "\"After\""), (2, "note", "\"A note\""), (3, "amount_cents", "1100")] {
        rig.sim.with(|world| {
            world.edit(&edited, start() + TimeDelta::minutes(minutes), |row| {
                row.set_raw(name, text);
                if name == "amount_cents" {
                    row.set_raw("amount", "11");
                }
            });
        });
        rig.poll_well().await;
    }
    rig.sim.with(|world| {
        world.flip(&settles, start() + TimeDelta::minutes(4), "completed");
        world.flip(&declines, start() + TimeDelta::minutes(4), "declined");
    });
    rig.poll_well().await;
    rig.assert_complete();
    let payments = rig.payments();
    assert_eq!(payments.len(), 33);
    let pair = |status: &str, amount: &str| (status.to_owned(), amount.to_owned());
    let [first, last] = [pair("SUCCEEDED", "1000"), pair("SUCCEEDED", "1100")];
    assert_eq!(adjustments(&payments[&edited]), [first.clone(), first.clone(), first.clone(), last]);
    assert_eq!(payments[&edited]["amount"], "1100");
    assert_eq!(payments[&edited]["metadata"]["com.qonto.spec/note"], "A note");
    assert_eq!(adjustments(&payments[&settles]), [pair("PENDING", "1000"), first]);
    assert_eq!(adjustments(&payments[&declines]), [pair("PENDING", "1000"), pair("FAILED", "1000")]);
}

#[tokio::test]
async fn an_edit_within_the_same_millisecond_is_seen() {
    let (mut world, accounts) = world(1);
    let id = world.transaction(Transaction::on(&accounts[0], at(60)).cents(1_000).label("Before"));
    let rig = Rig::new(world, 25).await;
    rig.poll_well().await;
    rig.sim.with(|world| world.edit(&id, at(60), |row| _ = row.set("label", "After")));
    rig.poll_well().await;
    rig.assert_complete();
    assert_eq!(adjustments(&rig.payments()[&id]).len(), 2);
}

/// A history that goes on while it is read.
struct History {
    random: Rng,
    now: DateTime<Utc>,
    account: String,
    versions: u32,
    gone: BTreeSet<String>,
    /// How far time moves on at most from one change to the next, in milliseconds.
    leap: i64,
}

/// Before anybody reads.
const LONG_AGO: i64 = 5_000_000;
/// While it is read: 25 changes stay within the hour that is read again. A row that appears beside one that was read, in the
/// same millisecond, is found by that; a walk that takes longer may lose it.
const MEANWHILE: i64 = 120_000;

impl History {
    fn tick(&mut self) -> DateTime<Utc> {
        let millis = [0, 0, 0, 0, 1, 1, 700, 60_000, self.leap];
        self.now += TimeDelta::milliseconds(self.random.choice(millis).unwrap());
        self.now
    }

    fn insert(&mut self, world: &mut QontoWorld) {
        let (status, when) = (self.random.choice(STATUSES).unwrap(), self.tick());
        world.transaction(Transaction::on(&self.account, when).cents(100).status(status).label("New"));
    }

    fn change(&mut self, world: &mut QontoWorld) {
        let rows = world.rows();
        let Some(row) = self.random.choice(&rows).filter(|_| self.random.u8(..3) > 0) else {
            return self.insert(world);
        };
        let (id, when) = (row.id.to_string(), self.tick());
        match (self.random.u8(..10), row.status.as_ref()) {
            (0, _) => {
                world.delete(&id);
                self.gone.insert(id);
            }
            (1..=4, "pending") => _ = world.flip(&id, when, "completed"),
            (5, "pending") => _ = world.flip(&id, when, "declined"),
            _ => {
                self.versions += 1;
                let label = format!("Version {}", self.versions);
                world.edit(&id, when, |row| _ = row.set("label", label));
            }
        }
    }
}

async fn a_moving_history_loses_nothing(seed: u64) {
    let (mut world, accounts) = world(1);
    let mut random = Rng::with_seed(seed);
    world.dialect.from_inclusive = random.bool();
    world.dialect.to_inclusive = random.bool();
    world.dialect.search_limit = if random.u8(..4) == 0 { Some(12) } else { None };
    let size = random.choice([1, 2, 2, 3, 5, 25]).unwrap();
    let (rows, often) = (random.usize(0..18), random.u8(1..=3));
    let (account, gone) = (accounts[0].clone(), BTreeSet::new());
    let mut history = History { random, now: at(0), account, versions: 0, gone, leap: LONG_AGO };
    for _ in 0..rows {
        history.insert(&mut world);
    }
    history.leap = MEANWHILE;
    let history = Arc::new(Mutex::new(history));
    let rig = Rig::new(world, size).await;
    let (acting, mut left) = (Arc::clone(&history), 25);
    rig.sim.before_each(move |world, _| {
        let mut history = acting.lock().unwrap();
        if left > 0 && history.random.u8(..4) < often {
            left -= 1;
            history.change(world);
        }
    });
    let polls = 1 + history.lock().unwrap().random.u8(..2);
    for _ in 0..polls {
        rig.poll_well().await;
    }
    rig.sim.calm();
    rig.poll_well().await;
    let (payments, gone) = (rig.payments(), history.lock().unwrap().gone.clone());
    let truth = rig.sim.with(|world| world.rows());
    for row in &truth {
        let raw: Value = serde_json::from_str(&row.text).unwrap();
        let stored = payments.get(row.id.as_ref());
        assert_eq!(stored.map(|payment| &payment["raw"]), Some(&raw), "seed {seed}, page size {size}");
        let status = &stored.unwrap()["status"];
        let expected = match row.status.as_ref() {
            "pending" => "PENDING",
            "declined" => "FAILED",
            _ => "SUCCEEDED",
        };
        assert_eq!(status, expected, "seed {seed}, page size {size}");
    }
    for (id, payment) in payments.iter().filter(|(id, _)| !truth.iter().any(|row| row.id.as_ref() == *id)) {
        assert!(gone.contains(id), "seed {seed}: {id} never was");
        assert_ne!(payment["status"], "PENDING", "seed {seed}, page size {size}: {id} is gone");
    }
    let states = rig.states();
    rig.poll_well().await;
    assert_eq!(rig.states(), states, "seed {seed}, page size {size}");
}

#[tokio::test]
async fn rows_that_change_between_any_two_requests_are_not_lost() {
    for seed in 0..100 {
        a_moving_history_loses_nothing(seed).await;
    }
}

#[tokio::test]
async fn rows_that_change_between_any_two_requests_are_not_lost_in_other_histories_either() {
    for seed in 1_000..1_100 {
        a_moving_history_loses_nothing(seed).await;
    }
}

#[tokio::test]
async fn a_pending_row_that_vanishes_is_cancelled() {
    let (mut world, accounts) = world(1);
    let pending = |minutes| Transaction::on(&accounts[0], at(minutes)).cents(900).status("pending").label("Hold");
    let ids: Vec<String> = (0..30).map(|minutes| world.transaction(pending(minutes))).collect();
    let rig = Rig::new(world, 7).await;
    rig.poll_well().await;
    rig.sim.with(|world| ids.iter().step_by(10).for_each(|id| assert!(world.delete(id))));
    rig.poll_well().await;
    let payments = rig.payments();
    for (number, id) in ids.iter().enumerate() {
        let expected = if number % 10 == 0 { "CANCELLED" } else { "PENDING" };
        assert_eq!(payments[id]["status"], expected, "{number}");
        assert_eq!(adjustments(&payments[id]).last().unwrap().0, expected);
        assert_eq!(adjustments(&payments[id]).len(), if number % 10 == 0 { 2 } else { 1 });
    }
    let states = rig.states();
    rig.poll_well().await;
    assert_eq!(rig.states(), states);
}

#[tokio::test]
async fn a_pending_row_that_changed_its_status_unseen_is_read_by_id() {
    // The second one settles long before the overlap; lists know no `reversed`.
    for (status, when, expected) in [("reversed", start(), "CANCELLED"), ("completed", at(1), "SUCCEEDED")] {
        let (mut world, accounts) = world(1);
        world.fill(&accounts[0], 5, at(600), TimeDelta::seconds(1));
        let id = world.transaction(Transaction::on(&accounts[0], at(0)).cents(900).status("pending"));
        let rig = Rig::new(world, 25).await;
        rig.poll_well().await;
        rig.sim.with(|world| world.flip(&id, when, status));
        rig.poll_well().await;
        assert_eq!(asked(&rig, &format!("/v2/transactions/{id}")), 1);
        assert_eq!(rig.payments()[&id]["status"], expected);
        rig.assert_complete();
    }
}

fn beneficiary(number: u64, when: DateTime<Utc>) -> Beneficiary {
    Beneficiary::sepa(&format!("B {number}"), &french_iban(99_999, 1, number), "FICTFRP2XXX", when)
}

/// The names of the stored beneficiaries by id.
fn beneficiaries(rig: &Rig) -> BTreeMap<String, String> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let stored = exported(&rig.store, What::ExternalAccounts);
    stored.iter().map(|account| (text(&account["reference"]), text(&account["name"]))).collect()
}

fn assert_all_beneficiaries(rig: &Rig, case: &str) {
    let stored = beneficiaries(rig);
    let missing: Vec<String> =
        rig.sim.with(|world| world.beneficiary_ids()).into_iter().filter(|id| !stored.contains_key(id)).collect();
    assert!(missing.is_empty(), "{case}: {missing:?}");
}

#[tokio::test]
async fn any_number_of_beneficiaries_arrives_and_150_new_ones_after_idle_polls_as_well() {
    for count in [0, 1, 25, 26, 250] {
        let (mut world, _) = world(1);
        (0..count).for_each(|n| drop(world.sepa_beneficiary(beneficiary(n, at(i64::try_from(n).unwrap())))));
        let rig = Rig::new(world, 25).await;
        for _ in 0..5 {
            rig.poll_well().await;
        }
        assert_eq!(beneficiaries(&rig).len(), usize::try_from(count).unwrap());
        rig.sim.with(|world| {
            (0..150).for_each(|n| drop(world.sepa_beneficiary(beneficiary(1_000 + n, start()))));
        });
        rig.poll_well().await;
        assert_all_beneficiaries(&rig, &format!("{count} and 150"));
    }
}

#[tokio::test]
async fn beneficiaries_that_share_an_iban_or_have_it_masked_stay_apart() {
    let (mut world, _) = world(1);
    for iban in [french_iban(99_999, 1, 7).as_str(), "FR76*******************0007"] {
        for name in ["One", "Two"] {
            world.sepa_beneficiary(Beneficiary::sepa(name, iban, "FICTFRP2XXX", at(0)));
        }
    }
    let rig = Rig::new(world, 1).await;
    rig.poll_well().await;
    assert_eq!(beneficiaries(&rig).len(), 4);
}

#[tokio::test]
async fn beneficiaries_that_change_between_any_two_requests_are_not_lost() {
    for seed in 0..40 {
        let (mut world, _) = world(1);
        (0..30).for_each(|n| drop(world.sepa_beneficiary(beneficiary(n, at(i64::try_from(n).unwrap())))));
        let mut random = Rng::with_seed(seed);
        let size = random.choice([1, 2, 7]).unwrap();
        let rig = Rig::new(world, size).await;
        let (names, mut now, mut left) = (Arc::new(Mutex::new(BTreeMap::new())), start(), 20_u64);
        let renamed = Arc::clone(&names);
        rig.sim.before_each(move |world, number| {
            let ids = world.beneficiary_ids();
            if left == 0 || random.bool() {
                return;
            }
            left -= 1;
            now += TimeDelta::milliseconds(random.i64(0..5_000));
            let id = random.choice(&ids).unwrap();
            match random.u8(..3) {
                0 => drop(world.sepa_beneficiary(beneficiary(1_000 + left, now))),
                1 => _ = world.delete_beneficiary(id),
                _ => {
                    let name = format!("Renamed {number}");
                    world.edit_beneficiary(id, now, |row| _ = row.set("name", &name));
                    renamed.lock().unwrap().insert(id.clone(), name);
                }
            }
        });
        rig.poll_well().await;
        rig.sim.calm();
        rig.poll_well().await;
        assert_all_beneficiaries(&rig, &format!("seed {seed}, page size {size}"));
        let (stored, alive) = (beneficiaries(&rig), rig.sim.with(|world| world.beneficiary_ids()));
        for (id, name) in names.lock().unwrap().iter().filter(|(id, _)| alive.contains(id)) {
            assert_eq!(&stored[id], name, "seed {seed}, page size {size}");
        }
    }
}

#[tokio::test]
async fn the_legacy_list_is_read_where_the_new_one_is_gone() {
    for status in [404, 410] {
        let (mut world, _) = world(1);
        world.dialect.legacy_beneficiaries = true;
        (0..30).for_each(|n| drop(world.sepa_beneficiary(beneficiary(n, at(0)))));
        let rig = Rig::new(world, 25).await;
        rig.sim.inject(On::path(SEPA), Fault::status(status));
        for _ in 0..3 {
            rig.poll_well().await;
        }
        assert_all_beneficiaries(&rig, &status.to_string());
        assert_eq!(asked(&rig, SEPA), 1, "it is remembered");
    }
}

#[tokio::test]
async fn a_refused_international_list_is_asked_for_once_a_day_and_is_one_gap() {
    let (mut world, _) = world(1);
    world.sepa_beneficiary(beneficiary(1, at(0)));
    let rig = Rig::new(world, 25).await;
    for days in 1..3 {
        let first = rig.poll_well().await;
        assert_eq!(first.streams.iter().map(|stream| stream.gaps.len()).sum::<usize>(), 1, "{first:?}");
        rig.poll_well().await;
        rig.poll_well().await;
        assert_eq!(asked(&rig, INTERNATIONAL), days * CURRENCIES, "once each");
        rig.clock.advance(Duration::from_hours(24));
    }
    assert_all_beneficiaries(&rig, "international refused");
}

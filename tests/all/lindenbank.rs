//! The real connector of the made-up Lindenbank in the real host: what Qonto never does, from the provider's row to the
//! export.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use engine::install::Described;
use engine::runner::{PollSummary, Runner};
use lindenbank::Lindenbank;
use model::PaymentStatus;
use outside::clock::{Clock as _, VirtualClock};
use outside::config::Terms;
use outside::transport::authenticated::Authenticated;
use serde_json::{Value, json};
use sim::{Bank as _, Change, Expected, Fault, Movement, Odd, On, Simulator};
use store::Store;
use store::export::{Format, What, export};
use test_components::LINDENBANK;

use crate::support::{at, describe, sandbox};

const INSTALL: &str = "linden";

/// A connector at the bank, with a store of its own.
struct Rig {
    sim: Simulator<Lindenbank>,
    clock: VirtualClock,
    store: Arc<Store>,
    runner: Runner,
}

impl Rig {
    async fn new(bank: Lindenbank) -> Self {
        let (clock, store) = (VirtualClock::at(at(0)), Arc::new(Store::in_memory().unwrap()));
        let mut config = bank.config();
        config.insert("pageSize".into(), 4.into());
        let sim = Simulator::new(bank, clock.clone());
        let described = Described::load(sandbox(), LINDENBANK).await.unwrap();
        let install = described.install(&Value::Object(config).to_string(), &Terms::default()).unwrap();
        let transport = Authenticated::new(sim.clone(), install.keyring.clone());
        let outside = install.outside(Arc::new(transport), Arc::new(clock.clone()));
        let runner = install.runner(outside, store.clone(), INSTALL);
        Self { sim, clock, store, runner }
    }

    async fn poll(&self) -> PollSummary {
        let summary = self.runner.poll(&()).await.unwrap();
        let failed: Vec<String> = summary.failed().map(describe).collect();
        assert!(failed.is_empty(), "{failed:#?}");
        summary
    }

    /// The records of a kind, as an export gives them.
    fn exported(&self, what: What) -> Vec<Value> {
        let mut text = Vec::new();
        export(&self.store, INSTALL, what, Format::Ndjson, &mut text).unwrap();
        String::from_utf8(text).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn by_reference(&self, what: What) -> BTreeMap<String, Value> {
        let records = self.exported(what).into_iter();
        records.map(|record| (record["reference"].as_str().unwrap().to_owned(), record)).collect()
    }

    fn payments(&self) -> BTreeMap<String, Value> {
        self.by_reference(What::Payments)
    }
}

/// Days before the rigs begin, in the middle of the day.
fn days_ago(days: i64) -> DateTime<Utc> {
    at(240) - TimeDelta::days(days)
}

#[tokio::test]
async fn the_accounts_of_each_profile_come_with_balances_in_several_currencies() {
    let mut bank = Lindenbank::default();
    for currency in ["EUR", "JPY", "EUR"] {
        bank.open(currency);
    }
    let rig = Rig::new(bank).await;
    rig.poll().await;
    let accounts = rig.by_reference(What::Accounts);
    assert_eq!(accounts.keys().collect::<Vec<_>>(), ["LB-A-1", "LB-A-2", "LB-A-3"]);
    let holders = accounts.values().map(|account| account["metadata"]["std/holder"].as_str().unwrap());
    assert_eq!(holders.collect::<Vec<_>>(), ["Mira Sonnenfeld", "Sonnenfeld Keramik e.K.", "Mira Sonnenfeld"]);
    for account in accounts.values() {
        for absent in ["defaultAsset", "createdAt", "updatedAt", "goneAt"] {
            assert_eq!(account[absent], Value::Null, "{absent}");
        }
    }
    let balances = rig.exported(What::Balances);
    let yen = balances.iter().filter(|balance| balance["accountReference"] == "LB-A-2");
    let mut yen: Vec<Value> =
        yen.map(|balance| json!(["type", "label", "amount", "asset"].map(|field| &balance[field]))).collect();
    yen.sort_by_key(Value::to_string);
    let expected = [
        json!(["AVAILABLE", null, "2284602", "JPY/0"]),
        json!(["AVAILABLE", null, "7602", "CHF/2"]),
        json!(["BOOKED", null, "2345602", "JPY/0"]),
        json!(["BOOKED", null, "7702", "CHF/2"]),
        json!(["OTHER", "dispo", "500002", "JPY/0"]),
        json!(["RESERVED", null, "60002", "JPY/0"]),
    ];
    assert_eq!(yen, expected);
    assert_eq!(balances.len(), 18);
}

#[tokio::test]
async fn payments_of_the_whole_install_keep_their_day_fees_second_amount_and_parent() {
    let mut bank = Lindenbank::default();
    let accounts = ["EUR", "USD"].map(|currency| bank.open(currency));
    let out = bank.pay(&Movement::on(&accounts[0], days_ago(5)));
    bank.pay(&Movement::on(&accounts[1], days_ago(4)));
    let refund = bank.pay(&Movement::on(&accounts[0], days_ago(3)).incoming());
    let exchange = bank.exchange(&Movement::on(&accounts[1], days_ago(2)).minor(1_000));
    let Some(Expected::Payment(abroad, _)) = bank.add_odd(&accounts[0], days_ago(1), &Odd::Abroad) else {
        unreachable!("it is a payment")
    };
    let rig = Rig::new(bank).await;
    rig.poll().await;
    let payments = rig.payments();
    assert_eq!(payments.len(), 5);
    for payment in payments.values() {
        assert_eq!((&payment["createdAtPrecision"], &payment["updatedAt"]), (&json!("DAY"), &Value::Null), "{payment}");
        let date = payment["metadata"]["std/booking-date"].as_str().unwrap();
        assert!(payment["createdAt"].as_str().unwrap().starts_with(&format!("{date}T00:00:00")), "{payment}");
    }
    let (refund, exchange, abroad) = (&payments[&refund], &payments[&exchange], &payments[&abroad]);
    assert_eq!(refund["fees"], json!([{ "amount": "35", "asset": "EUR/2" }]));
    assert_eq!(refund["parentReference"], json!(out));
    assert_eq!(abroad["counterAmount"], json!({ "amount": "1733", "asset": "USD/2" }));
    assert_eq!((&abroad["fees"], &abroad["amount"]), (&json!([]), &json!("1500")));
    assert_eq!(exchange["counterAmount"], json!({ "amount": "941", "asset": "CHF/2" }));
    assert_eq!((&exchange["type"], &exchange["asset"]), (&json!("CONVERSION"), &json!("USD/2")));
    assert_eq!(exchange["sourceAccountReference"], exchange["destinationAccountReference"]);
    // Nothing new: nothing changes, neither a record nor a state.
    let states = rig.store.states(INSTALL).unwrap();
    rig.clock.advance(Duration::from_hours(30));
    let summary = rig.poll().await;
    let moved = summary.streams.iter().filter(|stream| !stream.stream.to_string().contains("balances"));
    assert!(moved.clone().all(|stream| stream.changed == 0), "{summary:?}");
    let bytes = |states: Vec<(_, Vec<u8>, _)>| states.into_iter().map(|(_, state, _)| state).collect::<Vec<_>>();
    assert_eq!(bytes(states), bytes(rig.store.states(INSTALL).unwrap()));
}

/// A payment that is pending for so long that no poll reads it again, and rows since then.
fn with_old_pending() -> (Lindenbank, String) {
    let mut bank = Lindenbank::default();
    let account = bank.open("EUR");
    let pending = bank.pay(&Movement::on(&account, days_ago(20)).status(PaymentStatus::Pending));
    for days in 0..10 {
        bank.pay(&Movement::on(&account, days_ago(days)));
    }
    (bank, pending)
}

#[tokio::test]
async fn a_pending_payment_that_settles_without_a_word_is_followed() {
    let (bank, pending) = with_old_pending();
    let rig = Rig::new(bank).await;
    rig.poll().await;
    assert_eq!(rig.payments()[&pending]["status"], "PENDING");
    rig.clock.advance(Duration::from_hours(1));
    let now = rig.clock.now();
    assert!(rig.sim.with(|bank| bank.change(&pending, now, &Change::Status(PaymentStatus::Succeeded))));
    let _ = rig.sim.take_log();
    rig.poll().await;
    let payment = &rig.payments()[&pending];
    assert_eq!(payment["status"], "SUCCEEDED");
    assert_eq!(payment["adjustments"].as_array().map(Vec::len), Some(2), "{payment}");
    let asked = format!("/v1/payments/{pending}");
    assert_eq!(rig.sim.take_log().iter().filter(|request| request.url.path() == asked).count(), 1);
    rig.clock.advance(Duration::from_hours(1));
    rig.poll().await;
    assert!(rig.sim.take_log().iter().all(|request| request.url.path() != asked), "what is final is not asked for");
}

#[tokio::test]
async fn a_pending_payment_that_is_booked_as_another_one_is_marked_replaced() {
    let (bank, pending) = with_old_pending();
    let rig = Rig::new(bank).await;
    rig.poll().await;
    rig.clock.advance(Duration::from_hours(1));
    let now = rig.clock.now();
    let booked = rig.sim.with(|bank| bank.replace(&pending, now)).unwrap();
    rig.poll().await;
    let payments = rig.payments();
    assert_eq!(payments[&pending]["replacedBy"], json!(booked));
    assert_eq!(payments[&booked]["status"], "SUCCEEDED");
    assert_eq!(payments[&booked]["replacedBy"], Value::Null);
}

#[tokio::test]
async fn an_account_that_two_polls_an_hour_apart_miss_is_gone_and_its_payments_stay() {
    let mut bank = Lindenbank::default();
    let accounts = ["EUR", "EUR", "EUR"].map(|currency| bank.open(currency));
    for account in &accounts {
        bank.pay(&Movement::on(account, days_ago(1)));
    }
    let rig = Rig::new(bank).await;
    rig.poll().await;
    assert!(rig.sim.with(|bank| bank.close(&accounts[2])));
    let gone = |rig: &Rig| rig.by_reference(What::Accounts)[&accounts[2]]["goneAt"].clone();
    rig.clock.advance(Duration::from_mins(50));
    rig.poll().await;
    assert_eq!(gone(&rig), Value::Null, "one poll proves nothing");
    rig.clock.advance(Duration::from_mins(61));
    rig.poll().await;
    assert_ne!(gone(&rig), Value::Null);
    let accounts_left = rig.by_reference(What::Accounts);
    assert!(accounts.iter().take(2).all(|account| accounts_left[account]["goneAt"] == Value::Null));
    assert_eq!(rig.payments().len(), 3);
}

#[tokio::test]
async fn what_cannot_be_followed_is_a_gap_and_holds_up_no_other() {
    let (mut bank, first) = with_old_pending();
    let second = bank.pay(&Movement::on("LB-A-1", days_ago(19)).status(PaymentStatus::Pending));
    let rig = Rig::new(bank).await;
    rig.poll().await;
    rig.clock.advance(Duration::from_hours(1));
    let now = rig.clock.now();
    rig.sim.with(|bank| {
        for pending in [&first, &second] {
            assert!(bank.change(pending, now, &Change::Status(PaymentStatus::Failed)));
        }
    });
    let path = format!("/v1/payments/{first}");
    rig.sim.inject(On::matching(move |request| request.url.path() == path), Fault::status(403));
    let summary = rig.poll().await;
    let gaps: Vec<&str> = summary.streams.iter().flat_map(|stream| &stream.gaps).map(|gap| &*gap.what).collect();
    assert_eq!(gaps, [format!("how the payment {first} stands")]);
    let status = |reference: &str| rig.payments()[reference]["status"].clone();
    assert_eq!((status(&first), status(&second)), (json!("PENDING"), json!("FAILED")));
    rig.sim.calm();
    rig.clock.advance(Duration::from_hours(1));
    rig.poll().await;
    assert_eq!(status(&first), "FAILED");
}

#[tokio::test]
async fn a_walk_whose_cursor_has_expired_begins_anew_and_loses_nothing() {
    let mut bank = Lindenbank::default();
    let account = bank.open("EUR");
    for days in 0..30 {
        bank.pay(&Movement::on(&account, days_ago(30 - days)));
    }
    let rig = Rig::new(bank).await;
    // The third page and all after it: the poll ends in the middle of the list.
    let is_late = |url: &url::Url| url.query_pairs().any(|(name, value)| name == "after" && value.contains("_8_"));
    rig.sim.inject(On::matching(move |request| is_late(&request.url)), Fault::status(400));
    let summary = rig.runner.poll(&()).await.unwrap();
    assert_eq!(summary.failed().count(), 1);
    assert_eq!(rig.payments().len(), 8);
    rig.sim.calm();
    rig.clock.advance(Duration::from_hours(30));
    rig.poll().await;
    assert_eq!(rig.payments().len(), 30);
}

//! What a person sees of records that are said to be gone, and of an install that would get another's data.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use crate::support::cli::{Desk, folder, harness};
use crate::support::{at, mixed, world};
use chrono::TimeDelta;
use model::{Payment, PaymentScheme, PaymentStatus, PaymentType, TimePrecision, Timestamp, Withdrawn};
use serde_json::Value;
use store::{Delivery, PageRecords, PollStore as _, Store, StreamKey};

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_another_organisation_is_refused_before_anything_is_stored() {
    let (mut company, accounts) = world(1);
    mixed(&mut company, &accounts[0], 6, at(0), TimeDelta::hours(1));
    let desk = Desk::new(company, 25).await;
    desk.poll(&[]).ended(0);
    let before = desk.export("all", &[]).out;
    let asked = desk.sim.requests();
    desk.sim.with(|world| {
        world.organization.set("id", "b7a8c1de-0000-4000-8000-00000000beef");
        mixed(world, &accounts[0], 3, at(600), TimeDelta::hours(1));
    });
    let refused = desk.poll(&[]).ended(2);
    assert!(refused.err.contains("b7a8c1de-0000-4000-8000-00000000beef"), "{refused:?}");
    assert!(refused.err.contains("an install of its own") && refused.err.contains("--name"), "{refused:?}");
    let checked = desk.harness(&["check", "--config", "config.json"]).ended(2);
    assert!(checked.err.contains("an install of its own") && checked.out.is_empty(), "{checked:?}");
    assert_eq!(desk.sim.requests(), asked + 2, "one request tells, each time");
    assert_eq!(desk.export("all", &[]).out, before);
    desk.poll(&["--name", "other"]).ended(0);
    assert!(desk.export("payments", &["--name", "other"]).out.lines().count() > 6);
}

fn pending(reference: &str) -> Payment {
    Payment {
        reference: reference.to_owned(),
        parent_reference: None,
        created_at: Timestamp { seconds: 1_780_000_000, nanoseconds: 0 },
        created_at_precision: TimePrecision::Instant,
        updated_at: None,
        payment_type: PaymentType::Payout,
        status: PaymentStatus::Pending,
        scheme: PaymentScheme::Unknown,
        amount: "100".to_owned(),
        asset: "EUR/2".to_owned(),
        fees: Vec::new(),
        counter_amount: None,
        source_account_reference: None,
        destination_account_reference: None,
        counterparty: None,
        metadata: Vec::new(),
        raw: "{}".to_owned(),
    }
}

fn deliver(store: &Store, items: Vec<Payment>, withdrawn: Vec<Withdrawn>) {
    let key = StreamKey { install: "qonto".to_owned(), task: "fetch-payments".to_owned(), parent: None };
    let (stream, reading) = store.begin_call(&key).unwrap();
    let records = PageRecords::Payments { items, withdrawn };
    let delivery = Delivery {
        key: &key,
        revision: stream.revision,
        reading,
        at: at(0),
        records: &records,
        rejected: &[],
        state: None,
        partial: false,
        asked: false,
    };
    store.commit(&delivery).unwrap();
    store.settle(&key, false, at(0)).unwrap();
}

#[test]
fn many_that_are_withdrawn_at_once_wait_for_the_operators_word() {
    let folder = folder();
    let names: Vec<String> = (10..30).map(|number| format!("p{number}")).collect();
    let store = Store::open(folder.path().join("payments.db")).unwrap();
    deliver(&store, names.iter().map(|name| pending(name)).collect(), Vec::new());
    let gone = names.iter().take(12).map(|name| Withdrawn { reference: name.clone(), replaced_by: None }).collect();
    deliver(&store, Vec::new(), gone);
    drop(store);
    let cancelled = || {
        let payments = harness(folder.path(), &["export", "payments"]).ended(0).lines();
        payments.iter().filter(|payment: &&Value| payment["status"] == "CANCELLED").count()
    };
    let shown = harness(folder.path(), &["gone", "show"]).ended(0).out;
    assert!(names.iter().take(12).all(|name| shown.contains(name)) && !shown.contains("p22"), "{shown}");
    assert_eq!(cancelled(), 0);
    harness(folder.path(), &["gone", "apply"]).ended(0);
    assert_eq!(cancelled(), 12);
    let shown = harness(folder.path(), &["gone", "show"]).ended(0).out;
    assert!(!shown.contains("p10"), "{shown}");
}

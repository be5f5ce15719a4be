//! Lists of a large store, as the server reads them: `cargo bench -p host-harness --bench lists`.
//!
//! Payments are stored as a poll stores them. Then pages of 100 are read from the newest end, from the middle and from the
//! oldest end, with and without a filter by connector, and single payments by their ids; at last the same while pages are
//! stored beside it. `-- ROWS` stores another number of payments than 1 000 000.

#![allow(clippy::unwrap_used, reason = "a benchmark stops where it is not as expected")]

mod common;

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use chrono::{TimeDelta, Utc};
use model::{Payment, PaymentScheme, PaymentStatus, PaymentType, TimePrecision};
use store::serving::list::{Condition, Key, RecordId, Seek};
use store::{Delivery, PageRecords, PollStore as _, Store, StreamKey, timestamp};

/// Payments of a page, both ways.
const PAGE: usize = 100;
/// Reads of which each figure is the median.
const READS: usize = 200;

fn main() {
    let rows = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(1_000_000_usize);
    let path = common::folder().join("lists.db");
    common::remove_store(&path);
    let store = Store::open(&path).unwrap();
    let began = Instant::now();
    for page in 0..rows.div_ceil(PAGE) {
        commit(&store, page);
    }
    store.note_connector("bench", "bench", "sha256:00", Utc::now()).unwrap();
    let uuid = store.connector_of("bench").unwrap().unwrap().uuid;
    println!(
        "{rows} payments stored in {:.1} s, {} bytes each",
        began.elapsed().as_secs_f64(),
        common::store_bytes(&path) / rows as u64
    );
    let all = Condition::All(Vec::new());
    let of = Condition::OfConnector(uuid.clone());
    for (what, condition) in [("all", &all), ("of a connector", &of)] {
        let first = median(|_| drop(store.list_payments(condition, Seek::Newest, 100).unwrap()));
        let middle = median(|n| drop(store.list_payments(condition, place(rows / 2 - n), 100).unwrap()));
        let last = median(|n| drop(store.list_payments(condition, place(100 + n), 100).unwrap()));
        println!(
            "{what}: first page {first:.0?}, middle {middle:.0?}, last {last:.0?} ({:.2} of the first)",
            ratio(last, first)
        );
    }
    let id = |n: usize| RecordId {
        connector: uuid.clone(),
        reference: format!("payment-{}", n * (rows / READS)),
        payment_type: Some("PAYOUT".to_owned()),
    };
    println!("one by its id, with its versions: {:.0?}", median(|n| assert!(store.payment(&id(n)).unwrap().is_some())));
    let alone = median(|_| drop(store.list_payments(&all, Seek::Newest, 100).unwrap()));
    let over = AtomicBool::new(false);
    let beside = std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut page = rows / PAGE;
            while !over.load(Relaxed) {
                commit(&store, page);
                page += 1;
            }
        });
        let beside = median(|_| drop(store.list_payments(&all, Seek::Newest, 100).unwrap()));
        over.store(true, Relaxed);
        writer.join().unwrap();
        beside
    });
    println!("first page while pages are stored: {beside:.0?} ({:.2} of alone)", ratio(beside, alone));
    drop(store);
    common::remove_store(&path);
}

fn ratio(one: Duration, other: Duration) -> f64 {
    one.as_secs_f64() / other.as_secs_f64()
}

fn median(mut read: impl FnMut(usize)) -> Duration {
    let mut times: Vec<Duration> = (0..READS)
        .map(|n| {
            let began = Instant::now();
            read(n);
            began.elapsed()
        })
        .collect();
    times.sort();
    times[READS / 2]
}

/// The place of the payment of this number, counted from the oldest.
fn place(number: usize) -> Seek {
    let seconds = first().timestamp() + i64::try_from(number).unwrap();
    Seek::OlderThan(Key { seconds, nanoseconds: 0, id: i64::MAX })
}

fn first() -> chrono::DateTime<Utc> {
    common::now() - TimeDelta::days(365)
}

fn commit(store: &Store, page: usize) {
    let key = StreamKey { install: "bench".to_owned(), task: "fetch-payments".to_owned(), parent: None };
    let (state, reading) = store.begin_call(&key).unwrap();
    let items = (page * PAGE..(page + 1) * PAGE).map(payment).collect();
    let records = PageRecords::Payments { items, withdrawn: Vec::new() };
    store
        .commit(&Delivery {
            key: &key,
            revision: state.revision,
            reading,
            at: common::now(),
            records: &records,
            rejected: &[],
            state: Some(b"state"),
            partial: false,
            asked: false,
        })
        .unwrap();
}

fn payment(number: usize) -> Payment {
    let at = timestamp(first() + TimeDelta::seconds(i64::try_from(number).unwrap()));
    Payment {
        reference: format!("payment-{number}"),
        parent_reference: None,
        created_at: at,
        created_at_precision: TimePrecision::Instant,
        updated_at: Some(at),
        payment_type: PaymentType::Payout,
        status: PaymentStatus::Succeeded,
        scheme: PaymentScheme::SepaCredit,
        amount: (number % 90_000).to_string(),
        asset: "EUR/2".to_owned(),
        fees: Vec::new(),
        counter_amount: None,
        source_account_reference: Some("account".to_owned()),
        destination_account_reference: None,
        counterparty: None,
        metadata: vec![("std/label".to_owned(), format!("Office Supplies {number}"))],
        raw: format!(r#"{{"id":"payment-{number}","label":"Office Supplies {number}","amount":{}}}"#, number % 90_000),
    }
}

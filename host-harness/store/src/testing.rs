//! Records to test with.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use chrono::{DateTime, Utc};

use super::{AccountKind, Changes, Committed, Delivery, Kept, PageRecords, PollStore, Store, StoreError, StreamKey};
use crate::export::{Format, What, export};
use model::{
    Account, Balance, BalanceKind, Capability, Payment, PaymentScheme, PaymentStatus, PaymentType, Rejected,
    TimePrecision, Timestamp, Withdrawn,
};

pub(crate) fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(second, 123_456_789).expect("in range")
}

pub(crate) fn time(seconds: i64) -> Timestamp {
    Timestamp { seconds, nanoseconds: 0 }
}

pub(crate) fn stream() -> StreamKey {
    StreamKey { install: "acme".to_owned(), task: "fetch-payments".to_owned(), parent: Some("acc-1".to_owned()) }
}

pub(crate) fn account(reference: &str, name: &str, updated: Option<i64>) -> Account {
    Account {
        reference: reference.to_owned(),
        name: Some(name.to_owned()),
        default_asset: Some("EUR/2".to_owned()),
        created_at: None,
        updated_at: updated.map(time),
        metadata: vec![("com.bank.spec/b".to_owned(), "2".to_owned()), ("a".to_owned(), String::new())],
        raw: format!(r#"{{"id":"{reference}","name":"{name}"}}"#),
    }
}

pub(crate) fn balance(amount: &str, as_of: i64) -> Balance {
    Balance {
        account_reference: "acc-1".to_owned(),
        kind: BalanceKind::Booked,
        label: None,
        amount: amount.to_owned(),
        asset: "EUR/2".to_owned(),
        as_of: time(as_of),
    }
}

pub(crate) fn payment(reference: &str, status: PaymentStatus, updated: i64) -> Payment {
    Payment {
        reference: reference.to_owned(),
        parent_reference: None,
        created_at: time(1_000),
        created_at_precision: TimePrecision::Instant,
        updated_at: Some(time(updated)),
        payment_type: PaymentType::Payout,
        status,
        scheme: PaymentScheme::SepaCredit,
        amount: "129900".to_owned(),
        asset: "EUR/2".to_owned(),
        fees: vec![],
        counter_amount: None,
        source_account_reference: Some("acc-1".to_owned()),
        destination_account_reference: None,
        counterparty: None,
        metadata: vec![],
        raw: format!(r#"{{"id":"{reference}","amount":1299.00,"updated":{updated}}}"#),
    }
}

pub(crate) fn rejected(reference: Option<&str>, raw: &str) -> Rejected {
    Rejected {
        reference: reference.map(str::to_owned),
        reason: "`amount` is \"abc\"; expected a number".to_owned(),
        raw: raw.to_owned(),
    }
}

pub(crate) fn payments(items: Vec<Payment>) -> PageRecords {
    PageRecords::Payments { items, withdrawn: vec![] }
}

pub(crate) fn withdrawn(reference: &str) -> PageRecords {
    PageRecords::Payments {
        items: vec![],
        withdrawn: vec![Withdrawn { reference: reference.to_owned(), replaced_by: None }],
    }
}

pub(crate) fn accounts(items: Vec<Account>) -> PageRecords {
    PageRecords::Accounts { kind: AccountKind::Internal, items, withdrawn: vec![] }
}

/// Commits at whatever revision the stream is at, as the call that was read last; what is gone leaves at once.
pub(crate) fn deliver(
    store: &dyn PollStore,
    page: &PageRecords,
    rows: &[Rejected],
    now: i64,
) -> Result<Committed, StoreError> {
    let (_, reading) = store.begin_call(&stream())?;
    deliver_as(store, reading, page, rows, now)
}

/// As [`deliver`], of the call with this number.
pub(crate) fn deliver_as(
    store: &dyn PollStore,
    reading: u64,
    page: &PageRecords,
    rows: &[Rejected],
    now: i64,
) -> Result<Committed, StoreError> {
    let key = stream();
    let revision = store.stream(&key)?.revision;
    let committed = commit(store, &key, (revision, reading), page, rows, None, now)?;
    let settled = store.settle(&key, false, at(now))?;
    let changes = Changes { updated: committed.changes.updated + settled.left, ..committed.changes };
    Ok(Committed { changes, ..committed })
}

/// Commits a page at a revision, as the call with a number.
pub(crate) fn commit(
    store: &dyn PollStore,
    key: &StreamKey,
    (revision, reading): (u64, u64),
    records: &PageRecords,
    rejected: &[Rejected],
    state: Option<&[u8]>,
    now: i64,
) -> Result<Committed, StoreError> {
    store.commit(&Delivery {
        key,
        revision,
        reading,
        at: at(now),
        records,
        rejected,
        state,
        partial: false,
        asked: false,
    })
}

/// The own accounts that the stream reported, with the times they were read.
pub(crate) fn kept(store: &dyn PollStore) -> Vec<(String, DateTime<Utc>)> {
    all_kept(store).into_iter().map(|kept| (kept.parent.raw, kept.read_at)).collect()
}

/// The same, as parents.
pub(crate) fn all_kept(store: &dyn PollStore) -> Vec<Kept> {
    let references = store.parents(&stream(), Capability::FetchAccounts).expect("readable");
    let kept = |reference: &String| store.kept(&stream(), Capability::FetchAccounts, reference).expect("readable");
    references.iter().filter_map(kept).collect()
}

pub(crate) fn exported(store: &Store, what: What, format: Format) -> String {
    let mut out = Vec::new();
    export(store, "acme", what, format, &mut out).expect("exported");
    String::from_utf8(out).expect("UTF-8")
}

#[cfg(test)]
pub(crate) fn everything(store: &Store) -> String {
    exported(store, What::All, Format::Ndjson)
}

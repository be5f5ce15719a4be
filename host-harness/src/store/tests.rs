//! The rules of the store, one test each.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use serde_json::Value;

use super::testing::{
    account, accounts, at, balance, deliver, everything, exported, payment, payments, rejected, stream, withdrawn,
};
use super::{AccountKind, Changes, PageRecords, RunSummary, Store, StoreError, StreamKey};
use crate::contract::PaymentStatus::{Failed, Pending, Succeeded};
use crate::export::{Format, What};

fn store() -> Store {
    Store::in_memory().expect("a store")
}

fn the_payment(store: &Store) -> Value {
    serde_json::from_str(&exported(store, What::Payments, Format::Ndjson)).expect("one line of JSON")
}

fn statuses(payment: &Value) -> Vec<String> {
    let adjustments = payment["adjustments"].as_array().expect("a list");
    adjustments.iter().map(|one| one["status"].as_str().expect("a string").to_owned()).collect()
}

#[test]
fn a_page_delivered_twice_changes_nothing() {
    let store = store();
    let rows = [rejected(Some("p-3"), "{}"), rejected(None, "x")];
    let page = payments(vec![payment("p-1", Pending, 1), payment("p-2", Succeeded, 2)]);
    let first = deliver(&store, &page, &rows, 10).unwrap();
    assert_eq!(first.changes, Changes { inserted: 2, updated: 0, unchanged: 0, rejected: 2 });
    let before = everything(&store);
    let second = deliver(&store, &page, &rows, 20).unwrap();
    assert_eq!(second.changes, Changes { inserted: 0, updated: 0, unchanged: 4, rejected: 0 });
    assert_eq!(everything(&store), before);
}

#[test]
fn each_change_of_status_amount_or_raw_is_an_adjustment_and_the_newest_is_current() {
    let store = store();
    let mut corrected = payment("p", Succeeded, 3);
    corrected.amount = "5".to_owned();
    let mut annotated = corrected.clone();
    annotated.raw = r#"{"note":1}"#.to_owned();
    for page in [payment("p", Pending, 1), payment("p", Succeeded, 3), corrected, annotated] {
        assert!(deliver(&store, &payments(vec![page]), &[], 9).unwrap().changes.any());
    }
    let late = deliver(&store, &payments(vec![payment("p", Failed, 2)]), &[], 9).unwrap();
    assert_eq!(late.changes.updated, 1, "history is gained");
    let payment = the_payment(&store);
    assert_eq!(statuses(&payment), ["PENDING", "FAILED", "SUCCEEDED", "SUCCEEDED", "SUCCEEDED"]);
    assert_eq!((&payment["status"], &payment["amount"]), (&"SUCCEEDED".into(), &"5".into()));
    assert_eq!(payment["raw"]["note"], 1);
}

#[test]
fn a_version_from_far_beyond_the_hosts_clock_does_not_shut_out_later_ones() {
    const DAY: i64 = 86_400;
    for (ahead, now_holds) in [(DAY, "PENDING"), (DAY + 2, "SUCCEEDED")] {
        let store = store();
        let host = 10 * DAY;
        deliver(&store, &payments(vec![payment("p", Pending, host + ahead)]), &[], host).unwrap();
        let honest = payments(vec![payment("p", Succeeded, host)]);
        deliver(&store, &honest, &[], host).unwrap();
        assert_eq!(the_payment(&store)["status"], now_holds, "{ahead} s ahead");
        let absurd = payments(vec![payment("p", Pending, host + ahead)]);
        assert!(!deliver(&store, &absurd, &[], host).unwrap().changes.any(), "a version that is known");
    }
}

#[test]
fn an_install_knows_how_much_it_keeps_and_what_is_known_already_adds_nothing() {
    let store = store();
    assert_eq!(store.stored_bytes("acme").unwrap(), 0);
    let mut large = payment("p", Succeeded, 1);
    large.raw = "x".repeat(10_000);
    let row = rejected(None, &"x".repeat(5_000));
    deliver(&store, &payments(vec![large.clone()]), std::slice::from_ref(&row), 9).unwrap();
    let stored = store.stored_bytes("acme").unwrap();
    assert!((15_000..16_000).contains(&stored), "{stored}");
    deliver(&store, &payments(vec![large]), &[row], 9).unwrap();
    assert_eq!(store.stored_bytes("acme").unwrap(), stored);
    deliver(&store, &accounts(vec![account("a", "A", None)]), &[], 9).unwrap();
    assert!(store.stored_bytes("acme").unwrap() > stored);
}

#[test]
fn an_old_page_delivered_late_does_not_win_over_an_equally_old_one() {
    let store = store();
    for status in [Pending, Succeeded, Pending] {
        deliver(&store, &payments(vec![payment("p", status, 1)]), &[], 9).unwrap();
    }
    assert_eq!(statuses(&the_payment(&store)), ["PENDING", "SUCCEEDED"]);
    assert_eq!(the_payment(&store)["status"], "SUCCEEDED");
}

#[test]
fn a_better_mapping_of_the_same_object_replaces_the_old_one_without_an_adjustment() {
    let store = store();
    let mut page = payment("p", Pending, 1);
    deliver(&store, &payments(vec![page.clone()]), &[], 9).unwrap();
    page.metadata.push(("k".to_owned(), "v".to_owned()));
    assert_eq!(deliver(&store, &payments(vec![page]), &[], 9).unwrap().changes.updated, 1);
    assert_eq!(the_payment(&store)["metadata"]["k"], "v");
    assert_eq!(statuses(&the_payment(&store)), ["PENDING"]);
}

#[test]
fn a_withdrawn_payment_is_cancelled_once_and_a_final_or_unknown_one_is_left_alone() {
    let store = store();
    let pending = payments(vec![payment("p", Pending, 1)]);
    deliver(&store, &pending, &[], 9).unwrap();
    assert!(!deliver(&store, &withdrawn("other"), &[], 9).unwrap().changes.any());
    assert_eq!(deliver(&store, &withdrawn("p"), &[], 10).unwrap().changes.updated, 1);
    assert!(!deliver(&store, &withdrawn("p"), &[], 11).unwrap().changes.any());
    assert!(!deliver(&store, &pending, &[], 12).unwrap().changes.any(), "the old page delivered late");
    let payment = the_payment(&store);
    assert_eq!((&payment["status"], statuses(&payment).len()), (&"CANCELLED".into(), 2));
    assert_eq!(payment["updatedAt"], "1970-01-01T00:00:10.123456789Z");
}

#[test]
fn a_payment_that_comes_back_after_its_withdrawal_holds_even_if_the_provider_dates_it_earlier() {
    let store = store();
    deliver(&store, &payments(vec![payment("p", Pending, 1)]), &[], 9).unwrap();
    deliver(&store, &withdrawn("p"), &[], 100).unwrap();
    deliver(&store, &payments(vec![payment("p", Succeeded, 50)]), &[], 101).unwrap();
    assert_eq!(the_payment(&store)["status"], "SUCCEEDED");
    assert_eq!(statuses(&the_payment(&store)), ["PENDING", "CANCELLED", "SUCCEEDED"]);
    assert!(!deliver(&store, &withdrawn("p"), &[], 102).unwrap().changes.any(), "final");
}

#[test]
fn an_account_changes_with_the_newer_version_and_keeps_the_older_ones() {
    let store = store();
    for (name, updated) in [("new", 5), ("old", 3), ("newest", 7), ("new", 5), ("old", 3)] {
        deliver(&store, &accounts(vec![account("a", name, Some(updated))]), &[], 9).unwrap();
    }
    let parents = store.parents("acme", AccountKind::Internal).unwrap();
    assert_eq!(parents, [(account("a", "newest", Some(7)), at(9))]);
    let kept: i64 = store.lock().query_row("SELECT count(*) FROM account_versions", [], |row| row.get(0)).unwrap();
    assert_eq!(kept, 2);
}

#[test]
fn without_a_time_the_account_read_last_holds() {
    let store = store();
    for name in ["a", "b", "a"] {
        deliver(&store, &accounts(vec![account("x", name, None)]), &[], 9).unwrap();
    }
    assert_eq!(store.parents("acme", AccountKind::Internal).unwrap()[0].0.name.as_deref(), Some("a"));
}

#[test]
fn reading_an_account_again_moves_only_the_time_it_was_read() {
    let store = store();
    let page = accounts(vec![account("a", "n", Some(1))]);
    deliver(&store, &page, &[], 10).unwrap();
    let before = everything(&store);
    assert!(!deliver(&store, &page, &[], 20).unwrap().changes.any());
    assert_eq!(store.parents("acme", AccountKind::Internal).unwrap()[0].1, at(20));
    assert_eq!(everything(&store), before);
}

#[test]
fn an_equal_balance_changes_nothing_and_the_latest_is_shown_since_it_holds() {
    let store = store();
    for (amount, as_of) in [("5", 1), ("5", 2), ("6", 3), ("6", 4)] {
        deliver(&store, &PageRecords::Balances(vec![balance(amount, as_of)]), &[], 9).unwrap();
    }
    assert!(!deliver(&store, &PageRecords::Balances(vec![balance("5", 2)]), &[], 9).unwrap().changes.any());
    let shown: Value = serde_json::from_str(&exported(&store, What::Balances, Format::Ndjson)).unwrap();
    assert_eq!((&shown["amount"], &shown["asOf"]), (&"6".into(), &"1970-01-01T00:00:03Z".into()));
}

#[test]
fn a_row_that_arrives_after_all_leaves_quarantine_for_good() {
    let store = store();
    let rows = [rejected(Some("p"), "{\"v\":1}")];
    deliver(&store, &payments(vec![]), &rows, 1).unwrap();
    let fixed = payments(vec![payment("p", Succeeded, 2)]);
    deliver(&store, &fixed, &[], 2).unwrap();
    assert_eq!(exported(&store, What::Rejected, Format::Ndjson), "");
    assert!(!deliver(&store, &fixed, &rows, 3).unwrap().changes.any());
    assert_eq!(exported(&store, What::Rejected, Format::Ndjson), "");
}

#[test]
fn a_record_does_not_hide_a_row_rejected_in_its_own_page() {
    let store = store();
    let page = payments(vec![payment("p", Succeeded, 2)]);
    for _ in 0..2 {
        deliver(&store, &page, &[rejected(Some("p"), "{}")], 1).unwrap();
        assert_eq!(exported(&store, What::Rejected, Format::Ndjson).lines().count(), 1);
    }
}

#[test]
fn a_failure_inside_the_transaction_leaves_neither_records_nor_state() {
    let store = store();
    let key = stream();
    store.commit(&key, 0, &payments(vec![payment("p-1", Pending, 1)]), &[], Some(b"one"), at(1)).unwrap();
    let before = everything(&store);
    store
        .lock()
        .execute_batch(
            "CREATE TEMP TRIGGER full BEFORE INSERT ON quarantine BEGIN SELECT RAISE(ABORT, 'disk full'); END",
        )
        .unwrap();
    let page = payments(vec![payment("p-1", Succeeded, 2), payment("p-2", Pending, 2)]);
    let failure = store.commit(&key, 1, &page, &[rejected(None, "{}")], Some(b"two"), at(2)).unwrap_err();
    assert!(failure.to_string().contains("disk full"), "{failure}");
    assert_eq!(everything(&store), before);
    let stream = store.stream(&key).unwrap();
    assert_eq!((stream.state.as_deref(), stream.revision), (Some(b"one".as_slice()), 1));
}

#[test]
fn a_page_fetched_at_an_older_revision_is_refused_whole() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store.db");
    let (one, two) = (Store::open(&path).unwrap(), Store::open(&path).unwrap());
    let key = stream();
    let page = payments(vec![payment("p", Pending, 1)]);
    assert_eq!(one.commit(&key, 0, &page, &[], Some(b"s"), at(1)).unwrap().revision, 1);
    let before = everything(&one);
    let refused = two.commit(&key, 0, &payments(vec![payment("q", Pending, 1)]), &[], Some(b"t"), at(1));
    assert!(matches!(refused, Err(StoreError::Concurrent { expected: 0, stored: 1, .. })), "{refused:?}");
    assert_eq!(everything(&two), before);
    assert_eq!(two.commit(&key, 1, &page, &[], None, at(1)).unwrap().revision, 2);
    assert_eq!(one.stream(&key).unwrap().state.as_deref(), Some(b"s".as_slice()), "none leaves the state as it is");
}

#[test]
fn a_reset_forgets_states_keeps_records_and_stops_a_call_under_way() {
    let store = store();
    let key = |task: &str, parent: Option<&str>| StreamKey {
        install: "acme".to_owned(),
        task: task.to_owned(),
        parent: parent.map(str::to_owned),
    };
    let page = payments(vec![payment("p", Pending, 1)]);
    for stream in [key("pay", Some("a")), key("pay", Some("b")), key("acc", None)] {
        store.commit(&stream, 0, &page, &[], Some(b"s"), at(1)).unwrap();
    }
    let before = everything(&store);
    assert_eq!(store.reset_state("acme", Some("pay/a")).unwrap(), 1);
    assert_eq!(store.reset_state("acme", Some("pay")).unwrap(), 1, "one is left");
    assert_eq!(store.states("acme").unwrap(), [(key("acc", None), b"s".to_vec(), at(1))]);
    assert_eq!(store.reset_state("acme", None).unwrap(), 1);
    assert_eq!(everything(&store), before);
    let stale = store.commit(&key("acc", None), 1, &page, &[], None, at(2));
    assert!(matches!(stale, Err(StoreError::Concurrent { .. })));
}

#[test]
fn a_stream_with_an_empty_parent_is_not_the_root() {
    let store = store();
    let root = StreamKey { parent: None, ..stream() };
    let empty = StreamKey { parent: Some(String::new()), ..stream() };
    store.commit(&root, 0, &payments(vec![]), &[], Some(b"r"), at(1)).unwrap();
    assert_eq!(store.stream(&empty).unwrap().state, None);
    store.set_not_before(&empty, Some(at(7))).unwrap();
    assert_eq!(store.stream(&empty).unwrap().not_before, Some(at(7)));
    assert_eq!(store.stream(&root).unwrap().not_before, None);
}

#[test]
fn installs_share_a_file_and_nothing_else() {
    let store = store();
    let other = StreamKey { install: "other".to_owned(), ..stream() };
    deliver(&store, &payments(vec![payment("p", Pending, 1)]), &[], 1).unwrap();
    let before = everything(&store);
    store.commit(&other, 0, &payments(vec![payment("p", Failed, 9)]), &[], None, at(1)).unwrap();
    assert_eq!(everything(&store), before);
    assert_eq!(store.installs().unwrap(), ["acme", "other"]);
}

#[test]
fn the_run_log_tells_how_each_stream_fared_last() {
    let store = store();
    let id = store.begin_run(&stream(), at(1)).unwrap();
    assert_eq!(store.last_runs("acme").unwrap()[0].summary, None);
    let summary = RunSummary { records: 3, rejected: 1, requests: 2, error: Some("no".to_owned()), finished_at: at(2) };
    store.finish_run(id, &summary).unwrap();
    let runs = store.last_runs("acme").unwrap();
    assert_eq!((runs.len(), &runs[0].stream, runs[0].summary.as_ref()), (1, &stream(), Some(&summary)));
    for _ in 0..300 {
        store.begin_run(&stream(), at(3)).unwrap();
    }
    let kept: i64 = store.lock().query_row("SELECT count(*) FROM runs", [], |row| row.get(0)).unwrap();
    assert_eq!(kept, 200);
}

#[test]
fn a_file_that_is_not_ours_is_refused_and_left_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let text = directory.path().join("notes.txt");
    std::fs::write(&text, "not a database, and long enough to be looked at").unwrap();
    assert!(matches!(Store::open(&text), Err(StoreError::NotAStore { .. })));
    let foreign = directory.path().join("foreign.db");
    rusqlite::Connection::open(&foreign).unwrap().execute_batch("CREATE TABLE t (x)").unwrap();
    let before = std::fs::read(&foreign).unwrap();
    assert!(matches!(Store::open(&foreign), Err(StoreError::NotAStore { .. })));
    assert_eq!(std::fs::read(&foreign).unwrap(), before);
    assert!(matches!(Store::open(directory.path().join("no/such/dir.db")), Err(StoreError::Create { .. })));
}

#[cfg(unix)]
#[test]
fn a_store_is_its_owners_alone_with_all_its_files_and_made_over_no_link() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store.db");
    let store = Store::open(&path).unwrap();
    deliver(&store, &payments(vec![payment("p", Pending, 1)]), &[], 1).unwrap();
    for name in ["store.db", "store.db-wal", "store.db-shm"] {
        let mode = directory.path().join(name).metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    let (link, nowhere) = (directory.path().join("link.db"), directory.path().join("nowhere.db"));
    symlink(&nowhere, &link).unwrap();
    let refused = Store::open(&link).unwrap_err().to_string();
    assert!(refused.contains("link.db: it is a link") && !nowhere.exists(), "{refused}");
    drop(store);
    std::fs::remove_file(&link).unwrap();
    symlink(&path, &link).unwrap();
    assert_eq!(
        everything(&Store::open(&link).unwrap()).lines().count(),
        1,
        "one that is there is the operator's matter"
    );
}

#[test]
fn a_newer_store_is_refused_and_ours_opens_again() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store.db");
    let store = Store::open(&path).unwrap();
    deliver(&store, &payments(vec![payment("p", Pending, 1)]), &[], 1).unwrap();
    let before = everything(&store);
    drop(store);
    assert_eq!(everything(&Store::open(&path).unwrap()), before);
    rusqlite::Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let refused = Store::open(&path);
    assert!(
        matches!(refused, Err(StoreError::NewerVersion { found: 99, known: super::schema::LAYOUT, .. })),
        "{refused:?}"
    );
}

#[test]
fn a_store_can_be_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Store>();
}

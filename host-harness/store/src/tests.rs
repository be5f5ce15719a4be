//! The rules of the store, one test each.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use serde_json::Value;

use super::testing::{
    account, accounts, at, balance, commit, deliver, deliver_as, everything, exported, kept, payment, payments,
    rejected, stream, withdrawn,
};
use super::{Changes, NewGap, PageRecords, RunSummary, Store, StoreError, StreamKey, Subject};
use crate::export::{Format, What};
use model::PaymentStatus::{Failed, Pending, Succeeded};
use model::Withdrawn;

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
    let late = deliver_as(&store, 1, &payments(vec![payment("p", Failed, 2)]), &[], 9).unwrap();
    assert_eq!(late.changes.updated, 1, "history is gained");
    let payment = the_payment(&store);
    assert_eq!(statuses(&payment), ["PENDING", "FAILED", "SUCCEEDED", "SUCCEEDED", "SUCCEEDED"]);
    assert_eq!((&payment["status"], &payment["amount"]), (&"SUCCEEDED".into(), &"5".into()));
    assert_eq!(payment["raw"]["note"], 1);
}

#[test]
fn the_version_that_was_read_last_is_present_whatever_its_time_says() {
    let store = store();
    for (status, updated) in [(Pending, 4_000_000_000), (Succeeded, 3), (Failed, 2)] {
        deliver(&store, &payments(vec![payment("p", status, updated)]), &[], 9).unwrap();
    }
    assert_eq!(the_payment(&store)["status"], "FAILED");
    deliver(&store, &payments(vec![payment("p", Succeeded, 3)]), &[], 9).unwrap();
    assert_eq!(the_payment(&store)["status"], "SUCCEEDED", "a state seen before, read again");
    assert_eq!(statuses(&the_payment(&store)), ["PENDING", "SUCCEEDED", "FAILED", "SUCCEEDED"]);
}

#[test]
fn of_versions_whose_calls_overlapped_the_later_change_is_present() {
    for (first, second, present) in [(5, 3, "SUCCEEDED"), (3, 5, "FAILED")] {
        let store = store();
        let key = stream();
        let (_, one) = store.begin_call(&key).unwrap();
        let (_, two) = store.begin_call(&key).unwrap();
        deliver_as(&store, one, &payments(vec![payment("p", Succeeded, first)]), &[], 9).unwrap();
        deliver_as(&store, two, &payments(vec![payment("p", Failed, second)]), &[], 9).unwrap();
        assert_eq!(the_payment(&store)["status"], present);
    }
}

#[test]
fn a_race_of_poll_and_follow_is_settled_by_the_change_and_a_time_that_cannot_be_does_not_count() {
    let store = store();
    let key = stream();
    let (_, poll) = store.begin_call(&key).unwrap();
    let (_, follow) = store.begin_call(&key).unwrap();
    deliver_as(&store, follow, &payments(vec![payment("p", Succeeded, 5)]), &[], 9).unwrap();
    deliver_as(&store, poll, &payments(vec![payment("p", Pending, 3)]), &[], 9).unwrap();
    assert_eq!(the_payment(&store)["status"], "SUCCEEDED");
    deliver_as(&store, poll, &payments(vec![payment("p", Pending, 4_000_000_000)]), &[], 9).unwrap();
    assert_eq!(the_payment(&store)["status"], "SUCCEEDED");
}

#[test]
fn several_versions_in_one_page_stand_in_the_order_in_which_they_took_effect() {
    let store = store();
    let page = vec![payment("p", Pending, 9), payment("p", Failed, 5), payment("p", Succeeded, 7)];
    deliver(&store, &payments(page), &[], 9).unwrap();
    assert_eq!(the_payment(&store)["status"], "SUCCEEDED");
    assert_eq!(statuses(&the_payment(&store)), ["PENDING", "FAILED", "SUCCEEDED"]);
}

#[test]
fn a_payment_without_a_time_of_change_is_as_good_as_any() {
    let store = store();
    for status in [Pending, Succeeded] {
        let payment = model::Payment { updated_at: None, ..payment("p", status, 0) };
        deliver(&store, &payments(vec![payment]), &[], 9).unwrap();
    }
    let payment = the_payment(&store);
    assert_eq!((&payment["status"], &payment["updatedAt"]), (&"SUCCEEDED".into(), &Value::Null));
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
fn states_streams_and_the_log_of_polls_are_part_of_what_an_install_keeps() {
    let store = store();
    let key = stream();
    let bytes = || store.stored_bytes("acme").unwrap();
    let set = |state: &[u8]| {
        let (begun, reading) = store.begin_call(&key).unwrap();
        commit(&store, &key, (begun.revision, reading), &payments(vec![]), &[], Some(state), 1).unwrap();
    };
    set(&[7; 5_000]);
    let full = bytes();
    assert!((5_000..5_500).contains(&full), "{full}");
    set(&[7; 1_000]);
    assert_eq!(bytes(), full - 4_000, "it takes the place of the one before");
    let poll = |error: &str| {
        let run = store.begin_run(&key, at(1)).unwrap();
        let error = Some(error.to_owned());
        let ended = RunSummary { records: 0, rejected: 0, requests: 0, error, finished_at: at(2) };
        store.finish_run(run, &ended).unwrap();
    };
    (0..300).for_each(|_| poll("it failed"));
    let many = bytes();
    assert!(many > full - 4_000 + 200 * 100, "{many}");
    (0..300).for_each(|_| poll("it failed"));
    assert_eq!(bytes(), many, "what is forgotten is not kept");
}

#[test]
fn an_old_page_delivered_late_or_twice_does_not_step_back() {
    let store = store();
    for status in [Pending, Succeeded] {
        deliver(&store, &payments(vec![payment("p", status, 1)]), &[], 9).unwrap();
    }
    let before = everything(&store);
    for _ in 0..2 {
        let late = deliver_as(&store, 1, &payments(vec![payment("p", Pending, 1)]), &[], 9).unwrap();
        assert!(!late.changes.any());
    }
    assert_eq!(everything(&store), before);
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
fn a_withdrawn_payment_is_cancelled_once_also_a_final_one_and_an_unknown_one_is_ignored() {
    let store = store();
    let pending = payments(vec![payment("p", Pending, 1), payment("q", Succeeded, 1)]);
    deliver(&store, &pending, &[], 9).unwrap();
    assert!(!deliver(&store, &withdrawn("other"), &[], 9).unwrap().changes.any());
    for reference in ["p", "q"] {
        assert_eq!(deliver(&store, &withdrawn(reference), &[], 10).unwrap().changes.updated, 1);
        assert!(!deliver(&store, &withdrawn(reference), &[], 11).unwrap().changes.any());
    }
    assert!(!deliver_as(&store, 1, &pending, &[], 12).unwrap().changes.any(), "the old page delivered late");
    for line in exported(&store, What::Payments, Format::Ndjson).lines() {
        let payment: Value = serde_json::from_str(line).unwrap();
        assert_eq!((&payment["status"], statuses(&payment).len()), (&"CANCELLED".into(), 2));
        assert_eq!(payment["updatedAt"], "1970-01-01T00:00:10.123456789Z");
    }
}

#[test]
fn a_payment_that_another_one_replaces_says_which() {
    let store = store();
    deliver(&store, &payments(vec![payment("p", Pending, 1)]), &[], 9).unwrap();
    let replaced = Withdrawn { reference: "p".into(), replaced_by: Some("q".into()) };
    let page = PageRecords::Payments { items: vec![], withdrawn: vec![replaced] };
    deliver(&store, &page, &[], 10).unwrap();
    assert_eq!(the_payment(&store)["replacedBy"], "q");
}

#[test]
fn a_payment_that_is_read_again_after_its_withdrawal_is_back() {
    let store = store();
    deliver(&store, &payments(vec![payment("p", Pending, 1)]), &[], 9).unwrap();
    deliver(&store, &withdrawn("p"), &[], 100).unwrap();
    deliver(&store, &payments(vec![payment("p", Succeeded, 50)]), &[], 101).unwrap();
    assert_eq!(the_payment(&store)["status"], "SUCCEEDED");
    assert_eq!(statuses(&the_payment(&store)), ["PENDING", "CANCELLED", "SUCCEEDED"]);
}

#[test]
fn a_gap_that_recurs_is_one_that_lasts_and_one_that_is_not_ours_to_read_is_no_failure() {
    const DAY: i64 = 86_400;
    let store = store();
    let gap = |what: &str, granted| NewGap { what: what.into(), error: "no".into(), granted };
    let note = |gaps: &[NewGap], now: i64| store.note_gaps(&stream(), gaps, at(now)).unwrap();
    note(&[gap("a", true), gap("b", false)], 0);
    let lasting = note(&[gap("a", true), gap("b", false), gap("c", true)], DAY + 1);
    let told: Vec<_> = lasting.iter().map(|gap| (gap.what.as_str(), gap.since, gap.lasts)).collect();
    assert_eq!(told, [("a", at(0), true), ("b", at(0), false), ("c", at(DAY + 1), false)]);
    note(&[], DAY + 2);
    assert!(!note(&[gap("a", true)], DAY + 3)[0].lasts, "it was closed");
}

#[test]
fn an_install_belongs_to_the_subject_that_it_was_bound_to_first() {
    let store = store();
    let subject = |reference: &str, name: &str| Subject { reference: reference.into(), name: Some(name.into()) };
    assert_eq!(store.subject("acme").unwrap(), None);
    assert_eq!(store.bind("acme", &subject("org-1", "Acme")).unwrap(), subject("org-1", "Acme"));
    assert_eq!(store.bind("acme", &subject("org-1", "Acme SAS")).unwrap(), subject("org-1", "Acme SAS"), "renamed");
    assert_eq!(store.bind("acme", &subject("org-2", "Other")).unwrap(), subject("org-1", "Acme SAS"));
}

#[test]
fn the_account_read_last_is_present_and_the_older_versions_are_kept() {
    let store = store();
    for (name, updated) in [("a", Some(5)), ("b", Some(3)), ("c", None), ("b", Some(3))] {
        deliver(&store, &accounts(vec![account("x", name, updated)]), &[], 9).unwrap();
    }
    assert_eq!(kept(&store), [(account("x", "b", Some(3)).raw, at(9))]);
    deliver_as(&store, 1, &accounts(vec![account("x", "a", Some(1))]), &[], 9).unwrap();
    assert_eq!(kept(&store), [(account("x", "b", Some(3)).raw, at(9))], "late");
    let versions: i64 = store.lock().query_row("SELECT count(*) FROM account_versions", [], |row| row.get(0)).unwrap();
    assert_eq!(versions, 4);
}

#[test]
fn reading_an_account_again_moves_only_the_time_it_was_read() {
    let store = store();
    let page = accounts(vec![account("a", "n", Some(1))]);
    deliver(&store, &page, &[], 10).unwrap();
    let before = everything(&store);
    assert!(!deliver(&store, &page, &[], 20).unwrap().changes.any());
    assert_eq!(kept(&store)[0].1, at(20));
    assert_eq!(everything(&store), before);
}

#[test]
fn the_balance_read_last_is_present_also_after_a_clock_that_was_ahead() {
    let store = store();
    for (amount, as_of) in [("5", 1), ("6", 4_000_000_000), ("7", 2)] {
        deliver(&store, &PageRecords::Balances(vec![balance(amount, as_of)]), &[], 9).unwrap();
    }
    let shown: Value = serde_json::from_str(&exported(&store, What::Balances, Format::Ndjson)).unwrap();
    assert_eq!((&shown["amount"], &shown["asOf"]), (&"7".into(), &"1970-01-01T00:00:02Z".into()));
}

#[test]
fn an_equal_balance_changes_nothing_and_the_latest_is_shown_since_it_holds() {
    let store = store();
    for (amount, as_of) in [("5", 1), ("5", 2), ("6", 3), ("6", 4)] {
        deliver(&store, &PageRecords::Balances(vec![balance(amount, as_of)]), &[], 9).unwrap();
    }
    assert!(!deliver_as(&store, 2, &PageRecords::Balances(vec![balance("5", 2)]), &[], 9).unwrap().changes.any());
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
    commit(&store, &key, (0, 9), &payments(vec![payment("p-1", Pending, 1)]), &[], Some(b"one"), 1).unwrap();
    let before = everything(&store);
    store
        .lock()
        .execute_batch(
            "CREATE TEMP TRIGGER full BEFORE INSERT ON quarantine BEGIN SELECT RAISE(ABORT, 'disk full'); END",
        )
        .unwrap();
    let page = payments(vec![payment("p-1", Succeeded, 2), payment("p-2", Pending, 2)]);
    let failure = commit(&store, &key, (1, 2), &page, &[rejected(None, "{}")], Some(b"two"), 2).unwrap_err();
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
    assert_eq!(commit(&one, &key, (0, 9), &page, &[], Some(b"s"), 1).unwrap().revision, 1);
    let before = everything(&one);
    let refused = commit(&two, &key, (0, 9), &payments(vec![payment("q", Pending, 1)]), &[], Some(b"t"), 1);
    assert!(matches!(refused, Err(StoreError::Concurrent { expected: 0, stored: 1, .. })), "{refused:?}");
    assert_eq!(everything(&two), before);
    assert_eq!(commit(&two, &key, (1, 9), &page, &[], None, 1).unwrap().revision, 2);
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
        commit(&store, &stream, (0, 9), &page, &[], Some(b"s"), 1).unwrap();
    }
    let before = everything(&store);
    assert_eq!(store.reset_state("acme", Some("pay/a")).unwrap(), 1);
    assert_eq!(store.reset_state("acme", Some("pay")).unwrap(), 1, "one is left");
    assert_eq!(store.states("acme").unwrap(), [(key("acc", None), b"s".to_vec(), at(1))]);
    assert_eq!(store.reset_state("acme", None).unwrap(), 1);
    assert_eq!(everything(&store), before);
    let stale = commit(&store, &key("acc", None), (1, 9), &page, &[], None, 2);
    assert!(matches!(stale, Err(StoreError::Concurrent { .. })));
}

#[test]
fn a_stream_with_an_empty_parent_is_not_the_root() {
    let store = store();
    let root = StreamKey { parent: None, ..stream() };
    let empty = StreamKey { parent: Some(String::new()), ..stream() };
    commit(&store, &root, (0, 9), &payments(vec![]), &[], Some(b"r"), 1).unwrap();
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
    commit(&store, &other, (0, 9), &payments(vec![payment("p", Failed, 9)]), &[], None, 1).unwrap();
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

#[test]
fn a_new_payment_is_one_row_and_only_the_versions_beside_the_present_one_are_adjustments() {
    let store = store();
    let rows = |store: &Store| -> (i64, i64) {
        let sql = "SELECT (SELECT count(*) FROM payments), (SELECT count(*) FROM adjustments)";
        store.lock().query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap()
    };
    deliver(&store, &payments(vec![payment("p", Pending, 1), payment("q", Pending, 1)]), &[], 9).unwrap();
    assert_eq!(rows(&store), (2, 0));
    deliver(&store, &payments(vec![payment("p", Succeeded, 2)]), &[], 9).unwrap();
    deliver_as(&store, 1, &payments(vec![payment("p", Failed, 1)]), &[], 9).unwrap();
    assert_eq!(rows(&store), (2, 2));
}

#[test]
fn payments_whose_references_share_a_number_are_told_apart() {
    let store = store();
    deliver(&store, &payments(vec![payment("p", Pending, 1)]), &[], 9).unwrap();
    store.lock().execute("UPDATE payments SET reference_hash = hash_reference(1, 'q')", []).unwrap();
    deliver(&store, &payments(vec![payment("q", Succeeded, 1)]), &[], 9).unwrap();
    deliver(&store, &withdrawn("q"), &[], 10).unwrap();
    let lines = exported(&store, What::Payments, Format::Ndjson);
    let all: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!([&all[0]["status"], &all[1]["status"]], ["PENDING", "CANCELLED"]);
}

#[test]
fn what_payments_are_packed_with_never_changes() {
    let store = store();
    deliver(&store, &payments(vec![payment("p", Pending, 1)]), &[], 9).unwrap();
    let refused = store.lock().execute("UPDATE installs SET sample = 'x'", []).unwrap_err();
    assert!(refused.to_string().contains("it never changes"), "{refused}");
}

#[test]
fn a_payment_whose_bytes_are_damaged_is_told_by_an_export_and_by_the_poll_that_reads_it_again() {
    let store = store();
    let page = payments(vec![payment("p", Pending, 1)]);
    deliver(&store, &page, &[], 9).unwrap();
    store.lock().execute("UPDATE payments SET raw = x'ff00000000'", []).unwrap();
    let export = crate::export::export(&store, "acme", What::Payments, Format::Ndjson, &mut Vec::new()).unwrap_err();
    let poll = deliver(&store, &page, &[], 9).unwrap_err();
    for told in [export.to_string(), poll.to_string()] {
        assert!(told.contains("the provider's bytes of a payment are damaged"), "{told}");
    }
}

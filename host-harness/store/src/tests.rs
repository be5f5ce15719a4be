//! The rules of the store, one test each.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use serde_json::Value;

use super::testing::{
    account, accounts, at, commit, deliver, deliver_as, everything, exported, kept, payment, payments, rejected,
    stream, withdrawn,
};
use super::{RunSummary, Store, StoreError, StreamKey, Subject};
use crate::export::{Format, What};
use model::PaymentStatus::{Failed, Pending, Succeeded};

fn store() -> Store {
    Store::in_memory().expect("a store")
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

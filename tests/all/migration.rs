//! A store that an older program filled is read, kept whole and filled on.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::exported;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use store::export::{Format, What, export};
use store::serving::events::About;
use store::serving::list::Seek;
use store::{NewGap, PollStore as _, Store, StreamKey};
use tempfile::TempDir;

fn released(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/released").join(name)).unwrap()
}

/// What newer layouts know of a record that an older one does not.
fn added(record: &Map<String, Value>) -> Value {
    match record["kind"].as_str().unwrap() {
        "balance" => json!({ "label": null }),
        "payment" => json!({
            "parentReference": null, "replacedBy": null, "fees": [], "counterAmount": null, "createdAtPrecision": "INSTANT",
        }),
        "rejected" => json!({}),
        _ => json!({ "goneAt": null, "replacedBy": null }),
    }
}

/// A store as a program of before wrote it.
fn written(name: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("old.db");
    rusqlite::Connection::open(&path).unwrap().execute_batch(&released(name)).unwrap();
    (folder, path)
}

#[test]
fn a_store_of_layout_3_keeps_every_record_every_version_and_every_state() {
    let (_folder, path) = written("store-3.sql");
    for _ in 0..2 {
        let store = Store::open(&path).unwrap();
        let expected: Vec<Value> = released("store-3.ndjson")
            .lines()
            .map(|line| {
                let mut record: Map<String, Value> = serde_json::from_str(line).unwrap();
                record.extend(added(&record).as_object().unwrap().clone());
                Value::Object(record)
            })
            .collect();
        assert_eq!(exported(&store, What::All), expected);
        assert_eq!(store.states("qonto").unwrap().len(), 3);
        assert_eq!(store.subject("qonto").unwrap(), None, "the next poll over the network binds it");
    }
}

/// The records of some installs, as an export gives them.
fn exports(store: &Store, installs: &[&str]) -> String {
    let mut text = Vec::new();
    for install in installs {
        export(store, install, What::All, Format::Ndjson, &mut text).unwrap();
    }
    String::from_utf8(text).unwrap()
}

/// A payment stream of the store of layout 4.
fn payments_of(parent: &str) -> StreamKey {
    StreamKey { install: "acme".into(), task: "fetch-payments".into(), parent: Some(parent.into()) }
}

#[test]
fn a_store_of_layout_4_is_exported_as_by_the_program_that_wrote_it() {
    let (_folder, path) = written("store-4.sql");
    for _ in 0..2 {
        let store = Store::open(&path).unwrap();
        assert_eq!(exports(&store, &["acme", "other"]), released("store-4.ndjson"));
    }
}

#[test]
fn a_store_of_layout_4_keeps_every_state_gap_and_departure() {
    let (_folder, path) = written("store-4.sql");
    let store = Store::open(&path).unwrap();
    let (one, two) = (payments_of("acc-1"), payments_of("acc-2"));
    let now = DateTime::from_timestamp(1_777_882_000, 0).unwrap();
    assert_eq!(store.installs().unwrap(), ["acme", "empty", "other"]);
    assert_eq!(["acme", "empty", "other"].map(|install| store.stored_bytes(install).unwrap()), [12_380, 100, 718]);
    assert_eq!(["acme", "empty", "other"].map(|install| store.last_call(install).unwrap()), [19, 1, 1]);
    assert_eq!((store.states("acme").unwrap().len(), store.waits("acme").unwrap().len()), (4, 1));
    assert_eq!((store.last_runs("acme").unwrap().len(), store.incidents("acme", now).unwrap().len()), (2, 1));
    assert_eq!(store.subject("acme").unwrap().unwrap().reference, "org-1");
    assert!(store.granted("other").unwrap().is_some());
    assert_eq!(store.open_payments(&one, now).unwrap(), ["p-full", "p-ancient", "p-odd 'é🏦"]);
    let gap = NewGap { what: "2019".into(), error: "403".into(), granted: true };
    assert!(store.note_gaps(&one, &[gap], now).unwrap()[0].since < now, "it was seen before");
    // Twelve were held back; one of them was read again since.
    assert_eq!(store.release_held("acme", now).unwrap(), 11);
    assert_eq!(store.open_payments(&two, now).unwrap(), ["h-22"]);
}

#[test]
fn a_store_of_layout_6_keeps_every_record_and_every_change_and_its_installs_are_connectors() {
    let (_folder, path) = written("store-6.sql");
    let changes = |path: &Path| -> Vec<(i64, String)> {
        let connection = rusqlite::Connection::open(path).unwrap();
        let mut statement = connection.prepare("SELECT seq, install || kind || id || change FROM v_changes").unwrap();
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect()
    };
    let before = changes(&path);
    let store = Store::open(&path).unwrap();
    assert_eq!(exports(&store, &["acme", "fresh", "other"]), released("store-6.ndjson"));
    assert_eq!(changes(&path), before);
    assert_eq!(before.len(), 106);
    let connectors = store.connectors().unwrap();
    let known: Vec<_> = connectors.iter().map(|one| (one.install.as_str(), one.provider.as_str())).collect();
    assert_eq!(known, [("acme", "qonto"), ("other", "lakeside"), ("empty", "qonto"), ("fresh", "qonto")]);
    assert!(connectors.iter().all(|one| !one.has_config && one.uuid.len() == 36));
    let (events, _) = store.events(0, 1000).unwrap();
    assert!(events.len() > 90, "{}", events.len());
}

#[test]
fn a_store_of_layout_7_keeps_its_pool_its_note_its_task_and_the_place_of_whoever_reads_its_events() {
    let (_folder, path) = written("store-7.sql");
    let store = Store::open(&path).unwrap();
    assert_eq!(exports(&store, &["acme", "fresh", "empty"]), released("store-7.ndjson"));
    assert!(store.origins("acme").unwrap().is_empty(), "nothing came from a registry");
    let pools = store.list_pools(Seek::Newest, 5).unwrap().items;
    let [(_, pool)] = &pools[..] else { panic!("{pools:?}") };
    assert_eq!(pool.accounts.len(), 1);
    let (events, last) = store.events(0, 1_000).unwrap();
    let told = format!("{:?}", events.last().unwrap());
    assert!(last == store.last_event().unwrap() && told.contains("by the test"), "{told}");
    store.remove_pool(&pool.uuid, Utc::now()).unwrap();
    let (news, _) = store.events(last, 10).unwrap();
    assert!(matches!(&news[0].about, About::PoolGone(gone, _) if *gone == pool.uuid), "{news:?}");
}

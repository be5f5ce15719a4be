//! A store that an older program filled is read, kept whole and filled on.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::fs;
use std::path::Path;

use crate::support::exported;
use serde_json::{Map, Value, json};
use store::Store;
use store::export::What;

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

#[test]
fn a_store_of_layout_3_keeps_every_record_every_version_and_every_state() {
    let file = tempfile::tempdir().unwrap();
    let path = file.path().join("old.db");
    rusqlite::Connection::open(&path).unwrap().execute_batch(&released("store-3.sql")).unwrap();
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

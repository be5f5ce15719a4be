//! A server that ends, and one that goes on.

use std::time::Instant;

use chrono::TimeDelta;
use serde_json::json;

use super::{Desk, PATIENCE, Served, listening, started, truth};
use crate::support::cli::{folder, harness};
use crate::support::{at, mixed, world};

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_starts_again_goes_on_with_what_is_installed_and_a_second_one_is_refused() {
    let (mut world, accounts) = world(1);
    mixed(&mut world, &accounts[0], 300, at(0), TimeDelta::minutes(1));
    let desk = Desk::new(world).await;
    let served = desk.serve().await;
    let id = served.install(&desk.config(&json!({ "pageSize": 10 }))).await;
    served.until("/v3/payments", |answer| !answer["cursor"]["data"].as_array().unwrap().is_empty()).await;
    let second = started(desk.store(), desk.folder.path(), &json!({}), &[]).await.err().unwrap();
    assert!(matches!(second, serve::ServeError::Served(_)), "{second}");
    served.end().await;
    let served = desk.serve().await;
    served.ask("POST", &format!("/v3/connectors/{id}/poll"), None).await;
    let expected = truth(&desk).len();
    let began = Instant::now();
    while served.all("/v3/payments").await.len() < expected {
        assert!(began.elapsed() < PATIENCE, "it did not go on");
    }
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_runs_an_install_of_a_server_by_hand_runs_it_with_its_config_and_no_other_and_not_beside_the_server() {
    let (mut world, accounts) = world(1);
    mixed(&mut world, &accounts[0], 10, at(0), TimeDelta::minutes(1));
    let desk = Desk::new(world).await;
    let served = desk.serve().await;
    served.install(&desk.config(&json!({}))).await;
    served.polled(1).await;
    let run = |more: &[&str]| {
        let arguments = [&["run", "--once", "--store", "payments.db"], more].concat();
        tokio::task::block_in_place(|| harness(desk.folder.path(), &arguments))
    };
    let beside = run(&[]).ended(2);
    assert!(beside.err.contains("another process serves the store"), "{beside:?}");
    served.end().await;
    assert_eq!(run(&[]).ended(0).summary()["fetch-accounts"]["records"], 1);
    let write = |fields| std::fs::write(desk.folder.path().join("c.json"), desk.config(&fields).to_string()).unwrap();
    write(json!({ "clientID": "other" }));
    let other = run(&["--config", "c.json"]).ended(2);
    assert!(other.err.contains("this is another one") && !other.err.contains(crate::support::SECRET), "{other:?}");
    write(json!({}));
    run(&["--config", "c.json"]).ended(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_demo_is_served_where_that_is_asked_for_and_none_takes_its_file_away_meanwhile() {
    let folder = folder();
    let (mut child, url) = listening(folder.path(), &["demo", "--serve", "127.0.0.1:0"]);
    let served = Served::at(url);
    let payments = served.all("/v3/payments").await.len();
    assert!(served.until_page("/", |page| page.contains("qonto-demo")).await.contains("nothing fails"));
    let beside = harness(folder.path(), &["demo"]).ended(2);
    assert!(beside.err.contains("another process serves the store"), "{beside:?}");
    child.kill().unwrap();
    child.wait().unwrap();
    let exported = harness(folder.path(), &["export", "payments", "--store", "demo.db"]).ended(0).out;
    assert_eq!(exported.lines().count(), payments);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_may_not_start_leaves_a_store_of_before_and_what_is_none_as_they_were() {
    let desk = Desk::new(world(1).0).await;
    let served = desk.serve().await;
    let version = || -> i64 {
        let connection = rusqlite::Connection::open(desk.store()).unwrap();
        connection.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap()
    };
    let today = version();
    rusqlite::Connection::open(desk.store()).unwrap().pragma_update(None, "user_version", today - 1).unwrap();
    let second = started(desk.store(), desk.folder.path(), &json!({}), &[]).await.err().unwrap();
    assert!(matches!(second, serve::ServeError::Served(_)), "{second}");
    assert_eq!(version(), today - 1);
    served.end().await;
    let notes = desk.folder.path().join("notes.txt");
    std::fs::write(&notes, "no store, and long enough to be looked at as one").unwrap();
    started(notes, desk.folder.path(), &json!({}), &[]).await.err().unwrap();
    assert!(!desk.folder.path().join("notes.txt.served").exists());
}

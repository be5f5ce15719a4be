//! A disk that is full, and is not any more.

use std::process::Child;
use std::time::Instant;

use chrono::TimeDelta;
use rustix::process::{Pid, Resource, Rlimit, prlimit};
use serde_json::{Value, json};

use super::{Desk, PATIENCE, Served, process, truth};
use crate::support::{at, mixed, world};

/// How large a file of a process may become: as large as it is, or as it likes.
fn limit(process: &Child, bytes: Option<u64>) {
    let pid = Pid::from_child(process);
    prlimit(Some(pid), Resource::Fsize, Rlimit { current: bytes, maximum: None }).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_disk_is_full_what_is_there_is_served_and_once_it_is_not_everything_is_read() {
    let (mut world, accounts) = world(1);
    mixed(&mut world, &accounts[0], 20, at(0), TimeDelta::minutes(1));
    let desk = Desk::new(world).await;
    let (mut child, url) = process(&desk, &["--store", "payments.db"]);
    let served = Served::at(url);
    let id = served.install(&desk.config(&json!({ "pageSize": 10 }))).await;
    served.polled(1).await;
    let before = served.all("/v3/payments").await;
    assert_eq!(before.len(), 20);

    let largest = ["", "-wal", "-shm"].map(|suffix| {
        let file = desk.folder.path().join(format!("payments.db{suffix}"));
        file.metadata().map_or(0, |file| file.len())
    });
    limit(&child, largest.into_iter().max());
    desk.sim.with(|world| mixed(world, &accounts[0], 400, at(20 * 60), TimeDelta::minutes(1)));
    served.ask("POST", &format!("/v3/connectors/{id}/poll"), None).await;
    let full = served.until_page("/", |page| page.contains("the disk")).await;
    assert!(full.contains("What fails"), "{full}");
    assert!(served.all("/v3/payments").await.len() >= before.len());
    let install = ("POST", "/v3/connectors/install/qonto", desk.config(&json!({ "name": "another" })));
    let (status, refused) = served.ask(install.0, install.1, Some(&install.2)).await;
    assert_eq!((status, &refused["errorCode"]), (500, &Value::from("INTERNAL")), "{refused}");

    limit(&child, None);
    served.ask("POST", &format!("/v3/connectors/{id}/poll"), None).await;
    let began = Instant::now();
    while served.all("/v3/payments").await.len() < truth(&desk).len() {
        assert!(began.elapsed() < PATIENCE, "it did not go on");
    }
    let (status, installed) = served.ask(install.0, install.1, Some(&install.2)).await;
    assert_eq!(status, 202, "{installed}");
    child.kill().unwrap();
    child.wait().unwrap();
}

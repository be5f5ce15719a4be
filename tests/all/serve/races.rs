//! Several who change one install at once, and those who do not wait for the answer.

use std::io::Write as _;
use std::net::TcpStream;
use std::time::Instant;

use chrono::TimeDelta;
use futures::future::join_all;
use serde_json::{Value, json};

use super::{Desk, PATIENCE, Served};
use crate::support::{SECRET, at, mixed, world};

async fn filled(rows: usize) -> (Desk, Served) {
    let (mut world, accounts) = world(1);
    mixed(&mut world, &accounts[0], rows, at(0), TimeDelta::minutes(1));
    let desk = Desk::new(world).await;
    let served = desk.serve().await;
    (desk, served)
}

/// Sends a request and hangs up.
fn ask_and_leave(served: &Served, method: &str, path: &str, body: &str) {
    let address = served.url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).unwrap();
    let head = format!("{method} {path} HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n");
    stream.write_all(format!("{head}content-length: {}\r\n\r\n{body}", body.len()).as_bytes()).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_for_is_done_to_its_end_though_nobody_waits_for_the_answer() {
    let (desk, served) = filled(3).await;
    // Of some the server hears too late: who hangs up at once is not heard at all.
    let mut number = 0;
    while served.all("/v3/connectors").await.len() < 5 {
        let config = desk.config(&json!({ "name": format!("install-{number}") }));
        ask_and_leave(&served, "POST", "/v3/connectors/install/qonto", &config.to_string());
        number += 1;
        assert!(number < 2_000, "none is installed");
    }
    // Whatever was installed is polled, and whatever is to go goes.
    let began = Instant::now();
    loop {
        let connectors = served.all("/v3/connectors").await;
        let polls = connectors.iter().map(async |connector| {
            let path = format!("/v3/connectors/{}/poll", connector["id"].as_str().unwrap());
            served.ask("POST", &path, None).await.0
        });
        let polls = join_all(polls).await;
        if !polls.is_empty() && polls.iter().all(|status| *status == 202) {
            break;
        }
        assert!(began.elapsed() < PATIENCE, "{polls:?}");
    }
    for connector in served.all("/v3/connectors").await {
        let path = format!("/v3/connectors/{}", connector["id"].as_str().unwrap());
        ask_and_leave(&served, "DELETE", &path, "");
    }
    served
        .until("/v3/connectors?pageSize=100", |answer| {
            let left = answer["cursor"]["data"].as_array().unwrap();
            left.iter().all(|connector| connector["scheduledForDeletion"] == false)
        })
        .await;
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_who_erase_a_connector_one_does_and_the_others_are_told() {
    let (desk, served) = filled(30).await;
    for what in ["reset", ""] {
        let id = served.install(&desk.config(&json!({ "name": format!("to {what}x") }))).await;
        let (method, path) = match what {
            "" => ("DELETE", format!("/v3/connectors/{id}")),
            what => ("POST", format!("/v3/connectors/{id}/{what}")),
        };
        let answers = join_all((0..8).map(|_| served.ask(method, &path, None))).await;
        let done: Vec<_> = answers.iter().filter(|(status, _)| *status == 202).collect();
        assert_eq!(done.len(), 1, "{answers:?}");
        assert!(answers.iter().all(|(status, _)| matches!(status, 202 | 400 | 404)), "{answers:?}");
        let task = done[0].1["data"]["taskID"].as_str().or(done[0].1["data"].as_str()).unwrap();
        let ended = served.until(&format!("/v3/tasks/{task}"), |task| task["data"]["status"] != "PROCESSING").await;
        assert_eq!(ended["data"]["status"], "SUCCEEDED", "{ended}");
    }
    let left = served.all("/v3/connectors").await;
    assert_eq!(left.len(), 1, "the one that was reset");
    let path = format!("/v3/connectors/{}/poll", left[0]["id"].as_str().unwrap());
    assert_eq!(served.ask("POST", &path, None).await.0, 202);
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_pauses_and_resumes_at_once_leaves_schedule_and_store_of_one_mind() {
    let (desk, served) = filled(3).await;
    let id = served.install(&desk.config(&json!({}))).await;
    served.polled(1).await;
    for _ in 0..10 {
        let act = async |what: &str| served.ask("POST", &format!("/v3/connectors/{id}/{what}"), None).await.0;
        let done = join_all(["pause", "resume", "pause", "resume"].map(&act)).await;
        assert_eq!(done, [204; 4]);
        let paused = served.get("/v3/connectors").await["cursor"]["data"][0]["pausedAt"].is_string();
        let page = served.answer("GET", "/", None).await.text().await.unwrap();
        assert_eq!(page.contains("It is paused."), paused);
    }
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_secret_goes_nowhere_else_than_it_was_given_for() {
    let (desk, served) = filled(3).await;
    let id = served.install(&desk.config(&json!({}))).await;
    let path = format!("/v3/connectors/{id}/config");
    let mut config = served.get(&path).await["data"].clone();
    config["endpoint"] = json!("http://127.0.0.1:9");
    let (status, answer) = served.ask("PATCH", &path, Some(&config)).await;
    assert_eq!(status, 400, "{answer}");
    assert!(answer["errorMessage"].as_str().unwrap().contains("give the secret itself"), "{answer}");
    config["apiKey"] = json!(SECRET);
    assert_eq!(served.ask("PATCH", &path, Some(&config)).await.0, 204);
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_has_one_server_and_one_key_whatever_leads_to_it() {
    let (desk, served) = filled(0).await;
    let link = desk.folder.path().join("link.db");
    std::os::unix::fs::symlink(desk.store(), &link).unwrap();
    let second = super::started(link, desk.folder.path(), &json!({}), &[]).await.err().unwrap();
    assert!(matches!(second, serve::ServeError::Served(_)), "{second}");
    assert!(!desk.folder.path().join("link.db.key").exists());
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_key_a_server_does_not_start_and_with_another_one_nothing_is_erased_that_cannot_be_made_anew() {
    let (desk, served) = filled(5).await;
    let id = served.install(&desk.config(&json!({}))).await;
    served.polled(1).await;
    served.end().await;
    let key = desk.folder.path().join("payments.db.key");
    std::fs::remove_file(&key).unwrap();
    let refused = super::started(desk.store(), desk.folder.path(), &json!({}), &[]).await.err().unwrap().to_string();
    assert!(refused.contains("put it back") && !key.exists(), "{refused}");
    std::fs::write(&key, "ab".repeat(32)).unwrap();
    let served = desk.serve().await;
    assert_eq!(served.ask("GET", &format!("/v3/connectors/{id}/config"), None).await.0, 500);
    assert_eq!(served.all("/v3/connectors").await.len(), 1);
    let (status, answer) = served.ask("POST", &format!("/v3/connectors/{id}/reset"), None).await;
    assert_eq!(status, 500, "{answer}");
    assert_eq!(served.all("/v3/payments").await.len(), 5);
    let config = desk.config(&json!({}));
    let (status, answer) = served.ask("PATCH", &format!("/v3/connectors/{id}/config"), Some(&config)).await;
    assert_eq!((status, answer), (204, Value::Null), "given anew, it can be read again");
    assert_eq!(served.get(&format!("/v3/connectors/{id}/config")).await["data"]["apiKey"], "***");
    served.end().await;
}

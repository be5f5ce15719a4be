//! Events that are sent: each at least once, in order, whatever fails in between.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use chrono::TimeDelta;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::{Desk, PATIENCE, process};
use crate::support::{at, mixed, world};

/// Whoever is told: keeps what it takes, and refuses each third message once.
struct Listener {
    url: String,
    taken: Arc<Mutex<Vec<Value>>>,
}

impl Listener {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/events", listener.local_addr().unwrap());
        let taken: Arc<Mutex<Vec<Value>>> = Arc::default();
        let kept = taken.clone();
        tokio::spawn(async move {
            let mut refused = BTreeSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                exchange(stream, &kept, &mut refused).await;
            }
        });
        Self { url, taken }
    }

    fn ids(&self) -> Vec<i64> {
        self.taken.lock().unwrap().iter().map(number).collect()
    }

    async fn until(&self, is_so: impl Fn(&[i64]) -> bool) {
        let began = Instant::now();
        while !is_so(&self.ids()) {
            assert!(began.elapsed() < PATIENCE, "{:?}", self.ids());
            tokio::task::yield_now().await;
        }
    }
}

fn number(event: &Value) -> i64 {
    event["id"].as_str().unwrap().parse().unwrap()
}

/// One message and its answer, over a connection that ends with it.
async fn exchange(stream: TcpStream, taken: &Mutex<Vec<Value>>, refused: &mut BTreeSet<i64>) {
    let mut stream = BufReader::new(stream);
    let (mut length, mut line, mut signed) = (0, String::new(), false);
    while stream.read_line(&mut line).await.is_ok_and(|read| read > 2) {
        if let Some((name, value)) = line.split_once(": ") {
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().unwrap();
            }
            signed |= name.eq_ignore_ascii_case("webhook-signature") && value.starts_with("v1,");
        }
        line.clear();
    }
    let mut body = vec![0; length];
    if stream.read_exact(&mut body).await.is_err() || length == 0 {
        return;
    }
    assert!(signed);
    let event: Value = serde_json::from_slice(&body).unwrap();
    let id = number(&event);
    let is_refused = id % 40 == 0 && refused.insert(id);
    let status = if is_refused { "503 Not Now" } else { "200 OK" };
    if !is_refused {
        taken.lock().unwrap().push(event);
    }
    let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    stream.get_mut().write_all(answer.as_bytes()).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn every_event_is_sent_though_some_are_refused_and_the_process_is_killed() {
    let (mut world, accounts) = world(1);
    mixed(&mut world, &accounts[0], 120, at(0), TimeDelta::minutes(1));
    let desk = Desk::new(world).await;
    let listener = Listener::start().await;
    std::fs::write(desk.folder.path().join("secret"), "a secret of the test").unwrap();
    let secret = json!({ "file": desk.folder.path().join("secret") });
    let policy = json!({ "sink": { "url": listener.url, "secret": secret } });
    std::fs::write(desk.folder.path().join("policy.json"), policy.to_string()).unwrap();
    let (mut first, url) = process(&desk, &["--policy", "policy.json"]);
    let client = outside::transport::live::plain_client(PATIENCE).unwrap();
    let config = desk.config(&json!({ "pageSize": 10 })).to_string();
    let request = client.post(format!("{url}/v3/connectors/install/qonto")).header("content-type", "application/json");
    assert_eq!(request.body(config).send().await.unwrap().status().as_u16(), 202);
    listener.until(|ids| ids.len() > 20).await;
    first.kill().unwrap();
    first.wait().unwrap();
    let before = listener.ids().len();
    let (mut second, url) = process(&desk, &["--policy", "policy.json"]);
    let expected = |text: &str| -> Vec<i64> {
        let events: Value = serde_json::from_str(text).unwrap();
        events["data"].as_array().unwrap().iter().map(number).collect()
    };
    let began = Instant::now();
    let all = loop {
        let text = client.get(format!("{url}/v3/events")).send().await.unwrap().text().await.unwrap();
        let all = expected(&text);
        if text.matches("SAVED_PAYMENT").count() >= 120 {
            break all;
        }
        assert!(began.elapsed() < PATIENCE, "{all:?}");
    };
    listener.until(|ids| all.iter().all(|id| ids.contains(id))).await;
    let ids = listener.ids();
    for part in [&ids[..before], &ids[before..]] {
        assert!(part.windows(2).all(|pair| pair[0] < pair[1]), "{ids:?}");
    }
    second.kill().unwrap();
    second.wait().unwrap();
}

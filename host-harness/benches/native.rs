//! Native Rust and `SQLite` without a host: what a page costs where nothing is sandboxed, mapped to a contract or kept in
//! versions. `host-harness/benches/peers/run` runs it beside the others, and says to it where the provider is.
//!
//! It does what `peers/plain.py` does, with what the host is made of: hyper on one thread, `serde_json`, `rusqlite`. The
//! raw row is the provider's text as it came, and a page is one transaction.

#![allow(clippy::unwrap_used, reason = "a benchmark stops where it is not as expected")]

use std::borrow::Cow;

use bytes::Bytes;
use http::Request;
use http::header::{AUTHORIZATION, HOST};
use http_body_util::{BodyExt as _, Empty};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use rusqlite::Connection;
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::net::TcpStream;
use url::form_urlencoded::Serializer;

const TABLE: &str = "
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
CREATE TABLE IF NOT EXISTS payments (id TEXT PRIMARY KEY, created_at TEXT, updated_at TEXT, status TEXT, type TEXT,
    amount_cents INTEGER, currency TEXT, raw TEXT);
";

const UPSERT: &str = "
INSERT INTO payments VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET created_at = excluded.created_at,
    updated_at = excluded.updated_at, status = excluded.status, type = excluded.type,
    amount_cents = excluded.amount_cents, currency = excluded.currency, raw = excluded.raw
";

/// What `peers/run` asks of each peer.
#[derive(Deserialize)]
struct Task {
    url: String,
    authorization: String,
    account: String,
    windows: Vec<(String, String)>,
    database: String,
}

#[derive(Deserialize)]
struct Page<'a> {
    #[serde(borrow)]
    transactions: Vec<&'a RawValue>,
    meta: Meta,
}

#[derive(Deserialize)]
struct Meta {
    next_page: Option<u32>,
}

#[derive(Deserialize)]
struct Transaction<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    created_at: Cow<'a, str>,
    #[serde(borrow)]
    updated_at: Cow<'a, str>,
    #[serde(borrow)]
    status: Cow<'a, str>,
    #[serde(borrow)]
    operation_type: Cow<'a, str>,
    amount_cents: i64,
    #[serde(borrow)]
    currency: Cow<'a, str>,
}

fn main() {
    let Some(path) = std::env::args().skip(1).find(|argument| argument != "--bench") else {
        println!("native: skipped, since it reads from a provider that `host-harness/benches/peers/run` starts");
        return;
    };
    let task: Task = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(read(&task));
}

async fn read(task: &Task) {
    let mut connection = Connection::open(&task.database).unwrap();
    connection.execute_batch(TABLE).unwrap();
    let stream = TcpStream::connect(address(task)).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let (mut sender, http) = handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(http);
    for window in &task.windows {
        let mut next = Some(1);
        while let Some(page) = next {
            let body = get(&mut sender, task, window, page).await;
            let answer: Page = serde_json::from_slice(&body).unwrap();
            write(&mut connection, &answer.transactions);
            next = answer.meta.next_page;
        }
    }
}

fn address(task: &Task) -> &str {
    task.url.strip_prefix("http://").unwrap()
}

async fn get(sender: &mut SendRequest<Empty<Bytes>>, task: &Task, (from, to): &(String, String), page: u32) -> Bytes {
    let query = Serializer::new(String::new())
        .append_pair("bank_account_id", &task.account)
        .append_pair("status[]", "completed")
        .append_pair("updated_at_from", from)
        .append_pair("updated_at_to", to)
        .append_pair("sort_by", "updated_at:asc")
        .append_pair("page", &page.to_string())
        .append_pair("per_page", "100")
        .finish();
    let request = Request::get(format!("/v2/transactions?{query}"))
        .header(HOST, address(task))
        .header(AUTHORIZATION, &task.authorization)
        .body(Empty::new())
        .unwrap();
    let response = sender.send_request(request).await.unwrap();
    assert!(response.status().is_success(), "{}", response.status());
    response.into_body().collect().await.unwrap().to_bytes()
}

fn write(connection: &mut Connection, rows: &[&RawValue]) {
    let transaction = connection.transaction().unwrap();
    let mut upsert = transaction.prepare_cached(UPSERT).unwrap();
    for row in rows {
        let Transaction { id, created_at, updated_at, status, operation_type, amount_cents, currency } =
            serde_json::from_str(row.get()).unwrap();
        upsert
            .execute((id, created_at, updated_at, status, operation_type, amount_cents, currency, row.get()))
            .unwrap();
    }
    drop(upsert);
    transaction.commit().unwrap();
}

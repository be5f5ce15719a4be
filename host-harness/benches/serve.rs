//! A server that holds many installs, and what it takes to ask it: `cargo bench -p host-harness --bench serve`.
//!
//! The server is the program itself, in a process of its own, with 10 000 installs of the Qonto connector that are not due.
//! How long it takes to start, what an install at rest takes of its memory, the overview, and lists beside as many
//! connections that stay open and say nothing. Then another one, with one install: lists while its first sync of 100 000
//! transactions runs, to the same lists when that is over. `-- INSTALLS CONNECTIONS ROWS` tries others; each connection
//! takes a file descriptor in either process.

#![allow(
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    reason = "a benchmark stops where it is not as expected, and counts to a million"
)]

mod common;

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use chrono::Utc;
use outside::transport::live::plain_client;
use reqwest::Client;
use serde_json::{Value, json};
use serve::seal::Keys;
use store::serving::connectors::NewConnector;
use store::{Granted, PollStore as _, Store, StoreError, StreamKey};
use tokio::net::TcpStream;

/// Time between two polls, and so the time in which none is due.
const PERIOD: Duration = Duration::from_mins(30);
/// Requests of which a figure is the median.
const ASKED: usize = 300;
/// The list that is asked for.
const LIST: &str = "/v3/payments?pageSize=100";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let numbers: Vec<usize> = arguments.iter().filter_map(|argument| argument.parse().ok()).collect();
    if arguments.first().is_some_and(|first| first == "provider") {
        return common::provide(numbers[0]);
    }
    let number = |index: usize, usual: usize| numbers.get(index).copied().unwrap_or(usual);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(many(number(0, 10_000), number(1, 10_000)));
    runtime.block_on(beside_a_first_sync(number(2, 100_000)));
}

/// A server on a store, and a client of it.
struct Served {
    process: Child,
    url: String,
    client: Client,
    started: Duration,
}

impl Served {
    fn start(store: &Path) -> Self {
        let began = Instant::now();
        let mut program = Command::new(env!("CARGO_BIN_EXE_harness"));
        program.args(["serve", "--listen", "127.0.0.1:0", "--store"]).arg(store);
        let mut process = program.stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines().map_while(Result::ok);
        let line = lines.find_map(|line| line.strip_prefix("listening on ").map(str::to_owned)).unwrap();
        let url = line.split(';').next().unwrap().to_owned();
        // What else it says is read as well: a pipe that is full would hold it up.
        std::thread::spawn(move || lines.for_each(drop));
        let client = plain_client(Duration::from_mins(1)).unwrap();
        Self { process, url, client, started: began.elapsed() }
    }

    fn memory(&self) -> f64 {
        common::memory(&self.process.id().to_string(), "VmRSS:")
    }

    async fn get(&self, path: &str) -> String {
        let answer = self.client.get(format!("{}{path}", self.url)).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        answer.text().await.unwrap()
    }

    /// The time of an answer: the median, and that which 99 of 100 do not exceed.
    async fn times(&self, path: &str, asked: usize) -> [Duration; 2] {
        let mut times = Vec::new();
        for _ in 0..asked {
            let began = Instant::now();
            self.get(path).await;
            times.push(began.elapsed());
        }
        times.sort_unstable();
        [times[times.len() / 2], times[times.len() * 99 / 100]]
    }

    fn end(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

/// A store in which so many installs are, none of them due.
fn store(installs: usize) -> PathBuf {
    let path = common::folder().join("serve.db");
    common::remove_store(&path);
    let store = Store::open(&path).unwrap();
    let keys = Keys::read_or_make(&serve::beside(&path, ".key")).unwrap();
    let config =
        json!({ "clientID": common::LOGIN, "apiKey": common::SECRET, "endpoint": "http://127.0.0.1:9" }).to_string();
    for number in 0..installs {
        let install = format!("install-{number:06}");
        let new = NewConnector {
            granted: &Granted::Bundled,
            provider: "qonto",
            install: &install,
            period: PERIOD,
            origin: None,
        };
        store.add_connector(&new, Utc::now(), |uuid| Ok::<_, StoreError>(keys.seal(uuid, &config).unwrap())).unwrap();
        store.begin_run(&StreamKey { install, task: "fetch-accounts".to_owned(), parent: None }, Utc::now()).unwrap();
    }
    path
}

async fn many(installs: usize, connections: usize) {
    let none = Served::start(&store(0));
    none.get(LIST).await;
    let (started, memory) = (none.started, none.memory());
    none.end();
    let served = Served::start(&store(installs));
    served.get(LIST).await;
    println!("start: {started:.1?} with no install, {:.1?} with {installs}", served.started);
    println!("memory of an install at rest: {:.1} KB", (served.memory() - memory) / installs as f64);
    let page = served.get("/").await;
    let [overview, _] = served.times("/", 20).await;
    println!("the overview: {overview:.1?}, {} KB", page.len() / 1024);
    let [alone, _] = served.times(LIST, ASKED).await;
    let (address, before) = (served.url.trim_start_matches("http://").to_owned(), served.memory());
    let mut open = Vec::new();
    for _ in 0..connections {
        open.push(TcpStream::connect(&address).await.unwrap());
    }
    let [beside, _] = served.times(LIST, ASKED).await;
    let each = (served.memory() - before) / connections as f64;
    println!(
        "beside {connections} open connections a list takes {:.2} of alone; {each:.1} KB each",
        ratio(beside, alone)
    );
    drop(open);
    served.end();
}

async fn beside_a_first_sync(rows: usize) {
    let served = Served::start(&store(0));
    let provider = common::Provider::start(rows as u64);
    let config =
        json!({ "clientID": common::LOGIN, "apiKey": common::SECRET, "endpoint": provider.url(), "pageSize": 100 });
    let install = format!("{}/v3/connectors/install/qonto", served.url);
    let request = served.client.post(install).header("content-type", "application/json").body(config.to_string());
    assert_eq!(request.send().await.unwrap().status(), 202);
    let began = Instant::now();
    let first = || async { serde_json::from_str::<Value>(&served.get(LIST).await).unwrap() };
    while first().await["cursor"]["data"].as_array().unwrap().len() < 100 {}
    let (beside, stored) = (served.times(LIST, ASKED).await, synced(&served).await);
    assert!(stored < rows as u64, "the sync was over before the lists were: ask for more rows");
    while synced(&served).await < rows as u64 {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    println!("first sync of {rows} payments: {:.1?}", began.elapsed());
    let alone = served.times(LIST, ASKED).await;
    for (what, beside, alone) in [("half", beside[0], alone[0]), ("99 of 100", beside[1], alone[1])] {
        println!("lists while it ran, {what} in {beside:.1?}: {:.2} of after it", ratio(beside, alone));
    }
    served.end();
    provider.end();
}

/// How many changes the server has kept.
async fn synced(served: &Served) -> u64 {
    let figures = served.get("/metrics").await;
    let line = figures.lines().find_map(|line| line.strip_prefix("harness_events_total ")).unwrap();
    line.parse().unwrap()
}

fn ratio(one: Duration, other: Duration) -> f64 {
    one.as_secs_f64() / other.as_secs_f64()
}

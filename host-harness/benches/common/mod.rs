//! What the benchmarks share: a Qonto full of rows as large as real ones, and the connector installed against it.

#![allow(dead_code, clippy::unwrap_used, reason = "each benchmark uses a part, and stops where it is not as expected")]

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use chrono::{DateTime, SecondsFormat, TimeDelta, TimeZone as _, Utc};
use engine::install::{Described, Install};
use host_harness::QONTO;
use outside::clock::VirtualClock;
use outside::config::Terms;
use qonto::{Account, QontoWorld, Transaction, french_iban};
use sandbox::{CompileCache, Limits, Sandbox};
use serde_json::json;
use sim::{Server, Simulator};

/// What the provider takes for credentials.
pub const LOGIN: &str = "acme-1234";
/// The other half.
pub const SECRET: &str = "k3y-4f9d2b7e81c6a0d5";

/// Where the benchmarks keep files.
pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
}

/// Compiled components from one run to the next.
pub fn cache() -> CompileCache {
    CompileCache::Folder(folder().join("compiled"))
}

/// The connector, installed against `endpoint`.
pub async fn install(cache: &CompileCache, endpoint: &str, page_size: u32) -> Install {
    let sandbox = Sandbox::new(Limits::default(), cache).unwrap();
    let described = Described::load(&sandbox, QONTO).await.unwrap();
    let config = json!({ "clientID": LOGIN, "apiKey": SECRET, "endpoint": endpoint, "pageSize": page_size });
    described.install(&config.to_string(), &Terms::default()).unwrap()
}

fn start() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2024, 1, 1, 8, 0, 0).unwrap()
}

/// The time of the polls: later than any row.
pub fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 5, 4, 8, 0, 0).unwrap()
}

/// How far the transactions are apart: two a second are those of a large company.
const APART: TimeDelta = TimeDelta::milliseconds(500);

/// When the first of so many transactions was made. The last one is made [`now`].
pub fn first(rows: usize) -> DateTime<Utc> {
    now() - APART * (i32::try_from(rows).unwrap() - 1)
}

/// An organisation with one account and `rows` completed transactions on it, the last one just now: card payments,
/// transfers and incomes as Qonto's documentation shows them, a bit more than 1 KB each. Gives the account's id.
pub fn world(rows: usize) -> (QontoWorld, String) {
    let mut world = QontoWorld::new("Acme", LOGIN, SECRET);
    let account = world.account(Account::new("Main", &french_iban(99_999, 1, 1), start()).main());
    let first = first(rows);
    for n in 0..rows {
        let at = first + APART * i32::try_from(n).unwrap();
        let row = Transaction::on(&account, at).cents(i128::try_from(1000 + n * 37 % 90_000).unwrap());
        let row = match n % 3 {
            0 => row.label("Bäckerei Schmidt & Söhne").card("4242").set("note", "Frühstück, 2 × \"Brezel\""),
            1 => row
                .kind("transfer", "Transfer", "supplier")
                .label("Office Supplies Ltd.")
                .reference(&format!("Invoice 2024/{n}"))
                .counterparty("transfer", &french_iban(99_999, 8, 17), "FICTFRP1XXX"),
            _ => row
                .kind("income", "Income", "sales")
                .credit()
                .label("ACME GmbH")
                .reference(&format!("RF18 {n}"))
                .counterparty("income", &french_iban(99_999, 8, 18), "FICTFRP2XXX"),
        };
        world.transaction(row);
    }
    (world, account)
}

/// The body of a page that holds all transactions of [`world`].
pub fn body(rows: usize) -> Vec<u8> {
    let texts: Vec<String> = world(rows).0.rows().iter().map(|row| row.text.to_string()).collect();
    let meta = json!({
        "current_page": 1, "next_page": null, "prev_page": null, "total_pages": 1, "total_count": rows, "per_page": 100,
    });
    format!(r#"{{"transactions":[{}],"meta":{meta}}}"#, texts.join(",")).into_bytes()
}

/// A provider in a process of its own: this one's program, which is to call [`provide`] for `provider ROWS`.
pub struct Provider {
    process: Child,
    said: String,
}

impl Provider {
    /// One with so many transactions.
    pub fn start(rows: u64) -> Self {
        let mut program = Command::new(std::env::current_exe().unwrap());
        program.args(["provider", &rows.to_string()]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = program.spawn().unwrap();
        let mut said = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut said).unwrap();
        Self { process, said }
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        self.said.split(' ').next().unwrap()
    }

    /// Ends it.
    pub fn end(mut self) {
        drop(self.process.stdin.take());
        self.process.wait().unwrap();
    }
}

/// Serves until its standard input ends. Says where, and what `peers/run` needs as well: the credentials, the account, and
/// the times of the first row and of the last.
pub fn provide(rows: usize) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (world, account) = world(rows);
    let simulator = Simulator::new(world, VirtualClock::at(now()));
    let server = runtime.block_on(Server::start(simulator)).unwrap();
    let [first, last] = [first(rows), now()].map(|at| at.to_rfc3339_opts(SecondsFormat::Millis, true));
    println!("{} {LOGIN}:{SECRET} {account} {first} {last}", server.url());
    std::io::stdout().flush().unwrap();
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
}

/// Seconds on a processor, user and kernel together, of all threads of this process so far. Linux only; 0 elsewhere.
pub fn cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name of the program is in parentheses and may hold anything. A tick is 1/100 s on all Linux that Rust runs on.
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let ticks = |index: usize| fields.get(index).and_then(|field| field.parse::<f64>().ok()).unwrap_or_default();
    (ticks(11) + ticks(12)) / 100.0
}

/// The most memory that was resident at once, in MB of 2^20 bytes. Linux only; 0 elsewhere.
pub fn peak_megabytes() -> f64 {
    memory("self", "VmHWM:") / 1024.0
}

/// KB of memory that a process has, by the name that Linux gives the figure; 0 elsewhere.
pub fn memory(process: &str, figure: &str) -> f64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(figure)).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse().unwrap_or_default()
}

/// A store and its companions.
fn store_files(path: &Path) -> [PathBuf; 3] {
    ["", "-wal", "-shm"].map(|suffix| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        name.into()
    })
}

/// How many bytes a store takes with its companions. Once it is closed, that is its file alone.
pub fn store_bytes(path: &Path) -> u64 {
    store_files(path).iter().filter_map(|file| Some(file.metadata().ok()?.len())).sum()
}

/// Removes a store and its companions.
pub fn remove_store(path: &Path) {
    for file in store_files(path) {
        let _ = fs::remove_file(file);
    }
}

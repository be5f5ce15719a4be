//! A whole first poll over loopback HTTP into a `SQLite` file: `cargo bench -p host-harness --bench poll`.
//!
//! The provider is the simulator in a process of its own, and each poll is a process of its own, so that the figures are
//! the host's alone. The rate limits of the manifest are off: they would make the poll wait for 100 requests a second.
//!
//! `-- ROWS…` polls other numbers of rows than 10 000 and 100 000: a million, say. The bytes are those of the store's file,
//! once all of it is where it belongs, for each payment. Add `--profile dev` for a development build.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::cast_precision_loss,
    reason = "a benchmark stops where it is not as expected, and counts to a million"
)]

mod common;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Instant;

use outside::clock::{SystemClock, VirtualClock};
use outside::rate_limit::RateLimiter;
use outside::transport::authenticated::Authenticated;
use outside::transport::live::{LiveLimits, LiveTransport};
use sim::{Server, Simulator};
use store::Store;

const PAGE_SIZE: u32 = 100;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["provider", rows] => provider(rows.parse().expect("a number of rows")),
        ["host", url, rows] => host(url, rows.parse().expect("a number of rows")),
        [] => compare(&[10_000, 100_000]),
        rows => compare(&rows.iter().map(|rows| rows.parse().expect("a number of rows")).collect::<Vec<_>>()),
    }
}

fn compare(sizes: &[usize]) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    // Compiles the component, so that no poll does.
    runtime.block_on(common::install(&common::cache(), "http://127.0.0.1:1", PAGE_SIZE));
    println!(
        "{:>8}  {:>9}  {:>8}  {:>12}  {:>9}  {:>13}",
        "rows", "wall", "CPU", "rows/CPU s", "peak", "bytes/payment"
    );
    for rows in sizes {
        let myself = std::env::current_exe().unwrap();
        let mut provider = Command::new(&myself)
            .args(["provider", &rows.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut url = String::new();
        BufReader::new(provider.stdout.take().unwrap()).read_line(&mut url).unwrap();
        let polled = Command::new(&myself).args(["host", url.trim(), &rows.to_string()]).status().unwrap();
        drop(provider.stdin.take());
        provider.wait().unwrap();
        assert!(polled.success(), "the poll failed");
    }
}

/// Serves until its standard input ends.
fn provider(rows: usize) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (world, _) = common::world(rows);
    let simulator = Simulator::new(world, VirtualClock::at(common::now()));
    let server = runtime.block_on(Server::start(simulator)).unwrap();
    println!("{}", server.url());
    std::io::stdout().flush().unwrap();
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
}

fn host(url: &str, rows: usize) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let path = common::folder().join(format!("poll-{rows}.db"));
    common::remove_store(&path);
    let started = Instant::now();
    let polled = runtime.block_on(async {
        let store = Arc::new(Store::open(&path).unwrap());
        let install = common::install(&common::cache(), url, PAGE_SIZE).await;
        let live = LiveTransport::new(install.policy.reach(), LiveLimits::default()).unwrap();
        let transport = Authenticated::new(live, install.keyring.clone());
        let mut outside = install.outside(Arc::new(transport), Arc::new(SystemClock));
        outside.limiter = Arc::new(RateLimiter::default());
        install.runner(outside, store, "bench").poll(&()).await.unwrap()
    });
    if let Some(stream) = polled.failed().next() {
        panic!("{}: {:?}", stream.stream, stream.error);
    }
    let stored: u64 = polled.streams.iter().filter(|s| s.stream.task == "fetch-payments").map(|s| s.changed).sum();
    assert_eq!(stored, rows as u64, "payments stored");
    let (wall, cpu, peak) = (started.elapsed().as_secs_f64(), common::cpu_seconds(), common::peak_megabytes());
    let rate = stored as f64 / cpu.max(0.01);
    let bytes = common::store_bytes(&path) as f64 / rows as f64;
    println!("{rows:>8}  {wall:>7.2} s  {cpu:>6.2} s  {rate:>12.0}  {peak:>6.1} MB  {bytes:>13.0}");
    common::remove_store(&path);
}

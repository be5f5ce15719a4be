//! A whole first poll over loopback HTTP into a `SQLite` file, and the poll right after it: `cargo bench -p host-harness
//! --bench poll`.
//!
//! The provider is the simulator in a process of its own, and each poll is a process of its own, so that the figures are
//! the host's alone. The rate limits of the manifest are off: they would make the poll wait for 100 requests a second.
//!
//! `-- ROWS…` polls other numbers of rows than 10 000 and 100 000. `-- far ROWS` is a first sync from a provider that
//! takes 150 ms for an answer, with page sizes of 100 and 25, within the rate limits of the manifest: what counts there is
//! the wall. The bytes are those of the store's file, once all of it is where it belongs, for each payment. Add
//! `--profile dev` for a development build.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::cast_precision_loss,
    reason = "a benchmark stops where it is not as expected, and counts to a million"
)]

mod common;

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use engine::runner::{PollSummary, Runner};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use outside::clock::SystemClock;
use outside::rate_limit::RateLimiter;
use outside::transport::authenticated::Authenticated;
use outside::transport::live::{LiveLimits, LiveTransport};
use outside::transport::{Request, Response, Transport, TransportError};
use store::Store;

const PAGE_SIZE: u32 = 100;
/// How long a provider takes for an answer that is far away, in milliseconds.
const FAR: u64 = 150;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let number = |text: &str| text.parse::<u64>().expect("a number");
    let rows = |rows: &[&str]| rows.iter().map(|rows| number(rows)).collect::<Vec<u64>>();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["provider", rows] => common::provide(usize::try_from(number(rows)).unwrap()),
        ["host", url, rows, page_size, millis] => {
            host(url, number(rows), u32::try_from(number(page_size)).unwrap(), number(millis));
        }
        ["peer", url, path] => peer(url, Path::new(path)),
        [] => compare([10_000, 100_000].into_iter().map(|rows| (rows, PAGE_SIZE, 0))),
        ["far", of @ ..] => {
            compare(rows(of).into_iter().flat_map(|rows| [(rows, PAGE_SIZE, FAR), (rows, 25, FAR)]));
        }
        of => compare(rows(of).into_iter().map(|rows| (rows, PAGE_SIZE, 0))),
    }
}

/// Polls so many rows, with this page size, from a provider that takes so many milliseconds for an answer.
fn compare(cases: impl Iterator<Item = (u64, u32, u64)>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    // Compiles the component, so that no poll does.
    runtime.block_on(common::install(&common::cache(), "http://127.0.0.1:1", PAGE_SIZE));
    println!(
        "{:>8}  {:>4}  {:>9}  {:>8}  {:>10}  {:>8}  {:>9}  {:>12}  next poll",
        "rows", "page", "wall", "CPU", "rows/CPU s", "requests", "peak", "bytes/row"
    );
    for (rows, page_size, millis) in cases {
        let myself = std::env::current_exe().unwrap();
        let provider = common::Provider::start(rows);
        let numbers = [rows, page_size.into(), millis].map(|number| number.to_string());
        let polled = Command::new(&myself).args(["host", provider.url()]).args(numbers).status().unwrap();
        provider.end();
        assert!(polled.success(), "the poll failed");
    }
}

/// Takes so long for each answer.
struct Far<T>(T, Duration);

impl<T: Transport> Transport for Far<T> {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        async move {
            tokio::time::sleep(self.1).await;
            self.0.send(request).await
        }
        .boxed()
    }
}

async fn runner(url: &str, path: &Path, page_size: u32, millis: u64) -> Runner {
    let store = Arc::new(Store::open(path).unwrap());
    let install = common::install(&common::cache(), url, page_size).await;
    let live = LiveTransport::new(install.policy.reach(), LiveLimits::default()).unwrap();
    let transport = Authenticated::new(live, install.keyring.clone());
    let transport: Arc<dyn Transport> = match millis {
        0 => Arc::new(transport),
        _ => Arc::new(Far(transport, Duration::from_millis(millis))),
    };
    let mut outside = install.outside(transport, Arc::new(SystemClock));
    if millis == 0 {
        outside.limiter = Arc::new(RateLimiter::default());
    }
    install.runner(outside, store, "bench")
}

/// One poll and no more, into a file that stays: `peers/run` counts what the process costs, and what is in the file.
fn peer(url: &str, path: &Path) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let polled = runtime.block_on(async { runner(url, path, PAGE_SIZE, 0).await.poll(&()).await.unwrap() });
    if let Some(stream) = polled.failed().next() {
        panic!("{}: {:?}", stream.stream, stream.error);
    }
}

fn goes_on(polled: &PollSummary) -> bool {
    polled.streams.iter().any(|stream| stream.goes_on.is_some())
}

fn host(url: &str, rows: u64, page_size: u32, millis: u64) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let path = common::folder().join(format!("poll-{rows}.db"));
    common::remove_store(&path);
    let started = Instant::now();
    let (first, spent, next) = runtime.block_on(async {
        let runner = runner(url, &path, page_size, millis).await;
        // A poll has budgets, and more rows than they allow come in those that go on.
        let mut first = vec![runner.poll(&()).await.unwrap()];
        while first.last().is_some_and(goes_on) {
            first.push(runner.poll(&()).await.unwrap());
        }
        let spent = (started.elapsed().as_secs_f64(), common::cpu_seconds(), common::peak_megabytes());
        (first, spent, runner.poll(&()).await.unwrap())
    });
    if let Some(stream) = first.iter().chain([&next]).flat_map(PollSummary::failed).next() {
        panic!("{}: {:?}", stream.stream, stream.error);
    }
    let payments = |polls: &[PollSummary]| {
        let streams = polls.iter().flat_map(|polled| &polled.streams).filter(|s| s.stream.task == "fetch-payments");
        streams.fold((0, 0), |(changed, requests), s| (changed + s.changed, requests + s.requests))
    };
    let ((stored, requests), (_, requests_again)) = (payments(&first), payments(&[next]));
    assert_eq!(stored, rows, "payments stored");
    let (wall, cpu, peak) = spent;
    let rate = stored as f64 / cpu.max(0.01);
    let bytes = common::store_bytes(&path) / rows.max(1);
    println!(
        "{rows:>8}  {page_size:>4}  {wall:>7.2} s  {cpu:>6.2} s  {rate:>10.0}  {requests:>8}  {peak:>6.1} MB  {bytes:>12}  \
         {requests_again} requests"
    );
    common::remove_store(&path);
}

//! From the start of a process to its first request: `cargo bench -p host-harness --bench start`.
//!
//! Each start is a process of its own, timed by the one that starts it: until the connector's first request stands at
//! the transport. With the compiled component in the cache and a store that exists, as at each start but the first; with a
//! store to be made; and with the component compiled anew.

#![allow(clippy::unwrap_used, reason = "a benchmark stops where it is not as expected")]

mod common;

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Instant;

use futures::FutureExt as _;
use futures::future::{BoxFuture, ready};
use host_harness::QONTO;
use model::Capability;
use outside::clock::SystemClock;
use outside::egress::Reach;
use outside::transport::live::{LiveLimits, LiveTransport, prepare};
use outside::transport::{Request, Response, Transport, TransportError};
use sandbox::{CompileCache, Fetch};
use store::Store;

fn main() {
    let kept = common::folder().join("start.db");
    let fresh = common::folder().join(format!("start-{}.db", std::process::id()));
    match std::env::args().nth(1).as_deref() {
        Some("cached") => start(&common::cache(), &kept),
        Some("new-store") => {
            start(&common::cache(), &fresh);
            common::remove_store(&fresh);
        }
        Some("compiled") => start(&CompileCache::Off, &kept),
        _ => {
            once("cached");
            println!("component: {} bytes", QONTO.len());
            measure("cached", 40);
            measure("new-store", 40);
            measure("compiled", 3);
            common::remove_store(&kept);
        }
    }
}

fn measure(how: &str, times: usize) {
    let mut runs: Vec<(f64, String)> = (0..times).map(|_| once(how)).collect();
    runs.sort_by(|a, b| a.0.total_cmp(&b.0));
    println!(
        "{how}: fastest {:.1} ms, median {:.1} ms; the fastest one's own account: {}",
        runs[0].0,
        runs[times / 2].0,
        runs[0].1
    );
}

fn once(how: &str) -> (f64, String) {
    let started = Instant::now();
    let mut child = Command::new(std::env::current_exe().unwrap()).arg(how).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let millis = started.elapsed().as_secs_f64() * 1e3;
    child.wait().unwrap();
    (millis, line.trim().to_owned())
}

struct First;

impl Transport for First {
    fn send(&self, _: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        ready(Err(TransportError::Interrupted("enough".into()))).boxed()
    }
}

fn start(cache: &CompileCache, store: &Path) {
    let main = Instant::now();
    let mut steps = Vec::new();
    let mut step = |name: &str| {
        steps.push(format!("{name} {:.1}", main.elapsed().as_secs_f64() * 1e3));
        steps.join(", ")
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    prepare();
    runtime.block_on(async {
        let store = Store::open(store).unwrap();
        step("store");
        let install = common::install(cache, "https://thirdparty.qonto.com", 100).await;
        step("install");
        let client = LiveTransport::new(Reach::default(), LiveLimits::default()).unwrap();
        step("client");
        let outside = install.outside(Arc::new(First), Arc::new(SystemClock));
        let called = install
            .connector
            .fetch(
                &outside,
                None,
                install.request("fetch-accounts", None, common::now()),
                Fetch::Page(Capability::FetchAccounts),
            )
            .await;
        assert_eq!(called.report.requests, 1);
        println!("ms since main: {}; peak {:.0} MB", step("request"), common::peak_megabytes());
        std::io::stdout().flush().unwrap();
        drop((store, client));
    });
}

//! What the sandbox costs: a page of 100 transactions mapped by the component in the host, and by the same code natively.
//! `cargo bench -p host-harness --bench page`.
//!
//! | | |
//! |---|---|
//! | sandboxed page | `Connector::fetch` with a transport that answers at once: instance, the requests of the three lists, answers into the guest, mapping, state, records out of the guest |
//! | sandboxed empty page | the same with no rows: what a call costs whatever it maps |
//! | native page | `payments::fetch` of the connector, compiled natively, with a host that answers at once |
//! | native mapping | `payments::map_page`: no request, no state |

#![allow(clippy::unwrap_used, reason = "a benchmark stops where it is not as expected")]

mod common;

use std::hint::black_box;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use bytes::Bytes;
use divan::Bencher;
use engine::install::Install;
use futures::FutureExt as _;
use futures::future::{BoxFuture, ready};
use http::StatusCode;
use model::{Capability, Parent};
use outside::clock::SystemClock;
use outside::rate_limit::RateLimiter;
use outside::transport::{Request, Response, Transport, TransportError};
use qonto_connector::contract::exports::payments::connector::connector::{
    FetchRequest as NativeRequest, Parent as NativeParent,
};
use qonto_connector::contract::payments::connector::types::Timestamp as NativeTimestamp;
use qonto_connector::host::{Host, HttpAnswer, HttpFailure, HttpGet, Level};
use qonto_connector::payments;
use sandbox::{Fetch, Outside};
use sim::respond;
use tokio::runtime::Runtime;

const ROWS: usize = 100;

/// The rows of the completed transactions; there are no others.
struct Ready {
    completed: Bytes,
    others: Bytes,
}

impl Transport for Ready {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        let body = if is_completed(request.url.as_str()) { &self.completed } else { &self.others };
        ready(Ok(respond(StatusCode::OK, "application/json", body.clone()))).boxed()
    }
}

fn is_completed(url: &str) -> bool {
    url.contains("=completed")
}

struct NativeHost<'a> {
    completed: &'a [u8],
    others: &'a [u8],
}

impl<'a> Host for NativeHost<'a> {
    type Sent = &'a [u8];

    fn send(&mut self, request: &HttpGet) -> &'a [u8] {
        if is_completed(&request.url) { self.completed } else { self.others }
    }

    fn answer(&mut self, body: &'a [u8]) -> Result<HttpAnswer, HttpFailure> {
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        Ok(HttpAnswer { status: 200, headers, body: body.to_vec() })
    }

    fn state(&mut self) -> Option<Vec<u8>> {
        None
    }

    fn set_state(&mut self, state: Vec<u8>) {
        black_box(state);
    }

    fn log(&mut self, _: Level, _: &str) {}
}

struct Rig {
    runtime: Runtime,
    install: Install,
    full: Bytes,
    empty: Bytes,
    reference: String,
}

fn rig() -> &'static Rig {
    static RIG: OnceLock<Rig> = OnceLock::new();
    RIG.get_or_init(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let install = runtime.block_on(common::install(&common::cache(), "https://thirdparty.qonto.com", 100));
        let (full, empty) = (common::body(ROWS).into(), common::body(0).into());
        Rig { runtime, install, full, empty, reference: common::world(0).1 }
    })
}

impl Rig {
    fn raw(&self) -> String {
        format!(r#"{{"id":"{}","currency":"EUR"}}"#, self.reference)
    }

    fn sandboxed(&self, body: &Bytes, rows: usize) {
        let transport = Ready { completed: body.clone(), others: self.empty.clone() };
        let outside = Outside {
            limiter: Arc::new(RateLimiter::default()),
            ..self.install.outside(Arc::new(transport), Arc::new(SystemClock))
        };
        let request = self.install.request("fetch-payments", Some(self.parent()), common::now());
        let what = Fetch::Page(Capability::FetchPayments);
        let call = self.install.connector.fetch(&outside, None, request, what);
        let page = self.runtime.block_on(call).result.unwrap().page;
        assert_eq!(page.len(), rows);
        black_box(page);
    }

    fn parent(&self) -> Parent {
        Parent {
            task: "fetch-accounts".to_owned(),
            reference: self.reference.clone(),
            default_asset: None,
            metadata: Vec::new(),
            raw: self.raw(),
        }
    }

    fn native(&self, body: &[u8], rows: usize) {
        let request = self.install.request("fetch-payments", Some(self.parent()), common::now());
        let parent = request.parent.map(|parent| NativeParent {
            task: parent.task,
            reference: parent.reference,
            default_asset: parent.default_asset,
            metadata: parent.metadata,
            raw: parent.raw,
        });
        let at = request.observed_at;
        let request = NativeRequest {
            config: request.config,
            task: request.task,
            parent,
            page_size: request.page_size,
            max_in_flight: request.max_in_flight,
            since: None,
            observed_at: NativeTimestamp { seconds: at.seconds, nanoseconds: at.nanoseconds },
        };
        let page = payments::fetch(&mut NativeHost { completed: body, others: &self.empty }, &request).unwrap();
        assert_eq!(page.items.len(), rows);
        black_box(page);
    }

    fn mapping(&self) {
        let page = payments::map_page(&self.full, &self.reference).unwrap();
        assert_eq!(page.items.len(), ROWS);
        black_box(page);
    }

    fn describe(&self) {
        black_box(self.runtime.block_on(self.install.connector.describe()).unwrap());
    }
}

#[divan::bench]
fn instance(bencher: Bencher) {
    bencher.bench_local(|| rig().describe());
}

#[divan::bench]
fn sandboxed_empty_page(bencher: Bencher) {
    bencher.bench_local(|| rig().sandboxed(&rig().empty, 0));
}

#[divan::bench]
fn sandboxed_page(bencher: Bencher) {
    bencher.bench_local(|| rig().sandboxed(&rig().full, ROWS));
}

#[divan::bench]
fn native_empty_page(bencher: Bencher) {
    bencher.bench_local(|| rig().native(&rig().empty, 0));
}

#[divan::bench]
fn native_page(bencher: Bencher) {
    bencher.bench_local(|| rig().native(&rig().full, ROWS));
}

#[divan::bench]
fn native_mapping(bencher: Bencher) {
    bencher.bench_local(|| rig().mapping());
}

/// Microseconds of the fastest of many runs, taken in turns: what others do on the machine only makes runs slower.
fn fastest<const N: usize>(parts: [&dyn Fn(); N]) -> [f64; N] {
    let mut best = [Duration::MAX; N];
    for _ in 0..400 {
        for (part, best) in parts.iter().zip(&mut best) {
            let started = Instant::now();
            part();
            *best = started.elapsed().min(*best);
        }
    }
    best.map(|best| best.as_secs_f64() * 1e6)
}

fn main() {
    let rig = rig();
    let [instance, empty, page, native_empty, native, mapping] = fastest([
        &|| rig.describe(),
        &|| rig.sandboxed(&rig.empty, 0),
        &|| rig.sandboxed(&rig.full, ROWS),
        &|| rig.native(&rig.empty, 0),
        &|| rig.native(&rig.full, ROWS),
        &|| rig.mapping(),
    ]);
    println!("{ROWS} transactions in {} bytes; fastest of 400 runs, in us", rig.full.len());
    println!("  sandboxed: page {page:.0}, empty page {empty:.0}, instance with describe() {instance:.0}");
    println!("  native:    page {native:.0}, empty page {native_empty:.0}, mapping alone {mapping:.0}");
    println!("  whole call:     {:.2} times native page, {:.2} times native mapping", page / native, page / mapping);
    let (inside, outside) = (page - empty, native - native_empty);
    println!(
        "  less the empty: {:.2} times native page, {:.2} times native mapping",
        inside / outside,
        inside / mapping
    );
    divan::main();
}

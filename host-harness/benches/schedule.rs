//! Many installs in one process: `cargo bench -p host-harness --bench schedule`.
//!
//! 10 000 installs of the Qonto connector, each of one account with three payments, so of five streams, one of which is
//! seldom due, in one schedule and one store. The provider is a simulator in the same process, whose work is counted as the host's. Each install is polled
//! once every 180 s instead of every 30 min: ten times the load, in a tenth of the time. The first round, in which
//! everything is new, is not counted, the second one is. The share of a core is what the same polls take when they come
//! every 30 min; the lateness is that of ten times the load. `-- INSTALLS SECONDS` tries others.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::cast_precision_loss,
    reason = "a benchmark stops where it is not as expected, and counts to a million"
)]

mod common;

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use engine::install::Described;
use engine::runner::{Observer, PollSummary, Runner, Stop};
use engine::schedule::{Installs, NoRunner, NotPolled, Room, Scheduler, Watcher};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use host_harness::QONTO;
use outside::clock::{SystemClock, VirtualClock};
use outside::config::Terms;
use outside::rate_limit::RateLimiter;
use outside::transport::authenticated::Authenticated;
use qonto::QontoWorld;
use sandbox::{Limits, Sandbox};
use serde_json::json;
use sim::Simulator;
use store::Store;

/// What a polling period is by default, in seconds.
const USUAL: f64 = 1_800.0;

/// The installs, all alike, and what is seen of their polls.
struct Fleet {
    described: Described,
    simulator: Simulator<QontoWorld>,
    store: Arc<Store>,
    late: Mutex<Vec<Duration>>,
    polls: AtomicU64,
    failed: AtomicU64,
}

impl Installs for Fleet {
    fn runner<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Runner, NoRunner>> {
        async move {
            let config =
                json!({ "clientID": common::LOGIN, "apiKey": common::SECRET, "endpoint": "https://qonto.example" });
            let install = self.described.clone().install(&config.to_string(), &Terms::default())?;
            let transport = Authenticated::new(self.simulator.clone(), install.keyring.clone());
            let mut outside = install.outside(Arc::new(transport), Arc::new(SystemClock));
            // The limits of the manifest are for one address, and this load is that of ten.
            outside.limiter = Arc::new(RateLimiter::default());
            Ok(install.runner(outside, self.store.clone(), name))
        }
        .boxed()
    }
}

impl Observer for Fleet {}

impl Watcher for Fleet {
    fn began(&self, _: &str, late: Duration) {
        self.late.lock().unwrap().push(late);
    }

    fn ended(&self, _: &str, ended: Result<&PollSummary, &NotPolled>) {
        // It would be the largest thing in memory.
        drop(self.simulator.take_log());
        self.polls.fetch_add(1, Relaxed);
        if ended.map_or(true, |summary| summary.failed().next().is_some()) {
            self.failed.fetch_add(1, Relaxed);
        }
    }
}

#[tokio::main]
async fn main() {
    let mut numbers = std::env::args().skip(1).filter_map(|argument| argument.parse::<u32>().ok());
    let (installs, seconds) = (numbers.next().unwrap_or(10_000), numbers.next().unwrap_or(180));
    let period = Duration::from_secs(seconds.into());
    let path = common::folder().join("schedule.db");
    common::remove_store(&path);
    let sandbox = Sandbox::new(Limits::default(), &common::cache()).unwrap();
    let fleet = Arc::new(Fleet {
        described: Described::load(&sandbox, QONTO).await.unwrap(),
        simulator: Simulator::new(common::world(3).0, VirtualClock::at(common::now())),
        store: Arc::new(Store::open(&path).unwrap()),
        late: Mutex::default(),
        polls: AtomicU64::new(0),
        failed: AtomicU64::new(0),
    });
    let stop = Stop::default();
    let scheduler = Scheduler::new(fleet.clone(), fleet.clone(), Arc::new(SystemClock), stop.clone(), Room::default());
    let before = common::memory("self", "VmRSS:") * 1024.0;
    for number in 0..installs {
        // Evenly spread over one period, as they are when they have run for a while.
        let ago = period.mul_f64(f64::from(number) / f64::from(installs));
        let last = Utc::now() - TimeDelta::from_std(ago).unwrap();
        scheduler.put(&format!("install-{number:06}"), period, Some(last));
    }
    let each = (common::memory("self", "VmRSS:") * 1024.0 - before) / f64::from(installs);
    let runs = tokio::spawn({
        let scheduler = scheduler.clone();
        async move { scheduler.run().await }
    });
    tokio::time::sleep(period + period / 10).await;
    fleet.late.lock().unwrap().clear();
    let (cpu, polls) = (common::cpu_seconds(), fleet.polls.load(Relaxed));
    tokio::time::sleep(period).await;
    let (cpu, polls) = (common::cpu_seconds() - cpu, fleet.polls.load(Relaxed) - polls);
    let mut late = std::mem::take(&mut *fleet.late.lock().unwrap());
    let figures = scheduler.figures();
    stop.set();
    runs.await.unwrap();
    late.sort_unstable();
    let percentile = |part: usize| late.get(late.len() * part / 100).copied().unwrap_or_default().as_secs_f64() * 1e3;
    println!(
        "{installs} installs, each polled every {seconds} s; {polls} polls counted, {} failed",
        fleet.failed.load(Relaxed)
    );
    println!("CPU {cpu:.1} s: {:.1} % of a core when polled every 30 min", cpu / USUAL * 100.0);
    println!("lateness p50 {:.0} ms, p99 {:.0} ms; {} wait at the end", percentile(50), percentile(99), figures.due);
    println!("memory of an install at rest {each:.0} bytes; at most {:.0} MB in all", common::peak_megabytes());
    common::remove_store(&path);
}

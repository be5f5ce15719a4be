//! Many installs of the Qonto connector in one schedule, each at a simulated Qonto of its own, in one store.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "test support; each test file uses a part"
)]

use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use engine::install::Install;
use engine::runner::{Observer, PollSummary};
use engine::schedule::{Installs, NoRunner, NotPolled, Room, Scheduler, Watcher};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use outside::clock::Clock as _;
use outside::rate_limit::RateLimits;
use outside::stop::Stop;
use outside::transport::authenticated::Authenticated;
use outside::transport::{Request, Response, Transport, TransportError};
use qonto::QontoWorld;
use serde_json::{Value, json};
use sim::Simulator;
use store::export::{Format, What, export};
use store::{Store, StreamKey};
use tokio::task::JoinHandle;

use super::timeline::Timeline;
use super::{at, install};

/// What a request takes.
const ANSWER: Duration = Duration::from_millis(200);

/// The provider of one install, which takes its time, and is never asked the same twice at once.
#[derive(Clone)]
pub struct Bank {
    /// The simulated Qonto.
    pub sim: Simulator<QontoWorld>,
    install: Install,
    timeline: Timeline,
    asked: Arc<Mutex<HashSet<String>>>,
}

impl Bank {
    /// Requests under way.
    pub fn in_flight(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

impl Transport for Bank {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        async move {
            let url = request.url.to_string();
            assert!(self.asked.lock().unwrap().insert(url.clone()), "asked twice at once: {url}");
            self.timeline.sleep(ANSWER).await;
            let answer = self.sim.send(request).await;
            self.asked.lock().unwrap().remove(&url);
            answer
        }
        .boxed()
    }
}

/// What was seen of the polls, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// A poll of this install began, at this time.
    Began(String, Duration),
    /// A page of this install was stored.
    Page(String),
    /// A poll of this install ended, at this time, with these errors.
    Ended(String, Duration, Vec<String>),
}

/// The installs, and what happens to them.
pub struct Fleet {
    /// The time.
    pub timeline: Timeline,
    /// Where the records go.
    pub store: Arc<Store>,
    /// The providers, by install.
    pub banks: Mutex<BTreeMap<String, Bank>>,
    /// What happened.
    pub seen: Mutex<Vec<Seen>>,
    /// What the installs can be made for.
    pub ready: AtomicBool,
    limits: Arc<RateLimits>,
}

impl Installs for Fleet {
    fn runner<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<engine::runner::Runner, NoRunner>> {
        async move {
            if !self.ready.load(SeqCst) {
                return Err("its config cannot be read".into());
            }
            let bank = self.banks.lock().unwrap()[name].clone();
            let transport = Authenticated::new(bank.clone(), bank.install.keyring.clone());
            let outside = bank.install.outside(Arc::new(transport), Arc::new(self.timeline.clone()));
            Ok(bank.install.runner(outside, self.store.clone(), name))
        }
        .boxed()
    }
}

impl Observer for Fleet {
    fn page(&self, stream: &StreamKey, _: u64, _: u64) {
        self.seen.lock().unwrap().push(Seen::Page(stream.install.clone()));
    }
}

impl Watcher for Fleet {
    fn began(&self, install: &str, _: Duration) {
        self.seen.lock().unwrap().push(Seen::Began(install.to_owned(), self.timeline.monotonic()));
    }

    fn ended(&self, install: &str, ended: Result<&PollSummary, &NotPolled>) {
        let errors = match ended {
            Ok(summary) => summary.failed().map(super::describe).collect(),
            Err(error) => vec![error.to_string()],
        };
        self.seen.lock().unwrap().push(Seen::Ended(install.to_owned(), self.timeline.monotonic(), errors));
    }
}

impl Fleet {
    /// Without installs.
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            timeline: Timeline::at(at(7 * 24 * 60)),
            store: Arc::new(Store::in_memory().unwrap()),
            banks: Mutex::default(),
            seen: Mutex::default(),
            ready: AtomicBool::new(true),
            limits: Arc::default(),
        })
    }

    /// A schedule for it that runs until it is asked to stop.
    pub fn scheduled(self: &Arc<Self>, room: Room, stop: &Stop) -> (Scheduler, JoinHandle<()>) {
        let clock = Arc::new(self.timeline.clone());
        let scheduler = Scheduler::new(self.clone(), self.clone(), clock, stop.clone(), room);
        let runs = scheduler.clone();
        (scheduler, tokio::spawn(async move { runs.run().await }))
    }

    /// Adds an install; gives its provider.
    pub async fn add(&self, name: &str, world: QontoWorld, page_size: u32) -> Simulator<QontoWorld> {
        let sim = Simulator::new(world, self.timeline.hands.clone());
        let install = install(&json!({ "pageSize": page_size })).await.sharing(self.limits.clone(), name);
        let bank = Bank { sim: sim.clone(), install, timeline: self.timeline.clone(), asked: Arc::default() };
        self.banks.lock().unwrap().insert(name.to_owned(), bank);
        sim
    }

    /// Requests of an install under way.
    pub fn in_flight(&self, install: &str) -> usize {
        self.banks.lock().unwrap()[install].in_flight()
    }

    /// When the polls of an install began.
    pub fn began(&self, install: &str) -> Vec<Duration> {
        let began = |seen: &Seen| match seen {
            Seen::Began(name, at) if name == install => Some(*at),
            _ => None,
        };
        self.seen.lock().unwrap().iter().filter_map(began).collect()
    }

    /// How the polls of an install ended.
    pub fn ended(&self, install: &str) -> Vec<Vec<String>> {
        let ended = |seen: &Seen| match seen {
            Seen::Ended(name, _, errors) if name == install => Some(errors.clone()),
            _ => None,
        };
        self.seen.lock().unwrap().iter().filter_map(ended).collect()
    }

    /// How many pages of an install were stored.
    pub fn pages(&self, install: &str) -> usize {
        self.seen.lock().unwrap().iter().filter(|seen| **seen == Seen::Page(install.to_owned())).count()
    }

    /// The payments of an install, as an export gives them, by reference.
    pub fn payments(&self, install: &str) -> BTreeMap<String, Value> {
        let mut text = Vec::new();
        export(&self.store, install, What::Payments, Format::Ndjson, &mut text).unwrap();
        let payments = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let payments = payments.map(|line| serde_json::from_slice::<Value>(line).unwrap());
        payments.map(|payment| (payment["reference"].as_str().unwrap().to_owned(), payment)).collect()
    }

    /// Holds what is stored of an install against its provider's own table: each row is there, in its last version.
    pub fn assert_complete(&self, install: &str) {
        let rows = self.banks.lock().unwrap()[install].sim.with(|world| world.rows());
        let truth: BTreeMap<String, Value> =
            rows.iter().map(|row| (row.id.to_string(), serde_json::from_str(&row.text).unwrap())).collect();
        let stored: BTreeMap<String, Value> =
            self.payments(install).into_iter().map(|(id, payment)| (id, payment["raw"].clone())).collect();
        assert!(stored == truth, "{install}: {} rows stored, {} there", stored.len(), truth.len());
    }
}

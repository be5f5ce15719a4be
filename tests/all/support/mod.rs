//! What the end-to-end tests share: the real component in the real host, against a simulated Qonto.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "test support; each test file uses a part"
)]

pub mod cli;
pub mod fleet;
pub mod registry;
pub mod rogue;
pub mod timeline;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use chrono::{DateTime, TimeDelta, TimeZone as _, Utc};
use engine::install::{Described, Install};
use engine::runner::{PollSummary, Runner, StreamSummary};
use host_harness::QONTO;
use outside::clock::VirtualClock;
use outside::config::Terms;
use outside::transport::authenticated::Authenticated;
use qonto::{Account, QontoWorld, Transaction, french_iban};
use sandbox::{CompileCache, Limits, Sandbox};
use serde_json::{Value, json};
use sim::Simulator;
use store::Store;
use store::export::{Format, What, export};
use tokio::sync::OnceCell;

/// The install that the tests poll.
pub const INSTALL: &str = "qonto";
/// The organisation's slug and API secret in the simulated Qonto.
pub const LOGIN: &str = "acme-1234";
/// See [`LOGIN`].
pub const SECRET: &str = "k3y-4f9d2b7e81c6a0d5";

/// A sandbox with the given limits; compiled components are kept between test runs.
pub fn sandbox_with(limits: Limits) -> Sandbox {
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compiled");
    Sandbox::new(limits, &CompileCache::Folder(cache)).unwrap()
}

/// The sandbox of most tests.
pub fn sandbox() -> &'static Sandbox {
    static SANDBOX: OnceLock<Sandbox> = OnceLock::new();
    SANDBOX.get_or_init(|| sandbox_with(Limits::default()))
}

/// A point in time for the fixtures: minutes after 2026-05-04T08:00:00Z.
pub fn at(minutes: i64) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 5, 4, 8, 0, 0).unwrap() + TimeDelta::minutes(minutes)
}

/// An empty organisation with `accounts` accounts; gives their ids.
pub fn world(accounts: u64) -> (QontoWorld, Vec<String>) {
    let mut world = QontoWorld::new("Acme", LOGIN, SECRET);
    let ids = (1..=accounts)
        .map(|n| {
            let account = Account::new(&format!("Account {n}"), &french_iban(99_999, 1, n), at(0));
            world.account(if n == 1 { account.main() } else { account })
        })
        .collect();
    (world, ids)
}

/// The login and the secret of `world`, which is [`LOGIN`] and [`SECRET`] for those made with [`world`].
fn credentials(world: &QontoWorld) -> Value {
    json!({ "clientID": world.login, "apiKey": world.secret })
}

/// The statuses that lists take.
pub const STATUSES: [&str; 3] = ["completed", "pending", "declined"];

/// Adds `count` rows, all updated at the same time; statuses take turns when there are several.
pub fn tie(world: &mut QontoWorld, account: &str, count: usize, when: DateTime<Utc>, statuses: &[&str]) {
    for (number, status) in (1..=count).zip(statuses.iter().cycle()) {
        let row = Transaction::on(account, when).cents(i128::try_from(number).unwrap()).status(status);
        world.transaction(row.label(&format!("Tie {number}")));
    }
}

/// Adds `count` rows of all statuses, one a step.
pub fn mixed(world: &mut QontoWorld, account: &str, count: usize, from: DateTime<Utc>, step: TimeDelta) {
    let mut when = from;
    for number in 0..count {
        tie(world, account, 1, when, &STATUSES[number % 3..=number % 3]);
        when += step;
    }
}

/// The Qonto connector, installed against a simulated Qonto, with a store of its own.
pub struct Rig {
    /// The simulated Qonto.
    pub sim: Simulator<QontoWorld>,
    /// The time, for host and provider alike.
    pub clock: VirtualClock,
    /// Where the records go.
    pub store: Arc<Store>,
    /// What polls.
    pub runner: Runner,
}

impl Rig {
    /// A rig over `world` that asks for `page_size` rows a page.
    pub async fn new(world: QontoWorld, page_size: u32) -> Self {
        Self::with_store(world, page_size, Arc::new(Store::in_memory().unwrap())).await
    }

    /// As [`Rig::new`], into a given store.
    pub async fn with_store(world: QontoWorld, page_size: u32, store: Arc<Store>) -> Self {
        let clock = VirtualClock::at(at(7 * 24 * 60));
        let mut config = credentials(&world);
        config["pageSize"] = page_size.into();
        let sim = Simulator::new(world, clock.clone());
        let install = install(&config).await;
        let transport = Authenticated::new(sim.clone(), install.keyring.clone());
        let outside = install.outside(Arc::new(transport), Arc::new(clock.clone()));
        let runner = install.runner(outside, store.clone(), INSTALL);
        Self { sim, clock, store, runner }
    }

    /// Polls every stream once.
    pub async fn poll(&self) -> PollSummary {
        self.runner.poll(&()).await.unwrap()
    }

    /// Polls every stream once, and expects all of them to come to their end.
    pub async fn poll_well(&self) -> PollSummary {
        let summary = self.poll().await;
        let failed: Vec<String> = summary.failed().map(describe).collect();
        assert!(failed.is_empty(), "{failed:#?}");
        // What the key may not read is told at each poll.
        let gaps =
            summary.streams.iter().flat_map(|stream| &stream.gaps).map(|gap| format!("{}: {}", gap.what, gap.error));
        let gaps: Vec<String> = gaps.filter(|gap| !gap.starts_with("international beneficiaries")).collect();
        assert!(gaps.is_empty(), "{gaps:#?}");
        summary
    }

    /// Everything in the store, as an export gives it.
    pub fn export(&self) -> Vec<Value> {
        exported(&self.store, What::All)
    }

    /// Everything in the store, as the bytes of an export.
    pub fn export_text(&self) -> String {
        exported_text(&self.store, What::All)
    }

    /// The exported payments by reference.
    pub fn payments(&self) -> BTreeMap<String, Value> {
        let payments = exported(&self.store, What::Payments);
        payments.into_iter().map(|payment| (payment["reference"].as_str().unwrap().to_owned(), payment)).collect()
    }

    /// The states of all streams, by stream.
    pub fn states(&self) -> BTreeMap<String, Vec<u8>> {
        let states = self.store.states(INSTALL).unwrap();
        states.into_iter().map(|(stream, state, _)| (stream.to_string(), state)).collect()
    }

    /// Holds the store against the provider's own table: every row is there, in its last version, and nothing else is.
    pub fn assert_complete(&self) {
        let mut truth = BTreeMap::new();
        for row in self.sim.with(|world| world.rows()) {
            truth.insert(row.id.to_string(), row.text.to_string());
        }
        let stored: BTreeMap<String, String> =
            self.payments().into_iter().map(|(id, payment)| (id, payment["raw"].to_string())).collect();
        let missing: Vec<&String> = truth.keys().filter(|id| !stored.contains_key(*id)).collect();
        assert!(missing.is_empty(), "{} of {} rows lost: {missing:?}", missing.len(), truth.len());
        for (id, raw) in &truth {
            let raw: Value = serde_json::from_str(raw).unwrap();
            assert_eq!(raw.to_string(), stored[id], "{id} is stale");
        }
        assert_eq!(stored.len(), truth.len(), "payments that the provider does not have");
    }
}

/// The Qonto connector with a config whose defaults are replaced by `fields`.
pub async fn install(fields: &Value) -> Install {
    static DESCRIBED: OnceCell<Described> = OnceCell::const_new();
    let mut config = json!({ "clientID": LOGIN, "apiKey": SECRET, "endpoint": "https://thirdparty.qonto.com" });
    for (name, value) in fields.as_object().unwrap() {
        config[name] = value.clone();
    }
    let described = DESCRIBED.get_or_init(|| async { Described::load(sandbox(), QONTO).await.unwrap() }).await;
    described.clone().install(&config.to_string(), &Terms::default()).unwrap()
}

/// The records of a kind, as the lines of an export.
fn exported_text(store: &Store, what: What) -> String {
    let mut text = Vec::new();
    export(store, INSTALL, what, Format::Ndjson, &mut text).unwrap();
    String::from_utf8(text).unwrap()
}

/// The records of a kind, as an export gives them.
pub fn exported(store: &Store, what: What) -> Vec<Value> {
    exported_text(store, what).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A stream with its error.
pub fn describe(summary: &StreamSummary) -> String {
    format!("{}: {}", summary.stream, summary.error.as_ref().map(ToString::to_string).unwrap_or_default())
}

/// The summary of one stream.
pub fn stream<'a>(summary: &'a PollSummary, name: &str) -> &'a StreamSummary {
    summary.streams.iter().find(|stream| stream.stream.to_string() == name).expect(name)
}

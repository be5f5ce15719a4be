//! The connector that breaks one rule at a time, in the real host.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "test support; each test file uses a part"
)]

use std::path::Path;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use chrono::{TimeZone as _, Utc};
use engine::install::{Described, Install};
use engine::runner::{PollError, PollSummary, Runner, StreamError, StreamSummary};
use futures::FutureExt as _;
use futures::future::{BoxFuture, ready};
use http::{HeaderMap, StatusCode};
use outside::clock::VirtualClock;
use outside::config::Terms;
use outside::transport::authenticated::Authenticated;
use outside::transport::{Request, Response, Transport, TransportError};
use sandbox::{CallError, CompileCache, Limits, Sandbox};
use serde_json::{Value, json};
use store::Store;
use store::export::{Format, What, export};

/// The secret of the rogue's config.
pub const TOKEN: &str = "tok-9b1f/7c+2e=a \\\"64";

/// Answers every request alike, and keeps what it was asked.
#[derive(Clone, Default)]
pub struct Always {
    /// The body of each answer.
    pub body: Bytes,
    /// The headers of each answer.
    pub headers: HeaderMap,
    /// The requests, as they came.
    pub asked: Arc<Mutex<Vec<Request>>>,
}

impl Transport for Always {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        self.asked.lock().unwrap().push(request);
        ready(Ok(Response { status: StatusCode::OK, headers: self.headers.clone(), body: self.body.clone() })).boxed()
    }
}

/// The rogue, installed with a store of its own.
pub struct Rogue {
    /// What polls.
    pub runner: Runner,
    /// The time.
    pub clock: VirtualClock,
    /// Where the records go.
    pub store: Arc<Store>,
    /// The provider.
    pub provider: Always,
    /// The install.
    pub install: Install,
}

impl Rogue {
    /// One whose config has these fields, at a provider that says `{}`.
    pub async fn new(fields: Value) -> Self {
        Self::with(fields, Limits::default(), Always { body: "{}".into(), ..Always::default() }).await
    }

    /// One with limits and a provider of its own.
    pub async fn with(fields: Value, limits: Limits, provider: Always) -> Self {
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compiled");
        let sandbox = Sandbox::new(limits, &CompileCache::Folder(cache)).unwrap();
        let mut config = json!({ "endpoint": "https://bank.example", "token": TOKEN });
        for (name, value) in fields.as_object().unwrap() {
            config[name] = value.clone();
        }
        let described = Described::load(&sandbox, test_components::ROGUE).await.unwrap();
        let install = described.install(&config.to_string(), &Terms::default()).unwrap();
        let clock = VirtualClock::at(Utc.with_ymd_and_hms(2026, 6, 1, 12, 0, 0).unwrap());
        let store = Arc::new(Store::in_memory().unwrap());
        let transport = Authenticated::new(provider.clone(), install.keyring.clone());
        let outside = install.outside(Arc::new(transport), Arc::new(clock.clone()));
        let runner = install.runner(outside, store.clone(), "rogue");
        Self { runner, clock, store, provider, install }
    }

    /// Polls once. Whatever the stream of `bad` does, the one of `good` must be stored, unless it waits for the next poll.
    pub async fn poll(&self) -> PollSummary {
        let summary = self.runner.poll(&()).await.unwrap();
        let waits = summary.streams.iter().any(|s| s.stream.parent.as_deref() == Some("good") && s.goes_on.is_some());
        let stored = self.payments().contains(&"fine".to_owned());
        assert!(stored || waits, "the good account's payment is missing: {summary:?}");
        summary
    }

    /// Polls once and gives the summary of the stream of `bad`.
    pub async fn bad(&self) -> StreamSummary {
        let summary = self.poll().await;
        summary.streams.into_iter().find(|s| s.stream.to_string() == "fetch-payments/bad").unwrap()
    }

    /// Why a check of config and credentials failed.
    pub async fn check_fault(&self) -> CallError {
        match self.runner.check().await {
            Err(PollError::Check(error)) => error,
            other => panic!("expected a failed check, got {other:?}"),
        }
    }

    /// Polls once and gives the error of the stream of `bad`.
    pub async fn fault(&self) -> CallError {
        match self.bad().await.error {
            Some(StreamError::Call(error)) => error,
            other => panic!("expected a failed call, got {other:?}"),
        }
    }

    /// The references of the payments in the store.
    pub fn payments(&self) -> Vec<String> {
        let mut text = Vec::new();
        export(&self.store, "rogue", What::Payments, Format::Ndjson, &mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        let reference = |line: &str| serde_json::from_str::<Value>(line).unwrap()["reference"].as_str().unwrap().into();
        text.lines().map(reference).collect()
    }
}

//! A call that fails says who has to act, and what the host does about it follows: a connector is not blamed for a
//! provider that is slow, an address that the operator wrote, or a wait that the host itself imposes.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use engine::runner::{RetryPolicy, StreamError};
use futures::FutureExt as _;
use futures::future::{BoxFuture, pending, ready};
use http::{HeaderMap, StatusCode};
use model::{RateLimit, RateScope};
use outside::clock::{Clock, VirtualClock};
use outside::egress::Reach;
use outside::rate_limit::RateLimiter;
use outside::transport::live::{LiveLimits, LiveTransport, Lookup};
use outside::transport::{Request, Response, Transport, TransportError};
use sandbox::{Blame, CallError, Limits};
use serde_json::{Value, json};
use sim::{Fault, On};
use store::{PollStore as _, StreamKey};

use crate::support::rogue::{Always, Rogue};
use crate::support::{Rig, at, describe, mixed, world};

/// Answers as the function says, and counts.
struct Answers<F>(F, Arc<Mutex<u32>>);

impl<F: Fn() -> BoxFuture<'static, Result<Response, TransportError>> + Send + Sync> Transport for Answers<F> {
    fn send(&self, _: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        *self.1.lock().unwrap() += 1;
        (self.0)()
    }
}

/// The rogue that asks, at a provider that answers so; with the count of its requests.
async fn asking(
    fields: Value,
    limits: Limits,
    answer: impl Fn() -> BoxFuture<'static, Result<Response, TransportError>> + Send + Sync + 'static,
) -> (Rogue, Arc<Mutex<u32>>) {
    let mut rogue = Rogue::with(fields, limits, Always::default()).await;
    let count = Arc::new(Mutex::new(0));
    rogue.runner.outside.transport = Arc::new(Answers(answer, count.clone()));
    (rogue, count)
}

fn status(status: u16) -> BoxFuture<'static, Result<Response, TransportError>> {
    let status = StatusCode::from_u16(status).unwrap();
    ready(Ok(Response { status, headers: HeaderMap::new(), body: "{}".into() })).boxed()
}

#[tokio::test]
async fn a_provider_that_does_not_come_to_an_end_is_slow_and_asked_again() {
    let limits = Limits { call: Duration::from_secs(1), ..Limits::default() };
    let (mut rogue, count) = asking(json!({ "behaviour": "ask" }), limits, || pending().boxed()).await;
    rogue.runner.retry = RetryPolicy { attempts: 2, ..RetryPolicy::default() };
    let error = rogue.fault().await;
    assert!(matches!(error, CallError::Slow { limit, .. } if limit == limits.call), "{error}");
    assert_eq!((error.blame(), *count.lock().unwrap()), (Blame::Provider, 2), "{error}");
}

#[tokio::test]
async fn a_name_that_resolves_to_a_private_address_is_the_operators_to_change() {
    struct Inside;
    impl Lookup for Inside {
        fn lookup(&self, _: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
            ready(Ok(vec![IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1))])).boxed()
        }
    }
    let mut rogue = Rogue::new(json!({ "behaviour": "ask" })).await;
    let live = LiveTransport::with_lookup(Reach::default(), LiveLimits::default(), Arc::new(Inside)).unwrap();
    rogue.runner.outside.transport = Arc::new(live);
    let summary = rogue.bad().await;
    let Some(StreamError::Call(error)) = summary.error else { panic!("{summary:?}") };
    let CallError::Connector { failure: Some(TransportError::Address(why)), .. } = &error else { panic!("{error}") };
    assert!(why.contains("10.0.0.1 (private"), "{why}");
    assert_eq!((error.blame(), summary.requests), (Blame::Operator, 1), "{error}");
}

#[tokio::test]
async fn a_redirect_that_is_not_followed_is_the_providers() {
    let (rogue, count) = asking(json!({ "behaviour": "ask" }), Limits::default(), || status(302)).await;
    let error = rogue.fault().await;
    assert_eq!((error.blame(), *count.lock().unwrap()), (Blame::Provider, 1), "{error}");
}

/// A clock whose sleeps take real time, though not the time that they stand for.
struct Dozing(VirtualClock, Duration);

impl Clock for Dozing {
    fn now(&self) -> DateTime<Utc> {
        self.0.now()
    }

    fn monotonic(&self) -> Duration {
        self.0.monotonic()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let (clock, takes) = (self.0.clone(), self.1);
        async move {
            tokio::time::sleep(takes).await;
            clock.advance(duration);
        }
        .boxed()
    }
}

#[tokio::test]
async fn a_wait_for_the_rate_limit_is_not_charged_to_the_call() {
    let limits = Limits { call: Duration::from_millis(150), ..Limits::default() };
    let (mut rogue, count) = asking(json!({ "behaviour": "ask", "times": "4" }), limits, || status(200)).await;
    let one = RateLimit { requests: 1, window_seconds: 10, scope: RateScope::Address };
    rogue.runner.outside.limiter = Arc::new(RateLimiter::new(&[one], Arc::default()));
    rogue.runner.outside.clock = Arc::new(Dozing(rogue.clock.clone(), Duration::from_millis(200)));
    assert!(rogue.bad().await.error.is_none(), "waited three times for longer than a call has");
    assert_eq!(*count.lock().unwrap(), 4);
}

#[tokio::test]
async fn a_limit_that_a_component_declares_holds_up_no_poll_beyond_its_time() {
    for (window_seconds, requests, seconds) in [(86_400, 2, 0), (540, 8, 6 * 540)] {
        let fields = json!({ "behaviour": "ask", "times": "50" });
        let (mut rogue, count) = asking(fields, Limits::default(), || status(200)).await;
        let one = RateLimit { requests: 1, window_seconds, scope: RateScope::Address };
        rogue.runner.outside.limiter = Arc::new(RateLimiter::new(&[one], Arc::default()));
        let start = rogue.clock.monotonic();
        let error = rogue.fault().await;
        let CallError::Connector { failure: Some(failure @ TransportError::Limited { .. }), .. } = &error else {
            panic!("{error}")
        };
        assert!(failure.to_string().contains("declares a limit of 1 requests in"), "{failure}");
        assert_eq!(error.blame(), Blame::Provider, "{error}");
        assert_eq!(*count.lock().unwrap() + 1, requests, "all but the last were sent");
        assert_eq!(rogue.clock.monotonic().saturating_sub(start).as_secs(), seconds, "a poll has an hour");
        assert!(rogue.store.stream(&bad()).unwrap().not_before.is_some(), "the next one comes when it may");
    }
}

#[tokio::test]
async fn an_honest_first_sync_is_nobodys_fault_however_narrow_the_limit_and_however_short_the_polls() {
    for (requests, window_seconds, time, goes_on) in [
        (40, 3_600, Duration::from_hours(1), "the connector declares a limit of 40 requests in 3600 s"),
        (1, 20, Duration::from_mins(15), "a poll takes at most 900 s"),
    ] {
        let (mut world, accounts) = world(3);
        for account in &accounts {
            mixed(&mut world, account, 12, at(0), TimeDelta::seconds(1));
        }
        let mut rig = Rig::new(world, 1).await;
        let limit = RateLimit { requests, window_seconds, scope: RateScope::Address };
        rig.runner.outside.limiter = Arc::new(RateLimiter::new(&[limit], Arc::default()));
        rig.runner.budgets.time = time;
        let mut went_on = 0;
        loop {
            let summary = rig.poll().await;
            let failed: Vec<String> = summary.failed().map(describe).collect();
            assert!(failed.is_empty(), "{failed:#?}");
            let told: Vec<String> =
                summary.streams.iter().filter_map(|stream| stream.goes_on).map(|spent| spent.to_string()).collect();
            assert!(told.iter().all(|told| told == goes_on), "{told:#?}");
            if told.is_empty() || rig.payments().len() == 36 {
                break;
            }
            went_on += 1;
            assert!(went_on < 20, "it gets nowhere");
            rig.clock.advance(Duration::from_hours(1));
        }
        assert!(went_on > 1, "{went_on}");
        rig.assert_complete();
    }
}

#[tokio::test]
async fn a_run_that_is_asked_to_stop_does_not_wait_for_the_rate_limit() {
    let (mut rogue, count) =
        asking(json!({ "behaviour": "ask", "times": "2" }), Limits::default(), || status(200)).await;
    let one = RateLimit { requests: 1, window_seconds: 10, scope: RateScope::Address };
    rogue.runner.outside.limiter = Arc::new(RateLimiter::new(&[one], Arc::default()));
    rogue.runner.outside.clock = Arc::new(Dozing(rogue.clock.clone(), Duration::from_hours(1)));
    let stop = rogue.runner.stop.clone();
    let poll = rogue.bad();
    let (bad, ()) = futures::future::join(poll, async {
        while *count.lock().unwrap() == 0 {
            tokio::task::yield_now().await;
        }
        stop.set();
    })
    .await;
    assert!(matches!(bad.error, Some(StreamError::Interrupted)), "{bad:?}");
}

#[tokio::test]
async fn what_a_connector_asks_for_is_bounded_by_a_day() {
    let rogue = Rogue::new(json!({ "behaviour": "limited", "seconds": u64::MAX.to_string() })).await;
    rogue.fault().await;
    let stored = rogue.store.stream(&bad()).unwrap().not_before.unwrap();
    assert_eq!(stored - rogue.clock.now(), TimeDelta::days(1));
}

fn bad() -> StreamKey {
    StreamKey { install: "rogue".into(), task: "fetch-payments".into(), parent: Some("bad".into()) }
}

#[tokio::test]
async fn a_stored_wait_that_no_provider_can_ask_for_passes_within_a_day() {
    let rogue = Rogue::new(json!({ "behaviour": "none" })).await;
    let absurd = "2086-01-01T00:00:00Z".parse().unwrap();
    rogue.store.set_not_before(&bad(), Some(absurd)).unwrap();
    for hours in [0, 23] {
        rogue.clock.advance(Duration::from_hours(hours));
        let error = rogue.bad().await.error;
        assert!(matches!(error, Some(StreamError::NotBefore(_))), "{error:?}");
    }
    rogue.clock.advance(Duration::from_hours(1));
    assert!(rogue.bad().await.error.is_none());
}

const TRANSACTIONS: &str = "/v2/transactions";

/// Accounts with some rows each, behind a provider with a fault on the transactions.
async fn accounts(count: u64, fault: Fault) -> Rig {
    let (mut world, accounts) = world(count);
    for account in &accounts {
        mixed(&mut world, account, 9, at(0), TimeDelta::seconds(1));
    }
    let rig = Rig::new(world, 25).await;
    rig.sim.inject(On::path(TRANSACTIONS), fault);
    rig
}

fn refused(rig: &Rig, status: u16) -> usize {
    rig.sim.log().iter().filter(|one| one.status.is_some_and(|s| s.as_u16() == status)).count()
}

#[tokio::test]
async fn a_retry_after_holds_for_every_stream_and_every_poll_until_it_is_over() {
    let rig = accounts(8, Fault::status(429).header("Retry-After", "3600")).await;
    let summary = rig.poll().await;
    assert_eq!(refused(&rig, 429), 1, "{:?}", summary.failed().map(describe).collect::<Vec<_>>());
    rig.clock.advance(Duration::from_mins(50));
    let summary = rig.poll().await;
    let payments = summary.failed().filter(|stream| stream.stream.task == "fetch-payments");
    assert_eq!(payments.filter(|stream| matches!(stream.error, Some(StreamError::NotBefore(_)))).count(), 8);
    assert_eq!(refused(&rig, 429), 1);
    rig.sim.calm();
    rig.clock.advance(Duration::from_mins(11));
    rig.poll_well().await;
    rig.assert_complete();
}

#[tokio::test]
async fn a_rate_limit_that_lasts_is_not_met_by_every_stream_again_and_again() {
    let rig = accounts(12, Fault::status(429)).await;
    rig.poll().await;
    // Five that grow apart, and on this clock, where side by side means one after the other, a few when a pause is over.
    assert!((2..24).contains(&refused(&rig, 429)), "asked {} times, less than twice for each", refused(&rig, 429));
    rig.sim.calm();
    rig.clock.advance(Duration::from_mins(2));
    rig.poll_well().await;
    rig.assert_complete();
}

#[tokio::test]
async fn after_the_third_refusal_of_the_credentials_no_request_goes_out_in_the_poll() {
    let rig = accounts(12, Fault::status(401)).await;
    let summary = rig.poll().await;
    assert_eq!(refused(&rig, 401), 3);
    let skipped = summary.failed().filter(|stream| matches!(stream.error, Some(StreamError::CredentialsRefused)));
    assert!(skipped.count() >= 9, "{:?}", summary.failed().map(describe).collect::<Vec<_>>());
    rig.sim.calm();
    rig.poll_well().await;
    rig.assert_complete();
}

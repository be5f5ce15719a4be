use chrono::{DateTime, Utc};
use futures::FutureExt as _;

use super::*;
use crate::clock::VirtualClock;

fn origin() -> Origin {
    Origin::parse("https://bank.example").expect("an origin")
}

fn clock() -> VirtualClock {
    VirtualClock::at(DateTime::UNIX_EPOCH)
}

fn limit(requests: u32, window_seconds: u32) -> RateLimit {
    RateLimit { requests, window_seconds, scope: RateScope::Address }
}

/// Sends a request that is answered with `status` at once.
fn send(
    limiter: &RateLimiter,
    path: &str,
    clock: &VirtualClock,
    status: u16,
    asked: Option<u64>,
) -> Result<(), Withheld> {
    let pass = limiter
        .acquire(&origin(), path, clock, &Stop::default(), Duration::MAX)
        .now_or_never()
        .expect("virtual time")?;
    pass.answered(StatusCode::from_u16(status).expect("a status"), asked.map(wait_of), clock);
    Ok(())
}

fn seconds(clock: &VirtualClock) -> u64 {
    clock.monotonic().as_secs()
}

#[test]
fn no_window_ever_holds_more_requests_than_its_limit() {
    let limits = [limit(3, 10), limit(5, 60)];
    let limiter = RateLimiter::new(&limits, Arc::default());
    let clock = clock();
    let mut sent = Vec::new();
    for _ in 0..20 {
        send(&limiter, "/", &clock, 200, None).expect("passes");
        sent.push(seconds(&clock));
    }
    for limit in limits {
        let (n, window) = (limit.requests as usize, u64::from(limit.window_seconds));
        assert!(sent.windows(n + 1).all(|w| w[n] - w[0] >= window), "{limit:?}: {sent:?}");
    }
    assert_eq!(sent[..6], [0, 0, 0, 10, 10, 60], "no request waits longer than it must");
}

#[test]
fn what_is_counted_for_an_install_goes_on_when_its_limiter_is_made_anew_and_is_no_other_ones() {
    let own = RateLimit { scope: RateScope::Install, ..limit(2, 60) };
    let (shared, clock) = (Arc::<RateLimits>::default(), clock());
    let made_anew = |name| RateLimiter::of_install(&[own], shared.clone(), name);
    for _ in 0..2 {
        send(&made_anew("acme"), "/", &clock, 200, None).expect("passes");
    }
    send(&made_anew("other"), "/", &clock, 200, None).expect("passes");
    assert_eq!(seconds(&clock), 0);
    send(&made_anew("acme"), "/", &clock, 200, None).expect("waits");
    assert_eq!(seconds(&clock), 60, "the third within a minute waits for its end");
}

#[test]
fn a_wall_clock_that_is_set_makes_no_request_wait() {
    let limiter = RateLimiter::new(&[limit(1, 10)], Arc::default());
    let clock = clock();
    clock.set(DateTime::<Utc>::MAX_UTC);
    send(&limiter, "/", &clock, 429, Some(5)).expect("passes");
    clock.set(DateTime::UNIX_EPOCH);
    send(&limiter, "/", &clock, 200, None).expect("passes");
    assert_eq!(seconds(&clock), 10);
}

#[test]
fn installs_share_a_limit_that_both_declare_and_no_other() {
    let shared = Arc::new(RateLimits::default());
    let [one, other] = [(); 2].map(|()| RateLimiter::new(&[limit(2, 10)], shared.clone()));
    let stranger = RateLimiter::new(&[limit(1, 60 * 60)], shared);
    let clock = clock();
    for limiter in [&stranger, &one, &other] {
        send(limiter, "/", &clock, 200, None).expect("passes");
    }
    assert_eq!(seconds(&clock), 0, "a limit of an hour slows its own install only");
    send(&one, "/", &clock, 200, None).expect("passes");
    assert_eq!(seconds(&clock), 10, "the other install's request counts");
}

#[test]
fn a_refusal_closes_the_narrowest_scope_that_is_declared_and_without_one_the_install() {
    let cases: [(&[RateScope], bool, bool); 4] = [
        (&[RateScope::Address, RateScope::Path], false, false),
        (&[RateScope::Address, RateScope::Install], true, false),
        (&[], true, false),
        (&[RateScope::Address], true, true),
    ];
    for (scopes, closes_path, closes_other) in cases {
        let (clock, shared) = (clock(), Arc::new(RateLimits::default()));
        let limit = |scope: &RateScope| RateLimit { requests: 1_000, window_seconds: 1, scope: *scope };
        let limits: Vec<RateLimit> = scopes.iter().map(limit).collect();
        let limiter = RateLimiter::new(&limits, shared.clone());
        let other = RateLimiter::new(&[], shared);
        send(&limiter, "/a", &clock, 429, Some(3600)).expect("passes");
        let closed = |limiter: &RateLimiter, path| send(limiter, path, &clock, 200, None).is_err();
        assert!(closed(&limiter, "/a"), "{scopes:?}");
        assert_eq!((closed(&limiter, "/b"), closed(&other, "/a")), (closes_path, closes_other), "{scopes:?}");
        clock.advance(Duration::from_hours(1));
        assert!(!closed(&limiter, "/a") && !closed(&other, "/a"), "{scopes:?}");
    }
}

#[test]
fn two_installs_that_are_refused_within_a_minute_close_the_address() {
    for (apart, closes) in [(59, true), (61, false)] {
        let shared = Arc::new(RateLimits::default());
        let [one, other, third] = [(); 3].map(|()| RateLimiter::new(&[], shared.clone()));
        let clock = clock();
        send(&one, "/", &clock, 429, Some(3600)).expect("passes");
        clock.advance(Duration::from_secs(apart));
        send(&other, "/", &clock, 429, Some(3600)).expect("passes");
        assert_eq!(send(&third, "/", &clock, 200, None).is_err(), closes, "{apart} s apart");
    }
}

#[test]
fn only_a_429_and_a_503_that_asks_for_a_pause_close() {
    for (status, asked, closes) in
        [(429, None, true), (503, Some(60), true), (503, None, false), (500, Some(60), false), (200, Some(60), false)]
    {
        let limiter = RateLimiter::default();
        let clock = clock();
        send(&limiter, "/", &clock, status, asked).expect("passes");
        let before = seconds(&clock);
        let closed = send(&limiter, "/", &clock, 200, None).is_err() || seconds(&clock) > before;
        assert_eq!(closed, closes, "{status} {asked:?}");
    }
}

#[test]
fn many_streams_under_one_refusal_that_lasts_make_few_requests() {
    let limiter = RateLimiter::default();
    let clock = clock();
    let sent = (0..60).filter(|_| send(&limiter, "/", &clock, 429, None).is_ok()).count();
    assert_eq!(sent, 5, "then the pause is longer than a request waits");
    assert_eq!(seconds(&clock), 15, "1 + 2 + 4 + 8");
}

#[test]
fn a_request_that_waits_for_anothers_answer_goes_on_when_that_one_is_over() {
    let limiter = RateLimiter::default();
    let (clock, stop) = (clock(), Stop::default());
    send(&limiter, "/", &clock, 429, Some(1)).expect("passes");
    let origin = origin();
    let ahead =
        limiter.acquire(&origin, "/", &clock, &stop, Duration::MAX).now_or_never().expect("at once").expect("passes");
    let mut second = Box::pin(limiter.acquire(&origin, "/", &clock, &stop, Duration::MAX));
    assert!((&mut second).now_or_never().is_none());
    // It ends without an answer: its call was broken off.
    drop(ahead);
    assert!(second.now_or_never().is_some_and(|passed| passed.is_ok()));
}

#[test]
fn a_wait_ends_when_the_run_is_asked_to_stop() {
    let limiter = RateLimiter::default();
    let (clock, stop) = (clock(), Stop::default());
    send(&limiter, "/", &clock, 429, Some(1)).expect("passes");
    let origin = origin();
    let _ahead =
        limiter.acquire(&origin, "/", &clock, &stop, Duration::MAX).now_or_never().expect("at once").expect("passes");
    let mut second = Box::pin(limiter.acquire(&origin, "/", &clock, &stop, Duration::MAX));
    assert!((&mut second).now_or_never().is_none());
    stop.set();
    assert_eq!(second.now_or_never().expect("at once").err(), Some(Withheld::Stopped));
}

#[test]
fn a_declared_limit_is_waited_for_ten_minutes_at_most_and_no_longer_than_the_caller_can() {
    for (window, left, passes) in [
        (600, Duration::MAX, true),
        (601, Duration::MAX, false),
        (86_400, Duration::MAX, false),
        (60, Duration::from_mins(1), true),
        (60, Duration::from_secs(59), false),
    ] {
        let limiter = RateLimiter::new(&[limit(1, window)], Arc::default());
        let (clock, stop, origin) = (clock(), Stop::default(), origin());
        let acquire = || limiter.acquire(&origin, "/", &clock, &stop, left).now_or_never().expect("virtual time");
        assert!(acquire().is_ok(), "{window}");
        let second = acquire().map(drop);
        assert_eq!(second.is_ok(), passes, "{window} {left:?}");
        let waited = if passes { u64::from(window) } else { 0 };
        assert_eq!(seconds(&clock), waited, "{window} {left:?}");
        if let Err(withheld) = second {
            let wait = Duration::from_secs(window.into());
            let limit = Limit { requests: 1, window: wait, scope: Scope::Address };
            assert_eq!(withheld, Withheld::Declared { wait, limit });
        }
    }
}

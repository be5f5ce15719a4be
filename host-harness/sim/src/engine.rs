//! Numbers, logs, scripts and breaks the exchanges with a [`Provider`].

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::future::{BoxFuture, FutureExt as _, ready};
use http::{HeaderMap, Method, StatusCode};
use url::Url;

use super::Provider;
use super::faults::{Broken, Fault, On, pad};
use outside::clock::{Clock as _, VirtualClock};
use outside::transport::{Phase, Request, Response, Transport, TransportError};

/// How long the simulated caller waits, in virtual time, before it gives up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// For the first byte of an answer. Default 30 s.
    pub first_byte: Duration,
    /// For more bytes of an answer. Default 30 s.
    pub next_bytes: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { first_byte: Duration::from_secs(30), next_bytes: Duration::from_secs(30) }
    }
}

/// One exchange, as it was.
#[derive(Debug, Clone)]
pub struct Logged {
    /// Its number, counted from 1.
    pub number: u64,
    /// The method.
    pub method: Method,
    /// The absolute URL.
    pub url: Url,
    /// The headers of the request, credentials included: they are invented.
    pub headers: HeaderMap,
    /// The status answered; none when there was no answer.
    pub status: Option<StatusCode>,
    /// When the request came, in virtual time.
    pub at: DateTime<Utc>,
    /// What was made to go wrong, in order; empty when nothing was.
    pub faults: Vec<&'static str>,
}

/// What comes of a request, before it is known whether a socket is in between.
#[derive(Debug)]
pub(super) struct Outcome {
    /// The answer; empty where there is none.
    pub(super) response: Option<Response>,
    /// How the exchange breaks.
    pub(super) broken: Option<Broken>,
}

type Once<P> = Box<dyn FnOnce(&mut P) + Send>;
type Each<P> = Box<dyn FnMut(&mut P, u64) + Send>;
type Act<P> = Box<dyn FnMut(&mut P) + Send>;

struct Inner<P> {
    provider: P,
    limits: Limits,
    count: u64,
    log: Vec<Logged>,
    before: BTreeMap<u64, Vec<Once<P>>>,
    before_each: Vec<Each<P>>,
    when: Vec<(On, Act<P>)>,
    faults: Vec<(On, Fault)>,
}

/// A provider behind [`Transport`]. Clones are the same simulator.
///
/// Closures given to it run while it is locked: they must not call it.
pub struct Simulator<P> {
    inner: Arc<Mutex<Inner<P>>>,
    clock: VirtualClock,
}

impl<P> Clone for Simulator<P> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner), clock: self.clock.clone() }
    }
}

impl<P> fmt::Debug for Simulator<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulator").field("requests", &self.lock().count).finish_non_exhaustive()
    }
}

impl<P> Simulator<P> {
    fn lock(&self) -> MutexGuard<'_, Inner<P>> {
        // A test's closure that panicked leaves rows in an order that the test, failed by then, does not look at.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<P: Provider> Simulator<P> {
    /// A simulator of `provider` in the time of `clock`, which the test and the host share with it.
    #[must_use]
    pub fn new(provider: P, clock: VirtualClock) -> Self {
        let inner = Inner {
            provider,
            limits: Limits::default(),
            count: 0,
            log: Vec::new(),
            before: BTreeMap::new(),
            before_each: Vec::new(),
            when: Vec::new(),
            faults: Vec::new(),
        };
        Self { inner: Arc::new(Mutex::new(inner)), clock }
    }

    /// The clock it lives by.
    #[must_use]
    pub fn clock(&self) -> &VirtualClock {
        &self.clock
    }

    /// Sets how long the simulated caller waits.
    pub fn set_limits(&self, limits: Limits) {
        self.lock().limits = limits;
    }

    /// Looks at the provider, or changes it, between two requests.
    pub fn with<R>(&self, act: impl FnOnce(&mut P) -> R) -> R {
        act(&mut self.lock().provider)
    }

    /// Runs `act` on the provider right before request `number`, counted from 1. Several for one number run in order.
    pub fn before(&self, number: u64, act: impl FnOnce(&mut P) + Send + 'static) {
        self.lock().before.entry(number).or_default().push(Box::new(act));
    }

    /// Runs `act` on the provider right before every request; it is told the number of the request.
    pub fn before_each(&self, act: impl FnMut(&mut P, u64) + Send + 'static) {
        self.lock().before_each.push(Box::new(act));
    }

    /// Runs `act` on the provider right before every request that `on` hits, after what [`Simulator::before`] and
    /// [`Simulator::before_each`] run.
    pub fn when(&self, on: On, act: impl FnMut(&mut P) + Send + 'static) {
        self.lock().when.push((on, Box::new(act)));
    }

    /// Makes something go wrong. See [`Fault`] for several on one request.
    pub fn inject(&self, on: On, fault: Fault) {
        self.lock().faults.push((on, fault));
    }

    /// Forgets all faults and scripts; the log and the provider stay.
    pub fn calm(&self) {
        let mut inner = self.lock();
        inner.faults.clear();
        inner.before.clear();
        inner.before_each.clear();
        inner.when.clear();
    }

    /// How many requests came so far.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.lock().count
    }

    /// Every exchange so far, oldest first.
    #[must_use]
    pub fn log(&self) -> Vec<Logged> {
        self.lock().log.clone()
    }

    /// Every exchange since the log was last taken, and leaves it empty. Numbers go on counting.
    #[must_use]
    pub fn take_log(&self) -> Vec<Logged> {
        std::mem::take(&mut self.lock().log)
    }

    /// The whole of one exchange.
    pub(super) fn exchange(&self, request: &Request) -> Outcome {
        let mut guard = self.lock();
        let inner = &mut *guard;
        inner.count += 1;
        let number = inner.count;
        for act in inner.before.remove(&number).unwrap_or_default() {
            act(&mut inner.provider);
        }
        for act in &mut inner.before_each {
            act(&mut inner.provider, number);
        }
        for (on, act) in &mut inner.when {
            if on.hits(number, request) {
                act(&mut inner.provider);
            }
        }

        let at = self.clock.now();
        let faults: Vec<Fault> =
            inner.faults.iter_mut().filter_map(|(on, fault)| on.hits(number, request).then(|| fault.clone())).collect();
        let mut delay = Duration::ZERO;
        let mut replaced = None;
        let mut broken = None;
        for fault in &faults {
            match fault {
                Fault::Delay(duration) => delay += *duration,
                Fault::Answer(response) => replaced = Some(response.clone()),
                Fault::Break(kind) => broken = Some(*kind),
                Fault::Change(_) => {}
            }
        }
        if delay > inner.limits.first_byte {
            broken = Some(Broken::Stalled);
        } else {
            self.clock.advance(delay);
        }

        // A caller that never hears an answer cannot tell whether the provider worked it out: for reads it is the same.
        let response = if matches!(broken, Some(Broken::Refused | Broken::Reset | Broken::Stalled)) {
            None
        } else {
            let now = self.clock.now();
            let mut response = replaced.unwrap_or_else(|| inner.provider.answer(request, now));
            for fault in &faults {
                if let Fault::Change(change) = fault {
                    change(&mut response);
                }
            }
            Some(response)
        };
        inner.log.push(Logged {
            number,
            method: request.method.clone(),
            url: request.url.clone(),
            headers: request.headers.clone(),
            status: response.as_ref().map(|response| response.status),
            at,
            faults: faults.iter().map(Fault::name).collect(),
        });
        Outcome { response, broken }
    }

    /// The outcome as a caller without a socket sees it.
    fn answer(&self, request: &Request) -> Result<Response, TransportError> {
        let outcome = self.exchange(request);
        let limits = self.lock().limits;
        let interrupted = |what: &str| Err(TransportError::Interrupted(format!("{what} (simulated)")));
        match (outcome.broken, outcome.response) {
            (None, Some(response)) => Ok(response),
            (Some(Broken::Endless(size)), Some(mut response)) => {
                response.body = pad(&response.body, size);
                Ok(response)
            }
            (Some(Broken::Refused), _) => Err(TransportError::Connect {
                host: request.url.authority().to_owned(),
                reason: "connection refused (simulated)".to_owned(),
            }),
            (Some(Broken::Stalled), _) => {
                self.clock.advance(limits.first_byte);
                Err(TransportError::Timeout { phase: Phase::FirstByte, limit: limits.first_byte })
            }
            (Some(Broken::StalledBody), _) => {
                self.clock.advance(limits.next_bytes);
                Err(TransportError::Timeout { phase: Phase::NextBytes, limit: limits.next_bytes })
            }
            (Some(Broken::HalfBody), _) => interrupted("connection closed before the end of the body"),
            (_, _) => interrupted("connection reset by peer"),
        }
    }
}

impl<P: Provider> Transport for Simulator<P> {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        ready(self.answer(&request)).boxed()
    }
}

#[cfg(test)]
#[path = "engine_tests.rs"]
mod tests;

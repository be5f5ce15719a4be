//! One call of a connector, from a fresh instance to a typed end.

use std::sync::Arc;
use std::time::Duration;

use futures::future::{BoxFuture, FutureExt as _};
use wasmtime::{Store, StoreContextMut, UpdateDeadline};

use super::answers::Answers;
use super::deadline::in_time;
use super::gateway::{Gateway, Outside};
use super::guest::Ambient;
use super::guest::{Guest, LogLine};
use super::limits::{Exceeded, Limits};
use super::product::Product;
use super::pulse::TICK;
use super::translate::{self, Plain};
use super::trap::TrapReport;
use super::wit::ConnectorCore;
use super::{Connector, said};
use model::shown::one_line;
use model::validate::Breach;
use model::{Capability, Checked, Error, Fetch, FetchRequest, Fetched, Manifest, Page};
use outside::authority::Keyring;
use outside::clock::SystemClock;
use outside::egress::{EgressPolicy, Incident, Place};
use outside::rate_limit::RateLimiter;
use outside::stop::Stop;
use outside::transport::{Request, Response, Transport, TransportError};

/// Why a call gave nothing. State and records are as they were.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The connector says so, in the contract's terms.
    #[error("{}{}", describe(.error), because(.failure.as_ref()))]
    Connector {
        /// What it returned.
        error: Error,
        /// Why the last request that failed had no answer, in the host's words.
        failure: Option<TransportError>,
    },
    /// It tried what was not granted, whether or not it said so itself.
    #[error("the host refused it: {0}")]
    Refused(Incident),
    /// It used more than it may.
    #[error("the connector was stopped: {0}")]
    Exceeded(Exceeded),
    /// It stopped in the middle.
    #[error("the connector failed: {0}")]
    Trap(TrapReport),
    /// What it returned is not what the contract says.
    #[error("the connector broke the contract: {0}")]
    Breach(Breach),
    /// Its time was up because the provider took most of it for its answers.
    #[error("the provider is too slow: its answers took {} s of the {} s that a call may take", seconds(.answers), seconds(.limit))]
    Slow {
        /// What a call may take.
        limit: Duration,
        /// How much of it the call waited for answers.
        answers: Duration,
    },
}

fn seconds(duration: &Duration) -> f64 {
    (duration.as_secs_f64() * 10.0).round() / 10.0
}

fn because(failure: Option<&TransportError>) -> String {
    failure.map(|failure| format!(" ({})", one_line(&failure.to_string()))).unwrap_or_default()
}

impl CallError {
    /// Why there was no answer at all, where the way to the provider is to blame: the same for every request, and all that
    /// a person has to know.
    #[must_use]
    pub fn no_way(&self) -> Option<&TransportError> {
        match self {
            Self::Connector { error: Error::Unavailable(detail), failure: Some(failure) } => {
                Some(failure).filter(|failure| failure.is_of_the_way() && detail.http_status.is_none())
            }
            _ => None,
        }
    }
}

/// One line for a person: which kind of error, what happened, what the provider said.
#[must_use]
pub fn describe(error: &Error) -> String {
    let (kind, detail) = match error {
        Error::InvalidConfig(config) => {
            return format!("invalid config: `{}`: {}", one_line(&config.field), one_line(&config.reason));
        }
        Error::Unauthorized(detail) => ("the provider does not accept the credentials", detail),
        Error::ActionRequired(action) => {
            let (what, why) = (one_line(&action.action), one_line(&action.detail.message));
            return format!("access has lapsed until somebody acts at the provider: {what} ({why})");
        }
        Error::Forbidden(detail) => ("the credentials do not allow this", detail),
        Error::NotFound(detail) => ("not found at the provider", detail),
        Error::RateLimited(detail) => ("too many requests", detail),
        Error::Unavailable(detail) => ("the provider is unavailable", detail),
        Error::MalformedResponse(detail) => ("the provider's answer is malformed", detail),
        Error::UpstreamRejected(detail) => ("the provider refused the request", detail),
        Error::InvalidState(detail) => {
            return format!(
                "the stream's state is not usable: {}; reset it to start afresh",
                one_line(&detail.message)
            );
        }
        Error::InvalidParent(detail) => ("the parent is not usable", detail),
        Error::Unsupported(detail) => ("not supported by the connector", detail),
        Error::NoProgress(detail) => ("the provider's paging does not advance", detail),
        Error::Other(detail) => ("the connector failed", detail),
    };
    format!("{kind}: {}", one_line(&detail.message))
}

/// What a call cost, and what the connector said meanwhile.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Requests made, refused ones included.
    pub requests: u32,
    /// Calls to the host, as [`Limits::host_calls`](super::Limits::host_calls) counts them.
    pub host_calls: u32,
    /// What the host refused.
    pub refused: Incident,
    /// Linear memory at the end, which is the most there was: it does not shrink. In bytes.
    pub memory: usize,
    /// Instructions executed, in wasmtime's fuel; none where the sandbox does not meter. The same call costs exactly the
    /// same each time.
    pub fuel: Option<u64>,
    /// Bytes of the answers that it was given.
    pub answered: u64,
    /// The answers, where they are JSON and not too much to keep.
    pub answers: Option<Answers>,
    /// What it logged.
    pub log: Vec<LogLine>,
    /// What it wrote to its standard output and error.
    pub output: String,
}

/// How a call ended, and what it cost either way.
#[derive(Debug)]
pub struct Called<T> {
    /// What it gave.
    pub result: Result<T, CallError>,
    /// What it cost.
    pub report: Report,
}

/// More than any call can use: what stops a call is its time, fuel only measures.
const FUEL: u64 = u64::MAX;

/// Runs an export. Boxed, since its borrow of the store must outlive the closure.
type Run<T> =
    Box<dyn for<'a> FnOnce(&'a mut Store<Guest>, &'a ConnectorCore) -> BoxFuture<'a, wasmtime::Result<T>> + Send>;

impl Connector {
    /// The same connector under other limits.
    #[must_use]
    pub fn with_limits(&self, limits: Limits) -> Self {
        Self { limits, ..self.clone() }
    }

    /// The same connector with other answers of the runtimes' stubs.
    #[must_use]
    pub fn with_ambient(&self, ambient: Ambient) -> Self {
        Self { ambient, ..self.clone() }
    }

    /// What it may use.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// What the connector says of itself, with nothing to reach.
    ///
    /// # Errors
    /// [`CallError`]: it traps, exceeds a limit or makes a request.
    pub async fn describe(&self) -> Result<Manifest, CallError> {
        self.describe_metered().await.result
    }

    /// As [`Connector::describe`], with what it cost.
    pub async fn describe_metered(&self) -> Called<Manifest> {
        let run: Run<Result<Manifest, Error>> = Box::new(|store, connector| {
            async move {
                connector.payments_connector_connector().call_describe(store).await.map(|manifest| Ok(manifest.plain()))
            }
            .boxed()
        });
        let Called { result, report } = self.call(&nowhere(), 1, None, run).await;
        Called { result: result.map(|fetched| fetched.page), report }
    }

    /// Whether config and credentials are good, and whose data they lead to.
    pub async fn check(&self, outside: &Outside, config: String) -> Called<Checked> {
        let run: Run<Result<Checked, Error>> = Box::new(|store, connector| {
            async move { connector.payments_connector_connector().call_check(store, &config).await.map(Plain::plain) }
                .boxed()
        });
        let Called { result, report } = self.call(outside, 1, None, run).await;
        Called { result: result.map(|fetched| fetched.page), report }
    }

    /// One page, from the stream's `state`.
    pub async fn fetch(
        &self,
        outside: &Outside,
        state: Option<Vec<u8>>,
        request: FetchRequest,
        what: Fetch,
    ) -> Called<Fetched<Page>> {
        let in_flight = request.max_in_flight;
        let request = translate::request(request);
        let run: Run<Result<Page, Error>> = Box::new(move |store, connector| {
            let connector = connector.payments_connector_connector();
            async move {
                Ok(match what {
                    Fetch::Page(Capability::FetchAccounts) => {
                        connector.call_fetch_accounts(store, &request).await?.plain().map(Page::Accounts)
                    }
                    Fetch::Page(Capability::FetchExternalAccounts) => {
                        connector.call_fetch_external_accounts(store, &request).await?.plain().map(Page::Accounts)
                    }
                    Fetch::Page(Capability::FetchBalances) => {
                        connector.call_fetch_balances(store, &request).await?.plain().map(Page::Balances)
                    }
                    Fetch::Page(Capability::FetchPayments) => {
                        connector.call_fetch_payments(store, &request).await?.plain().map(Page::Payments)
                    }
                    Fetch::Page(Capability::FetchOthers) => {
                        connector.call_fetch_others(store, &request).await?.plain().map(Page::Others)
                    }
                    Fetch::Follow(references) => {
                        connector.call_follow_payments(store, &request, &references).await?.plain().map(Page::Payments)
                    }
                })
            }
            .boxed()
        });
        let Called { result, report } = self.call(outside, in_flight, state, run).await;
        let cut = |fetched: Fetched<Page>| Fetched { page: said::cut_gaps(fetched.page), ..fetched };
        Called { result: result.map(cut), report }
    }

    async fn call<P: Product>(
        &self,
        outside: &Outside,
        in_flight: u32,
        state: Option<Vec<u8>>,
        run: Run<Result<P, Error>>,
    ) -> Called<Fetched<P>> {
        let gateway = Gateway::new(outside.clone(), self.limits, in_flight);
        let _running = self.pulse.run();
        let guest = Guest::new(gateway.clone(), &self.limits, self.ambient, state);
        let output = guest.output.clone();
        let mut store = self.store(guest);
        let ended = {
            let instance = async {
                let connector = self.pre.instantiate_async(&mut store).await?;
                run(&mut store, &connector).await
            };
            in_time(&gateway, self.limits.call, instance).await
        };
        let fuel = store.get_fuel().ok().map(|left| FUEL - left);
        let guest = store.into_data();
        search(&gateway, &guest, &output.text(), &ended);
        let incidents = gateway.incidents();
        let report = Report {
            requests: incidents.requests,
            host_calls: incidents.host_calls,
            refused: incidents.refused.clone(),
            memory: guest.memory.linear,
            fuel,
            answered: incidents.answered,
            answers: incidents.answers.clone(),
            log: guest.log,
            output: output.text(),
        };
        let result = match (ended, &incidents.exceeded) {
            // Before all else: whatever a component does after it tried, it tried, and such a call is never made again.
            _ if !incidents.refused.is_empty() => Err(CallError::Refused(incidents.refused.clone())),
            (Err(_), None) if let Some(answers) = incidents.slow => {
                Err(CallError::Slow { limit: self.limits.call, answers })
            }
            (_, Some(exceeded)) => Err(CallError::Exceeded(exceeded.clone())),
            (Ok(Ok(page)), None) => Ok(Fetched { page, state: guest.state_set.then_some(guest.state).flatten() }),
            (Ok(Err(error)), None) => {
                Err(CallError::Connector { error: said::cut(error), failure: incidents.failure.clone() })
            }
            // wasmtime has no type for this error, so its text has to tell; a test holds it to that.
            (Err(error), None) if format!("{error:#}").contains("fuel allocated for hostcalls") => {
                Err(CallError::Exceeded(Exceeded::Copied(self.limits.copied)))
            }
            (Err(error), None) => {
                Err(CallError::Trap(TrapReport::new(&error, &report.output, incidents.in_flight.clone())))
            }
        };
        Called { result, report }
    }

    fn store(&self, guest: Guest) -> Store<Guest> {
        let mut store = Store::new(&self.engine, guest);
        store.limiter(|guest| &mut guest.memory);
        store.set_hostcall_fuel(self.limits.copied);
        store.set_max_component_handles(1_000);
        store.set_epoch_deadline(1);
        // Fails where the engine does not meter, and then there is nothing to set.
        store.set_fuel(FUEL).ok();
        let cpu = self.limits.cpu;
        // Each tick that finds the guest computing counts; ticks during which it waits for the host find nobody.
        let budget = u64::try_from(cpu.as_millis() / TICK.as_millis()).unwrap_or(u64::MAX);
        store.epoch_deadline_callback(move |mut context: StoreContextMut<'_, Guest>| {
            let guest = context.data_mut();
            guest.ticks += 1;
            if guest.ticks > budget {
                guest.gateway.exceed(Exceeded::Cpu(cpu));
                return Ok(UpdateDeadline::Interrupt);
            }
            Ok(UpdateDeadline::Yield(1))
        });
        store
    }
}

/// Looks for secrets in everything that a call produced besides requests. A line of its log was searched as it came.
fn search<P: Product>(gateway: &Gateway, guest: &Guest, output: &str, ended: &wasmtime::Result<Result<P, Error>>) {
    let secrets = gateway.secrets();
    let search = |place, text: &[u8]| _ = gateway.search(&secrets, place, text);
    if guest.state_set {
        search(Place::State, guest.state.as_deref().unwrap_or_default());
    }
    search(Place::Log, output.as_bytes());
    match ended {
        Ok(Ok(page)) => page.each_text(&mut |_, _, text| search(Place::Page, text.as_bytes())),
        Ok(Err(error)) => error.each_text(&mut |_, _, text| search(Place::Error, text.as_bytes())),
        Err(_) => {}
    }
}

/// For calls that have nothing to reach: no origin is allowed.
fn nowhere() -> Outside {
    struct Nobody;
    impl Transport for Nobody {
        fn send(&self, _: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
            std::future::ready(Err(TransportError::Address("there is nothing to reach".into()))).boxed()
        }
    }
    Outside {
        transport: Arc::new(Nobody),
        policy: Arc::new(EgressPolicy::default()),
        keyring: Arc::new(Keyring::default()),
        limiter: Arc::new(RateLimiter::default()),
        clock: Arc::new(SystemClock),
        stop: Stop::default(),
        tally: Arc::default(),
    }
}

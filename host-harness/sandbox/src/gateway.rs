//! Where a guest's requests leave the sandbox: checked, counted, limited, and the answers capped.
//!
//! A guest can swallow the error it gets for a refused request. So whatever is refused or exceeded here is also written
//! into the call's [`Incidents`], and the call fails however the guest ends it.

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::StatusCode;
use http::header::{CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, TRANSFER_ENCODING};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use url::Url;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

use super::answers::Answers;
use super::held::Held;
use super::limits::{Exceeded, Limits};
use super::spans::Spans;
use super::tally::Tally;
use outside::authority::{Keyring, TokenError};
use outside::clock::Clock;
use outside::egress::{self, EgressPolicy, Incident, Origin, Place, Refusal, RefusalKind, headers};
use outside::rate_limit::{Pass, RateLimiter, Withheld, retry_after};
use outside::secrets::Secrets;
use outside::stop::Stop;
use outside::transport::{Phase, Request, Response, Transport, TransportError};

/// Requests of one call that are under way at once, whatever its connector says. What each waits for may be as large as
/// [`Limits::response`].
pub const MOST_IN_FLIGHT: u32 = 24;

/// Everything outside the sandbox that the calls of one install share.
#[derive(Clone)]
pub struct Outside {
    /// What answers the requests.
    pub transport: Arc<dyn Transport>,
    /// Which requests may leave.
    pub policy: Arc<EgressPolicy>,
    /// The secrets that must not be in what a connector produces.
    pub keyring: Arc<Keyring>,
    /// The provider's rate limits.
    pub limiter: Arc<RateLimiter>,
    /// What waiting is measured on.
    pub clock: Arc<dyn Clock>,
    /// Ends every wait.
    pub stop: Stop,
    /// What the calls of one poll count together.
    pub tally: Arc<Tally>,
}

/// What happened at the gateway during one call.
#[derive(Debug, Default)]
pub struct Incidents {
    /// Requests made, the refused ones included.
    pub requests: u32,
    /// Calls to the host, as [`Limits::host_calls`] counts them.
    pub host_calls: u32,
    /// What the host refused.
    pub refused: Incident,
    /// The first limit that was exceeded.
    pub exceeded: Option<Exceeded>,
    /// Why the last request that failed had no answer.
    pub failure: Option<TransportError>,
    /// The request that is under way.
    pub in_flight: Option<String>,
    /// Bytes of the answers that the guest was given.
    pub answered: u64,
    /// The answers, as far as a page can be compared with them.
    pub answers: Option<Answers>,
    /// The call's time was up, and so long the provider had taken for its answers.
    pub slow: Option<Duration>,
}

/// The gateway of one call.
#[derive(Clone)]
pub(super) struct Gateway {
    outside: Outside,
    limits: Limits,
    incidents: Arc<Mutex<Incidents>>,
    in_flight: Arc<Semaphore>,
    held: Held,
    /// What is logged of requests belongs to the call, in whatever task it is.
    span: tracing::Span,
    /// While the host makes the call wait for its turn.
    pub(super) withheld: Spans,
    /// While the provider has not answered.
    pub(super) answering: Spans,
}

impl Gateway {
    /// For a call that may have so many requests under way at once; more than that wait.
    pub(super) fn new(outside: Outside, limits: Limits, in_flight: u32) -> Self {
        let in_flight = usize::try_from(in_flight.clamp(1, MOST_IN_FLIGHT)).unwrap_or(1);
        Self {
            outside,
            limits,
            incidents: Arc::new(Mutex::new(Incidents { answers: Some(Answers::default()), ..Incidents::default() })),
            in_flight: Arc::new(Semaphore::new(in_flight)),
            held: Held::default(),
            span: tracing::Span::current(),
            withheld: Spans::default(),
            answering: Spans::default(),
        }
    }

    pub(super) fn incidents(&self) -> MutexGuard<'_, Incidents> {
        self.incidents.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn exceed(&self, exceeded: Exceeded) {
        self.incidents().exceeded.get_or_insert(exceeded);
    }

    /// Counts a call to the host; false when it is one too many.
    pub(super) fn count_host_call(&self) -> bool {
        let made = {
            let mut incidents = self.incidents();
            incidents.host_calls = incidents.host_calls.saturating_add(1);
            incidents.host_calls
        };
        if made > self.limits.host_calls {
            self.exceed(Exceeded::HostCalls(self.limits.host_calls));
        }
        made <= self.limits.host_calls
    }

    /// Whether one more line of log is kept; `fits` is the call's own limit.
    pub(super) fn keeps_log_line(&self, fits: bool) -> bool {
        self.outside.tally.log_line(fits)
    }

    pub(super) async fn exchange(self, request: http::Request<WasiBody>) -> Result<http::Response<WasiBody>, Error> {
        let made = {
            let mut incidents = self.incidents();
            incidents.requests = incidents.requests.saturating_add(1);
            incidents.requests
        };
        if made > self.limits.requests {
            self.exceed(Exceeded::Requests(self.limits.requests));
            return Err(Error::HttpRequestDenied);
        }
        if !self.count_host_call() {
            return Err(Error::HttpRequestDenied);
        }
        let request = self.read(request).await?;
        let shown = egress::describe(&request);
        if let Err(refusal) = self.outside.policy.check(&request, &self.outside.keyring.secrets()) {
            return Err(self.refuse(refusal));
        }
        let Some(origin) = Origin::of(&request.url) else {
            return Err(self.refuse(Refusal::new(
                RefusalKind::Origin,
                request.method.as_str(),
                "",
                request.url.path(),
            )));
        };
        let waiting = self.withheld.begin();
        let Ok(_under_way) = self.in_flight.acquire().await else { return Err(self.fail(TransportError::Stopped)) };
        drop(waiting);
        let (pass, number) = match self.turn(&origin, request.url.path()).await {
            Ok(turn) => turn,
            Err(error) => return Err(self.fail(error)),
        };
        self.incidents().in_flight = Some(shown.clone());
        let started = std::time::Instant::now();
        let answering = self.answering.begin();
        // Others of the call may wait for this one, and their waiting is not the call's own time.
        let limit = self.limits.call;
        let sent = timeout(limit, self.outside.transport.send(request)).await;
        let answer = sent.unwrap_or(Err(TransportError::Timeout { phase: Phase::LastByte, limit }));
        drop(answering);
        let millis = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.heed(&answer, pass, number);
        if !self.count_host_call() {
            return Err(Error::HttpRequestDenied);
        }
        self.incidents().in_flight = None;
        match answer {
            Ok(response) => {
                let (status, bytes) = (response.status.as_u16(), response.body.len());
                tracing::info!(target: "harness::egress", parent: &self.span, number, request = shown, status, bytes, millis, "answered");
                self.take(response)
            }
            Err(error) => {
                // What it means for the stream is told by whoever made the call.
                tracing::info!(target: "harness::egress", parent: &self.span, number, request = shown, %error, millis, "no answer");
                Err(self.fail(error))
            }
        }
    }

    /// Waits until one more request may go out; gives its number in the poll.
    async fn turn(&self, origin: &Origin, path: &str) -> Result<(Pass<'_>, u64), TransportError> {
        let Outside { limiter, clock, stop, tally, .. } = &self.outside;
        let refused = || if tally.is_refused() { Err(TransportError::CredentialsRefused) } else { Ok(()) };
        refused()?;
        let waiting = self.withheld.begin();
        let left = tally.left(clock.monotonic());
        let pass = limiter.acquire(origin, path, &**clock, stop, left).await.map_err(|withheld| match withheld {
            Withheld::Closed { wait, refusals } => TransportError::Withheld { wait, refusals },
            Withheld::Declared { wait, limit } => {
                TransportError::Limited { wait, requests: limit.requests, window: limit.window }
            }
            Withheld::Stopped => TransportError::Stopped,
        })?;
        drop(waiting);
        refused()?;
        Ok((pass, tally.request()))
    }

    /// What an answer, also the one that should have brought a token, means for the requests after it, of this call and
    /// of others.
    fn heed(&self, answer: &Result<Response, TransportError>, pass: Pass<'_>, number: u64) {
        let clock = &*self.outside.clock;
        match answer {
            Ok(response) => {
                if response.status == StatusCode::UNAUTHORIZED {
                    self.outside.tally.unauthorized(number);
                }
                pass.answered(response.status, retry_after(&response.headers, clock.now()), clock);
            }
            Err(TransportError::Token { reason: TokenError::Status(status), pause, .. }) => {
                pass.answered(*status, *pause, clock);
            }
            Err(_) => {}
        }
    }

    /// The guest's request as the transports know it. The headers of the connection are the transport's to set.
    async fn read(&self, request: http::Request<WasiBody>) -> Result<Request, Error> {
        let (mut parts, body) = request.into_parts();
        let body = Limited::new(body, self.limits.request).collect().await.map_err(|error| {
            if error.is::<LengthLimitError>() {
                self.exceed(Exceeded::Request(self.limits.request));
                return Error::HttpRequestBodySize(None);
            }
            Error::InternalError(Some(error.to_string()))
        })?;
        for name in headers::DROPPED {
            parts.headers.remove(name);
        }
        let asked = parts.uri.to_string();
        let refuse = |kind| {
            let secrets = self.outside.keyring.secrets();
            let authority = parts.uri.authority().map_or("", http::uri::Authority::as_str);
            let shown = |text: &str| secrets.scrub_text(text);
            Refusal::new(kind, &shown(parts.method.as_str()), &shown(authority), &shown(parts.uri.path()))
        };
        let Ok(url) = Url::parse(&asked) else { return Err(self.refuse(refuse(RefusalKind::NotUrl))) };
        // A URL is sent as it was normalised. One whose path that changes was written to be read in two ways.
        if url.path() != parts.uri.path() && !(parts.uri.path().is_empty() && url.path() == "/") {
            return Err(self.refuse(refuse(RefusalKind::Path)));
        }
        Ok(Request { method: parts.method, url, headers: parts.headers, body: body.to_bytes() })
    }

    fn take(&self, response: Response) -> Result<http::Response<WasiBody>, Error> {
        if response.body.len() > self.limits.response {
            return Err(self.fail(TransportError::TooLarge { limit: self.limits.response }));
        }
        let bytes = u64::try_from(response.body.len()).unwrap_or(u64::MAX);
        {
            let mut incidents = self.incidents();
            incidents.answered = incidents.answered.saturating_add(bytes);
            if response.status.is_success() {
                incidents.answers = incidents.answers.take().and_then(|answers| answers.and(&response.body));
            }
        }
        let Some(body) = self.held.body(response.body, self.limits.held) else {
            self.exceed(Exceeded::Held(self.limits.held));
            return Err(Error::HttpResponseBodySize(None));
        };
        let mut answer = http::Response::new(body);
        *answer.status_mut() = response.status;
        // A value that is no text would make some HTTP libraries drop the whole answer.
        for (name, value) in response.headers.iter().filter(|(_, value)| value.to_str().is_ok()) {
            answer.headers_mut().append(name, value.clone());
        }
        for name in [CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING, CONTENT_ENCODING] {
            answer.headers_mut().remove(name);
        }
        Ok(answer)
    }

    fn refuse(&self, refusal: Refusal) -> Error {
        self.incidents().refused.add(refusal);
        Error::HttpRequestDenied
    }

    /// Keeps that the guest tried to reach the network by another way than HTTP.
    pub(super) fn refuse_socket(&self, tried: &str) {
        self.incidents().refused.add(Refusal::of_socket(tried));
    }

    /// The secrets that must not be in what the guest produces.
    pub(super) fn secrets(&self) -> Arc<Secrets> {
        self.outside.keyring.secrets()
    }

    /// Looks for secrets in what the guest produced besides requests; true when there is one, which is an incident.
    pub(super) fn search(&self, secrets: &Secrets, place: Place, produced: &[u8]) -> bool {
        let found = secrets.find_in(produced).is_some();
        if found {
            self.incidents().refused.add(Refusal::of_product(place));
        }
        found
    }

    fn fail(&self, error: TransportError) -> Error {
        let told = match &error {
            // What no connection is made to is for provider and operator to mend: it is no fault of the guest's.
            TransportError::Address(_) => Error::DestinationIpProhibited,
            TransportError::TooLarge { limit } => {
                self.exceed(Exceeded::Response(*limit));
                Error::HttpResponseBodySize(None)
            }
            TransportError::Resolve { reason, .. } => Error::DnsError { rcode: Some(reason.clone()), info_code: None },
            TransportError::Connect { .. } => Error::ConnectionRefused,
            TransportError::Tls { .. } => Error::TlsProtocolError,
            TransportError::Timeout { phase: Phase::Connect, .. } => Error::ConnectionTimeout,
            TransportError::Timeout { .. } => Error::ConnectionReadTimeout,
            TransportError::Interrupted(_) | TransportError::Encoded | TransportError::Token { .. } => {
                Error::HttpResponseIncomplete
            }
            TransportError::Withheld { .. }
            | TransportError::Limited { .. }
            | TransportError::CredentialsRefused
            | TransportError::Stopped => Error::ConnectionLimitReached,
            TransportError::NotRecorded(why) | TransportError::Credentials(why) => {
                Error::InternalError(Some(why.clone()))
            }
        };
        self.incidents().failure = Some(error);
        told
    }
}

/// Tells the guest how the request ended: a host that reads the body whole has nothing to add.
type Sent = Result<(http::Response<WasiBody>, Box<dyn Future<Output = Result<(), Error>> + Send>), Error>;

impl WasiHttpHooks for Gateway {
    // Every scheme is the policy's to judge, so that a refusal is reported.
    fn is_supported_scheme(&mut self, _: &http::uri::Scheme) -> bool {
        true
    }

    fn set_host_header(&mut self) -> bool {
        false
    }

    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        _options: Option<RequestOptions>,
        _read: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Box<dyn Future<Output = Sent> + Send> {
        let gateway = self.clone();
        Box::new(async move {
            let response = gateway.exchange(request).await?;
            let done: Box<dyn Future<Output = Result<(), Error>> + Send> = Box::new(std::future::ready(Ok(())));
            Ok((response, done))
        })
    }
}

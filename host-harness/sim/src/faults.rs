//! What can go wrong between a provider and its caller, and when it does.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use outside::transport::{Request, Response};

/// A test of a request and its number.
type Test = Box<dyn Fn(u64, &Request) -> bool + Send>;
/// A change to an answer.
type Change = Arc<dyn Fn(&mut Response) + Send + Sync>;

/// Which requests a fault hits, and how often. Numbers start at 1.
pub struct On {
    test: Test,
    left: Option<u64>,
}

impl On {
    /// Request number `number`, counted from 1.
    #[must_use]
    pub fn request(number: u64) -> Self {
        Self { test: Box::new(move |seen, _| seen == number), left: None }
    }

    /// Every request.
    #[must_use]
    pub fn any() -> Self {
        Self { test: Box::new(|_, _| true), left: None }
    }

    /// Every request from number `number` on.
    #[must_use]
    pub fn since(number: u64) -> Self {
        Self { test: Box::new(move |seen, _| seen >= number), left: None }
    }

    /// Every request with exactly this path.
    #[must_use]
    pub fn path(path: impl Into<String>) -> Self {
        let path = path.into();
        Self::matching(move |request| request.url.path() == path)
    }

    /// Every request of which `test` is true.
    #[must_use]
    pub fn matching(test: impl Fn(&Request) -> bool + Send + 'static) -> Self {
        Self { test: Box::new(move |_, request| test(request)), left: None }
    }

    /// Only the first of them.
    #[must_use]
    pub fn once(self) -> Self {
        self.times(1)
    }

    /// Only the first `count` of them.
    #[must_use]
    pub fn times(mut self, count: u64) -> Self {
        self.left = Some(count);
        self
    }

    /// Whether this request is hit; uses up one of the times.
    pub(super) fn hits(&mut self, number: u64, request: &Request) -> bool {
        if self.left == Some(0) || !(self.test)(number, request) {
            return false;
        }
        self.left = self.left.map(|left| left - 1);
        true
    }
}

impl fmt::Debug for On {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("On").field("left", &self.left).finish_non_exhaustive()
    }
}

/// How an exchange breaks below HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// The connection is refused. On a loopback server, which has accepted by then, a reset.
    Refused,
    /// The connection is reset before an answer.
    Reset,
    /// No byte of an answer ever comes.
    Stalled,
    /// Half of the body comes, then the connection closes.
    HalfBody,
    /// Half of the body comes, then nothing more.
    StalledBody,
    /// The body never ends. In process, where a body is whole, it has this many bytes.
    Endless(usize),
}

/// Something that goes wrong with one exchange. Several on one request add up: delays sum, changes apply in order, and
/// of several answers or breaks the last one counts.
#[derive(Clone)]
pub enum Fault {
    /// This answer; the provider is not asked.
    Answer(Response),
    /// The provider's answer, changed.
    Change(Change),
    /// The answer takes this long on the virtual clock; beyond the limit for the first byte it never comes.
    Delay(Duration),
    /// The exchange breaks below HTTP.
    Break(Broken),
}

impl Fault {
    /// An answer with this status and no body. Anything that is not a status becomes 500.
    #[must_use]
    pub fn status(status: u16) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self::Answer(Response { status, headers: HeaderMap::new(), body: Bytes::new() })
    }

    /// The same answer with a header. For [`Fault::Answer`] only; a name or value that is none is left out.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        if let Self::Answer(response) = &mut self
            && let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value))
        {
            response.headers.append(name, value);
        }
        self
    }

    /// The same answer with a body. For [`Fault::Answer`] only.
    #[must_use]
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        if let Self::Answer(response) = &mut self {
            response.body = body.into();
        }
        self
    }

    /// The provider's answer with another body, made from its own.
    #[must_use]
    pub fn change_body(change: impl Fn(Bytes) -> Bytes + Send + Sync + 'static) -> Self {
        Self::change(move |response| response.body = change(std::mem::take(&mut response.body)))
    }

    /// The provider's answer, changed in any way.
    #[must_use]
    pub fn change(change: impl Fn(&mut Response) + Send + Sync + 'static) -> Self {
        Self::Change(Arc::new(change))
    }

    /// The first `length` bytes of the body, as if they were all of it.
    #[must_use]
    pub fn truncate(length: usize) -> Self {
        Self::change_body(move |body| body.slice(..length.min(body.len())))
    }

    /// The page of HTML that a login wall or a proxy puts in place of the answer, with status 200.
    #[must_use]
    pub fn html() -> Self {
        Self::status(200)
            .header("content-type", "text/html; charset=utf-8")
            .body("<!DOCTYPE html><html><head><title>Sign in</title></head><body>Sign in to continue</body></html>")
    }

    /// The provider's answer with white space after it, up to `size` bytes: still correct JSON, only too large.
    #[must_use]
    pub fn oversized(size: usize) -> Self {
        Self::change_body(move |body| pad(&body, size))
    }

    /// The answer takes this long on the virtual clock.
    #[must_use]
    pub fn delay(duration: Duration) -> Self {
        Self::Delay(duration)
    }

    /// What the log calls it.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Answer(_) => "answer",
            Self::Change(_) => "change",
            Self::Delay(_) => "delay",
            Self::Break(Broken::Refused) => "refused",
            Self::Break(Broken::Reset) => "reset",
            Self::Break(Broken::Stalled) => "stalled",
            Self::Break(Broken::HalfBody) => "half-body",
            Self::Break(Broken::StalledBody) => "stalled-body",
            Self::Break(Broken::Endless(_)) => "endless",
        }
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// `body` and spaces, `size` bytes at least.
pub(super) fn pad(body: &Bytes, size: usize) -> Bytes {
    let mut long = body.to_vec();
    long.resize(size.max(long.len()), b' ');
    long.into()
}

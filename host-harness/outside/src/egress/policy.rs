//! Holds each request against what was granted.

use std::net::IpAddr;

use url::Url;

use super::headers::ALLOWED;
use super::pattern::{Pattern, is_plain_path};
use super::spelling::is_same_to_some;
use super::{Origin, OriginError, is_private};
use crate::secrets::Secrets;
use crate::transport::Request;
use model::refusal::{Place, Refusal, RefusalKind};

/// What the operator wrote into a `url` field of the config.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// The field.
    pub field: String,
    /// Where requests go.
    pub origin: Origin,
    /// The path that they go below, without a slash at its end: `/api/1.0`, or nothing.
    pub base: String,
}

impl Endpoint {
    /// The first of `endpoints` that is not on this machine, as text.
    #[must_use]
    pub fn elsewhere(endpoints: &[Self]) -> Option<String> {
        endpoints.iter().find(|endpoint| !endpoint.origin.is_loopback()).map(ToString::to_string)
    }

    /// Reads the value of a `url` field.
    ///
    /// # Errors
    /// [`OriginError`]: requests must not go there, whatever the config says.
    pub fn parse(field: &str, text: &str) -> Result<Self, OriginError> {
        let origin = Origin::parse(text)?;
        let url = Url::parse(text.trim()).map_err(|error| OriginError::NotUrl(error.to_string()))?;
        if url.query().is_some() || url.fragment().is_some() {
            return Err(OriginError::NotBase);
        }
        let base = url.path().trim_end_matches('/');
        if !base.is_empty() && !is_plain_path(base) {
            return Err(OriginError::NotBase);
        }
        Ok(Self { field: field.to_owned(), origin, base: base.to_owned() })
    }

    /// The path of `url` below this one's, from its first slash.
    fn below<'u>(&self, origin: &Origin, url: &'u Url) -> Option<&'u str> {
        url.path().strip_prefix(&*self.base).filter(|below| below.starts_with('/') && self.origin == *origin)
    }
}

/// As the operator wrote it, normalised.
impl std::fmt::Display for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}", self.origin, self.base)
    }
}

/// Addresses that are not public, and may be connected to all the same.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reach {
    /// `localhost`, `127.0.0.0/8` and `[::1]`, by those names.
    pub loopback: bool,
    /// Addresses of private networks, where a URL spells them out. No name may lead to one.
    pub addresses: Vec<IpAddr>,
    /// Private networks by whatever name: for a host that the operator names himself, and no component.
    pub private: bool,
}

/// What one install may ask for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EgressPolicy {
    endpoints: Vec<Endpoint>,
    requests: Vec<Pattern>,
    headers: Vec<String>,
    token_requests: Vec<(String, String)>,
}

impl EgressPolicy {
    /// Allows `requests` towards `endpoints`, with `headers` besides those of every connector. No endpoint, or no
    /// request, allows nothing.
    #[must_use]
    pub fn new(endpoints: Vec<Endpoint>, requests: Vec<Pattern>, headers: Vec<String>) -> Self {
        Self { endpoints, requests, headers, token_requests: Vec::new() }
    }

    /// Refuses requests to the paths at which the host gets tokens, whatever pattern they match: pairs of a `url` field
    /// and a path below it.
    #[must_use]
    pub fn without(mut self, token_requests: Vec<(String, String)>) -> Self {
        self.token_requests = token_requests;
        self
    }

    /// The endpoints, in the order of the manifest.
    #[must_use]
    pub fn endpoints(&self) -> &[Endpoint] {
        &self.endpoints
    }

    /// The origins, in the order of the manifest.
    pub fn origins(&self) -> impl Iterator<Item = &Origin> {
        self.endpoints.iter().map(|endpoint| &endpoint.origin)
    }

    /// Which addresses that are not public it may lead to: those that the operator wrote.
    #[must_use]
    pub fn reach(&self) -> Reach {
        let special = self.origins().filter_map(Origin::address).filter(|address| is_private(*address));
        let loopback = self.origins().any(Origin::is_loopback);
        Reach { loopback, addresses: special.collect(), private: false }
    }

    /// The request patterns.
    #[must_use]
    pub fn requests(&self) -> &[Pattern] {
        &self.requests
    }

    /// Whether `request` may leave. Looks at no address: a name is checked again where it is resolved.
    ///
    /// # Errors
    /// [`Refusal`], without the query and without a secret.
    pub fn check(&self, request: &Request, secrets: &Secrets) -> Result<(), Refusal> {
        let Some(kind) = self.broken(request, secrets) else { return Ok(()) };
        let origin = Origin::of(&request.url).map_or_else(|| request.url.scheme().to_owned(), |o| o.to_string());
        let path = secrets.scrub_text(request.url.path());
        Err(Refusal::new(kind, &secrets.scrub_text(request.method.as_str()), &secrets.scrub_text(&origin), &path))
    }

    fn broken(&self, request: &Request, secrets: &Secrets) -> Option<RefusalKind> {
        let url = &request.url;
        let produced = |place, text: &[u8]| secrets.find_in(text).map(|_| RefusalKind::Secret(place));
        // First, so that nobody mistakes the user name of `https://api.example.com@evil.example` for the host.
        if !url.username().is_empty() || url.password().is_some() {
            return Some(RefusalKind::UserInfo);
        }
        self.broken_url(request)
            .or_else(|| url.fragment().map(|_| RefusalKind::Fragment))
            .or_else(|| self.broken_header(request))
            .or_else(|| produced(Place::Url, url.as_str().as_bytes()))
            .or_else(|| request.headers.values().find_map(|value| produced(Place::Header, value.as_bytes())))
            .or_else(|| produced(Place::Body, &request.body))
    }

    fn broken_url(&self, request: &Request) -> Option<RefusalKind> {
        let url = &request.url;
        let Some(origin) = Origin::of(url).filter(|origin| self.origins().any(|allowed| allowed == origin)) else {
            return Some(RefusalKind::Origin);
        };
        if !is_plain_path(url.path()) {
            return Some(RefusalKind::Path);
        }
        let is_token = |(field, path): &(String, String)| {
            let endpoints = self.endpoints.iter().filter(|endpoint| endpoint.field == *field);
            endpoints.filter_map(|endpoint| endpoint.below(&origin, url)).any(|below| is_same_to_some(below, path))
        };
        if self.token_requests.iter().any(is_token) {
            return Some(RefusalKind::TokenRequest);
        }
        let is_of = |pattern: &&Pattern| {
            let endpoints = self.endpoints.iter().filter(|endpoint| endpoint.field == pattern.to());
            endpoints.filter_map(|endpoint| endpoint.below(&origin, url)).any(|below| pattern.is_path(below))
        };
        let mut granted = self.requests.iter().filter(is_of).peekable();
        if granted.peek().is_none() {
            return Some(RefusalKind::Path);
        }
        granted.all(|pattern| *pattern.method() != request.method).then_some(RefusalKind::Method)
    }

    fn broken_header(&self, request: &Request) -> Option<RefusalKind> {
        let granted = |name: &str| ALLOWED.contains(&name) || self.headers.iter().any(|header| header == name);
        let refused = request.headers.keys().find(|name| !granted(name.as_str()))?;
        Some(RefusalKind::Header(refused.as_str().chars().take(60).collect()))
    }
}

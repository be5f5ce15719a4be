//! The network.
//!
//! A request has passed the egress policy by its text when it comes here. This transport sees to what only the network
//! knows: the addresses a name resolves to, and how long and how large an answer gets.
//!
//! | rule | how |
//! |---|---|
//! | no connection to an address that is not public | the resolver drops them, so that the connection goes to the very addresses that were checked (no rebinding); addresses in URLs, which are not resolved, are checked before |
//! | loopback only for a host that says so | `localhost`, `127.0.0.0/8` and `[::1]` if [`LiveTransport::new`] allows loopback; no other name may resolve to it |
//! | no redirects, cookies, proxies of the environment, decompression | not configured; the connector sees what the server says |
//! | TLS 1.2 and 1.3 by rustls with ring | the system's roots, so also those of a company; read once for all transports of the process |
//! | HTTP/1.1 with keep-alive | |
//! | headers of the connection (RFC 9110 §7.6.1) and `host` are the host's own | those of the connector are dropped, so that it cannot address another site at the same server |
//!
//! Nothing is tried again here: whether a request may be repeated is the caller's to know.

mod error;
mod resolve;
mod tls;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use http::HeaderMap;
use http::header::{CONNECTION, CONTENT_LENGTH, HOST, HeaderName, TE, TRAILER, TRANSFER_ENCODING, UPGRADE};
pub use resolve::{Lookup, SystemLookup};
pub use tls::prepare;
use tokio::time::timeout;

use super::{Phase, Request, Response, Transport, TransportError};
use crate::egress::{Origin, Reach, is_private, special_range};

/// How long and how large. Every phase has a limit of its own, so that a text can say which was exceeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LiveLimits {
    /// For resolving, TCP and TLS together.
    pub connect: Duration,
    /// From the connection to the end of the answer's headers.
    pub first_byte: Duration,
    /// Between two reads of the body.
    pub idle: Duration,
    /// The largest body.
    pub max_response_bytes: usize,
    /// The largest sum of header names and values. Beyond 100 fields or some 400 kB an answer counts as broken.
    pub max_header_bytes: usize,
}

impl Default for LiveLimits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            first_byte: Duration::from_secs(30),
            idle: Duration::from_secs(20),
            max_response_bytes: 16 << 20,
            max_header_bytes: 64 << 10,
        }
    }
}

/// The transport that goes out. Cheap to clone; clones share the connections.
#[derive(Debug, Clone)]
pub struct LiveTransport {
    client: reqwest::Client,
    reach: Reach,
    limits: LiveLimits,
}

/// The HTTP client does not come up, e.g. since the system has no usable root certificates.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot set up the HTTP client: {0}")]
pub struct SetupError(String);

impl LiveTransport {
    /// A transport that resolves names as the system does, and connects to public addresses, and to those that the
    /// operator wrote: [`EgressPolicy::reach`](crate::egress::EgressPolicy::reach).
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(reach: Reach, limits: LiveLimits) -> Result<Self, SetupError> {
        Self::with_lookup(reach, limits, Arc::new(SystemLookup))
    }

    /// As [`Self::new`], with another way to resolve names. What it says is checked all the same.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn with_lookup(reach: Reach, limits: LiveLimits, lookup: Arc<dyn Lookup>) -> Result<Self, SetupError> {
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls::config()?)
            .dns_resolver(resolve::Checked { lookup, reach: reach.clone() })
            .connect_timeout(limits.connect)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .no_proxy()
            .no_gzip()
            .no_brotli()
            .no_deflate()
            .no_zstd()
            .http1_only()
            .pool_idle_timeout(Duration::from_mins(1))
            .pool_max_idle_per_host(32)
            .build()
            .map_err(|error| SetupError(error::chain(&error)))?;
        Ok(Self { client, reach, limits })
    }

    /// The same, over the same connections, for answers of another size.
    #[must_use]
    pub fn within(&self, max_response_bytes: usize) -> Self {
        Self { limits: LiveLimits { max_response_bytes, ..self.limits }, ..self.clone() }
    }

    async fn exchange(&self, request: Request) -> Result<Response, TransportError> {
        let origin = Origin::of(&request.url)
            .filter(|origin| matches!(origin.scheme(), "http" | "https"))
            .ok_or_else(|| TransportError::Address(format!("`{}` is no scheme of HTTP", request.url.scheme())))?;
        if let Some(address) = origin.address().filter(|address| !self.reach.addresses.contains(address)) {
            permitted(address, origin.is_loopback(), &self.reach)
                .map_err(|range| TransportError::Address(not_public(&origin.host(), &[(address, range)])))?;
        }
        // Whatever the policy above has let pass, nothing leaves this machine unencrypted.
        if origin.scheme() == "http" && !(self.reach.loopback && origin.is_loopback()) {
            return Err(TransportError::Address(format!("{origin} is not https, and not an allowed loopback origin")));
        }
        let server = format!("{}:{}", origin.host(), origin.port());

        let outgoing = self
            .client
            .request(request.method, request.url)
            .headers(end_to_end(request.headers))
            .body(request.body)
            .build()
            .map_err(|error| error::classify(error, &server, &self.limits))?;
        // The client cuts the connection off by itself, and keeps quiet about when the connection was there.
        let patience = self.limits.connect.saturating_add(self.limits.first_byte);
        let mut incoming = timeout(patience, self.client.execute(outgoing))
            .await
            .map_err(|_| TransportError::Timeout { phase: Phase::FirstByte, limit: patience })?
            .map_err(|error| error::classify(error, &server, &self.limits))?;

        let headers = std::mem::take(incoming.headers_mut());
        let limit = self.limits.max_header_bytes;
        if headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum::<usize>() > limit {
            return Err(TransportError::TooLarge { limit });
        }
        let status = incoming.status();
        let body = self.body(incoming, &server).await?;
        Ok(Response { status, headers, body })
    }

    async fn body(&self, mut incoming: reqwest::Response, server: &str) -> Result<Bytes, TransportError> {
        let limit = self.limits.max_response_bytes;
        let mut body = BytesMut::new();
        loop {
            let chunk = timeout(self.limits.idle, incoming.chunk())
                .await
                .map_err(|_| TransportError::Timeout { phase: Phase::NextBytes, limit: self.limits.idle })?
                .map_err(|error| error::classify(error, server, &self.limits))?;
            match chunk {
                // Counted as it comes: the length that the server announces is the server's word.
                Some(chunk) if body.len() + chunk.len() > limit => return Err(TransportError::TooLarge { limit }),
                Some(chunk) => body.extend_from_slice(&chunk),
                None => return Ok(body.freeze()),
            }
        }
    }
}

impl Transport for LiveTransport {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        self.exchange(request).boxed()
    }
}

/// A client for what the host itself sends to where its operator said: nothing of a connector's, and no redirects.
///
/// # Errors
/// When TLS cannot be set up.
pub fn plain_client(patience: Duration) -> Result<reqwest::Client, SetupError> {
    let builder = reqwest::Client::builder().tls_backend_preconfigured(tls::config()?).timeout(patience);
    let built = builder.redirect(reqwest::redirect::Policy::none()).no_proxy().http1_only().build();
    built.map_err(|error| SetupError(error::chain(&error)))
}

/// Whether a connection to `address` may be made, for a host that `is_loopback` by its text; the range if not.
fn permitted(address: IpAddr, is_loopback: bool, reach: &Reach) -> Result<(), &'static str> {
    match (special_range(address), is_loopback) {
        (None, false) => Ok(()),
        (None, true) => Err("public, though the name means this machine"),
        (Some(_), true) if reach.loopback && address.is_loopback() => Ok(()),
        (Some(_), false) if reach.private && is_private(address) => Ok(()),
        (Some(range), _) => Err(range),
    }
}

/// Says that none of the addresses of `host` may be connected to, and what to do about it.
fn not_public(host: &str, addresses: &[(IpAddr, &'static str)]) -> String {
    let list: Vec<String> = addresses.iter().map(|(address, range)| format!("{address} ({range})")).collect();
    format!(
        "{host} has no public address, only {}; the config has to name a host on the public internet, \
         or for tests http://127.0.0.1, http://[::1] or http://localhost",
        list.join(", ")
    )
}

fn end_to_end(mut headers: HeaderMap) -> HeaderMap {
    let listed: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    let fixed = [HOST, CONNECTION, CONTENT_LENGTH, TE, TRAILER, TRANSFER_ENCODING, UPGRADE];
    for name in listed.into_iter().chain(fixed) {
        headers.remove(name);
    }
    for name in ["keep-alive", "proxy-connection", "proxy-authorization", "expect", "http2-settings"] {
        headers.remove(name);
    }
    headers
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
mod tests;

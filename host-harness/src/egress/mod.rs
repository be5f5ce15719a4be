//! Where requests may go: to the origins that the config names, and nowhere else.
//!
//! Two layers. [`EgressPolicy::check`] compares the URL of a request with the origins of the config's `url` fields.
//! [`special_range`] then tells the live transport which of the addresses that a name resolves to it must not connect
//! to. Neither knows wildcards: a connector talks to one provider.
//!
//! | config field | requests allowed | refused at load |
//! |---|---|---|
//! | `https://api.example.com/v2` | `https://api.example.com/…`, `https://API.example.com.:443/…` | |
//! | `https://api.example.com:8443` | `https://api.example.com:8443/…` | |
//! | `http://127.0.0.1:8080`, `http://[::1]:8080`, `http://localhost:8080` | the same origin | |
//! | `https://9.9.9.9` | `https://9.9.9.9/…`, `https://0x9090909/…` | |
//! | `http://api.example.com` | | not https, and not loopback |
//! | `https://10.0.0.1`, `https://[::ffff:127.0.0.1]` | | the address is not public |
//! | `https://user:pass@api.example.com`, `ftp://…`, `/v2` | | userinfo, other schemes, no host |
//!
//! Path and query of a config field say nothing about which paths are allowed. A request with userinfo or a fragment
//! is refused even if its origin is right: neither has a meaning in a request, and both have a history of making a URL
//! look like another (RFC 3986 §7.6).

mod address;

use std::fmt;
use std::net::IpAddr;

pub use address::{is_public, special_range};
use url::{Host, Url};

use crate::secrets::mentions_placeholder;
use crate::transport::Request;

/// Scheme, host and port (RFC 6454), normalised so that equal origins compare equal.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Origin {
    scheme: String,
    host: Host<String>,
    port: u16,
}

/// Why the value of a `url` field names no origin that requests may go to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OriginError {
    /// Not an absolute URL with a host.
    #[error("is not an absolute URL: {0}")]
    NotUrl(String),
    /// Neither `https` nor `http`.
    #[error("has the scheme `{0}`; only https is allowed, and http towards loopback")]
    Scheme(String),
    /// `http` towards a host that is not loopback.
    #[error("is http towards `{0}`; use https (http is allowed only towards 127.0.0.0/8, [::1] and localhost)")]
    PlainHttp(String),
    /// `user:password@` before the host.
    #[error("has a user name or password before the host; put credentials into a field for secrets")]
    UserInfo,
    /// An IP address that is not of the public internet.
    #[error("names {address}, which is not a public address: {range}")]
    NotPublic {
        /// The address.
        address: IpAddr,
        /// What it is instead.
        range: &'static str,
    },
}

impl Origin {
    /// The origin of `url`, whatever its scheme, with nothing refused but a URL without a host or port.
    #[must_use]
    pub fn of(url: &Url) -> Option<Self> {
        let host = match url.host()? {
            // The root's dot makes another text of the same name (RFC 3986 §3.2.2). `Url` lower-cases http hosts.
            Host::Domain(name) => Host::Domain(name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()),
            Host::Ipv4(address) => Host::Ipv4(address),
            Host::Ipv6(address) => Host::Ipv6(address),
        };
        Some(Self { scheme: url.scheme().to_owned(), host, port: url.port_or_known_default()? })
    }

    /// The origin that the value of a config's `url` field allows. See the table of the module.
    ///
    /// # Errors
    /// When requests must not go there, whatever the config says.
    pub fn parse(text: &str) -> Result<Self, OriginError> {
        let url = Url::parse(text.trim()).map_err(|e| OriginError::NotUrl(e.to_string()))?;
        if !matches!(url.scheme(), "https" | "http") {
            return Err(OriginError::Scheme(url.scheme().to_owned()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(OriginError::UserInfo);
        }
        let origin = Self::of(&url).ok_or_else(|| OriginError::NotUrl("no host".to_owned()))?;
        if origin.is_loopback() {
            return Ok(origin);
        }
        if origin.scheme == "http" {
            return Err(OriginError::PlainHttp(origin.host.to_string()));
        }
        if let Some(address) = origin.address()
            && let Some(range) = special_range(address)
        {
            return Err(OriginError::NotPublic { address, range });
        }
        Ok(origin)
    }

    /// `http` or `https`.
    #[must_use]
    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    /// The host, with brackets if it is an IPv6 address.
    #[must_use]
    pub fn host(&self) -> String {
        self.host.to_string()
    }

    /// The port, also where it is the scheme's default.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// True for `127.0.0.0/8`, `[::1]` and `localhost`, by their text: nothing is resolved.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        match &self.host {
            Host::Domain(name) => is_localhost(name),
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => address.is_loopback(),
        }
    }

    /// The IP address, if the host is spelt as one.
    #[must_use]
    pub fn address(&self) -> Option<IpAddr> {
        match self.host {
            Host::Domain(_) => None,
            Host::Ipv4(address) => Some(address.into()),
            Host::Ipv6(address) => Some(address.into()),
        }
    }
}

/// `https://api.example.com`, `http://127.0.0.1:8080`: a default port is left out.
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.host)?;
        match (self.scheme.as_str(), self.port) {
            ("https", 443) | ("http", 80) => Ok(()),
            (_, port) => write!(f, ":{port}"),
        }
    }
}

/// True for the name that always means this machine (RFC 6761 §6.3), with or without the root's dot.
pub(crate) fn is_localhost(name: &str) -> bool {
    name.strip_suffix('.').unwrap_or(name).eq_ignore_ascii_case("localhost")
}

/// Why a request is not sent. The text names the request without its query string, the reason and the remedy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{request}: {reason}")]
pub struct Denied {
    /// Method, origin and path.
    pub request: String,
    /// Why, and what would have to change.
    pub reason: DeniedReason,
}

/// The rule that a refused request broke.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeniedReason {
    /// Another scheme, host or port.
    #[error("the config allows {allowed} only; {remedy}")]
    Origin {
        /// The origins of the config, with their fields.
        allowed: String,
        /// What would have to change.
        remedy: String,
    },
    /// `user:password@` before the host.
    #[error("the URL has a user name or password; put the placeholder of a secret into a header instead")]
    UserInfo,
    /// A `#` part.
    #[error("the URL has a fragment, which no server gets to see; escape `#` as %23 or leave it out")]
    Fragment,
    /// The placeholder of a secret where it would be logged, cached or stored.
    #[error("the placeholder of a secret is in the {0}; the host puts secrets into header values only")]
    Placeholder(&'static str),
}

/// The origins of one install's config, each with the field that names it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EgressPolicy(Vec<(String, Origin)>);

impl EgressPolicy {
    /// Allows `origins`, given with the names of their config fields. None allows nothing.
    pub fn from_origins<F: Into<String>>(origins: impl IntoIterator<Item = (F, Origin)>) -> Self {
        Self(origins.into_iter().map(|(field, origin)| (field.into(), origin)).collect())
    }

    /// The origins, in the order of the config.
    pub fn origins(&self) -> impl Iterator<Item = &Origin> {
        self.0.iter().map(|(_, origin)| origin)
    }

    /// True when the config names an origin on this machine, so that connections to loopback addresses make sense.
    #[must_use]
    pub fn allows_loopback(&self) -> bool {
        self.origins().any(Origin::is_loopback)
    }

    /// Whether `request` may leave. Looks at no address: a name is checked again where it is resolved.
    ///
    /// # Errors
    /// [`Denied`], with a text for the person who runs the connector.
    pub fn check(&self, request: &Request) -> Result<(), Denied> {
        self.reason(request).map_or(Ok(()), |reason| Err(Denied { request: describe(request), reason }))
    }

    fn reason(&self, request: &Request) -> Option<DeniedReason> {
        let url = &request.url;
        // First, so that nobody mistakes the user name of `https://api.example.com@evil.example` for the host.
        if !url.username().is_empty() || url.password().is_some() {
            return Some(DeniedReason::UserInfo);
        }
        let asked = Origin::of(url);
        if !asked.as_ref().is_some_and(|asked| self.origins().any(|allowed| allowed == asked)) {
            return Some(self.origin_reason(asked.as_ref(), url));
        }
        if url.fragment().is_some() {
            return Some(DeniedReason::Fragment);
        }
        if mentions_placeholder(url.as_str().as_bytes()) {
            return Some(DeniedReason::Placeholder("URL"));
        }
        mentions_placeholder(&request.body).then_some(DeniedReason::Placeholder("body"))
    }

    fn origin_reason(&self, asked: Option<&Origin>, url: &Url) -> DeniedReason {
        let allowed = match self.0.as_slice() {
            [] => "no origin, since it has no field of kind `url`,".to_owned(),
            some => some.iter().map(|(field, o)| format!("{o} (`{field}`)")).collect::<Vec<_>>().join(", "),
        };
        let remedy = match asked.map(|asked| Origin::parse(&asked.to_string())) {
            Some(Ok(origin)) => match self.0.as_slice() {
                [(field, _)] => format!("to allow this one, set `{field}` to {origin}"),
                _ => format!("to allow this one, a field of kind `url` has to name {origin}"),
            },
            Some(Err(error)) => format!("no config can allow this one: it {error}"),
            None => format!("no config can allow the scheme `{}`", url.scheme()),
        };
        DeniedReason::Origin { allowed, remedy }
    }
}

/// Method, origin and path: what may be shown of a request. Query, userinfo and fragment stay out.
#[must_use]
pub fn describe(request: &Request) -> String {
    let origin = Origin::of(&request.url).map_or_else(|| format!("{}:", request.url.scheme()), |o| o.to_string());
    format!("{} {origin}{}", request.method, request.url.path())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
mod tests;

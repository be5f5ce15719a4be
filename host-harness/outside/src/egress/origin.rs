//! The origins that a config names: scheme, host and port, and which of them requests may go to at all.
//!
//! | config field | origin | refused at load |
//! |---|---|---|
//! | `https://api.example.com/v2` | `https://api.example.com` | |
//! | `https://api.example.com:8443` | `https://api.example.com:8443` | |
//! | `http://127.0.0.1:8080`, `http://[::1]:8080`, `http://localhost:8080` | the same | |
//! | `https://9.9.9.9`, `https://10.0.0.1` | the same: the operator wrote the address | |
//! | `http://api.example.com` | | not https, and not loopback |
//! | `https://169.254.169.254`, `https://[::ffff:127.0.0.1]` | | the address is neither public nor of a private network |
//! | `https://user:pass@api.example.com`, `ftp://…`, `/v2` | | userinfo, other schemes, no host |

use std::fmt;
use std::net::IpAddr;

use url::{Host, Url};

use super::address::{is_private, special_range};

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
    /// A query, a fragment, or a path that servers read in more than one way.
    #[error(
        "has a query, a fragment, or a path with empty, dotted or encoded segments; expected scheme, host, port and at most a plain path"
    )]
    NotBase,
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
        // A network of the operator's own is theirs to name; nothing else that is not public is anybody's API.
        if let Some(address) = origin.address()
            && let Some(range) = special_range(address).filter(|_| !is_private(address))
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

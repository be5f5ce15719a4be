//! Names to addresses, less those that must not be connected to.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use reqwest::dns::{Name, Resolve, Resolving};

use super::error::io_words;
use super::{not_public, permitted};
use crate::egress::{Reach, is_localhost};

/// How names become addresses. What comes out is checked by the transport.
pub trait Lookup: Send + Sync {
    /// All addresses of `host`, in the order in which they should be tried.
    fn lookup(&self, host: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>>;
}

/// As the system resolves: hosts file, DNS and whatever else is set up.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemLookup;

impl Lookup for SystemLookup {
    fn lookup(&self, host: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        async move { Ok(tokio::net::lookup_host((host, 0)).await?.map(|address| address.ip()).collect()) }.boxed()
    }
}

/// A name that leads nowhere, or nowhere allowed. Found again in the chain of the client's errors.
#[derive(Debug, thiserror::Error)]
pub(super) enum ResolveError {
    #[error("{0}")]
    Denied(String),
    #[error("cannot find the address of {host}: {reason}")]
    Failed { host: String, reason: String },
}

pub(super) struct Checked {
    pub(super) lookup: Arc<dyn Lookup>,
    pub(super) reach: Reach,
}

impl Resolve for Checked {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().to_owned();
        let found = self.lookup.lookup(host.clone());
        let reach = self.reach.clone();
        async move {
            let failed = |error: io::Error| ResolveError::Failed { host: host.clone(), reason: io_words(&error) };
            let addresses = found.await.map_err(failed)?;
            Ok(checked(&host, &addresses, &reach)
                .map(|addresses| -> reqwest::dns::Addrs { Box::new(addresses.into_iter()) })?)
        }
        .boxed()
    }
}

/// Those of `addresses` that may be connected to. The port is put in by the client.
fn checked(host: &str, addresses: &[IpAddr], reach: &Reach) -> Result<Vec<SocketAddr>, ResolveError> {
    let mut allowed = Vec::new();
    let mut dropped = Vec::new();
    for address in addresses {
        match permitted(*address, is_localhost(host), reach) {
            Ok(()) => allowed.push(SocketAddr::new(*address, 0)),
            Err(range) => dropped.push((*address, range)),
        }
    }
    match (allowed.is_empty(), dropped.is_empty()) {
        (false, _) => Ok(allowed),
        (true, false) => Err(ResolveError::Denied(not_public(host, &dropped))),
        (true, true) => Err(ResolveError::Failed { host: host.to_owned(), reason: "it has no address".to_owned() }),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn check(host: &str, addresses: &[&str], allow_loopback: bool) -> Result<Vec<String>, String> {
        let addresses: Vec<IpAddr> = addresses.iter().map(|text| text.parse().expect(text)).collect();
        let reach = Reach { loopback: allow_loopback, ..Reach::default() };
        checked(host, &addresses, &reach)
            .map(|allowed| allowed.iter().map(|address| address.ip().to_string()).collect())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn only_public_addresses_are_left() {
        let mixed = ["10.0.0.1", "9.9.9.9", "::ffff:169.254.169.254", "2620:fe::fe", "127.0.0.1"];
        assert_eq!(check("api.example.com", &mixed, true), Ok(vec!["9.9.9.9".to_owned(), "2620:fe::fe".to_owned()]));
    }

    #[test]
    fn a_name_must_not_lead_to_this_machine_unless_it_is_localhost_and_allowed() {
        assert!(check("api.example.com", &["127.0.0.1"], true).is_err());
        assert!(check("localhost", &["127.0.0.1"], false).is_err());
        assert_eq!(check("LocalHost.", &["127.0.0.1", "::1"], true).map(|all| all.len()), Ok(2));
        assert!(check("localhost", &["9.9.9.9"], true).is_err());
        assert!(check("localhost", &["10.0.0.1"], true).is_err());
    }

    #[test]
    fn what_the_operator_names_himself_may_be_in_a_private_network_and_nowhere_else_that_is_not_public() {
        let reach = Reach { private: true, ..Reach::default() };
        let leads = |address: &str| checked("registry.example", &[address.parse().unwrap()], &reach).is_ok();
        assert!(["10.0.0.1", "fd00::1", "9.9.9.9"].into_iter().all(leads));
        assert!(!["127.0.0.1", "169.254.169.254", "::1"].into_iter().any(leads));
    }

    #[test]
    fn a_refusal_names_the_addresses_and_their_ranges() {
        let text = check("api.example.com", &["10.0.0.1", "fd00::1"], false).unwrap_err();
        assert!(text.contains("10.0.0.1 (private (RFC 1918))") && text.contains("fd00::1 (unique local"), "{text}");
        assert!(check("api.example.com", &[], false).unwrap_err().contains("no address"));
    }
}

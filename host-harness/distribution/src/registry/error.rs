//! Why a registry gives or takes nothing.

use http::StatusCode;
use outside::transport::TransportError;
use outside::transport::live::SetupError;

use crate::credentials::CredentialError;
use crate::digest::Digest;
use crate::reference::ReferenceError;

/// Why a registry gives or takes nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegistryError {
    /// The reference names no registry that is spoken with.
    #[error(transparent)]
    Reference(#[from] ReferenceError),
    /// A credential that is kept cannot be had.
    #[error(transparent)]
    Credential(#[from] CredentialError),
    /// The HTTP client does not come up.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// There is no answer.
    #[error("the registry {host} gives no answer: {reason}")]
    NoAnswer {
        /// The registry.
        host: String,
        /// Why.
        reason: TransportError,
    },
    /// There is nothing of this name.
    #[error("the registry {host} has no {what}")]
    NotFound {
        /// The registry.
        host: String,
        /// What was asked for.
        what: String,
    },
    /// It wants a credential, or another one.
    #[error("the registry {host} does not let this user at {what}; {}", if *.is_known {
        "the credential that docker keeps for it is not accepted: `docker login` writes another"
    } else {
        "docker keeps no credential for it: `docker login` writes one"
    })]
    Denied {
        /// The registry.
        host: String,
        /// What was asked for.
        what: String,
        /// Whether a credential is kept.
        is_known: bool,
    },
    /// It wants a credential to be sent to a place that must not have it.
    #[error("the registry {host} wants a token to be got at {realm}, which {reason}; nothing was sent there")]
    Realm {
        /// The registry.
        host: String,
        /// Where.
        realm: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// It gives no token.
    #[error("{realm}, where the registry {host} wants a token to be got, gives none: {reason}")]
    Token {
        /// The registry.
        host: String,
        /// Where.
        realm: String,
        /// Why.
        reason: String,
    },
    /// It sends on to another place.
    #[error("the registry {host} sends on to {to} for {what}, and that is not followed: {reason}")]
    Redirect {
        /// The registry.
        host: String,
        /// What was asked for.
        what: String,
        /// Where to, without its query.
        to: String,
        /// Why.
        reason: String,
    },
    /// It answers otherwise than a registry does.
    #[error("the registry {host} answered {status} for {what}{}", after_colon(.told))]
    Status {
        /// The registry.
        host: String,
        /// What was asked for.
        what: String,
        /// The status.
        status: StatusCode,
        /// What the registry says to that.
        told: String,
    },
    /// Something is larger than it may be.
    #[error("{what} is larger than {limit} bytes, which is the most that is taken")]
    TooLarge {
        /// What.
        what: String,
        /// The limit.
        limit: usize,
    },
    /// Fewer bytes came than were promised.
    #[error("{what} was cut short: {found} bytes came of {size}; try again")]
    Truncated {
        /// What.
        what: String,
        /// How many came.
        found: usize,
        /// How many there should be.
        size: u64,
    },
    /// Other bytes came than were asked for.
    #[error(
        "{what} has other bytes than its name says: they are {found}; the registry, or somebody on the way, changed them"
    )]
    Altered {
        /// What was asked for, by its digest.
        what: String,
        /// What came.
        found: Digest,
    },
    /// What came cannot be read.
    #[error("{what} is none: {reason}")]
    Malformed {
        /// What it should be.
        what: String,
        /// What is wrong with it.
        reason: String,
    },
}

fn after_colon(told: &str) -> String {
    if told.is_empty() { String::new() } else { format!(": {told}") }
}

//! Who has to act when a call failed. What a host does about a failure, repeat or not, and how a program ends because of
//! it, follow from this.

use super::{CallError, Exceeded};
use model::Error;
use outside::transport::TransportError;

/// Whose fault a failure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Blame {
    /// The connector: it broke the contract, a limit or itself. Only another version of it helps.
    Connector,
    /// The provider, or the way to it: it refuses, is down, slow or wrong. Another time may help.
    Provider,
    /// The operator: a config, an address. Only a change of it helps.
    Operator,
    /// This program and its machine: it was stopped, its store or its recording does not fit.
    Host,
}

impl CallError {
    /// Whose fault it is.
    #[must_use]
    pub fn blame(&self) -> Blame {
        match self {
            Self::Connector { error, failure } => failure.as_ref().and_then(of_transport).unwrap_or(of_error(error)),
            Self::Slow { .. } => Blame::Provider,
            Self::Exceeded(exceeded) => of_limit(exceeded),
            Self::Refused(_) | Self::Trap(_) | Self::Breach(_) => Blame::Connector,
        }
    }
}

/// Where the host knows better than the connector, which only sees that there was no answer.
fn of_transport(failure: &TransportError) -> Option<Blame> {
    match failure {
        TransportError::Address(_) | TransportError::Credentials(_) => Some(Blame::Operator),
        TransportError::Stopped | TransportError::NotRecorded(_) => Some(Blame::Host),
        TransportError::Withheld { .. }
        | TransportError::Limited { .. }
        | TransportError::CredentialsRefused
        | TransportError::Encoded
        | TransportError::Token { .. } => Some(Blame::Provider),
        TransportError::Resolve { .. }
        | TransportError::Connect { .. }
        | TransportError::Tls { .. }
        | TransportError::Timeout { .. }
        | TransportError::Interrupted(_)
        | TransportError::TooLarge { .. } => None,
    }
}

fn of_error(error: &Error) -> Blame {
    match error {
        Error::InvalidConfig(_) | Error::ActionRequired(_) => Blame::Operator,
        Error::InvalidState(_) | Error::InvalidParent(_) => Blame::Host,
        Error::Unsupported(_) => Blame::Connector,
        Error::Unauthorized(_)
        | Error::Forbidden(_)
        | Error::NotFound(_)
        | Error::RateLimited(_)
        | Error::Unavailable(_)
        | Error::MalformedResponse(_)
        | Error::UpstreamRejected(_)
        | Error::NoProgress(_)
        | Error::Other(_) => Blame::Provider,
    }
}

fn of_limit(exceeded: &Exceeded) -> Blame {
    match exceeded {
        // How large an answer is, is the provider's to say.
        Exceeded::Response(_) => Blame::Provider,
        Exceeded::Memory(_)
        | Exceeded::Cpu(_)
        | Exceeded::Call(_)
        | Exceeded::Requests(_)
        | Exceeded::Held(_)
        | Exceeded::Request(_)
        | Exceeded::Copied(_)
        | Exceeded::HostCalls(_)
        | Exceeded::State(_) => Blame::Connector,
    }
}

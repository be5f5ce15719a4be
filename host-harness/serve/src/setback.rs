//! What stands in the way of polls, in words, with the way out: told from the error itself, which has its kind still.

use engine::runner::{PollError, StreamError};
use engine::schedule::NotPolled;
use model::Error;
use sandbox::{Blame, CallError};

use crate::host::Unready;

/// Who acts, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Way {
    /// The operator gives credentials that the provider accepts.
    Credentials,
    /// The credentials get a right at the provider that they have not.
    Right,
    /// The operator corrects the config.
    Config,
    /// The operator lets the connector go on, having seen what it tried.
    Resume,
    /// The operator grants what it asks, in the policy.
    Policy,
    /// The operator adds the component, or takes the install away.
    Provider,
    /// The operator has it begin anew.
    Reset,
    /// Somebody does at the provider what the error says.
    AtProvider,
    /// Whoever made the connector corrects it.
    Maker,
    /// Whoever runs this server looks into its log.
    Host,
    /// Nobody: it is tried again.
    Waits,
}

/// What stands in the way.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Setback {
    /// The way out.
    pub(crate) way: Way,
    /// What happened.
    pub(crate) told: String,
}

impl Setback {
    /// Why nothing was polled.
    pub(crate) fn of_poll(error: &NotPolled) -> Self {
        let way = match error {
            NotPolled::Install(error) => error.downcast_ref().map_or(Way::Host, of_unready),
            NotPolled::Poll(error) => of_poll(error),
        };
        Self { way, told: error.to_string() }
    }

    /// Why a stream did not come to its end.
    pub(crate) fn of_stream(error: &StreamError) -> Self {
        let way = match error {
            StreamError::Call(error) => of_call(error),
            StreamError::Suspended(_) => Way::Resume,
            StreamError::CredentialsRefused => Way::Credentials,
            StreamError::NotBefore(_) | StreamError::Interrupted => Way::Waits,
            StreamError::Store(_) => Way::Host,
        };
        Self { way, told: error.to_string() }
    }
}

fn of_unready(error: &Unready) -> Way {
    match error {
        Unready::NotGranted => Way::Policy,
        Unready::NoProvider(_) | Unready::Gone | Unready::NoConfig | Unready::Components(_) => Way::Provider,
        Unready::Install(_) => Way::Config,
        Unready::Seal(_) | Unready::Store(_) | Unready::Network(_) => Way::Host,
    }
}

fn of_poll(error: &PollError) -> Way {
    match error {
        PollError::Suspended(_) => Way::Resume,
        PollError::Granted => Way::Policy,
        PollError::Keyring(_) | PollError::OtherSubject { .. } => Way::Credentials,
        PollError::Check(error) => of_call(error),
        PollError::Interrupted => Way::Waits,
        PollError::Store(_) => Way::Host,
    }
}

fn of_call(error: &CallError) -> Way {
    match error {
        CallError::Connector { error: Error::Unauthorized(_), .. } => Way::Credentials,
        CallError::Connector { error: Error::Forbidden(_), .. } => Way::Right,
        CallError::Connector { error: Error::InvalidConfig(_), .. } => Way::Config,
        CallError::Connector { error: Error::ActionRequired(_), .. } => Way::AtProvider,
        CallError::Connector { error: Error::InvalidState(_), .. } => Way::Reset,
        other => match other.blame() {
            Blame::Provider => Way::Waits,
            Blame::Operator => Way::Config,
            Blame::Connector => Way::Maker,
            Blame::Host => Way::Host,
        },
    }
}

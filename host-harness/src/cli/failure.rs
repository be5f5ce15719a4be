//! How a command fails: with a text that says what to do, and an exit code.

use std::fmt;
use std::io;
use std::process::ExitCode;

use distribution::components::ComponentsError;
use distribution::evidence::Refused;
use distribution::keys::KeyError;
use distribution::origin::{Lie, Older};
use distribution::publish::PublishError;
use distribution::reference::ReferenceError;
use distribution::registry::RegistryError;
use distribution::trust::TrustError;
use engine::install::InstallError;
use engine::runner::{PollError, PollSummary, StreamError};
use model::Error;
use outside::config::ConfigError;
use outside::har::HarError;
use outside::transport::live::SetupError;
use outside::transport::recording::RecordingError;
use sandbox::component::LoadError;
use sandbox::{Blame, CallError, CompileError, SandboxError};
use serve::ServeError;
use serve::offer::OfferError;
use store::StoreError;
use store::export::ExportError;

use super::interrupt::SignalError;
use super::open;
use super::polled::why_of_call;

/// A stream failed, or something outside did.
const FAILED: u8 = 1;
/// Usage or config: the operator has to act.
const USAGE: u8 = 2;
/// The component broke the contract or a limit.
const BREACH: u8 = 3;
/// `harness test` or `review` could not prove all that was asked.
pub const UNPROVED: u8 = 3;

/// Why a command ends early.
#[derive(Debug)]
pub struct Failure {
    code: u8,
    text: String,
}

impl Failure {
    /// Something outside the config and the component failed.
    pub fn failed(text: impl Into<String>) -> Self {
        Self { code: FAILED, text: text.into() }
    }

    /// The person has to change something about the command, a file or the config.
    pub fn usage(text: impl Into<String>) -> Self {
        Self { code: USAGE, text: text.into() }
    }

    /// The component is not what it should be.
    pub fn breach(text: impl Into<String>) -> Self {
        Self { code: BREACH, text: text.into() }
    }

    /// There is no verdict, and that is not the component's fault.
    pub fn no_verdict(text: impl Into<String>) -> Self {
        Self { code: UNPROVED, text: text.into() }
    }

    /// The same, as something that the person has to change.
    pub fn into_usage(self) -> Self {
        Self { code: USAGE, ..self }
    }

    /// The same, where it leaves no verdict.
    pub fn into_no_verdict(self) -> Self {
        Self { code: UNPROVED, ..self }
    }

    /// The look at the credentials failed.
    pub fn of_check(error: &CallError) -> Self {
        let next = match error {
            error if error.no_way().is_some() => {
                "; nothing was read: see that this machine is online and that the config names the right URL, then run it again"
            }
            CallError::Connector { error: Error::Unauthorized(_), .. } => {
                "; see that the config holds the credentials as the provider shows them, and that they are still valid there"
            }
            _ => "",
        };
        Self { code: code(error.blame()), text: format!("{}{next}", why_of_call(error)) }
    }

    /// Prints the text and gives the exit code.
    pub fn report(&self) -> ExitCode {
        tell!("error: {}", self.text);
        ExitCode::from(self.code)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn code(blame: Blame) -> u8 {
    match blame {
        Blame::Connector => BREACH,
        Blame::Operator => USAGE,
        Blame::Provider | Blame::Host => FAILED,
    }
}

/// The worst that happened in a poll decides: a connector at fault, then a wrong config, then anything else. What is
/// missing for more than a day is a failure as well.
pub fn code_of_poll(summary: &PollSummary) -> ExitCode {
    code_of(summary, |_| true)
}

/// The same of the last of many polls: where it was asked to stop, it did as it was told.
pub fn code_of_endless(summary: &PollSummary) -> ExitCode {
    code_of(summary, |error| !matches!(error, StreamError::Interrupted))
}

fn code_of(summary: &PollSummary, counts: impl Fn(&StreamError) -> bool) -> ExitCode {
    let errors = summary.failed().filter_map(|stream| stream.error.as_ref()).filter(|error| counts(error));
    let missing = summary.lasting_gaps().map(|_| FAILED);
    ExitCode::from(errors.map(|error| code(error.blame())).chain(missing).max().unwrap_or_default())
}

/// True when the reader of the output went away.
pub fn is_broken_pipe(error: &ExportError) -> bool {
    let ExportError::Write(error) = error else { return false };
    // The CSV writer wraps what the system said.
    let wrapped = error.get_ref().and_then(|inner| inner.downcast_ref::<csv::Error>());
    let kind = match wrapped.map(csv::Error::kind) {
        Some(csv::ErrorKind::Io(inner)) => inner.kind(),
        _ => error.kind(),
    };
    kind == io::ErrorKind::BrokenPipe
}

impl From<InstallError> for Failure {
    fn from(error: InstallError) -> Self {
        let code = match &error {
            InstallError::Config(_) => USAGE,
            InstallError::Load(LoadError::Compile(CompileError::Failed(_))) => FAILED,
            _ => BREACH,
        };
        Self { code, text: error.to_string() }
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::usage(error.to_string())
    }
}

impl From<PollError> for Failure {
    fn from(error: PollError) -> Self {
        match error {
            PollError::Store(error) => error.into(),
            PollError::Suspended(_) => Self::breach(format!(
                "{error}; nothing is polled until `harness resume` lets it go on, which shows what was tried"
            )),
            PollError::Granted => Self {
                code: code(error.blame()),
                text: format!("{error}; nothing more is polled: run it again, and it says what it asks for"),
            },
            PollError::Interrupted => Self::failed(error.to_string()),
            PollError::OtherSubject { .. } => Self::usage(format!("{error}; name it with --name")),
            PollError::Check(error) => Self::of_check(&error),
            PollError::Keyring(_) => Self { code: code(error.blame()), text: error.to_string() },
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NoSuchInstall { .. } | StoreError::NotAStore { .. } | StoreError::Damaged { .. } => {
                Self::usage(error.to_string())
            }
            _ => Self::failed(error.to_string()),
        }
    }
}

impl From<ExportError> for Failure {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::Store(error) => error.into(),
            ExportError::OneKindOnly
            | ExportError::NoSuchFilter { .. }
            | ExportError::NeedsAllEntries(_)
            | ExportError::NoSuchAccount { .. }
            | ExportError::NoSuchStatus { .. }
            | ExportError::NoDays { .. }
            | ExportError::NothingBooked
            | ExportError::Misfit { .. }
            | ExportError::DoesNotClose { .. }
            | ExportError::ForeignCursor(_) => Self::usage(error.to_string()),
            ExportError::NotBuilt { feature } => Self::usage(format!(
                "{error}; released programs have it, and so has one built with `--features {feature}`"
            )),
            ExportError::Write(_) => Self::failed(error.to_string()),
        }
    }
}

impl From<ServeError> for Failure {
    fn from(error: ServeError) -> Self {
        match error {
            ServeError::Store(error) => error.into(),
            ServeError::NoToken(_) | ServeError::Policy(_) | ServeError::Served(_) => Self::usage(error.to_string()),
            _ => Self::failed(error.to_string()),
        }
    }
}

impl From<OfferError> for Failure {
    fn from(error: OfferError) -> Self {
        match error {
            OfferError::Reference(error) => error.into(),
            OfferError::Registry(error) => error.into(),
            OfferError::Trust(error) => error.into(),
            OfferError::Refused(error) => error.into(),
            OfferError::Install(error) => error.into(),
            OfferError::Lie(error) => error.into(),
            OfferError::Older(error) => error.into(),
            OfferError::Components(error) => error.into(),
        }
    }
}

impl From<RegistryError> for Failure {
    fn from(error: RegistryError) -> Self {
        match error {
            RegistryError::Reference(_)
            | RegistryError::Credential(_)
            | RegistryError::NotFound { .. }
            | RegistryError::Denied { .. }
            | RegistryError::Realm { .. } => Self::usage(error.to_string()),
            _ => Self::failed(error.to_string()),
        }
    }
}

impl From<PublishError> for Failure {
    fn from(error: PublishError) -> Self {
        match error {
            PublishError::Registry(error) => error.into(),
            _ => Self::usage(error.to_string()),
        }
    }
}

impl From<ReferenceError> for Failure {
    fn from(error: ReferenceError) -> Self {
        Self::usage(error.to_string())
    }
}

impl From<KeyError> for Failure {
    fn from(error: KeyError) -> Self {
        Self::usage(error.to_string())
    }
}

impl From<TrustError> for Failure {
    fn from(error: TrustError) -> Self {
        Self::usage(error.to_string())
    }
}

impl From<Refused> for Failure {
    fn from(error: Refused) -> Self {
        Self::usage(format!("{error}\nnothing was installed, nor fetched"))
    }
}

impl From<Lie> for Failure {
    fn from(error: Lie) -> Self {
        Self::breach(format!("{error}; nothing was installed"))
    }
}

impl From<Older> for Failure {
    fn from(error: Older) -> Self {
        Self::usage(error.to_string())
    }
}

impl From<ComponentsError> for Failure {
    fn from(error: ComponentsError) -> Self {
        Self::failed(error.to_string())
    }
}

impl From<HarError> for Failure {
    fn from(error: HarError) -> Self {
        match &error {
            HarError::Io { path, error } => open::cannot_read(path, error),
            _ => Self::usage(error.to_string()),
        }
    }
}

impl From<RecordingError> for Failure {
    fn from(error: RecordingError) -> Self {
        Self::failed(error.to_string())
    }
}

impl From<SignalError> for Failure {
    fn from(error: SignalError) -> Self {
        Self::failed(error.to_string())
    }
}

impl From<SandboxError> for Failure {
    fn from(error: SandboxError) -> Self {
        Self::failed(error.to_string())
    }
}

impl From<SetupError> for Failure {
    fn from(error: SetupError) -> Self {
        Self::failed(error.to_string())
    }
}

//! What goes wrong with a provider that is a program of its own.

use std::io;
use std::time::Duration;

/// Why a provider cannot be tried at, or not any longer. It is told by its name, and is never the connector's fault.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the provider {name} {fault}{said}")]
pub struct ProviderError {
    /// What it was given as: a file, an address.
    name: String,
    /// What it did.
    fault: Fault,
    /// What it wrote to its standard error last, introduced; empty where that is nothing.
    said: String,
}

impl ProviderError {
    pub(crate) fn new(name: &str, fault: Fault, last_words: &str) -> Self {
        let said = match last_words.trim_end() {
            "" => String::new(),
            words => format!("; it wrote to standard error last:\n{words}"),
        };
        Self { name: name.to_owned(), fault, said }
    }
}

/// What a provider did wrong.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum Fault {
    /// It does not start.
    #[error("cannot be started: {0}")]
    NotStarted(String),
    /// Nobody listens there.
    #[error("cannot be reached: {0}")]
    NotReached(String),
    /// An address that is not this machine's.
    #[error(
        "is not on this machine: the host speaks in plain text, so only to a loopback address, `tcp://127.0.0.1:PORT`"
    )]
    Elsewhere,
    /// It ended, or hung up, while something was asked of it.
    #[error("ended while it was asked `{0}`")]
    Ended(String),
    /// It says nothing.
    #[error("did not answer `{call}` within {} s", limit.as_secs_f64())]
    Silent {
        /// What it was asked.
        call: String,
        /// How long it had.
        limit: Duration,
    },
    /// A line without an end.
    #[error("answered `{call}` with more than {limit} bytes; an answer is one line")]
    TooLong {
        /// What it was asked.
        call: String,
        /// The most that is read.
        limit: usize,
    },
    /// A line that is no answer.
    #[error(
        "answered `{call}` with what is no answer to it ({why}): {line}; what else it has to say belongs on standard error"
    )]
    Unreadable {
        /// What it was asked.
        call: String,
        /// What is wrong.
        why: String,
        /// The beginning of the line.
        line: String,
    },
    /// A line that nobody asked for.
    #[error(
        "wrote a line that nobody asked for, after its answer to `{call}`: {line}; it answers each line with one line"
    )]
    Unasked {
        /// What it was asked before.
        call: String,
        /// The beginning of the line.
        line: String,
    },
    /// It says so itself.
    #[error("could not do `{call}`: {why}")]
    Failed {
        /// What it was asked.
        call: String,
        /// Why, in its words.
        why: String,
    },
    /// What it says of itself cannot be.
    #[error("says of itself what cannot be: {0}")]
    Impossible(String),
    /// Its answers do not fit together.
    #[error("contradicts itself, so nothing can be proved at it: {0}")]
    Contradiction(String),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::NotStarted(match error.kind() {
            io::ErrorKind::NotFound => "there is no such file, or no program that its first line names".to_owned(),
            io::ErrorKind::PermissionDenied => {
                "it may not be run; `chmod +x` lets it, and its first line says by what: `#!/usr/bin/env python3`"
                    .to_owned()
            }
            _ if error.raw_os_error() == Some(8) => {
                "its first line does not say what runs it: `#!/usr/bin/env python3`".to_owned()
            }
            _ => error.to_string(),
        })
    }
}

//! A program that plays a provider, and the banks that it gives.

use std::fmt;
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::de::DeserializeOwned;
use sim::Bank;

use crate::bank::ForeignBank;
use crate::error::{Fault, ProviderError};
use crate::line::{Line, beginning};
use crate::message::{Call, Hello, PROTOCOL, Reply};
use crate::rehearsal;

/// How long a program has for an answer, its start included. Calls take it less than a millisecond.
const PATIENCE: Duration = Duration::from_secs(20);

/// Where the program is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A file that can be run: it is spoken to on its standard input and output.
    Program(PathBuf),
    /// A loopback address where it listens: each connection is a bank of its own.
    Port(SocketAddr),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Program(file) => write!(f, "{}", file.display()),
            Self::Port(address) => write!(f, "tcp://{address}"),
        }
    }
}

/// A provider that is a program of its own. Clones are the same.
///
/// Each bank that it gives has a process, or a connection, to itself; one that is given back serves the next.
#[derive(Clone)]
pub struct Foreign(Arc<Shared>);

pub(crate) struct Shared {
    place: Place,
    patience: Duration,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Those that nobody uses.
    idle: Vec<Line>,
    /// The first thing that went wrong.
    trouble: Option<ProviderError>,
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.place.fmt(f)
    }
}

impl fmt::Debug for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Foreign").field(&self.0.place).finish()
    }
}

impl Foreign {
    /// Starts it, hears what it says of itself, and has it show that its answers fit together.
    ///
    /// # Errors
    /// It cannot be started or reached, or is not what it should be.
    pub fn meet(place: Place) -> Result<(Self, Hello), ProviderError> {
        Self::meet_within(place, PATIENCE)
    }

    pub(crate) fn meet_within(place: Place, patience: Duration) -> Result<(Self, Hello), ProviderError> {
        let foreign = Self(Arc::new(Shared { place, patience, state: Mutex::default() }));
        let line = foreign.0.open()?;
        let hello: Hello = foreign.0.ask(&line, &Call::Hello { protocol: PROTOCOL })?;
        let told = |fault| ProviderError::new(&foreign.0.place.to_string(), fault, &line.last_words());
        rehearsal::possible(&hello).map_err(|why| told(Fault::Impossible(why)))?;
        foreign.0.lock().idle.push(line);
        let bank = || ForeignBank::new(Arc::clone(&foreign.0), hello.clone());
        let rehearsed = rehearsal::rehearse(bank);
        // What went wrong in between explains the rest.
        foreign.trouble().map_or(Ok(()), Err)?;
        rehearsed.map_err(|why| ProviderError::new(&foreign.0.place.to_string(), Fault::Contradiction(why), ""))?;
        Ok((foreign, hello))
    }

    /// A bank without rows.
    #[must_use]
    pub fn bank(&self, hello: &Hello) -> Box<dyn Bank> {
        Box::new(ForeignBank::new(Arc::clone(&self.0), hello.clone()))
    }

    /// What went wrong first, if anything did: whatever was concluded since is worth nothing.
    #[must_use]
    pub fn trouble(&self) -> Option<ProviderError> {
        self.0.lock().trouble.clone()
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One that nobody uses, or a new one; none once something went wrong.
    pub(crate) fn take(&self) -> Option<Line> {
        let mut state = self.lock();
        if state.trouble.is_some() {
            return None;
        }
        if let Some(line) = state.idle.pop() {
            return Some(line);
        }
        drop(state);
        let opened = self.open().and_then(|line| {
            self.ask::<Hello>(&line, &Call::Hello { protocol: PROTOCOL })?;
            Ok(line)
        });
        opened.map_err(|error| self.blame(error)).ok()
    }

    /// Takes one back.
    pub(crate) fn give(&self, line: Line) {
        let mut state = self.lock();
        if state.trouble.is_none() {
            state.idle.push(line);
        }
    }

    /// Puts down what went wrong, unless something has before.
    pub(crate) fn blame(&self, error: ProviderError) {
        let mut state = self.lock();
        state.idle.clear();
        state.trouble.get_or_insert(error);
    }

    fn open(&self) -> Result<Line, ProviderError> {
        let opened = match &self.place {
            Place::Program(file) => Line::to_program(file).map_err(Fault::from),
            Place::Port(address) if !address.ip().is_loopback() => Err(Fault::Elsewhere),
            Place::Port(address) => TcpStream::connect_timeout(address, self.patience)
                .and_then(Line::to_port)
                .map_err(|error| Fault::NotReached(error.to_string())),
        };
        opened.map_err(|fault| ProviderError::new(&self.place.to_string(), fault, ""))
    }

    /// One call and its answer.
    pub(crate) fn ask<T: DeserializeOwned>(&self, line: &Line, call: &Call) -> Result<T, ProviderError> {
        let word = call.word();
        let told = |fault: Fault| {
            // One that is silent has not ended: what it wrote so far is all.
            ProviderError::new(&self.place.to_string(), fault, &line.last_words())
        };
        let written = serde_json::to_vec(call).unwrap_or_default();
        let answer = line.ask(&word, written, self.patience).map_err(told)?;
        match serde_json::from_slice(&answer) {
            Ok(Reply::Ok(value)) => Ok(value),
            Ok(Reply::Error(why)) => Err(told(Fault::Failed { call: word, why })),
            Err(error) => {
                let line = beginning(&answer);
                Err(told(Fault::Unreadable { call: word, why: error.to_string(), line }))
            }
        }
    }

    /// An answer that can be read, and cannot be.
    pub(crate) fn impossible(&self, line: &Line, why: String) -> ProviderError {
        ProviderError::new(&self.place.to_string(), Fault::Contradiction(why), &line.last_words())
    }
}

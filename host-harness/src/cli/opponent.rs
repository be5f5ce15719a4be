//! What a connector is tried at: a provider that this program simulates, one that another program plays, or a recording.

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use conformance::recorded::Recording;
use conformance::{Check, Kit, Suite};
use engine::install::Described;
use host_harness::providers::{self, KITS};
use model::shown::{one_line, without_mark};
use outside::har::Har;
use provider_protocol::{Foreign, Hello, Place};
use serde_json::{Map, Value};

use super::failure::Failure;
use super::open;

/// What `--provider` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// One of those that this program simulates.
    Named(String),
    /// A program, or where it listens.
    At(Place),
}

impl Asked {
    /// Reads it: what has a slash is a file, what has `://` an address, anything else a name.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Some((scheme, rest)) = text.split_once("://") {
            let address = rest.trim_end_matches('/').replace("localhost:", "127.0.0.1:").parse::<SocketAddr>();
            return match (scheme, address) {
                ("tcp", Ok(address)) => Ok(Self::At(Place::Port(address))),
                _ => Err("a provider that listens is given as tcp://127.0.0.1:PORT".to_owned()),
            };
        }
        Ok(if text.contains('/') {
            Self::At(Place::Program(PathBuf::from(text)))
        } else {
            Self::Named(text.to_owned())
        })
    }
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(name) => f.write_str(name),
            Self::At(place) => place.fmt(f),
        }
    }
}

/// What a connector is tried at.
pub enum Opponent {
    /// A provider that this program simulates.
    Kit(&'static Kit),
    /// One that another program plays.
    Foreign(Foreign, Hello),
    /// What was recorded of one, and in which file.
    Recorded(Recording, PathBuf),
}

impl Opponent {
    /// The one that was asked for.
    pub fn of(asked: &Asked) -> Result<Self, Failure> {
        match asked {
            Asked::Named(name) if Path::new(name).exists() && providers::provider(name).is_err() => {
                Err(Failure::usage(format!("no provider {name:?} is simulated; the file is `--provider ./{name}`")))
            }
            Asked::Named(name) => {
                providers::provider(name).map(Self::Kit).map_err(|error| Failure::usage(error.to_string()))
            }
            Asked::At(place) => {
                let met = Foreign::meet(place.clone());
                let (foreign, hello) = met.map_err(|error| Failure::no_verdict(error.to_string()))?;
                Ok(Self::Foreign(foreign, hello))
            }
        }
    }

    /// The one whose name the component in `file` has. One of another name is not tried at just any.
    pub async fn for_component(file: &Path) -> Result<Self, Failure> {
        let [first, ..] = KITS else { return Err(Failure::usage("this program simulates no provider")) };
        // What does not say what it is fails at whichever it is tried.
        let Ok(described) = open::component(Some(file)).await else { return Ok(Self::Kit(first)) };
        let name = &described.manifest.name;
        providers::provider(name).map(Self::Kit).map_err(|error| {
            Failure::usage(format!(
                "{}: it is the connector `{}`, and {error}. Say what it is to be tried at: `--provider ./bank.py`, a program \
                 that plays its bank; `--config CONFIG --replay RECORDING`, what was recorded at it; or \
                 `--provider {}`, for which it then has to be",
                file.display(),
                one_line(name),
                first.name
            ))
        })
    }

    /// A recording, and the config that it was made with.
    pub fn recorded(recording: &Path, config: &Path, described: Described) -> Result<Self, Failure> {
        let (text, _) = open::text(config)?;
        let wrong = |file: &Path, why: String| Failure::usage(format!("{}: {why}", file.display()));
        let fields: Map<String, Value> = serde_json::from_str(without_mark(&text))
            .map_err(|error| wrong(config, format!("no config: {error}; `harness describe` lists its fields")))?;
        let har = Har::load(recording)?;
        let made = Recording::new(har, described, fields).map_err(|error| match error {
            conformance::recorded::RecordingError::Config(error) => wrong(config, error.to_string()),
            other => wrong(recording, other.to_string()),
        })?;
        Ok(Self::Recorded(made, recording.to_owned()))
    }

    /// What is played, told before anything else.
    pub fn introduction(&self) -> String {
        match self {
            Self::Kit(kit) => format!("tried at {}, which this program simulates", kit.name),
            Self::Foreign(foreign, hello) => format!("tried at {}, which {foreign} plays", hello.name),
            Self::Recorded(_, file) => format!("tried on the recording {}", file.display()),
        }
    }

    /// The suite for a component.
    pub fn suite(&self, wasm: &[u8]) -> Suite {
        match self {
            Self::Kit(kit) => Suite::of(wasm, kit),
            Self::Foreign(foreign, hello) => {
                let (made, asked, hello) = (foreign.clone(), foreign.clone(), hello.clone());
                let suite = Suite::new(wasm, move || made.bank(&hello));
                suite.doubting(move || asked.trouble().map(|error| error.to_string()))
            }
            Self::Recorded(recording, _) => Suite::recorded(wasm, recording),
        }
    }

    /// The checks that are for connectors of this provider alone.
    pub fn own(&self) -> &'static [Check] {
        match self {
            Self::Kit(kit) => kit.checks,
            Self::Foreign(..) | Self::Recorded(..) => &[],
        }
    }

    /// That what it said is worth nothing: a program that broke.
    pub fn expect_sound(&self) -> Result<(), Failure> {
        match self {
            Self::Foreign(foreign, _) => {
                foreign.trouble().map_or(Ok(()), |error| Err(Failure::no_verdict(error.to_string())))
            }
            Self::Kit(_) | Self::Recorded(..) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_a_file_and_an_address_are_told_apart() {
        let named = |text: &str| Asked::parse(text).map(|asked| asked.to_string());
        assert_eq!(Asked::parse("qonto"), Ok(Asked::Named("qonto".to_owned())));
        assert_eq!(Asked::parse("./bank.py"), Ok(Asked::At(Place::Program("./bank.py".into()))));
        assert_eq!(named("tcp://localhost:4711"), Ok("tcp://127.0.0.1:4711".to_owned()));
        for wrong in ["http://127.0.0.1:80", "tcp://bank.test:80", "tcp://127.0.0.1"] {
            assert!(Asked::parse(wrong).is_err(), "{wrong}");
        }
    }
}

//! `harness grant` and `harness resume`: what installs were granted, and what they tried beyond it.

use std::process::ExitCode;

use clap::Subcommand;
use model::shown::one_line;
use outside::clock::{Clock as _, SystemClock};
use store::{Granted, PollStore as _};

use super::failure::Failure;
use super::polled::count;
use super::streams::Streams;
use super::{StoreFile, open};

#[derive(Debug, Subcommand)]
pub enum GrantCommand {
    /// Prints what an install was granted, as a file for `--grant`.
    Show {
        #[command(flatten)]
        store: StoreFile,
    },
    /// Takes it back: the install runs again when it is agreed to anew. Records and states stay.
    Revoke {
        #[command(flatten)]
        store: StoreFile,
    },
}

impl GrantCommand {
    pub fn run(self) -> Result<ExitCode, Failure> {
        let (opened, install) = match &self {
            Self::Show { store } => open::to_read(store)?,
            Self::Revoke { store } => open::existing(store)?,
        };
        match self {
            Self::Show { .. } => match opened.granted(&install)? {
                Some(Granted::Grant(grant)) => {
                    let text = serde_json::to_string_pretty(&grant);
                    say!("{}", text.map_err(|error| Failure::failed(error.to_string()))?);
                }
                Some(Granted::Bundled) => {
                    tell!("`{install}` is run by the program's own connector, which needs no grant");
                }
                Some(Granted::Revoked(_)) => {
                    return Err(Failure::usage(format!(
                        "what `{install}` was granted was taken back: the next `harness run` says what it asks for"
                    )));
                }
                None | Some(Granted::Replayed(_)) => {
                    return Err(Failure::usage(format!(
                        "`{install}` was granted nothing: `harness run` without --replay asks for it"
                    )));
                }
            },
            Self::Revoke { .. } => {
                let was = opened.granted(&install)?;
                opened.revoke(&install, SystemClock.now())?;
                say!("{}", revoked(&install, was.as_ref()));
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// What there was to take back, and what follows.
fn revoked(install: &str, was: Option<&Granted>) -> String {
    let next = "its records stay, and it runs again once you agree to it: the next `harness run` says how";
    match was {
        Some(Granted::Grant(_)) => format!("what `{install}` was granted is taken back; {next}"),
        Some(Granted::Bundled) => {
            format!(
                "`{install}` was run by the program's own connector, which needs no grant; it is not run any more; {next}"
            )
        }
        Some(Granted::Revoked(_)) => format!("what `{install}` was granted was taken back before; {next}"),
        None | Some(Granted::Replayed(_)) => {
            format!("`{install}` was granted nothing, so there is nothing to take back")
        }
    }
}

/// Lets a suspended install go on.
pub fn resume(store: &StoreFile) -> Result<ExitCode, Failure> {
    let (opened, install) = open::existing(store)?;
    let (now, streams) = (SystemClock.now(), Streams::of(&opened, &install));
    for incident in opened.incidents(&install, now)? {
        let stream =
            incident.stream.map_or_else(|| "the look at the credentials".to_owned(), |key| streams.name_of(&key));
        let at = incident.at.format("%Y-%m-%dT%H:%M:%SZ");
        let [component, told] = [incident.component, incident.told].map(|text| one_line(&text));
        say!("{at}  {stream}  {component}  {told}");
    }
    let cleared = opened.resume(&install, now)?;
    match cleared {
        0 => say!("`{install}` was not suspended, and goes on as before"),
        cleared => {
            let times = count(cleared as u64, "time");
            say!("`{install}` goes on: what its component tried does not count any more ({times})");
        }
    }
    Ok(ExitCode::SUCCESS)
}

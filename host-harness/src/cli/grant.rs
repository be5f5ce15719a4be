//! `harness grant` and `harness resume`: what installs were granted, and what they tried beyond it.

use std::process::ExitCode;

use clap::Subcommand;
use model::shown::one_line;
use outside::clock::{Clock as _, SystemClock};
use store::Granted;

use super::failure::Failure;
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
                    return Err(Failure::usage(format!("what `{install}` was granted was taken back")));
                }
                None | Some(Granted::Replayed(_)) => {
                    return Err(Failure::usage(format!("`{install}` was granted nothing")));
                }
            },
            Self::Revoke { .. } => {
                let was = opened.revoke(&install, SystemClock.now())?;
                say!(
                    "{}",
                    if was { "revoked; it runs again when it is agreed to anew" } else { "it was granted nothing" }
                );
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Lets a suspended install go on.
pub fn resume(store: &StoreFile) -> Result<ExitCode, Failure> {
    let (opened, install) = open::existing(store)?;
    let now = SystemClock.now();
    for incident in opened.incidents(&install, now)? {
        let stream = incident.stream.unwrap_or_else(|| "check".to_owned());
        let at = incident.at.format("%Y-%m-%dT%H:%M:%SZ");
        // A stream is named after a reference of the component's own making.
        let [stream, component, told] = [stream, incident.component, incident.told].map(|text| one_line(&text));
        say!("{at}  {stream}  {component}  {told}");
    }
    let cleared = opened.resume(&install, now)?;
    say!("`{install}` goes on; {cleared} incidents no longer count");
    Ok(ExitCode::SUCCESS)
}

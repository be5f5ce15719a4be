//! `harness state`: what a connector remembers of its streams, and how to make it forget.

use std::process::ExitCode;

use chrono::SecondsFormat;
use clap::Subcommand;
use model::shown::one_line;
use outside::clock::{Clock as _, SystemClock};

use super::failure::Failure;
use super::{StoreFile, open};

/// What to do with the states.
#[derive(Debug, Subcommand)]
pub enum State {
    /// Prints the states.
    Show {
        #[command(flatten)]
        store: StoreFile,
        /// A task (`fetch-payments`) or one stream of it (`fetch-payments/ACCOUNT`); all when not given.
        stream: Option<String>,
    },
    /// Forgets the states, and what streams wait for: the next poll reads everything again. Records stay, and reading them
    /// again changes nothing. A suspension and a grant that was taken back stay as well.
    Reset {
        #[command(flatten)]
        store: StoreFile,
        /// As in `show`.
        stream: Option<String>,
    },
}

impl State {
    pub fn run(&self) -> Result<ExitCode, Failure> {
        match self {
            Self::Show { store, stream } => show(store, stream.as_deref()),
            Self::Reset { store, stream } => reset(store, stream.as_deref()),
        }
    }
}

fn show(file: &StoreFile, wanted: Option<&str>) -> Result<ExitCode, Failure> {
    let (store, install) = open::to_read(file)?;
    let mut shown = 0;
    for (stream, state, at) in store.states(&install)? {
        let name = stream.to_string();
        if wanted.is_some_and(|wanted| wanted != name && wanted != stream.task) {
            continue;
        }
        shown += 1;
        let head = one_line(&name);
        say!("{head}  ({} bytes, set {})", state.len(), at.to_rfc3339_opts(SecondsFormat::Secs, true));
        say!("  {}\n", String::from_utf8_lossy(&state).replace('\n', "\n  "));
    }
    let now = SystemClock.now();
    for (stream, until) in store.waits(&install)?.into_iter().filter(|(_, until)| *until > now) {
        let name = stream.to_string();
        if wanted.is_none_or(|wanted| wanted == name || wanted == stream.task) {
            shown += 1;
            let until = until.to_rfc3339_opts(SecondsFormat::Secs, true);
            say!(
                "{}  is left alone until {until}, as the provider asked; `harness state reset` ends that",
                one_line(&name)
            );
        }
    }
    match (shown, wanted) {
        (0, Some(wanted)) => Err(Failure::usage(no_stream(wanted))),
        (0, None) => {
            say!("no stream of {install} has a state");
            Ok(ExitCode::SUCCESS)
        }
        _ => Ok(ExitCode::SUCCESS),
    }
}

fn reset(file: &StoreFile, wanted: Option<&str>) -> Result<ExitCode, Failure> {
    let (store, install) = open::existing(file)?;
    let count = store.reset_state(&install, wanted)?;
    if let (0, Some(wanted)) = (count, wanted) {
        return Err(Failure::usage(no_stream(wanted)));
    }
    say!("{count} streams of {install} start afresh at the next poll");
    Ok(ExitCode::SUCCESS)
}

fn no_stream(wanted: &str) -> String {
    format!("no stream `{}` has a state; `harness state show` lists those that have", one_line(wanted))
}

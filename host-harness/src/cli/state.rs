//! `harness state`: what a connector remembers of its streams, and how to make it forget.

use std::process::ExitCode;

use chrono::SecondsFormat;
use clap::Subcommand;
use model::shown::one_line;
use outside::clock::{Clock as _, SystemClock};

use super::failure::Failure;
use super::streams::Streams;
use super::{StoreFile, open};

/// What to do with the states.
#[derive(Debug, Subcommand)]
pub enum State {
    /// Prints it, for each account and each other thing that is read.
    Show {
        #[command(flatten)]
        store: StoreFile,
        /// What the connector reads (`fetch-payments`), or that of one account (`fetch-payments/REFERENCE`); all when not
        /// given.
        stream: Option<String>,
    },
    /// Forgets that, and until when the provider asked to be left alone: the next poll reads everything again. Records stay,
    /// and reading them again changes nothing. A suspension and a grant that was taken back stay as well.
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
    let streams = Streams::of(&store, &install);
    let mut shown = 0;
    for (stream, state, at) in store.states(&install)? {
        let name = stream.to_string();
        if wanted.is_some_and(|wanted| wanted != name && wanted != stream.task) {
            continue;
        }
        shown += 1;
        let (told, set) = (streams.name(&stream), at.to_rfc3339_opts(SecondsFormat::Secs, true));
        say!("{told}  ({}, {} bytes, set {set})", one_line(&name), state.len());
        say!("  {}\n", String::from_utf8_lossy(&state).replace('\n', "\n  "));
    }
    let now = SystemClock.now();
    for (stream, until) in store.waits(&install)?.into_iter().filter(|(_, until)| *until > now) {
        let name = stream.to_string();
        if wanted.is_none_or(|wanted| wanted == name || wanted == stream.task) {
            shown += 1;
            let until = until.to_rfc3339_opts(SecondsFormat::Secs, true);
            let told = streams.name(&stream);
            say!(
                "{told}  ({}) is left alone until {until}, as the provider asked; `harness state reset` ends that",
                one_line(&name)
            );
        }
    }
    match (shown, wanted) {
        (0, Some(wanted)) => Err(Failure::usage(no_stream(wanted))),
        (0, None) => {
            say!("{}", nothing(&install));
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
    if count == 0 {
        say!("{}", nothing(&install));
        return Ok(ExitCode::SUCCESS);
    }
    let streams = if count == 1 { "1 stream".to_owned() } else { format!("{count} streams") };
    say!("{streams} of {install} forgotten: the next poll reads all of that again, and nothing stored is lost");
    Ok(ExitCode::SUCCESS)
}

fn nothing(install: &str) -> String {
    format!("the connector of {install} remembers nothing: its next poll reads everything")
}

fn no_stream(wanted: &str) -> String {
    format!("nothing is remembered of `{}`; `harness state show` lists what is, each with its name", one_line(wanted))
}

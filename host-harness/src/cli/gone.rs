//! `harness gone`: what the provider is said to have no longer, and is so much that the operator has to say so.

use std::process::ExitCode;

use chrono::SecondsFormat;
use clap::Subcommand;
use model::shown::one_line;
use outside::clock::{Clock as _, SystemClock};

use super::failure::Failure;
use super::polled::count;
use super::streams::Streams;
use super::{StoreFile, open};

/// What to do with them.
#[derive(Debug, Subcommand)]
pub enum Gone {
    /// Prints the records that are held back.
    Show {
        #[command(flatten)]
        store: StoreFile,
    },
    /// Marks them gone, cancelled or replaced. One that is read again later is back.
    Apply {
        #[command(flatten)]
        store: StoreFile,
    },
}

impl Gone {
    pub fn run(&self) -> Result<ExitCode, Failure> {
        match self {
            Self::Show { store } => show(store),
            Self::Apply { store } => apply(store),
        }
    }
}

fn show(file: &StoreFile) -> Result<ExitCode, Failure> {
    let (store, install) = open::to_read(file)?;
    let held = store.held(&install)?;
    let streams = Streams::of(&store, &install);
    for departure in &held {
        let since = departure.at.to_rfc3339_opts(SecondsFormat::Secs, true);
        let replaced = departure.replaced_by.as_ref().map(|by| format!(", replaced by {by}")).unwrap_or_default();
        let (stream, kind, reference) = (streams.name(&departure.stream), &departure.kind, &departure.reference);
        say!("{}", one_line(&format!("{since}  {stream}  {kind} {reference}{replaced}")));
    }
    if held.is_empty() {
        say!("nothing of {install} waits for you to say that it is gone");
    } else {
        say!(
            "\nThe provider is said to have {} no longer. If that is so, `harness gone apply` marks them; if not, leave it: the \
             next poll that finds one keeps it",
            count(held.len() as u64, "record")
        );
    }
    Ok(ExitCode::SUCCESS)
}

fn apply(file: &StoreFile) -> Result<ExitCode, Failure> {
    let (store, install) = open::existing(file)?;
    let left = store.release_held(&install, SystemClock.now())?;
    say!("marked as no longer there: {} of {install}", count(left, "record"));
    Ok(ExitCode::SUCCESS)
}

//! `harness run`: polls into a store, from the network or from a recording.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use host_harness::clock::{Clock, SystemClock, VirtualClock};
use host_harness::config::{Terms, secret_looking};
use host_harness::install::Install;
use host_harness::private::Draft;
use host_harness::runner::{PollSummary, Runner};
use host_harness::sandbox::Outside;
use host_harness::transport::Transport;
use host_harness::transport::recording::Recording;
use host_harness::transport::replay::Replay;

use super::consent::{Consent, Place};
use super::failure::{self, Failure};
use super::progress::Progress;
use super::{Component, StoreFile, open};

#[derive(Debug, Args)]
pub struct Run {
    #[command(flatten)]
    component: Component,
    /// The config: a JSON object. A secret may be given as {"env": "NAME"} or {"file": "PATH"}.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    #[command(flatten)]
    store: StoreFile,
    #[command(flatten)]
    consent: Consent,
    /// Poll once and end. The last line on standard error is then a JSON object: what became of each stream.
    #[arg(long)]
    once: bool,
    /// Take the answers from this recording (HAR), at its time, instead of the network; polls once.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["record", "accept", "grant"])]
    replay: Option<PathBuf>,
    /// Write the exchanges, without credentials, to this file (HAR) when the run ends.
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
}

impl Run {
    pub async fn run(self) -> Result<ExitCode, Failure> {
        if let Some(recording) = &self.replay {
            return self.replayed(recording).await;
        }
        // Before the first request, so that none is made in vain.
        let record = self.record.as_deref().map(draft).transpose()?;
        let place = Place {
            component: self.component.component.as_deref(),
            store: &self.store.store,
            name: self.store.name.as_deref(),
            config: &self.config,
        };
        let (install, store, name) = self.consent.install(&place).await?;
        let store = Arc::new(store);
        let network = open::network(&install)?;
        let Some(record) = record else {
            return self.poll(&install.runner(online(&install, Arc::new(network)), store, &name), &install).await;
        };
        let recording = Arc::new(Recording::new(network, Arc::new(SystemClock)).naming(install.keyring.clone()));
        let ended = self.poll(&install.runner(online(&install, recording.clone()), store, &name), &install).await;
        let told = format!("recorded to {}", record.path().display());
        recording.save(record, &install.keyring.secrets())?;
        tell!("{told}");
        ended
    }

    /// One poll from a recording, which sends nothing, needs no secret and so no consent.
    async fn replayed(&self, recording: &Path) -> Result<ExitCode, Failure> {
        let described = open::component(self.component.component.as_deref()).await?;
        // Nothing is sent, so that no text gets anywhere but into the store.
        let public = secret_looking(&described.manifest).map(str::to_owned).collect();
        let install = open::install(described, &self.config, &Terms::offline().public(public))?;
        let store = Arc::new(open::store(&self.store.store)?);
        let name = self.store.name.clone().unwrap_or_else(|| install.manifest.name.clone());
        let replay = Arc::new(replay(Replay::load(recording)?, &install));
        let outside = replayed(&install, replay.clone());
        let code = once(&install.runner(outside, store, &name)).await?;
        for unused in replay.unused() {
            tell!("warning: never asked for: {unused}");
        }
        Ok(code)
    }

    async fn poll(&self, runner: &Runner, install: &Install) -> Result<ExitCode, Failure> {
        stop_on_interrupt(runner);
        if self.once {
            return once(runner).await;
        }
        tell!("polling every {} s; Ctrl-C ends after the page in flight", install.polling_period.as_secs());
        let mut last = ExitCode::SUCCESS;
        let report = |summary: &PollSummary| last = failure::code_of_poll(summary);
        runner.poll_for_ever(install.polling_period, &Progress::new(), report).await?;
        Ok(last)
    }
}

fn draft(file: &Path) -> Result<Draft, Failure> {
    let cannot =
        |error| Failure::usage(format!("cannot record to {}: {error}; --record names another file", file.display()));
    Draft::open(file).map_err(cannot)
}

fn online(install: &Install, transport: Arc<dyn Transport>) -> Outside {
    install.outside(transport, Arc::new(SystemClock))
}

/// A recording answers for whatever host the config names.
pub fn replay(replay: Replay, install: &Install) -> Replay {
    let replay = replay.heeding(&install.manifest.headers);
    match install.policy.origins().next() {
        Some(origin) => replay.rebase(origin),
        None => replay,
    }
}

/// Offline, at the time of the recording.
pub fn replayed(install: &Install, replay: Arc<Replay>) -> Outside {
    let start = replay.started_at().unwrap_or_else(|| SystemClock.now());
    install.outside(replay, Arc::new(VirtualClock::at(start)))
}

async fn once(runner: &Runner) -> Result<ExitCode, Failure> {
    let summary = runner.poll(&Progress::new()).await?;
    tell!("{}", summary.to_json());
    Ok(failure::code_of_poll(&summary))
}

/// The first Ctrl-C asks; the second is the operating system's to act on.
fn stop_on_interrupt(runner: &Runner) {
    let stop = runner.stop.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            tell!("stopping after the page in flight; Ctrl-C again ends at once");
            stop.set();
            if tokio::signal::ctrl_c().await.is_ok() {
                std::process::exit(130);
            }
        }
    });
}

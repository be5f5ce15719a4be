//! `harness run`: polls into a store, from the network or from a recording.

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use clap::Args;
use engine::install::Install;
use engine::runner::{PollError, PollSummary, Runner};
use model::shown::one_line;
use outside::clock::{Clock, SystemClock, VirtualClock};
use outside::config::Terms;
use outside::transport::Transport;
use outside::transport::recording::Recording;
use outside::transport::replay::Replay;
use private_file::Draft;
use sandbox::Outside;
use store::{Granted, PollStore as _, Store};

use super::asked::history;
use super::consent::{Agreed, Consent, Place};
use super::failure::{self, Failure};
use super::progress::{Polls, Progress};
use super::streams::Streams;
use super::{Component, StoreFile, installed, interrupt, open, out, polled, show, words};

#[derive(Debug, Args)]
pub struct Run {
    #[command(flatten)]
    component: Component,
    /// The config: a JSON object. A secret may be given as {"env": "NAME"} or {"file": "PATH"}. Without it, the config that
    /// `harness serve` keeps of the install.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    store: StoreFile,
    #[command(flatten)]
    consent: Consent,
    /// Poll once and end. On a terminal, what the store holds is shown then; elsewhere the last line on standard error is a
    /// JSON object: what became of each stream.
    #[arg(long)]
    once: bool,
    /// With `--once` or `--replay`: that JSON object on a terminal as well.
    #[arg(long)]
    json: bool,
    /// Take the answers from this recording (HAR), at its time, instead of the network; polls once.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["record", "accept", "grant"])]
    replay: Option<PathBuf>,
    /// Write the exchanges, without credentials, to this file (HAR) when the run ends.
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
}

impl Run {
    /// Opens the file of a recording, which must not be one that the run is made of.
    fn draft(&self, file: &Path) -> Result<Draft, Failure> {
        let cannot = |reason: &dyn std::fmt::Display| {
            Failure::usage(format!("cannot record to {}: {reason}; --record names another file", file.display()))
        };
        let mut inputs = vec![self.store.store.clone()];
        inputs.extend(self.component.component.clone());
        if let Some(config) = &self.config {
            inputs.push(config.clone());
            inputs.extend(open::key_files(config));
        }
        if inputs.iter().any(|input| open::is_same_file(input, file)) {
            return Err(cannot(&"the run reads it"));
        }
        Draft::open(file).map_err(|error| cannot(&error))
    }

    pub async fn run(self) -> Result<ExitCode, Failure> {
        if let Some(recording) = &self.replay {
            return self.replayed(recording).await;
        }
        // Before the first request, so that none is made in vain.
        let record = self.record.as_deref().map(|file| self.draft(file)).transpose()?;
        let place = Place {
            component: self.component.component.as_deref(),
            store: &self.store.store,
            name: self.store.name.as_deref(),
            config: self.config.as_deref(),
        };
        let Agreed { install, store, name, granted } = self.consent.install(&place).await?;
        let network = Arc::new(open::network(&install)?);
        let store = Arc::new(store);
        let stop = interrupt::stop()?;
        let live = |transport: Arc<dyn Transport>| {
            let outside = install.outside(transport, Arc::new(SystemClock));
            // Whose data it is, is looked at first.
            let unchecked = AtomicBool::new(true);
            let (granted, stop) = (Some(granted.clone()), stop.clone());
            Runner { granted, unchecked, stop, ..install.runner(outside, store.clone(), &name) }
        };
        let streams = Streams::of(&store, &name);
        let Some(record) = record else {
            return self.ended(self.polled(&live(network), &install, &streams).await?, &store, &name);
        };
        // That look is no part of what a replay does.
        live(network.clone()).expect_ready(&Progress::new(Polls::Once, &streams)).await?;
        let clock = Arc::new(SystemClock);
        let recording = Recording::new(network, clock.clone()).naming(install.keyring.clone());
        let recording = Arc::new(recording.telling(install.told(clock.now())));
        let runner = Runner { unchecked: AtomicBool::new(false), ..live(recording.clone()) };
        let polled = self.polled(&runner, &install, &streams).await;
        let told = format!("recorded to {}", record.path().display());
        recording.save(record, &install.keyring.secrets())?;
        tell!("{told}");
        self.ended(polled?, &store, &name)
    }

    /// One poll from a recording, which sends nothing, needs no secret and so no consent. It goes into an install that is
    /// new, or the component's own already.
    async fn replayed(&self, recording: &Path) -> Result<ExitCode, Failure> {
        // A refusal leaves no store behind.
        let opened = if self.store.store.exists() { Some(open::store(&self.store.store)?) } else { None };
        let (component, name) = (self.component.component.as_deref(), self.store.name.as_deref());
        let found = installed::connector(component, opened.as_ref(), name).await?;
        let (described, is_bundled) = (found.described, found.is_bundled);
        let name = name.map_or_else(|| found.name.unwrap_or_else(|| described.manifest.name.clone()), str::to_owned);
        let kept = opened.as_ref().map(|store| store.granted(&name)).transpose()?.flatten();
        let public = kept.as_ref().map(Granted::public).unwrap_or_default();
        let config =
            self.config.as_deref().ok_or_else(|| Failure::usage("a replay needs a config; --config names one"))?;
        let install = open::install(described, config, &Terms::offline().public(public))?;
        let asked = (!is_bundled).then(|| install.asked());
        let is_there = opened.as_ref().map(Store::installs).transpose()?.is_some_and(|names| names.contains(&name));
        let is_own = kept.as_ref().map_or(!is_there || asked.is_none(), |kept| kept.is_of(asked.as_ref()));
        if !is_own {
            let history = history(kept.as_ref(), &one_line(&name));
            return Err(Failure::usage(format!(
                "{history}, and a recording of another component would be written into it; nothing was played; name another \
                 install with --name, or another --store"
            )));
        }
        let replay = Arc::new(replay(Replay::load(recording)?, &install));
        let store = opened.map_or_else(|| open::store(&self.store.store), Ok)?;
        if let (None, Some(asked)) = (kept, asked) {
            store.grant(&name, &Granted::Replayed(Box::new(asked)), SystemClock.now())?;
        }
        store.note_connector(&name, &install.manifest.name, install.connector.digest(), SystemClock.now())?;
        let outside = replayed(&install, replay.clone());
        let store = Arc::new(store);
        let runner = Runner { remembers_incidents: false, ..install.runner(outside, store.clone(), &name) };
        let runner = replay.told().into_iter().fold(runner, Runner::telling);
        let summary = once(&runner, &Streams::of(&store, &name)).await?;
        for unused in replay.unused() {
            tell!("warning: never asked for: {unused}");
        }
        self.ended(Polled::Once(summary), &store, &name)
    }

    async fn polled(&self, runner: &Runner, install: &Install, streams: &Streams<'_>) -> Result<Polled, Failure> {
        if self.once {
            return once(runner, streams).await.map(Polled::Once);
        }
        let (period, clock) = (install.polling_period, runner.outside.clock.clone());
        tell!("polling every {}; Ctrl-C or SIGTERM ends after the page in flight", words::duration(period));
        let progress = Progress::new(Polls::Endless, streams);
        let mut last = ExitCode::SUCCESS;
        let report = |polled: Result<&PollSummary, &PollError>, next| {
            let (tries, now) = (progress.over(), clock.now());
            let lines = match polled {
                Ok(summary) => [polled::stamped(summary, now, next)].into_iter().chain(polled::notes(summary, streams)),
                Err(error) => [polled::stamped_error(error, tries, now, next)].into_iter().chain(Vec::new()),
            };
            tell!("{}", lines.collect::<Vec<_>>().join("\n"));
            last = polled.map_or(ExitCode::FAILURE, failure::code_of_endless);
        };
        runner.poll_for_ever(period, &progress, report).await?;
        Ok(Polled::Until(last))
    }

    /// Tells what became of it, last of all.
    fn ended(&self, polled: Polled, store: &Store, name: &str) -> Result<ExitCode, Failure> {
        let summary = match polled {
            Polled::Until(code) => return Ok(code),
            Polled::Once(summary) => summary,
        };
        if self.json || !io::stderr().is_terminal() {
            out::tell_result(format_args!("{}", summary.to_json()));
        } else {
            self.show(&summary, store, name)?;
        }
        Ok(failure::code_of_poll(&summary))
    }

    /// What the store holds, what of it is new, and what to do next.
    fn show(&self, summary: &PollSummary, store: &Store, name: &str) -> Result<(), Failure> {
        show::show(store, name)?;
        let new: u64 = summary.streams.iter().map(|stream| stream.changed).sum();
        let file = self.store.store.canonicalize().unwrap_or_else(|_| self.store.store.clone());
        say!("New or changed: {new}\n\nEverything is in {}", file.display());
        say!("  harness export --store {} entries --format xlsx -o entries.xlsx   a spreadsheet of it", file.display());
        say!("  harness run, without --once, polls again at each pollingPeriod");
        Ok(())
    }
}

/// One poll, and what went wrong in it.
pub async fn once(runner: &Runner, streams: &Streams<'_>) -> Result<PollSummary, Failure> {
    let summary = runner.poll(&Progress::new(Polls::Once, streams)).await?;
    for note in polled::notes(&summary, streams) {
        tell!("{note}");
    }
    Ok(summary)
}

/// How a run's polling ended.
enum Polled {
    /// After one poll.
    Once(PollSummary),
    /// After some, with this code.
    Until(ExitCode),
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

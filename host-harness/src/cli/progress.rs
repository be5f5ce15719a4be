//! What a person sees while a poll runs: a line per stream that moves on a terminal, and what the poll waits for.

use std::collections::{HashMap, HashSet};
use std::io::{self, IsTerminal as _};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use engine::runner::{Again, Observer, Setback, StreamSummary};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use model::shown::{message, one_line};
use store::StreamKey;

use super::polled::{count, why_of_call};
use super::streams::Streams;

/// Nobody wonders what a poll does that waits for less.
const SHORT: Duration = Duration::from_secs(10);

/// How many polls it is about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Polls {
    /// One, which somebody waits for: each stream has a line when it ends, and each reason to wait.
    Once,
    /// One after the other: each has its line when it is over, and what happens until then is told where it takes long.
    Endless,
}

/// Writes to standard error; standard output belongs to results.
pub struct Progress<'a> {
    polls: Polls,
    streams: &'a Streams<'a>,
    /// None where standard error is no terminal.
    terminal: Option<Terminal>,
    /// Reasons to wait that were told in this poll.
    told: Mutex<HashSet<String>>,
    /// How often it was looked whose data it is.
    looks: AtomicU32,
}

#[derive(Default)]
struct Terminal {
    lines: MultiProgress,
    running: Mutex<HashMap<StreamKey, ProgressBar>>,
}

impl Terminal {
    /// Shows what a stream does.
    fn show(&self, stream: &StreamKey, text: &str) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let line = running.entry(stream.clone()).or_insert_with(|| {
            let line = self.lines.add(ProgressBar::new_spinner().with_style(ProgressStyle::default_spinner()));
            line.enable_steady_tick(Duration::from_millis(120));
            line
        });
        line.set_message(one_line(text));
    }

    /// Takes the stream's line away.
    fn end(&self, stream: &StreamKey) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(line) = running.remove(stream) {
            line.finish_and_clear();
        }
    }
}

impl<'a> Progress<'a> {
    pub fn new(polls: Polls, streams: &'a Streams<'a>) -> Self {
        let terminal = io::stderr().is_terminal().then(Terminal::default);
        Self { polls, streams, terminal, told: Mutex::default(), looks: AtomicU32::new(1) }
    }

    /// A poll is over; gives how often it was looked whose data it is.
    pub fn over(&self) -> u32 {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.streams.read_anew();
        self.looks.swap(1, Relaxed)
    }

    /// A line that stays.
    fn tell(&self, text: &str) {
        match &self.terminal {
            // Only a terminal that is gone refuses.
            Some(terminal) => _ = terminal.lines.println(message(text)).ok(),
            None => tell!("{text}"),
        }
    }

    /// Whether a wait is worth a line: for a reason that is new, and where it is long.
    fn is_told(&self, again: &Again<'_>, why: &str) -> bool {
        let is_long = again.wait >= SHORT;
        // Of a network that is not there, everything is said once, when the poll is over.
        if self.polls == Polls::Endless {
            return is_long && !is_no_way(again);
        }
        let is_new = self.told.lock().unwrap_or_else(PoisonError::into_inner).insert(why.to_owned());
        is_new || is_long && !is_no_way(again)
    }
}

fn is_no_way(again: &Again<'_>) -> bool {
    matches!(again.setback, Setback::Failed(error) if error.no_way().is_some())
}

impl Observer for Progress<'_> {
    fn page(&self, stream: &StreamKey, records: u64, requests: u64) {
        let Some(terminal) = &self.terminal else {
            tracing::info!(target: "harness::poll", records, requests, "page stored");
            return;
        };
        let (name, records, requests) =
            (self.streams.name(stream), count(records, "record"), count(requests, "request"));
        terminal.show(stream, &format!("{name}: {records}, {requests}"));
    }

    fn finished(&self, summary: &StreamSummary) {
        if let Some(terminal) = &self.terminal {
            terminal.end(&summary.stream);
        }
        // What failed is told when the poll is over, once for all streams that failed alike.
        if self.polls == Polls::Once && summary.error.is_none() {
            self.tell(&line(summary, &self.streams.name(&summary.stream)));
        }
    }

    fn again(&self, again: &Again<'_>) {
        if again.stream.is_none() {
            self.looks.fetch_add(1, Relaxed);
        }
        let why = one_line(&match again.setback {
            Setback::Failed(error) => why_of_call(error),
            missing @ Setback::Missing(_) => missing.to_string(),
        });
        let wait = again.wait.as_secs_f64().ceil();
        if let (Some(terminal), Some(stream)) = (&self.terminal, again.stream) {
            terminal.show(stream, &format!("{}: waits {wait} s: {why}", self.streams.name(stream)));
        }
        if self.is_told(again, &why) {
            // What holds for every stream is told of none.
            let stream = again.stream.filter(|_| !is_no_way(again));
            let name = stream.map(|stream| format!("{}: ", self.streams.name(stream))).unwrap_or_default();
            self.tell(&format!("{name}{why}; trying again in {wait} s, {} at most", times(again.times)));
        }
    }
}

fn times(number: u32) -> String {
    if number == 1 { "once".to_owned() } else { format!("{number} times") }
}

fn line(summary: &StreamSummary, name: &str) -> String {
    let StreamSummary { records, changed, rejected, requests, left, .. } = summary;
    let (records, requests) = (count(*records, "record"), count(*requests, "request"));
    let left = if *left > 0 { format!(", {} no longer there", count(*left, "record")) } else { String::new() };
    format!("{name}: {records} ({changed} new or changed), {rejected} rejected, {requests}{left}")
}

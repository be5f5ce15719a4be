//! What a person sees while a poll runs: a line per stream that moves on a terminal, one summary line elsewhere.

use std::collections::HashMap;
use std::io::{self, IsTerminal as _};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::SecondsFormat;
use engine::runner::{Observer, StreamSummary};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use model::shown::{message, one_line};
use store::{LastingGap, StreamKey};

/// Writes to standard error; standard output belongs to results.
pub struct Progress {
    /// None where standard error is no terminal.
    terminal: Option<Terminal>,
}

#[derive(Default)]
struct Terminal {
    lines: MultiProgress,
    running: Mutex<HashMap<StreamKey, ProgressBar>>,
}

impl Progress {
    pub fn new() -> Self {
        Self { terminal: io::stderr().is_terminal().then(Terminal::default) }
    }
}

impl Observer for Progress {
    fn page(&self, stream: &StreamKey, records: u64, requests: u64) {
        let Some(terminal) = &self.terminal else {
            tracing::info!(target: "harness::poll", records, requests, "page stored");
            return;
        };
        let mut running = terminal.running.lock().unwrap_or_else(PoisonError::into_inner);
        let line = running.entry(stream.clone()).or_insert_with(|| {
            let line = terminal.lines.add(ProgressBar::new_spinner().with_style(ProgressStyle::default_spinner()));
            line.enable_steady_tick(Duration::from_millis(120));
            line
        });
        line.set_message(one_line(&format!("{stream}: {records} records, {requests} requests")));
    }

    fn finished(&self, summary: &StreamSummary) {
        let told = line(summary);
        match &self.terminal {
            Some(terminal) => {
                let mut running = terminal.running.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(line) = running.remove(&summary.stream) {
                    line.finish_and_clear();
                }
                // Only a terminal that is gone refuses.
                terminal.lines.println(message(&told)).ok();
            }
            None => tell!("{told}"),
        }
    }
}

fn line(summary: &StreamSummary) -> String {
    let StreamSummary { stream, records, changed, rejected, requests, error, goes_on, gaps, left, held } = summary;
    let (records, requests) = (count(*records, "record"), count(*requests, "request"));
    let failed = error.as_ref().map(|error| format!("; FAILED: {error}")).unwrap_or_default();
    let stream = one_line(&stream.to_string());
    let goes_on = goes_on.map(|spent| format!("; goes on at the next poll ({spent})")).unwrap_or_default();
    let left = if *left > 0 { format!("; {} no longer there", count(*left, "record")) } else { String::new() };
    let held = if *held > 0 {
        format!("; {} said to be gone, so many that nothing is marked: `harness gone show`", count(*held, "record"))
    } else {
        String::new()
    };
    let told = format!("{stream}: {records} ({changed} new or changed), {rejected} rejected, {requests}");
    let gaps: String = gaps.iter().map(missing).collect();
    format!("{told}{left}{held}{failed}{goes_on}{gaps}")
}

fn missing(gap: &LastingGap) -> String {
    let since = gap.since.to_rfc3339_opts(SecondsFormat::Secs, true);
    let word = if gap.lasts { "MISSING for more than a day" } else { "missing" };
    format!("\n{word}: {} (since {since}): {}", one_line(&gap.what), one_line(&gap.error))
}

fn count(number: u64, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

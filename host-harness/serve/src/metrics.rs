//! Figures for Prometheus, in its text format.

use std::fmt::Write as _;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use store::StoreError;

use crate::host::Host;
use crate::problem::Problem;

/// A figure: its name, its type and what it means.
struct Figure(&'static str, &'static str, &'static str);

const INSTALLS: Figure =
    Figure("harness_installs", "gauge", "Installs that are polled on schedule, the paused ones included.");
const DUE: Figure = Figure("harness_polls_due", "gauge", "Installs that are due and wait for room.");
const RUNNING: Figure = Figure("harness_polls_running", "gauge", "Polls under way.");
const LATE: Figure = Figure("harness_poll_lateness_seconds", "gauge", "How long after its time the latest poll began.");
const EVENTS: Figure = Figure("harness_events_total", "counter", "Changes of records since the store was made.");
const UNSENT: Figure = Figure("harness_events_unsent", "gauge", "Changes that the sink has not taken yet.");
const INCIDENTS: Figure = Figure("harness_incidents", "gauge", "Incidents that count at the moment.");
const QUARANTINE: Figure =
    Figure("harness_quarantined_rows", "gauge", "Rows that could not be mapped and have not arrived since.");
const AGE: Figure = Figure("harness_poll_age_seconds", "gauge", "Time since the last poll ended.");
const POLLS: Figure = Figure("harness_polls_total", "counter", "Polls that ended since the server started.");
const FAILURES: Figure = Figure("harness_poll_failures_total", "counter", "Polls with an error.");
const RECORDS: Figure = Figure("harness_records_total", "counter", "Records that came.");
const REJECTED: Figure = Figure("harness_rejected_rows_total", "counter", "Rows that could not be mapped.");
const REQUESTS: Figure = Figure("harness_requests_total", "counter", "Requests to providers.");

/// All figures.
pub(crate) async fn metrics(State(host): State<Host>) -> Result<Response, Problem> {
    let now = host.now();
    let (events, sent, trouble) = host
        .store(move |store| {
            let sent = store.reader(crate::sink::READER)?;
            Ok::<_, StoreError>((store.last_event()?, sent, store.trouble(now)?))
        })
        .await?;
    let mut text = String::new();
    let figures = host.scheduler().figures();
    one(&mut text, &INSTALLS, figures.installs);
    one(&mut text, &DUE, figures.due);
    one(&mut text, &RUNNING, figures.polls);
    one(&mut text, &LATE, figures.lateness.as_secs_f64());
    one(&mut text, &EVENTS, events);
    if let Some(sent) = sent {
        one(&mut text, &UNSENT, events.saturating_sub(sent));
    }
    let known = host.parts().watch.known();
    each(&mut text, &INCIDENTS, trouble.iter().map(|of| (of.install.as_str(), of.incidents)));
    each(&mut text, &QUARANTINE, trouble.iter().map(|of| (of.install.as_str(), of.rejected)));
    let ages = known.iter().filter_map(|(install, known)| Some((install, known.ended_at?)));
    each(
        &mut text,
        &AGE,
        ages.map(|(install, at)| (install.as_str(), now.signed_duration_since(at).num_seconds().max(0))),
    );
    each(&mut text, &POLLS, known.iter().map(|(install, known)| (install.as_str(), known.polls)));
    each(&mut text, &FAILURES, known.iter().map(|(install, known)| (install.as_str(), known.failures)));
    each(&mut text, &RECORDS, known.iter().map(|(install, known)| (install.as_str(), known.records)));
    each(&mut text, &REJECTED, known.iter().map(|(install, known)| (install.as_str(), known.rejected)));
    each(&mut text, &REQUESTS, known.iter().map(|(install, known)| (install.as_str(), known.requests)));
    Ok(([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response())
}

fn head(text: &mut String, Figure(name, kind, help): &Figure) {
    // A text takes everything.
    writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}").ok();
}

fn one(text: &mut String, figure: &Figure, value: impl std::fmt::Display) {
    head(text, figure);
    writeln!(text, "{} {value}", figure.0).ok();
}

fn each<'a>(text: &mut String, figure: &Figure, values: impl Iterator<Item = (&'a str, impl std::fmt::Display)>) {
    head(text, figure);
    for (install, value) in values {
        writeln!(text, "{}{{install=\"{}\"}} {value}", figure.0, label(install)).ok();
    }
}

fn label(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

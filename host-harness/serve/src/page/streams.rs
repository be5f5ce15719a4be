//! The streams of a connector: how fresh each is, and how its last poll went.

use std::collections::BTreeMap;

use maud::{Markup, html};
use store::serving::connectors::Connector;
use store::serving::list::Seek;
use store::serving::schedules::Schedule;
use store::{Run, StreamKey};

use super::layout::{count, instant, span, table, text};
use super::{Read, Refusal};
use crate::host::Host;
use crate::id::{ConnectorId, Id as _};

/// The most that are shown: those of a customer with thousands of accounts are found over the API.
const MOST: u32 = 200;

/// A stream for a person: `fetch-payments · Main account`.
pub(super) fn label(stream: &StreamKey, names: &BTreeMap<String, String>) -> String {
    let parent = stream.parent.as_ref().map(|parent| names.get(parent).unwrap_or(parent));
    parent.map_or_else(|| stream.task.clone(), |parent| format!("{} · {parent}", stream.task))
}

/// All streams of a connector with their last polls.
pub(super) async fn all(host: &Host, connector: &Connector, runs: &[Run]) -> Result<Markup, Refusal> {
    let install = connector.install.clone();
    let (schedules, names) = host
        .store(move |store| -> Read<_> {
            Ok((store.list_schedules(&install, Seek::Newest, MOST)?, store.account_names(&install)?))
        })
        .await?;
    let runs: BTreeMap<&StreamKey, &Run> = runs.iter().map(|run| (&run.stream, run)).collect();
    let mut known: Vec<(Schedule, Option<&Run>)> = Vec::new();
    for (_, schedule) in schedules.items {
        let run = runs.get(&schedule.stream).copied();
        known.push((schedule, run));
    }
    let fails = |run: Option<&Run>| run.and_then(|run| run.summary.as_ref()).is_some_and(|end| end.error.is_some());
    known.sort_by_cached_key(|(schedule, run)| (!fails(*run), schedule.stream.clone()));
    let head = html! {
        th scope="col" { "Stream" } th.extra scope="col" { "Complete as of" } th.number scope="col" { "Lag" }
        th.extra scope="col" { "Last poll" } th.number.extra scope="col" { "Took" } th.number.extra scope="col" { "Records" }
        th.number.extra scope="col" { "Rejected" } th.number.extra scope="col" { "Requests" } th scope="col" { "Outcome" }
    };
    let now = host.now();
    let of = ConnectorId::from(connector);
    let rows = html! {
        @for (schedule, run) in &known {
            @let end = run.and_then(|run| run.summary.as_ref());
            @let id = of.clone().schedule(&schedule.stream).text();
            tr {
                td { a href={ "/connectors/" (of.text()) "/streams/" (id) } { (text(&label(&schedule.stream, &names))) } }
                td.extra { @match schedule.completed_at { Some(at) => (instant(at)), None => "never" } }
                td.number { @if let Some(at) = schedule.completed_at { (span(seconds(now - at))) } }
                td.extra { @if let Some(run) = run { (instant(run.started_at)) } }
                (outcome(*run))
                td {
                    @if let Some(error) = end.and_then(|end| end.error.as_ref()) { span.bad { (text(error)) } }
                    @else if end.is_some() { span.good { "complete" } }
                    @else { span.wait { "under way" } }
                    @if let Some(at) = schedule.not_before.filter(|at| *at > now) { " Not before " (instant(at)) }
                }
            }
        }
    };
    Ok(html! {
        h2 { "Streams" }
        @if known.is_empty() { p { "None was polled yet." } } @else { (table("Streams", &head, &rows)) }
        @if schedules.has_older { p.quiet { "The last " (MOST) " are shown." } }
    })
}

/// How a poll went, in figures: how long it took, records, rejected rows, requests.
fn outcome(run: Option<&Run>) -> Markup {
    let end = run.and_then(|run| run.summary.as_ref().map(|end| (run, end)));
    html! {
        @match end {
            Some((run, end)) => {
                td.number.extra { (span(seconds(end.finished_at - run.started_at))) }
                td.number.extra { (end.records) } td.number.extra { (end.rejected) } td.number.extra { (end.requests) }
            }
            None => { td.extra {} td.extra {} td.extra {} td.extra {} }
        }
    }
}

/// What no clock that was set back makes less than nothing.
pub(super) fn seconds(span: chrono::TimeDelta) -> u64 {
    u64::try_from(span.num_seconds()).unwrap_or(0)
}

/// How many rows came and how many were rejected, in words.
pub(super) fn records(end: &store::RunSummary) -> String {
    format!("{}, {} rejected", count(end.records, "record", "records"), end.rejected)
}

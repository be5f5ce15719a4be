//! What an operator should look at: what is missing, what could not be mapped, what the component tried.

use maud::{Markup, html};
use store::RecordedIncident;
use store::serving::connectors::Connector;
use store::serving::trouble::{Missing, RejectedRow};

use super::layout::{instant, text};
use super::streams::label;
use super::{Read, Refusal};
use crate::host::Host;

/// The most rows that are shown; an export has them all.
const MOST: u32 = 50;

/// All of it.
pub(super) async fn of(host: &Host, connector: &Connector) -> Result<Markup, Refusal> {
    let (install, now) = (connector.install.clone(), host.now());
    let (missing, rejected, incidents, names) = host
        .store(move |store| -> Read<_> {
            Ok((
                store.missing(&install)?,
                store.rejected_rows(&install, MOST)?,
                store.incidents(&install, now)?,
                store.account_names(&install)?,
            ))
        })
        .await?;
    let stream = |stream| label(stream, &names);
    Ok(html! {
        @if !missing.is_empty() {
            h2 { "Not read" }
            ul.plain { @for gap in &missing { (gap_line(gap, &stream(&gap.stream))) } }
        }
        h2 #quarantine { "Quarantine" }
        @if rejected.is_empty() { p { "No row is in quarantine." } }
        @else { p.quiet { "Rows that could not be mapped. One leaves when its record arrives after all." } }
        @for row in &rejected { (row_card(row, &stream(&row.stream))) }
        @if rejected.len() as u64 == u64::from(MOST) { p.quiet { "The latest " (MOST) " are shown; an export has them all." } }
        h2 #incidents { "Incidents" }
        @if incidents.is_empty() { p { "In the last seven days its component tried nothing that it may not." } }
        @for incident in &incidents { (incident_card(incident)) }
    })
}

fn gap_line(gap: &Missing, stream: &str) -> Markup {
    html! {
        li.card {
            p { strong { (text(&gap.what)) } ": " (text(&gap.error)) }
            p.quiet { "In " (text(stream)) ", since " (instant(gap.since)) "." }
        }
    }
}

fn row_card(row: &RejectedRow, stream: &str) -> Markup {
    html! {
        article.card {
            h3 { (text(&row.reason)) }
            p.quiet {
                "In " (text(stream)) ", first at " (instant(row.first_seen))
                @if let Some(reference) = &row.reference { ", reference " code { (text(reference)) } }
            }
            details { summary { "What the provider sent" } pre { (text(&row.raw)) } }
        }
    }
}

fn incident_card(incident: &RecordedIncident) -> Markup {
    html! {
        article.card.failure {
            h3 { (text(&incident.told)) }
            p.quiet {
                (instant(incident.at)) ", rule " code { (text(&incident.kind)) } ", component " code { (text(&incident.component)) }
                @if let Some(stream) = &incident.stream { ", in " (text(stream)) }
            }
        }
    }
}

//! How things stand: what fails first, then every install.

use axum::extract::State;
use axum::response::Html;
use chrono::{DateTime, Utc};
use engine::schedule::Standing;
use maud::{Markup, html};
use store::serving::connectors::Connector;
use store::serving::trouble::Trouble;
use store::{Run, Suspended};

use super::layout::{Tab, button, count, instant, live, page, span, text};
use super::setbacks::{Group, card, groups};
use super::visitor::Visitor;
use super::{Read, Refusal};
use crate::host::Host;
use crate::id::{ConnectorId, Id as _};

/// An install, and all that a look at it takes.
pub(super) struct Seen {
    pub(super) connector: Connector,
    pub(super) standing: Option<Standing>,
    pub(super) rejected: u64,
    pub(super) incidents: u64,
    pub(super) groups: Vec<Group>,
    /// When a poll of it last began.
    pub(super) last: Option<DateTime<Utc>>,
}

impl Seen {
    pub(super) fn of(
        host: &Host,
        connector: Connector,
        trouble: &[Trouble],
        (runs, suspended): (&[Run], Option<&Suspended>),
    ) -> Self {
        let known = host.parts().watch.of(&connector.install);
        let of = trouble.iter().find(|of| of.install == connector.install);
        Self {
            groups: groups(&known, suspended, runs),
            standing: host.scheduler().standing(&connector.install),
            rejected: of.map_or(0, |of| of.rejected),
            incidents: of.map_or(0, |of| of.incidents),
            last: runs.iter().map(|run| run.started_at).max(),
            connector,
        }
    }

    /// When it is polled next, in words.
    pub(super) fn next(&self) -> String {
        match self.standing {
            _ if self.connector.leaves_at.is_some() => "It is being erased.".to_owned(),
            None => "It is not polled from here.".to_owned(),
            Some(Standing { polling: true, .. }) => "A poll is under way.".to_owned(),
            Some(Standing { paused: true, .. }) => "It is paused.".to_owned(),
            Some(Standing { next: Some(next), .. }) => format!("Next poll in {}.", span(next.as_secs())),
            Some(_) => "No poll is due.".to_owned(),
        }
    }

    /// One word for how it stands, and its colour.
    fn word(&self) -> (&'static str, &'static str) {
        match self.standing {
            _ if self.connector.leaves_at.is_some() => ("Leaving", "wait"),
            Some(Standing { paused: true, .. }) => ("Paused", "wait"),
            _ if !self.groups.is_empty() => ("Failing", "bad"),
            Some(Standing { polling: true, .. }) => ("Polling", "good"),
            None => ("Not polled here", "quiet"),
            Some(_) => ("Well", "good"),
        }
    }

    /// As a card of the overview, and as the head of its own page.
    pub(super) fn card(&self, host: &Host, visitor: &Visitor) -> Markup {
        let Self { connector, .. } = self;
        let path = format!("/connectors/{}", ConnectorId::from(connector).text());
        let provider = host.served().provider(&connector.provider).ok();
        let (word, colour) = self.word();
        html! {
            article.card {
                div.row {
                    h3.grow { a href=(path) { (text(&connector.install)) } }
                    strong class=(colour) { (word) }
                }
                p { (self.next()) @if let Some(last) = self.last { " Last poll began " (instant(last)) "." } }
                @if let Some((_, reason)) = &connector.paused { p.quiet { "Reason: " (text(reason)) "." } }
                dl {
                    dt { "Provider" } dd {
                        (text(&connector.provider))
                        @if let Some(provider) = provider { " " (text(&provider.described.manifest.version)) }
                    }
                    @if let Some(digest) = &connector.component { dt { "Component" } dd { code { (text(digest)) } } }
                    dt { "To look at" } dd {
                        @if self.rejected + self.incidents == 0 { "nothing" }
                        @else {
                            a href={ (path) "#quarantine" } { (count(self.rejected, "row in quarantine", "rows in quarantine")) }
                            ", " a href={ (path) "#incidents" } { (count(self.incidents, "incident", "incidents")) }
                        }
                    }
                }
                div.row { (self.buttons(visitor, &path)) }
            }
        }
    }

    fn buttons(&self, visitor: &Visitor, path: &str) -> Markup {
        let Some(standing) = self.standing else { return super::layout::nothing() };
        let act = |what: &str, label: &str| button(visitor, &format!("{path}/{what}"), label, &self.connector.install);
        html! {
            @if standing.paused { (act("resume", "Resume")) } @else { (act("pause", "Pause")) }
            (act("poll", "Poll now"))
            @if visitor.may_write { a.button href={ (path) "/config" } { "Config" } }
        }
    }
}

/// Every install, the oldest first.
async fn all(host: &Host) -> Result<Vec<Seen>, Refusal> {
    let now = host.now();
    let (trouble, found) = host
        .store(move |store| -> Read<_> {
            let mut found = Vec::new();
            for connector in store.connectors()? {
                let runs = store.last_runs(&connector.install)?;
                let suspended = store.suspended(&connector.install, now)?;
                found.push((connector, runs, suspended));
            }
            Ok((store.trouble(now)?, found))
        })
        .await?;
    let seen = |(connector, runs, suspended): (Connector, Vec<Run>, Option<Suspended>)| {
        Seen::of(host, connector, &trouble, (&runs, suspended.as_ref()))
    };
    Ok(found.into_iter().map(seen).collect())
}

/// One sentence.
fn stands(seen: &[Seen]) -> String {
    let failing = seen.iter().filter(|seen| !seen.groups.is_empty()).count() as u64;
    let paused = seen.iter().filter(|seen| seen.standing.is_some_and(|standing| standing.paused)).count() as u64;
    let polling = seen.iter().filter(|seen| seen.standing.is_some_and(|standing| standing.polling)).count() as u64;
    let all = count(seen.len() as u64, "connector is", "connectors are");
    let rest = match (paused, polling) {
        (0, 0) => String::new(),
        (0, _) => format!(", {polling} polled at the moment"),
        (_, 0) => format!(", {paused} paused"),
        _ => format!(", {paused} paused, {polling} polled at the moment"),
    };
    match (seen.len(), failing) {
        (0, _) => "Nothing is installed yet.".to_owned(),
        (_, 0) => format!("{all} installed and nothing fails{rest}."),
        _ => format!("{all} installed and {} you{rest}.", count(failing, "needs", "need")),
    }
}

/// The page.
pub(super) async fn show(State(host): State<Host>, visitor: Visitor) -> Result<Html<String>, Refusal> {
    let seen = all(&host).await?;
    let failing = || seen.iter().filter(|seen| !seen.groups.is_empty());
    let parts = html! {
        p.stands role="status" { (stands(&seen)) }
        @if failing().next().is_some() {
            h2 { "What fails" }
            @for seen in failing() {
                @for group in &seen.groups { (card(&visitor, &seen.connector, group, &seen.next())) }
            }
        }
        h2 { "Connectors" }
        @if seen.is_empty() { p { a.button href="/install" { "Install a connector" } } }
        @for seen in &seen { (seen.card(&host, &visitor)) }
    };
    let body = html! { h1 { "How things stand" } (live("/", &parts)) };
    Ok(page(&visitor, "How things stand", Tab::Overview, &body))
}

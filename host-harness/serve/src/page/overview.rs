//! How things stand: what fails first, then every install.

use std::collections::BTreeMap;
use std::ops::Range;

use axum::extract::{Query, State};
use axum::response::Html;
use chrono::{DateTime, Utc};
use engine::schedule::Standing;
use maud::{Markup, html};
use serde::Deserialize;
use store::serving::connectors::Connector;
use store::serving::trouble::Trouble;
use store::{INCIDENTS, Origin, PollStore as _, Run, StoreError, Suspended};

use super::layout::{Tab, button, count, instant, live, page, span, text};
use super::registry::proof;
use super::setbacks::{Group, card, groups, sentence};
use super::visitor::Visitor;
use super::{Read, Refusal};
use crate::host::Host;
use crate::id::{ConnectorId, Id as _};
use crate::setback::Setback;

/// Connectors on one page.
const PAGE: usize = 30;
/// Reasons of failures that are told.
const CARDS: usize = 20;
/// Connectors that are named where several fail for the same reason.
const NAMED: usize = 10;

/// An install, and all that a look at it takes.
pub(super) struct Seen {
    pub(super) connector: Connector,
    pub(super) standing: Option<Standing>,
    pub(super) rejected: u64,
    pub(super) incidents: u64,
    pub(super) groups: Vec<Group>,
    /// When a poll of it last began.
    pub(super) last: Option<DateTime<Utc>>,
    /// Where its component came from, where that is a registry.
    pub(super) origin: Option<Origin>,
}

/// What the store tells of it.
#[derive(Default)]
pub(super) struct Told<'t> {
    /// The last runs of its streams; those without an error need not be among them.
    pub(super) runs: &'t [Run],
    pub(super) suspended: Option<&'t Suspended>,
    pub(super) last: Option<DateTime<Utc>>,
    pub(super) origin: Option<Origin>,
}

impl Seen {
    /// What `runs` say of it that ended with an error, and what else is known.
    pub(super) fn of(host: &Host, connector: Connector, trouble: Option<&Trouble>, known: &Told<'_>) -> Self {
        Self {
            groups: groups(&host.parts().watch.of(&connector.install), known.suspended, known.runs),
            standing: host.scheduler().standing(&connector.install),
            rejected: trouble.map_or(0, |of| of.rejected),
            incidents: trouble.map_or(0, |of| of.incidents),
            last: known.last,
            origin: known.origin.clone(),
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
        let own = || provider.map(|provider| provider.described.manifest.version.clone());
        let version = self.origin.as_ref().map(|origin| origin.version.clone()).or_else(own);
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
                        @if let Some(version) = &version { " " (text(version)) }
                    }
                    @if let Some(origin) = &self.origin { (proof(origin)) }
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
    let (connectors, trouble, failing, suspended) = host
        .store(move |store| -> Read<_> {
            let trouble = store.trouble(now)?;
            let suspects = trouble.iter().filter(|of| of.incidents >= INCIDENTS as u64);
            let suspended = suspects.map(|of| Ok((of.install.clone(), store.suspended(&of.install, now)?)));
            let suspended: BTreeMap<_, _> = suspended.collect::<Result<_, StoreError>>()?;
            Ok((store.connectors()?, trouble, store.failing_runs()?, suspended))
        })
        .await?;
    let trouble: BTreeMap<&str, &Trouble> = trouble.iter().map(|of| (&*of.install, of)).collect();
    let failing: BTreeMap<&str, &[Run]> = failing
        .chunk_by(|one, next| one.stream.install == next.stream.install)
        .filter_map(|runs| Some((&*runs.first()?.stream.install, runs)))
        .collect();
    let seen = |connector: Connector| {
        let name = &*connector.install;
        let told = Told {
            runs: failing.get(name).copied().unwrap_or_default(),
            suspended: suspended.get(name).and_then(Option::as_ref),
            ..Told::default()
        };
        let trouble = trouble.get(name).copied();
        Seen::of(host, connector, trouble, &told)
    };
    Ok(connectors.into_iter().map(seen).collect())
}

/// The page of the list after the install with this UUID, each with the time of its last poll, and whether there are more.
async fn page_after(host: &Host, seen: &mut [Seen], after: Option<&str>) -> Result<(Range<usize>, bool), Refusal> {
    let is_after = |after: &str| seen.iter().position(|seen| seen.connector.uuid == after).map(|place| place + 1);
    let from = after.and_then(is_after).unwrap_or_default();
    let to = from.saturating_add(PAGE).min(seen.len());
    let more = to < seen.len();
    let shown = &mut seen[from..to];
    let names: Vec<String> = shown.iter().map(|seen| seen.connector.install.clone()).collect();
    let polled =
        host.store(move |store| names.iter().map(|name| store.last_poll(name)).collect::<Read<Vec<_>>>()).await?;
    for (seen, last) in shown.iter_mut().zip(polled) {
        seen.last = last;
    }
    Ok((from..to, more))
}

/// What fails, equal things once.
fn failures<'s>(visitor: &Visitor, seen: &'s [Seen]) -> Markup {
    let mut equal: BTreeMap<&Setback, Vec<(&'s Seen, &'s Group)>> = BTreeMap::new();
    for seen in seen {
        for group in &seen.groups {
            equal.entry(&group.setback).or_default().push((seen, group));
        }
    }
    let left = equal.len().saturating_sub(CARDS) as u64;
    html! {
        @if !equal.is_empty() { h2 { "What fails" } }
        @for (setback, of) in equal.into_iter().take(CARDS) {
            @match of.as_slice() {
                [(seen, group)] => (card(visitor, &seen.connector, group, &seen.next())),
                several => (shared(setback, several)),
            }
        }
        @if left > 0 { p { "And " (count(left, "other reason", "other reasons")) ", seen at the connectors below." } }
    }
}

/// What stands in the way of several connectors.
fn shared(setback: &Setback, of: &[(&Seen, &Group)]) -> Markup {
    let names = of.iter().take(NAMED).map(|(seen, _)| &seen.connector);
    let left = of.len().saturating_sub(NAMED) as u64;
    html! {
        div.card.failure {
            h3 { (count(of.len() as u64, "connector", "connectors")) }
            p { (text(&setback.told)) }
            p {
                @for (number, connector) in names.enumerate() {
                    @if number > 0 { ", " }
                    a href={ "/connectors/" (ConnectorId::from(connector).text()) } { (text(&connector.install)) }
                }
                @if left > 0 { " and " (count(left, "other", "others")) }
            }
            p { strong { "Way out: " } (sentence(setback.way)) }
        }
    }
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

/// Where in the list one is.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Place {
    after: Option<String>,
}

/// The page.
pub(super) async fn show(
    State(host): State<Host>,
    visitor: Visitor,
    Query(place): Query<Place>,
) -> Result<Html<String>, Refusal> {
    let mut seen = all(&host).await?;
    let (shown, more) = page_after(&host, &mut seen, place.after.as_deref()).await?;
    let last = &seen[shown.clone()].last().filter(|_| more).map(|seen| &seen.connector.uuid);
    let parts = html! {
        p.stands role="status" { (stands(&seen)) }
        @if place.after.is_none() { (failures(&visitor, &seen)) }
        h2 { "Connectors" }
        @if seen.is_empty() { p { a.button href="/install" { "Install a connector" } } }
        @for seen in &seen[shown] { (seen.card(&host, &visitor)) }
    };
    let path = place.after.as_ref().map_or_else(|| "/".to_owned(), |after| format!("/?after={after}"));
    let body = html! {
        h1 { "How things stand" }
        (live(&path, &parts))
        @if place.after.is_some() || last.is_some() {
            nav.row aria-label="Pages" {
                @if place.after.is_some() { a.button href="/" { "To the first" } }
                @if let Some(last) = last { a.button href={ "/?after=" (last) } { "Next" } }
            }
        }
    };
    Ok(page(&visitor, "How things stand", Tab::Overview, &body))
}

//! One connector: how it stands, its streams, its trouble, what it may reach; and what can be done with it.

use axum::extract::{Path, State};
use axum::response::{Html, Redirect};
use maud::html;
use store::PollStore as _;

use super::layout::{Tab, live, page, text};
use super::overview::{Seen, Told};
use super::setbacks::card;
use super::visitor::{Posted, Visitor};
use super::{Read, Refusal, asks, registry, streams, trouble};
use crate::api::connectors::found;
use crate::host::Host;

/// The page.
pub(super) async fn show(
    State(host): State<Host>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Html<String>, Refusal> {
    let (_, connector) = found(&host, &id).await?;
    let (install, now) = (connector.install.clone(), host.now());
    let (runs, suspended, troubles, origins) = host
        .store(move |store| -> Read<_> {
            let (runs, origins) = (store.last_runs(&install)?, store.origins(&install)?);
            Ok((runs, store.suspended(&install, now)?, store.trouble(now)?, origins))
        })
        .await?;
    let streams = streams::all(&host, &connector, &runs).await?;
    let trouble = trouble::of(&host, &connector).await?;
    let reach = asks::reach(&host, &connector).await?;
    let last = runs.iter().map(|run| run.started_at).max();
    let told = Told { runs: &runs, suspended: suspended.as_ref(), last, origin: origins.first().cloned() };
    let troubles = troubles.iter().find(|of| of.install == connector.install);
    let seen = Seen::of(&host, connector, troubles, &told);
    let parts = html! {
        @if !seen.groups.is_empty() { h2 { "What fails" } }
        @for group in &seen.groups { (card(&visitor, &seen.connector, group, &seen.next())) }
        h2 { "Now" }
        (seen.card(&host, &visitor))
        (streams)
    };
    let name = &seen.connector.install;
    let path = format!("/connectors/{id}");
    let body = html! {
        h1 { (text(name)) }
        (live(&path, &parts))
        (trouble)
        (reach)
        @if !origins.is_empty() { (registry::of(&visitor, &path, &origins)) }
        @if visitor.may_write {
            h2 { "Reset or uninstall" }
            p { a href={ (path) "/erase" } { "Erase what was read" } }
        }
    };
    Ok(page(&visitor, name, Tab::Overview, &body))
}

/// Lets it rest.
pub(super) async fn pause(
    State(host): State<Host>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Redirect, Refusal> {
    let (_, connector) = found(&host, &id).await?;
    host.pause(&posted.visitor.who, &connector).await?;
    Ok(back(&id))
}

/// Lets it go on.
pub(super) async fn resume(
    State(host): State<Host>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Redirect, Refusal> {
    let (_, connector) = found(&host, &id).await?;
    host.resume(&posted.visitor.who, &connector).await?;
    Ok(back(&id))
}

/// Polls it now.
pub(super) async fn poll(
    State(host): State<Host>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Redirect, Refusal> {
    let (_, connector) = found(&host, &id).await?;
    host.poll_now(&posted.visitor.who, &connector).await?;
    Ok(back(&id))
}

/// To its page.
pub(super) fn back(id: &str) -> Redirect {
    Redirect::to(&format!("/connectors/{id}"))
}

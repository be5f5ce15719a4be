//! Connectors from registries: what is known of one, installing one, and its versions.

use axum::extract::{Path, Query, State};
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::Value;
use store::Origin;

use super::Refusal;
use super::connector::back;
use super::fields::{Values, config};
use super::install::{COMPONENT, Way, checked, new};
use super::layout::{Tab, button, page, table, text, token_field};
use super::visitor::{Posted, Visitor};
use crate::api::connectors::found;
use crate::host::Host;
use crate::id::{ConnectorId, Id as _};
use crate::offer::Offer;
use crate::problem::Problem;

/// Where a connector from a registry is installed.
const INSTALL: &str = "/install-from";

/// Which component of a registry is meant.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Meant {
    component: String,
}

/// Asks for a reference.
pub(super) fn ask() -> Markup {
    html! {
        article.card {
            h2 { "From a registry" }
            form method="get" action=(INSTALL) {
                div.field {
                    label for=(COMPONENT) { "Reference" }
                    p.hint id="component.hint" {
                        "Such as oci://registry.example/acme/lakeside:1.2.0. Whose signatures are believed stands in the policy."
                    }
                    input #component name=(COMPONENT) required autocomplete="off" spellcheck="false"
                        aria-describedby="component.hint";
                }
                button { "Look at it" }
            }
        }
    }
}

/// What is known of a component, as lines of a list.
pub(super) fn proof(origin: &Origin) -> Markup {
    let signer = origin.signer.as_deref().unwrap_or("nobody");
    let level = origin.level.map_or_else(|| "nothing".to_owned(), |level| level.to_string());
    html! {
        dt { "From" } dd { code { (text(&origin.repository)) @if let Some(tag) = &origin.tag { ":" (text(tag)) } } }
        dt { "Signed by" } dd { code { (text(signer)) } }
        dt { "Proved to be" } dd { (text(&level)) }
    }
}

fn known(offer: &Offer) -> Markup {
    html! {
        dl {
            (proof(&offer.origin))
            dt { "Pinned to" } dd { code { (text(&offer.origin.artifact)) } }
            dt { "Component" } dd { code { (text(&offer.origin.component)) } }
        }
    }
}

/// The form of a connector that a registry has.
pub(super) async fn form(
    State(host): State<Host>,
    visitor: Visitor,
    Query(Meant { component }): Query<Meant>,
) -> Result<Response, Refusal> {
    if !visitor.may_write {
        let body = html! { h1 { "Install from a registry" } p.wait { "This session may only read." } };
        return Ok(page(&visitor, "Install from a registry", Tab::Install, &body).into_response());
    }
    let offer = host.offer(component.trim()).await?;
    Ok(shown(&host, &visitor, &offer, &Values::new(), None).into_response())
}

fn shown(host: &Host, visitor: &Visitor, offer: &Offer, values: &Values, refused: Option<&Problem>) -> Html<String> {
    // What was looked at is what is installed, whatever the tag means then.
    let reference = format!("oci://{}@{}", offer.origin.repository, offer.origin.artifact);
    let way = Way { action: INSTALL.to_owned(), from: Some((&reference, known(offer))) };
    new(host, visitor, &offer.provider(), values, &way, refused)
}

/// Checks a config with the provider, and installs the connector where it is well.
pub(super) async fn install(State(host): State<Host>, posted: Posted) -> Result<Response, Refusal> {
    let offer = host.offer(posted.field(COMPONENT)).await?;
    let provider = offer.provider();
    let values = config(&provider.described.manifest, &posted.fields, &Values::new());
    let body = Value::Object(values.clone()).to_string();
    let installed = match checked(&host, &provider, &body).await {
        Ok(()) => {
            let from = (offer.origin.clone(), offer.wasm.clone());
            host.add(&posted.visitor.who, provider, body, Some(from)).await
        }
        Err(problem) => Err(problem),
    };
    Ok(match installed {
        Ok(added) => back(&ConnectorId::from(&added).text()).into_response(),
        Err(problem) => {
            (problem.status(), shown(&host, &posted.visitor, &offer, &values, Some(&problem))).into_response()
        }
    })
}

/// The versions that an install has had, and the way to others.
pub(super) fn of(visitor: &Visitor, path: &str, origins: &[Origin]) -> Markup {
    let head = html! { th { "Version" } th { "Pinned to" } th { "Signed by" } th { "Proved to be" } };
    let rows = html! {
        @for origin in origins {
            tr {
                td { (text(&origin.version)) }
                td { code { (text(&origin.repository)) "@" (text(&origin.artifact)) } }
                td { code { (text(origin.signer.as_deref().unwrap_or("nobody"))) } }
                td { (origin.level.map_or_else(|| "nothing".to_owned(), |level| level.to_string())) }
            }
        }
    };
    html! {
        h2 #versions { "Where its component came from" }
        (table("Versions, the present one first", &head, &rows))
        @if visitor.may_write {
            form method="post" action={ (path) "/upgrade" } {
                (token_field(visitor))
                div.field {
                    label for=(COMPONENT) { "Another version" }
                    p.hint id="component.hint" { "A reference; left empty, what its tag means today." }
                    input #component name=(COMPONENT) autocomplete="off" spellcheck="false" aria-describedby="component.hint";
                }
                button { "Upgrade" }
            }
            @if origins.len() > 1 { (button(visitor, &format!("{path}/rollback"), "Roll back", "the version before")) }
        }
    }
}

/// Gives it another version.
pub(super) async fn upgrade(
    State(host): State<Host>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Redirect, Refusal> {
    let (_, connector) = found(&host, &id).await?;
    let meant = Some(posted.field(COMPONENT).trim().to_owned()).filter(|meant| !meant.is_empty());
    host.upgrade(&posted.visitor.who, &connector, meant).await?;
    Ok(back(&id))
}

/// Gives it back the version before.
pub(super) async fn roll_back(
    State(host): State<Host>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, Refusal> {
    let (_, connector) = found(&host, &id).await?;
    let (origin, unread) = host.roll_back(&posted.visitor.who, &connector).await?;
    if unread.is_empty() {
        return Ok(back(&id).into_response());
    }
    let path = format!("/connectors/{id}");
    let body = html! {
        h1 { (text(&connector.install)) " is at " (text(&origin.version)) " again" }
        p { "That version cannot read what the later one left behind of these streams:" }
        ul { @for stream in &unread { li { code { (text(&stream.to_string())) } } } }
        p { a href={ (path) "/erase" } { "Reset it" } " to read everything anew, or " a href=(path) { "go back to it" } "." }
    };
    Ok(page(&posted.visitor, "Rolled back", Tab::Overview, &body).into_response())
}

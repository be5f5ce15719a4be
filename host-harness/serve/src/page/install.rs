//! Installing a connector, and changing the config of one: a form from the manifest, with what it asks.

use std::time::Duration;

use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use maud::{Markup, html};
use serde_json::Value;
use store::serving::connectors::Connector;

use super::connector::back;
use super::fields::{NAME, Values, config, form as fields_form};
use super::layout::{Tab, page, text, token_field, told};
use super::visitor::{Posted, Visitor};
use super::{Refusal, asks};
use crate::api::connectors::found;
use crate::host::Host;
use crate::id::{ConnectorId, Id as _};
use crate::problem::Problem;
use crate::providers::Provider;

/// The field of a form that says which component of a registry is meant.
pub(super) const COMPONENT: &str = "component";
/// How long a provider may take to say whether credentials are good. Whoever waits for a page does not wait longer.
const PATIENCE: Duration = Duration::from_secs(20);

/// Which one?
pub(super) async fn choose(State(host): State<Host>, visitor: Visitor) -> Html<String> {
    let providers = host.served().providers.all();
    let body = html! {
        h1 { "Install a connector" }
        (super::registry::ask())
        @for provider in providers {
            @let manifest = &provider.described.manifest;
            article.card {
                div.row {
                    h2.grow { (text(&manifest.name)) " " (text(&manifest.version)) }
                    a.button href={ "/install/" (manifest.name) } { "Install " (text(&manifest.name)) }
                }
                dl {
                    dt { "Component" } dd { code { (text(provider.described.connector.digest())) } }
                    dt { "Whose" } dd { (whose(&host, provider)) }
                }
            }
        }
    };
    page(&visitor, "Install a connector", Tab::Install, &body)
}

pub(super) fn whose(host: &Host, provider: &Provider) -> &'static str {
    let is_granted = host.served().policy.grants_of(&provider.described.manifest.name).next().is_some();
    match (provider.is_bundled, is_granted) {
        (true, _) => "the program's own, which needs no grant",
        (false, true) => "a stranger's, to which the policy grants something",
        (false, false) => "a stranger's, to which the policy grants nothing yet",
    }
}

/// The form of a provider.
pub(super) async fn form(
    State(host): State<Host>,
    visitor: Visitor,
    Path(provider): Path<String>,
) -> Result<Html<String>, Refusal> {
    let provider = host.served().provider(&provider)?.clone();
    Ok(new(&host, &visitor, &provider, &Values::new(), &Way::own(&provider), None))
}

/// Where a form goes, and what it says beside the config.
pub(super) struct Way<'w> {
    pub(super) action: String,
    /// What the connector came from, and what is known of it.
    pub(super) from: Option<(&'w str, Markup)>,
}

impl Way<'_> {
    fn own(provider: &Provider) -> Self {
        Self { action: format!("/install/{}", provider.described.manifest.name), from: None }
    }
}

pub(super) fn new(
    host: &Host,
    visitor: &Visitor,
    provider: &Provider,
    values: &Values,
    way: &Way<'_>,
    refused: Option<&Problem>,
) -> Html<String> {
    let manifest = &provider.described.manifest;
    let name = values.get(NAME).and_then(Value::as_str).unwrap_or(&manifest.name);
    let body = html! {
        h1 { "Install " (text(&manifest.name)) " " (text(&manifest.version)) }
        @if let Some(problem) = refused { (told(problem)) p { "Nothing was installed. Secrets have to be given again." } }
        @if let Some((_, known)) = &way.from { (known) }
        form method="post" action=(way.action) {
            (token_field(visitor))
            @if let Some((reference, _)) = &way.from { input type="hidden" name=(COMPONENT) value=(text(reference)); }
            div.field {
                label for=(NAME) { "Name" }
                p.hint id="name.hint" { "What this install is called here. It keeps the name." }
                input #name name=(NAME) value=(text(name)) required maxlength="100" autocomplete="off"
                    aria-describedby="name.hint";
            }
            (fields_form(manifest, values, false))
            @if visitor.may_write { button.main { "Check and install" } }
            @else { p.wait { "This session may only read." } }
        }
        h2 { "What it asks" }
        p { "This connector is " (whose(host, provider)) "." }
        (asks::listed(&asks::of(provider), &[]))
    };
    page(visitor, &format!("Install {}", manifest.name), Tab::Install, &body)
}

/// Checks a config with the provider, and installs the connector where it is well.
pub(super) async fn install(
    State(host): State<Host>,
    Path(provider): Path<String>,
    posted: Posted,
) -> Result<Response, Refusal> {
    let provider = host.served().provider(&provider)?.clone();
    let values = config(&provider.described.manifest, &posted.fields, &Values::new());
    let body = Value::Object(values.clone()).to_string();
    let installed = match checked(&host, &provider, &body).await {
        Ok(()) => host.add(&posted.visitor.who, provider.clone(), body, None).await,
        Err(problem) => Err(problem),
    };
    Ok(match installed {
        Ok(added) => back(&ConnectorId::from(&added).text()).into_response(),
        Err(problem) => {
            (problem.status(), new(&host, &posted.visitor, &provider, &values, &Way::own(&provider), Some(&problem)))
                .into_response()
        }
    })
}

pub(super) async fn checked(host: &Host, provider: &Provider, body: &str) -> Result<(), Problem> {
    let slow = || {
        let seconds = PATIENCE.as_secs();
        Problem::validation(format!("the provider has not said within {seconds} s whether it accepts the credentials"))
    };
    let checked = tokio::time::timeout(PATIENCE, host.check(provider.clone(), body.to_owned())).await;
    checked.map_err(|_| slow())?.map(|_| ())
}

/// The config that a connector has.
pub(super) async fn present(
    State(host): State<Host>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Html<String>, Refusal> {
    let (_, connector) = found(&host, &id).await?;
    let values = host.served().shown_config(&connector)?;
    changing(&host, &visitor, &connector, &values, None)
}

fn changing(
    host: &Host,
    visitor: &Visitor,
    connector: &Connector,
    values: &Values,
    refused: Option<&Problem>,
) -> Result<Html<String>, Refusal> {
    let provider = host.served().provider_of(connector)?;
    let id = ConnectorId::from(connector).text();
    let save: Markup = html! {
        @if visitor.may_write { button.main { "Save and poll" } } @else { p.wait { "This session may only read." } }
    };
    let body = html! {
        p { a href={ "/connectors/" (id) } { "Back to " (text(&connector.install)) } }
        h1 { "Config of " (text(&connector.install)) }
        @if let Some(problem) = refused { (told(problem)) p { "Nothing was changed." } }
        p { "What was read stays. The next poll begins as soon as the config is saved." }
        form method="post" action={ "/connectors/" (id) "/config" } {
            (token_field(visitor))
            (fields_form(&provider.described.manifest, values, true))
            (save)
        }
    };
    Ok(page(visitor, "Config", Tab::Overview, &body))
}

/// Takes another config.
pub(super) async fn configure(
    State(host): State<Host>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, Refusal> {
    let (_, connector) = found(&host, &id).await?;
    let provider = host.served().provider_of(&connector)?;
    let kept = host.served().shown_config(&connector)?;
    let values = config(&provider.described.manifest, &posted.fields, &kept);
    let changed = host.configure(&posted.visitor.who, &connector, Value::Object(values.clone()).to_string()).await;
    Ok(match changed {
        Ok(()) => Redirect::to(&format!("/connectors/{id}")).into_response(),
        Err(problem) => {
            let again = changing(&host, &posted.visitor, &connector, &values, Some(&problem))?;
            (problem.status(), again).into_response()
        }
    })
}

//! Erasing what was read: shown first, and then done.

use axum::extract::{Path, State};
use axum::response::{Html, Redirect};
use maud::html;

use super::connector::back;
use super::layout::{Tab, page, text, token_field};
use super::visitor::{Posted, Visitor};
use super::{Refusal, foreign_form};
use crate::api::connectors::found;
use crate::erase::Erase;
use crate::host::Host;

/// Asks which.
pub(super) async fn form(
    State(host): State<Host>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Html<String>, Refusal> {
    let (_, connector) = found(&host, &id).await?;
    let choice = |what: Erase, label: &str, told: &str| {
        html! {
            div.card {
                p { (told) }
                @if visitor.may_write {
                    form method="post" {
                        (token_field(&visitor))
                        input type="hidden" name="what" value=(what.word());
                        button.harm { (label) " " (text(&connector.install)) }
                    }
                }
            }
        }
    };
    let body = html! {
        p { a href={ "/connectors/" (id) } { "Back to " (text(&connector.install)) } }
        h1 { "Reset or uninstall " (text(&connector.install)) }
        p { "Either erases all that was read, and cannot be undone. What the provider has is not touched." }
        (choice(Erase::Reset, "Reset", "Erase all that was read and read it anew, under another id, with the same config."))
        (choice(Erase::Uninstall, "Uninstall", "Erase all that was read, and the connector with its config."))
    };
    Ok(page(&visitor, "Reset or uninstall", Tab::Overview, &body))
}

/// Begins to erase.
pub(super) async fn erase(
    State(host): State<Host>,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Redirect, Refusal> {
    let (_, connector) = found(&host, &id).await?;
    let known = [Erase::Reset, Erase::Uninstall];
    let what = known.into_iter().find(|what| what.word() == posted.field("what")).ok_or_else(foreign_form)?;
    host.erase(&posted.visitor.who, &connector, what).await?;
    Ok(if what == Erase::Reset { back(&id) } else { Redirect::to("/") })
}

//! Who did what.

use axum::extract::State;
use axum::response::Html;
use maud::html;

use super::Refusal;
use super::layout::{Tab, instant, live, page, table, text};
use super::visitor::Visitor;
use crate::host::Host;

/// The most lines that are shown.
const MOST: u32 = 200;

/// The page.
pub(super) async fn show(State(host): State<Host>, visitor: Visitor) -> Result<Html<String>, Refusal> {
    let deeds = host.store(|store| store.deeds(MOST)).await?;
    let head = html! {
        th scope="col" { "When" } th scope="col" { "Who" } th scope="col" { "What" } th scope="col" { "Connector" }
        th scope="col" { "Note" }
    };
    let rows = html! {
        @for deed in &deeds {
            tr {
                td { (instant(deed.at)) } td { (text(&deed.who)) } td { (text(&deed.what)) }
                td { (text(deed.install.as_deref().unwrap_or_default())) } td { (text(&deed.told)) }
            }
        }
    };
    let parts = html! {
        @if deeds.is_empty() { p { "Nobody has done anything yet." } } @else { (table("Audit log", &head, &rows)) }
        @if deeds.len() as u64 == u64::from(MOST) { p.quiet { "The latest " (MOST) " are shown." } }
    };
    let body =
        html! { h1 { "Audit log" } p.quiet { "What operators did, the latest first." } (live("/audit", &parts)) };
    Ok(page(&visitor, "Audit log", Tab::Audit, &body))
}

//! The polls of a stream, the latest first.

use axum::extract::{Path, Query, State};
use axum::response::Html;
use maud::html;

use super::layout::{Tab, instant, page, span, table, text};
use super::payments::{Place, pages};
use super::streams::{label, records, seconds};
use super::visitor::Visitor;
use super::{Read, Refusal};
use crate::api::connectors::found;
use crate::api::list::Asked;
use crate::host::Host;
use crate::id::{Id as _, ScheduleId};
use crate::problem::Problem;

/// The page.
pub(super) async fn show(
    State(host): State<Host>,
    visitor: Visitor,
    Path((id, stream)): Path<(String, String)>,
    Query(place): Query<Place>,
) -> Result<Html<String>, Refusal> {
    let (of, connector) = found(&host, &id).await?;
    let key = ScheduleId::parse(&stream).filter(|schedule| schedule.is_of(&of));
    let key = key.ok_or_else(|| Problem::not_found("stream"))?.stream(&connector.install);
    let asked = Asked::at(place.cursor(), String::new())?;
    let ((seek, size), wanted) = (asked.seek(), key.clone());
    let (runs, names) = host
        .store(move |store| -> Read<_> {
            Ok((store.list_instances(&wanted, seek, size)?, store.account_names(&wanted.install)?))
        })
        .await?;
    let part = asked.listed(runs, |run| run).cursor;
    let head = html! {
        th scope="col" { "Began" } th.number scope="col" { "Took" } th scope="col" { "Read" }
        th.number.extra scope="col" { "Requests" } th scope="col" { "Outcome" }
    };
    let rows = html! {
        @for run in &part.data {
            tr {
                td { (instant(run.started_at)) }
                @match &run.summary {
                    Some(end) => {
                        td.number { (span(seconds(end.finished_at - run.started_at))) } td { (records(end)) }
                        td.number.extra { (end.requests) }
                        td {
                            @match (&end.error, &run.gaps) {
                                (Some(error), _) => span.bad { (text(error)) },
                                (None, Some(gaps)) => span.wait { "missing: " (text(gaps)) },
                                (None, None) => span.good { "complete" },
                            }
                        }
                    }
                    None => { td {} td {} td.extra {} td { span.wait { "under way, or ended with its process" } } }
                }
            }
        }
    };
    let title = label(&key, &names);
    let path = format!("/connectors/{id}/streams/{stream}?");
    let body = html! {
        p { a href={ "/connectors/" (id) } { (text(&connector.install)) } }
        h1 { (text(&title)) }
        (table("Polls", &head, &rows))
        (pages(&path, part.previous.as_deref(), part.next.as_deref()))
    };
    Ok(page(&visitor, &title, Tab::Overview, &body))
}

//! Payments: picked by what the API picks them by, and one of them with its versions.

use axum::extract::{Path, Query, State};
use axum::response::Html;
use maud::{Markup, html};
use model::money::money;
use serde::Deserialize;
use serde_json::{Value, json};
use store::serving::connectors::Connector;

use super::Refusal;
use super::layout::{Tab, moment, page, table, text};
use super::visitor::Visitor;
use crate::api::list::Asked;
use crate::api::payments::{Adjustment, Payment};
use crate::host::Host;
use crate::id::{ConnectorId, Id as _, PaymentId};
use crate::problem::Problem;
use crate::query::Of;

/// Where in a list one is.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Place {
    cursor: Option<String>,
}

impl Place {
    pub(super) fn cursor(&self) -> Option<&str> {
        self.cursor.as_deref().filter(|cursor| !cursor.is_empty())
    }
}

/// What payments are picked by.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Filter {
    connector: String,
    status: String,
    #[serde(rename = "type")]
    payment_type: String,
    reference: String,
    from: String,
    to: String,
    cursor: String,
}

const STATUSES: [&str; 14] = [
    "PENDING",
    "SUCCEEDED",
    "CANCELLED",
    "FAILED",
    "EXPIRED",
    "REFUNDED",
    "REFUNDED_FAILURE",
    "REFUND_REVERSED",
    "DISPUTE",
    "DISPUTE_WON",
    "DISPUTE_LOST",
    "AUTHORISATION",
    "CAPTURE",
    "OTHER",
];
const TYPES: [&str; 4] = ["PAY-IN", "PAYOUT", "TRANSFER", "OTHER"];

impl Filter {
    /// As the API's filter.
    fn query(&self) -> String {
        let day = |text: &str, time: &str| if text.contains('T') { text.to_owned() } else { format!("{text}T{time}Z") };
        let tests = [
            ("$match", "connector_id", self.connector.clone()),
            ("$match", "status", self.status.clone()),
            ("$match", "type", self.payment_type.clone()),
            ("$match", "reference", self.reference.trim().to_owned()),
            ("$gte", "created_at", if self.from.is_empty() { String::new() } else { day(&self.from, "00:00:00") }),
            (
                "$lte",
                "created_at",
                if self.to.is_empty() { String::new() } else { day(&self.to, "23:59:59.999999999") },
            ),
        ];
        let set = tests.into_iter().filter(|(_, _, value)| !value.is_empty());
        let tests: Vec<Value> = set.map(|(operator, key, value)| json!({ operator: { key: value } })).collect();
        if tests.is_empty() { String::new() } else { json!({ "$and": tests }).to_string() }
    }

    /// The path of the same list, for a cursor to be added.
    fn path(&self) -> String {
        let fields = [
            ("connector", &self.connector),
            ("status", &self.status),
            ("type", &self.payment_type),
            ("reference", &self.reference),
            ("from", &self.from),
            ("to", &self.to),
        ];
        let mut path = url::form_urlencoded::Serializer::new("/payments?".to_owned());
        let mut set = fields.into_iter().filter(|(_, value)| !value.is_empty()).peekable();
        let any = set.peek().is_some();
        for (name, value) in set {
            path.append_pair(name, value);
        }
        format!("{}{}", path.finish(), if any { "&" } else { "" })
    }
}

/// Links to the parts before and after.
pub(super) fn pages(path: &str, previous: Option<&str>, next: Option<&str>) -> Markup {
    html! {
        @if previous.or(next).is_some() {
            nav.pages aria-label="Parts of the list" {
                @if let Some(cursor) = previous { a rel="prev" href={ (path) "cursor=" (cursor) } { "Newer" } }
                @if let Some(cursor) = next { a rel="next" href={ (path) "cursor=" (cursor) } { "Older" } }
            }
        }
    }
}

/// The list.
pub(super) async fn list(
    State(host): State<Host>,
    visitor: Visitor,
    Query(filter): Query<Filter>,
) -> Result<Html<String>, Refusal> {
    let asked = Asked::at(Some(&*filter.cursor).filter(|cursor| !cursor.is_empty()), filter.query())?;
    let (condition, (seek, size)) = (asked.condition(Of::Payments)?, asked.seek());
    let found = host.store(move |store| store.list_payments(&condition, seek, size)).await?;
    let connectors = host.store(store::Store::connectors).await?;
    let part = asked.listed(found, Payment::from).cursor;
    let body = html! {
        h1 { "Payments" }
        (filters(&filter, &connectors))
        @if part.data.is_empty() { p { "There is no such payment." } } @else { (rows(&part.data)) }
        (pages(&filter.path(), part.previous.as_deref(), part.next.as_deref()))
    };
    Ok(page(&visitor, "Payments", Tab::Payments, &body))
}

fn rows(payments: &[Payment]) -> Markup {
    let head = html! {
        th scope="col" { "Made" } th.number scope="col" { "Amount" } th.extra scope="col" { "Type" } th scope="col" { "Status" }
        th.extra scope="col" { "Scheme" } th.extra scope="col" { "Provider" } th.extra scope="col" { "Reference" }
    };
    let rows = html! {
        @for payment in payments {
            tr {
                td { a href={ "/payments/" (payment.id) } { (moment(&payment.created_at)) } }
                td.number { (text(&money(&payment.amount.to_string(), &payment.asset))) }
                td.extra { (payment.kind) } td { (payment.status) } td.extra { (payment.scheme) }
                td.extra { (text(&payment.provider)) }
                td.extra { code { (text(&payment.reference)) } }
            }
        }
    };
    table("Payments", &head, &rows)
}

fn filters(filter: &Filter, connectors: &[Connector]) -> Markup {
    let select = |name: &str, label: &str, chosen: &str, options: &[(String, String)]| {
        html! {
            div.field {
                label for=(name) { (label) }
                select id=(name) name=(name) {
                    option value="" { "any" }
                    @for (value, shown) in options { option value=(value) selected[value == chosen] { (text(shown)) } }
                }
            }
        }
    };
    let input = |name: &str, label: &str, kind: &str, value: &str| {
        html! { div.field { label for=(name) { (label) } input id=(name) name=(name) type=(kind) value=(text(value)); } }
    };
    let words = |words: &[&str]| words.iter().map(|word| ((*word).to_owned(), (*word).to_owned())).collect::<Vec<_>>();
    let known = connectors.iter().map(|connector| (ConnectorId::from(connector).text(), connector.install.clone()));
    html! {
        form.card method="get" action="/payments" {
            div.filters {
                (select("connector", "Connector", &filter.connector, &known.collect::<Vec<_>>()))
                (select("status", "Status", &filter.status, &words(&STATUSES)))
                (select("type", "Type", &filter.payment_type, &words(&TYPES)))
                (input("from", "From (UTC)", "date", &filter.from))
                (input("to", "To (UTC)", "date", &filter.to))
                (input("reference", "Reference", "text", &filter.reference))
                div.row { button.main { "Show" } a href="/payments" { "All" } }
            }
        }
    }
}

/// One payment.
pub(super) async fn show(
    State(host): State<Host>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Html<String>, Refusal> {
    let record = PaymentId::parse(&id).ok_or_else(|| Problem::invalid_id("a payment"))?.record();
    let found = host.store(move |store| store.payment(&record)).await?;
    let (payment, versions) = found.ok_or_else(|| Problem::not_found("payment"))?;
    let payment = Payment::with_versions(payment, versions);
    let amount = |amount: &crate::api::view::Amount| text(&money(&amount.to_string(), &payment.asset));
    let account = |id: &Option<String>| html! { @if let Some(id) = id { a href={ "/accounts/" (id) } { "See the account" } } @else { "not an account here" } };
    let body = html! {
        p { a href="/payments" { "All payments" } }
        h1 { (amount(&payment.amount)) }
        dl {
            dt { "Status" } dd { (payment.status) }
            dt { "Type" } dd { (payment.kind) }
            dt { "Scheme" } dd { (payment.scheme) }
            dt { "Made" } dd { (moment(&payment.created_at)) }
            dt { "First amount" } dd { (amount(&payment.initial_amount)) }
            dt { "From" } dd { (account(&payment.source_account_id)) }
            dt { "To" } dd { (account(&payment.destination_account_id)) }
            dt { "Reference" } dd { code { (text(&payment.reference)) } }
            dt { "Connector" } dd { a href={ "/connectors/" (payment.connector_id) } { (text(&payment.provider)) } }
        }
        @if !payment.metadata.is_empty() {
            h2 { "Metadata" }
            dl { @for (key, value) in &payment.metadata { dt { (text(key)) } dd { (text(value)) } } }
        }
        h2 { "Versions" }
        @for version in payment.adjustments.iter().flatten() { (version_card(version)) }
    };
    Ok(page(&visitor, "Payment", Tab::Payments, &body))
}

fn version_card(version: &Adjustment) -> Markup {
    let amount = version.amount.as_ref().zip(version.asset.as_ref());
    html! {
        article.card {
            h3 { (version.status) @if let Some((amount, asset)) = amount { ", " (text(&money(&amount.to_string(), asset))) } }
            p.quiet { (moment(&version.created_at)) }
            details { summary { "What the provider sent" } pre { (text(version.raw.text())) } }
        }
    }
}

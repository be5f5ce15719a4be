//! What happened, in order: as a list that goes on from where one left it, and as a stream.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::response::sse::{Event as Sent, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures::stream;
use http::HeaderMap;
use http::header::ACCEPT;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};
use store::serving::events::{About, Event as Kept, NewBalance};
use store::serving::list::{AccountItem, AdjustmentItem, PaymentItem};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::accounts::Account;
use super::payments::{Payment, status};
use super::pools::Pool;
use super::tasks::Task;
use super::view::{Raw, host_time, time};
use crate::extract::Query;
use crate::host::Host;
use crate::id::{ConnectorId, Id as _};
use crate::problem::Problem;

/// The most events of one answer.
const MOST: u32 = 500;
/// Events that a stream reads at once: a client that is slow holds them.
const STREAMED: u32 = 25;

/// Something that happened, as the payments API tells it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Event {
    /// Its number: they grow, and none comes twice. `after` takes it.
    pub(crate) id: String,
    /// The same for the same news: whoever gets it twice knows by it.
    pub(crate) idempotency_key: String,
    #[schema(format = DateTime)]
    date: String,
    /// Always `payments`.
    app: String,
    /// Always `v3`.
    version: String,
    /// `SAVED_ACCOUNT`, `SAVED_BALANCE`, `SAVED_PAYMENT`, `SAVED_POOL`, `DELETED_POOL`, `UPDATED_TASK`, `CONNECTOR_RESET`.
    #[serde(rename = "type")]
    kind: String,
    /// What is there now.
    #[schema(value_type = Object)]
    payload: Box<RawValue>,
}

/// Events, and where to go on.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Events {
    data: Vec<Event>,
    /// `after` for what comes next.
    next: String,
    has_more: bool,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct After {
    /// What came after the event of this number; from the beginning where it is not given.
    after: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SavedPayment {
    id: String,
    #[serde(rename = "connectorID")]
    connector_id: String,
    provider: String,
    reference: String,
    created_at: String,
    #[serde(rename = "type")]
    payment_type: String,
    status: String,
    scheme: String,
    asset: String,
    raw_data: Raw,
    /// Texts: not every reader of JSON keeps a long number.
    initial_amount: String,
    amount: String,
    #[serde(rename = "sourceAccountID", skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    #[serde(rename = "destinationAccountID", skip_serializing_if = "Option::is_none")]
    destination: Option<String>,
    metadata: BTreeMap<String, String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SavedAccount {
    id: String,
    provider: String,
    #[serde(rename = "connectorID")]
    connector_id: String,
    created_at: String,
    reference: String,
    #[serde(rename = "type")]
    account_type: String,
    raw_data: Raw,
    #[serde(skip_serializing_if = "Option::is_none")]
    default_asset: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    metadata: BTreeMap<String, String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SavedBalance {
    #[serde(rename = "accountID")]
    account_id: String,
    #[serde(rename = "connectorID")]
    connector_id: String,
    provider: String,
    created_at: String,
    last_updated_at: String,
    asset: String,
    balance: super::view::Amount,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SavedPool {
    id: String,
    name: String,
    created_at: String,
    #[serde(rename = "accountIDs")]
    account_ids: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DeletedPool {
    id: String,
    created_at: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ConnectorReset {
    created_at: String,
    /// The one that is no more: its task says which takes its place.
    #[serde(rename = "connectorID")]
    connector_id: String,
}

/// Its type, when it happened, and what is told of it.
type Told = (&'static str, String, Box<RawValue>);

/// An event as it goes out; none for what the API has no words for: a balance of another kind than booked.
pub(crate) fn told(event: Kept) -> Option<Event> {
    let id = event.seq.to_string();
    let (event_type, date, payload) = match event.about {
        About::Account(item) => saved_account(*item)?,
        About::Balance(new) => saved_balance(*new)?,
        About::Payment(item, version) => saved_payment(*item, &version)?,
        About::Pool(pool, at) => {
            let Pool { id, name, created_at, accounts, .. } = Pool::from(*pool);
            let payload = SavedPool { id, name, created_at, account_ids: accounts };
            ("SAVED_POOL", host_time(at), json(&payload)?)
        }
        About::PoolGone(id, at) => {
            let date = host_time(at);
            ("DELETED_POOL", date.clone(), json(&DeletedPool { id, created_at: date })?)
        }
        About::Task(task) => ("UPDATED_TASK", host_time(task.updated_at), json(&Task::from(*task))?),
        About::Reset(task) => {
            let date = host_time(task.updated_at);
            let connector_id = ConnectorId::new(&task.provider, &task.connector).text();
            ("CONNECTOR_RESET", date.clone(), json(&ConnectorReset { created_at: date, connector_id })?)
        }
    };
    Some(Event {
        idempotency_key: key(&id, event_type),
        id,
        date,
        app: "payments".to_owned(),
        version: "v3".to_owned(),
        kind: event_type.to_owned(),
        payload,
    })
}

fn saved_account(item: AccountItem) -> Option<Told> {
    let account = Account::from(item);
    let date = account.created_at.clone();
    let payload = SavedAccount {
        id: account.id,
        provider: account.provider,
        connector_id: account.connector_id,
        created_at: account.created_at,
        reference: account.reference,
        account_type: account.kind,
        raw_data: account.raw,
        default_asset: account.default_asset,
        name: account.name,
        metadata: account.metadata,
    };
    Some(("SAVED_ACCOUNT", date, json(&payload)?))
}

fn saved_balance(new: NewBalance) -> Option<Told> {
    let NewBalance { of, account, kind, label, balance } = new;
    if kind != "BOOKED" || label.is_some() {
        return None;
    }
    let connector = ConnectorId::from(&of);
    let date = time(balance.since);
    let payload = SavedBalance {
        account_id: connector.clone().account(&account).text(),
        connector_id: connector.text(),
        provider: of.provider,
        created_at: date.clone(),
        last_updated_at: time(balance.until),
        asset: balance.asset,
        balance: super::view::Amount::of(&balance.amount),
    };
    Some(("SAVED_BALANCE", date, json(&payload)?))
}

/// A payment as it was in this version.
fn saved_payment(item: PaymentItem, version: &AdjustmentItem) -> Option<Told> {
    let initial = item.initial_amount.clone();
    let payment = Payment::from(item);
    let payload = SavedPayment {
        id: payment.id,
        connector_id: payment.connector_id,
        provider: payment.provider,
        reference: payment.reference,
        created_at: payment.created_at,
        payment_type: payment.kind,
        status: status(&version.status).to_owned(),
        scheme: payment.scheme,
        asset: payment.asset,
        raw_data: Raw::of(&version.raw),
        initial_amount: initial,
        amount: version.amount.clone(),
        source: payment.source_account_id,
        destination: payment.destination_account_id,
        metadata: payment.metadata,
    };
    Some(("SAVED_PAYMENT", time(version.at), json(&payload)?))
}

fn json(payload: &impl Serialize) -> Option<Box<RawValue>> {
    serde_json::value::to_raw_value(payload).ok()
}

/// The same for the same change, whenever and however often it is sent.
fn key(id: &str, event_type: &str) -> String {
    format!("{:x}", Sha256::digest(format!("{event_type} {id}")))
}

pub(super) fn routes() -> OpenApiRouter<Host> {
    OpenApiRouter::new().routes(routes!(list))
}

/// What happened after an event: as JSON, or as a stream that does not end for who accepts `text/event-stream`.
#[utoipa::path(get, path = "/v3/events", operation_id = "listEvents", tag = "events", params(After),
    responses((status = 200, content((Events = "application/json"), (String = "text/event-stream"))),
        (status = 400, body = Problem)))]
async fn list(State(host): State<Host>, headers: HeaderMap, Query(asked): Query<After>) -> Result<Response, Problem> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    // Who connects again says so by the header, at the address that it had.
    let last = text("last-event-id").map(str::to_owned);
    let after = last.or(asked.after).filter(|after| !after.is_empty()).unwrap_or_else(|| "0".to_owned());
    let after: i64 = after.parse().map_err(|_| Problem::validation("`after`: expected the `id` of an event"))?;
    if text(ACCEPT.as_str()).is_some_and(|accept| accept.contains("text/event-stream")) {
        return Ok(streamed(host, after).into_response());
    }
    let (events, last) = host.store(move |store| store.events(after, MOST)).await?;
    let newest = host.store(store::Store::last_event).await?;
    let data = events.into_iter().filter_map(told).collect();
    Ok(Json(Events { data, next: last.to_string(), has_more: last < newest }).into_response())
}

/// Where a stream is: what is read and not yet sent, and the number of the last change that was read.
struct Place {
    host: Host,
    after: i64,
    read: std::vec::IntoIter<Event>,
    news: tokio::sync::watch::Receiver<u64>,
}

fn streamed(host: Host, after: i64) -> Sse<impl futures::Stream<Item = Result<Sent, Infallible>>> {
    let news = host.parts().news.clone();
    let place = Place { host, after, read: Vec::new().into_iter(), news };
    let events = stream::unfold(place, |mut place| async move {
        loop {
            if let Some(event) = place.read.next() {
                let sent = Sent::default().id(event.id.clone()).event(event.kind.clone());
                let data = serde_json::to_string(&event).unwrap_or_default();
                return Some((Ok(sent.data(data)), place));
            }
            place.news.mark_unchanged();
            let after = place.after;
            let (events, last) = place.host.store(move |store| store.events(after, STREAMED)).await.ok()?;
            if last == after {
                // The one who tells news is gone with the server.
                place.news.changed().await.ok()?;
                continue;
            }
            place.after = last;
            place.read = events.into_iter().filter_map(told).collect::<Vec<_>>().into_iter();
        }
    });
    Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(15)))
}

//! Payments with their versions.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use store::serving::list::{AdjustmentItem, PaymentItem};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::list::{Asked, ListQuery};
use super::view::{Amount, Data, Listed, Raw, metadata, time};
use crate::access::Writes;
use crate::extract::{Path, Text};
use crate::host::Host;
use crate::id::{ConnectorId, Id as _, PaymentId};
use crate::problem::Problem;
use crate::query::Of;

/// A payment in its present version.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Payment {
    pub(crate) id: String,
    #[serde(rename = "connectorID")]
    pub(crate) connector_id: String,
    pub(crate) provider: String,
    pub(crate) reference: String,
    #[schema(format = DateTime)]
    pub(crate) created_at: String,
    /// The type that it had first; one that it has since is `std/type`.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) initial_amount: Amount,
    pub(crate) amount: Amount,
    pub(crate) asset: String,
    pub(crate) scheme: String,
    pub(crate) status: String,
    #[serde(rename = "sourceAccountID")]
    pub(crate) source_account_id: Option<String>,
    #[serde(rename = "destinationAccountID")]
    pub(crate) destination_account_id: Option<String>,
    pub(crate) metadata: BTreeMap<String, String>,
    /// Null in lists.
    pub(crate) adjustments: Option<Vec<Adjustment>>,
}

/// A version of a payment.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Adjustment {
    id: String,
    reference: String,
    #[schema(format = DateTime)]
    pub(crate) created_at: String,
    pub(crate) status: String,
    pub(crate) amount: Option<Amount>,
    pub(crate) asset: Option<String>,
    metadata: BTreeMap<String, String>,
    pub(crate) raw: Raw,
}

/// The API's word for a status of the store.
pub(crate) fn status(word: &str) -> &str {
    if word == "AMOUNT_ADJUSTMENT" { "AMOUNT_ADJUSTEMENT" } else { word }
}

/// The API's word for a type of the store. It has none for a conversion.
fn payment_type(word: &str) -> &str {
    if word == "CONVERSION" { "OTHER" } else { word }
}

impl From<PaymentItem> for Payment {
    fn from(item: PaymentItem) -> Self {
        let connector = ConnectorId::from(&item.of);
        let account = |reference: &String| connector.clone().account(reference).text();
        Self {
            id: connector.clone().payment(&item.reference, payment_type(&item.payment_type)).text(),
            connector_id: connector.text(),
            created_at: time(item.created_at),
            initial_amount: Amount::of(&item.initial_amount),
            amount: Amount::of(&item.amount),
            status: status(&item.status).to_owned(),
            source_account_id: item.source.as_ref().map(account),
            destination_account_id: item.destination.as_ref().map(account),
            metadata: said(&item),
            kind: payment_type(&item.payment_type).to_owned(),
            provider: item.of.provider,
            reference: item.reference,
            asset: item.asset,
            scheme: item.scheme,
            adjustments: None,
        }
    }
}

/// What is said of a payment, with what the API has no field for.
fn said(item: &PaymentItem) -> BTreeMap<String, String> {
    let mut said = metadata(&item.metadata, &item.notes);
    let mut add = |key: &str, value: Option<&String>| {
        if let Some(value) = value {
            said.entry(key.to_owned()).or_insert_with(|| value.clone());
        }
    };
    let conversion = Some(&item.payment_type).filter(|word| *word == "CONVERSION");
    add("std/type", item.present_type.as_ref().or(conversion));
    add("std/parent-reference", item.parent.as_ref());
    add("std/counter-amount", item.counter.as_ref());
    add("std/counterparty", item.counterparty.as_ref());
    add("std/fees", Some(&item.fees).filter(|fees| *fees != "[]"));
    said
}

impl Payment {
    /// With its versions, the latest first.
    pub(crate) fn with_versions(item: PaymentItem, versions: Vec<AdjustmentItem>) -> Self {
        let id = ConnectorId::from(&item.of).payment(&item.reference, payment_type(&item.payment_type));
        let asset = item.asset.clone();
        let adjustments = versions.into_iter().map(|version| {
            let created_at = time(version.at);
            Adjustment {
                id: id.clone().adjustment(created_at.clone(), status(&version.status)).text(),
                reference: item.reference.clone(),
                created_at,
                status: status(&version.status).to_owned(),
                amount: Some(Amount::of(&version.amount)),
                asset: Some(asset.clone()),
                metadata: BTreeMap::new(),
                raw: Raw::of(&version.raw),
            }
        });
        let adjustments = Some(adjustments.collect());
        Self { adjustments, ..Self::from(item) }
    }
}

/// What is to be noted. The API's server reads the notes themselves, its description has them as `metadata`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged, deny_unknown_fields)]
enum Notes {
    Described { metadata: Option<BTreeMap<String, String>> },
    Plain(BTreeMap<String, String>),
}

impl Notes {
    fn pairs(self) -> BTreeMap<String, String> {
        match self {
            Self::Described { metadata } => metadata.unwrap_or_default(),
            Self::Plain(pairs) => pairs,
        }
    }
}

pub(super) fn routes() -> OpenApiRouter<Host> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(get)).routes(routes!(note)).routes(routes!(refuse))
}

/// Lists payments, the newest first.
#[utoipa::path(get, path = "/v3/payments", operation_id = "listPayments", tag = "payments", params(ListQuery),
    responses((status = 200, body = Listed<Payment>), (status = 400, body = Problem)))]
async fn list(State(host): State<Host>, asked: Asked) -> Result<Json<Listed<Payment>>, Problem> {
    let (condition, (seek, size)) = (asked.condition(Of::Payments)?, asked.seek());
    let page = host.store(move |store| store.list_payments(&condition, seek, size)).await?;
    Ok(Json(asked.listed(page, Payment::from)))
}

/// One payment, with its versions.
#[utoipa::path(get, path = "/v3/payments/{paymentID}", operation_id = "getPayment", tag = "payments", params(("paymentID" = String, Path)),
    responses((status = 200, body = Data<Payment>), (status = 400, body = Problem), (status = 404, body = Problem)))]
async fn get(State(host): State<Host>, Path(id): Path<String>) -> Result<Json<Data<Payment>>, Problem> {
    let id = PaymentId::parse(&id).ok_or_else(|| Problem::invalid_id("a payment"))?.record();
    let found = host.store(move |store| store.payment(&id)).await?;
    let (payment, versions) = found.ok_or_else(|| Problem::not_found("payment"))?;
    Ok(Json(Data { data: Payment::with_versions(payment, versions) }))
}

/// Adds to what is noted of a payment. What the provider says is read again and again; what is noted stays.
#[utoipa::path(patch, path = "/v3/payments/{paymentID}/metadata", operation_id = "updatePaymentMetadata", tag = "payments", params(("paymentID" = String, Path)),
    request_body = Notes,
    responses((status = 204), (status = 400, body = Problem), (status = 404, body = Problem)))]
async fn note(
    State(host): State<Host>,
    _: Writes,
    Path(id): Path<String>,
    Text(body): Text,
) -> Result<StatusCode, Problem> {
    let id = PaymentId::parse(&id).ok_or_else(|| Problem::invalid_id("a payment"))?.record();
    let notes: Notes = serde_json::from_str(&body)
        .map_err(|_| Problem::body("expected an object of strings, or one with that as `metadata`"))?;
    let pairs = notes.pairs();
    let is_there = host.store(move |store| store.note(&id, &pairs)).await?;
    if is_there { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::not_found("payment")) }
}

/// Payments come from providers alone.
#[utoipa::path(post, path = "/v3/payments", operation_id = "createPayment", tag = "payments", responses((status = 400, body = Problem)))]
async fn refuse() -> Problem {
    Problem::validation("this host reads only: payments come from providers, and none can be made here")
}

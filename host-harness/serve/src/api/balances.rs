//! Balances of an account over time.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use store::serving::list::{BalanceItem, Span};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::list::{Asked, ListQuery};
use super::view::{Amount, Listed, time};
use crate::extract::{Path, Query};
use crate::host::Host;
use crate::id::{AccountId, Id as _};
use crate::problem::Problem;

/// How much an account had, from one time to another.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Balance {
    #[serde(rename = "accountID")]
    account_id: String,
    #[schema(format = DateTime)]
    pub(crate) created_at: String,
    /// Until when: when another amount was read, else when this one was read last.
    #[schema(format = DateTime)]
    pub(crate) last_updated_at: String,
    pub(crate) asset: String,
    #[serde(rename = "balance")]
    pub(crate) amount: Amount,
    /// Always empty: a read-only host has no users of its own.
    #[serde(rename = "psuID")]
    psu_id: String,
}

impl Balance {
    pub(crate) fn of(account: &str, item: BalanceItem) -> Self {
        Self {
            account_id: account.to_owned(),
            created_at: time(item.since),
            last_updated_at: time(item.until),
            asset: item.asset,
            amount: Amount::of(&item.amount),
            psu_id: String::new(),
        }
    }
}

/// Which balances. A time has two names: one that the API's description has, and one that its server reads.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct SpanQuery {
    /// Of this asset only.
    asset: Option<String>,
    /// Held at or after this time.
    #[param(format = DateTime)]
    from: Option<String>,
    /// As `from`.
    #[param(format = DateTime)]
    from_timestamp: Option<String>,
    /// Held at or before this time.
    #[param(format = DateTime)]
    to: Option<String>,
    /// As `to`.
    #[param(format = DateTime)]
    to_timestamp: Option<String>,
    /// `booked`, unless it is `available`.
    kind: Option<String>,
}

impl SpanQuery {
    fn read(self) -> Result<Span, Problem> {
        let time = |name: &str, text: Option<String>| -> Result<Option<DateTime<Utc>>, Problem> {
            let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
            // A `+` that was not escaped has become a blank.
            let at = DateTime::parse_from_rfc3339(&text.replace(' ', "+"))
                .map_err(|_| Problem::validation(format!("`{name}`: expected a time such as 2026-01-31T00:00:00Z")))?;
            Ok(Some(at.to_utc()))
        };
        let kind = match self.kind.as_deref().unwrap_or("booked") {
            "booked" => "BOOKED",
            "available" => "AVAILABLE",
            _ => return Err(Problem::validation("`kind`: expected `booked` or `available`")),
        };
        Ok(Span {
            kind: kind.to_owned(),
            asset: self.asset.filter(|asset| !asset.is_empty()),
            from: time("from", self.from.or(self.from_timestamp))?,
            to: time("to", self.to.or(self.to_timestamp))?,
        })
    }
}

pub(super) fn routes() -> OpenApiRouter<Host> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Lists the balances of an account, the newest first.
#[utoipa::path(get, path = "/v3/accounts/{accountID}/balances", operation_id = "getAccountBalances", tag = "accounts",
    params(("accountID" = String, Path), ListQuery, SpanQuery),
    responses((status = 200, body = Listed<Balance>), (status = 400, body = Problem)))]
async fn list(
    State(host): State<Host>,
    Path(account): Path<String>,
    Query(span): Query<SpanQuery>,
    asked: Asked,
) -> Result<Json<Listed<Balance>>, Problem> {
    // The API calls it so, here alone.
    let no_id = || Problem::validation("this is no id of an account; take one from a list");
    let id = AccountId::parse(&account).ok_or_else(no_id)?.record();
    let (span, (seek, size)) = (span.read()?, asked.seek());
    let page = host.store(move |store| store.list_balances(&id, &span, seek, size)).await?;
    Ok(Json(asked.listed(page, |item| Balance::of(&account, item))))
}

//! Pools of accounts, whose balances are summed up.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use http::StatusCode;
use model::malformed::malformed;
use num_bigint::BigInt;
use serde::{Deserialize, Serialize};
use store::Store;
use store::serving::pools::{Pool as Kept, PoolAccount, PoolBalance, PoolError};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::list::{Asked, ListQuery};
use super::view::{Amount, Data, Listed, host_time};
use crate::access::Writes;
use crate::extract::{Path, Query, Text};
use crate::host::Host;
use crate::id::{AccountId, ConnectorId, Id as _};
use crate::problem::Problem;

/// A pool of accounts.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Pool {
    pub(super) id: String,
    pub(super) name: String,
    #[schema(format = DateTime)]
    pub(super) created_at: String,
    /// Always `STATIC`: the accounts are listed.
    #[serde(rename = "type")]
    kind: String,
    #[serde(rename = "poolAccounts")]
    pub(super) accounts: Vec<String>,
}

/// What is to be a pool.
#[derive(Debug, Deserialize, ToSchema)]
struct NewPool {
    name: String,
    #[serde(default, rename = "accountIDs")]
    account_ids: Vec<String>,
    /// A pool by a query is not made here.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    query: Option<serde_json::Value>,
}

/// What the accounts of a pool have together.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Balance {
    asset: String,
    amount: Amount,
    related_accounts: Vec<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct At {
    /// When.
    #[param(format = DateTime)]
    at: String,
}

pub(super) fn routes() -> OpenApiRouter<Host> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, remove))
        .routes(routes!(add, take))
        .routes(routes!(latest))
        .routes(routes!(balances))
}

impl From<PoolError> for Problem {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Exists(_) => Self::conflict(error),
            PoolError::NoAccount(_) => Self::validation(error),
            PoolError::Store(error) => error.into(),
        }
    }
}

fn account_id(account: &PoolAccount) -> String {
    ConnectorId::new(&account.provider, &account.id.connector).account(&account.id.reference).text()
}

impl From<Kept> for Pool {
    fn from(kept: Kept) -> Self {
        Self {
            accounts: kept.accounts.iter().map(account_id).collect(),
            id: kept.uuid,
            name: kept.name,
            created_at: host_time(kept.created_at),
            kind: "STATIC".to_owned(),
        }
    }
}

impl From<PoolBalance> for Balance {
    fn from(balance: PoolBalance) -> Self {
        let amounts = balance.amounts.iter().map(|(_, amount)| amount.as_str());
        Self {
            asset: balance.asset,
            amount: Amount::of(&sum(amounts)),
            related_accounts: balance.amounts.iter().map(|(account, _)| account_id(account)).collect(),
        }
    }
}

/// The sum of whole numbers of any length.
fn sum<'a>(amounts: impl Iterator<Item = &'a str>) -> String {
    amounts.filter_map(|amount| amount.parse::<BigInt>().ok()).sum::<BigInt>().to_string()
}

fn account(id: &str) -> Result<store::serving::list::RecordId, Problem> {
    Ok(AccountId::parse(id).ok_or_else(|| Problem::invalid_id("an account"))?.record())
}

/// Lists pools.
#[utoipa::path(get, path = "/v3/pools", operation_id = "listPools", tag = "pools", params(ListQuery),
    responses((status = 200, body = Listed<Pool>), (status = 400, body = Problem)))]
async fn list(State(host): State<Host>, asked: Asked) -> Result<Json<Listed<Pool>>, Problem> {
    let (seek, size) = asked.seek();
    let page = host.store(move |store| store.list_pools(seek, size)).await?;
    Ok(Json(asked.listed(page, Pool::from)))
}

/// Makes a pool of accounts.
#[utoipa::path(post, path = "/v3/pools", operation_id = "createPool", tag = "pools", request_body = NewPool,
    responses((status = 201, body = Data<String>), (status = 400, body = Problem)))]
async fn create(
    State(host): State<Host>,
    _: Writes,
    Text(body): Text,
) -> Result<(StatusCode, Json<Data<String>>), Problem> {
    let new: NewPool = serde_json::from_str(&body).map_err(|error| Problem::body(malformed(&error)))?;
    if new.query.is_some_and(|query| !query.is_null()) {
        return Err(Problem::validation("`query`: a pool lists its accounts here; give `accountIDs`"));
    }
    if new.name.trim().is_empty() {
        return Err(Problem::validation("`name`: expected a text"));
    }
    let accounts = new.account_ids.iter().map(|id| account(id)).collect::<Result<Vec<_>, _>>()?;
    let data = changed(&host, move |store, now| store.add_pool(&new.name, &accounts, now)).await?;
    Ok((StatusCode::CREATED, Json(Data { data })))
}

/// Changes a pool, and tells whoever waits for events.
async fn changed<R: Send + 'static, E: Into<Problem> + Send + 'static>(
    host: &Host,
    change: impl FnOnce(&Store, DateTime<Utc>) -> Result<R, E> + Send + 'static,
) -> Result<R, Problem> {
    let now = host.now();
    let changed = host.store(move |store| change(store, now)).await?;
    host.parts().watch.tell();
    Ok(changed)
}

/// One pool.
#[utoipa::path(get, path = "/v3/pools/{poolID}", operation_id = "getPool", tag = "pools", params(("poolID" = String, Path)),
    responses((status = 200, body = Data<Pool>), (status = 404, body = Problem)))]
async fn get(State(host): State<Host>, Path(id): Path<String>) -> Result<Json<Data<Pool>>, Problem> {
    let found = host.store(move |store| store.pool(&id)).await?;
    Ok(Json(Data { data: found.map(Pool::from).ok_or_else(|| Problem::not_found("pool"))? }))
}

/// Erases a pool.
#[utoipa::path(delete, path = "/v3/pools/{poolID}", operation_id = "deletePool", tag = "pools", params(("poolID" = String, Path)),
    responses((status = 204), (status = 404, body = Problem)))]
async fn remove(State(host): State<Host>, _: Writes, Path(id): Path<String>) -> Result<StatusCode, Problem> {
    let removed = changed(&host, move |store, now| store.remove_pool(&id, now)).await?;
    if removed { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::not_found("pool")) }
}

/// Adds an account to a pool.
#[utoipa::path(post, path = "/v3/pools/{poolID}/accounts/{accountID}", operation_id = "addAccountToPool", tag = "pools",
    params(("poolID" = String, Path), ("accountID" = String, Path)),
    responses((status = 204), (status = 400, body = Problem), (status = 404, body = Problem)))]
async fn add(
    State(host): State<Host>,
    _: Writes,
    Path((pool, id)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let account = account(&id)?;
    let added = changed(&host, move |store, now| store.add_to_pool(&pool, &account, now)).await?;
    if added { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::not_found("pool")) }
}

/// Takes an account out of a pool.
#[utoipa::path(delete, path = "/v3/pools/{poolID}/accounts/{accountID}", operation_id = "removeAccountFromPool", tag = "pools",
    params(("poolID" = String, Path), ("accountID" = String, Path)),
    responses((status = 204), (status = 400, body = Problem), (status = 404, body = Problem)))]
async fn take(
    State(host): State<Host>,
    _: Writes,
    Path((pool, id)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let account = account(&id)?;
    let taken = changed(&host, move |store, now| store.take_from_pool(&pool, &account, now)).await?;
    if taken { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::not_found("pool, or no such account in it")) }
}

/// What the accounts of a pool have now.
#[utoipa::path(get, path = "/v3/pools/{poolID}/balances/latest", operation_id = "getPoolBalancesLatest", tag = "pools", params(("poolID" = String, Path)),
    responses((status = 200, body = Data<Vec<Balance>>), (status = 404, body = Problem)))]
async fn latest(State(host): State<Host>, Path(id): Path<String>) -> Result<Json<Data<Vec<Balance>>>, Problem> {
    let now = host.now();
    at(&host, id, now).await
}

/// What the accounts of a pool had at a time.
#[utoipa::path(get, path = "/v3/pools/{poolID}/balances", operation_id = "getPoolBalances", tag = "pools", params(("poolID" = String, Path), At),
    responses((status = 200, body = Data<Vec<Balance>>), (status = 400, body = Problem), (status = 404, body = Problem)))]
async fn balances(
    State(host): State<Host>,
    Path(id): Path<String>,
    Query(asked): Query<At>,
) -> Result<Json<Data<Vec<Balance>>>, Problem> {
    let when = DateTime::parse_from_rfc3339(&asked.at.replace(' ', "+"))
        .map_err(|_| Problem::validation("`at`: expected a time such as 2026-01-31T00:00:00Z"))?;
    at(&host, id, when.to_utc()).await
}

async fn at(host: &Host, id: String, at: DateTime<chrono::Utc>) -> Result<Json<Data<Vec<Balance>>>, Problem> {
    let found = host.store(move |store| store.pool_balances(&id, at)).await?;
    let balances = found.ok_or_else(|| Problem::not_found("pool"))?;
    Ok(Json(Data { data: balances.into_iter().map(Balance::from).collect() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_is_exact_however_long_its_numbers_are() {
        for (amounts, expected) in [
            (vec![], "0"),
            (vec!["5", "-5"], "0"),
            (vec!["1", "99999999999999999999999999999999999999999"], "100000000000000000000000000000000000000000"),
            (vec!["1000", "-1", "-1000"], "-1"),
            (vec!["-7", "10"], "3"),
            (vec!["0", "-0"], "0"),
        ] {
            assert_eq!(sum(amounts.iter().copied()), expected, "{amounts:?}");
        }
    }
}

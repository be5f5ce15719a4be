//! Accounts.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use store::AccountKind;
use store::serving::list::AccountItem;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::list::{Asked, ListQuery};
use super::view::{Data, Listed, Raw, host_time, metadata, time};
use crate::extract::Path;
use crate::host::Host;
use crate::id::{AccountId, ConnectorId, Id as _};
use crate::problem::Problem;
use crate::query::Of;

/// The connector that a record is of.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ConnectorBase {
    id: String,
    reference: String,
    name: String,
    #[schema(format = DateTime)]
    created_at: String,
    provider: String,
}

/// An account, the customer's own or a third party's.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Account {
    pub(crate) id: String,
    #[serde(rename = "connectorID")]
    pub(crate) connector_id: String,
    connector: ConnectorBase,
    pub(crate) provider: String,
    pub(crate) reference: String,
    /// When it was made, or first read where the provider does not say so.
    #[schema(format = DateTime)]
    pub(crate) created_at: String,
    /// `INTERNAL`, `EXTERNAL`.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) name: Option<String>,
    pub(crate) default_asset: Option<String>,
    pub(crate) metadata: BTreeMap<String, String>,
    pub(crate) raw: Raw,
}

impl From<AccountItem> for Account {
    fn from(item: AccountItem) -> Self {
        let connector = ConnectorId::from(&item.of);
        Self {
            id: connector.clone().account(&item.reference).text(),
            connector_id: connector.text(),
            connector: ConnectorBase {
                id: connector.text(),
                reference: item.of.uuid,
                name: item.of.install,
                created_at: host_time(item.connected_at),
                provider: item.of.provider.clone(),
            },
            provider: item.of.provider,
            reference: item.reference,
            created_at: time(item.created_at),
            kind: match item.kind {
                AccountKind::Internal => "INTERNAL",
                AccountKind::External => "EXTERNAL",
            }
            .to_owned(),
            name: item.name,
            default_asset: item.asset,
            metadata: metadata(&item.metadata, &BTreeMap::new()),
            raw: Raw::of(&item.raw),
        }
    }
}

pub(super) fn routes() -> OpenApiRouter<Host> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(get)).routes(routes!(refuse))
}

/// Lists accounts, the newest first.
#[utoipa::path(get, path = "/v3/accounts", operation_id = "listAccounts", tag = "accounts", params(ListQuery),
    responses((status = 200, body = Listed<Account>), (status = 400, body = Problem)))]
async fn list(State(host): State<Host>, asked: Asked) -> Result<Json<Listed<Account>>, Problem> {
    let (condition, (seek, size)) = (asked.condition(Of::Accounts)?, asked.seek());
    let page = host.store(move |store| store.list_accounts(&condition, seek, size)).await?;
    Ok(Json(asked.listed(page, Account::from)))
}

/// One account.
#[utoipa::path(get, path = "/v3/accounts/{accountID}", operation_id = "getAccount", tag = "accounts", params(("accountID" = String, Path)),
    responses((status = 200, body = Data<Account>), (status = 400, body = Problem), (status = 404, body = Problem)))]
async fn get(State(host): State<Host>, Path(id): Path<String>) -> Result<Json<Data<Account>>, Problem> {
    let id = AccountId::parse(&id).ok_or_else(|| Problem::invalid_id("an account"))?.record();
    let found = host.store(move |store| store.account(&id)).await?;
    let data = found.map(Account::from).ok_or_else(|| Problem::not_found("account"))?;
    Ok(Json(Data { data }))
}

/// Accounts come from providers alone.
#[utoipa::path(post, path = "/v3/accounts", operation_id = "createAccount", tag = "accounts", responses((status = 400, body = Problem)))]
async fn refuse() -> Problem {
    Problem::validation("this host reads only: accounts come from providers, and none can be made here")
}

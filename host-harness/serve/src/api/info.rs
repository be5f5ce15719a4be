//! What the server is, and how it is.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::host::Host;

/// The version of the payments API that is served: its clients take a major of 3.
pub(crate) const API_VERSION: &str = "3.3.0";

/// What the server is.
#[derive(Debug, Serialize, ToSchema)]
struct Info {
    /// Of the API.
    version: String,
    debug: bool,
}

pub(super) fn routes() -> OpenApiRouter<Host> {
    OpenApiRouter::new().routes(routes!(info)).routes(routes!(health))
}

/// The version of the API.
#[utoipa::path(get, path = "/_info", operation_id = "getInfo", tag = "server", responses((status = 200, body = Info)))]
async fn info() -> Json<Info> {
    Json(Info { version: API_VERSION.to_owned(), debug: false })
}

/// Whether the server can do its work: each check with `OK`, or what is wrong.
#[utoipa::path(get, path = "/_healthcheck", operation_id = "getHealth", tag = "server",
    responses((status = 200, body = BTreeMap<String, String>), (status = 500, body = BTreeMap<String, String>)))]
async fn health(State(host): State<Host>) -> (StatusCode, Json<BTreeMap<String, String>>) {
    let store = host.store(store::Store::last_event).await;
    let told = store.as_ref().map_or_else(|problem| problem.message().to_owned(), |_| "OK".to_owned());
    let status = if store.is_ok() { StatusCode::OK } else { StatusCode::INTERNAL_SERVER_ERROR };
    (status, Json(BTreeMap::from([("store".to_owned(), told)])))
}

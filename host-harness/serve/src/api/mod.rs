//! The v3 payments API: what its clients know, of a host that reads only.

pub(crate) mod accounts;
pub(crate) mod balances;
pub(crate) mod connectors;
mod empty;
mod events;
mod info;
pub(crate) mod list;
pub(crate) mod payments;
mod pools;
mod refusals;
mod schedules;
mod tasks;
pub(crate) mod view;

use axum::{Json, Router};
use utoipa::OpenApi;
use utoipa::openapi::Server;
use utoipa_axum::router::OpenApiRouter;

pub(crate) use self::events::told;
use crate::host::Host;

/// The API's description.
#[derive(OpenApi)]
#[openapi(info(
    title = "Payments host",
    description = "What connectors read from banks. The v3 payments API, of a host that reads only."
))]
struct Description;

/// The routes of the API.
pub(crate) struct Routes {
    /// Those that anybody may ask.
    pub(crate) open: Router<Host>,
    /// Those that only who may come in may ask. They are found under `/api/payments` as well, where a gateway puts them.
    pub(crate) v3: Router<Host>,
}

pub(crate) fn router() -> Routes {
    let described = || OpenApiRouter::with_openapi(Description::openapi());
    let (open, told) = described().merge(info::routes()).split_for_parts();
    let (v3, mut api) = described()
        .merge(connectors::routes())
        .merge(schedules::routes())
        .merge(tasks::routes())
        .merge(accounts::routes())
        .merge(balances::routes())
        .merge(payments::routes())
        .merge(pools::routes())
        .merge(events::routes())
        .merge(empty::routes())
        .split_for_parts();
    refusals::add(&mut api);
    api.merge(told);
    api.servers = Some(vec![Server::new("/"), Server::new("/api/payments")]);
    let api = std::sync::Arc::new(api);
    let document = move || async move { Json((*api).clone()) };
    Routes { open: open.route("/openapi.json", axum::routing::get(document)), v3 }
}

//! What a host that reads only has none of: its lists are empty, and nothing can be added to them.

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::view::{Listed, Part};
use crate::host::Host;
use crate::problem::Problem;

/// There is none.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Nothing {}

/// A list that is always empty, and what is refused beside it.
macro_rules! nothing {
    ($name:ident, $path:literal, $what:literal) => {
        mod $name {
            use super::*;

            /// There are none on a host that reads only.
            #[utoipa::path(get, path = $path, operation_id = concat!("list ", $what), tag = "not on this host", responses((status = 200, body = Listed<Nothing>)))]
            pub(super) async fn list() -> Json<Listed<Nothing>> {
                let cursor = Part { page_size: 15, has_more: false, previous: None, next: None, data: Vec::new() };
                Json(Listed { cursor })
            }

            /// None can be made on a host that reads only.
            #[utoipa::path(post, path = $path, operation_id = concat!("refuse ", $what), tag = "not on this host", responses((status = 400, body = Problem)))]
            pub(super) async fn refuse() -> Problem {
                Problem::validation(concat!("this host reads only, and its connectors cannot make ", $what))
            }
        }
    };
}

nothing!(bank_accounts, "/v3/bank-accounts", "bank accounts");
nothing!(initiations, "/v3/payment-initiations", "payment initiations");
nothing!(users, "/v3/payment-service-users", "payment service users");
nothing!(orders, "/v3/orders", "orders");
nothing!(conversions, "/v3/conversions", "conversions");

pub(super) fn routes() -> OpenApiRouter<Host> {
    OpenApiRouter::new()
        .routes(routes!(bank_accounts::list, bank_accounts::refuse))
        .routes(routes!(initiations::list, initiations::refuse))
        .routes(routes!(users::list, users::refuse))
        .routes(routes!(orders::list, orders::refuse))
        .routes(routes!(conversions::list, conversions::refuse))
}

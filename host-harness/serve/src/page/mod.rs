//! The page for operators: rendered here, read without JavaScript; what is on it follows the store where there is some.
//!
//! It reads what the API reads and does what the API does, by the same functions. All that comes from providers, connectors
//! and clients is text: it is escaped, and what does not show in it is spelt out.

mod accounts;
mod asks;
mod assets;
mod audit;
mod chart;
mod connector;
mod erase;
mod fields;
mod history;
mod install;
mod layout;
mod login;
mod news;
mod overview;
mod payments;
mod registry;
mod setbacks;
mod streams;
mod trouble;
pub(crate) mod visitor;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, StatusCode};
use store::StoreError;

use crate::host::Host;
use crate::problem::Problem;

/// Scripts and styles of this server alone, and nothing in the page itself; no frame, no form that goes elsewhere.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'none'",
);

/// The routes of the page.
pub(crate) fn router(host: &Host) -> Router<Host> {
    let guarded = Router::new()
        .route("/", get(overview::show))
        .route("/news", get(news::stream))
        .route("/install", get(install::choose))
        .route("/install-from", get(registry::form).post(registry::install))
        .route("/install/{provider}", get(install::form).post(install::install))
        .route("/connectors/{id}", get(connector::show))
        .route("/connectors/{id}/pause", post(connector::pause))
        .route("/connectors/{id}/resume", post(connector::resume))
        .route("/connectors/{id}/poll", post(connector::poll))
        .route("/connectors/{id}/upgrade", post(registry::upgrade))
        .route("/connectors/{id}/rollback", post(registry::roll_back))
        .route("/connectors/{id}/config", get(install::present).post(install::configure))
        .route("/connectors/{id}/erase", get(erase::form).post(erase::erase))
        .route("/connectors/{id}/streams/{stream}", get(history::show))
        .route("/payments", get(payments::list))
        .route("/payments/{id}", get(payments::show))
        .route("/accounts", get(accounts::list))
        .route("/accounts/{id}", get(accounts::show))
        .route("/audit", get(audit::show))
        .route("/logout", post(login::logout))
        .layer(from_fn_with_state(host.clone(), visitor::guard));
    let open = Router::new()
        .route("/login", get(login::form).post(login::login))
        .layer(from_fn_with_state(host.clone(), visitor::greet));
    guarded.merge(open).layer(from_fn(private)).merge(assets::router()).layer(from_fn(strict))
}

/// What is on a page is for who asked for it.
async fn private(request: Request, next: Next) -> Response {
    let mut answer = next.run(request).await;
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

async fn strict(request: Request, next: Next) -> Response {
    let mut answer = next.run(request).await;
    let headers = answer.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // With `no-referrer` a browser names no origin in what a form posts, and it would be refused.
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    answer
}

/// Why there is another page than the one that was asked for.
pub(crate) struct Refusal(Problem);

impl<P: Into<Problem>> From<P> for Refusal {
    fn from(problem: P) -> Self {
        Self(problem.into())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.0.status(), layout::refusal(&self.0)).into_response()
    }
}

/// A form that this server did not give to this visitor.
fn foreign_form() -> Problem {
    Problem::validation(
        "this form is not from this page, or is from before the server started; load the page again, with cookies allowed, and \
         send it from there",
    )
    .with_status(StatusCode::FORBIDDEN)
}

/// Asks a store that may fail.
type Read<T> = Result<T, StoreError>;

//! Coming in with a token, and going.

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use http::{HeaderMap, StatusCode};
use maud::html;

use super::Refusal;
use super::layout::{Tab, page, token_field};
use super::visitor::{Posted, Visitor, log_in, log_out};
use crate::host::Host;

/// Asks for a token.
pub(super) async fn form(State(host): State<Host>, visitor: Visitor) -> Response {
    if host.access().is_open() { Redirect::to("/").into_response() } else { asked(&visitor, None) }
}

fn asked(visitor: &Visitor, wrong: Option<&str>) -> Response {
    let body = html! {
        h1 { "Log in" }
        p { "This server is for who has one of the tokens that its policy names." }
        @if let Some(wrong) = wrong { p.bad role="alert" { (wrong) } }
        form method="post" action="/login" {
            (token_field(visitor))
            div.field {
                label for="access" { "Token" }
                input #access type="password" name="access" autocomplete="current-password" required;
            }
            button.main { "Log in" }
        }
    };
    page(visitor, "Log in", Tab::None, &body).into_response()
}

/// Takes a token.
pub(super) async fn login(State(host): State<Host>, posted: Posted) -> Result<Response, Refusal> {
    let mut headers = HeaderMap::new();
    Ok(match log_in(&host, posted.field("access").trim(), &mut headers)? {
        Some(()) => (headers, Redirect::to("/")).into_response(),
        None => (StatusCode::FORBIDDEN, asked(&posted.visitor, Some("This is none of the tokens."))).into_response(),
    })
}

/// Ends the session.
pub(super) async fn logout(State(host): State<Host>, posted: Posted) -> Redirect {
    log_out(&host, &posted.visitor);
    Redirect::to("/login")
}

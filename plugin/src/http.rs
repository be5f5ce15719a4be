//! HTTP inside the component: the one module that touches `wasi:http`.

use wasi_http_client::Client;

use crate::host::{HttpAnswer, HttpFailure, HttpGet};

/// How `wasi:http` names the ways in which a host says "not allowed".
const DENIALS: [&str; 2] = ["HttpRequestDenied", "DestinationIpProhibited"];

/// And that a request has to wait for another time.
const WITHHELD: &str = "ConnectionLimitReached";

/// Sends `request` and reads the whole answer.
///
/// # Errors
/// The transport failed or the host denied the request.
pub fn get(request: &HttpGet) -> Result<HttpAnswer, HttpFailure> {
    let headers = request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let response = Client::new().get(&request.url).headers(headers).send().map_err(|error| failure(&error))?;
    let status = response.status();
    let headers = response.headers().iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    let body = response.body().map_err(|error| failure(&error))?;
    Ok(HttpAnswer { status, headers, body })
}

fn failure(error: &impl std::fmt::Display) -> HttpFailure {
    let message = format!("{error:#}");
    let is_one_of = |names: &[&str]| names.iter().any(|name| message.contains(name));
    HttpFailure { denied: is_one_of(&DENIALS), withheld: is_one_of(&[WITHHELD]), message }
}

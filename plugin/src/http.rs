//! HTTP inside the component: the one module that touches `wasi:http`.
//!
//! By hand on the contract's own bindings, for what the client crates cost: wasi-http-client brings 90 KB of URL parsing,
//! keeps only the last of headers that share a name, and fails the whole answer over one header that is not UTF-8.

use bindings::wasi::http::outgoing_handler::handle;
use bindings::wasi::http::types::{ErrorCode, Fields, IncomingResponse, OutgoingRequest, RequestOptions, Scheme};
use bindings::wasi::io::streams::StreamError;

use crate::host::{HttpAnswer, HttpFailure, HttpGet};

#[allow(missing_docs, clippy::pedantic, reason = "generated from wit/")]
mod bindings {
    wit_bindgen::generate!({
        inline: "package qonto:connector; world http { import wasi:http/outgoing-handler@0.2.12; }",
        path: "../wit",
        generate_all,
    });
}

/// How much of a body is read at a time.
const CHUNK: u64 = 64 * 1024;

/// Sends `request` and reads the whole answer.
///
/// # Errors
/// The transport failed or the host denied the request.
pub fn get(request: &HttpGet) -> Result<HttpAnswer, HttpFailure> {
    let response = send(request)?;
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    let headers = response.headers().entries().into_iter().map(|(name, value)| (name, text(value))).collect();
    Ok(HttpAnswer { status: response.status(), headers, body: read(&response)? })
}

fn send(request: &HttpGet) -> Result<IncomingResponse, HttpFailure> {
    let wrong = |what: &str| failure(format!("the request has a wrong {what}"));
    let headers: Vec<(String, Vec<u8>)> =
        request.headers.iter().map(|(name, value)| (name.clone(), value.as_bytes().to_vec())).collect();
    let outgoing = OutgoingRequest::new(Fields::from_list(&headers).map_err(|_| wrong("header"))?);
    let (scheme, rest) = request.url.split_once("://").ok_or_else(|| wrong("URL"))?;
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let scheme = if scheme == "http" { Scheme::Http } else { Scheme::Https };
    outgoing.set_scheme(Some(&scheme)).map_err(|()| wrong("scheme"))?;
    outgoing.set_authority(Some(authority)).map_err(|()| wrong("authority"))?;
    outgoing.set_path_with_query(Some(path)).map_err(|()| wrong("path"))?;
    let future = handle(outgoing, None::<RequestOptions>).map_err(|code| refused(&code))?;
    loop {
        match future.get() {
            Some(answer) => return answer.map_err(|()| wrong("answer: it was taken"))?.map_err(|code| refused(&code)),
            None => future.subscribe().block(),
        }
    }
}

fn read(response: &IncomingResponse) -> Result<Vec<u8>, HttpFailure> {
    let taken = |()| failure("the body was taken".to_owned());
    let body = response.consume().map_err(taken)?;
    let stream = body.stream().map_err(taken)?;
    let mut bytes = Vec::new();
    loop {
        match stream.blocking_read(CHUNK) {
            Ok(chunk) => bytes.extend_from_slice(&chunk),
            Err(StreamError::Closed) => return Ok(bytes),
            Err(StreamError::LastOperationFailed(error)) => return Err(failure(error.to_debug_string())),
        }
    }
}

fn refused(code: &ErrorCode) -> HttpFailure {
    let denied = matches!(code, ErrorCode::HttpRequestDenied | ErrorCode::DestinationIpProhibited);
    HttpFailure { denied, ..failure(format!("{code:?}")) }
}

fn failure(message: String) -> HttpFailure {
    HttpFailure { denied: false, message }
}

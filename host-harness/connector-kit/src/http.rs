//! HTTP inside the component: the one module that touches `wasi:http`.
//!
//! On the bare interface, since a client that waits for each answer cannot have several requests in flight.

use bindings::wasi::http::outgoing_handler::handle;
use bindings::wasi::http::types::{
    ErrorCode, Fields, FutureIncomingResponse, IncomingResponse, OutgoingRequest, RequestOptions, Scheme,
};
use bindings::wasi::io::streams::StreamError;

use crate::host::{HttpAnswer, HttpFailure, HttpGet};

#[allow(missing_docs, clippy::pedantic, reason = "generated from wit/")]
mod bindings {
    wit_bindgen::generate!({
        inline: "package connector:kit; world http { import wasi:http/outgoing-handler@0.2.12; }",
        path: "../../wit",
        generate_all,
    });
}

/// How much of a body is read at a time.
const CHUNK: u64 = 64 * 1024;

/// A request on its way.
pub struct Sent(FutureIncomingResponse);

/// Sends `request`, and does not wait for the answer.
///
/// # Errors
/// The host denied the request, or it is none.
pub fn send(request: &HttpGet) -> Result<Sent, HttpFailure> {
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
    handle(outgoing, None::<RequestOptions>).map(Sent).map_err(|code| refused(&code))
}

/// Waits for an answer and reads it whole.
///
/// # Errors
/// The transport failed or the host denied the request.
pub fn answer(sent: &Sent) -> Result<HttpAnswer, HttpFailure> {
    // Waited for even where it is there, so that a call costs the same whenever its answers come.
    sent.0.subscribe().block();
    let answer = sent.0.get().ok_or_else(taken)?;
    let response = answer.map_err(|()| taken())?.map_err(|code| refused(&code))?;
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    let headers = response.headers().entries().into_iter().map(|(name, value)| (name, text(value))).collect();
    Ok(HttpAnswer { status: response.status(), headers, body: read(&response)? })
}

fn read(response: &IncomingResponse) -> Result<Vec<u8>, HttpFailure> {
    let body = response.consume().map_err(|()| taken())?;
    let stream = body.stream().map_err(|()| taken())?;
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
    HttpFailure {
        denied: matches!(code, ErrorCode::HttpRequestDenied | ErrorCode::DestinationIpProhibited),
        withheld: matches!(code, ErrorCode::ConnectionLimitReached),
        message: match code {
            ErrorCode::InternalError(Some(text)) => text.clone(),
            code => format!("{code:?}"),
        },
    }
}

fn taken() -> HttpFailure {
    failure("the answer was taken before".to_owned())
}

fn failure(message: String) -> HttpFailure {
    HttpFailure { denied: false, withheld: false, message }
}

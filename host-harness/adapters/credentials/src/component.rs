//! What the connector sees in the place of the host.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use outside::authority::ProcessVault;
use outside::transport::Request;
use url::{Position, Url};

use crate::access::{Access, Held};
use crate::network::Network;
use bindings::exports::wasi::cli::environment;
use bindings::exports::wasi::http::outgoing_handler;
use bindings::wasi::http::outgoing_handler::handle;
use bindings::wasi::http::types::{
    ErrorCode, Fields, FutureIncomingResponse, Method, OutgoingRequest, RequestOptions, Scheme,
};

#[allow(missing_docs, clippy::pedantic, reason = "generated from wit/")]
mod bindings {
    wit_bindgen::generate!({ world: "payments:adapters/credentials", path: ["../../../wit", "../wit"], generate_all });
}

/// Reads the environment at the first request: a component is asked for more than requests.
fn access() -> Result<&'static Access<Network>, &'static Held> {
    static ACCESS: OnceLock<Result<Access<Network>, Held>> = OnceLock::new();
    ACCESS.get_or_init(|| Access::new(Arc::new(ProcessVault), Network)).as_ref()
}

struct Adapter;

impl outgoing_handler::Guest for Adapter {
    fn handle(request: OutgoingRequest, options: Option<RequestOptions>) -> Result<FutureIncomingResponse, ErrorCode> {
        let access = access().map_err(refused)?;
        let read = read(&request)?;
        let url = read.url.clone();
        let headers = access.headers(read).map_err(|held| refused(&held))?;
        // Its body is the connector's and cannot be taken over: a request that may have one would leave without it.
        if !matches!(request.method(), Method::Get | Method::Head) && request.body().is_err() {
            return Err(wrong("it has a body, which this adapter cannot pass on"));
        }
        handle(made(&request.method(), &url, &headers)?, options)
    }
}

/// Nothing: whatever the host's own environment holds is not the connector's.
impl environment::Guest for Adapter {
    fn get_environment() -> Vec<(String, String)> {
        Vec::new()
    }

    fn get_arguments() -> Vec<String> {
        Vec::new()
    }

    fn initial_cwd() -> Option<String> {
        None
    }
}

bindings::export!(Adapter with_types_in bindings);

/// The words go to whoever runs the host; the connector gets to know that it was denied.
fn refused(held: &Held) -> ErrorCode {
    eprintln!("payments:adapters/credentials: {held}");
    match held {
        Held::Refused(_) => ErrorCode::HttpRequestDenied,
        held => ErrorCode::InternalError(Some(held.to_string())),
    }
}

fn wrong(what: &str) -> ErrorCode {
    ErrorCode::InternalError(Some(format!("the request cannot be sent: {what}")))
}

fn read(request: &OutgoingRequest) -> Result<Request, ErrorCode> {
    let method = method(&request.method()).parse().map_err(|_| ErrorCode::HttpRequestMethodInvalid)?;
    let scheme = match request.scheme() {
        Some(Scheme::Http) => "http".to_owned(),
        Some(Scheme::Other(other)) => other,
        Some(Scheme::Https) | None => "https".to_owned(),
    };
    let authority = request.authority().unwrap_or_default();
    let path = request.path_with_query().unwrap_or_else(|| "/".to_owned());
    let url = Url::parse(&format!("{scheme}://{authority}{path}")).map_err(|_| ErrorCode::HttpRequestUriInvalid)?;
    let mut headers = HeaderMap::new();
    for (name, value) in request.headers().entries() {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong("a header has a wrong name"))?;
        headers.append(name, HeaderValue::from_bytes(&value).map_err(|_| wrong("a header has a wrong value"))?);
    }
    Ok(Request { method, url, headers, body: Bytes::new() })
}

/// To the very URL that was looked at: what the connector wrote may mean another to whoever reads it next.
fn made(method: &Method, url: &Url, headers: &HeaderMap) -> Result<OutgoingRequest, ErrorCode> {
    let entries: Vec<_> = headers.iter().map(|(name, value)| (name.to_string(), value.as_bytes().to_vec())).collect();
    let request = OutgoingRequest::new(Fields::from_list(&entries).map_err(|_| wrong("its headers"))?);
    let scheme = if url.scheme() == "http" { Scheme::Http } else { Scheme::Https };
    request.set_method(method).map_err(|()| wrong("its method"))?;
    request.set_scheme(Some(&scheme)).map_err(|()| wrong("its scheme"))?;
    request.set_authority(Some(url.authority())).map_err(|()| wrong("its host"))?;
    let path = &url[Position::BeforePath..Position::AfterQuery];
    request.set_path_with_query(Some(path)).map_err(|()| wrong("its path"))?;
    Ok(request)
}

fn method(method: &Method) -> &str {
    match method {
        Method::Get => "GET",
        Method::Head => "HEAD",
        Method::Post => "POST",
        Method::Put => "PUT",
        Method::Delete => "DELETE",
        Method::Connect => "CONNECT",
        Method::Options => "OPTIONS",
        Method::Trace => "TRACE",
        Method::Patch => "PATCH",
        Method::Other(other) => other,
    }
}

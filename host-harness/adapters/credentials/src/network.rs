//! The network of the host around, for the requests that the credentials themselves need.

use bytes::Bytes;
use futures::FutureExt as _;
use futures::future::{BoxFuture, ready};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use outside::transport::{Request, Response, Transport, TransportError};
use wasi_http_client::{Client, Method};

/// Sends by the host's `wasi:http`, and waits.
pub struct Network;

fn broken(reason: impl std::fmt::Display) -> TransportError {
    TransportError::Interrupted(reason.to_string())
}

fn send(request: &Request) -> Result<Response, TransportError> {
    let method = match request.method.as_str() {
        "GET" => Method::Get,
        "POST" => Method::Post,
        "PUT" => Method::Put,
        other => Method::Other(other.to_owned()),
    };
    let headers = request.headers.iter().map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()));
    let sending = Client::new().request(method, request.url.as_str()).headers(headers).body(&request.body);
    let answer = sending.send().map_err(broken)?;
    let status = StatusCode::from_u16(answer.status()).map_err(broken)?;
    let mut headers = HeaderMap::new();
    for (name, value) in answer.headers() {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(broken)?;
        headers.append(name, HeaderValue::from_bytes(value.as_bytes()).map_err(broken)?);
    }
    let body = answer.body().map_err(broken)?;
    Ok(Response { status, headers, body: Bytes::from(body) })
}

impl Transport for Network {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        ready(send(&request)).boxed()
    }
}

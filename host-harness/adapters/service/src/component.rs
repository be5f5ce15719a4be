//! The exported handler, and the connector beside it.

use std::sync::{Arc, OnceLock};

use chrono::Utc;
use model::Capability;
use outside::authority::ProcessVault;
use serde_json::Value;

use crate::answer::Answer;
use crate::contract::payments::adapters::held_stream;
use crate::contract::payments::connector::connector::{self, Checked, FetchRequest};
use crate::contract::payments::connector::types::Error;
use crate::service::{Asked, Connector, Service, Unfit, page};
use bindings::exports::wasi::http::incoming_handler::Guest;
use bindings::wasi::http::types::{Fields, IncomingRequest, Method, OutgoingBody, OutgoingResponse, ResponseOutparam};
use bindings::wasi::io::streams::StreamError;

#[allow(missing_docs, clippy::pedantic, reason = "generated from wit/")]
mod bindings {
    wit_bindgen::generate!({
        inline: "package service:adapter; world http { export wasi:http/incoming-handler@0.2.12; }",
        path: "../../../wit",
        generate_all,
    });
}

/// The largest body that a caller may send: a state and a parent with its row.
const LARGEST: usize = 4 * 1024 * 1024;
/// How much is read and written at a time; a host need take no more than this at once.
const CHUNK: usize = 4096;

struct Composed;

impl Connector for Composed {
    fn named(&mut self) -> (String, String) {
        let manifest = connector::describe();
        (manifest.name, manifest.version)
    }

    fn check(&mut self, config: &str) -> Result<Checked, Error> {
        connector::check(config)
    }

    fn fetch(
        &mut self,
        capability: Capability,
        request: &FetchRequest,
        follow: Option<&[String]>,
    ) -> Result<Value, Error> {
        match (follow, capability) {
            (Some(references), _) => page(connector::follow_payments(request, references)),
            (None, Capability::FetchAccounts) => page(connector::fetch_accounts(request)),
            (None, Capability::FetchExternalAccounts) => page(connector::fetch_external_accounts(request)),
            (None, Capability::FetchBalances) => page(connector::fetch_balances(request)),
            (None, Capability::FetchPayments) => page(connector::fetch_payments(request)),
            (None, Capability::FetchOthers) => page(connector::fetch_others(request)),
        }
    }

    fn open(&mut self, state: Option<Vec<u8>>) {
        held_stream::open(state.as_deref());
    }

    fn close(&mut self) -> Result<Option<Vec<u8>>, String> {
        held_stream::close()
    }
}

struct Handler;

impl Guest for Handler {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let answer = answered(&request);
        // Whoever asked has gone where this fails: nobody is left to tell.
        _ = send(&answer, out);
    }
}

bindings::export!(Handler with_types_in bindings);

fn answered(request: &IncomingRequest) -> Answer {
    static SERVICE: OnceLock<Result<Service, Unfit>> = OnceLock::new();
    let service = match SERVICE.get_or_init(|| Service::new(Arc::new(ProcessVault))) {
        Ok(service) => service,
        Err(unfit) => return Answer::refusal(500, &unfit.to_string()),
    };
    let Ok(body) = read(request) else {
        return Answer::refusal(413, &format!("the body did not come whole, or is larger than {LARGEST} bytes"));
    };
    let path = request.path_with_query().unwrap_or_default();
    let authorization = request.headers().get("authorization").into_iter().next();
    let method = match request.method() {
        Method::Get => "GET",
        Method::Post => "POST",
        _ => "other",
    };
    let asked = Asked {
        method,
        path: path.split('?').next().unwrap_or_default(),
        authorization: authorization.as_deref().and_then(|value| std::str::from_utf8(value).ok()),
        body: &body,
    };
    service.answer(asked, &mut Composed, Utc::now())
}

fn read(request: &IncomingRequest) -> Result<Vec<u8>, ()> {
    let incoming = request.consume()?;
    let stream = incoming.stream()?;
    let mut body = Vec::new();
    loop {
        match stream.blocking_read(CHUNK as u64) {
            Ok(chunk) if body.len() + chunk.len() <= LARGEST => body.extend_from_slice(&chunk),
            Err(StreamError::Closed) => return Ok(body),
            Ok(_) | Err(StreamError::LastOperationFailed(_)) => return Err(()),
        }
    }
}

fn send(answer: &Answer, out: ResponseOutparam) -> Result<(), ()> {
    let mut headers = vec![("content-type".to_owned(), b"application/json".to_vec())];
    headers.push(("cache-control".to_owned(), b"no-store".to_vec()));
    headers.extend(answer.retry_after.map(|seconds| ("retry-after".to_owned(), seconds.to_string().into_bytes())));
    let response = OutgoingResponse::new(Fields::from_list(&headers).map_err(drop)?);
    response.set_status_code(answer.status)?;
    let body = response.body()?;
    ResponseOutparam::set(out, Ok(response));
    let stream = body.write()?;
    for chunk in answer.body.to_string().as_bytes().chunks(CHUNK) {
        stream.blocking_write_and_flush(chunk).map_err(drop)?;
    }
    drop(stream);
    OutgoingBody::finish(body, None).map_err(drop)
}

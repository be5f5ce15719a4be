//! A bug of who asks for several things at once.

use lindenbank_connector::contract::exports::payments::connector::connector::{FetchRequest, Guest, PaymentsPage};
use lindenbank_connector::contract::payments::connector::types::Error;
use lindenbank_connector::guest::Lindenbank;
use lindenbank_connector::{config, payment};
use wasi::http::outgoing_handler::{FutureIncomingResponse, OutgoingRequest, handle};
use wasi::http::types::{Fields, IncomingResponse, Scheme};
use wasi::io::poll::poll;
use wasi::io::streams::StreamError;

/// Asks how payments stand, some at once, and gives them as the answers come. What is no payment is asked for again, one
/// by one.
pub fn follow(request: FetchRequest, references: Vec<String>) -> Result<PaymentsPage, Error> {
    let base = config::parse(&request.config)?;
    let (mut waiting, mut items, mut rest) = (references.into_iter(), Vec::new(), Vec::new());
    let mut asked: Vec<(String, FutureIncomingResponse)> = Vec::new();
    loop {
        let room = usize::try_from(request.max_in_flight).unwrap_or(1).saturating_sub(asked.len());
        for reference in waiting.by_ref().take(room) {
            match ask(&base, &reference) {
                Some(answer) => asked.push((reference, answer)),
                None => rest.push(reference),
            }
        }
        if asked.is_empty() {
            break;
        }
        let (reference, answer) = asked.remove(first(&asked));
        match answer.get().and_then(Result::ok).and_then(Result::ok).and_then(|answer| text(&answer)) {
            Some(text) => match payment::read(&text) {
                Ok(payment) if payment.reference == reference => items.push(payment),
                _ => rest.push(reference),
            },
            None => rest.push(reference),
        }
    }
    let mut page = PaymentsPage { items: vec![], withdrawn: vec![], rejected: vec![], gaps: vec![], has_more: false };
    if !rest.is_empty() {
        rest.sort();
        page = Lindenbank::follow_payments(request, rest)?;
    }
    page.items.splice(..0, items);
    Ok(page)
}

/// Which of them is answered first.
fn first(asked: &[(String, FutureIncomingResponse)]) -> usize {
    let waits: Vec<_> = asked.iter().map(|(_, answer)| answer.subscribe()).collect();
    let ready = poll(&waits.iter().collect::<Vec<_>>());
    ready.first().and_then(|place| usize::try_from(*place).ok()).unwrap_or_default()
}

fn ask(base: &str, reference: &str) -> Option<FutureIncomingResponse> {
    let (scheme, rest) = base.split_once("://")?;
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let path = if path.is_empty() { String::new() } else { format!("/{path}") };
    let headers = Fields::new();
    headers.append(&"accept".to_owned(), &b"application/json".to_vec()).ok()?;
    headers.append(&"user-agent".to_owned(), &b"lindenbank-connector".to_vec()).ok()?;
    let request = OutgoingRequest::new(headers);
    request.set_scheme(Some(&if scheme == "https" { Scheme::Https } else { Scheme::Http })).ok()?;
    request.set_authority(Some(authority)).ok()?;
    request.set_path_with_query(Some(&format!("{path}/v1/payments/{reference}"))).ok()?;
    handle(request, None).ok()
}

/// The body of a good answer.
fn text(answer: &IncomingResponse) -> Option<String> {
    if answer.status() != 200 {
        return None;
    }
    let body = answer.consume().ok()?;
    let stream = body.stream().ok()?;
    let mut bytes = Vec::new();
    loop {
        match stream.blocking_read(1 << 16) {
            Ok(more) => bytes.extend(more),
            Err(StreamError::Closed) => return String::from_utf8(bytes).ok(),
            Err(_) => return None,
        }
    }
}

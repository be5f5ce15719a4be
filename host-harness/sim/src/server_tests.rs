use std::time::Duration;

use chrono::{DateTime, Utc};
use http::{Method, StatusCode};
use tokio::time::timeout;

use super::*;
use crate::{Fault, On, respond};
use outside::clock::VirtualClock;

/// Says what it was asked.
struct Echo;

impl Provider for Echo {
    fn answer(&mut self, request: &Request, _: DateTime<Utc>) -> Response {
        respond(StatusCode::OK, "text/plain", format!("{} {}", request.method, request.url.path()))
    }
}

fn simulator() -> Simulator<Echo> {
    Simulator::new(Echo, VirtualClock::at(DateTime::UNIX_EPOCH))
}

/// Sends one request and reads until the other side closes, or `limit` bytes came, or nothing comes for a while.
async fn raw(server: &Server, path: &str, limit: usize) -> (String, io::Result<()>) {
    let stream = TcpStream::connect(server.address()).await.expect("connects");
    let request = format!("GET {path} HTTP/1.1\r\nhost: bank.test\r\nx-a: b\r\nconnection: close\r\n\r\n");
    stream.writable().await.expect("writable");
    assert_eq!(stream.try_write(request.as_bytes()).expect("written"), request.len());
    let mut text = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        match timeout(Duration::from_millis(300), stream.readable()).await {
            Err(_) => return (lossy(&text), Err(io::ErrorKind::TimedOut.into())),
            Ok(ready) => ready.expect("readable"),
        }
        match stream.try_read(&mut buffer) {
            Ok(0) => return (lossy(&text), Ok(())),
            Ok(read) => text.extend_from_slice(&buffer[..read]),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return (lossy(&text), Err(error)),
        }
        if text.len() > limit {
            return (lossy(&text), Ok(()));
        }
    }
}

fn lossy(text: &[u8]) -> String {
    String::from_utf8_lossy(text).into_owned()
}

#[tokio::test]
async fn the_same_provider_answers_on_a_loopback_port() {
    let simulator = simulator();
    let server = Server::start(simulator.clone()).await.expect("a port");
    assert!(server.url().starts_with("http://127.0.0.1:"));
    let (text, end) = raw(&server, "/v2/x?a%5B%5D=1", 10_000).await;
    assert!(end.is_ok());
    assert!(text.starts_with("HTTP/1.1 200 OK\r\n") && text.ends_with("\r\n\r\nGET /v2/x"), "{text}");
    let log = simulator.log();
    assert_eq!(log[0].url.as_str(), format!("{}/v2/x?a%5B%5D=1", server.url()));
    assert_eq!((&log[0].method, &log[0].headers["x-a"]), (&Method::GET, &http::HeaderValue::from_static("b")));
    assert!(!log[0].headers.contains_key("host"));
}

#[tokio::test]
async fn a_half_body_promises_more_than_it_gives_and_closes() {
    let simulator = simulator();
    simulator.inject(On::any(), Fault::Break(Broken::HalfBody));
    let server = Server::start(simulator).await.expect("a port");
    let (text, _) = raw(&server, "/abc", 10_000).await;
    assert!(text.contains("content-length: 8\r\n") && text.ends_with("\r\n\r\nGET "), "{text}");
}

#[tokio::test]
async fn a_stalled_body_stops_half_way_and_the_connection_stays() {
    let simulator = simulator();
    simulator.inject(On::any(), Fault::Break(Broken::StalledBody));
    let server = Server::start(simulator).await.expect("a port");
    let (text, end) = raw(&server, "/abc", 10_000).await;
    assert!(text.ends_with("\r\n\r\nGET "), "{text}");
    assert_eq!(end.map_err(|error| error.kind()), Err(io::ErrorKind::TimedOut));
}

#[tokio::test]
async fn a_stalled_exchange_says_nothing() {
    let simulator = simulator();
    simulator.inject(On::any(), Fault::Break(Broken::Stalled));
    let server = Server::start(simulator).await.expect("a port");
    let (text, end) = raw(&server, "/", 10_000).await;
    assert_eq!((text.as_str(), end.map_err(|error| error.kind())), ("", Err(io::ErrorKind::TimedOut)));
}

#[tokio::test]
async fn a_reset_is_a_reset() {
    let simulator = simulator();
    simulator.inject(On::request(1), Fault::Break(Broken::Reset));
    simulator.inject(On::request(2), Fault::Break(Broken::Refused));
    let server = Server::start(simulator).await.expect("a port");
    for _ in 0..2 {
        let (text, end) = raw(&server, "/", 10_000).await;
        assert_eq!((text.as_str(), end.map_err(|error| error.kind())), ("", Err(io::ErrorKind::ConnectionReset)));
    }
}

#[tokio::test]
async fn an_endless_body_goes_on_as_long_as_it_is_read() {
    let simulator = simulator();
    simulator.inject(On::any(), Fault::Break(Broken::Endless(0)));
    let server = Server::start(simulator).await.expect("a port");
    let (text, end) = raw(&server, "/", 3_000_000).await;
    assert!(end.is_ok() && text.len() > 3_000_000);
    assert!(text.contains("transfer-encoding: chunked\r\n"));
}

#[tokio::test]
async fn a_dropped_server_is_gone() {
    let server = Server::start(simulator()).await.expect("a port");
    let address = server.address();
    drop(server);
    for _ in 0..50 {
        if TcpStream::connect(address).await.is_err() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    panic!("still listens");
}

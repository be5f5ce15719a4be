//! What no honest client sends: each gets an answer that says so, never that the server failed, and none is in another's way.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{Desk, Served};
use crate::support::world;

/// A server with one connector, which may be polled meanwhile.
async fn served() -> (Desk, Served, String) {
    let desk = Desk::new(world(1).0).await;
    let served = desk.serve().await;
    let id = served.install(&desk.config(&json!({}))).await;
    (desk, served, id)
}

impl Served {
    fn place(&self) -> &str {
        self.url.strip_prefix("http://").unwrap()
    }

    /// What comes back for these bytes, until the server hangs up: its status, its head and its body.
    async fn bytes(&self, request: &[u8]) -> (u16, String, String) {
        let mut stream = TcpStream::connect(self.place()).await.unwrap();
        // The server may have answered, and hung up, before all of it is sent.
        stream.write_all(request).await.ok();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.ok();
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default();
        (status, head.to_owned(), body.to_owned())
    }

    async fn sent(&self, line: &str, headers: &str, body: &[u8]) -> (u16, String, String) {
        let head = format!("{line} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n{headers}\r\n", self.place());
        self.bytes(&[head.as_bytes(), body].concat()).await
    }
}

/// The error code of a body, which has to be a problem of the API.
fn code(body: &str) -> String {
    let problem: Value = serde_json::from_str(body).expect(body);
    problem["errorCode"].as_str().expect(body).to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_request_or_has_too_large_a_head_is_refused() {
    let (_desk, served, _) = served().await;
    let large = format!("x-large: {}\r\n", "x".repeat(1_000_000));
    let many = "x-many: x\r\n".repeat(2_000);
    let long = format!("GET /v3/payments?query={}", "x".repeat(1_000_000));
    for (line, headers) in [("GET /v3/payments", &*large), ("GET /v3/payments", &many), (&long, "")] {
        let (status, head, _) = served.sent(line, headers, b"").await;
        // Whoever still sends may not come to read the answer.
        assert!(matches!(status, 414 | 431) || head.is_empty(), "{head}");
    }
    for bytes in [&b"\x16\x03\x01\x02\x00\x01\x00"[..], b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\r\n\r\n\0\r\n"] {
        let (status, head, _) = served.bytes(bytes).await;
        assert!(status == 400 || head.is_empty(), "{bytes:?}: {head}");
    }
    assert_eq!(served.ask("GET", "/_info", None).await.0, 200);
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_that_say_nothing_or_not_all_keep_nobody_waiting() {
    let (_desk, served, _) = served().await;
    let mut silent = Vec::new();
    for count in 0..300 {
        let mut stream = TcpStream::connect(served.place()).await.unwrap();
        let host = served.place();
        let begun = match count % 3 {
            0 => String::new(),
            1 => format!("GET /v3/payments HTTP/1.1\r\nhost: {host}\r\n"),
            _ => format!(
                "POST /v3/pools HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{{"
            ),
        };
        stream.write_all(begun.as_bytes()).await.unwrap();
        silent.push(stream);
    }
    let asked = tokio::time::timeout(Duration::from_secs(10), served.ask("GET", "/v3/payments", None)).await;
    assert_eq!(asked.unwrap().0, 200);
    drop(silent);
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_too_large_or_no_text_is_refused_in_the_apis_words() {
    let (_desk, served, id) = served().await;
    let json = "content-type: application/json\r\n";
    let sized = |length: usize| format!("{json}content-length: {length}\r\n");
    let (large, chunked) = (sized(9_000_000_000), format!("{json}transfer-encoding: chunked\r\n"));
    let chunk = [&b"200000\r\n"[..], &vec![b' '; 0x20_0000], b"\r\n0\r\n\r\n"].concat();
    for line in [
        "POST /v3/connectors/install/qonto".to_owned(),
        format!("PATCH /v3/connectors/{id}/config"),
        "POST /v3/pools".to_owned(),
        "PATCH /v3/payments/e30/metadata".to_owned(),
        "GET /v3/payments".to_owned(),
        "GET /v3/accounts".to_owned(),
    ] {
        let (status, _, body) = served.sent(&line, &large, b"").await;
        assert_eq!((status, &*code(&body)), (413, "MISSING_OR_INVALID_BODY"), "{line}");
        let (status, head, _) = served.sent(&line, &chunked, &chunk).await;
        // Whoever still sends may not come to read the answer.
        assert!(status == 413 || head.is_empty(), "{line}: {head}");
        let (status, _, body) = served.sent(&line, &sized(2), b"\xff\xfe").await;
        assert_eq!((status, &*code(&body)), (400, "MISSING_OR_INVALID_BODY"), "{line}");
    }
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_a_cursor_or_a_parameter_that_is_none_is_the_clients_mistake() {
    let (_desk, served, connector) = served().await;
    let long = "A".repeat(40_000);
    let texts = ["%FF", "%00", "%", "%zz", "%2F..%2F", "é", "e30", "bnVsbA", "%F0%9F%92%A9", "-1", "null", &long];
    let paths = [
        "/v3/payments/{}",
        "/v3/accounts/{}",
        "/v3/accounts/{}/balances",
        "/v3/tasks/{}",
        "/v3/pools/{}",
        "/v3/pools/{}/balances/latest",
        "/v3/pools/x/balances?at={}",
        "/v3/pools/{}/balances",
        "/v3/connectors/{}/config",
        "/v3/connectors/{}/schedules",
        "/v3/connectors/CONNECTOR/schedules/{}",
        "/v3/connectors/CONNECTOR/schedules/{}/instances",
        "/v3/payments?cursor={}",
        "/v3/payments?query={}",
        "/v3/accounts?pageSize=x{}",
        "/v3/accounts?pageSize=1&pageSize={}",
        "/v3/events?after=x{}",
        "/api/payments/v3/{}",
        "/{}",
    ];
    for path in paths {
        for text in texts {
            let line = format!("GET {}", path.replace("CONNECTOR", &connector).replace("{}", text));
            let (status, head, body) = served.sent(&line, "", b"").await;
            assert!(matches!(status, 400 | 404), "{line:.200}: {head}\n{body}");
            // What is no address at all is refused before anybody knows that it is one of the API's.
            assert!(body.is_empty() || !code(&body).is_empty(), "{line:.200}");
        }
    }
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_of_nothing_and_a_key_of_any_place_are_looked_for_and_not_found() {
    let (_desk, served, connector) = served().await;
    let encoded = |value: &Value| base64::Engine::encode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, value.to_string());
    let nobody = json!({ "Provider": "nobody", "Reference": "'; DROP TABLE payments; --\u{0}" });
    let payment = encoded(&json!({ "ConnectorID": nobody, "Reference": "\u{fffd}", "Type": "PAY-IN" }));
    let account = encoded(&json!({ "ConnectorID": nobody, "Reference": "" }));
    for (path, status) in [
        (format!("/v3/payments/{payment}"), 404),
        (format!("/v3/accounts/{account}"), 404),
        (format!("/v3/accounts/{account}/balances"), 200),
        (format!("/v3/tasks/{account}"), 404),
        (format!("/v3/connectors/{}/config", encoded(&nobody)), 404),
        (
            format!("/v3/connectors/{connector}/schedules/{}", encoded(&json!({ "ConnectorID": nobody, "Task": "" }))),
            404,
        ),
        (format!("/v3/events?after={}", i64::MAX), 200),
        (format!("/v3/events?after={}", i64::MIN), 200),
    ] {
        assert_eq!(served.ask("GET", &path, None).await.0, status, "{path}");
    }
    for key in [[i64::MIN, 0, i64::MIN], [i64::MAX, i64::from(u32::MAX), i64::MAX]] {
        for newer in [true, false] {
            let cursor = encoded(&json!({ "k": key, "newer": newer, "n": 1 }));
            for list in ["payments", "accounts", "connectors", "pools", &format!("connectors/{connector}/schedules")] {
                let path = format!("/v3/{list}?cursor={cursor}");
                assert_eq!(served.ask("GET", &path, None).await.0, 200, "{path}");
            }
        }
    }
    let deep = format!("{}1{}", "[".repeat(20_000), "]".repeat(20_000));
    let wide = format!(r#"{{"$in":{{"reference":[{}]}}}}"#, vec![r#""x""#; 5_000].join(","));
    let most = format!(r#"{{"$in":{{"metadata[x]":[{}]}}}}"#, vec![r#""x""#; 199].join(","));
    assert_eq!(served.ask("GET", "/v3/payments", Some(&serde_json::from_str(&most).unwrap())).await.0, 200);
    for filter in
        [&*deep, &wide, r#"{"$like":{"reference":"%%%%%%%%%%%%%%%%%%%%x"}}"#, r#"{"$match":{"amount":1e999}}"#]
    {
        let length = format!("content-length: {}\r\n", filter.len());
        let (status, _, body) = served.sent("GET /v3/payments", &length, filter.as_bytes()).await;
        assert_eq!((status, &*code(&body)), (400, "VALIDATION"), "{filter:.60}");
    }
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_method_that_a_route_does_not_take_is_told_which_it_takes() {
    let (_desk, served, _) = served().await;
    let (status, head, body) = served.sent("HEAD /v3/payments", "", b"").await;
    assert_eq!((status, &*body), (200, ""), "{head}");
    for method in ["OPTIONS", "PUT", "TRACE", "DELETE", "BREW"] {
        let (status, head, body) = served.sent(&format!("{method} /v3/payments"), "", b"").await;
        assert_eq!((status, &*code(&body)), (405, "VALIDATION"), "{method}: {head}");
        let head = head.to_ascii_lowercase();
        assert!(head.contains("\r\nallow: get,head,post"), "{method}: {head}");
        assert!(!head.contains("access-control"), "{method}: {head}");
    }
    assert_eq!(served.sent("CONNECT 127.0.0.1:1", "", b"").await.0 / 100, 4);
    served.end().await;
}

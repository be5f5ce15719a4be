//! Over loopback only.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::future::{pending, ready};
use http::{HeaderValue, Method, StatusCode};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

use super::*;

const LIMITS: LiveLimits = LiveLimits {
    connect: Duration::from_millis(150),
    first_byte: Duration::from_millis(50),
    idle: Duration::from_millis(100),
    max_response_bytes: 1000,
    max_header_bytes: 500,
};

fn get(url: &str) -> Request {
    Request { method: Method::GET, url: Url::parse(url).expect(url), headers: HeaderMap::new(), body: Bytes::new() }
}

/// What a server does once it has sent its answer.
#[derive(Clone, Copy)]
enum Then {
    Close,
    Stall,
    NextRequest,
    Repeat(&'static [u8]),
}

struct Server {
    url: String,
    accepted: Arc<AtomicUsize>,
    seen: Arc<std::sync::Mutex<String>>,
}

/// Reads a request up to the empty line; false at the end of the connection.
async fn read_request(stream: &mut TcpStream, seen: &std::sync::Mutex<String>) -> bool {
    let mut text = Vec::new();
    while !text.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => text.push(byte),
            Err(_) => return false,
        }
    }
    seen.lock().unwrap().push_str(&String::from_utf8_lossy(&text));
    true
}

async fn serve(answer: &'static str, then: Then) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/x?iban=FR76", listener.local_addr().unwrap());
    let accepted = Arc::new(AtomicUsize::new(0));
    let seen = Arc::new(std::sync::Mutex::new(String::new()));
    let (count, requests) = (Arc::clone(&accepted), Arc::clone(&seen));
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            count.fetch_add(1, Ordering::SeqCst);
            let requests = Arc::clone(&requests);
            tokio::spawn(async move {
                while read_request(&mut stream, &requests).await && stream.write_all(answer.as_bytes()).await.is_ok() {
                    match then {
                        Then::Close => return,
                        Then::Stall => pending().await,
                        Then::NextRequest => {}
                        Then::Repeat(more) => while stream.write_all(more).await.is_ok() {},
                    }
                }
            });
        }
    });
    Server { url, accepted, seen }
}

async fn answer(text: &'static str, then: Then) -> Result<Response, TransportError> {
    let server = serve(text, then).await;
    LiveTransport::new(this_machine(), LIMITS).unwrap().send(get(&server.url)).await
}

#[tokio::test]
async fn an_answer_comes_back_whole_with_its_headers() {
    let response =
        answer("HTTP/1.1 418 Teapot\r\nx-a: 1\r\ncontent-length: 5\r\n\r\nhello", Then::Stall).await.unwrap();
    assert_eq!((response.status, &response.body[..]), (StatusCode::IM_A_TEAPOT, &b"hello"[..]));
    assert_eq!(response.headers["x-a"], "1");
}

#[tokio::test]
async fn a_refused_port_is_a_connect_error() {
    // No system gives this port to whoever asks for any: one of those may connect to itself.
    let address = "127.0.0.1:1";
    let error = LiveTransport::new(this_machine(), LIMITS)
        .unwrap()
        .send(get(&format!("http://{address}/?k=v")))
        .await
        .unwrap_err();
    assert!(matches!(&error, TransportError::Connect { host, .. } if host == address), "{error}");
    assert!(error.to_string().contains("refused") && !error.to_string().contains("k=v"), "{error}");
}

#[tokio::test]
async fn a_stall_before_the_first_byte_is_a_timeout_of_that_phase() {
    let error = answer("", Then::Stall).await.unwrap_err();
    assert!(matches!(error, TransportError::Timeout { phase: Phase::FirstByte, .. }), "{error}");
}

#[tokio::test]
async fn a_stall_amid_the_body_is_a_timeout_of_that_phase() {
    let error = answer("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf", Then::Stall).await.unwrap_err();
    assert_eq!(error, TransportError::Timeout { phase: Phase::NextBytes, limit: LIMITS.idle });
}

#[tokio::test]
async fn a_name_that_never_resolves_is_a_timeout_of_the_connection() {
    let transport = LiveTransport::with_lookup(Reach::default(), LIMITS, Arc::new(Never)).unwrap();
    let error = transport.send(get("https://api.example.com/")).await.unwrap_err();
    assert_eq!(error, TransportError::Timeout { phase: Phase::Connect, limit: LIMITS.connect });
}

#[tokio::test]
async fn an_answer_beyond_the_cap_is_too_large_whatever_its_framing() {
    let too_large = TransportError::TooLarge { limit: 1000 };
    let more: &[u8] = &[b'x'; 400];
    for (head, more) in [
        ("HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n", more),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", b"4\r\nabcd\r\n"),
        ("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n", more),
    ] {
        assert_eq!(answer(head, Then::Repeat(more)).await.unwrap_err(), too_large, "{head}");
    }
}

#[tokio::test]
async fn headers_beyond_the_cap_are_too_large() {
    let head = format!("HTTP/1.1 200 OK\r\nx-long: {}\r\ncontent-length: 0\r\n\r\n", "x".repeat(600));
    assert_eq!(answer(head.leak(), Then::Close).await.unwrap_err(), TransportError::TooLarge { limit: 500 });
}

#[tokio::test]
async fn half_an_answer_is_no_answer() {
    for text in [
        "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        "HTTP/1.1 200 OK\r\nx-",
        "",
        "SSH-2.0-OpenSSH_9.6\r\n",
    ] {
        let error = answer(text, Then::Close).await.unwrap_err();
        assert!(matches!(error, TransportError::Interrupted(_)), "{text:?}: {error:?}");
        assert!(!error.to_string().contains("iban"), "{error}");
    }
}

#[tokio::test]
async fn a_redirect_is_returned_and_not_followed() {
    let text = "HTTP/1.1 302 Found\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n";
    let server = serve(text, Then::NextRequest).await;
    let response = LiveTransport::new(this_machine(), LIMITS).unwrap().send(get(&server.url)).await.unwrap();
    assert_eq!(
        (response.status, &response.headers["location"]),
        (StatusCode::FOUND, &HeaderValue::from_static("/elsewhere"))
    );
    assert!(!server.seen.lock().unwrap().contains("GET /elsewhere"));
}

#[tokio::test]
async fn a_connection_is_used_again() {
    let server = serve("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok", Then::NextRequest).await;
    let transport = LiveTransport::new(this_machine(), LIMITS).unwrap();
    for _ in 0..5 {
        transport.send(get(&server.url)).await.unwrap();
    }
    assert_eq!(server.accepted.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_connector_cannot_set_the_headers_of_the_connection() {
    let server = serve("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", Then::NextRequest).await;
    let mut request = get(&server.url);
    for (name, value) in [
        ("host", "evil.example"),
        ("connection", "x-hop"),
        ("x-hop", "evil"),
        ("transfer-encoding", "evil"),
        ("content-length", "99"),
        ("proxy-authorization", "evil"),
        ("x-kept", "kept"),
    ] {
        request.headers.insert(name, HeaderValue::from_static(value));
    }
    LiveTransport::new(this_machine(), LIMITS).unwrap().send(request).await.unwrap();
    let seen = server.seen.lock().unwrap();
    assert!(!seen.contains("evil") && !seen.contains("99\r\n") && seen.contains("x-kept: kept"), "{seen}");
    assert!(seen.starts_with("GET /x?iban=FR76 HTTP/1.1\r\n"), "{seen}");
}

#[tokio::test]
async fn plain_http_and_loopback_are_denied_unless_the_policy_says_loopback() {
    let server = serve("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", Then::NextRequest).await;
    let transport = LiveTransport::new(Reach::default(), LIMITS).unwrap();
    let port = Url::parse(&server.url).unwrap().port().unwrap();
    for url in [server.url.clone(), format!("https://127.0.0.1:{port}/"), format!("http://localhost:{port}/")] {
        let error = transport.send(get(&url)).await.unwrap_err();
        assert!(matches!(error, TransportError::Address(_)), "{url}: {error}");
    }
    let error =
        LiveTransport::new(this_machine(), LIMITS).unwrap().send(get("http://api.example.com/")).await.unwrap_err();
    assert!(matches!(error, TransportError::Address(_)), "{error}");
    assert_eq!(server.accepted.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn private_addresses_in_urls_are_denied_in_every_spelling() {
    let transport = LiveTransport::new(this_machine(), LIMITS).unwrap();
    let granted = Reach { addresses: vec!["10.0.0.9".parse().unwrap()], ..this_machine() };
    assert!(LiveTransport::new(granted, LIMITS).unwrap().send(get("https://10.0.0.1/")).await.is_err());
    for host in ["10.0.0.1", "0xa9fea9fe", "[::ffff:127.0.0.1]", "[fd00:ec2::254]", "192.168.1", "0"] {
        let error = transport.send(get(&format!("https://{host}/"))).await.unwrap_err();
        assert!(matches!(error, TransportError::Address(_)), "{host}: {error}");
    }
}

#[tokio::test]
async fn a_name_with_private_addresses_only_is_denied_and_no_connection_is_made() {
    let server = serve("", Then::Close).await;
    let port = Url::parse(&server.url).unwrap().port().unwrap();
    let lookup = Fixed(&["127.0.0.1", "10.0.0.1"]);
    let transport = LiveTransport::with_lookup(this_machine(), LIMITS, Arc::new(lookup)).unwrap();
    let error = transport.send(get(&format!("https://api.example.com:{port}/"))).await.unwrap_err();
    assert!(matches!(&error, TransportError::Address(text) if text.contains("10.0.0.1 (private")), "{error}");
    assert_eq!(server.accepted.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn the_connection_goes_to_the_address_that_was_checked() {
    let server = serve("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", Then::NextRequest).await;
    let port = Url::parse(&server.url).unwrap().port().unwrap();
    let transport =
        LiveTransport::with_lookup(this_machine(), LIMITS, Arc::new(Fixed(&["127.0.0.1", "9.9.9.9"]))).unwrap();
    transport.send(get(&format!("http://localhost:{port}/"))).await.unwrap();
    assert!(server.seen.lock().unwrap().contains(&format!("host: localhost:{port}")));
}

#[tokio::test]
async fn a_name_without_addresses_and_a_failing_resolver_are_resolve_errors() {
    let transport = LiveTransport::with_lookup(this_machine(), LIMITS, Arc::new(Fixed(&[]))).unwrap();
    let error = transport.send(get("https://api.example.com/?k=v")).await.unwrap_err();
    assert!(matches!(&error, TransportError::Resolve { host, .. } if host == "api.example.com"), "{error}");
}

#[tokio::test]
async fn a_server_that_speaks_no_tls_is_a_tls_error() {
    let server = serve("HTTP/1.1 400 Bad Request\r\n\r\n", Then::Close).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        let _ = stream.read(&mut [0; 1000]).await;
    });
    let transport = LiveTransport::new(this_machine(), LIMITS).unwrap();
    let error = transport.send(get(&format!("https://127.0.0.1:{port}/"))).await.unwrap_err();
    assert!(
        matches!(&error, TransportError::Tls { reason, .. } if reason == "what answers there speaks no TLS"),
        "{error}"
    );
    drop(server);
}

fn this_machine() -> Reach {
    Reach { loopback: true, ..Reach::default() }
}

struct Fixed(&'static [&'static str]);

impl Lookup for Fixed {
    fn lookup(&self, _: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        ready(Ok(self.0.iter().map(|text| text.parse().unwrap()).collect())).boxed()
    }
}

struct Never;

impl Lookup for Never {
    fn lookup(&self, _: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        pending().boxed()
    }
}

use proptest::prelude::*;

use super::*;

fn exchange(body: &'static [u8]) -> (Request, Response) {
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("x-version", "2"),
        ("user-agent", "harness"),
        ("authorization", "Bearer of the host's own"),
        ("accept", "application/json"),
        ("cookie", "session=1"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let url = Url::parse("https://api.example.com/v2/x?b=2&a=%C3%A9&a=1").unwrap();
    let request = Request { method: Method::GET, url, headers, body: Bytes::new() };
    let mut headers = HeaderMap::new();
    for (name, value) in [("set-cookie", "session=2"), ("retry-after", "3"), ("content-type", "application/json")] {
        headers.append(name, HeaderValue::from_static(value));
    }
    (request, Response { status: StatusCode::OK, headers, body: Bytes::from_static(body) })
}

fn har(body: &'static [u8]) -> Har {
    let (request, response) = exchange(body);
    let mut har = Har::new();
    har.log.entries.push(Entry::of(DateTime::UNIX_EPOCH, &request, &response));
    har
}

#[test]
fn the_canonical_text_is_this() {
    let text = har(br#"{"amount":1.10}"#).to_text();
    let expected = r#"{
  "log": {
    "version": "1.2",
    "creator": {
      "name": "host-harness",
      "version": "VERSION"
    },
    "entries": [
      {
        "startedDateTime": "1970-01-01T00:00:00.000Z",
        "time": -1,
        "request": {
          "method": "GET",
          "url": "https://api.example.com/v2/x?b=2&a=%C3%A9&a=1",
          "httpVersion": "HTTP/1.1",
          "cookies": [],
          "headers": [
            {
              "name": "accept",
              "value": "application/json"
            },
            {
              "name": "user-agent",
              "value": "harness"
            },
            {
              "name": "x-version",
              "value": "2"
            }
          ],
          "queryString": [
            {
              "name": "b",
              "value": "2"
            },
            {
              "name": "a",
              "value": "é"
            },
            {
              "name": "a",
              "value": "1"
            }
          ],
          "headersSize": -1,
          "bodySize": 0
        },
        "response": {
          "status": 200,
          "statusText": "OK",
          "httpVersion": "HTTP/1.1",
          "cookies": [],
          "headers": [
            {
              "name": "content-type",
              "value": "application/json"
            },
            {
              "name": "retry-after",
              "value": "3"
            }
          ],
          "content": {
            "size": 15,
            "mimeType": "application/json",
            "text": "{\"amount\":1.10}"
          },
          "redirectURL": "",
          "headersSize": -1,
          "bodySize": 15
        },
        "cache": {},
        "timings": {
          "send": -1,
          "wait": -1,
          "receive": -1
        }
      }
    ]
  }
}
"#;
    assert_eq!(text, expected.replace("VERSION", env!("CARGO_PKG_VERSION")));
}

#[test]
fn reading_and_writing_a_canonical_text_changes_nothing() {
    let text = har(b"\xff\x00").to_text();
    assert!(text.contains(r#""encoding": "base64""#));
    let again = Har::from_slice(text.as_bytes()).unwrap();
    assert_eq!(again.to_text(), text);
    assert_eq!(&again.log.entries[0].to_response(1).unwrap().body[..], b"\xff\x00");
}

proptest! {
    #[test]
    fn every_body_comes_back_byte_for_byte(body in proptest::collection::vec(any::<u8>(), 0..60)) {
        let (request, response) = exchange(b"");
        let body = Bytes::from(body);
        let request = Request { body: body.clone(), ..request };
        let mut har = Har::new();
        har.log.entries.push(Entry::of(DateTime::UNIX_EPOCH, &request, &Response { body: body.clone(), ..response }));
        let again = Har::from_slice(har.to_text().as_bytes()).unwrap();
        prop_assert_eq!(&again.log.entries[0].to_response(1).unwrap().body, &body);
        prop_assert_eq!(&again.log.entries[0].to_request(1).unwrap().body, &body);
    }
}

/// The shape that Chrome and mitmproxy write.
const BROWSER: &str = r#"{"log":{"version":"1.2","creator":{"name":"WebInspector","version":"537.36"},"pages":[],
    "entries":[{"_initiator":{"type":"other"},"_priority":"High","cache":{},"connection":"443","pageref":"page_1",
    "request":{"method":"GET","url":"https://api.example.com/a","httpVersion":"http/2.0","headers":[
    {"name":":authority","value":"api.example.com"}],"queryString":[],
    "cookies":[{"name":"s","value":"1","expires":-1}],"headersSize":-1,"bodySize":0},
    "response":{"status":200,"statusText":"","httpVersion":"http/2.0","headers":[{"name":":status","value":"200"},
    {"name":"Content-Encoding","value":"gzip"},{"name":"Content-Type","value":"application/json"}],"cookies":[],
    "content":{"size":2,"mimeType":"application/json","text":"[]","compression":-20},"redirectURL":"",
    "headersSize":-1,"bodySize":-1,"_transferSize":112},"serverIPAddress":"192.0.2.1",
    "startedDateTime":"2026-01-02T03:04:05.678+01:00","time":123.456,
    "timings":{"blocked":1.5,"dns":-1,"ssl":-1,"connect":-1,"send":0.1,"wait":20.2,"receive":0.7}}]}}"#;

#[test]
fn recordings_of_browsers_are_read() {
    let har = Har::from_slice(format!("\u{feff}{BROWSER}").as_bytes()).unwrap();
    let entry = &har.log.entries[0];
    let response = entry.to_response(1).unwrap();
    assert_eq!(&response.body[..], b"[]");
    assert_eq!(response.headers.keys().map(HeaderName::as_str).collect::<Vec<_>>(), ["content-type"]);
    assert_eq!(entry.started().unwrap().to_rfc3339(), "2026-01-02T02:04:05.678+00:00");
    assert!(entry.request.cookies.is_empty());
}

#[test]
fn what_cannot_be_played_is_named_by_file_entry_and_field() {
    for (from, to, message) in [
        (r#""status":200"#, r#""status":0"#, "x.har: entry 7: response.status: 0 is no status"),
        (r#""text":"[]","#, "", "x.har: entry 7: response.content.text: is missing though 2 bytes came"),
        (
            r#""compression""#,
            r#""encoding":"rot13","c""#,
            "x.har: entry 7: response.content: has the unknown encoding `rot13`",
        ),
        ("Content-Type", "Content Type", "x.har: entry 7: response.headers: has a header that is no HTTP"),
    ] {
        let har = Har::from_slice(BROWSER.replace(from, to).as_bytes()).expect(from);
        let error = har.log.entries[0].to_response(7).unwrap_err().in_file(Path::new("x.har"));
        assert!(error.to_string().starts_with(message), "{error}");
    }
    let har = Har::from_slice(BROWSER.replace("https://api", "//api").as_bytes()).unwrap();
    assert!(har.log.entries[0].to_request(7).unwrap_err().to_string().starts_with("entry 7: request.url: "));
    let error = Har::load(Path::new("no/such.har")).unwrap_err();
    assert!(error.to_string().starts_with("no/such.har: "), "{error}");
}

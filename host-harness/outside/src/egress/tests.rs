use std::net::IpAddr;

use bytes::Bytes;
use http::{HeaderMap, Method};
use url::Url;

use super::*;
use crate::secrets::Secrets;

const KEY: &str = "tok-9f8e7d6c5b4a";

/// Allows every path of one or two segments, and the root.
fn policy(urls: &[&str]) -> EgressPolicy {
    let endpoints = urls.iter().map(|url| Endpoint::parse("endpoint", url).expect(url)).collect();
    let requests = ["/x", "/x/{a}", "/v2", "/token"].map(|path| Pattern::parse("GET", "endpoint", path).unwrap());
    EgressPolicy::new(endpoints, requests.into(), vec!["x-version".to_owned()])
}

fn secrets() -> Secrets {
    Secrets::new([("apiKey", KEY)]).unwrap()
}

fn get(url: &str) -> Request {
    Request { method: Method::GET, url: Url::parse(url).expect(url), headers: HeaderMap::new(), body: Bytes::new() }
}

fn reason(policy: &EgressPolicy, url: &str) -> Option<RefusalKind> {
    policy.check(&get(url), &secrets()).err().map(|refusal| refusal.kind)
}

#[test]
fn every_spelling_of_the_allowed_origin_passes() {
    for (config, urls) in [
        (
            "https://api.example.com",
            &[
                "https://api.example.com/x",
                "https://API.Example.COM/x",
                "https://api.example.com./x",
                "https://api.example.com:443/x",
                "HTTPS://api.example.com/x",
                "https:\\\\api.example.com\\x",
                "https://api.example.com/x/evil.example",
                "https://%61pi.example.com/x?y=1",
            ][..],
        ),
        ("https://api.example.com.", &["https://api.example.com/x"]),
        ("https://api.example.com:8443", &["https://api.example.com:8443/x"]),
        ("http://localhost:8080", &["http://LOCALHOST:8080/x", "http://localhost.:8080/x"]),
        (
            "http://127.0.0.1:80",
            &["http://127.0.0.1/x", "http://0x7f.1/x", "http://2130706433/x", "http://017700000001/x"],
        ),
        ("http://[::1]:8080", &["http://[0:0:0:0:0:0:0:1]:8080/x"]),
        ("https://9.9.9.9", &["https://0x9090909/x"]),
        ("https://10.0.0.1", &["https://10.0.0.1/x"]),
        ("https://xn--bcher-kva.example", &["https://xn--bcher-kva.example/x"]),
        ("https://api.example.com/api/1.0/", &["https://api.example.com/api/1.0/x"]),
    ] {
        for url in urls {
            assert_eq!(reason(&policy(&[config]), url), None, "{config} allows {url}");
        }
    }
}

#[test]
fn any_other_origin_is_refused() {
    let policy = policy(&["https://api.example.com"]);
    for url in [
        "http://api.example.com/",
        "https://api.example.com:444/",
        "https://api.example.com:80/",
        "https://api.example.com.evil.com/",
        "https://evil-api.example.com/",
        "https://example.com/",
        "https://x.api.example.com/",
        "https://evil.example/api.example.com",
        "https://evil.example/?https://api.example.com",
        "https://evil.example\\@api.example.com/",
        "https://api.example.com..evil.example/",
        "https://api.example.com../",
        "https://xn--pi-6kc.example.com/", // "api" with a Cyrillic a
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0177.0.0.1/",
        "https://127.1/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://169.254.169.254/latest/meta-data",
        "ftp://api.example.com/",
        "file:///etc/passwd",
        "data:text/plain,x",
    ] {
        assert!(matches!(reason(&policy, url), Some(RefusalKind::Origin)), "{url}");
    }
}

#[test]
fn userinfo_and_fragments_are_refused_even_towards_the_allowed_origin() {
    let policy = policy(&["https://api.example.com"]);
    for url in [
        "https://api.example.com@evil.example/",
        "https://api.example.com:443@evil.example/",
        "https://user@api.example.com/",
        "https://:password@api.example.com/",
    ] {
        assert_eq!(reason(&policy, url), Some(RefusalKind::UserInfo), "{url}");
    }
    assert_eq!(reason(&policy, "https://api.example.com/x#@evil.example"), Some(RefusalKind::Fragment));
    assert!(reason(&policy, "https://evil.example#@api.example.com/").is_some());
}

#[test]
fn a_config_without_origins_allows_nothing() {
    assert!(reason(&EgressPolicy::default(), "https://api.example.com/").is_some());
}

#[test]
fn one_of_several_origins_is_enough() {
    let policy = policy(&["https://api.example.com", "https://auth.example.com"]);
    assert_eq!(reason(&policy, "https://auth.example.com/token"), None);
}

#[test]
fn a_request_is_of_a_kind_that_was_granted() {
    let granted = policy(&["https://api.example.com/base"]);
    for (url, kind) in [
        ("https://api.example.com/base/y", RefusalKind::Path),
        ("https://api.example.com/x", RefusalKind::Path),
        ("https://api.example.com/basex/x", RefusalKind::Path),
        ("https://api.example.com/base/x/", RefusalKind::Path),
        ("https://api.example.com/base/x/a/b", RefusalKind::Path),
        ("https://api.example.com/base//x", RefusalKind::Path),
        ("https://api.example.com/base/x/%2e%2E", RefusalKind::Path),
        ("https://api.example.com/base/x/a%2Fb", RefusalKind::Path),
        ("https://api.example.com/base/x/a%5cb", RefusalKind::Path),
        ("https://api.example.com/base/x/..;", RefusalKind::Path),
        ("https://api.example.com/base/x/a;b=c", RefusalKind::Path),
        ("https://api.example.com/base/x/%252e%252e", RefusalKind::Path),
        ("https://api.example.com/base/x/%c0%ae%c0%ae", RefusalKind::Path),
        ("https://api.example.com/base/x/a%00", RefusalKind::Path),
        ("https://api.example.com/base/x/a%3fb", RefusalKind::Path),
        ("https://api.example.com/base/x/%zz", RefusalKind::Path),
    ] {
        assert_eq!(reason(&granted, url), Some(kind), "{url}");
    }
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::HEAD, Method::TRACE, Method::CONNECT] {
        let request = Request { method: method.clone(), ..get("https://api.example.com/base/x") };
        assert_eq!(granted.check(&request, &secrets()).unwrap_err().kind, RefusalKind::Method, "{method}");
    }
    for id in ["a%20b", "caf%C3%A9", "a%2Bb", "~a:b@c,d=e", "100%25"] {
        assert_eq!(reason(&granted, &format!("https://api.example.com/base/x/{id}")), None, "{id}");
    }
    let tokens = granted.without(vec![("endpoint".to_owned(), "/token".to_owned())]);
    assert_eq!(reason(&tokens, "https://api.example.com/base/token"), Some(RefusalKind::TokenRequest));
}

#[test]
fn headers_are_those_of_every_connector_and_those_that_were_granted() {
    let with = |name: &str| {
        let headers = [(name.parse::<http::HeaderName>().unwrap(), "1".parse::<http::HeaderValue>().unwrap())];
        let request = Request { headers: headers.into_iter().collect(), ..get("https://api.example.com/x") };
        policy(&["https://api.example.com"]).check(&request, &secrets()).err().map(|refusal| refusal.kind)
    };
    for name in ["accept", "user-agent", "content-type", "if-none-match", "x-version"] {
        assert_eq!(with(name), None, "{name}");
    }
    for name in [
        "authorization",
        "cookie",
        "host",
        "proxy-authorization",
        "x-forwarded-for",
        "x-http-method-override",
        "x-other",
    ] {
        assert_eq!(with(name), Some(RefusalKind::Header(name.to_owned())), "{name}");
    }
}

#[test]
fn a_secret_is_found_in_url_header_and_body_however_it_is_spelt_and_is_not_in_the_refusal() {
    let granted = policy(&["https://api.example.com"]);
    let hex = KEY.bytes().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
    for url in [format!("https://api.example.com/x/{KEY}"), format!("https://api.example.com/x?k={hex}")] {
        let refusal = granted.check(&get(&url), &secrets()).unwrap_err();
        assert_eq!(refusal.kind, RefusalKind::Secret(Place::Url), "{url}");
        assert!(!refusal.to_string().contains(KEY), "{refusal}");
    }
    let headers = [(http::header::USER_AGENT, KEY.parse::<http::HeaderValue>().unwrap())].into_iter().collect();
    let request = Request { headers, ..get("https://api.example.com/x") };
    assert_eq!(granted.check(&request, &secrets()).unwrap_err().kind, RefusalKind::Secret(Place::Header));
    let body = Bytes::from(serde_json::json!({ "key": KEY }).to_string());
    let request = Request { body, ..get("https://api.example.com/x") };
    assert_eq!(granted.check(&request, &secrets()).unwrap_err().kind, RefusalKind::Secret(Place::Body));
}

#[test]
fn a_refusal_says_what_and_why_but_no_query_no_userinfo_and_no_way_around_it() {
    let granted = policy(&["https://api.example.com"]);
    let refusal = granted.check(&get("https://evil.example/v2/x?iban=FR76"), &secrets()).unwrap_err();
    assert_eq!(refusal.to_string(), "GET https://evil.example/v2/x: it goes to an origin that was not granted");
    let refusal = granted.check(&get("https://user:pw@169.254.169.254/"), &secrets()).unwrap_err();
    assert!(!refusal.to_string().contains("pw"), "{refusal}");
}

#[test]
fn config_fields_that_must_not_be_called_are_refused_at_load() {
    let error = |text: &str| Origin::parse(text).expect_err(text);
    assert_eq!(error("http://api.example.com"), OriginError::PlainHttp("api.example.com".to_owned()));
    assert_eq!(error("http://localhost.evil.example"), OriginError::PlainHttp("localhost.evil.example".to_owned()));
    assert_eq!(error("http://127.0.0.1.evil.example"), OriginError::PlainHttp("127.0.0.1.evil.example".to_owned()));
    assert_eq!(error("ftp://api.example.com"), OriginError::Scheme("ftp".to_owned()));
    assert_eq!(error("https://user@api.example.com"), OriginError::UserInfo);
    for text in ["", "api.example.com", "/v2", "https://", "https://[fe80::1%25eth0]/", "https://a b/"] {
        assert!(matches!(error(text), OriginError::NotUrl(_) | OriginError::Scheme(_)), "{text}");
    }
    for text in
        ["https://[fd00:ec2::254]", "https://[::ffff:10.0.0.1]", "https://[::ffff:127.0.0.1]", "https://0xa9fea9fe"]
    {
        assert!(matches!(error(text), OriginError::NotPublic { .. }), "{text}");
    }
}

#[test]
fn what_is_not_public_is_reached_only_where_the_operator_wrote_it() {
    for (url, expected) in [
        ("http://localhost:1", true),
        ("https://LocalHost.", true),
        ("http://127.9.9.9", true),
        ("http://[::1]", true),
        ("https://api.example.com", false),
        ("https://9.9.9.9", false),
    ] {
        assert_eq!(policy(&[url]).reach().loopback, expected, "{url}");
    }
    assert_eq!(policy(&["https://10.0.0.1"]).reach().addresses, ["10.0.0.1".parse::<IpAddr>().unwrap()]);
    assert_eq!(policy(&["https://api.example.com"]).reach(), Reach::default());
}

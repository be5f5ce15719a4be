use bytes::Bytes;
use http::{HeaderMap, Method};

use super::*;

fn policy(urls: &[&str]) -> EgressPolicy {
    EgressPolicy::from_origins(urls.iter().map(|url| ("endpoint", Origin::parse(url).expect(url))))
}

fn get(url: &str) -> Request {
    Request { method: Method::GET, url: Url::parse(url).expect(url), headers: HeaderMap::new(), body: Bytes::new() }
}

fn reason(policy: &EgressPolicy, url: &str) -> Option<DeniedReason> {
    policy.check(&get(url)).err().map(|denied| denied.reason)
}

#[test]
fn every_spelling_of_the_allowed_origin_passes() {
    for (config, urls) in [
        (
            "https://api.example.com/v2?x=1",
            &[
                "https://api.example.com",
                "https://API.Example.COM/other",
                "https://api.example.com./x",
                "https://api.example.com:443/x",
                "HTTPS://api.example.com/x",
                "https:\\\\api.example.com\\@evil.example/",
                "https://api.example.com/x@evil.example",
                "https://%61pi.example.com/",
            ][..],
        ),
        ("https://api.example.com.", &["https://api.example.com/"]),
        ("https://api.example.com:8443", &["https://api.example.com:8443/"]),
        ("http://localhost:8080", &["http://LOCALHOST:8080/", "http://localhost.:8080/"]),
        ("http://127.0.0.1:80", &["http://127.0.0.1/", "http://0x7f.1/", "http://2130706433/", "http://017700000001/"]),
        ("http://[::1]:8080", &["http://[0:0:0:0:0:0:0:1]:8080/"]),
        ("https://9.9.9.9", &["https://0x9090909/"]),
        ("https://xn--bcher-kva.example", &["https://xn--bcher-kva.example/"]),
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
        assert!(matches!(reason(&policy, url), Some(DeniedReason::Origin { .. })), "{url}");
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
        assert_eq!(reason(&policy, url), Some(DeniedReason::UserInfo), "{url}");
    }
    assert_eq!(reason(&policy, "https://api.example.com/#@evil.example"), Some(DeniedReason::Fragment));
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
fn placeholders_are_refused_in_urls_and_bodies_however_escaped() {
    let policy = policy(&["https://api.example.com"]);
    for url in [
        "https://api.example.com/{{secret:apiKey}}",
        "https://api.example.com/?key={{secret:apiKey}}",
        "https://api.example.com/?key=%7B%7Bsecret%3AapiKey%7D%7D",
        "https://api.example.com/?key=%7b%7bsecret%3aapiKey%7d%7d",
        "https://api.example.com/?key=%257B%257Bsecret:apiKey%7D%7D",
        "https://api.example.com/?key={{%73ecret:apiKey}}",
    ] {
        assert_eq!(reason(&policy, url), Some(DeniedReason::Placeholder("URL")), "{url}");
    }
    for body in [
        r#"{"key":"{{secret:apiKey}}"}"#,
        r#"{"key":"\u007b\u007Bsecret:apiKey}}"}"#,
        "key=%7B%7Bsecret%3AapiKey%7D%7D&x=+",
    ] {
        let request = Request { body: Bytes::from_static(body.as_bytes()), ..get("https://api.example.com/") };
        let denied = policy.check(&request).expect_err(body);
        assert_eq!(denied.reason, DeniedReason::Placeholder("body"), "{body}");
    }
}

#[test]
fn a_denial_says_what_why_and_what_would_have_to_change_but_no_query() {
    let denied = policy(&["https://api.example.com"]).check(&get("https://evil.example/v2/x?iban=FR76")).unwrap_err();
    assert_eq!(
        denied.to_string(),
        "GET https://evil.example/v2/x: the config allows https://api.example.com (`endpoint`) only; \
         to allow this one, set `endpoint` to https://evil.example"
    );
    let denied = policy(&["https://api.example.com"]).check(&get("https://user:pw@169.254.169.254/")).unwrap_err();
    assert!(!denied.to_string().contains("pw"), "{denied}");
    let denied = policy(&["https://api.example.com"]).check(&get("https://169.254.169.254/")).unwrap_err();
    assert!(denied.to_string().contains("no config can allow this one"), "{denied}");
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
    for text in ["https://10.0.0.1", "https://[fd00::1]", "https://[::ffff:127.0.0.1]", "https://0xa9fea9fe"] {
        assert!(matches!(error(text), OriginError::NotPublic { .. }), "{text}");
    }
}

#[test]
fn only_loopback_origins_allow_loopback() {
    for (url, expected) in [
        ("http://localhost:1", true),
        ("https://LocalHost.", true),
        ("http://127.9.9.9", true),
        ("http://[::1]", true),
        ("https://api.example.com", false),
        ("https://9.9.9.9", false),
    ] {
        assert_eq!(policy(&[url]).allows_loopback(), expected, "{url}");
    }
}

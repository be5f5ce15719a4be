//! What a request bears, and what its answer may be.

use super::*;

fn staging(token: Option<&str>) -> FetchRequest {
    let mut config = json!({"apiKey": "k:1", "clientID": "acme-1234", "endpoint": "https://x.staging.qonto.co"});
    if let Some(token) = token {
        config["stagingToken"] = json!(token);
    }
    FetchRequest { config: config.to_string(), ..request(25, START) }
}

#[test]
fn the_sandbox_s_login_page_asks_for_the_token() {
    let mut bank = Bank::new(3);
    let page = (200, "<!DOCTYPE html><html>".to_owned());
    bank.scripted.insert("/v2/transactions".to_owned(), page);
    match payments::fetch(&mut bank, &staging(None), &parent()) {
        Err(Error::Unauthorized(detail)) => assert!(detail.message.contains("stagingToken"), "{}", detail.message),
        other => panic!("{other:?}"),
    }
    let with_token = payments::fetch(&mut bank, &staging(Some("t")), &parent());
    assert!(matches!(with_token, Err(Error::MalformedResponse(_))), "{with_token:?}");
    let production = payments::fetch(&mut bank, &request(25, START), &parent());
    assert!(matches!(production, Err(Error::MalformedResponse(_))), "{production:?}");
}

#[test]
fn a_request_bears_the_key_as_it_is_and_says_who_asks() {
    let mut bank = Bank::new(3);
    payments::fetch(&mut bank, &staging(Some("t")), &parent()).unwrap();
    payments::fetch(&mut bank, &request(25, START), &parent()).unwrap();
    let own = |token: Option<&str>, key: &str| {
        let agent = concat!("qonto-connector/", env!("CARGO_PKG_VERSION"));
        let fixed = [("Authorization", key), ("Accept", "application/json"), ("User-Agent", agent)];
        let pairs = fixed.into_iter().chain(token.map(|token| ("X-Qonto-Staging-Token", token)));
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect::<Vec<_>>()
    };
    assert_eq!(bank.headers, [own(Some("t"), "acme-1234:k:1"), own(None, "acme-1234:k")]);
    assert!(bank.requests[0].starts_with("https://x.staging.qonto.co/v2/transactions?bank_account_id=a1&"));
}

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

#[test]
fn no_filter_begins_before_qonto_did() {
    let mut bank = Bank::new(3);
    for id in 0..7 {
        bank.rows.push(Tx { id, updated: time::FIRST_DAY + i64::from(id) * 60_000, status: "completed", version: 0 });
    }
    let mut store = Store::default();
    for _ in 0..2 {
        store.poll(&mut bank, 2);
        store.assert_equals(&bank);
    }
    assert!(bank.requests.iter().any(|url| url.contains("updated_at_from=2017")), "{:?}", bank.requests);
    assert!(bank.requests.iter().all(|url| !url.contains("_from=2016")), "{:?}", bank.requests);
}

//! What a request bears, and what its answer may be.

use super::*;
use crate::walk::FIRST_DAY;

fn staging(has_token: bool) -> FetchRequest {
    let mut config = json!({"apiKey": true, "clientID": "acme-1234", "endpoint": "https://x.staging.qonto.co"});
    if has_token {
        config["stagingToken"] = json!(true);
    }
    FetchRequest { config: config.to_string(), ..request(25, START) }
}

#[test]
fn the_sandbox_s_login_page_asks_for_the_token() {
    let mut bank = Bank::new(3);
    let page = (200, "<!DOCTYPE html><html>".to_owned());
    bank.scripted.insert("/v2/transactions".to_owned(), page);
    match payments::fetch(&mut bank, &staging(false)) {
        Err(Error::Unauthorized(detail)) => assert!(detail.message.contains("stagingToken"), "{}", detail.message),
        other => panic!("{other:?}"),
    }
    let with_token = payments::fetch(&mut bank, &staging(true));
    assert!(matches!(with_token, Err(Error::MalformedResponse(_))), "{with_token:?}");
    let production = payments::fetch(&mut bank, &request(25, START));
    assert!(matches!(production, Err(Error::MalformedResponse(_))), "{production:?}");
}

#[test]
fn a_request_says_who_asks_and_bears_no_credentials() {
    let mut bank = Bank::new(3);
    payments::fetch(&mut bank, &staging(true)).unwrap();
    let agent = concat!("qonto-connector/", env!("CARGO_PKG_VERSION"));
    let own = [("accept", "application/json"), ("user-agent", agent)];
    let own = own.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    assert!(!bank.headers.is_empty() && bank.headers.iter().all(|headers| *headers == own), "{:?}", bank.headers);
    assert!(bank.requests[0].starts_with("https://x.staging.qonto.co/v2/transactions?bank_account_id=a1&"));
}

#[test]
fn no_filter_begins_before_qonto_did() {
    let mut bank = Bank::new(3);
    for id in 0..7 {
        bank.rows.push(Tx { id, updated: FIRST_DAY + i64::from(id) * 60_000, status: "completed", version: 0 });
    }
    let mut store = Store::default();
    for _ in 0..2 {
        store.poll(&mut bank, 2);
        store.assert_equals(&bank);
    }
    assert!(bank.requests.iter().any(|url| url.contains("updated_at_from=2017")), "{:?}", bank.requests);
    assert!(bank.requests.iter().all(|url| !url.contains("_from=2016")), "{:?}", bank.requests);
}

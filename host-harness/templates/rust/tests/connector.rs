//! The connector without a component: for what is quicker to find here than at the bank that does not exist.

use connector::Bank;
use connector_kit::host::{HttpAnswer, HttpFailure, HttpGet, Level};
use connector_kit::prelude::*;
use serde_json::json;

/// A host whose bank gives these answers, one after the other.
#[derive(Default)]
struct Fake {
    answers: Vec<String>,
    asked: Vec<String>,
    state: Option<Vec<u8>>,
}

impl Host for Fake {
    type Sent = String;

    fn send(&mut self, request: &HttpGet) -> String {
        self.asked.push(request.url.clone());
        self.answers.remove(0)
    }

    fn answer(&mut self, sent: String) -> Result<HttpAnswer, HttpFailure> {
        Ok(HttpAnswer { status: 200, headers: vec![], body: sent.into_bytes() })
    }

    fn state(&mut self) -> Option<Vec<u8>> {
        self.state.clone()
    }

    fn set_state(&mut self, state: Vec<u8>) {
        self.state = Some(state);
    }

    fn log(&mut self, _: Level, _: &str) {}
}

fn request() -> FetchRequest {
    let account = json!({"id": "a1", "currency": "BHD", "balance": {"booked": "700.000", "available": "1.5"}});
    let parent = Parent {
        task: "fetch-accounts".into(),
        reference: "a1".into(),
        default_asset: None,
        metadata: vec![],
        raw: account.to_string(),
    };
    FetchRequest {
        config: json!({"endpoint": "https://api.examplebank.example", "token": true}).to_string(),
        task: "fetch-payments".into(),
        parent: Some(parent),
        page_size: 2,
        max_in_flight: 1,
        since: None,
        observed_at: Timestamp { seconds: 1_780_000_000, nanoseconds: 0 },
    }
}

fn row(id: &str, changed: &str) -> serde_json::Value {
    json!({"id": id, "createdAt": "2026-05-01T10:00:00Z", "changedAt": changed, "state": "booked", "direction": "in",
           "amount": "12.50", "currency": "EUR"})
}

#[test]
fn pages_are_read_to_the_end_and_a_poll_with_nothing_new_leaves_the_state() {
    let first = json!({"items": [row("p1", "2026-05-01T10:00:00Z"), row("p2", "2026-05-02T10:00:00Z")], "next": "more"});
    let last = json!({"items": [row("p3", "2026-05-03T10:00:00.5Z"), {"id": null}], "next": null});
    let answers = [&first, &last, &last].map(ToString::to_string).into();
    let mut bank = Fake { answers, ..Fake::default() };
    assert!(Bank::fetch_payments(&mut bank, &request()).unwrap().has_more);
    let page = Bank::fetch_payments(&mut bank, &request()).unwrap();
    assert_eq!((page.items[0].amount.as_str(), page.items[0].asset.as_str()), ("1250", "EUR/2"));
    assert_eq!((page.has_more, page.rejected.len()), (false, 1));
    let kept = bank.state.clone();
    Bank::fetch_payments(&mut bank, &request()).unwrap();
    assert!(bank.asked[2].contains("changedFrom=2026-05-03T10%3A00%3A00.5Z"), "{:?}", bank.asked);
    assert_eq!(bank.state, kept);
}

#[test]
fn balances_are_those_of_the_account_without_a_request() {
    let page = Bank::fetch_balances(&mut Fake::default(), &request()).unwrap();
    let amounts: Vec<_> = page.items.iter().map(|balance| (&*balance.amount, &*balance.asset)).collect();
    assert_eq!(amounts, [("700000", "BHD/3"), ("1500", "BHD/3")]);
}

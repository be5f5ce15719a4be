#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io;
use std::path::Path;

use super::*;
use crate::contract::payments::connector::connector::OthersPage;
use crate::contract::payments::connector::types::{ErrorDetail, Other};

const MANIFEST: &str = r#"{"name":"x","version":"1.0.0","description":"-","capabilities":["FETCH_OTHERS"],"workflow":[
    {"name":"users","capability":"FETCH_OTHERS","periodic":true,"minPeriodSeconds":0,"parent":null,"snapshot":false,"follow":false},
    {"name":"cards","capability":"FETCH_OTHERS","periodic":false,"minPeriodSeconds":0,"parent":"users","snapshot":false,"follow":false}],
    "config":[{"name":"endpoint","kind":"url","required":true,"default":null,"description":"-"},
              {"name":"apiKey","kind":"secret","required":true,"default":null,"description":"-"}],
    "credentials":[],"requests":[],"headers":[],"maxPageSize":10,"maxInFlight":1,"rateLimits":[]}"#;
const TOKEN_VALUE: &str = "a-token-that-callers-show";

struct Environment(&'static str);

impl Vault for Environment {
    fn variable(&self, name: &str) -> Option<String> {
        let value = match name {
            "CONNECTOR_MANIFEST" => MANIFEST,
            "CONNECTOR_CONFIG" => r#"{"endpoint":"https://bank.example","apiKey":"s3cr3t-value"}"#,
            TOKEN => self.0,
            _ => return None,
        };
        Some(value.to_owned())
    }

    fn file(&self, _: &Path) -> io::Result<String> {
        Err(io::ErrorKind::NotFound.into())
    }
}

/// Counts its calls in its state.
#[derive(Default)]
struct Counting {
    state: Option<Vec<u8>>,
    asked: Vec<FetchRequest>,
    fails: bool,
    version: &'static str,
}

impl Connector for Counting {
    fn named(&mut self) -> (String, String) {
        ("x".into(), self.version.into())
    }

    fn check(&mut self, _: &str) -> Result<Checked, Error> {
        Ok(Checked { subject: Some("s".into()), name: None })
    }

    fn fetch(&mut self, _: Capability, request: &FetchRequest, _: Option<&[String]>) -> Result<Value, Error> {
        self.asked.push(request.clone());
        let calls = self.state.as_ref().map_or(0, |state| state[0]) + 1;
        self.state = Some(vec![calls]);
        if self.fails {
            return Err(Error::RateLimited(ErrorDetail {
                message: "slowly".into(),
                http_status: Some(429),
                provider_code: None,
                request_id: None,
                retry_after_seconds: Some(7),
            }));
        }
        let item = Other { reference: calls.to_string(), name: None, metadata: vec![], raw: "{}".into() };
        page(Ok(OthersPage { items: vec![item], rejected: vec![], gaps: vec![], has_more: calls < 2 }))
    }

    fn open(&mut self, state: Option<Vec<u8>>) {
        self.state = state;
    }

    fn close(&mut self) -> Result<Option<Vec<u8>>, String> {
        Ok(self.state.take())
    }
}

fn ask(connector: &mut Counting, method: &str, path: &str, body: &Value) -> Answer {
    let service = Service::new(Arc::new(Environment(TOKEN_VALUE))).unwrap();
    let (authorization, body) = (format!("Bearer {TOKEN_VALUE}"), body.to_string());
    let asked = Asked { method, path, authorization: Some(&authorization), body: body.as_bytes() };
    service.answer(asked, connector, DateTime::UNIX_EPOCH)
}

fn counting() -> Counting {
    Counting { version: "1.0.0", ..Counting::default() }
}

#[test]
fn a_caller_reads_to_the_last_row_with_the_state_of_each_answer_and_the_connector_sees_no_secret() {
    let mut connector = counting();
    let first = ask(&mut connector, "POST", "/fetch", &json!({ "task": "users" })).body;
    assert_eq!((&first["items"][0]["reference"], &first["hasMore"]), (&json!("1"), &json!(true)));
    let second = json!({ "task": "users", "state": first["state"] });
    let second = ask(&mut connector, "POST", "/fetch", &second).body;
    assert_eq!((&second["items"][0]["reference"], &second["hasMore"]), (&json!("2"), &json!(false)));
    let child = json!({ "task": "cards", "parent": first["items"][0] });
    assert_eq!(ask(&mut connector, "POST", "/fetch", &child).status, 200);
    let parent = connector.asked[2].parent.as_ref().unwrap();
    assert_eq!((&*parent.task, &*parent.reference), ("users", "1"));
    let config: Value = serde_json::from_str(&connector.asked[0].config).unwrap();
    assert_eq!(config["apiKey"], json!(true));
}

#[test]
fn an_error_keeps_its_case_its_detail_and_when_to_ask_again() {
    let answer = ask(&mut Counting { fails: true, ..counting() }, "POST", "/fetch", &json!({ "task": "users" }));
    assert_eq!((answer.status, answer.retry_after), (429, Some(7)));
    assert_eq!(
        (&answer.body["error"]["kind"], &answer.body["error"]["message"]),
        (&json!("rate-limited"), &json!("slowly"))
    );
}

#[test]
fn a_wrong_call_is_told_what_was_expected() {
    for (body, told) in [
        (json!({ "task": "cats" }), "it has `users`, `cards`"),
        (json!({ "task": "cards" }), "runs for each item of `users`"),
        (json!({ "task": "users", "parent": { "reference": "1", "metadata": {}, "raw": "{}" } }), "has no parent"),
        (json!({ "task": "users", "state": "?" }), "the state is not what an answer had"),
        (json!({ "task": "users", "more": 1 }), "unknown field `more`"),
    ] {
        let answer = ask(&mut counting(), "POST", "/fetch", &body);
        assert!(answer.status == 400 && answer.body.to_string().contains(told), "{answer:?}");
    }
    assert_eq!(ask(&mut counting(), "DELETE", "/fetch", &json!({})).status, 405);
    assert_eq!(ask(&mut counting(), "GET", "/rows", &json!({})).status, 404);
}

#[test]
fn nobody_reads_without_the_token_and_there_is_no_service_without_one() {
    for short in ["", "short"] {
        assert!(matches!(Service::new(Arc::new(Environment(short))), Err(Unfit::Token)));
    }
    let service = Service::new(Arc::new(Environment(TOKEN_VALUE))).unwrap();
    for authorization in [None, Some("Bearer another-token-of-length"), Some(TOKEN_VALUE)] {
        let asked = Asked { method: "GET", path: "/", authorization, body: &[] };
        assert_eq!(service.answer(asked, &mut counting(), DateTime::UNIX_EPOCH).status, 401);
    }
}

#[test]
fn another_connector_than_the_one_agreed_to_is_not_run() {
    let mut other = Counting { version: "2.0.0", ..counting() };
    let answer = ask(&mut other, "POST", "/fetch", &json!({ "task": "users" }));
    assert!(answer.status == 500 && answer.body.to_string().contains("x 2.0.0, and x 1.0.0"), "{answer:?}");
    assert!(other.asked.is_empty());
}

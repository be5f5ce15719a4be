//! The simulation against its own description.

use chrono::{DateTime, TimeDelta, Utc};
use http::{HeaderMap, HeaderValue, Method};
use model::PaymentStatus;
use outside::transport::{Request, Response};
use serde_json::Value;
use sim::{Bank as _, Movement, Provider as _};

use crate::{Lindenbank, TOKEN, german_iban};

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_780_305_600, 0).unwrap()
}

fn get(bank: &mut Lindenbank, path: &str, at: DateTime<Utc>) -> (u16, Value) {
    let mut headers = HeaderMap::new();
    headers.insert("authorization", HeaderValue::from_str(&format!("Bearer {TOKEN}")).unwrap());
    let url = format!("https://api.lindenbank.example{path}").parse().unwrap();
    let request = Request { method: Method::GET, url, headers, body: Vec::new().into() };
    let Response { status, body, .. } = bank.answer(&request, at);
    (status.as_u16(), serde_json::from_slice(&body).unwrap())
}

#[test]
fn check_digits_are_right() {
    // An account number of a textbook: Germany's example in the registry of IBANs.
    assert_eq!(german_iban(37_040_044, 532_013_000), "DE89370400440532013000");
    assert_eq!(german_iban(99_999_711, 1).len(), 22);
}

#[test]
fn payments_come_by_date_and_number_behind_a_cursor_that_lives_for_a_day() {
    let mut bank = Lindenbank::default();
    let account = bank.open("EUR");
    for days in [0, 3, 1, 0] {
        bank.pay(&Movement::on(&account, now() - TimeDelta::days(days)));
    }
    let (_, first) = get(&mut bank, "/v1/payments?limit=3", now());
    let dates: Vec<&str> = first["items"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap()).collect();
    assert_eq!(dates, ["LB-P-000002", "LB-P-000003", "LB-P-000001"]);
    let next = format!("/v1/payments?limit=3&after={}", first["next"].as_str().unwrap());
    let (_, second) = get(&mut bank, &next, now());
    assert_eq!((second["items"][0]["id"].as_str(), &second["next"]), (Some("LB-P-000004"), &Value::Null));
    assert_eq!(get(&mut bank, &next, now() + TimeDelta::hours(26)).0, 410);
    assert_eq!(get(&mut bank, "/v1/payments?after=made_up", now()).1["code"], "cursor_unknown");
}

#[test]
fn a_replaced_row_tells_its_successor() {
    let mut bank = Lindenbank::default();
    let account = bank.open("EUR");
    let old = bank.pay(&Movement::on(&account, now()).status(PaymentStatus::Pending));
    let new = bank.replace(&old, now()).unwrap();
    let (status, said) = get(&mut bank, &format!("/v1/payments/{old}"), now());
    assert_eq!((status, said["replacedBy"].as_str()), (410, Some(&*new)));
    assert_eq!(bank.truth().payments.keys().collect::<Vec<_>>(), [&new]);
}

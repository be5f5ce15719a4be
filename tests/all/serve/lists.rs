//! Lists and single records: both ways, picked, and one and the same everywhere.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde_json::{Value, json};
use store::export::{Format, What, export};

use super::{Desk, opened};
use crate::support::{at, mixed, world};

async fn filled(rows: usize) -> (Desk, super::Served, String) {
    let (mut world, accounts) = world(2);
    mixed(&mut world, &accounts[0], rows, at(0), TimeDelta::minutes(1));
    let desk = Desk::new(world).await;
    let served = desk.serve().await;
    let id = served.install(&desk.config(&json!({}))).await;
    served.polled(1).await;
    (desk, served, id)
}

fn references(answer: &Value) -> Vec<&str> {
    answer["cursor"]["data"].as_array().unwrap().iter().map(|one| one["reference"].as_str().unwrap()).collect()
}

fn encoded(filter: &Value) -> String {
    percent_encoding::utf8_percent_encode(&filter.to_string(), percent_encoding::NON_ALPHANUMERIC).to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_walked_forth_and_back_and_the_filter_goes_with_the_cursor() {
    let (_desk, served, _) = filled(60).await;
    let filter = encoded(&json!({ "$match": { "status": "SUCCEEDED" } }));
    let first = served.get(&format!("/v3/payments?pageSize=7&query={filter}")).await;
    assert_eq!((first["cursor"]["pageSize"].as_u64(), first["cursor"]["hasMore"].as_bool()), (Some(7), Some(true)));
    assert!(first["cursor"].get("previous").is_none());
    let next = first["cursor"]["next"].as_str().unwrap();
    let second = served.get(&format!("/v3/payments?cursor={next}&pageSize=50")).await;
    let previous = second["cursor"]["previous"].as_str().unwrap();
    let back = served.get(&format!("/v3/payments?cursor={previous}")).await;
    assert_eq!(references(&back), references(&first));
    let both = [references(&first), references(&second)].concat();
    assert!(both.iter().enumerate().all(|(index, one)| !both[..index].contains(one)));
    let with_body = served.ask("GET", "/v3/payments", Some(&json!({ "$match": { "status": "SUCCEEDED" } }))).await.1;
    assert_eq!(references(&with_body)[..7], references(&first)[..]);
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_is_one_and_the_same_in_its_list_by_its_id_and_in_an_export() {
    let (desk, served, connector) = filled(20).await;
    let mut text = Vec::new();
    export(&opened(&desk), "qonto", What::Payments, Format::Ndjson, &mut text).unwrap();
    let exported: BTreeMap<String, Value> = String::from_utf8(text)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|payment| (payment["reference"].as_str().unwrap().to_owned(), payment))
        .collect();
    let payments = served.all("/v3/payments").await;
    assert_eq!(payments.len(), exported.len());
    for listed in payments {
        let id = listed["id"].as_str().unwrap();
        let mut got = served.get(&format!("/api/payments/v3/payments/{id}")).await["data"].clone();
        let known = &exported[listed["reference"].as_str().unwrap()];
        assert_eq!(got["adjustments"][0]["raw"].to_string(), known["raw"].to_string());
        assert_eq!(got["amount"].to_string(), known["amount"].as_str().unwrap());
        assert_eq!(
            (&got["status"], &got["type"], &got["scheme"]),
            (&known["status"], &known["type"], &known["scheme"])
        );
        got["adjustments"] = Value::Null;
        assert_eq!(got, listed);
        let found = encoded(&json!({ "$match": { "id": id } }));
        assert_eq!(references(&served.get(&format!("/v3/payments?query={found}")).await).len(), 1);
    }
    let accounts = served.all("/v3/accounts").await;
    for account in accounts.iter().filter(|account| account["type"] == "INTERNAL") {
        let id = account["id"].as_str().unwrap();
        assert_eq!(&served.get(&format!("/v3/accounts/{id}")).await["data"], account);
        assert_eq!(account["connector"]["id"], json!(connector));
        let balances = served.get(&format!("/v3/accounts/{id}/balances?pageSize=1")).await;
        assert_eq!(balances["cursor"]["data"].as_array().unwrap().len(), 1);
        assert!(balances["cursor"]["data"][0]["balance"].is_i64());
        let past = served.get(&format!("/v3/accounts/{id}/balances?toTimestamp=2001-01-01T00:00:00Z")).await;
        assert_eq!(past["cursor"]["data"], json!([]));
    }
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_that_is_none_is_another_mistake_than_one_of_nothing() {
    let (_desk, served, id) = filled(1).await;
    for (path, status, code) in [
        ("/v3/payments/x", 400, "INVALID_ID"),
        ("/v3/accounts/%00", 400, "INVALID_ID"),
        ("/v3/tasks/é", 400, "INVALID_ID"),
        (&format!("/v3/payments/{id}"), 400, "INVALID_ID"),
        ("/v3/connectors/x/config", 400, "INVALID_ID"),
        ("/v3/accounts/x/balances", 400, "VALIDATION"),
        (&format!("/v3/connectors/{id}/schedules/x"), 404, "NOT_FOUND"),
        ("/v3/pools/x", 404, "NOT_FOUND"),
        ("/v3/nothing", 404, "NOT_FOUND"),
        ("/v3/payments?cursor=x", 400, "VALIDATION"),
        ("/v3/payments?pageSize=x", 400, "VALIDATION"),
        ("/v3/payments?query=%7B", 400, "VALIDATION"),
        ("/v3/payments?query=%7B%22%24match%22%3A%7B%22x%22%3A%22y%22%7D%7D", 400, "VALIDATION"),
    ] {
        let (got, answer) = served.ask("GET", path, None).await;
        assert_eq!((got, answer["errorCode"].as_str()), (status, Some(code)), "{path}: {answer}");
    }
    for path in ["bank-accounts", "payment-initiations", "payment-service-users", "orders", "conversions", "pools"] {
        assert_eq!(served.get(&format!("/v3/{path}")).await["cursor"]["data"], json!([]));
    }
    for path in ["payments", "accounts", "bank-accounts", "payment-initiations"] {
        let (status, answer) = served.ask("POST", &format!("/v3/{path}"), Some(&json!({}))).await;
        assert_eq!((status, answer["errorCode"].as_str()), (400, Some("VALIDATION")));
    }
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_note_is_added_to_the_others_whether_it_comes_as_the_api_reads_it_or_as_its_description_has_it() {
    let (_desk, served, _) = filled(1).await;
    let payment = served.all("/v3/payments").await[0]["id"].as_str().unwrap().to_owned();
    let path = format!("/v3/payments/{payment}/metadata");
    for (note, status) in [
        (json!({ "metadata": "plain" }), 204),
        (json!({ "metadata": { "tag": "x", "other": "y" } }), 204),
        (json!({ "tag": "z" }), 204),
        (json!({ "metadata": null }), 204),
        (json!({ "metadata": { "tag": 1 } }), 400),
        (json!({ "tag": null }), 400),
        (json!([]), 400),
    ] {
        assert_eq!(served.ask("PATCH", &path, Some(&note)).await.0, status, "{note}");
    }
    let noted = served.get(&format!("/v3/payments/{payment}")).await;
    let noted = &noted["data"]["metadata"];
    assert_eq!([&noted["metadata"], &noted["tag"], &noted["other"]], ["plain", "z", "y"]);
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_adds_up_the_balances_of_its_accounts() {
    let (_desk, served, _) = filled(3).await;
    let accounts: Vec<Value> =
        served.all("/v3/accounts").await.into_iter().filter(|account| account["type"] == "INTERNAL").collect();
    let ids: Vec<&str> = accounts.iter().map(|account| account["id"].as_str().unwrap()).collect();
    let mut sum = 0;
    for id in &ids {
        sum += served.get(&format!("/v3/accounts/{id}/balances?pageSize=1")).await["cursor"]["data"][0]["balance"]
            .as_i64()
            .unwrap();
    }
    let (status, answer) = served.ask("POST", "/v3/pools", Some(&json!({ "name": "all", "accountIDs": ids }))).await;
    assert_eq!(status, 201, "{answer}");
    let pool = answer["data"].as_str().unwrap();
    let latest = served.get(&format!("/v3/pools/{pool}/balances/latest")).await;
    assert_eq!((&latest["data"][0]["amount"], &latest["data"][0]["asset"]), (&json!(sum), &json!("EUR/2")));
    assert_eq!(served.ask("DELETE", &format!("/v3/pools/{pool}/accounts/{}", ids[0]), None).await.0, 204);
    assert_eq!(served.get(&format!("/v3/pools/{pool}")).await["data"]["poolAccounts"], json!([ids[1]]));
    assert_eq!(served.ask("DELETE", &format!("/v3/pools/{pool}"), None).await.0, 204);
    served.end().await;
}

//! What happened, in order: asked for, streamed, and sent.

use chrono::TimeDelta;
use futures::StreamExt as _;
use serde_json::{Value, json};

use super::Desk;
use crate::support::{at, mixed, world};

#[tokio::test(flavor = "multi_thread")]
async fn events_come_in_order_and_go_on_from_any_of_them_also_as_a_stream() {
    let (mut world, accounts) = world(1);
    mixed(&mut world, &accounts[0], 40, at(0), TimeDelta::minutes(1));
    let desk = Desk::new(world).await;
    let served = desk.serve().await;
    let id = served.install(&desk.config(&json!({}))).await;
    served.polled(1).await;
    let all = served.get("/v3/events").await;
    let events = all["data"].as_array().unwrap();
    let number = |event: &Value| event["id"].as_str().unwrap().parse::<i64>().unwrap();
    assert!(events.windows(2).all(|pair| number(&pair[0]) < number(&pair[1])));
    let payments = events.iter().filter(|event| event["type"] == "SAVED_PAYMENT").count();
    assert_eq!(payments, served.all("/v3/payments").await.len());
    let middle = events.len() / 2;
    let rest = served.get(&format!("/v3/events?after={}", events[middle]["id"].as_str().unwrap())).await;
    assert_eq!(rest["data"].as_array().unwrap()[..], events[middle + 1..]);
    assert_eq!(served.ask("GET", "/v3/events?after=x", None).await.0, 400);

    // Who connects again says by the header where it was, at the address that it had.
    let request = served.client.get(format!("{}/v3/events?after=0", served.url)).header("accept", "text/event-stream");
    let answer = request.header("last-event-id", number(&events[0]).to_string()).send().await.unwrap();
    let mut body = answer.bytes_stream();
    let mut text = String::new();
    let last = format!("id: {}\n", number(events.last().unwrap()));
    while !text.contains(&last) {
        text.push_str(std::str::from_utf8(&body.next().await.unwrap().unwrap()).unwrap());
    }
    assert!(!text.contains(&format!("id: {}\n", number(&events[0]))));
    // What comes later comes without asking.
    served.ask("PATCH", &note_path(&served).await, Some(&json!({ "tag": "x" }))).await;
    served.ask("POST", &format!("/v3/connectors/{id}/poll"), None).await;
    let before = text.len();
    while !text[before..].contains("SAVED_PAYMENT") {
        text.push_str(std::str::from_utf8(&body.next().await.unwrap().unwrap()).unwrap());
    }
    drop(body);
    served.end().await;
}

async fn note_path(served: &super::Served) -> String {
    let payments = served.all("/v3/payments").await;
    format!("/v3/payments/{}/metadata", payments[0]["id"].as_str().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn pools_tasks_and_resets_are_told_as_they_were_though_they_are_asked_for_later() {
    let (mut world, accounts) = world(1);
    mixed(&mut world, &accounts[0], 5, at(0), TimeDelta::minutes(1));
    let desk = Desk::new(world).await;
    let served = desk.serve().await;
    let id = served.install(&desk.config(&json!({}))).await;
    served.polled(1).await;
    let after = served.get("/v3/events").await["next"].as_str().unwrap().to_owned();
    let accounts = served.all("/v3/accounts").await;
    let account = accounts.iter().find(|account| account["type"] == "INTERNAL").unwrap()["id"].clone();
    let (_, made) = served.ask("POST", "/v3/pools", Some(&json!({ "name": "all", "accountIDs": [account] }))).await;
    let pool = made["data"].as_str().unwrap();
    let told = served.get(&format!("/v3/events?after={after}")).await["data"][0].clone();
    assert_eq!((&told["type"], &told["payload"]["accountIDs"]), (&"SAVED_POOL".into(), &json!([account])));
    assert_eq!(served.ask("DELETE", &format!("/v3/pools/{pool}"), None).await.0, 204);
    let (_, reset) = served.ask("POST", &format!("/v3/connectors/{id}/reset"), None).await;
    let path = format!("/v3/tasks/{}", reset["data"].as_str().unwrap());
    let task = served.until(&path, |task| task["data"]["status"] != "PROCESSING").await["data"].clone();
    let events = served.get(&format!("/v3/events?after={after}")).await;
    let of = |kind: &str| -> Vec<&Value> {
        events["data"].as_array().unwrap().iter().filter(|event| event["type"] == kind).collect()
    };
    assert_eq!(of("DELETED_POOL")[0]["payload"]["id"], pool);
    let [begun, ended] = of("UPDATED_TASK")[..] else { panic!("{events}") };
    assert_eq!((&begun["payload"]["status"], &ended["payload"]), (&"PROCESSING".into(), &task));
    assert_eq!(of("CONNECTOR_RESET")[0]["payload"]["connectorID"], id);
    served.end().await;
}

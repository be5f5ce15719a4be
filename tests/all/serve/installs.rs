//! Installing, changing, pausing: with the very request of the seed document, and with every wrong one.

use serde_json::{Value, json};
use test_components::{LINDENBANK, ROGUE};

use super::{Desk, truth};
use crate::support::{SECRET, at, mixed, world};
use chrono::TimeDelta;

fn desk_world(rows: usize) -> qonto::QontoWorld {
    let (mut world, accounts) = world(2);
    mixed(&mut world, &accounts[0], rows, at(0), TimeDelta::minutes(1));
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn the_request_of_the_seed_document_installs_and_every_row_arrives() {
    let desk = Desk::new(desk_world(230)).await;
    let served = desk.serve().await;
    let id = served.install(&desk.config(&json!({}))).await;
    served.polled(1).await;
    let payments = served.all("/v3/payments").await;
    let truth = truth(&desk);
    assert_eq!(payments.len(), truth.len());
    assert!(payments.iter().all(|payment| truth.contains_key(payment["reference"].as_str().unwrap())));
    let connectors = served.get("/v3/connectors").await;
    let connector = &connectors["cursor"]["data"][0];
    assert_eq!((connector["name"].as_str(), connector["provider"].as_str()), (Some("qonto"), Some("qonto")));
    assert_eq!(connector["config"]["apiKey"], "***");
    let config = served.get(&format!("/v3/connectors/{id}/config")).await;
    assert_eq!(config["data"]["provider"], "Qonto");
    assert_eq!((&config["data"]["pageSize"], &config["data"]["pollingPeriod"]), (&json!(25), &json!("30m0s")));
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_request_is_refused_with_the_field_named_and_nothing_is_installed() {
    let desk = Desk::new(desk_world(0)).await;
    let served = desk.serve().await;
    let good = |fields: Value| desk.config(&fields);
    for (provider, body, code, told) in [
        ("monzo", good(json!({})), "VALIDATION", "unknown provider `monzo`; there are: `qonto`"),
        ("qonto", good(json!({ "apiKey": null })), "VALIDATION", "`apiKey`: it is required"),
        ("qonto", good(json!({ "pagesize": 5 })), "VALIDATION", "did you mean `pageSize`"),
        ("qonto", good(json!({ "pageSize": "x" })), "VALIDATION", "`pageSize`: expected a whole number"),
        ("qonto", good(json!({ "pageSize": 0 })), "VALIDATION", "`pageSize`: expected a whole number from 1 to 100"),
        ("qonto", good(json!({ "endpoint": format!("{}/v2", desk.bank.url()) })), "VALIDATION", "`endpoint`"),
        ("qonto", good(json!({ "clientID": "a:b" })), "VALIDATION", "`clientID`: expected the login alone"),
        ("qonto", good(json!({ "pollingPeriod": "1 day" })), "VALIDATION", "`pollingPeriod`"),
        ("qonto", good(json!({ "apiKey": { "env": "PATH" } })), "VALIDATION", "`apiKey`: expected the secret itself"),
        ("qonto", good(json!({ "apiKey": { "file": "/etc/passwd" } })), "VALIDATION", "`apiKey`"),
        ("qonto", good(json!({ "clientID": { "env": "PATH" } })), "VALIDATION", "`clientID`"),
        ("qonto", good(json!({ "endpoint": "https://x.example/?a" })), "VALIDATION", "`endpoint`"),
        ("qonto", good(json!({ "name": 7 })), "VALIDATION", "`name`"),
        ("qonto", good(json!({ "name": "a\nb" })), "VALIDATION", "`name`"),
        ("qonto", json!([]), "MISSING_OR_INVALID_BODY", "not a JSON object"),
    ] {
        let (status, answer) = served.ask("POST", &format!("/v3/connectors/install/{provider}"), Some(&body)).await;
        assert_eq!((status, answer["errorCode"].as_str()), (400, Some(code)), "{body}: {answer}");
        assert!(answer["errorMessage"].as_str().unwrap().contains(told), "{body}: {answer}");
        assert!(!answer.to_string().contains(SECRET), "{answer}");
    }
    let large = json!({ "name": "x".repeat(600_000) });
    assert_eq!(served.ask("POST", "/v3/connectors/install/qonto", Some(&large)).await.0, 413);
    let text = served.client.post(format!("{}/v3/connectors/install/qonto", served.url));
    let status = text.header("content-type", "text/plain").body("{}").send().await.unwrap().status();
    assert_eq!(status.as_u16(), 415);
    assert_eq!(served.all("/v3/connectors").await, Vec::<Value>::new());
    served.install(&desk.config(&json!({ "pollingPeriod": "1h" }))).await;
    let (status, answer) = served.ask("POST", "/v3/connectors/install/QONTO", Some(&good(json!({})))).await;
    assert_eq!((status, answer["errorCode"].as_str()), (400, Some("CONFLICT")));
    served.install(&good(json!({ "name": "another", "provider": "x" }))).await;
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_in_no_answer_and_no_byte_of_the_store_and_stays_when_its_stand_in_comes_back() {
    let desk = Desk::new(desk_world(30)).await;
    let served = desk.serve().await;
    let id = served.install(&desk.config(&json!({}))).await;
    served.polled(1).await;
    let mut config = served.get(&format!("/v3/connectors/{id}/config")).await["data"].clone();
    config["pageSize"] = json!(50);
    let (status, answer) = served.ask("PATCH", &format!("/v3/connectors/{id}/config"), Some(&config)).await;
    assert_eq!(status, 204, "{answer}");
    served.polled(2).await;
    let runs = served.get(&format!("/v3/connectors/{id}/config")).await;
    assert_eq!(runs["data"]["pageSize"], 50);
    for schedule in served.all(&format!("/v3/connectors/{id}/schedules")).await {
        let schedule = schedule["id"].as_str().unwrap();
        let runs = served.all(&format!("/v3/connectors/{id}/schedules/{schedule}/instances")).await;
        assert!(runs.iter().all(|run| !run.to_string().contains("nauthorized")), "{runs:#?}");
    }
    for path in ["/v3/connectors", "/v3/accounts", "/v3/payments", "/metrics", "/v3/events", "/openapi.json"] {
        let text = served.answer("GET", path, None).await.text().await.unwrap();
        assert!(!text.contains(SECRET), "{path}");
    }
    config["name"] = json!("renamed");
    assert_eq!(served.ask("PATCH", &format!("/v3/connectors/{id}/config"), Some(&config)).await.0, 400);
    served.end().await;
    for file in std::fs::read_dir(desk.folder.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(SECRET.len()).any(|window| window == SECRET.as_bytes()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_strangers_connector_answers_with_what_it_asks_until_the_policy_grants_it() {
    let desk = Desk::new(desk_world(0)).await;
    let bank = lindenbank::Lindenbank::default();
    let mut config = Value::Object(sim::Bank::config(&bank));
    let sim = sim::Simulator::new(bank, outside::clock::VirtualClock::at(chrono::Utc::now()));
    let online = sim::Server::start(sim).await.unwrap();
    for value in config.as_object_mut().unwrap().values_mut() {
        if value.as_str().is_some_and(|text| text.starts_with("https://")) {
            *value = json!(online.url());
        }
    }
    let served = desk.serve_with(&json!({}), &[LINDENBANK]).await;
    let (status, answer) = served.ask("POST", "/v3/connectors/install/lindenbank", Some(&config)).await;
    assert_eq!((status, answer["errorCode"].as_str()), (400, Some("VALIDATION")), "{answer}");
    assert!(answer["errorMessage"].as_str().unwrap().contains("nothing is granted"), "{answer}");
    let ask: Value = serde_json::from_str(answer["details"].as_str().unwrap()).unwrap();
    served.end().await;
    let served = desk.serve_with(&json!({ "grants": [ask] }), &[LINDENBANK]).await;
    let (status, answer) = served.ask("POST", "/v3/connectors/install/lindenbank", Some(&config)).await;
    assert_eq!(status, 202, "{answer}");
    let id = answer["data"].as_str().unwrap();
    served
        .until(&format!("/v3/connectors/{id}/schedules"), |answer| {
            answer["cursor"]["data"][0]["completedAt"].is_string()
        })
        .await;
    let capabilities = served.get(&format!("/v3/connectors/{id}/capabilities")).await;
    assert!(capabilities["data"].as_array().unwrap().contains(&json!("FETCH_PAYMENTS")));
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn any_grant_of_the_policy_lets_an_install_be_not_only_the_first() {
    let desk = Desk::new(desk_world(0)).await;
    let mut config = json!({ "endpoint": desk.bank.url(), "token": "tok-9b1f7c2e64", "behaviour": "none" });
    let served = desk.serve_with(&json!({}), &[ROGUE]).await;
    let (_, answer) = served.ask("POST", "/v3/connectors/install/rogue", Some(&config)).await;
    let ask: Value = serde_json::from_str(answer["details"].as_str().unwrap()).unwrap();
    served.end().await;
    let mut wider = ask.clone();
    wider["public"] = json!(["publicKey"]);
    let served = desk.serve_with(&json!({ "grants": [ask, wider] }), &[ROGUE]).await;
    for (name, public_key) in [("narrow", ""), ("wide", "one that all may see")] {
        (config["name"], config["publicKey"]) = (json!(name), json!(public_key));
        let (status, answer) = served.ask("POST", "/v3/connectors/install/rogue", Some(&config)).await;
        assert_eq!(status, 202, "{name}: {answer}");
    }
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connector_that_is_paused_rests_until_it_is_resumed_and_polls_when_it_is_told_to() {
    let desk = Desk::new(desk_world(5)).await;
    let served = desk.serve().await;
    let id = served.install(&desk.config(&json!({}))).await;
    served.polled(1).await;
    let act = async |what: &str| served.ask("POST", &format!("/v3/connectors/{id}/{what}"), None).await.0;
    assert_eq!(act("pause").await, 204);
    let schedules = served.all(&format!("/v3/connectors/{id}/schedules")).await;
    assert!(schedules.iter().all(|schedule| schedule["pausedAt"].is_string()), "{schedules:#?}");
    let before = desk.sim.with(|world| world.rows().len());
    assert_eq!((act("resume").await, act("poll").await), (204, 202));
    served.polled(2).await;
    assert_eq!(served.all("/v3/payments").await.len(), before);
    served.end().await;
}

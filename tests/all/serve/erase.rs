//! Resets and removals, while polls run.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Desk, truth};
use crate::support::{at, mixed, world};

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_reads_everything_anew_under_another_id_and_an_uninstall_leaves_nothing() {
    let (mut world, accounts) = world(1);
    mixed(&mut world, &accounts[0], 400, at(0), TimeDelta::minutes(1));
    let desk = Desk::new(world).await;
    let served = desk.serve().await;
    let id = served.install(&desk.config(&json!({ "pageSize": 10 }))).await;
    // While its first poll runs.
    served.until("/v3/payments", |answer| !answer["cursor"]["data"].as_array().unwrap().is_empty()).await;
    let (status, answer) = served.ask("POST", &format!("/v3/connectors/{id}/reset"), None).await;
    assert_eq!(status, 202, "{answer}");
    let task = answer["data"].as_str().unwrap();
    let done = served.until(&format!("/v3/tasks/{task}"), |task| task["data"]["status"] != "PROCESSING").await;
    assert_eq!(done["data"]["status"], "SUCCEEDED", "{done}");
    let fresh = done["data"]["createdObjectID"].as_str().unwrap();
    assert_ne!(fresh, id);
    assert_eq!(served.ask("GET", &format!("/v3/connectors/{id}/config"), None).await.0, 404);
    served.polled(1).await;
    let payments = served.all("/v3/payments").await;
    assert_eq!(payments.len(), truth(&desk).len());
    assert!(payments.iter().all(|payment| payment["connectorID"] == json!(fresh)));
    let (status, answer) = served.ask("DELETE", &format!("/v3/connectors/{fresh}"), None).await;
    assert_eq!(status, 202, "{answer}");
    let task = answer["data"]["taskID"].as_str().unwrap();
    let done = served.until(&format!("/v3/tasks/{task}"), |task| task["data"]["status"] != "PROCESSING").await;
    assert_eq!(done["data"]["status"], "SUCCEEDED", "{done}");
    for path in ["/v3/connectors", "/v3/payments", "/v3/accounts"] {
        assert_eq!(served.all(path).await, Vec::<Value>::new(), "{path}");
    }
    served.install(&desk.config(&json!({}))).await;
    served.end().await;
}

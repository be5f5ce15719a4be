//! Connectors that a server has from a registry.

use host_harness::QONTO;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::{Desk, Served};
use crate::distribution::{KEY, PUBLIC, version};
use crate::support::cli::harness;
use crate::support::registry::Fake;
use crate::support::{SECRET, world};

fn publish(desk: &Desk, registry: &Fake, wasm: &[u8]) {
    let folder = desk.folder.path();
    std::fs::write(folder.join("acme.key"), KEY).unwrap();
    std::fs::write(folder.join("q.wasm"), wasm).unwrap();
    let to = format!("oci://{}/acme/qonto:1", registry.host);
    tokio::task::block_in_place(|| harness(folder, &["publish", &to, "q.wasm", "--key", "acme.key"])).ended(0);
}

/// What a registry is trusted for, and what is granted.
fn policy(registry: &Fake, grants: &Value) -> Value {
    let keys = json!([{ "pem": PUBLIC }]);
    json!({ "trust": [{ "repository": format!("{}/acme/qonto", registry.host), "keys": keys }], "grants": grants })
}

async fn install(served: &Served, desk: &Desk, registry: &Fake) -> (u16, Value) {
    let reference = format!("oci://{}/acme/qonto:1", registry.host);
    let path = utf8_percent_encode(&reference, NON_ALPHANUMERIC);
    let path = format!("/v3/connectors/install/qonto?component={path}");
    served.ask("POST", &path, Some(&desk.config(&json!({ "name": "bank" })))).await
}

fn told(answer: &(u16, Value), status: u16, what: &str) {
    assert!(answer.0 == status && answer.1.to_string().contains(what), "{what}: {answer:?}");
    assert!(!answer.1.to_string().contains(SECRET), "{answer:?}");
}

/// What is asked of a component that nobody granted anything to, as a grant for each of its versions.
async fn asked(desk: &Desk, registry: &Fake) -> Value {
    let served = desk.serve_with(&policy(registry, &json!([])), &[]).await;
    let refused = install(&served, desk, registry).await;
    told(&refused, 400, "nothing is granted to the connector `qonto`");
    served.end().await;
    let mut grant: Value = serde_json::from_str(refused.1["details"].as_str().unwrap()).unwrap();
    grant["digests"] = json!([]);
    grant
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_installs_by_reference_what_its_policy_trusts_and_grants_and_runs_it_when_the_registry_is_gone() {
    let (desk, registry) = (Desk::new(world(1).0).await, Fake::start());
    publish(&desk, &registry, QONTO);
    let served = desk.serve().await;
    told(&install(&served, &desk, &registry).await, 400, "trusts nobody for");
    served.end().await;
    let grant = asked(&desk, &registry).await;
    let policy = policy(&registry, &json!([grant]));
    let served = desk.serve_with(&policy, &[]).await;
    let (status, added) = install(&served, &desk, &registry).await;
    assert_eq!(status, 202, "{added}");
    served.polled(1).await;
    let listed = served.all("/v3/connectors").await;
    let from = &listed[0]["from"];
    assert!(
        from["reference"].as_str().unwrap().contains("/acme/qonto@sha256:") && from["signer"].is_string(),
        "{from}"
    );
    assert_eq!((&from["tag"], &from["version"]), (&"1".into(), &"0.2.0".into()));
    let page = served.answer("GET", &format!("/connectors/{}", added["data"].as_str().unwrap()), None).await;
    let page = page.text().await.unwrap();
    assert!(
        page.contains("Where its component came from") && page.contains(from["signer"].as_str().unwrap()),
        "{page}"
    );
    served.end().await;
    registry.rule(|_| Some(crate::support::registry::Answer::new(503, b"gone")));
    let served = desk.serve_with(&policy, &[]).await;
    served.ask("POST", &format!("/v3/connectors/{}/poll", added["data"].as_str().unwrap()), None).await;
    served.polled(1).await;
    assert!(served.until_page("/", |_| true).await.contains("nothing fails"));
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upgrade_over_the_api_goes_onward_alone_and_a_rollback_takes_it_back() {
    let (desk, registry) = (Desk::new(world(1).0).await, Fake::start());
    publish(&desk, &registry, QONTO);
    let grant = asked(&desk, &registry).await;
    let served = desk.serve_with(&policy(&registry, &json!([grant])), &[]).await;
    let (_, added) = install(&served, &desk, &registry).await;
    served.polled(1).await;
    let path = |what: &str| format!("/v3/connectors/{}/{what}", added["data"].as_str().unwrap());
    told(&served.ask("POST", &path("rollback"), None).await, 400, "it has had one component only");
    publish(&desk, &registry, &version("0.2.1"));
    let upgraded = served.ask("POST", &path("upgrade"), None).await;
    assert_eq!((upgraded.0, &upgraded.1["data"]["version"]), (200, &"0.2.1".into()), "{upgraded:?}");
    served.polled(2).await;
    publish(&desk, &registry, QONTO);
    told(&served.ask("POST", &path("upgrade"), None).await, 400, "0.2.0 is offered, and 0.2.1 is installed");
    let elsewhere = json!({ "component": format!("oci://{}/other/qonto:1", registry.host) });
    let asked = registry.asked().len();
    told(&served.ask("POST", &path("upgrade"), Some(&elsewhere)).await, 400, "trusts nobody for");
    assert_eq!(registry.asked().len(), asked, "who is not trusted is not spoken with");
    let back = served.ask("POST", &path("rollback"), None).await;
    assert_eq!((back.0, &back.1["data"]["from"]["version"]), (200, &"0.2.0".into()), "{back:?}");
    assert_eq!(back.1["data"]["unread"], json!([]));
    let audit = served.until_page("/audit", |_| true).await;
    assert!(audit.contains("0.2.0 becomes 0.2.1") && audit.contains("0.2.1 becomes 0.2.0 again"), "{audit}");
    served.end().await;
}

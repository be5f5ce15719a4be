//! Who may come in.

use serde_json::json;

use super::{Desk, started};
use crate::support::world;

const READ: &str = "reading-token-of-the-test";
const WRITE: &str = "writing-token-of-the-test";

#[tokio::test(flavor = "multi_thread")]
async fn a_token_reads_or_writes_and_nobody_without_one_comes_in() {
    let desk = Desk::new(world(1).0).await;
    for (name, token) in [("read", READ), ("write", WRITE)] {
        std::fs::write(desk.folder.path().join(name), token).unwrap();
    }
    let file = |name: &str| json!({ "file": desk.folder.path().join(name) });
    let policy = json!({ "tokens": { "read": file("read"), "write": file("write") } });
    let served = desk.serve_with(&policy, &[]).await;
    let ask = async |method: &str, path: &str, token: Option<&str>| {
        let mut request = served.client.request(method.parse().unwrap(), format!("{}{path}", served.url));
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    assert_eq!(ask("GET", "/v3/payments", None).await, (401, String::new()));
    assert_eq!(ask("GET", "/v3/payments", Some("nonsense")).await.0, 401);
    assert_eq!(ask("GET", "/metrics", None).await.0, 401);
    assert_eq!(ask("GET", "/v3/payments", Some(READ)).await.0, 200);
    assert_eq!(ask("POST", "/v3/pools", Some(READ)).await.0, 403);
    assert_eq!(ask("DELETE", "/v3/pools/x", Some(WRITE)).await.0, 404);
    for open in ["/_info", "/_healthcheck", "/openapi.json"] {
        assert_eq!(ask("GET", open, None).await.0, 200, "{open}");
    }
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_another_origin_gets_nothing_and_changes_nothing() {
    let desk = Desk::new(world(1).0).await;
    let served = desk.serve().await;
    for (name, value) in [("host", "evil.example"), ("origin", "http://evil.example"), ("origin", "null")] {
        for method in ["GET", "POST"] {
            let url = format!("{}/v3/payments", served.url);
            let request = served.client.request(method.parse().unwrap(), url).header(name, value);
            let answer = request.send().await.unwrap();
            assert_eq!(answer.status().as_u16(), 403, "{method} {name}: {value}");
            assert!(answer.headers().keys().all(|name| !name.as_str().starts_with("access-control")));
        }
    }
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_a_server_listens_on_its_own_machine_alone() {
    let desk = Desk::new(world(1).0).await;
    let stop = outside::stop::Stop::default();
    let options = serve::Options {
        listen: "0.0.0.0:0".parse().unwrap(),
        store: desk.store(),
        providers: serve::providers::Providers::default(),
        policy: serve::policy::Policy::default(),
        stop,
        sandbox: crate::support::sandbox().clone(),
        components: None,
    };
    assert!(matches!(serve::Server::start(options).await, Err(serve::ServeError::NoToken(_))));
    for (policy, told) in [
        (json!({ "tokens": { "read": { "env": "A_VARIABLE_THAT_NOBODY_SETS" } } }), "tokens.read"),
        (json!({ "token": 1 }), "token"),
        (json!({ "privateOrigins": ["nonsense"] }), "privateOrigins"),
    ] {
        let refused = started(desk.store(), desk.folder.path(), &policy, &[]).await.err().unwrap().to_string();
        assert!(refused.contains(told), "{refused}");
    }
}

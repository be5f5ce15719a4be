//! A request to anywhere but the config's origin is refused, and the stream fails even if the connector says nothing.
//! A provider that limits or fails is waited for within the host's budget.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use crate::support::rogue::{Always, Rogue, TOKEN};
use futures::FutureExt as _;
use futures::future::{BoxFuture, pending};
use outside::clock::Clock as _;
use outside::transport::{Request, Response, Transport, TransportError};
use sandbox::{CallError, Limits};
use serde_json::{Value, json};

async fn refused(fields: Value) -> String {
    let rogue = Rogue::new(fields.clone()).await;
    let error = rogue.fault().await;
    assert!(matches!(error, CallError::Refused(_)), "{fields}: {error}");
    assert_eq!(rogue.provider.asked.lock().unwrap().len(), 0, "{fields}: a request left the host");
    let said = error.to_string();
    assert!(!said.contains(TOKEN), "{said}");
    said
}

#[tokio::test]
async fn any_other_origin_is_refused_even_if_the_connector_swallows_the_error() {
    for target in [
        "https://evil.example/",
        "https://bank.example.evil.example/",
        "https://bank.example:8443/",
        "https://bank.example@evil.example/",
        "https://user:pass@bank.example/",
        "https://93.184.216.34/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::1]/",
        "http://localhost:8080/",
    ] {
        let said = refused(json!({ "behaviour": "swallow", "target": target })).await;
        assert!(said.contains("the host refused"), "{target}: {said}");
    }
}

#[tokio::test]
async fn plain_http_off_loopback_is_refused_by_request_and_by_config() {
    let said = refused(json!({ "behaviour": "swallow", "target": "http://bank.example/" })).await;
    assert!(said.contains("http://bank.example"), "{said}");
}

#[tokio::test]
async fn what_the_manifest_does_not_list_is_refused_even_towards_the_granted_origin() {
    for path in ["/y", "/x/", "/x/1/2", "/x//", "/x/%2e%2e", "/x/a%2fb", "/", ""] {
        let target = format!("https://bank.example{path}");
        let said = refused(json!({ "behaviour": "swallow", "target": target })).await;
        assert!(said.contains("the path was not granted"), "{path}: {said}");
    }
    let said = refused(json!({ "behaviour": "method" })).await;
    assert!(said.contains("POST https://bank.example/x: the method was not granted"), "{said}");
    assert!(said.contains("DELETE https://bank.example/x"), "{said}");
    for header in ["authorization", "cookie", "x-forwarded-host", "x-http-method-override", "x-original-url", "x-other"]
    {
        let said = refused(json!({ "behaviour": "header", "target": header })).await;
        assert!(said.contains(&format!("the header `{header}` was not granted")), "{said}");
    }
}

#[tokio::test]
async fn a_call_with_a_refusal_is_an_incident_however_it_ends() {
    let limits = Limits { memory: 16 << 20, cpu: Duration::from_millis(300), requests: 5, ..Limits::default() };
    for behaviour in ["trap", "loop", "memory", "many-requests", "big-state", "huge-page", "unavailable", "bad-amount"]
    {
        let fields = json!({ "behaviour": format!("refused-then-{behaviour}") });
        let provider = Always { body: "{}".into(), ..Always::default() };
        let error = Rogue::with(fields, limits, provider).await.fault().await;
        assert!(matches!(error, CallError::Refused(_)), "{behaviour}: {error}");
        assert!(error.to_string().contains("GET https://bank.example/refused"), "{behaviour}: {error}");
    }
}

#[tokio::test]
async fn a_call_with_a_refusal_is_not_made_again_though_the_provider_is_slow() {
    struct Never(Arc<AtomicU32>);
    impl Transport for Never {
        fn send(&self, _: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
            self.0.fetch_add(1, Relaxed);
            pending().boxed()
        }
    }
    let limits = Limits { call: Duration::from_millis(300), ..Limits::default() };
    let fields = json!({ "behaviour": "refused-then-ask" });
    let mut rogue = Rogue::with(fields, limits, Always::default()).await;
    let asked = Arc::new(AtomicU32::new(0));
    rogue.runner.outside.transport = Arc::new(Never(asked.clone()));
    let error = rogue.fault().await;
    assert!(matches!(error, CallError::Refused(_)), "{error}");
    assert_eq!(asked.load(Relaxed), 1, "{error}");
    assert_eq!(rogue.store.incidents("rogue", rogue.clock.now()).unwrap().len(), 1);
}

#[tokio::test]
async fn a_check_with_a_refusal_is_an_incident_though_it_makes_more_requests_than_it_may() {
    let rogue = Rogue::new(json!({ "behaviour": "check-refused" })).await;
    let error = rogue.check_fault().await;
    assert!(matches!(error, CallError::Refused(_)), "{error}");
    assert_eq!(rogue.store.incidents("rogue", rogue.clock.now()).unwrap().len(), 1);
    assert_eq!(rogue.provider.asked.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn a_refusal_says_what_was_tried_and_no_way_to_be_allowed_it() {
    let said = refused(json!({ "behaviour": "swallow", "target": "https://api.other.example/x?y=1" })).await;
    assert!(said.contains("GET https://api.other.example/x: it goes to an origin that was not granted"), "{said}");
    assert!(!said.contains("y=1") && !said.contains("endpoint"), "{said}");
}

#[tokio::test]
async fn a_provider_that_limits_is_waited_for_by_the_host_as_long_as_it_says() {
    let rogue = Rogue::new(json!({ "behaviour": "limited", "seconds": "30" })).await;
    let start = rogue.clock.now();
    let error = rogue.fault().await;
    assert!(error.to_string().contains("too many requests: slow down"), "{error}");
    let waited = (rogue.clock.now() - start).num_seconds();
    assert_eq!(waited, 4 * 30, "five calls, with a wait before each but the first");
}

#[tokio::test]
async fn an_unavailable_provider_is_tried_again_a_few_times_and_no_more() {
    let rogue = Rogue::new(json!({ "behaviour": "unavailable" })).await;
    let start = rogue.clock.now();
    rogue.fault().await;
    let waited = (rogue.clock.now() - start).num_milliseconds();
    assert!((7_500..=15_000).contains(&waited), "1, 2, 4 and 8 s, each less up to half: {waited} ms");
}

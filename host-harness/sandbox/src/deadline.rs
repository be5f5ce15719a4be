//! A call's time: what counts, and whose fault it is when it is up.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use tokio::time::{Instant, timeout};

use super::gateway::Gateway;
use super::limits::Exceeded;

/// How often a call is looked at that waits for the host while its time is up to the last instant.
const LEAST: Duration = Duration::from_millis(10);

/// Runs `call` for at most `limit`, less what the host itself makes it wait: that time stands still, however long it is.
pub(super) async fn in_time<T>(
    gateway: &Gateway,
    limit: Duration,
    call: impl Future<Output = wasmtime::Result<T>>,
) -> wasmtime::Result<T> {
    let started = Instant::now();
    let mut call = pin!(call);
    loop {
        let used = started.elapsed().saturating_sub(gateway.withheld.total());
        let left = limit.saturating_sub(used);
        if left.is_zero() && !gateway.withheld.is_open() {
            break;
        }
        if let Ok(ended) = timeout(left.max(LEAST), &mut call).await {
            return ended;
        }
    }
    // A connector that computes or sleeps for most of its time would not have been done with a faster provider either.
    let answers = gateway.answering.total();
    if !answers.is_zero() && answers >= limit / 2 {
        gateway.incidents().slow = Some(answers);
    } else {
        gateway.exceed(Exceeded::Call(limit));
    }
    wasmtime::bail!("the call's time is up")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::sync::Arc;

    use bytes::Bytes;
    use futures::future::{BoxFuture, FutureExt as _, join, pending};
    use http_body_util::{BodyExt as _, Empty};

    use super::*;
    use crate::{Limits, Outside};
    use outside::authority::Keyring;
    use outside::clock::SystemClock;
    use outside::egress::{EgressPolicy, Endpoint, Pattern};
    use outside::rate_limit::RateLimiter;
    use outside::stop::Stop;
    use outside::transport::{Request, Response, Transport, TransportError};

    /// Never comes to an end.
    struct Dripping;

    impl Transport for Dripping {
        fn send(&self, _: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
            pending().boxed()
        }
    }

    fn outside() -> Outside {
        let endpoint = Endpoint::parse("endpoint", "https://bank.example").unwrap();
        let rows = Pattern::parse("GET", "endpoint", "/rows").unwrap();
        Outside {
            transport: Arc::new(Dripping),
            policy: Arc::new(EgressPolicy::new(vec![endpoint], vec![rows], Vec::new())),
            keyring: Arc::new(Keyring::default()),
            limiter: Arc::new(RateLimiter::default()),
            clock: Arc::new(SystemClock),
            stop: Stop::default(),
            tally: Arc::default(),
        }
    }

    #[tokio::test]
    async fn a_request_that_waits_behind_one_without_an_end_does_not_stop_the_calls_clock_for_ever() {
        let limits = Limits { call: Duration::from_millis(40), ..Limits::default() };
        let gateway = Gateway::new(outside(), limits, 1);
        let ask = || {
            let body = Empty::<Bytes>::new().map_err(|never| match never {}).boxed_unsync();
            let request = http::Request::get("https://bank.example/rows").body(body).unwrap();
            gateway.clone().exchange(request)
        };
        let call = async {
            let (first, second) = join(ask(), ask()).await;
            first.and(second).map(|_| ()).map_err(|error| wasmtime::format_err!("{error}"))
        };
        let ended = timeout(Duration::from_secs(20), in_time(&gateway, limits.call, call)).await;
        assert!(ended.unwrap().is_err());
        let incidents = gateway.incidents();
        let is_the_providers =
            matches!(incidents.failure, Some(TransportError::Timeout { .. })) || incidents.slow.is_some();
        assert!(incidents.exceeded.is_none() && is_the_providers, "{incidents:?}");
    }
}

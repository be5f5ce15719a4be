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

//! Events to a URL of the operator's: each at least once, in their order, until it is taken.

use std::time::Duration;

use outside::hook::{Hook, HookError};
use outside::stop::Stop;
use store::serving::events::Event;

use crate::api::told;
use crate::host::Host;
use crate::policy::{PolicyError, SinkPolicy};

/// Under which name it is noted how far the sink has taken them.
pub(crate) const READER: &str = "sink";
/// Events that are read at once.
const AT_ONCE: u32 = 100;
/// The first pause after one that was not taken, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_mins(5));

/// Where events go.
pub(crate) struct Sink(Hook);

impl Sink {
    pub(crate) fn new(policy: &SinkPolicy) -> Result<Self, PolicyError> {
        let bad = |error: HookError| PolicyError::Secret { field: "sink.url", reason: error.to_string() };
        Ok(Self(Hook::new(&policy.url, &policy.secret.read("sink.secret")?).map_err(bad)?))
    }

    /// Sends what there is, and what comes, until it is asked to stop.
    pub(crate) async fn run(self, host: Host, stop: Stop) {
        let mut news = host.parts().news.clone();
        let mut pause = PAUSES.0;
        while !stop.is_set() {
            news.mark_unchanged();
            let mut taken = false;
            let forwarded = self.forward(&host, &stop, &mut taken).await;
            pause = if taken { PAUSES.0 } else { pause };
            let waits = match forwarded {
                Ok(true) => continue,
                Ok(false) => None,
                Err(reason) => {
                    tracing::warn!(target: "harness::serve", "an event was not taken: {reason}; again in {} s", pause.as_secs());
                    Some(pause.mul_f64(0.5 + fastrand::f64() / 2.0))
                }
            };
            pause = if waits.is_some() { (pause * 2).min(PAUSES.1) } else { PAUSES.0 };
            let next = async {
                match waits {
                    Some(waits) => tokio::time::sleep(waits).await,
                    None => drop(news.changed().await),
                }
            };
            tokio::select! {
                () = next => {}
                () = stop.wait() => {}
            }
        }
    }

    /// Sends the next ones, and says when one is taken. False when there are none.
    async fn forward(&self, host: &Host, stop: &Stop, taken: &mut bool) -> Result<bool, String> {
        let read = host.store(|store| {
            let after = store.reader(READER)?.unwrap_or_default();
            Ok::<_, store::StoreError>((after, store.events(after, AT_ONCE)?))
        });
        let (after, (events, last)) = read.await.map_err(|problem| problem.message().to_owned())?;
        if last == after {
            return Ok(false);
        }
        for event in events {
            if stop.is_set() {
                return Ok(true);
            }
            let seq = event.seq;
            self.send(event).await?;
            *taken = true;
            self.note(host, seq).await?;
        }
        self.note(host, last).await?;
        Ok(true)
    }

    async fn note(&self, host: &Host, seq: i64) -> Result<(), String> {
        let noted = host.store(move |store| store.set_reader(READER, seq)).await;
        noted.map_err(|problem| problem.message().to_owned())
    }

    async fn send(&self, event: Event) -> Result<(), String> {
        let Some(event) = told(event) else { return Ok(()) };
        let body = serde_json::to_vec(&event).map_err(|error| error.to_string())?;
        self.0.send(&event.idempotency_key, chrono::Utc::now().timestamp(), body).await
    }
}

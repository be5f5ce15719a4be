//! Tells a browser that something changed: what, it asks for by itself.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures::{Stream, stream};

use crate::host::Host;

/// Between two of them: a page of payments comes in a few milliseconds, and nobody reads so fast.
const APART: Duration = Duration::from_secs(1);
/// Between two signs of life.
const ALIVE: Duration = Duration::from_secs(15);

/// A stream that does not end.
pub(super) async fn stream(State(host): State<Host>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    // The first comes at once: something may have changed since the page was made.
    let news = host.parts().news.clone();
    let events = stream::unfold(
        (news, Duration::ZERO),
        |(mut news, wait): (tokio::sync::watch::Receiver<u64>, Duration)| async move {
            tokio::time::sleep(wait).await;
            // The one who tells news is gone with the server.
            news.changed().await.ok()?;
            Some((Ok(Event::default().event("news").data("")), (news, APART)))
        },
    );
    Sse::new(events).keep_alive(KeepAlive::new().interval(ALIVE))
}

//! Answers that a guest was given and holds on to: each as large as an answer may be, they would fill the machine.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use bytes::Bytes;
use futures::stream;
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};
use wasmtime_wasi_http::WasiBody;

/// How much of a body the guest's stream buffers at a time; the rest waits here, and counts.
const CHUNK: usize = 64 << 10;

/// Bytes of all answers of one call that its guest has not read and not dropped.
#[derive(Debug, Clone, Default)]
pub(super) struct Held(Arc<AtomicUsize>);

impl Held {
    /// The answer as the guest reads it; none when it would hold more than `limit` with it.
    pub(super) fn body(&self, answer: Bytes, limit: usize) -> Option<WasiBody> {
        let unread = Unread { of: self.clone(), left: answer };
        let before = self.0.fetch_add(unread.left.len(), Relaxed);
        if before.saturating_add(unread.left.len()) > limit {
            return None;
        }
        let chunks = stream::unfold(unread, |mut unread| async move {
            let chunk = unread.next()?;
            Some((Ok::<_, Infallible>(Frame::data(chunk)), unread))
        });
        Some(StreamBody::new(chunks).map_err(|never| match never {}).boxed_unsync())
    }
}

/// The rest of an answer. It counts until it is read or dropped.
struct Unread {
    of: Held,
    left: Bytes,
}

impl Unread {
    fn next(&mut self) -> Option<Bytes> {
        let chunk = self.left.split_to(CHUNK.min(self.left.len()));
        self.of.0.fetch_sub(chunk.len(), Relaxed);
        Some(chunk).filter(|chunk| !chunk.is_empty())
    }
}

impl Drop for Unread {
    fn drop(&mut self) {
        self.of.0.fetch_sub(self.left.len(), Relaxed);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn zeros(bytes: usize) -> Bytes {
        vec![0; bytes].into()
    }

    #[tokio::test]
    async fn what_is_read_or_dropped_makes_room_and_what_is_held_does_not() {
        let held = Held::default();
        let first = held.body(zeros(100_000), 150_000).unwrap();
        assert!(held.body(zeros(50_001), 150_000).is_none());
        let second = held.body(zeros(50_000), 150_000).unwrap();
        assert!(held.body(zeros(1), 150_000).is_none());
        assert_eq!(first.collect().await.unwrap().to_bytes(), zeros(100_000));
        drop(held.body(zeros(100_000), 150_000).unwrap());
        drop(second);
        assert!(held.body(zeros(150_000), 150_000).is_some());
    }
}

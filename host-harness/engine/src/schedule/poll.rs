//! One poll of one install, from its place in the schedule and back to it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use super::board::{Begun, End};
use super::{NotPolled, Shared};
use crate::runner::{Observer, PollError, PollSummary, StreamError};

/// A poll under way. Dropped, it is over, however that came.
pub(super) struct UnderWay {
    shared: Arc<Shared>,
    begun: Begun,
    at: Duration,
    end: End,
}

impl UnderWay {
    /// The poll that begins now, if one does.
    pub(super) fn begin(shared: &Arc<Shared>) -> Option<Self> {
        let at = shared.clock.monotonic();
        let begun = shared.board().begin(at)?;
        // One that does not come to its end was interrupted.
        Some(Self { shared: shared.clone(), begun, at, end: End::Interrupted })
    }

    pub(super) async fn run(mut self) {
        let watcher = self.shared.watcher.clone();
        watcher.began(&self.begun.install, self.begun.late);
        let ended = self.poll(&*watcher).await;
        if !is_interrupted(&ended) {
            self.end = End::Over;
            if let Err(error) = &ended {
                let install = &*self.begun.install;
                tracing::error!(target: "harness::runner", install, "not polled: {error}; trying again at the next poll");
            }
        }
        let install = self.begun.install.clone();
        drop(self);
        watcher.ended(&install, ended.as_ref());
    }

    async fn poll(&mut self, observer: &dyn Observer) -> Result<PollSummary, NotPolled> {
        let (shared, begun) = (&self.shared, &mut self.begun);
        let mut runner = shared.installs.runner(&begun.install).await.map_err(NotPolled::Install)?;
        runner.stop = begun.stop.clone();
        runner.turns = shared.turns.clone();
        if begun.checked {
            runner.unchecked = AtomicBool::new(false);
        }
        let provider = runner.outside.policy.origins().next().map(ToString::to_string);
        begun.roots = shared.board().known(begun, runner.roots().count(), provider);
        let polled = runner.poll_roots(&begun.roots, observer).await;
        if !runner.unchecked.load(Relaxed) {
            shared.board().checked(&begun.install);
        }
        Ok(polled?)
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let now = self.shared.clock.monotonic();
        self.shared.board().ended(&self.begun.install, &self.begun.roots, self.end, self.at, now);
        self.shared.changed();
    }
}

fn is_interrupted(ended: &Result<PollSummary, NotPolled>) -> bool {
    match ended {
        Ok(summary) => summary.failed().any(|stream| matches!(stream.error, Some(StreamError::Interrupted))),
        Err(NotPolled::Poll(PollError::Interrupted)) => true,
        Err(_) => false,
    }
}

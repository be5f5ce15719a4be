//! One poll, from the roots of the workflow down: what a task reads, others run for.
//!
//! Streams fail alone: whatever happens to one is in its summary and in the run log, and the others go on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use futures::future::{BoxFuture, FutureExt as _};
use futures::{StreamExt as _, stream as streams};

use super::budget::Budget;
use super::{Observer, Runner, StreamSummary, stream};
use model::Task;
use sandbox::{Outside, Tally};
use store::{Kept, StoreError, StreamKey};

/// How many records are polled for side by side.
const AT_ONCE: usize = 4;

/// One poll under way: what its streams share.
pub struct Poll<'a> {
    pub(super) runner: &'a Runner,
    pub(super) observer: &'a dyn Observer,
    /// The last call before it.
    pub(super) before: u64,
    /// The runner's way out, counting for this poll.
    pub(super) outside: Outside,
    pub(super) budget: Budget,
    /// The connector says of the first stream that the provider refuses the credentials.
    pub(super) refused: AtomicBool,
}

impl Runner {
    /// Begins a poll, for whoever makes its steps; [`Runner::expect_ready`] says whether it may.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn begin<'a>(&'a self, observer: &'a dyn Observer) -> Result<Poll<'a>, StoreError> {
        let clock = &self.outside.clock;
        let until = clock.monotonic().saturating_add(self.budgets.time);
        let tally = Arc::new(Tally::of_poll(self.budgets.log_lines).until(until));
        Ok(Poll {
            runner: self,
            observer,
            before: self.with_store(|store| store.last_call(&self.install))?,
            outside: Outside { tally, stop: self.stop.clone(), ..self.outside.clone() },
            budget: Budget::begin(self.budgets, clock.monotonic()),
            refused: AtomicBool::new(false),
        })
    }
}

impl Poll<'_> {
    pub(super) fn first_is_over(&self, first: Option<&StreamSummary>) {
        if first.and_then(|first| first.error.as_ref()).is_some_and(stream::is_credentials_refused) {
            self.refused.store(true, Relaxed);
        }
    }

    /// True when no further request goes out in this poll.
    pub(super) fn is_refused(&self) -> bool {
        self.refused.load(Relaxed) || self.outside.tally.is_refused()
    }

    pub(super) fn tell_dropped_lines(&self) {
        let dropped = self.outside.tally.dropped_lines();
        if dropped > 0 {
            let install = &*self.runner.install;
            tracing::warn!(target: "harness::connector", install, "{dropped} lines of the connector's log were dropped");
        }
    }

    /// A task for one record, and everything below it.
    pub(super) fn tree<'p>(
        &'p self,
        index: usize,
        parent: Option<&'p Kept>,
    ) -> BoxFuture<'p, Result<Vec<StreamSummary>, StoreError>> {
        async move {
            let Some(task) = self.runner.manifest.workflow.get(index) else { return Ok(Vec::new()) };
            // A task that is not periodic belongs to the reading of its parent.
            let runs = task.periodic || parent.is_none_or(|parent| parent.reading > self.before);
            // Of what is gone only the open payments are of interest.
            let rests = parent.is_some_and(|parent| parent.is_gone);
            let mut ended = Vec::new();
            if runs && (!rests || task.follow) {
                ended.extend(self.stream(task, parent).await);
            }
            ended.extend(self.below(index, self.runner.key(task, parent)).await?);
            Ok(ended)
        }
        .boxed()
    }

    /// The tasks that run for the records which a stream has read.
    pub(super) async fn below(&self, index: usize, key: StreamKey) -> Result<Vec<StreamSummary>, StoreError> {
        let workflow = &self.runner.manifest.workflow;
        let is_child = |task: &Task| task.parent.is_some_and(|parent| usize::try_from(parent) == Ok(index));
        let children = workflow.iter().enumerate().filter(|(_, task)| is_child(task));
        let children: Vec<usize> = children.map(|(index, _)| index).collect();
        let Some(task) = workflow.get(index).filter(|_| !children.is_empty()) else { return Ok(Vec::new()) };
        // A record may be large, and there may be many: each is read when its turn comes.
        let references = self.runner.with_store(|store| store.parents(&key, task.capability))?;
        let (key, children) = (&key, &children);
        let families = references.into_iter().map(|reference| async move {
            match self.runner.with_store(|store| store.kept(key, task.capability, &reference))? {
                Some(kept) => self.family(children, kept).await,
                None => Ok(Vec::new()),
            }
        });
        let ended: Vec<Result<_, StoreError>> = streams::iter(families).buffer_unordered(AT_ONCE).collect().await;
        ended.into_iter().try_fold(Vec::new(), |mut all, family| {
            all.extend(family?);
            Ok(all)
        })
    }

    /// The tasks that run for one record, one after the other.
    async fn family(&self, children: &[usize], kept: Kept) -> Result<Vec<StreamSummary>, StoreError> {
        let mut ended = Vec::new();
        for child in children {
            ended.extend(self.tree(*child, Some(&kept)).await?);
        }
        Ok(ended)
    }
}

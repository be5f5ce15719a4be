//! A poll taken apart, so that a check can disturb it at each place without going all the way there each time.
//!
//! A connector is a function of its state and the answers it gets. So what was committed before a call, and the time, is
//! all that has to be put back to be at that call again; the bank is stocked anew, which costs no call.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::check::Finding;
use super::ledger::Ledger;
use super::rig::{Fault, Poll, Rig};
use model::{Capability, Task};
use outside::clock::Clock as _;
use sandbox::{Fetch, Fetched, Page};
use store::{Kept, StreamKey};

/// What a host has at one time.
#[derive(Debug, Clone)]
pub struct Moment {
    ledger: Ledger,
    states: BTreeMap<StreamKey, Vec<u8>>,
    /// The time.
    pub now: DateTime<Utc>,
}

/// One call of a poll that went well.
#[derive(Debug, Clone)]
pub struct Call {
    /// What the host had before it.
    pub before: Moment,
    /// The task.
    pub task: Task,
    /// The record it was for.
    pub parent: Option<Kept>,
    /// What it was to fetch.
    pub what: Fetch,
    /// What it gave.
    pub fetched: Fetched<Page>,
    /// Requests made before it, since the poll began.
    pub requests_before: u64,
    /// Requests that it made.
    pub requests: u32,
    /// Calls to the host that it made.
    pub host_calls: u32,
    /// Records in its page that changed nothing.
    pub unchanged: u64,
}

impl Rig {
    /// What the host has now.
    #[must_use]
    pub fn moment(&self) -> Moment {
        Moment { ledger: self.ledger.clone(), states: self.states.clone(), now: self.clock.now() }
    }

    /// A host that has this.
    #[must_use]
    pub fn at(mut self, moment: &Moment) -> Self {
        self.ledger = moment.ledger.clone();
        self.states = moment.states.clone();
        self.clock.set(moment.now);
        self
    }

    /// Polls the streams of these capabilities once, in the order of a host, beginning with stream `first`: those before
    /// it are taken for done.
    pub async fn poll_from(&mut self, capabilities: &[Capability], first: &StreamKey) -> Poll {
        let mut poll = Poll::default();
        let mut begun = false;
        for task in self.tasks_of(capabilities) {
            for parent in self.parents(&task) {
                begun |= self.key(&task, parent.as_ref()) == *first;
                if begun {
                    poll.streams.push(self.stream(&task, parent.as_ref()).await);
                }
            }
        }
        poll
    }

    /// As a poll of these capabilities, call by call.
    ///
    /// # Errors
    /// Fail: a call failed, or there was no end.
    pub async fn poll_apart(&mut self, capabilities: &[Capability]) -> Result<Vec<Call>, Finding> {
        let mut calls: Vec<Call> = Vec::new();
        let requests_at_first = self.sim.requests();
        for task in self.tasks_of(capabilities) {
            for parent in self.parents(&task) {
                let parent = parent.as_ref();
                let since = self.ledger.pages();
                let pages = Fetch::Page(task.capability);
                while self.apart(&task, parent, &pages, requests_at_first, &mut calls).await? {
                    if calls.len() >= self.patience as usize {
                        let key = self.key(&task, parent);
                        return Err(self.failure(format!("the poll of {key} has no end"), Vec::new()));
                    }
                }
                for what in self.follow_ups(&task, parent, since) {
                    self.apart(&task, parent, &what, requests_at_first, &mut calls).await?;
                }
            }
        }
        Ok(calls)
    }

    /// One call, kept; true when there are more.
    async fn apart(
        &mut self,
        task: &Task,
        parent: Option<&Kept>,
        what: &Fetch,
        requests_at_first: u64,
        calls: &mut Vec<Call>,
    ) -> Result<bool, Finding> {
        let before = self.moment();
        let requests_before = self.sim.requests() - requests_at_first;
        let called = self.make(task, parent, what, self.connector.limits()).await;
        let key = self.key(task, parent);
        let report = called.report;
        let fetched = match called.result {
            Ok(fetched) => fetched,
            Err(error) => return Err(self.failure(format!("the stream {key} failed: {error}"), Vec::new())),
        };
        if let Some(lack) = Fault::of_gaps(fetched.page.gaps()) {
            return Err(self.failure(format!("the stream {key} failed: {lack}"), Vec::new()));
        }
        let (rows, changed) = self.commit_of(task, parent, what, &fetched);
        let has_more = fetched.page.has_more();
        calls.push(Call {
            before,
            task: task.clone(),
            parent: parent.cloned(),
            what: what.clone(),
            fetched,
            requests_before,
            requests: report.requests,
            host_calls: report.host_calls,
            unchanged: rows - changed,
        });
        Ok(has_more)
    }
}

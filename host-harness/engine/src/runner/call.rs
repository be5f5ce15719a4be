//! One call that has to keep the contract, and what follows where it fails.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tracing::Instrument as _;

use super::budget::{Declared, Spent};
use super::retry::Verdict;
use super::step::Progress;
use super::stream::after;
use super::{Again, Poll, Setback, StreamError};
use model::validate::{self, Breach};
use model::{Error, FetchRequest, Task};
use outside::transport::TransportError;
use sandbox::{CallError, Called, Fetch, Fetched, Page};
use store::{Kept, StreamKey, StreamState, timestamp};

/// The stream that a call is made for.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// The task.
    pub task: &'a Task,
    /// The record that it runs for; none at the root.
    pub parent: Option<&'a Kept>,
    /// What the stream is called in the store.
    pub key: &'a StreamKey,
}

/// A call that begins.
#[derive(Debug)]
pub(super) struct Begun {
    pub(super) what: Fetch,
    /// Where the stream stands.
    pub(super) stream: StreamState,
    /// The number that tells the order in which calls read.
    pub(super) reading: u64,
    /// The time that the connector is told.
    pub(super) at: DateTime<Utc>,
}

/// What a call that may be made again has cost.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Attempts {
    /// How often it failed.
    pub(super) failed: u32,
    /// What the waits in between add up to.
    pub(super) waited: Duration,
}

/// How a call ended that did not end its stream's poll with an error.
#[derive(Debug)]
pub(super) enum Outcome {
    /// It gave a page.
    Gave(Fetched<Page>),
    /// It failed, and may be made again in so long.
    Again(Duration),
    /// There was too little of something, and nobody is to blame.
    RanOut(Spent),
}

impl Target<'_> {
    /// Whether the record that the task runs for is gone: then only its open payments are of interest.
    pub(super) fn rests(&self) -> bool {
        self.parent.is_some_and(|parent| parent.is_gone)
    }

    /// The account of the customer's own that the task runs for.
    fn account(&self) -> Option<&str> {
        self.parent.filter(|parent| parent.is_account).map(|parent| &*parent.parent.reference)
    }

    /// Holds what a call gave against the contract.
    fn check(&self, begun: &Begun, called: &Called<Fetched<Page>>) -> Result<(), Breach> {
        let Ok(fetched) = &called.result else { return Ok(()) };
        match &begun.what {
            Fetch::Page(_) => validate::fetched(fetched, self.account(), begun.stream.state.as_deref())?,
            Fetch::Follow(references) => validate::followed(&fetched.page, self.account(), references)?,
        }
        if let Some(answers) = &called.report.answers {
            answers.verbatim(&fetched.page)?;
        }
        let parent = self.parent.map(|parent| &parent.parent);
        validate::proportion(&fetched.page, parent, called.report.answered)
    }
}

impl Poll<'_> {
    pub(super) async fn call(
        &self,
        target: &Target<'_>,
        begun: &Begun,
        progress: &mut Progress,
    ) -> Result<Outcome, StreamError> {
        let span = tracing::error_span!(target: "harness", "call", number = begun.reading);
        self.called(target, begun, progress).instrument(span).await
    }

    async fn called(
        &self,
        target: &Target<'_>,
        begun: &Begun,
        progress: &mut Progress,
    ) -> Result<Outcome, StreamError> {
        let runner = self.runner;
        let request = FetchRequest {
            config: runner.config.clone(),
            task: target.task.name.clone(),
            parent: target.parent.map(|parent| parent.parent.clone()),
            page_size: runner.page_size,
            max_in_flight: runner.max_in_flight,
            since: runner.since,
            observed_at: timestamp(begun.at),
        };
        let Some(turn) = runner.turn().await else { return Err(StreamError::Interrupted) };
        let called =
            runner.connector.fetch(&self.outside, begun.stream.state.clone(), request, begun.what.clone()).await;
        drop(turn);
        let made = called.report.requests;
        progress.summary.requests = progress.summary.requests.saturating_add(made.into());
        self.budget.called(made);
        target.check(begun, &called).map_err(CallError::Breach)?;
        match called.result {
            Ok(fetched) => Ok(Outcome::Gave(fetched)),
            Err(error) => self.failed(target, error, made, progress),
        }
    }

    /// What follows from a call that failed, after it made so many requests.
    fn failed(
        &self,
        target: &Target<'_>,
        error: CallError,
        made: u32,
        progress: &mut Progress,
    ) -> Result<Outcome, StreamError> {
        if let Some(ended) = not_sent(&error) {
            return Err(ended);
        }
        let (runner, attempts) = (self.runner, &mut progress.attempts);
        attempts.failed = attempts.failed.saturating_add(1);
        match runner.retry.judge(&error, attempts.failed, attempts.waited, fastrand::f64()) {
            Verdict::Again(wait) => {
                // A pause that was told when it began is not told by each stream that waits for its end.
                if !is_withheld(&error) {
                    let times = runner.retry.left(&error, attempts.failed);
                    Again { stream: Some(target.key), setback: Setback::Failed(&error), wait, times }
                        .tell(self.observer);
                }
                attempts.waited = attempts.waited.saturating_add(wait);
                Ok(Outcome::Again(wait))
            }
            Verdict::GiveUp => Err(error.into()),
            Verdict::GiveUpFor(wait) => {
                let until = after(runner.outside.clock.now(), wait);
                runner.with_store(|store| store.set_not_before(target.key, Some(until)))?;
                if let Some(spent) = self.ran_out(&error, made, progress.moved) {
                    return Ok(Outcome::RanOut(spent));
                }
                Err(if is_withheld(&error) { StreamError::NotBefore(until) } else { error.into() })
            }
        }
    }

    /// What there was too little of for a call of so many requests, where nobody is to blame.
    fn ran_out(&self, error: &CallError, made: u32, moved: bool) -> Option<Spent> {
        let CallError::Connector { failure: Some(TransportError::Limited { wait, requests, window }), .. } = error
        else {
            return None;
        };
        let declared = Declared { wait: *wait, requests: *requests, window: *window };
        self.budget.ran_out(&declared, moved, made, self.runner.outside.clock.monotonic())
    }
}

/// Why a call ended that could not send its request for a reason which holds for the whole poll. One whose own request
/// was refused the credentials says so itself.
fn not_sent(error: &CallError) -> Option<StreamError> {
    let CallError::Connector { failure, error } = error else { return None };
    match failure {
        Some(TransportError::Stopped) => Some(StreamError::Interrupted),
        Some(TransportError::CredentialsRefused) if !matches!(error, Error::Unauthorized(_)) => {
            Some(StreamError::CredentialsRefused)
        }
        _ => None,
    }
}

/// True when nothing was sent, since the provider had asked others for a pause.
fn is_withheld(error: &CallError) -> bool {
    matches!(error, CallError::Connector { failure: Some(TransportError::Withheld { .. }), .. })
}

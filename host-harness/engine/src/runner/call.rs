//! One call that keeps the contract, after as many attempts as the retry policy allows.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::budget::{Declared, Spent};
use super::retry::Verdict;
use super::stream::after;
use super::{Poll, StreamError, StreamSummary};
use model::validate::{self, Breach};
use model::{Error, FetchRequest, Task};
use outside::transport::TransportError;
use sandbox::{CallError, Called, Fetch, Fetched, Page};
use store::{Kept, StreamKey, StreamState, timestamp};

/// What a call is made for.
pub(super) struct Target<'a> {
    pub(super) task: &'a Task,
    pub(super) parent: Option<&'a Kept>,
    pub(super) key: &'a StreamKey,
}

/// A call that begins.
pub(super) struct Begun {
    pub(super) what: Fetch,
    /// Where the stream stands.
    pub(super) stream: StreamState,
    /// The number that tells the order in which calls read.
    pub(super) reading: u64,
    /// The time that the connector is told.
    pub(super) at: DateTime<Utc>,
    /// Whether the stream has moved on in this poll.
    pub(super) moved: bool,
}

impl Target<'_> {
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
    pub(super) async fn fetch(
        &self,
        target: &Target<'_>,
        begun: &Begun,
        summary: &mut StreamSummary,
    ) -> Result<Fetched<Page>, StreamError> {
        let runner = self.runner;
        let mut waited = Duration::ZERO;
        for attempt in 1.. {
            let request = FetchRequest {
                config: runner.config.clone(),
                task: target.task.name.clone(),
                parent: target.parent.map(|parent| parent.parent.clone()),
                page_size: runner.page_size,
                max_in_flight: runner.max_in_flight,
                since: runner.since,
                observed_at: timestamp(begun.at),
            };
            let called =
                runner.connector.fetch(&self.outside, begun.stream.state.clone(), request, begun.what.clone()).await;
            summary.requests = summary.requests.saturating_add(called.report.requests.into());
            self.budget.called(called.report.requests);
            target.check(begun, &called).map_err(CallError::Breach)?;
            let error = match called.result {
                Ok(fetched) => return Ok(fetched),
                Err(error) => error,
            };
            if let Some(ended) = not_sent(&error) {
                return Err(ended);
            }
            match runner.retry.judge(&error, attempt, waited, fastrand::f64()) {
                Verdict::Again(wait) => {
                    tell_again(&error, wait);
                    waited = waited.saturating_add(wait);
                    self.wait(wait).await?;
                }
                Verdict::GiveUp => return Err(error.into()),
                Verdict::GiveUpFor(wait) => {
                    let until = after(runner.outside.clock.now(), wait);
                    runner.store.set_not_before(target.key, Some(until))?;
                    if let Some(spent) = self.ran_out(begun, &error, called.report.requests) {
                        return Err(StreamError::RanOut(spent));
                    }
                    return Err(if is_withheld(&error) { StreamError::NotBefore(until) } else { error.into() });
                }
            }
        }
        Err(StreamError::Interrupted)
    }

    /// What there was too little of for a call of so many requests, where nobody is to blame.
    fn ran_out(&self, begun: &Begun, error: &CallError, made: u32) -> Option<Spent> {
        let CallError::Connector { failure: Some(TransportError::Limited { wait, requests, window }), .. } = error
        else {
            return None;
        };
        let declared = Declared { wait: *wait, requests: *requests, window: *window };
        self.budget.ran_out(&declared, begun.moved, made, self.runner.outside.clock.monotonic())
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

/// A pause that was told when it began is not told by each stream that waits for its end.
fn tell_again(error: &CallError, wait: Duration) {
    let millis = wait.as_millis();
    if is_withheld(error) {
        tracing::debug!(target: "harness::runner", "{error}; trying again in {millis} ms");
    } else {
        tracing::warn!(target: "harness::runner", "{error}; trying again in {millis} ms");
    }
}

//! After a poll, the payments that are not final and that it did not report: how do they stand?

use super::call::{Attempts, Begun, Outcome, Target};
use super::step::{Progress, Stage, Step};
use super::{Poll, Spent, StreamError};
use model::Gap;
use sandbox::{Blame, CallError, Fetch, Fetched};
use store::StoreError;

/// References that one call gets. The contract says so.
pub const AT_ONCE: usize = 25;
/// What is missing when a call for them fails as a whole.
const WHAT: &str = "payments that are not final";

impl Poll<'_> {
    /// The open payments of the stream, where its task follows any, in portions for one call each.
    pub(super) fn open(&self, target: &Target<'_>) -> Result<Stage, StoreError> {
        if !target.task.follow {
            return Ok(Stage::Settle);
        }
        let runner = self.runner;
        let now = runner.outside.clock.now();
        let open = runner.with_store(|store| store.open_payments(target.key, now))?;
        // Each may take a request of its own.
        let half = usize::try_from(runner.connector.limits().requests / 2).unwrap_or(AT_ONCE);
        Ok(Stage::Follow(open.chunks(AT_ONCE.min(half).max(1)).rev().map(<[String]>::to_vec).collect()))
    }

    /// Asks for one portion of the open payments. What cannot be had is a gap, and asked for again at the next poll.
    pub(super) async fn follow(&self, target: &Target<'_>, progress: &mut Progress) -> Result<Step, StreamError> {
        let Stage::Follow(portions) = &progress.stage else { return Ok(Step::More) };
        let Some(references) = portions.last().cloned() else {
            progress.enter(Stage::Settle);
            return Ok(Step::More);
        };
        if let Some(spent) = self.spent(progress)? {
            return Ok(rest(progress, spent));
        }
        let (stream, reading) = self.runner.with_store(|store| store.begin_call(target.key))?;
        let what = Fetch::Follow(references);
        let begun = Begun { what, stream, reading, at: self.runner.outside.clock.now() };
        match self.call(target, &begun, progress).await {
            Ok(Outcome::Gave(fetched)) => {
                progress.gaps.extend_from_slice(fetched.page.gaps());
                self.commit(target, &begun, Fetched { state: None, ..fetched }, progress)?;
            }
            Ok(Outcome::Again(wait)) => return Ok(Step::Wait(wait)),
            Ok(Outcome::RanOut(spent)) => return Ok(rest(progress, spent)),
            Err(StreamError::Call(error)) => progress.gaps.push(missing(error)?),
            Err(error) => return Err(error),
        }
        progress.attempts = Attempts::default();
        if let Stage::Follow(portions) = &mut progress.stage {
            portions.pop();
        }
        Ok(Step::More)
    }
}

/// The next poll asks for the rest. What the pages of this one mean is noted all the same.
fn rest(progress: &mut Progress, spent: Spent) -> Step {
    progress.spent = Some(spent);
    progress.enter(Stage::Settle);
    Step::More
}

/// What a call that failed leaves unread.
///
/// # Errors
/// The failure itself, where it is not the provider's.
fn missing(error: CallError) -> Result<Gap, CallError> {
    let is_the_providers = error.blame() == Blame::Provider;
    match error {
        CallError::Connector { error, .. } if is_the_providers => Ok(Gap { what: WHAT.to_owned(), error }),
        other => Err(other),
    }
}

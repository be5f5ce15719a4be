//! After a poll, the payments that are not final and that it did not report: how do they stand?

use super::call::{Begun, Target};
use super::{Poll, StreamError, StreamSummary};
use model::Gap;
use sandbox::{Blame, CallError, Fetch, Fetched};

/// References that one call gets. The contract says so.
pub const AT_ONCE: usize = 25;
/// What is missing when a call for them fails as a whole.
const WHAT: &str = "payments that are not final";

impl Poll<'_> {
    /// Asks for the open payments of the stream. What cannot be had is a gap, and asked for again at the next poll.
    pub(super) async fn follow(
        &self,
        target: &Target<'_>,
        gaps: &mut Vec<Gap>,
        summary: &mut StreamSummary,
    ) -> Result<(), StreamError> {
        let runner = self.runner;
        let now = runner.outside.clock.now();
        let open = runner.store.open_payments(target.key, now)?;
        // Each may take a request of its own.
        let half = usize::try_from(runner.connector.limits().requests / 2).unwrap_or(AT_ONCE);
        for references in open.chunks(AT_ONCE.min(half).max(1)) {
            if self.is_spent(summary)? {
                return Ok(());
            }
            let (stream, reading) = runner.store.begin_call(target.key)?;
            let what = Fetch::Follow(references.to_vec());
            let moved = summary.requests > 0;
            let begun = Begun { what, stream, reading, at: runner.outside.clock.now(), moved };
            match self.fetch(target, &begun, summary).await {
                Err(StreamError::RanOut(spent)) => {
                    summary.goes_on = Some(spent);
                    return Ok(());
                }
                Ok(fetched) => {
                    gaps.extend_from_slice(fetched.page.gaps());
                    let fetched = Fetched { state: None, ..fetched };
                    self.commit(target, &begun, fetched, summary)?;
                    self.observer.page(target.key, summary.records, summary.requests);
                }
                Err(StreamError::Call(error)) => gaps.push(missing(error)?),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
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

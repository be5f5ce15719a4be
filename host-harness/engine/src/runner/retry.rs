//! When a failed call is made again, and how long to wait first. A connector never sleeps: this is where it is done.

use std::time::Duration;

use model::{Error, Gap};
use outside::rate_limit::wait_of;
use outside::transport::TransportError;
use sandbox::{Blame, CallError};

/// How patient the host is within one call of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Calls made at most, the first included, while the provider is unavailable or limits the rate.
    pub attempts: u32,
    /// Calls made at most while the provider's answers are malformed.
    pub attempts_malformed: u32,
    /// The first back-off; each further one is twice as long.
    pub first: Duration,
    /// The longest back-off.
    pub longest: Duration,
    /// What the waits of one call may add up to. A provider that asks for more fails the stream until then.
    pub budget: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts: 5,
            attempts_malformed: 3,
            first: Duration::from_secs(1),
            longest: Duration::from_mins(1),
            budget: Duration::from_mins(5),
        }
    }
}

/// What to do about a failed call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Wait, then make the same call.
    Again(Duration),
    /// Give up.
    GiveUp,
    /// Give up, and leave the provider alone for as long as it asked.
    GiveUpFor(Duration),
}

impl RetryPolicy {
    /// Judges the failure of call number `attempt` (from 1) after `waited` in earlier waits. `jitter` is in 0..1.
    pub(super) fn judge(&self, error: &CallError, attempt: u32, waited: Duration, jitter: f64) -> Verdict {
        if error.blame() != Blame::Provider {
            return Verdict::GiveUp;
        }
        let Some((attempts, asked)) = self.hope(error) else { return Verdict::GiveUp };
        let wait = asked.unwrap_or_default().max(self.back_off(attempt, jitter));
        if attempt < attempts && waited.saturating_add(wait) <= self.budget {
            return Verdict::Again(wait);
        }
        asked.map_or(Verdict::GiveUp, Verdict::GiveUpFor)
    }

    /// How often a call that failed `attempt` times may still be made.
    pub(super) fn left(&self, error: &CallError, attempt: u32) -> u32 {
        self.hope(error).map_or(0, |(attempts, _)| attempts.saturating_sub(attempt))
    }

    /// How long to wait before a stream is polled once more because of these gaps; none where that would not close one.
    pub(super) fn pause(&self, gaps: &[Gap]) -> Option<Duration> {
        let pauses = gaps.iter().filter_map(|gap| match &gap.error {
            Error::RateLimited(detail) | Error::Unavailable(detail) => {
                Some(detail.retry_after_seconds.map(wait_of).unwrap_or_default().max(self.back_off(1, 1.0)))
            }
            Error::MalformedResponse(_) => Some(self.back_off(1, 1.0)),
            _ => None,
        });
        pauses.max().filter(|pause| *pause <= self.budget)
    }

    /// How often a call may be made that a provider failed in this way, and how long the provider wants to be left alone;
    /// none where another time does not help.
    fn hope(&self, error: &CallError) -> Option<(u32, Option<Duration>)> {
        match error {
            // Nothing was sent. Where others were refused often enough, this one need not be as well.
            CallError::Connector { failure: Some(TransportError::Withheld { wait, refusals }), .. } => {
                Some((if *refusals < self.attempts { self.attempts } else { 0 }, Some(*wait)))
            }
            // Nor was this, and there is nobody whose answer could change it.
            CallError::Connector { failure: Some(TransportError::Limited { wait, .. }), .. } => Some((0, Some(*wait))),
            // Who compresses what was asked for plain does so the next time as well.
            CallError::Connector {
                failure: Some(TransportError::CredentialsRefused | TransportError::Encoded),
                ..
            } => None,
            CallError::Connector { error: Error::RateLimited(detail) | Error::Unavailable(detail), .. } => {
                Some((self.attempts, detail.retry_after_seconds.map(wait_of)))
            }
            CallError::Connector { error: Error::MalformedResponse(_), .. } => Some((self.attempts_malformed, None)),
            CallError::Slow { .. } => Some((self.attempts, None)),
            _ => None,
        }
    }

    /// Doubles with each attempt up to the longest; the upper half of it is random, so that streams that failed
    /// together do not come back together.
    fn back_off(&self, attempt: u32, jitter: f64) -> Duration {
        let doubled = self.first.saturating_mul(2u32.saturating_pow(attempt.saturating_sub(1)));
        doubled.min(self.longest).mul_f64(0.5 + jitter.clamp(0.0, 1.0) / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::ErrorDetail;

    fn failed(error: impl FnOnce(ErrorDetail) -> Error, retry_after_seconds: Option<u64>) -> CallError {
        let message = "-".into();
        let detail =
            ErrorDetail { message, http_status: None, provider_code: None, request_id: None, retry_after_seconds };
        CallError::Connector { error: error(detail), failure: None }
    }

    fn judge(error: &CallError, attempt: u32, waited: u64) -> Verdict {
        RetryPolicy::default().judge(error, attempt, Duration::from_secs(waited), 1.0)
    }

    #[test]
    fn a_provider_that_says_how_long_is_left_alone_that_long() {
        let error = failed(Error::RateLimited, Some(7));
        assert_eq!(judge(&error, 1, 0), Verdict::Again(Duration::from_secs(7)));
    }

    #[test]
    fn a_provider_that_asks_for_more_than_the_budget_fails_the_stream_until_then() {
        let error = failed(Error::RateLimited, Some(3600));
        assert_eq!(judge(&error, 1, 0), Verdict::GiveUpFor(Duration::from_hours(1)));
    }

    #[test]
    fn back_off_doubles_up_to_a_cap_and_ends() {
        let policy = RetryPolicy { attempts: u32::MAX, budget: Duration::MAX, ..RetryPolicy::default() };
        let error = failed(Error::Unavailable, None);
        let seconds = |attempt| match policy.judge(&error, attempt, Duration::ZERO, 1.0) {
            Verdict::Again(wait) => wait.as_secs(),
            _ => 0,
        };
        assert_eq!([1, 2, 3, 7, 40].map(seconds), [1, 2, 4, 60, 60]);
        assert_eq!(judge(&error, 5, 0), Verdict::GiveUp);
        assert_eq!(judge(&failed(Error::MalformedResponse, None), 3, 0), Verdict::GiveUp);
    }

    #[test]
    fn a_wait_of_any_number_is_at_most_a_day() {
        let error = failed(Error::RateLimited, Some(u64::MAX));
        assert_eq!(judge(&error, 1, u64::MAX), Verdict::GiveUpFor(Duration::from_hours(24)));
    }

    #[test]
    fn a_provider_that_is_slow_is_asked_again_like_one_that_is_unavailable() {
        let slow = CallError::Slow { limit: Duration::from_mins(2), answers: Duration::from_mins(2) };
        assert_eq!(judge(&slow, 1, 0), Verdict::Again(Duration::from_secs(1)));
        assert_eq!(judge(&slow, 5, 0), Verdict::GiveUp);
    }

    #[test]
    fn a_request_that_others_were_refused_often_enough_is_not_tried_in_this_poll() {
        let held = |refusals| {
            let wait = Duration::from_secs(16);
            let CallError::Connector { error, .. } = failed(Error::Unavailable, None) else { unreachable!() };
            CallError::Connector { error, failure: Some(TransportError::Withheld { wait, refusals }) }
        };
        assert_eq!(judge(&held(1), 1, 0), Verdict::Again(Duration::from_secs(16)));
        assert_eq!(judge(&held(5), 1, 0), Verdict::GiveUpFor(Duration::from_secs(16)));
    }

    #[test]
    fn a_request_that_waits_too_long_for_a_declared_limit_is_not_tried_in_this_poll() {
        let CallError::Connector { error, .. } = failed(Error::Unavailable, None) else { unreachable!() };
        let (wait, window) = (Duration::from_secs(7), Duration::from_mins(1));
        let limited = Some(TransportError::Limited { wait, requests: 1, window });
        assert_eq!(judge(&CallError::Connector { error, failure: limited }, 1, 0), Verdict::GiveUpFor(wait));
    }

    #[test]
    fn what_is_not_the_providers_fault_is_not_tried_again() {
        let unsent = |failure| {
            let CallError::Connector { error, .. } = failed(Error::Unavailable, Some(1)) else { unreachable!() };
            CallError::Connector { error, failure: Some(failure) }
        };
        for error in [
            unsent(TransportError::Address("10.0.0.1".into())),
            unsent(TransportError::Stopped),
            unsent(TransportError::NotRecorded("-".into())),
            unsent(TransportError::CredentialsRefused),
            CallError::Breach("-".into()),
        ] {
            assert_eq!(judge(&error, 1, 0), Verdict::GiveUp, "{error}");
        }
    }

    #[test]
    fn an_answer_that_is_compressed_unasked_is_not_asked_for_again() {
        for error in [Error::Unavailable, Error::MalformedResponse] {
            let CallError::Connector { error, .. } = failed(error, Some(1)) else { unreachable!() };
            let encoded = CallError::Connector { error, failure: Some(TransportError::Encoded) };
            assert_eq!((judge(&encoded, 1, 0), encoded.blame()), (Verdict::GiveUp, Blame::Provider));
        }
    }

    #[test]
    fn refusals_are_final() {
        for error in [Error::Unauthorized, Error::Forbidden, Error::NotFound, Error::UpstreamRejected, Error::Other] {
            assert_eq!(judge(&failed(error, Some(1)), 1, 0), Verdict::GiveUp);
        }
    }
}

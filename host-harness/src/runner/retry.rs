//! When a failed call is made again, and how long to wait first. A connector never sleeps: this is where it is done.

use std::time::Duration;

use crate::contract::Error;
use crate::sandbox::CallError;
use crate::transport::TransportError;

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
        let CallError::Connector { error, failure } = error else { return Verdict::GiveUp };
        if matches!(failure, Some(TransportError::NotRecorded(_))) {
            return Verdict::GiveUp;
        }
        let (attempts, asked) = match error {
            Error::RateLimited(detail) | Error::Unavailable(detail) => (self.attempts, detail.retry_after_seconds),
            Error::MalformedResponse(_) => (self.attempts_malformed, None),
            _ => return Verdict::GiveUp,
        };
        let asked = asked.map(Duration::from_secs);
        let wait = asked.unwrap_or_default().max(self.back_off(attempt, jitter));
        if attempt < attempts && waited + wait <= self.budget {
            return Verdict::Again(wait);
        }
        asked.map_or(Verdict::GiveUp, Verdict::GiveUpFor)
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
    use crate::contract::ErrorDetail;

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
        let policy = RetryPolicy { attempts: 100, budget: Duration::MAX, ..RetryPolicy::default() };
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
    fn refusals_are_final() {
        for error in [Error::Unauthorized, Error::Forbidden, Error::NotFound, Error::UpstreamRejected, Error::Other] {
            assert_eq!(judge(&failed(error, Some(1)), 1, 0), Verdict::GiveUp);
        }
    }
}

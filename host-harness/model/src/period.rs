//! The time between two polls.

use std::time::Duration;

/// The shortest one. Nobody's books change faster, and a provider has limits.
const SHORTEST: Duration = Duration::from_secs(10);
/// The same in words.
pub const PERIOD: &str = "a duration of at least 10s";

/// Reads it; none where it is no duration, or too short.
#[must_use]
pub fn period(text: &str) -> Option<Duration> {
    go_duration::parse(text).filter(|period| *period >= SHORTEST)
}

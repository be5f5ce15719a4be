//! What a provider's refusal closes, and how it opens again.

use std::time::Duration;

/// Refusals in a row, none of which says how long, after which nobody tries for a while.
const HOPELESS: u32 = 5;
/// That while.
const LONGEST_BACK_OFF: Duration = Duration::from_mins(1);

/// Closed for a time by a refusal. When the time is over one request goes ahead alone, and only its answer opens the gate
/// for the others, so that a limit that lasts is met by one request a time instead of one for each stream.
#[derive(Debug, Default)]
pub(super) struct Gate {
    until: Duration,
    refusals: u32,
    probed: bool,
}

/// What a gate says to one more request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    /// Go.
    Open,
    /// Not before so much time has passed.
    Closed(Duration),
    /// Another request is trying.
    Probed,
}

impl Gate {
    pub(super) fn ask(&self, now: Duration) -> Said {
        match self.until.saturating_sub(now) {
            left if !left.is_zero() => Said::Closed(left),
            _ if self.probed => Said::Probed,
            _ => Said::Open,
        }
    }

    /// Refusals in a row.
    pub(super) fn refusals(&self) -> u32 {
        self.refusals
    }

    /// A request goes ahead; gives the refusals that came before it.
    pub(super) fn probe(&mut self) -> u32 {
        self.probed = true;
        self.refusals
    }

    /// The request that went ahead is over, with an answer or without.
    pub(super) fn release(&mut self) {
        self.probed = false;
    }

    /// The provider refused a request that was sent after `seen` refusals, and asked for a pause, or only refused. Gives
    /// the time for which the gate is closed now.
    pub(super) fn refuse(&mut self, now: Duration, seen: u32, asked: Option<Duration>) -> Duration {
        // Of requests that were under way together the first one counts.
        if seen == self.refusals {
            self.refusals = self.refusals.saturating_add(1);
        }
        let back_off = match self.refusals {
            HOPELESS.. => LONGEST_BACK_OFF,
            refusals => Duration::from_secs(1 << refusals.saturating_sub(1)),
        };
        let pause = asked.unwrap_or_default().max(back_off);
        self.until = self.until.max(now.saturating_add(pause));
        self.until.saturating_sub(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn refusals_in_a_row_close_for_longer_and_longer_and_those_under_way_together_count_once() {
        let mut gate = Gate::default();
        assert_eq!(gate.refuse(seconds(0), 0, None), seconds(1));
        assert_eq!(gate.refuse(seconds(0), 0, None), seconds(1), "was under way when the first came");
        let mut now = seconds(0);
        for (seen, closed) in [(1, 2), (2, 4), (3, 8), (4, 60), (5, 60)] {
            now = gate.until;
            assert_eq!((gate.ask(now), gate.refuse(now, seen, None)), (Said::Open, seconds(closed)));
        }
        assert_eq!(gate.refuse(now, 6, Some(seconds(3600))), seconds(3600), "what the provider asks for");
    }

    #[test]
    fn one_request_goes_ahead_and_the_others_wait_for_its_answer() {
        let mut gate = Gate::default();
        gate.refuse(seconds(0), 0, Some(seconds(9)));
        assert_eq!(gate.ask(seconds(4)), Said::Closed(seconds(5)));
        assert_eq!(gate.ask(seconds(9)), Said::Open);
        gate.probe();
        assert_eq!(gate.ask(seconds(9)), Said::Probed);
        gate.release();
        assert_eq!(gate.ask(seconds(9)), Said::Open);
    }
}

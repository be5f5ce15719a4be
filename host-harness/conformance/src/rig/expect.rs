//! What a check expects of a poll, and of what was committed by then.

use std::time::Duration;

use super::{Poll, Rig};
use crate::check::Finding;
use crate::evidence::Evidence;
use crate::lost::{self, Lost};

/// Exchanges that a failure shows.
const SHOWN: usize = 6;
/// Polls after which a provider that is well again must have been read.
const SETTLING: u32 = 6;

impl Rig {
    /// Polls accounts and payments, and expects every stream to come to its end.
    ///
    /// # Errors
    /// Fail: a stream did not.
    pub async fn poll_well(&mut self) -> Result<Poll, Finding> {
        let poll = self.poll_payments().await;
        self.expect_well(poll)
    }

    /// Expects every stream of a poll to have come to its end.
    ///
    /// # Errors
    /// Fail: a stream did not.
    pub fn expect_well(&self, poll: Poll) -> Result<Poll, Finding> {
        match poll.failed().and_then(|stream| stream.fault.as_ref().map(|fault| (stream, fault))) {
            Some((stream, fault)) => {
                Err(self.failure(format!("the stream {} failed: {fault}", stream.key), Vec::new()))
            }
            None => Ok(poll),
        }
    }

    /// Polls until every stream comes to its end: a host repeats what failed.
    ///
    /// # Errors
    /// Fail: it still fails after some polls at a provider that is well.
    pub async fn settle(&mut self) -> Result<(), Finding> {
        let mut poll = Poll::default();
        for _ in 0..SETTLING {
            poll = self.poll_payments().await;
            if poll.failed().is_none() {
                return Ok(());
            }
            self.clock.advance(Duration::from_mins(30));
        }
        self.expect_well(poll).map(|_| ())
    }

    /// Expects the payments committed to be those that the bank has, in their last versions.
    ///
    /// # Errors
    /// Fail: some are lost, stale or wrong.
    pub fn expect_payments(&self, when: &str) -> Result<(), Finding> {
        let differences = self.ledger.payment_differences(&self.sim.with(|bank| bank.truth()), false);
        match differences.first() {
            None => Ok(()),
            Some(first) => Err(self.failure(format!("{when}, {first}"), differences)),
        }
    }

    /// Expects accounts, counterparties and balances to be those that the bank has.
    ///
    /// # Errors
    /// Fail: some are lost, stale or wrong.
    pub fn expect_accounts(&self, when: &str) -> Result<(), Finding> {
        let differences = self.ledger.account_differences(&self.sim.with(|bank| bank.truth()));
        match differences.first() {
            None => Ok(()),
            Some(first) => Err(self.failure(format!("{when}, {first}"), differences)),
        }
    }

    /// A failure with the last change of a state, and the last exchanges: those in which a row was lost, where one is that
    /// the differences name.
    #[must_use]
    pub fn failure(&self, what: impl Into<String>, differences: Vec<String>) -> Finding {
        let lost = self.lost(&differences);
        let exchanges = match lost.as_ref().and_then(|lost| lost.exchange) {
            Some(number) => self.tape.around(number, SHOWN),
            None => self.tape.last(SHOWN),
        };
        Finding::Fail(Box::new(Evidence {
            what: what.into(),
            setting: self.setting.clone(),
            differences,
            lost,
            exchanges,
            states: self.last_change.clone().into_iter().collect(),
            scenario: None,
        }))
    }

    /// How the first payment was lost that the differences name and that was not committed.
    fn lost(&self, differences: &[String]) -> Option<Lost> {
        if differences.is_empty() {
            return None;
        }
        let truth = self.sim.with(|bank| bank.truth());
        let is_named = |reference: &str| differences.iter().any(|difference| difference.contains(reference));
        let missing = truth.payments.keys().filter(|reference| !self.ledger.payments.contains_key(*reference));
        let first = missing.into_iter().find(|reference| is_named(reference))?;
        self.tape.look(|answers| lost::lost(first, &truth, answers))
    }
}

//! What the checks stock a bank with.

use chrono::{DateTime, TimeDelta, Utc};

use model::PaymentStatus;
use sim::{Bank, Movement};

/// Payments on an account.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    /// The account.
    pub account: &'a str,
    /// How many.
    pub count: u32,
    /// When the last one happened.
    pub last: DateTime<Utc>,
    /// The time from one to the next; none puts them all on one instant.
    pub apart: TimeDelta,
}

impl Rows<'_> {
    /// Adds them in this status; gives their references, oldest first.
    pub fn add(self, bank: &mut dyn Bank, status: PaymentStatus) -> Vec<String> {
        self.add_with(bank, |_| status)
    }

    /// Adds them in the settled status; gives their references, oldest first.
    pub fn add_settled(self, bank: &mut dyn Bank) -> Vec<String> {
        let status = settled(bank);
        self.add(bank, status)
    }

    /// Adds them in all statuses by turns; gives their references, oldest first.
    pub fn add_in_turn(self, bank: &mut dyn Bank) -> Vec<String> {
        let statuses = bank.statuses();
        self.add_with(bank, |number| {
            statuses.get(number as usize % statuses.len().max(1)).copied().unwrap_or(PaymentStatus::Succeeded)
        })
    }

    fn add_with(self, bank: &mut dyn Bank, status: impl Fn(u32) -> PaymentStatus) -> Vec<String> {
        let movements = (0..self.count).map(|number| {
            let behind = i32::try_from(self.count - 1 - number).unwrap_or(i32::MAX);
            let movement = Movement::on(self.account, self.last - self.apart * behind).status(status(number));
            movement.minor(u64::from(number) + 1)
        });
        movements.map(|movement| bank.add(&movement)).collect()
    }
}

/// The settled status of a bank: the first it names.
pub fn settled(bank: &dyn Bank) -> PaymentStatus {
    bank.statuses().first().copied().unwrap_or(PaymentStatus::Succeeded)
}

/// The other statuses of a bank.
pub fn unsettled(bank: &dyn Bank) -> Vec<PaymentStatus> {
    bank.statuses().into_iter().skip(1).collect()
}

//! What a scenario does to the bank, between polls and in the middle of them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::TimeDelta;
use fastrand::Rng;

use super::format::{Change, Edit, Insert, Scenario, Step};
use model::PaymentStatus;
use outside::clock::{Clock as _, VirtualClock};
use sim::{self, Bank, Movement};
use store::payment_status_name;

/// What every change takes: so no two versions of a row share a time.
const TICK: Duration = Duration::from_millis(1);

/// The accounts and rows of a scenario, as far as they have come up. Clones are the same.
#[derive(Clone)]
pub struct Stage(Arc<Mutex<Set>>);

struct Set {
    clock: VirtualClock,
    accounts: Vec<String>,
    /// Those that the file numbers.
    rows: Vec<Row>,
    /// Those that came up by chance.
    strays: Vec<Row>,
    hides: bool,
}

struct Row {
    reference: String,
    pending: bool,
}

impl Stage {
    /// Prepares a bank for a scenario: its quirks, its accounts.
    #[must_use]
    pub fn open(bank: &mut dyn Bank, clock: &VirtualClock, scenario: &Scenario) -> Self {
        for quirk in &scenario.quirks {
            bank.set_quirk(*quirk);
        }
        let accounts = (0..scenario.accounts).map(|_| bank.open_account("EUR")).collect();
        Self(Arc::new(Mutex::new(Set {
            clock: clock.clone(),
            accounts,
            rows: Vec::new(),
            strays: Vec::new(),
            hides: false,
        })))
    }

    fn set(&self) -> MutexGuard<'_, Set> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The references of the accounts.
    #[must_use]
    pub fn accounts(&self) -> Vec<String> {
        self.set().accounts.clone()
    }

    /// True once there was a row that lists show only later than it came up.
    #[must_use]
    pub fn hides(&self) -> bool {
        self.set().hides
    }

    /// Does a step to the bank; false when nothing came of it: the row is gone, or the provider has no such thing.
    pub fn make(&self, bank: &mut dyn Bank, step: &Step) -> bool {
        let mut set = self.set();
        match step {
            Step::Insert(insert) => {
                set.hides |= insert.visible_after.is_some();
                let rows = set.insert(bank, insert);
                set.rows.extend(rows);
                true
            }
            Step::Edit(Edit { row, change }) => set.edit(bank, *row, change),
            Step::Delete(delete) => {
                let known = set.row(delete.row).map(|row| row.reference.clone());
                known.is_some_and(|reference| bank.remove(&reference))
            }
            Step::Advance(span) => {
                set.clock.advance(span.0);
                true
            }
            Step::Quirk(quirk) => bank.set_quirk(*quirk),
            Step::Poll(_) | Step::Redeliver(_) => false,
        }
    }

    /// Something happens to the bank by chance.
    pub fn mutate(&self, bank: &mut dyn Bank, rng: &mut Rng) {
        let mut set = self.set();
        let count = set.rows.len() + set.strays.len();
        if count == 0 || rng.u8(0..3) == 0 {
            let statuses = bank.statuses();
            let status = statuses.get(rng.usize(0..statuses.len().max(1))).copied();
            let account = u32::try_from(rng.usize(0..set.accounts.len().max(1)) + 1).unwrap_or(1);
            let insert = Insert {
                account,
                rows: rng.u32(1..3),
                status: status.map(|status| payment_status_name(status).to_owned()),
                tie: rng.bool(),
                ..Insert::default()
            };
            let rows = set.insert(bank, &insert);
            set.strays.extend(rows);
            return;
        }
        let place = rng.usize(0..count);
        set.clock.advance(TICK);
        let now = set.clock.now();
        let numbered = set.rows.len();
        let row = if place < numbered { set.rows.get_mut(place) } else { set.strays.get_mut(place - numbered) };
        let Some(row) = row else { return };
        match rng.u8(0..8) {
            0 => _ = bank.remove(&row.reference),
            1..5 if row.pending => {
                let settled = |status: &PaymentStatus| *status != PaymentStatus::Pending;
                let ends: Vec<_> = bank.statuses().into_iter().filter(settled).collect();
                let Some(status) = rng.choice(ends) else { return };
                row.pending = !bank.change(&row.reference, now, &sim::Change::Status(status));
            }
            _ => _ = bank.change(&row.reference, now, &sim::Change::Label(format!("seen {now}"))),
        }
    }
}

impl Set {
    fn insert(&self, bank: &mut dyn Bank, insert: &Insert) -> Vec<Row> {
        let status = insert.status.as_deref().and_then(|word| status(bank, word));
        let status = status.or_else(|| bank.statuses().first().copied()).unwrap_or(PaymentStatus::Succeeded);
        let account = insert.account.checked_sub(1).and_then(|place| self.accounts.get(place as usize));
        let Some(account) = account else { return Vec::new() };
        let ago = insert.ago.and_then(|span| TimeDelta::from_std(span.0).ok()).unwrap_or_default();
        let hidden = insert.visible_after.and_then(|span| TimeDelta::from_std(span.0).ok());
        let mut made = Vec::new();
        for number in 0..insert.rows {
            if number == 0 || !insert.tie {
                self.clock.advance(TICK);
            }
            let now = self.clock.now();
            // Amounts that are all different tell rows apart in a report.
            let minor = insert.minor.unwrap_or(1_000 + self.rows.len() as u64 + u64::from(number));
            let mut movement = Movement::on(account, now - ago).status(status).minor(minor);
            movement.incoming = insert.incoming;
            movement.visible_at = hidden.map(|hidden| now + hidden);
            made.push(Row { reference: bank.add(&movement), pending: status == PaymentStatus::Pending });
        }
        made
    }

    fn row(&self, number: u32) -> Option<&Row> {
        self.rows.get(number.checked_sub(1)? as usize)
    }

    fn edit(&mut self, bank: &mut dyn Bank, number: u32, change: &Change) -> bool {
        self.clock.advance(TICK);
        let now = self.clock.now();
        let Some(place) = number.checked_sub(1) else { return false };
        let Some(row) = self.rows.get_mut(place as usize) else { return false };
        let change = match change {
            Change::Status(word) => {
                let Some(status) = status(bank, word) else { return false };
                row.pending = status == PaymentStatus::Pending;
                sim::Change::Status(status)
            }
            Change::Label(label) => sim::Change::Label(label.clone()),
            Change::Minor(minor) => sim::Change::Minor(*minor),
        };
        bank.change(&row.reference, now, &change)
    }
}

/// The status that a word means at this provider.
fn status(bank: &dyn Bank, word: &str) -> Option<PaymentStatus> {
    bank.statuses().into_iter().find(|status| payment_status_name(*status) == word)
}

//! Random histories, each from a seed.

use fastrand::Rng;

use super::format::{
    Before, Change, Crash, Delete, Edit, FaultKind, FaultOn, Insert, Mutate, Poll, Scenario, Span, Step,
};
use model::PaymentStatus;
use sim::Bank;
use store::payment_status_name;

/// A history number `number` of a suite with this seed. Most are short: a rare bug shows in many short ones sooner than
/// in a few long ones, and is easier to read.
#[must_use]
pub fn history(bank: &dyn Bank, seed: u64, number: u64) -> Scenario {
    let mut author = Author::new(bank, mix(seed, number));
    author.stock();
    for _ in 0..author.weighted(&[(1, 12), (2, 4), (3, 1)]) {
        let poll = author.poll();
        author.steps.push(Step::Poll(poll));
        author.meanwhile();
    }
    Scenario {
        seed: mix(number, seed),
        page_size: author.size,
        accounts: author.accounts,
        idle_polls: u32::from(author.chance(12)),
        steps: author.steps,
        ..Scenario::new(bank.name())
    }
}

/// One number of two, so that neighbours have nothing in common.
fn mix(seed: u64, number: u64) -> u64 {
    let mut mixed = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ number.wrapping_add(0x632B_E59B_D9B4_E019);
    for _ in 0..2 {
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^= mixed >> 31;
    }
    mixed
}

/// Writes a history, and knows the rows in it.
struct Author {
    rng: Rng,
    words: Vec<&'static str>,
    pending: &'static str,
    lag: u64,
    size: u32,
    accounts: u32,
    /// Whether each row is pending; none for one that is gone.
    rows: Vec<Option<bool>>,
    steps: Vec<Step>,
}

impl Author {
    fn new(bank: &dyn Bank, seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        Self {
            words: bank.statuses().iter().map(|status| payment_status_name(*status)).collect(),
            pending: payment_status_name(PaymentStatus::Pending),
            lag: bank.lag().as_secs() / 60,
            size: rng.choice([2, 3, 3, 4, 4, 5]).unwrap_or(3),
            accounts: if rng.u8(0..25) == 0 { 2 } else { 1 },
            rows: Vec::new(),
            steps: Vec::new(),
            rng,
        }
    }

    fn chance(&mut self, percent: u8) -> bool {
        self.rng.u8(0..100) < percent
    }

    fn weighted<T: Copy + Default>(&mut self, choices: &[(T, u32)]) -> T {
        let mut left = self.rng.u32(0..choices.iter().map(|(_, weight)| weight).sum::<u32>().max(1));
        for (choice, weight) in choices {
            if left < *weight {
                return *choice;
            }
            left -= weight;
        }
        T::default()
    }

    fn word(&mut self) -> &'static str {
        self.rng.choice(self.words.iter().copied()).unwrap_or_default()
    }

    /// What is there before the first poll.
    fn stock(&mut self) {
        for _ in 0..self.weighted(&[(0, 1), (1, 7), (2, 3)]) {
            let insert = Insert { ago: Some(Span::minutes(self.rng.u64(61..5_000))), ..self.insert() };
            self.steps.push(Step::Insert(insert));
        }
    }

    /// New rows: some, or an instant that more of them share than a page holds.
    fn insert(&mut self) -> Insert {
        let tie = self.chance(25);
        let rows = if tie { self.rng.u32(2..self.size + 4) } else { self.rng.u32(1..self.size + 2) };
        let status = self.word();
        self.rows.extend((0..rows).map(|_| Some(status == self.pending)));
        Insert {
            account: self.rng.u32(1..=self.accounts),
            rows,
            status: Some(status.to_owned()),
            tie,
            incoming: self.rng.bool(),
            ..Insert::default()
        }
    }

    /// What happens between two polls.
    fn meanwhile(&mut self) {
        for _ in 0..self.weighted(&[(0, 3), (1, 4), (2, 2)]) {
            let step = self.change();
            self.steps.push(step);
        }
        if self.chance(15) {
            self.steps.push(Step::Redeliver(self.rng.usize(1..4)));
        }
        if self.chance(30) {
            let minutes = self.weighted(&[(1, 1), (45, 2), (90, 1), (3_000, 1)]);
            self.steps.push(Step::Advance(Span::minutes(minutes)));
        }
    }

    /// A change at the provider.
    fn change(&mut self) -> Step {
        let there: Vec<usize> =
            (0..self.rows.len()).filter(|place| self.rows.get(*place).is_some_and(Option::is_some)).collect();
        let place = match self.rng.choice(there) {
            Some(place) if self.chance(65) => place,
            _ => return self.arrival(),
        };
        let row = u32::try_from(place + 1).unwrap_or(u32::MAX);
        let pending = self.rows.get(place).copied().flatten() == Some(true);
        if self.chance(if pending { 20 } else { 8 }) {
            self.rows[place] = None;
            return Step::Delete(Delete { row });
        }
        let change = if pending && self.chance(75) {
            let ends: Vec<&str> = self.words.iter().copied().filter(|word| *word != self.pending).collect();
            let word = self.rng.choice(ends).unwrap_or(self.pending);
            self.rows[place] = Some(word == self.pending);
            Change::Status(word.to_owned())
        } else if self.chance(50) {
            Change::Label(format!("Note {}", self.rng.u16(..)))
        } else {
            Change::Minor(self.rng.u64(1..100_000))
        };
        Step::Edit(Edit { row, change })
    }

    /// New rows after the first poll: now and then late, within what the provider takes.
    fn arrival(&mut self) -> Step {
        let mut insert = self.insert();
        if self.lag > 1 && self.chance(25) {
            let late = Some(Span::minutes(self.rng.u64(1..=self.lag)));
            if self.rng.bool() {
                insert.visible_after = late;
            } else {
                insert.ago = late;
            }
        }
        Step::Insert(insert)
    }

    /// A poll, and what disturbs it.
    fn poll(&mut self) -> Poll {
        let mut poll = Poll::default();
        if self.chance(30) {
            let mut requests: Vec<u64> = (0..self.rng.u8(1..3)).map(|_| self.rng.u64(1..8)).collect();
            requests.sort_unstable();
            for request in requests {
                let steps = (0..self.rng.u8(1..4)).map(|_| self.change()).collect();
                poll.before.push(Before { request, steps });
            }
        }
        if self.chance(25) {
            let fault = self.fault();
            poll.faults.push(FaultOn { request: self.rng.u64(1..7), times: self.weighted(&[(1, 4), (3, 1)]), fault });
        }
        if self.chance(20) {
            let host_call = self.chance(75).then(|| self.rng.u32(1..6));
            poll.crash = Some(Crash { call: self.rng.u32(1..6), host_call });
        }
        if self.chance(15) {
            poll.mutate = Some(Mutate { percent: self.rng.u8(10..60), seed: None });
        }
        poll
    }

    fn fault(&mut self) -> FaultKind {
        match self.rng.u8(0..14) {
            0..4 => FaultKind::Status(self.rng.choice([400, 401, 403, 404, 422, 429, 500, 502, 503]).unwrap_or(503)),
            4 => FaultKind::RetryAfter("30".to_owned()),
            5 => FaultKind::Redirect("https://elsewhere.example/".to_owned()),
            6 => FaultKind::Truncated(self.rng.usize(1..400)),
            7 => FaultKind::Html,
            8 => FaultKind::EmptyBody,
            9 => FaultKind::HalfBody,
            10 => FaultKind::Stall,
            11 => FaultKind::Reset,
            12 => FaultKind::Refused,
            _ => FaultKind::Delay(Span(std::time::Duration::from_secs(self.rng.u64(1..60)))),
        }
    }
}

#[cfg(test)]
#[allow(clippy::expect_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use qonto::QontoBank;
    use sim::Bank;

    #[test]
    fn a_history_is_a_valid_file_and_the_same_each_time() {
        let bank = Box::new(QontoBank::default()) as Box<dyn Bank>;
        for number in 0..500 {
            let scenario = history(&*bank, 1, number);
            scenario.check(&*bank).expect("valid");
            assert_eq!(Scenario::parse(&scenario.to_json()), Ok(scenario.clone()), "history {number}");
            assert_eq!(history(&*bank, 1, number), scenario);
        }
        assert_ne!(history(&*bank, 1, 0), history(&*bank, 2, 0));
        assert_ne!(history(&*bank, 1, 0), history(&*bank, 1, 1));
    }
}

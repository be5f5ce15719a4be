//! What happens in the middle of a poll, put into the simulator.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use fastrand::Rng;
use http::header::{HeaderValue, RETRY_AFTER};

use super::format::{FaultKind, Poll, Scenario, Step};
use super::stage::Stage;
use crate::subject::MakeBank;
use outside::clock::VirtualClock;
use sim::{Asked, Bank, Broken, Fault, On, Simulator};

/// The steps that are to happen before some request, until they have.
pub(super) type Leftover = Arc<Mutex<Vec<Vec<Step>>>>;

/// Puts a poll's script into the simulator; gives the steps that have not happened yet, in order.
pub fn set_up(
    simulator: &Simulator<Box<dyn Bank>>,
    stage: &Stage,
    make_bank: &MakeBank,
    poll: &Poll,
    seed: u64,
) -> Leftover {
    for fault in &poll.faults {
        let last = fault.request.saturating_add(fault.times.saturating_sub(1));
        let kind = simulator.with(|bank| made(&fault.fault, &**bank));
        simulator.inject(requests(make_bank, fault.request, last), kind);
    }
    let leftover: Leftover = Arc::new(Mutex::new(poll.before.iter().map(|before| before.steps.clone()).collect()));
    for (place, before) in poll.before.iter().enumerate() {
        let (stage, leftover) = (stage.clone(), Arc::clone(&leftover));
        simulator.when(requests(make_bank, before.request, before.request), move |bank| {
            let steps = leftover.lock().unwrap_or_else(PoisonError::into_inner).get_mut(place).map(std::mem::take);
            for step in steps.unwrap_or_default() {
                stage.make(&mut **bank, &step);
            }
        });
    }
    if let Some(mutate) = poll.mutate {
        let (stage, mut rng) = (stage.clone(), Rng::with_seed(mutate.seed.unwrap_or(seed)));
        simulator.when(requests(make_bank, 1, u64::MAX), move |bank| {
            if rng.u8(0..100) < mutate.percent {
                stage.mutate(&mut **bank, &mut rng);
            }
        });
    }
    leftover
}

impl Scenario {
    /// Its provider as the first poll finds it: every step before that one has been made, and its script is set up. From
    /// then on whatever comes is that poll: numbers of requests go on for ever.
    #[must_use]
    pub fn simulator(&self, make_bank: &MakeBank) -> Simulator<Box<dyn Bank>> {
        let clock = VirtualClock::at(self.start);
        let mut bank = make_bank();
        let stage = Stage::open(&mut *bank, &clock, self);
        let simulator = Simulator::new(bank, clock);
        for (place, step) in self.steps.iter().enumerate() {
            if let Step::Poll(poll) = step {
                set_up(&simulator, &stage, make_bank, poll, self.seed.wrapping_add(place as u64 + 1));
                break;
            }
            simulator.with(|bank| stage.make(&mut **bank, step));
        }
        simulator
    }
}

/// The requests from `first` to `last` from now on, those for accounts, counterparties, balances and what is above
/// accounts not counted.
fn requests(make_bank: &MakeBank, first: u64, last: u64) -> On {
    let (judge, seen) = (make_bank(), AtomicU64::new(0));
    On::matching(move |request| {
        if !matches!(judge.asked(request), Asked::Payments | Asked::Other) {
            return false;
        }
        let number = seen.fetch_add(1, Ordering::Relaxed) + 1;
        (first..=last).contains(&number)
    })
}

/// A fault of the file as the simulator has it.
fn made(kind: &FaultKind, bank: &dyn Bank) -> Fault {
    match kind {
        FaultKind::Status(status) => Fault::Answer(bank.refusal(*status).response),
        FaultKind::RetryAfter(value) => {
            let mut response = bank.refusal(429).response;
            if let Ok(value) = HeaderValue::from_str(value) {
                response.headers.insert(RETRY_AFTER, value);
            }
            Fault::Answer(response)
        }
        FaultKind::Redirect(location) => Fault::status(302).header("location", location),
        FaultKind::Truncated(length) => Fault::truncate(*length),
        FaultKind::Delay(span) => Fault::delay(span.0),
        FaultKind::Html => Fault::html(),
        FaultKind::EmptyBody => Fault::change_body(|_| Bytes::new()),
        FaultKind::HalfBody => Fault::Break(Broken::HalfBody),
        FaultKind::Stall => Fault::Break(Broken::Stalled),
        FaultKind::Reset => Fault::Break(Broken::Reset),
        FaultKind::Refused => Fault::Break(Broken::Refused),
    }
}

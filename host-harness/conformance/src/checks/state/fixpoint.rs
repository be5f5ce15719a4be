//! S2: a poll that finds nothing new changes nothing.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::check::{Finding, Outcome};
use crate::rig::{Poll, Rig, ago};
use crate::subject::Subject;
use model::Capability;
use sim::{Bank, Movement};
use store::StreamKey;

/// Waits between idle polls, in periods: the usual ones, then ever longer ones, to more than a year.
const WAITS: [u32; 12] = [1, 1, 1, 1, 2, 6, 24, 96, 384, 1_536, 6_144, 12_288];

fn stock(bank: &mut dyn Bank) {
    super::history(bank, 4);
    let other = bank.open_account("EUR");
    bank.add(&Movement::on(&other, ago(200)));
    bank.add_counterparty(ago(300));
    bank.add_counterparty(ago(200));
}

/// S2.
pub async fn fixpoint(subject: Subject) -> Outcome {
    let mut rig = Rig::new(&subject, stock)?.setting("a history of several pages, then polls with nothing new");
    let first = rig.poll().await;
    rig.expect_well(first)?;
    rig.expect_payments("after the first poll")?;
    let accounts = u32::try_from(rig.accounts().len()).unwrap_or(u32::MAX);
    let bound = rig.sim.with(|bank| bank.idle_requests(rig.page_size));
    let states = rig.states.clone();
    let mut usual: Option<(u32, u64)> = None;
    let mut waited = Duration::ZERO;
    for (number, periods) in WAITS.iter().enumerate() {
        let wait = rig.install.polling_period.min(Duration::from_hours(1)) * *periods;
        rig.clock.advance(wait);
        waited += wait;
        let poll = rig.poll().await;
        let poll = rig.expect_well(poll)?;
        rig.setting = format!("idle poll {} after a history of several pages", number + 1);
        expect_nothing_new(&rig, &poll)?;
        expect_states(&rig, &states)?;
        let (requests, rows) = *usual.get_or_insert((poll.usual_requests(), poll.rows()));
        if poll.usual_requests() > bound {
            let what = format!(
                "an idle poll of {accounts} accounts made {} requests; {bound} are enough at this provider",
                poll.usual_requests()
            );
            return Err(rig.failure(what, Vec::new()));
        }
        if (poll.usual_requests(), poll.rows()) != (requests, rows) {
            let what = format!(
                "the first idle poll made {requests} requests and gave {rows} records, a later one {} and {}: there was \
                 nothing new for either",
                poll.usual_requests(),
                poll.rows()
            );
            return Err(rig.failure(what, Vec::new()));
        }
    }
    let requests = usual.map_or(0, |(requests, _)| requests);
    Ok(format!(
        "{} idle polls in {} days: {requests} requests each (at most {bound}), no state moved, so a thousand are the same",
        WAITS.len(),
        waited.as_secs() / 86_400
    ))
}

/// Balances have the time of the poll; nothing else may differ.
fn expect_nothing_new(rig: &Rig, poll: &Poll) -> Result<(), Finding> {
    let moved = poll.streams.iter().find(|stream| stream.changed > 0 && stream.capability != Capability::FetchBalances);
    match moved {
        None => Ok(()),
        Some(stream) => {
            let what = format!(
                "{} of {} records of the stream {} differ from what the same provider gave before",
                stream.changed, stream.rows, stream.key
            );
            Err(rig.failure(what, Vec::new()))
        }
    }
}

fn expect_states(rig: &Rig, states: &BTreeMap<StreamKey, Vec<u8>>) -> Result<(), Finding> {
    match rig.states.iter().find(|(key, state)| states.get(*key) != Some(*state)) {
        None => Ok(()),
        Some((key, state)) => {
            let what = format!(
                "a poll with nothing new should leave the state of {key} as it was; it had {} bytes, and has {} others",
                states.get(key).map_or(0, Vec::len),
                state.len()
            );
            Err(rig.failure(what, Vec::new()))
        }
    }
}

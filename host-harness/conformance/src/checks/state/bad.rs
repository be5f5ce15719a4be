//! S5: states that the connector did not write, or not here, or not now.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::check::{Finding, Outcome};
use crate::moment::Moment;
use crate::rig::{Fault, Rig, ago, case, start};
use crate::subject::Subject;
use model::{Capability, Error, Task};
use sandbox::STATE_BYTES;
use sim::{Bank, Movement};
use store::{Kept, StreamKey};

/// Bits of the connector's own state that are flipped, one at a time.
const FLIPS: usize = 24;

/// How a state came about, which says what must become of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// Nobody's: to be refused as `invalid-state`, or taken for none, so that everything comes from the beginning.
    Nobodys,
    /// It may look like a good one: a typed error of any kind, or whatever is new comes.
    Own,
}

struct Bad {
    words: String,
    state: Vec<u8>,
    origin: Origin,
}

fn bad(words: impl Into<String>, state: impl Into<Vec<u8>>, origin: Origin) -> Bad {
    Bad { words: words.into(), state: state.into(), origin }
}

/// Two accounts and a counterparty, all `later` than usual; gives the first account.
fn stock(bank: &mut dyn Bank, later: TimeDelta) -> String {
    let (account, _) = super::history_until(bank, 2, ago(90) + later);
    let other = bank.open_account("EUR");
    bank.add(&Movement::on(&other, ago(30) + later));
    bank.add_counterparty(ago(200) + later);
    account
}

/// A rig that has polled, at a bank and a host that live `later`.
async fn polled(subject: &Subject, later: TimeDelta) -> Result<(Rig, String), Finding> {
    let mut account = String::new();
    let mut rig = Rig::new(subject, |bank| account = stock(bank, later))?;
    rig.clock.set(start() + later);
    let poll = rig.poll().await;
    rig.expect_well(poll)?;
    Ok((rig, account))
}

/// S5.
pub async fn bad_state(subject: Subject) -> Outcome {
    let (rig, account) = polled(&subject, TimeDelta::zero()).await?;
    let moment = rig.moment();
    if !rig.ledger.accounts.contains_key(&account) {
        return Err(Finding::Inconclusive("the first account was not read: see P1".into()));
    }
    let mut refused = 0;
    let mut tried = 0;
    for task in rig.install.manifest.workflow.clone() {
        // Of the first account, where the task runs for accounts.
        let parents = rig.parents(&task);
        let of_account = |parent: &&Option<Kept>| {
            parent.as_ref().is_none_or(|kept| !kept.is_account || kept.parent.reference == account)
        };
        let Some(parent) = parents.iter().find(of_account).map(Option::as_ref) else { continue };
        let key = rig.key(&task, parent);
        let Some(own) = rig.states.get(&key) else { continue };
        let mut states = nobodys(subject.seed());
        states.extend(damaged(own, subject.seed()));
        states.extend(others(&rig, &key));
        if task.capability == Capability::FetchPayments {
            for days in [90, 64 * 365] {
                let (later, _) = polled(&subject, TimeDelta::days(days)).await?;
                let words = format!("its own, from a provider whose rows are {days} days ahead");
                states.extend(later.states.get(&key).map(|state| bad(words, state.clone(), Origin::Own)));
            }
        }
        for state in &states {
            tried += 1;
            refused += u32::from(trial(&subject, &moment, &account, (&task, parent), state).await?);
        }
    }
    if tried == 0 {
        return Ok("it keeps no state".to_owned());
    }
    Ok(format!("{tried} bad states: {refused} refused with a typed error, the others cost no record"))
}

/// States of no connector, or of another one.
fn nobodys(seed: u64) -> Vec<Bad> {
    let mut random = fastrand::Rng::with_seed(seed);
    let noise: Vec<u8> = (0..300).map(|_| random.u8(..)).collect();
    let letters = vec![b'a'; STATE_BYTES];
    let deep = [vec![b'['; STATE_BYTES / 2], vec![b']'; STATE_BYTES / 2]].concat();
    let other = r#"{"cursor":"2026-05-31T09:00:00Z","page":7,"stream":"transactions","version":2}"#;
    let states: [(&str, Vec<u8>); 9] = [
        ("no byte", Vec::new()),
        ("noise", noise),
        ("`null`", b"null".to_vec()),
        ("`{}`", b"{}".to_vec()),
        ("`[]`", b"[]".to_vec()),
        ("a number", b"1780305600000".to_vec()),
        ("another connector's", other.as_bytes().to_vec()),
        ("64 KiB of letters", letters),
        ("32,768 brackets deep", deep),
    ];
    states.map(|(words, state)| bad(words, state, Origin::Nobodys)).into()
}

/// The connector's own state, cut short or with a bit flipped.
fn damaged(own: &[u8], seed: u64) -> Vec<Bad> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut states = Vec::new();
    for length in [own.len() / 4, own.len() / 2, own.len().saturating_sub(1)] {
        let start = own.get(..length).unwrap_or_default();
        states.push(bad(format!("the first {length} of its {} bytes", own.len()), start, Origin::Own));
    }
    // Spread over the whole of it.
    let bits = own.len() * 8;
    for number in 0..FLIPS.min(bits) {
        let bit = (number * bits / FLIPS + random.usize(..bits.div_ceil(FLIPS))) % bits;
        let mut state = own.to_vec();
        if let Some(byte) = state.get_mut(bit / 8) {
            *byte ^= 1 << (bit % 8);
        }
        states.push(bad(format!("its own with bit {bit} flipped"), state, Origin::Own));
    }
    states
}

/// The states of the other streams.
fn others<'a>(rig: &'a Rig, key: &'a StreamKey) -> impl Iterator<Item = Bad> + 'a {
    let others = rig.states.iter().filter(move |(other, _)| *other != key);
    others.map(|(other, state)| bad(format!("that of {other}"), state.clone(), Origin::Own))
}

/// Gives a stream a state; true when it was refused with a typed error.
async fn trial(
    subject: &Subject,
    moment: &Moment,
    account: &str,
    (task, parent): (&Task, Option<&Kept>),
    bad: &Bad,
) -> Result<bool, Finding> {
    let mut rig = Rig::new(subject, |bank| _ = stock(bank, TimeDelta::zero()))?.at(moment);
    let key = rig.key(task, parent);
    rig.setting = format!("the state of {key} is {}", bad.words);
    rig.states.insert(key, bad.state.clone());
    match bad.origin {
        Origin::Nobodys => forget(&mut rig, task.capability),
        Origin::Own => {
            // So much later that a time which is a little off does not matter, and one far off does.
            let now = if bad.words.contains("ahead") { start() } else { start() + TimeDelta::days(400) };
            rig.clock.set(now + TimeDelta::hours(1));
            rig.sim.with(|bank| add_new(&mut **bank, account, now));
        }
    }
    for _ in 0..2 {
        let stream = rig.stream(task, parent).await;
        match stream.fault {
            None => {}
            Some(fault) => return refusal(&rig, &fault, bad.origin),
        }
        rig.clock.advance(Duration::from_mins(30));
    }
    expect_all(&rig, task.capability, account)?;
    Ok(false)
}

/// A host that has a state must have what it stands for; one whose state is nobody's may have nothing.
fn forget(rig: &mut Rig, capability: Capability) {
    match capability {
        Capability::FetchAccounts => rig.ledger.accounts.clear(),
        Capability::FetchExternalAccounts => rig.ledger.external_accounts.clear(),
        Capability::FetchBalances => rig.ledger.balances.clear(),
        Capability::FetchPayments => rig.ledger.payments.clear(),
        Capability::FetchOthers => rig.ledger.others.clear(),
    }
}

fn add_new(bank: &mut dyn Bank, account: &str, now: DateTime<Utc>) {
    for status in bank.statuses() {
        bank.add(&Movement::on(account, now).status(status).minor(4_711));
    }
    _ = bank.add_counterparty(now);
}

fn refusal(rig: &Rig, fault: &Fault, origin: Origin) -> Result<bool, Finding> {
    let what = match (fault.error(), origin) {
        (Some(Error::InvalidState(_)), _) | (Some(_), Origin::Own) => return Ok(true),
        (Some(error), Origin::Nobodys) => {
            format!(
                "a state that is nobody's should be refused as `invalid-state`, or taken for none; it gave `{}`",
                case(error)
            )
        }
        (None, _) => format!("a bad state should give a typed error, or be taken for none; {fault}"),
    };
    Err(rig.failure(what, Vec::new()))
}

/// The records of this kind are those of the bank, as far as they are on this account.
fn expect_all(rig: &Rig, capability: Capability, account: &str) -> Result<(), Finding> {
    let mut truth = rig.sim.with(|bank| bank.truth());
    truth.payments.retain(|_, payment| capability == Capability::FetchPayments && payment.account == account);
    if capability != Capability::FetchAccounts {
        truth.accounts.clear();
    }
    if capability != Capability::FetchExternalAccounts {
        truth.external_accounts.clear();
    }
    if capability != Capability::FetchBalances {
        truth.balances.clear();
    }
    let mut differences = rig.ledger.payment_differences(&truth, false);
    differences.extend(rig.ledger.account_differences(&truth));
    match differences.first() {
        None => Ok(()),
        Some(first) => {
            let what = format!("the state was taken without an error, and two polls later {first}");
            Err(rig.failure(what, differences))
        }
    }
}

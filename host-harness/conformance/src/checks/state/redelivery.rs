//! S6: a page may be stored twice, late or in parts.

use chrono::{DateTime, Utc};

use crate::check::{Finding, Outcome};
use crate::checks::stock::settled;
use crate::rig::{EVERYTHING, Rig, ago};
use crate::subject::Subject;
use engine::runner::records;
use model::Rejected;
use outside::clock::Clock as _;
use sim::{Bank, Change, Movement};
use store::export::{Format, What, export};
use store::{self, PageRecords, PollStore as _, Store, StreamKey};

/// A page on its way to the store.
#[derive(Clone)]
struct Delivery {
    key: StreamKey,
    records: PageRecords,
    rejected: Vec<Rejected>,
    at: DateTime<Utc>,
    /// As which call of the install it was read.
    reading: u64,
}

fn stock(bank: &mut dyn Bank) -> (String, Vec<String>) {
    let scene = super::history(bank, 2);
    for minutes in [300, 200] {
        bank.add_counterparty(ago(minutes));
    }
    scene
}

/// New payments, and new versions of old ones.
fn meddle(bank: &mut dyn Bank, (account, rows): &(String, Vec<String>), now: DateTime<Utc>, round: u64) {
    bank.add(&Movement::on(account, now).minor(4_000 + round));
    for reference in rows.iter().take(3) {
        bank.change(reference, now, &Change::Label(format!("version {round}")));
    }
    if let Some(reference) = rows.get(1) {
        bank.change(reference, now, &Change::Minor(90_000 + round));
    }
    if let Some(open) = rows.iter().rev().nth(usize::try_from(round).unwrap_or(0)) {
        let status = settled(bank);
        bank.change(open, now, &Change::Status(status));
    }
    _ = bank.add_counterparty(now);
}

/// S6.
pub async fn redelivery(subject: Subject) -> Outcome {
    let mut scene = Default::default();
    let mut rig = Rig::new(&subject, |bank| scene = stock(bank))?;
    let mut pages = Vec::new();
    for round in 0..3 {
        if round > 0 {
            rig.clock.advance(rig.install.polling_period);
            let now = rig.clock.now();
            rig.sim.with(|bank| meddle(&mut **bank, &scene, now, round));
        }
        for call in rig.poll_apart(&EVERYTHING).await? {
            let (records, rejected) = records(call.task.capability, call.fetched.page);
            let key = rig.key(&call.task, call.parent.as_ref());
            let reading = pages.len() as u64 + 1;
            pages.push(Delivery { key, records, rejected, at: call.before.now, reading });
        }
    }
    let once = stored(&pages)?;
    let deliveries = orders(&pages, subject.seed());
    for (words, pages) in &deliveries {
        let other = stored(pages)?;
        if other != once {
            rig.setting = format!("the pages of three polls with edits between them, stored {words}");
            return Err(rig.failure(
                format!("stored {words}, the records are others than stored once, in order"),
                differences(&once, &other),
            ));
        }
    }
    Ok(format!("{} pages, stored {}: the same export", pages.len(), deliveries.map(|(words, _)| words).join(", ")))
}

/// The same pages as they may come.
fn orders(pages: &[Delivery], seed: u64) -> [(&'static str, Vec<Delivery>); 4] {
    let twice = pages.iter().flat_map(|page| [page.clone(), page.clone()]).collect();
    // What leaves is known only once it has come, so pages that say so keep their place.
    let late = |order: &mut dyn FnMut(&mut Vec<Delivery>)| {
        let (fixed, mut free): (Vec<_>, Vec<_>) = pages.iter().cloned().partition(withdraws);
        order(&mut free);
        free.into_iter().chain(fixed).collect::<Vec<_>>()
    };
    let mut random = fastrand::Rng::with_seed(seed);
    let reversed = late(&mut |pages| pages.reverse());
    let shuffled = late(&mut |pages| random.shuffle(pages));
    let split = pages.iter().flat_map(split).collect();
    [("twice each", twice), ("in reverse", reversed), ("shuffled", shuffled), ("record by record", split)]
}

fn withdraws(page: &Delivery) -> bool {
    matches!(&page.records, PageRecords::Payments { withdrawn, .. } if !withdrawn.is_empty())
}

/// One page for each record.
fn split(page: &Delivery) -> Vec<Delivery> {
    let with = |records: PageRecords| Delivery { records, rejected: Vec::new(), ..page.clone() };
    let mut parts: Vec<Delivery> = match &page.records {
        PageRecords::Accounts { kind, items, withdrawn } => {
            let items = items.iter().map(|item| (vec![item.clone()], Vec::new()));
            let withdrawn = withdrawn.iter().map(|one| (Vec::new(), vec![one.clone()]));
            let parts = items.chain(withdrawn);
            parts.map(|(items, withdrawn)| with(PageRecords::Accounts { kind: *kind, items, withdrawn })).collect()
        }
        PageRecords::Others(items) => items.iter().map(|item| with(PageRecords::Others(vec![item.clone()]))).collect(),
        PageRecords::Balances(items) => {
            items.iter().map(|item| with(PageRecords::Balances(vec![item.clone()]))).collect()
        }
        PageRecords::Payments { items, withdrawn } => {
            let items = items.iter().map(|item| (vec![item.clone()], Vec::new()));
            let withdrawn = withdrawn.iter().map(|reference| (Vec::new(), vec![reference.clone()]));
            items.chain(withdrawn).map(|(items, withdrawn)| with(PageRecords::Payments { items, withdrawn })).collect()
        }
    };
    parts
        .extend(page.rejected.iter().map(|row| Delivery { rejected: vec![row.clone()], ..with(empty(&page.records)) }));
    parts
}

fn empty(records: &PageRecords) -> PageRecords {
    match records {
        PageRecords::Accounts { kind, .. } => {
            PageRecords::Accounts { kind: *kind, items: Vec::new(), withdrawn: Vec::new() }
        }
        PageRecords::Others(_) => PageRecords::Others(Vec::new()),
        PageRecords::Balances(_) => PageRecords::Balances(Vec::new()),
        PageRecords::Payments { .. } => PageRecords::Payments { items: Vec::new(), withdrawn: Vec::new() },
    }
}

/// What a store exports after these.
fn stored(pages: &[Delivery]) -> Result<String, Finding> {
    let broken =
        |error: &dyn std::fmt::Display| Finding::Inconclusive(format!("the store does not work here: {error}"));
    let store = Store::in_memory().map_err(|error| broken(&error))?;
    for page in pages {
        let (stream, _) = store.begin_call(&page.key).map_err(|error| broken(&error))?;
        let Delivery { key, records, rejected, at, reading } = page;
        let delivery = store::Delivery {
            key,
            revision: stream.revision,
            reading: *reading,
            at: *at,
            records,
            rejected,
            state: None,
            partial: false,
            asked: false,
        };
        store.commit(&delivery).map_err(|error| broken(&error))?;
        store.settle(key, false, *at).map_err(|error| broken(&error))?;
    }
    let install = pages.first().map_or("", |page| page.key.install.as_str());
    let mut out = Vec::new();
    export(&store, install, What::All, Format::Ndjson, &mut out).map_err(|error| broken(&error))?;
    Ok(String::from_utf8_lossy(&out).into_owned())
}

/// The lines of one that the other has not.
fn differences(once: &str, other: &str) -> Vec<String> {
    let pairs = once.lines().zip(other.lines()).filter(|(one, other)| one != other).take(3);
    pairs.flat_map(|(one, other)| [format!("once: {one}"), format!("then: {other}")]).collect()
}

//! P6: rows that change while they are read.

use chrono::{DateTime, TimeDelta, Utc};

use crate::check::{Finding, Outcome};
use crate::checks::stock::{Rows, settled, unsettled};
use crate::moment::Call;
use crate::rig::{PAGE, Poll, Rig, ago, start};
use crate::subject::Subject;
use model::{Capability, PaymentStatus};
use outside::clock::Clock as _;
use sim::{Bank, Change, Movement};

const POLLED: [Capability; 2] = [Capability::FetchAccounts, Capability::FetchPayments];
/// Requests before which rows change, where they change before every one: whoever reads only forward comes to an end.
const CHASED: u64 = 30;

/// The rows before anything happens, oldest first.
#[derive(Debug, Clone, Default)]
struct Scene {
    account: String,
    settled: Vec<String>,
    others: Vec<String>,
}

fn stock(bank: &mut dyn Bank) -> Scene {
    let account = bank.open_account("EUR");
    let rows = Rows { account: &account, count: PAGE + 3, last: ago(150), apart: TimeDelta::minutes(10) };
    let first = settled(bank);
    let settled = rows.add(bank, first);
    let mut others = Vec::new();
    for (status, count) in unsettled(bank).into_iter().zip([PAGE + 1, 2]) {
        others.extend(Rows { count, last: ago(149), ..rows }.add(bank, status));
    }
    Scene { account, settled, others }
}

/// What happens at the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meddling {
    Insert,
    InsertLate,
    Remove,
    Edit,
    Flip,
    Reorder,
}

const MEDDLING: [(Meddling, &str); 6] = [
    (Meddling::Insert, "a payment of each status is made"),
    (Meddling::InsertLate, "a payment of each status shows late"),
    (Meddling::Remove, "the oldest payments are removed"),
    (Meddling::Edit, "the oldest payment is edited"),
    (Meddling::Flip, "payments change their status"),
    (Meddling::Reorder, "a page of payments is edited, the newest first"),
];

impl Meddling {
    fn act(self, bank: &mut dyn Bank, scene: &Scene, now: DateTime<Utc>) {
        let lag = TimeDelta::from_std(bank.lag()).unwrap_or_default();
        let edit = |bank: &mut dyn Bank, reference: &str, at| {
            _ = bank.change(reference, at, &Change::Label("changed meanwhile".to_owned()));
        };
        match self {
            Self::Insert | Self::InsertLate => {
                let at = if self == Self::Insert { now } else { now - lag / 2 };
                for status in bank.statuses() {
                    bank.add(&Movement::on(&scene.account, at).status(status).minor(4_711));
                }
            }
            Self::Remove => {
                for reference in scene.settled.iter().take(3).chain(scene.others.first()) {
                    bank.remove(reference);
                }
            }
            Self::Edit => scene.settled.iter().take(1).for_each(|reference| edit(bank, reference, now)),
            Self::Flip => flip(bank, scene, now),
            Self::Reorder => {
                for (place, reference) in scene.settled.iter().rev().take(PAGE as usize).enumerate() {
                    edit(bank, reference, now - TimeDelta::milliseconds(40 - i64::try_from(place).unwrap_or(0)));
                }
            }
        }
    }
}

/// What was open is settled, or fails.
fn flip(bank: &mut dyn Bank, scene: &Scene, now: DateTime<Utc>) {
    let end = unsettled(bank).into_iter().find(|status| *status != PaymentStatus::Pending);
    if let Some(reference) = scene.others.first() {
        bank.change(reference, now, &Change::Status(settled(bank)));
    }
    if let (Some(reference), Some(end)) = (scene.others.get(1), end) {
        bank.change(reference, now, &Change::Status(end));
    }
}

/// P6.
pub async fn mutate_mid_scan(subject: Subject) -> Outcome {
    let calls = Rig::new(&subject, |bank| _ = stock(bank))?.poll_apart(&POLLED).await?;
    let mut trials = 0;
    for call in &calls {
        for within in 1..=u64::from(call.requests) {
            for (meddling, words) in MEDDLING {
                let setting =
                    format!("right before request {} of the first poll, {words}", call.requests_before + within);
                before_request(&subject, call, within, meddling).await.map_err(|finding| set(finding, &setting))?;
                trials += 1;
            }
        }
    }
    let chased = [
        (Meddling::Edit, "before every request the oldest payment left is edited"),
        (Meddling::Insert, "before every request a payment of each status is made"),
        (Meddling::Remove, "before every request the oldest payment left is removed"),
    ];
    for (meddling, words) in chased {
        chase(&subject, meddling).await.map_err(|finding| set(finding, words))?;
    }
    Ok(format!("{trials} places and changes, pages of {PAGE}; and changes before each of {CHASED} requests"))
}

fn set(finding: Finding, setting: &str) -> Finding {
    match finding {
        Finding::Fail(mut evidence) => {
            setting.clone_into(&mut evidence.setting);
            Finding::Fail(evidence)
        }
        other => other,
    }
}

/// The change comes right before request number `within` of this call.
async fn before_request(subject: &Subject, call: &Call, within: u64, meddling: Meddling) -> Result<(), Finding> {
    let mut scene = Scene::default();
    let mut rig = Rig::new(subject, |bank| scene = stock(bank))?.at(&call.before);
    rig.sim.before(within, move |bank| meddling.act(&mut **bank, &scene, start()));
    let key = rig.key(&call.task, call.parent.as_ref());
    let poll = rig.poll_from(&POLLED, &key).await;
    quieten(&mut rig, &poll).await
}

/// A change before each of the first requests.
async fn chase(subject: &Subject, meddling: Meddling) -> Result<(), Finding> {
    let mut scene = Scene::default();
    let mut rig = Rig::new(subject, |bank| scene = stock(bank))?;
    let clock = rig.clock.clone();
    rig.sim.before_each(move |bank, number| {
        if number > CHASED {
            return;
        }
        clock.advance(std::time::Duration::from_millis(20));
        meddling.act(&mut **bank, &scene, clock.now());
        match meddling {
            Meddling::Edit => scene.settled.rotate_left(1),
            // All three that were removed; the last payments stay.
            Meddling::Remove => drop(scene.settled.drain(..scene.settled.len().saturating_sub(2).min(3))),
            _ => {}
        }
    });
    let poll = rig.poll_only(&POLLED).await;
    quieten(&mut rig, &poll).await
}

/// Nothing changes any more: a poll later, all must be there. A connector may have asked for another poll with a typed
/// error; whatever else ends a poll is its fault.
async fn quieten(rig: &mut Rig, poll: &Poll) -> Result<(), Finding> {
    if poll.failed().and_then(|stream| stream.fault.as_ref()).is_some_and(|fault| !fault.is_typed()) {
        rig.expect_well(poll.clone())?;
    }
    rig.sim.calm();
    rig.clock.advance(rig.install.polling_period);
    rig.settle().await?;
    rig.expect_payments("after the poll with the changes and a quiet one")
}

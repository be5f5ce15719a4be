//! P1, S1 and N1 on a recording, and how a recording is read.

use std::any::Any;

use crate::check::{Finding, Outcome};
use crate::ledger::Ledger;
use crate::rig::{EVERYTHING, Rig};
use crate::subject::Subject;
use model::{Error, Task};
use sandbox::{CallError, Fetch};
use store::Kept;

use super::bank::RecordedBank;

/// Calls that a stream may take.
const PATIENCE: u32 = 1_000;
/// Calls of one stream that may fail.
const FAILURES: u32 = 8;
/// Differences that are shown.
const SHOWN: usize = 12;

/// What is done about a call that failed; an error ends the reading.
pub(super) type Judge<'a> = &'a mut (dyn FnMut(&Rig, &CallError) -> Result<(), Finding> + Send);

/// A connector at the beginning of the recording.
pub(super) fn rig(subject: &Subject, setting: impl Into<String>) -> Result<Rig, Finding> {
    Ok(Rig::new(subject, |_| ())?.setting(setting))
}

/// Looks at the recording.
fn recorded<R>(rig: &Rig, look: impl FnOnce(&RecordedBank) -> R) -> Option<R> {
    rig.sim.with(|bank| (&**bank as &dyn Any).downcast_ref::<RecordedBank>().map(look))
}

/// Exchanges that were disturbed so far.
fn disturbed(rig: &Rig) -> usize {
    rig.sim.log().iter().filter(|logged| !logged.faults.is_empty()).count()
}

/// One call, committed if it gave all that it should; whether more is to come.
async fn page(rig: &mut Rig, task: &Task, parent: Option<&Kept>, what: &Fetch) -> Result<bool, CallError> {
    let before = disturbed(rig);
    let called = rig.make(task, parent, what, rig.connector.limits()).await;
    let fetched = called.result?;
    // What the credentials do not lead to is told, and no fault: unless it was made to look so.
    let made = disturbed(rig) > before;
    let gap = fetched.page.gaps().iter().find(|gap| made || !matches!(gap.error, Error::Forbidden(_)));
    if let Some(gap) = gap {
        return Err(CallError::Connector { error: gap.error.clone(), failure: None });
    }
    rig.commit_of(task, parent, what, &fetched);
    Ok(matches!(what, Fetch::Page(_)) && fetched.page.has_more())
}

/// Reads a stream to its end. What fails is told, and made again once nothing disturbs it: as after a death of the host,
/// from the state that was committed last.
async fn stream(rig: &mut Rig, task: &Task, parent: Option<&Kept>, judge: Judge<'_>) -> Result<(), Finding> {
    let since = rig.ledger.pages();
    let (mut calls, mut failures) = (0, 0);
    let mut wanted = vec![Fetch::Page(task.capability)];
    let mut followed = false;
    while let Some(what) = wanted.last().cloned() {
        calls += 1;
        match page(rig, task, parent, &what).await {
            Ok(true) => {}
            Ok(false) => _ = wanted.pop(),
            Err(error) => {
                judge(rig, &error)?;
                rig.sim.calm();
                failures += 1;
            }
        }
        if calls > PATIENCE || failures > FAILURES {
            let key = rig.key(task, parent);
            let what = format!(
                "the stream {key} should come to its end; after {calls} calls, {failures} of them failed, it has not"
            );
            return Err(rig.failure(what, Vec::new()));
        }
        if wanted.is_empty() && !followed {
            followed = true;
            wanted = rig.follow_ups(task, parent, since);
        }
    }
    Ok(())
}

/// Reads everything, from the roots down.
pub(super) async fn read(rig: &mut Rig, judge: Judge<'_>) -> Result<(), Finding> {
    for task in rig.tasks_of(&EVERYTHING) {
        for parent in rig.parents(&task) {
            stream(rig, &task, parent.as_ref(), judge).await?;
        }
    }
    Ok(())
}

/// Reads the recording as it is.
///
/// # Errors
/// Inconclusive: it cannot be read so, which is for P1 to judge.
pub(super) async fn undisturbed(subject: &Subject) -> Result<Rig, Finding> {
    let mut rig = rig(subject, "the recording as it is")?;
    let open = |why: &str| Finding::Inconclusive(format!("{why}: see P1"));
    let read = read(&mut rig, &mut |_, _| Err(open("the recording is not read to its end"))).await;
    if recorded(&rig, |bank| !bank.missed.is_empty()).unwrap_or_default() {
        return Err(open("the connector asks for what was not recorded"));
    }
    read.map(|()| rig)
}

/// In what two readings differ: kind and reference of each record.
pub(super) fn differences(found: &Ledger, wanted: &Ledger) -> Vec<String> {
    fn of<K: Ord + std::fmt::Debug, V: PartialEq>(
        kind: &str,
        found: &std::collections::BTreeMap<K, V>,
        wanted: &std::collections::BTreeMap<K, V>,
    ) -> Vec<String> {
        let missing = wanted.iter().filter_map(|(key, value)| match found.get(key) {
            None => Some(format!("{kind} {key:?} is missing")),
            Some(other) if other != value => Some(format!("{kind} {key:?} is another")),
            Some(_) => None,
        });
        let surplus = found.keys().filter(|key| !wanted.contains_key(key));
        missing.chain(surplus.map(|key| format!("{kind} {key:?} is not in the recording"))).collect()
    }
    let mut all = of("account", &found.accounts, &wanted.accounts);
    all.extend(of("external account", &found.external_accounts, &wanted.external_accounts));
    all.extend(of("other", &found.others, &wanted.others));
    all.extend(of("balance", &found.balances, &wanted.balances));
    all.extend(of("payment", &found.payments, &wanted.payments));
    all.extend(of("rejected row", &found.rejected, &wanted.rejected));
    all.truncate(SHOWN);
    all
}

/// Expects a reading to have come to what the undisturbed one came to.
pub(super) fn expect_same(rig: &Rig, wanted: &Rig, when: &str) -> Result<(), Finding> {
    let differences = differences(&rig.ledger, &wanted.ledger);
    match differences.first() {
        None => Ok(()),
        Some(first) => Err(rig.failure(format!("{when}, {first}"), differences)),
    }
}

/// P1.
pub(super) async fn complete(subject: Subject) -> Outcome {
    let mut rig = rig(&subject, "the recording as it is")?;
    let read = read(&mut rig, &mut |rig, error| Err(rig.failure(format!("a call failed: {error}"), Vec::new()))).await;
    let missed = recorded(&rig, |bank| bank.missed.clone()).unwrap_or_default();
    if let Some(first) = missed.first() {
        return Err(Finding::Inconclusive(format!(
            "the connector asks for what was not recorded, with this config: {first}"
        )));
    }
    read?;
    let ledger = &rig.ledger;
    let counted = format!(
        "{} accounts, {} external accounts, {} balances, {} payments, {} rejected rows",
        ledger.accounts.len(),
        ledger.external_accounts.len(),
        ledger.balances.len(),
        ledger.payments.len(),
        ledger.rejected.len()
    );
    if ledger.accounts.is_empty() && ledger.payments.is_empty() && ledger.others.is_empty() {
        return Err(rig.failure("the recording was read to its end, and no record came of it", Vec::new()));
    }
    let unused = recorded(&rig, RecordedBank::unused).unwrap_or_default();
    match unused.first() {
        None => Ok(format!("{counted}; every exchange was asked for")),
        Some(first) => {
            Err(Finding::Warn(format!("{counted}; {} exchanges were never asked for: {first}", unused.len())))
        }
    }
}

/// S1.
pub(super) async fn crashes(subject: Subject) -> Outcome {
    let whole = undisturbed(&subject).await?;
    let mut rig = rig(&subject, "the host dies after each call, before it has committed what came")?;
    let mut calls = 0_u32;
    for task in rig.tasks_of(&EVERYTHING) {
        for parent in rig.parents(&task) {
            let mut more = true;
            while more {
                // Made and lost.
                rig.call(&task, parent.as_ref()).await;
                calls += 1;
                if calls > PATIENCE {
                    return Err(rig.failure("the poll should come to its end, and has not", Vec::new()));
                }
                let again = page(&mut rig, &task, parent.as_ref(), &Fetch::Page(task.capability)).await;
                more = again.map_err(|error| {
                    rig.failure(
                        format!("a call that was made once more, from the same state, failed: {error}"),
                        Vec::new(),
                    )
                })?;
            }
        }
    }
    expect_same(&rig, &whole, "after a death at each call")?;
    Ok(format!("{calls} deaths, each before a commit"))
}

/// N1.
pub(super) async fn deterministic(subject: Subject) -> Outcome {
    let one = undisturbed(&subject).await?;
    let other = undisturbed(&subject).await?;
    expect_same(&other, &one, "in a second reading")?;
    if one.states != other.states {
        return Err(other.failure("two readings of one recording left different states", Vec::new()));
    }
    // Those in flight at once have no order.
    let asked = |rig: &Rig| {
        let mut urls: Vec<_> = rig.sim.log().into_iter().map(|logged| logged.url).collect();
        urls.sort();
        urls
    };
    if asked(&one) != asked(&other) {
        return Err(other.failure("two readings of one recording asked for different things", Vec::new()));
    }
    Ok(format!("{} requests, {} states, twice the same", one.sim.requests(), one.states.len()))
}

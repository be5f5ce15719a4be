//! K5: a list that a host may take for the whole.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::check::{Finding, Outcome};
use crate::rig::{PAGE, Rig, ago};
use crate::subject::Subject;
use crate::walk::{self, Step};
use outside::clock::Clock as _;
use sandbox::Page;
use sim::{Bank, Truth};
use store::StreamKey;

/// Polls, and what happens before each.
const POLLS: [News; 6] = [News::Nothing, News::Nothing, News::Changed, News::Added, News::Nothing, News::Removed];
/// Longer than a task may want between two polls.
const DAY: Duration = Duration::from_hours(25);

/// What happens to an account and to a counterparty. No bank takes an account away.
#[derive(Debug, Clone, Copy)]
enum News {
    Nothing,
    Changed,
    Added,
    Removed,
}

/// More than a page of accounts and of counterparties.
fn stock(bank: &mut dyn Bank) {
    for number in 0..i64::from(PAGE) + 2 {
        bank.open_account("EUR");
        bank.add_counterparty(ago(900 - number));
    }
}

impl News {
    fn happens(self, rig: &Rig) {
        let now = rig.clock.now();
        rig.sim.with(|bank| {
            let truth = bank.truth();
            let (account, person) = (truth.accounts.keys().next(), truth.external_accounts.keys().next());
            let (account, person) = (account.map_or("", |one| one), person.map_or("", |one| one));
            match self {
                Self::Nothing => {}
                Self::Changed => {
                    bank.set_balance(account, "4711", "4700");
                    bank.change_counterparty(person, now);
                }
                Self::Added => {
                    bank.open_account("EUR");
                    bank.add_counterparty(now);
                }
                Self::Removed => _ = bank.remove_counterparty(person),
            }
        });
    }
}

/// What the calls of a poll reported; none where it was no complete one, so that its host draws nothing from it.
fn reported(steps: &[Step]) -> Option<BTreeSet<String>> {
    let page = |step: &'_ Step| step.result.as_ref().ok().map(|fetched| fetched.page.clone());
    let pages: Vec<Page> = steps.iter().map(page).collect::<Option<_>>()?;
    if pages.iter().any(|page| !page.gaps().is_empty()) {
        return None;
    }
    let references = pages.iter().flat_map(|page| match page {
        Page::Accounts(page) => page.items.iter().map(|item| item.reference.clone()).collect::<Vec<_>>(),
        Page::Others(page) => page.items.iter().map(|item| item.reference.clone()).collect(),
        Page::Balances(_) | Page::Payments(_) => Vec::new(),
    });
    Some(references.collect())
}

fn is_there(truth: &Truth, reference: &String) -> bool {
    truth.accounts.contains_key(reference)
        || truth.external_accounts.contains_key(reference)
        || truth.others.contains_key(reference)
}

/// Runs it.
pub(super) async fn snapshot(subject: Subject) -> Outcome {
    let mut rig = Rig::new(&subject, stock)?;
    let workflow = rig.install.manifest.workflow.clone();
    if !workflow.iter().any(|task| task.snapshot) {
        return Ok("no task declares `snapshot`, so its host takes nothing for gone".into());
    }
    let mut known: BTreeMap<StreamKey, BTreeSet<String>> = BTreeMap::new();
    let mut lists = 0;
    for (number, news) in (1..).zip(POLLS) {
        news.happens(&rig);
        rig.setting = format!("poll {number} of {}, before it: {news:?}", POLLS.len());
        for task in &workflow {
            for parent in rig.parents(task) {
                let mut steps = Vec::new();
                walk::stream(&mut rig, task, parent.as_ref(), &mut steps).await;
                if !task.snapshot {
                    continue;
                }
                let Some(here) = reported(&steps) else { continue };
                lists += 1;
                let key = rig.key(task, parent.as_ref());
                expect_whole(&rig, &key, known.get(&key), &here)?;
                known.insert(key, here);
            }
        }
        rig.clock.advance(DAY);
    }
    if lists == 0 {
        return Err(Finding::Inconclusive("no poll of a task that declares `snapshot` was a complete one".into()));
    }
    Ok(format!("{lists} complete polls of tasks that declare `snapshot`: each reported all that there is"))
}

/// Expects what the stream reported before, and the provider still has.
fn expect_whole(
    rig: &Rig,
    key: &StreamKey,
    before: Option<&BTreeSet<String>>,
    here: &BTreeSet<String>,
) -> Result<(), Finding> {
    let truth = rig.sim.with(|bank| bank.truth());
    let missing = before.into_iter().flatten().filter(|one| !here.contains(*one) && is_there(&truth, one));
    let missing: Vec<String> = missing.map(|one| format!("{one} is there, and was not reported")).collect();
    match missing.first() {
        None => Ok(()),
        Some(first) => Err(rig.failure(
            format!(
                "a complete poll of {key} leaves out {} records, so that its host takes them for gone: {first}",
                missing.len()
            ),
            missing.clone(),
        )),
    }
}

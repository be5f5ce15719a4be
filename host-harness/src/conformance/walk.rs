//! A poll with every call kept, for checks that look at calls rather than at what was committed.

use super::check::Finding;
use super::rig::Rig;
use crate::contract::{Account, Task};
use crate::sandbox::{CallError, Fetched, Page, Report};

/// One call, and all that came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its stream, as text.
    pub stream: String,
    /// What the connector returned, with the state that it set.
    pub result: Result<Fetched<Page>, CallError>,
    /// What it cost, and what it said meanwhile.
    pub report: Report,
}

/// Polls every stream once, as [`Rig::poll`] does, and keeps each call. A stream ends with its first failed call.
pub async fn walk(rig: &mut Rig) -> Vec<Step> {
    let mut steps = Vec::new();
    for task in rig.install.manifest.workflow.clone() {
        if task.parent.is_none() {
            stream(rig, &task, None, &mut steps).await;
            continue;
        }
        for account in rig.accounts() {
            stream(rig, &task, Some(&account), &mut steps).await;
        }
    }
    steps
}

/// As [`walk`], and expects every call to be well.
///
/// # Errors
/// Fail: one was not.
pub async fn walk_well(rig: &mut Rig) -> Result<Vec<Step>, Finding> {
    let steps = walk(rig).await;
    match steps.iter().find_map(|step| step.result.as_ref().err().map(|error| (&step.stream, error))) {
        Some((stream, error)) => Err(rig.failure(format!("the stream {stream} failed: {error}"), Vec::new())),
        None => Ok(steps),
    }
}

/// Polls one stream, and keeps each call.
pub async fn stream(rig: &mut Rig, task: &Task, parent: Option<&Account>, steps: &mut Vec<Step>) {
    for _ in 0..rig.patience {
        let Some(called) = rig.call(task, parent).await else { return };
        let mut more = false;
        if let Ok(fetched) = &called.result {
            rig.commit(task, parent, fetched);
            more = fetched.page.has_more();
        }
        let stream = rig.key(task, parent).to_string();
        steps.push(Step { stream, result: called.result, report: called.report });
        if !more {
            return;
        }
    }
}

/// The streams that there are once the accounts are known: tasks with their parents.
#[must_use]
pub fn streams(rig: &Rig) -> Vec<(Task, Option<Account>)> {
    let accounts = rig.accounts();
    let of = |task: &Task| match task.parent {
        None => vec![(task.clone(), None)],
        Some(_) => accounts.iter().map(|account| (task.clone(), Some(account.clone()))).collect(),
    };
    rig.install.manifest.workflow.iter().flat_map(of).collect()
}

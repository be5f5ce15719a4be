//! A poll with every call kept, for checks that look at calls rather than at what was committed.

use super::check::Finding;
use super::evidence::readable;
use super::leaks::texts;
use super::rig::{Fault, Rig};
use model::Task;
use outside::transport::Request;
use sandbox::{CallError, Fetch, Fetched, Page, Report};
use store::Kept;

/// One call, and all that came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its stream, as text.
    pub stream: String,
    /// What the connector returned, with the state that it set.
    pub result: Result<Fetched<Page>, CallError>,
    /// What it cost, and what it said meanwhile.
    pub report: Report,
    /// The requests that it made, less those that the host refused.
    pub requests: Vec<Request>,
}

/// The requests of a call that has just ended, less those that the host refused.
#[must_use]
pub fn requests_of(rig: &Rig, report: &Report) -> Vec<Request> {
    let made = usize::try_from(report.requests).unwrap_or(usize::MAX);
    rig.tape.latest(made.saturating_sub(usize::try_from(report.refused.count).unwrap_or(usize::MAX)))
}

/// Polls every stream that is due once, as [`Rig::poll`] does, and keeps each call. A stream ends with its first failed
/// call.
pub async fn walk(rig: &mut Rig) -> Vec<Step> {
    let mut steps = Vec::new();
    for task in rig.install.manifest.workflow.clone() {
        for parent in rig.parents(&task) {
            if rig.is_due(&task, parent.as_ref()) {
                stream(rig, &task, parent.as_ref(), &mut steps).await;
            }
        }
    }
    steps
}

/// Expects a poll to have given something: where nothing came, or nobody was asked, nothing that is seen of it proves
/// anything.
///
/// # Errors
/// Inconclusive: no call gave a page, or none made a request.
pub fn expect_some(steps: &[Step]) -> Result<(), Finding> {
    if !steps.is_empty() && steps.iter().all(|step| step.report.requests == 0) {
        return Err(Finding::Inconclusive("a poll made no request, so nothing was put to the test".into()));
    }
    match steps.iter().find_map(|step| step.result.as_ref().err()) {
        Some(error) if steps.iter().all(|step| step.result.is_err()) => Err(unfit(error)),
        _ => Ok(()),
    }
}

/// Expects every call to have stayed within its limits; where one failed for another reason, that is for other checks.
///
/// # Errors
/// Fail: one went beyond a limit. Inconclusive: one failed otherwise.
pub fn expect_within(rig: &Rig, steps: &[Step]) -> Result<(), Finding> {
    for step in steps {
        match &step.result {
            Err(CallError::Exceeded(exceeded)) => {
                return Err(rig.failure(format!("a call of {} was stopped: {exceeded}", step.stream), Vec::new()));
            }
            Err(error) => return Err(unfit(error)),
            Ok(_) => {}
        }
    }
    Ok(())
}

fn unfit(error: &CallError) -> Finding {
    Finding::Inconclusive(format!("an ordinary poll fails, so that nothing can be seen of it: {error}"))
}

/// Makes a failure inconclusive, where it is one of an ordinary poll that a check only builds on.
///
/// # Errors
/// What the outcome was, less the failure.
pub fn premise<T>(outcome: Result<T, Finding>) -> Result<T, Finding> {
    outcome.map_err(|finding| match finding {
        Finding::Fail(evidence) => {
            Finding::Inconclusive(format!("an ordinary poll does not go well: {}", evidence.what))
        }
        other => other,
    })
}

/// Polls one stream, and keeps each call.
pub async fn stream(rig: &mut Rig, task: &Task, parent: Option<&Kept>, steps: &mut Vec<Step>) {
    let (since, first) = (rig.ledger.pages(), steps.len());
    for _ in 0..rig.patience {
        match step(rig, task, parent, &Fetch::Page(task.capability), steps).await {
            None => return,
            Some(true) => {}
            Some(false) => break,
        }
    }
    let mut pages = steps.iter().skip(first).filter_map(|step| step.result.as_ref().ok());
    if pages.find_map(|fetched| Fault::of_gaps(fetched.page.gaps())).is_none() {
        rig.complete(task, parent);
    }
    for what in rig.follow_ups(task, parent, since) {
        step(rig, task, parent, &what, steps).await;
    }
}

/// One call, kept; whether there are more, none when it failed.
async fn step(rig: &mut Rig, task: &Task, parent: Option<&Kept>, what: &Fetch, steps: &mut Vec<Step>) -> Option<bool> {
    let called = rig.make(task, parent, what, rig.connector.limits()).await;
    let more = called.result.as_ref().ok().map(|fetched| fetched.page.has_more());
    if let Ok(fetched) = &called.result {
        rig.commit_of(task, parent, what, fetched);
    }
    let stream = rig.key(task, parent).to_string();
    let requests = requests_of(rig, &called.report);
    steps.push(Step { stream, result: called.result, report: called.report, requests });
    more
}

/// The streams that there are once the accounts are known: tasks with their parents.
#[must_use]
pub fn streams(rig: &Rig) -> Vec<(Task, Option<Kept>)> {
    let of = |task: &Task| rig.parents(task).into_iter().map(|parent| (task.clone(), parent)).collect::<Vec<_>>();
    rig.install.manifest.workflow.iter().flat_map(of).collect()
}

/// How the calls of two polls differ, in words and in lines. What they cost and what they logged is not compared.
#[must_use]
pub fn difference(wanted: &[Step], found: &[Step]) -> Option<(String, Vec<String>)> {
    let differing = (1..).zip(wanted.iter().zip(found)).find_map(|(number, (wanted, found))| {
        if wanted.stream != found.stream {
            let what = format!("call {number} was one of {}, not of {}", found.stream, wanted.stream);
            return Some((what, Vec::new()));
        }
        let (what, lines) = requests_differ(&wanted.requests, &found.requests)
            .or_else(|| results_differ(&wanted.result, &found.result))?;
        Some((format!("call {number}, of {}, {what}", found.stream), lines))
    });
    differing.or_else(|| {
        let what = || format!("{} calls were made, not {}", found.len(), wanted.len());
        (wanted.len() != found.len()).then(|| (what(), Vec::new()))
    })
}

fn results_differ(
    wanted: &Result<Fetched<Page>, CallError>,
    found: &Result<Fetched<Page>, CallError>,
) -> Option<(String, Vec<String>)> {
    let (what, lines) = match (wanted, found) {
        (a, b) if a == b => return None,
        (Ok(a), Ok(b)) if a.page == b.page => {
            ("left another state", [a, b].map(|fetched| readable(fetched.state.as_deref())).to_vec())
        }
        (Ok(a), Ok(b)) => ("returned another page", pages_differ(&a.page, &b.page)),
        (a, b) => ("ended otherwise", vec![ended(a), ended(b)]),
    };
    Some((what.to_owned(), lines))
}

fn ended(result: &Result<Fetched<Page>, CallError>) -> String {
    match result {
        Ok(fetched) => format!("a page of {} records", fetched.page.len()),
        Err(error) => error.to_string(),
    }
}

/// The first texts in which two pages differ.
fn pages_differ(wanted: &Page, found: &Page) -> Vec<String> {
    let (wanted, found) = (texts(wanted), texts(found));
    let pairs = wanted.iter().zip(&found).filter(|(a, b)| a != b);
    pairs.take(3).map(|((field, a), (_, b))| format!("{field}: “{a}”, then “{b}”")).collect()
}

/// How the requests of two calls differ, as [`difference`]. The order does not matter: of those that are under way at the
/// same time it is chance which comes first.
#[must_use]
pub fn requests_differ(wanted: &[Request], found: &[Request]) -> Option<(String, Vec<String>)> {
    if wanted.len() != found.len() {
        return Some((format!("made {} requests, not {}", found.len(), wanted.len()), Vec::new()));
    }
    let sorted = |requests: &[Request]| {
        let mut requests = requests.to_vec();
        requests.sort_by_cached_key(|request| (request.url.to_string(), request.method.to_string()));
        requests
    };
    let (wanted, found) = sorted(wanted).into_iter().zip(sorted(found)).find(|(wanted, found)| wanted != found)?;
    let lines = [wanted, found].map(|request| {
        let headers = request
            .headers
            .iter()
            .map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value.as_bytes())));
        format!("{} {} {}", request.method, request.url, headers.collect::<Vec<_>>().join(", "))
    });
    Some(("made another request".to_owned(), lines.to_vec()))
}

//! Q6: Qonto's limits, and its lock on those who come back with a wrong key.

use std::time::Duration;

use chrono::TimeDelta;

use super::desk::{expect_whole, open, rig, rig_with, rows, with};
use crate::{QontoWorld, RetryAfter};
use conformance::check::{Finding, Outcome};
use conformance::rig::{Rig, ago, case};
use conformance::subject::Subject;
use engine::install::Described;
use model::{Error, RateLimit, RateScope};
use outside::config::Terms;
use sandbox::{CallError, Fetched, Page};

/// What Qonto documents: so many requests in so many seconds, from one address.
const DOCUMENTED: [(u32, u32); 2] = [(1_000, 10), (10_000, 600)];
/// The trial is made with a hundredth of them, so that some hundred requests show it.
const SCALE: u32 = 100;

/// The manifest must name limits within Qonto's: the host keeps to what is named.
fn expect_declared(subject: &Subject) -> Result<(), Finding> {
    let limits = &subject.manifest()?.rate_limits;
    for (requests, seconds) in DOCUMENTED {
        let keeps = |limit: &RateLimit| most(*limit, seconds) <= u64::from(requests);
        if !limits.iter().any(keeps) {
            let what = format!(
                "the manifest's rate limits allow more than {requests} requests in {seconds} s, which Qonto answers with 429"
            );
            return conformance::check::fail(what);
        }
    }
    Ok(())
}

/// The most requests that a limit lets pass in so many seconds.
fn most(limit: RateLimit, seconds: u32) -> u64 {
    u64::from(limit.requests) * u64::from(seconds.div_ceil(limit.window_seconds.max(1)))
}

fn stock(world: &mut QontoWorld) {
    for _ in 0..3 {
        let account = open(world);
        rows(world, &account, "completed", 12, ago(600), TimeDelta::minutes(1));
    }
}

/// The connector under the host's limiter, at a Qonto with the same limits: no request is refused, no row lost.
async fn keeps_the_limits(subject: &Subject) -> Result<usize, Finding> {
    let mut manifest = subject.manifest()?.clone();
    manifest.rate_limits = DOCUMENTED
        .map(|(requests, window_seconds)| RateLimit {
            requests: requests / SCALE,
            window_seconds,
            scope: RateScope::Address,
        })
        .to_vec();
    let config = serde_json::Value::Object(subject.bank().config()).to_string();
    let unfit = |error: &dyn std::fmt::Display| Finding::Inconclusive(error.to_string());
    let described = Described::new(subject.connector()?.clone(), manifest).map_err(|error| unfit(&error))?;
    let install = described.install(&config, &Terms::default()).map_err(|error| unfit(&error))?;
    let mut rig = rig_with(subject, install, |world| {
        world.dialect.documented_rate_limits();
        world.dialect.retry_after = RetryAfter::Seconds;
        for limit in &mut world.dialect.rate_limits {
            limit.requests /= SCALE as usize;
        }
        stock(world);
    })?
    .pages_of(2)
    .setting(format!("a hundredth of Qonto's rate limits: {} requests in 10 s; pages of 2", DOCUMENTED[0].0 / SCALE));
    let poll = rig.poll().await;
    let log = rig.sim.take_log();
    let window = (DOCUMENTED[0].0 / SCALE) as usize;
    if log.len() <= window {
        return Err(Finding::Inconclusive(format!("{} requests do not reach the limit of {window}", log.len())));
    }
    if let Some(refused) = log.iter().find(|one| one.status.is_some_and(|status| status == 429)) {
        return Err(rig.failure(format!("request {} was one too many for Qonto", refused.number), Vec::new()));
    }
    let crowded = log.windows(window + 1).find(|w| w[window].at - w[0].at < TimeDelta::seconds(10));
    if let Some(crowded) = crowded {
        let what = format!("{} requests within 10 s from request {} on", window + 1, crowded[0].number);
        return Err(rig.failure(what, Vec::new()));
    }
    rig.expect_well(poll)?;
    expect_whole(&rig, "after a poll under rate limits")?;
    Ok(log.len())
}

/// A wrong key: each call asks once, or once more to see that it is the key and not one list, and says `unauthorized`, so
/// that the host can stop before Qonto locks the address.
async fn wrong_key(subject: &Subject) -> Result<u32, Finding> {
    let mut rig = rig(subject, stock)?.setting("a key that is no longer accepted");
    let poll = rig.poll().await;
    rig.expect_well(poll)?;
    let secret = with(&rig, |world| std::mem::replace(&mut world.secret, "another".to_owned()))?;
    rig.clock.advance(Duration::from_mins(30));
    let mut calls = 0;
    let checked = rig.check().await;
    expect_unauthorized(&rig, "check", checked.report.requests, checked.result.err())?;
    for task in rig.install.manifest.workflow.clone() {
        for parent in rig.parents(&task) {
            let called = rig.call(&task, parent.as_ref()).await;
            // Balances come with their account, without a request.
            if called.report.requests == 0 {
                continue;
            }
            calls += 1;
            // Of a list that Qonto refuses to keys as a rule, a refusal says nothing of the key.
            if task.min_period_seconds > 0 && called.report.requests <= 2 && is_one_gap(&called.result) {
                continue;
            }
            expect_unauthorized(&rig, &task.name, called.report.requests, called.result.err())?;
        }
    }
    with(&rig, |world| world.secret = secret)?;
    let poll = rig.poll().await;
    rig.expect_well(poll)?;
    expect_whole(&rig, "when the key is accepted again")?;
    Ok(calls + 1)
}

fn is_one_gap(result: &Result<Fetched<Page>, CallError>) -> bool {
    result.as_ref().is_ok_and(|fetched| fetched.page.is_empty() && fetched.page.gaps().len() == 1)
}

fn expect_unauthorized(rig: &Rig, what: &str, requests: u32, error: Option<CallError>) -> Result<(), Finding> {
    let fails = |problem: String| Err(rig.failure(format!("{what} with a wrong key {problem}"), Vec::new()));
    match error {
        Some(CallError::Connector { error: Error::Unauthorized(_), .. }) if requests <= 2 => Ok(()),
        Some(CallError::Connector { error: Error::Unauthorized(_), .. }) => fails(format!(
            "asked {requests} times in one call; after 200 answers with 401 in an hour Qonto locks the address"
        )),
        Some(CallError::Connector { error, .. }) => {
            fails(format!("gives `{}`, should be `unauthorized`: the host stops then", case(&error)))
        }
        Some(error) => fails(format!("ended with {error}")),
        None => fails("succeeded".to_owned()),
    }
}

/// Runs it.
pub(super) async fn limits(subject: Subject) -> Outcome {
    expect_declared(&subject)?;
    let requests = keeps_the_limits(&subject).await?;
    let calls = wrong_key(&subject).await?;
    Ok(format!(
        "{requests} requests within the limits, none refused; {calls} calls with a wrong key asked twice at most"
    ))
}

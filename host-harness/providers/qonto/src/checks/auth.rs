//! Q1: who the connector says it is, and to whom.

use http::HeaderMap;
use serde_json::{Map, Value, json};

use super::desk::{epoch, expect_whole, open, rig_with, rows};
use crate::{QontoWorld, StagingAnswer};
use conformance::check::{Finding, Outcome};
use conformance::rig::{Rig, case};
use conformance::subject::Subject;
use model::{Capability, Error};
use sandbox::CallError;
use sim::Logged;

const PRODUCTION: &str = "https://thirdparty.qonto.com";
const SANDBOX: &str = "https://thirdparty-sandbox.staging.qonto.co";
const STAGING: &str = "x-qonto-staging-token";
/// What the sandbox's gateway wants.
const TOKEN: &str = "cnry-stg-1c85f2ab730d49e6";

/// An install at an endpoint, with a staging token or without.
fn at(
    subject: &Subject,
    endpoint: &str,
    token: Option<&str>,
    stock: impl FnOnce(&mut QontoWorld),
) -> Result<Rig, Finding> {
    let mut config: Map<String, Value> = subject.bank().config();
    config.insert("endpoint".to_owned(), json!(endpoint));
    config.remove("stagingToken");
    if let Some(token) = token {
        config.insert("stagingToken".to_owned(), json!(token));
    }
    let install = subject.install_with(&Value::Object(config).to_string())?.map_err(|error| {
        Finding::Inconclusive(format!("the connector does not take the endpoint {endpoint} ({error}): see C1"))
    })?;
    Ok(rig_with(subject, install, stock)?.setting(format!(
        "the endpoint {endpoint}, {} a staging token",
        if token.is_some() { "with" } else { "without" }
    )))
}

fn stock(world: &mut QontoWorld) {
    let account = open(world);
    rows(world, &account, "completed", 3, epoch(), chrono::TimeDelta::minutes(1));
}

/// The values of a header.
fn values<'a>(headers: &'a HeaderMap, name: &str) -> Vec<&'a [u8]> {
    headers.get_all(name).iter().map(http::HeaderValue::as_bytes).collect()
}

fn expect_headers(rig: &Rig, log: &[Logged], token: Option<&str>) -> Result<(), Finding> {
    let (login, secret) = super::desk::with(rig, |world| (world.login.clone(), world.secret.clone()))?;
    let wanted = format!("{login}:{secret}");
    for request in log {
        let path = request.url.path();
        if values(&request.headers, "authorization") != [wanted.as_bytes()] {
            return Err(rig.failure(
                format!(
                    "GET {path}: the header `Authorization` is not the login, a colon and the key, and nothing else"
                ),
                Vec::new(),
            ));
        }
        let sent = values(&request.headers, STAGING);
        let right = match token {
            Some(token) => sent == [token.as_bytes()],
            None => sent.is_empty(),
        };
        if !right {
            let what = match token {
                Some(_) => "the sandbox is asked without the staging token of the config",
                None => "a staging token goes to a host that is not the sandbox",
            };
            return Err(rig.failure(format!("GET {path}: {what}"), Vec::new()));
        }
    }
    Ok(())
}

/// A host that reads well, and what it is told.
async fn reads(subject: &Subject, endpoint: &str, config: Option<&str>, sent: Option<&str>) -> Result<usize, Finding> {
    let mut rig = at(subject, endpoint, config, |world| {
        stock(world);
        world.staging_token = sent.map(str::to_owned);
    })?;
    let poll = rig.poll().await;
    let log = rig.sim.take_log();
    expect_headers(&rig, &log, sent)?;
    rig.expect_well(poll)?;
    expect_whole(&rig, "after the first poll")?;
    Ok(log.len())
}

/// The sandbox's gateway shows a login page to whoever has no token: nothing is wrong with the answer.
async fn shut_out(subject: &Subject, answer: StagingAnswer) -> Result<(), Finding> {
    let mut rig = at(subject, SANDBOX, None, |world| {
        stock(world);
        world.staging_token = Some(TOKEN.to_owned());
        world.dialect.staging = answer;
    })?;
    let check = rig.check().await;
    let task = rig.tasks(Capability::FetchAccounts).into_iter().next();
    let fetched = match &task {
        Some(task) => rig.stream(task, None).await.fault.map(|fault| match fault {
            conformance::rig::Fault::Call(error) => Err(error),
            other => Err(CallError::Breach(other.to_string().into())),
        }),
        None => None,
    };
    for (what, result) in [("check", check.result.map(drop)), ("fetch-accounts", fetched.unwrap_or(Ok(())))] {
        match (result, answer) {
            (Err(CallError::Connector { error: Error::Unauthorized(_), .. }), _)
            | (Err(CallError::Connector { error: Error::UpstreamRejected(_), .. }), StagingAnswer::Redirect) => {}
            (Err(CallError::Connector { error, .. }), _) => {
                let what = format!(
                    "{what} without a staging token gets a login page: the error is `{}`, should be `unauthorized`",
                    case(&error)
                );
                return Err(rig.failure(what, Vec::new()));
            }
            (Err(error), _) => return Err(rig.failure(format!("{what} without a staging token: {error}"), Vec::new())),
            (Ok(()), _) => {
                return Err(rig.failure(format!("{what} succeeded at a login page"), Vec::new()));
            }
        }
    }
    Ok(())
}

/// Runs it.
pub(super) async fn auth_and_hosts(subject: Subject) -> Outcome {
    let mut requests = reads(&subject, PRODUCTION, None, None).await?;
    requests += reads(&subject, PRODUCTION, Some(TOKEN), None).await?;
    requests += reads(&subject, SANDBOX, Some(TOKEN), Some(TOKEN)).await?;
    for answer in [StagingAnswer::Redirect, StagingAnswer::Html] {
        shut_out(&subject, answer).await?;
    }
    Ok(format!(
        "{requests} requests as `login:key`; the staging token to the sandbox alone; a login page is no malformed answer"
    ))
}

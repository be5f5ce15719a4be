//! H3: what a connector makes of a refusal, which no repetition would change.

use super::stage::{Judged, Met, Misfortune, Place, provoke};
use crate::check::{Finding, Outcome};
use crate::rig::{Rig, case};
use crate::subject::Subject;
use http::StatusCode;
use model::{Error, ErrorDetail};
use sandbox::CallError;
use sim::{Asked, Fault};

/// What a provider says below a success.
const SAID: u16 = 500;
/// Refusals of any request.
const ANYWHERE: [u16; 3] = [400, 401, 403];
/// Refusals that on a later page may be the provider's way to say that there is none.
const FIRST: [u16; 3] = [404, 410, 422];

fn misfortunes(rig: &Rig, place: &Place) -> Vec<Misfortune> {
    // A list of counterparties may be one that a customer does not have, so a refusal of it may be no failure.
    if matches!(place.asked, Asked::ExternalAccounts | Asked::Other) {
        return Vec::new();
    }
    let later: &[u16] = if place.name.contains("first") { &FIRST } else { &[] };
    let misfortune = |status: &u16| {
        let answer = rig.sim.with(|bank| bank.refusal(*status)).response;
        Misfortune::lasting(status.to_string(), Fault::Answer(answer))
    };
    let mut all: Vec<Misfortune> = ANYWHERE.iter().chain(later).map(misfortune).collect();
    // A gateway that says success and hands on what the provider said.
    let mut success = rig.sim.with(|bank| bank.refusal(SAID)).response;
    success.status = StatusCode::OK;
    all.push(Misfortune::lasting(StatusCode::OK.as_u16().to_string(), Fault::Answer(success)));
    all
}

fn judge(met: &Met<'_>) -> Result<Judged, Finding> {
    let status: u16 = met.misfortune.name.parse().unwrap_or_default();
    let error = match &met.told {
        Err(CallError::Connector { error, .. }) => error,
        Err(error) => return met.fails(error),
        Ok(_) => return met.fails("the call succeeded: the refusal is hidden from the operator"),
    };
    let right: &[&str] = match status {
        200 => &["malformed-response", "unavailable"],
        401 => &["unauthorized"],
        // Some providers know no other way to say that a key is wrong.
        403 => &["forbidden", "unauthorized"],
        404 => &["not-found"],
        410 => &["not-found", "upstream-rejected"],
        _ => &["upstream-rejected"],
    };
    let (Some(detail), true) = (detail(error), right.contains(&case(error))) else {
        return met.fails(format!("the error is `{}`, should be `{}`", case(error), right.join("` or `")));
    };
    met.expect_no_retry()?;
    expect_detail(met, status, detail)
}

/// What an error says of a refusal.
fn detail(error: &Error) -> Option<&ErrorDetail> {
    match error {
        Error::Unauthorized(detail)
        | Error::Forbidden(detail)
        | Error::NotFound(detail)
        | Error::MalformedResponse(detail)
        | Error::Unavailable(detail)
        | Error::UpstreamRejected(detail) => Some(detail),
        _ => None,
    }
}

fn or_absent(value: Option<impl ToString>) -> String {
    value.map_or("absent".to_owned(), |value| value.to_string())
}

fn expect_detail(met: &Met<'_>, status: u16, detail: &ErrorDetail) -> Result<Judged, Finding> {
    let said = if status == 200 { SAID } else { status };
    let refusal = met.rig.sim.with(|bank| bank.refusal(said));
    if detail.http_status != Some(status) {
        return met.fails(format!("`http-status` is {}, should be {status}", or_absent(detail.http_status)));
    }
    if refusal.code.is_some() && detail.provider_code != refusal.code {
        let (found, said) = (or_absent(detail.provider_code.as_ref()), or_absent(refusal.code));
        return met.fails(format!("`provider-code` is {found}, the provider said {said}"));
    }
    if refusal.request_id.is_some() && detail.request_id != refusal.request_id {
        let (found, said) = (or_absent(detail.request_id.as_ref()), or_absent(refusal.request_id));
        return met.fails(format!("`request-id` is {found}, the provider said {said}"));
    }
    if detail.message.trim().is_empty() {
        return met.fails("the error has no message");
    }
    Ok(Judged::Fine)
}

/// Runs it.
pub(super) async fn refusals(subject: Subject) -> Outcome {
    let tally = provoke(&subject, misfortunes, judge).await?;
    Ok(format!("{} refused calls: asked once, told with the provider's status, code and request id", tally.calls))
}

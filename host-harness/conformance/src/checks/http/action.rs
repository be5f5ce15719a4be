//! H9: what a connector makes of an answer that only a person can change.

use super::stage::{Judged, Met, Misfortune, Place, provoke};
use crate::check::{Finding, Outcome};
use crate::plain::quoted;
use crate::rig::{Rig, case};
use crate::subject::Subject;
use model::{ActionDetail, Error};
use sandbox::CallError;
use sim::{Asked, Fault};

/// What the misfortune is called in which a person must act; the others are ordinary refusals.
const LAPSED: &str = "an access that has lapsed";
/// Beginnings of links.
const LINKS: [&str; 3] = ["http:", "https:", "www."];

fn misfortunes(rig: &Rig, place: &Place) -> Vec<Misfortune> {
    // A list of counterparties may be one that a customer does not have.
    if matches!(place.asked, Asked::ExternalAccounts | Asked::Other) {
        return Vec::new();
    }
    let (lapsed, ordinary) = rig.sim.with(|bank| (bank.lapsed(), [401, 403].map(|status| bank.refusal(status))));
    let lapsed = lapsed.map(|refusal| Misfortune::lasting(LAPSED, Fault::Answer(refusal.response)));
    let ordinary = ordinary.map(|refusal| {
        let status = refusal.response.status;
        Misfortune::lasting(format!("an ordinary {status}"), Fault::Answer(refusal.response))
    });
    lapsed.into_iter().chain(ordinary).collect()
}

fn judge(met: &Met<'_>) -> Result<Judged, Finding> {
    let error = match &met.told {
        Err(CallError::Connector { error, .. }) => error,
        Err(error) => return met.fails(error),
        Ok(_) => return met.fails("the call succeeded: the refusal is hidden from the operator"),
    };
    let lapsed = met.misfortune.name == LAPSED;
    match error {
        Error::ActionRequired(action) if lapsed => {
            met.expect_no_retry()?;
            match wrong(met, action) {
                None => Ok(Judged::Fine),
                Some(wrong) => met.fails(wrong),
            }
        }
        error if lapsed => met.fails(format!("the error is `{}`, should be `action-required`", case(error))),
        Error::ActionRequired(_) => met.fails("the error is `action-required`, and no action of a person would help"),
        _ => Ok(Judged::Fine),
    }
}

/// What is wrong with what a person is told.
fn wrong(met: &Met<'_>, action: &ActionDetail) -> Option<String> {
    let refusal = met.rig.sim.with(|bank| bank.lapsed())?;
    let (said, detail) = (action.action.trim(), &action.detail);
    if said.is_empty() {
        return Some("it does not say what a person has to do".to_owned());
    }
    if let Some(link) = LINKS.iter().find(|link| said.to_ascii_lowercase().contains(**link)) {
        return Some(format!(
            "`action` has a link ({link}…), which anybody at the provider's end could have put there"
        ));
    }
    if detail.http_status != Some(refusal.response.status.as_u16()) {
        return Some(format!(
            "`http-status` is {}, should be {}",
            quoted(detail.http_status.as_ref()),
            refusal.response.status.as_u16()
        ));
    }
    let known = [
        ("provider-code", &detail.provider_code, &refusal.code),
        ("request-id", &detail.request_id, &refusal.request_id),
    ];
    let lacking = known.into_iter().find(|(_, found, said)| said.is_some() && found != said);
    lacking.map(|(field, found, said)| {
        format!("`{field}` is {}, the provider said {}", quoted(found.as_ref()), quoted(said.as_ref()))
    })
}

/// Runs it.
pub(super) async fn action(subject: Subject) -> Outcome {
    let tally = provoke(&subject, misfortunes, judge).await?;
    let Some(lapsed) = subject.bank().lapsed() else {
        return Ok(format!(
            "no answer of the provider asks for a person; {} refusals, none of which does",
            tally.calls
        ));
    };
    let rig = Rig::new(&subject, super::stage::stock)?.setting("`check` where access has lapsed");
    rig.sim.inject(sim::On::any(), Fault::Answer(lapsed.response));
    match rig.check().await.result {
        Err(CallError::Connector { error: Error::ActionRequired(_), .. }) => {
            Ok(format!("{} refused calls, and `check`: a person is asked to act where one must", tally.calls))
        }
        Err(error) => Err(rig.failure(format!("`check` should say `action-required`: {error}"), Vec::new())),
        Ok(_) => Err(rig.failure("`check` succeeded where access has lapsed", Vec::new())),
    }
}

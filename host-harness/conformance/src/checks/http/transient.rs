//! H2: what a connector makes of a provider that cannot answer now.

use std::time::Duration;

use super::stage::{Judged, Met, Misfortune, Place, provoke};
use crate::check::{Finding, Outcome};
use crate::rig::{Rig, case};
use crate::subject::Subject;
use model::{Error, ErrorDetail};
use sandbox::CallError;
use sim::{Broken, Fault};

/// What values look like that a program shows to itself.
const FORMS: [&str; 5] = ["Some(", "Err(", "ErrorCode::", "ErrorCode_", "<ErrorCode"];
/// The name of the one that is no failure.
const SLOW: &str = "an answer after 20 s";

fn misfortunes(rig: &Rig, _: &Place) -> Vec<Misfortune> {
    let mut all = Vec::new();
    for status in [500, 502, 503, 504] {
        let answer = rig.sim.with(|bank| bank.refusal(status)).response;
        all.push(Misfortune::lasting(format!("a {status} in the provider's words"), Fault::Answer(answer)));
    }
    let page = "<html><body><h1>502 Bad Gateway</h1></body></html>";
    let gateway = Fault::status(502).header("content-type", "text/html").body(page);
    all.push(Misfortune::lasting("a 502 of a proxy, in HTML", gateway));
    all.push(Misfortune::lasting("a 503 without a body", Fault::status(503)));
    for (name, broken) in [
        ("a refused connection", Broken::Refused),
        ("a reset connection", Broken::Reset),
        ("an answer that never begins", Broken::Stalled),
        ("an answer that breaks off", Broken::HalfBody),
        ("an answer that stalls", Broken::StalledBody),
    ] {
        all.push(Misfortune::lasting(name, Fault::Break(broken)));
    }
    all.push(Misfortune::once(SLOW, Fault::delay(Duration::from_secs(20))));
    all
}

fn judge(met: &Met<'_>) -> Result<Judged, Finding> {
    let partial = met.misfortune.name.starts_with("an answer that");
    if met.misfortune.name == SLOW {
        return match &met.told {
            Ok(_) => Ok(Judged::Fine),
            Err(error) => met.fails(format!("{error}; it came in time, and was good")),
        };
    }
    match &met.told {
        Err(CallError::Connector { error: Error::Unavailable(detail), .. }) => expect_words(met, detail)?,
        Err(CallError::Connector { error: Error::MalformedResponse(detail), .. }) if partial => {
            expect_words(met, detail)?;
        }
        Err(CallError::Connector { error, .. }) => {
            return met.fails(format!(
                "the error is `{}`, should be `unavailable`: the host backs off and tries again then",
                case(error)
            ));
        }
        Err(error) => return met.fails(error),
        Ok(_) => return met.fails("the call succeeded without an answer"),
    }
    met.expect_no_retry()?;
    Ok(Judged::Fine)
}

/// A message is read by a person: how a programming language writes its values is no sentence.
fn expect_words(met: &Met<'_>, detail: &ErrorDetail) -> Result<(), Finding> {
    let form = FORMS.iter().find(|form| detail.message.contains(**form));
    form.map_or(Ok(()), |form| met.fails(format!("the message has `{form}` in it: {}", detail.message)))
}

/// Runs it.
pub(super) async fn transient(subject: Subject) -> Outcome {
    let tally = provoke(&subject, misfortunes, judge).await?;
    Ok(format!("{} calls met an outage; each was left to the host, and all was read when it was over", tally.calls))
}

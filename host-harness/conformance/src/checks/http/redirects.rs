//! H5: what a connector makes of a redirect.

use url::Url;

use super::stage::{Judged, Met, Misfortune, Place, provoke};
use crate::check::{Finding, Outcome};
use crate::rig::Rig;
use crate::subject::Subject;
use sandbox::CallError;
use sim::Fault;

/// The statuses that send a reader elsewhere.
const STATUSES: [u16; 4] = [301, 302, 307, 308];
/// Requests of a call that follows: the first, and three hops.
const HOPS: usize = 4;

/// Where it sends to, beyond the origin.
fn elsewhere(url: &Url) -> Vec<(&'static str, String)> {
    let host = url.host_str().unwrap_or_default();
    let rest = &url[url::Position::BeforePath..];
    vec![
        ("another host", format!("https://elsewhere.example{rest}")),
        ("a login page", "https://login.example/login?next=/".to_owned()),
        ("the same host without TLS", format!("http://{host}{rest}")),
        ("the same host on another port", format!("https://{host}:8443{rest}")),
        ("a host that begins like it", format!("https://{host}.elsewhere.example{rest}")),
        ("a host behind an @", format!("https://{host}@elsewhere.example{rest}")),
        ("another host, without a scheme", format!("//elsewhere.example{rest}")),
        ("an address of the host's own network", "http://169.254.169.254/latest/meta-data/".to_owned()),
        ("a file", "file:///etc/passwd".to_owned()),
    ]
}

fn misfortunes(_: &Rig, place: &Place) -> Vec<Misfortune> {
    let to = |status: u16, location: &str| Fault::status(status).header("location", location);
    let mut all = Vec::new();
    for (name, location) in elsewhere(&place.url) {
        all.push(Misfortune::lasting(format!("a 302 to {name}"), to(302, &location)));
    }
    let relative = &place.url[url::Position::BeforePath..];
    for status in STATUSES {
        let location = format!("https://elsewhere.example{}", place.url.path());
        all.push(Misfortune::lasting(format!("a {status} to another host"), to(status, &location)));
        all.push(Misfortune::once(format!("a {status} to the same address"), to(status, place.url.as_str())));
        all.push(Misfortune::once(format!("a {status} to the same path"), to(status, relative)));
    }
    all.push(Misfortune::lasting("redirects without end", to(302, place.url.as_str())));
    all.push(Misfortune::lasting("a 302 without a location", Fault::status(302)));
    if place.name.contains("first") {
        return all;
    }
    // The same list a page later: a few are enough.
    all.into_iter().step_by(4).collect()
}

fn judge(met: &Met<'_>) -> Result<Judged, Finding> {
    if let Some(refusal) = met.called.report.refused.refusals.first() {
        return met.fails(format!("it asked for what was not granted: {refusal}"));
    }
    let hops = met.after().len();
    if met.misfortune.lasting && hops > HOPS {
        return met.fails(format!("{hops} requests followed one another; three hops are enough for any provider"));
    }
    match &met.told {
        Err(CallError::Connector { .. }) => Ok(Judged::Fine),
        Err(error) => met.fails(error),
        Ok(_) if hops <= 1 => met.fails("the call succeeded, and nobody went where the answer is"),
        Ok(_) if met.misfortune.lasting => met.fails("the call succeeded without an answer"),
        Ok(_) => Ok(Judged::Accepted),
    }
}

/// Runs it.
pub(super) async fn redirects(subject: Subject) -> Outcome {
    let tally = provoke(&subject, misfortunes, judge).await?;
    let refused = tally.calls - tally.accepted;
    Ok(format!("{} redirects: {refused} refused, {} followed within the origin", tally.calls, tally.accepted))
}

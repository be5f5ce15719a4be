//! P3 and H1 to H4 on a recording: what can go wrong, put into one exchange after the other.

use std::collections::BTreeSet;

use http::Method;
use model::Error;
use outside::transport::Response;
use sandbox::CallError;
use sim::{Broken, Fault, On};
use url::Url;

use super::reading::{Judge, expect_same, read, rig, undisturbed};
use crate::check::{Finding, Outcome};
use crate::rig::{Rig, case};
use crate::subject::Subject;

/// Exchanges that are disturbed at most, one at a time; of a longer recording some in between are left alone.
const PLACES: u64 = 20;
/// Seconds after which a provider wants to be asked again.
const PAUSE: u64 = 7;

/// The numbers of the exchanges that are disturbed.
fn places(requests: u64) -> impl Iterator<Item = u64> {
    let step = requests.div_ceil(PLACES).max(1);
    (1..=requests).step_by(usize::try_from(step).unwrap_or(usize::MAX))
}

/// What a reading that was disturbed came to: the errors it told.
type Told = BTreeSet<&'static str>;

/// Puts each fault into each exchange, reads on, and expects what the undisturbed recording gives.
async fn disturb(
    subject: &Subject,
    faults: &[(String, Fault)],
    judge: impl Fn(&Rig, &CallError) -> Result<(), Finding> + Send + Sync,
) -> Outcome {
    let whole = undisturbed(subject).await?;
    let mut told = Told::new();
    let mut count = 0;
    for place in places(whole.sim.requests()) {
        for (name, fault) in faults {
            let mut rig = rig(subject, format!("exchange {place} of the recording: {name}"))?;
            rig.sim.inject(On::request(place), fault.clone());
            let mut judged = |rig: &Rig, error: &CallError| {
                told.extend(typed(rig, error)?.map(case));
                judge(rig, error)
            };
            let judged: Judge<'_> = &mut judged;
            read(&mut rig, judged).await?;
            expect_same(&rig, &whole, "once the provider is well again")?;
            count += 1;
        }
    }
    let told = told.into_iter().collect::<Vec<_>>().join(", ");
    let told = if told.is_empty() { "read all the same".to_owned() } else { told };
    Ok(format!("{count} disturbed exchanges: {told}"))
}

/// The error of the contract that a call ended with.
fn typed<'a>(rig: &Rig, error: &'a CallError) -> Result<Option<&'a Error>, Finding> {
    match error {
        CallError::Connector { error, .. } => Ok(Some(error)),
        error => Err(rig.failure(format!("the call should end with an error of the contract; {error}"), Vec::new())),
    }
}

/// H1.
pub(super) async fn rate_limit(subject: Subject) -> Outcome {
    let limited = Fault::status(429).header("retry-after", &PAUSE.to_string());
    let faults = [("429, again in 7 s".to_owned(), limited)];
    disturb(&subject, &faults, |rig, error| match error {
        CallError::Connector { error: Error::RateLimited(detail), .. } if detail.retry_after_seconds == Some(PAUSE) => {
            Ok(())
        }
        _ => Err(rig.failure(format!("a 429 should be `rate-limited` with 7 s to wait; it is: {error}"), Vec::new())),
    })
    .await
}

/// H2.
pub(super) async fn transient(subject: Subject) -> Outcome {
    let faults = [
        ("the connection is reset".to_owned(), Fault::Break(Broken::Reset)),
        ("half of the body comes".to_owned(), Fault::Break(Broken::HalfBody)),
        ("status 503".to_owned(), Fault::status(503)),
    ];
    disturb(&subject, &faults, |_, _| Ok(())).await
}

/// H3.
pub(super) async fn refusals(subject: Subject) -> Outcome {
    let faults = [400, 401].map(|status| {
        let answer = Fault::status(status).header("content-type", "application/json").body(r#"{"error":"refused"}"#);
        (format!("status {status}"), answer)
    });
    disturb(&subject, &faults, |rig, _| {
        let log = rig.sim.log();
        let refused = log.iter().find(|logged| !logged.faults.is_empty());
        let same = |one: &&sim::Logged| {
            refused.is_some_and(|it| (&it.method, &it.url) == (&one.method, &one.url) && one.number > it.number)
        };
        match log.iter().find(same) {
            None => Ok(()),
            Some(again) => {
                let what = format!(
                    "a refused request should not be made again in the same call: {} {}",
                    again.method, again.url
                );
                Err(rig.failure(what, Vec::new()))
            }
        }
    })
    .await
}

/// H4.
pub(super) async fn lies(subject: Subject) -> Outcome {
    let json = |body: &'static str| Fault::status(200).header("content-type", "application/json").body(body);
    let faults = [
        ("a page of HTML with status 200".to_owned(), Fault::html()),
        ("half of the JSON".to_owned(), Fault::change_body(|body| body.slice(..body.len() / 2))),
        ("an empty body".to_owned(), json("")),
        ("an empty object".to_owned(), json("{}")),
    ];
    disturb(&subject, &faults, |_, _| Ok(())).await
}

/// Words in the names of what tells one page of a list from another.
const PAGING: [&str; 10] =
    ["page", "cursor", "offset", "after", "before", "skip", "from", "start", "continuation", "token"];

/// Whether two requests are for pages of one list: they differ in nothing but which page.
fn is_same_list(one: &Url, other: &Url) -> bool {
    let rest = |url: &Url| {
        let pairs = url.query_pairs().filter(|(key, _)| !PAGING.iter().any(|word| key.to_lowercase().contains(word)));
        pairs.map(|(key, value)| (key.into_owned(), value.into_owned())).collect::<BTreeSet<_>>()
    };
    one.path() == other.path() && rest(one) == rest(other)
}

/// Each exchange that is for a further page of a list, with the answer of the page before it.
fn repeats(exchanges: &[(Method, Url, Response)]) -> impl Iterator<Item = (u64, Response)> {
    (1..).zip(exchanges).filter_map(|(number, (method, url, own))| {
        let before = exchanges.get(..usize::try_from(number).ok()?.checked_sub(1)?)?;
        let mut before = before.iter().rev();
        let (_, _, earlier) = before.find(|(other, at, _)| other == method && is_same_list(at, url))?;
        (earlier.body != own.body).then(|| (number, earlier.clone()))
    })
}

/// P3.
pub(super) async fn repeated_pages(subject: Subject) -> Outcome {
    let whole = undisturbed(&subject).await?;
    let exchanges = whole.tape.exchanges();
    let mut told = Told::new();
    let mut count = 0;
    for (place, earlier) in repeats(&exchanges).take(usize::try_from(PLACES).unwrap_or(usize::MAX)) {
        let mut rig = rig(&subject, format!("exchange {place} of the recording has the answer of the page before it"))?;
        rig.sim.inject(On::request(place), Fault::Answer(earlier));
        let mut judged = |rig: &Rig, error: &CallError| {
            told.extend(typed(rig, error)?.map(case));
            Ok(())
        };
        read(&mut rig, &mut judged).await?;
        expect_same(&rig, &whole, "once the provider is well again")?;
        count += 1;
    }
    if count == 0 {
        return Err(Finding::Skip("no list of the recording has a second page".to_owned()));
    }
    let told = told.into_iter().collect::<Vec<_>>().join(", ");
    Ok(format!("{count} pages came twice: {}", if told.is_empty() { "all rows came".to_owned() } else { told }))
}

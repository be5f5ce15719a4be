//! E2: whether anything but arguments, state and answers makes a difference.

use super::stock;
use crate::conformance::check::{Finding, Outcome};
use crate::conformance::rig::Rig;
use crate::conformance::subject::Subject;
use crate::conformance::walk::{Step, walk};
use crate::sandbox::Ambient;
use crate::transport::Request;

/// What is behind the stubs, and what it is called where it makes a difference.
const WORLDS: [(&str, Ambient); 6] = [
    ("nothing", Ambient { seconds: 0, seed: 0, variable: false }),
    ("another time on the clock (the year 2100)", Ambient { seconds: 4_102_444_800, seed: 0, variable: false }),
    ("another time on the clock (a day in 2026)", Ambient { seconds: 1_780_392_000, seed: 0, variable: false }),
    ("other random numbers", Ambient { seconds: 0, seed: 77, variable: false }),
    ("other random numbers", Ambient { seconds: 0, seed: 201, variable: false }),
    ("an environment variable", Ambient { seconds: 0, seed: 0, variable: true }),
];

pub(super) async fn no_ambient(subject: Subject) -> Outcome {
    let mut first: Option<(Vec<Step>, Vec<Request>)> = None;
    let mut calls = 0;
    for (name, ambient) in WORLDS {
        let mut rig = Rig::new(&subject, |bank| stock(bank, 3, 12, 4))?.setting(format!("with {name}"));
        rig.connector = rig.connector.with_ambient(ambient);
        let steps = walk(&mut rig).await;
        _ = rig.check().await;
        calls += steps.len() + 1;
        let requests = rig.tape.requests();
        let Some((wanted, asked)) = &first else {
            first = Some((steps, requests));
            continue;
        };
        if let Some(difference) = requests_differ(asked, &requests).or_else(|| steps_differ(wanted, &steps)) {
            return Err(differs(&rig, name, &difference));
        }
    }
    Ok(format!("{calls} calls in {} surroundings: the same pages, states and requests", WORLDS.len()))
}

fn differs(rig: &Rig, name: &str, difference: &(String, Vec<String>)) -> Finding {
    let (what, lines) = difference;
    rig.failure(format!("{name} made a difference: {what}"), lines.clone())
}

/// How the calls of two polls differ, in words and in lines; their cost and what they logged are not compared.
pub(in crate::conformance::checks) fn steps_differ(wanted: &[Step], found: &[Step]) -> Option<(String, Vec<String>)> {
    for (number, (wanted, found)) in (1..).zip(wanted.iter().zip(found)) {
        let at = format!("call {number}, of {}", found.stream);
        match (&wanted.result, &found.result) {
            _ if wanted.stream != found.stream => {
                return Some((
                    format!("call {number} is of {}, it was of {}", found.stream, wanted.stream),
                    Vec::new(),
                ));
            }
            (a, b) if a == b => {}
            (Ok(a), Ok(b)) if a.page == b.page => {
                let lines = [&a.state, &b.state].map(|state| crate::conformance::evidence::readable(state.as_deref()));
                return Some((format!("{at}, left another state"), lines.to_vec()));
            }
            (Ok(a), Ok(b)) => return Some((format!("{at}, returned another page"), pages_differ(&a.page, &b.page))),
            (a, b) => return Some((format!("{at}, ended otherwise"), vec![format!("{a:?}"), format!("{b:?}")])),
        }
    }
    (wanted.len() != found.len()).then(|| (format!("{} calls, there were {}", found.len(), wanted.len()), Vec::new()))
}

/// The first texts in which two pages differ.
fn pages_differ(wanted: &crate::sandbox::Page, found: &crate::sandbox::Page) -> Vec<String> {
    let texts = [wanted, found].map(crate::conformance::leaks::texts);
    let pairs = texts[0].iter().zip(&texts[1]).filter(|(a, b)| a != b);
    pairs.take(3).map(|((field, a), (_, b))| format!("{field}: {a:?}, then {b:?}")).collect()
}

/// How the requests of two polls differ, as [`steps_differ`].
pub(in crate::conformance::checks) fn requests_differ(
    wanted: &[Request],
    found: &[Request],
) -> Option<(String, Vec<String>)> {
    let pairs = wanted.iter().zip(found);
    for (number, (wanted, found)) in (1..).zip(pairs) {
        if wanted != found {
            let lines =
                [wanted, found].map(|request| format!("{} {} {:?}", request.method, request.url, request.headers));
            return Some((format!("request {number} was another one"), lines.to_vec()));
        }
    }
    (wanted.len() != found.len())
        .then(|| (format!("{} requests were made, there were {}", found.len(), wanted.len()), Vec::new()))
}

//! E2: whether anything but arguments, state and answers makes a difference.

use super::stock;
use crate::check::Outcome;
use crate::rig::Rig;
use crate::subject::Subject;
use crate::walk::{difference, expect_some, requests_differ, requests_of, walk};
use sandbox::Ambient;

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
    let mut first = None;
    let mut calls = 0;
    for (name, ambient) in WORLDS {
        let mut rig = Rig::new(&subject, |bank| stock(bank, 3, 12, 4))?.setting(format!("with {name}"));
        rig.connector = rig.connector.with_ambient(ambient);
        let steps = walk(&mut rig).await;
        let checked = rig.check().await;
        let asked = requests_of(&rig, &checked.report);
        calls += steps.len() + 1;
        let Some((wanted_steps, wanted_check, wanted_asked)) = &first else {
            expect_some(&steps)?;
            first = Some((steps, checked.result, asked));
            continue;
        };
        let of_check = || {
            let (what, lines) = requests_differ(wanted_asked, &asked)?;
            Some((format!("the connection check {what}"), lines))
        };
        if let Some((what, lines)) = difference(wanted_steps, &steps).or_else(of_check) {
            return Err(rig.failure(format!("{name} made a difference: {what}"), lines));
        }
        if *wanted_check != checked.result {
            return Err(rig.failure(format!("{name} made a difference: the connection check ended otherwise"), vec![]));
        }
    }
    Ok(format!("{calls} calls in {} surroundings: the same pages, states and requests", WORLDS.len()))
}

//! H11: whether a gap that lasts can be told from another one.

use std::collections::{BTreeMap, BTreeSet};

use super::lasting::{news, stock};
use super::news::{Course, Scene, wrongs};
use crate::check::Outcome;
use crate::rig::Poll;
use crate::subject::Subject;

/// What each stream says that it lacks.
fn told(poll: &Poll) -> BTreeMap<String, BTreeSet<String>> {
    let of = |gaps: &[model::Gap]| gaps.iter().map(|gap| gap.what.clone()).collect();
    poll.streams.iter().map(|stream| (stream.key.to_string(), of(&stream.gaps))).collect()
}

/// Runs it.
pub(super) async fn words(subject: Subject) -> Outcome {
    let course = Course::new(&subject, &Scene { stock, news }).await?;
    let wrongs = wrongs(&*subject.bank());
    let (mut trials, mut gaps) = (0, 0);
    for asking in &course.requests {
        let Some(wrong) = wrongs.iter().find(|wrong| wrong.fits(asking)) else { continue };
        let mut trial = course.failing(asking, wrong)?;
        // The first poll may still have something to read; from then on nothing is different but the time.
        let mut polls = Vec::new();
        for _ in 0..3 {
            polls.push(told(&trial.rig.poll().await));
            trial.rig.clock.advance(trial.rig.install.polling_period);
        }
        trials += 1;
        let [_, before, after] = polls.as_slice() else { continue };
        for (stream, before) in before {
            // A stream that was not due says nothing.
            let Some(after) = after.get(stream) else { continue };
            gaps += after.len();
            if before != after {
                let what = format!("the stream {stream} says {after:?} of what it said {before:?} in the poll before");
                return Err(trial.rig.failure(what, Vec::new()));
            }
        }
    }
    Ok(format!("{gaps} gaps in {trials} trials, each in the words of the poll before"))
}

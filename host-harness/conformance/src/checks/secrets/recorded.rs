//! X3: whether what is kept of a poll can be shown to anybody.

use std::sync::Arc;

use super::rig;
use super::search::Search;
use crate::check::{Finding, Outcome};
use crate::leaks::Leaks;
use crate::rig::{Rig, ago};
use crate::subject::Subject;
use crate::walk::{Step, walk};
use model::Level;
use outside::har::Har;
use outside::transport::recording::{Recording, check_clean};
use sim::{Fault, Odd, On};

/// Shorter ones are found in ordinary words.
const SHORTEST: usize = 6;

pub(super) async fn recorded(subject: Subject) -> Outcome {
    let mut rig = rig(&subject)?;
    let recording = Arc::new(Recording::new(rig.tape.clone(), Arc::new(rig.clock.clone())));
    rig.redirect(rig.install.outside(recording.clone(), Arc::new(rig.clock.clone())));

    let mut steps = walk(&mut rig).await;
    let har = recording.har();
    rig.sim.with(|bank| {
        let Some(account) = bank.truth().accounts.into_keys().next() else { return };
        for odd in
            [Odd::Complete, Odd::UnknownStatus("on_hold".to_owned()), Odd::NoReference, Odd::TooFine, Odd::NoTime]
        {
            bank.add_odd(&account, ago(3), &odd);
        }
    });
    steps.extend(walk(&mut rig).await);
    for fault in [Fault::truncate(300), Fault::html(), Fault::status(500)] {
        rig.sim.inject(On::any(), fault);
        steps.extend(walk(&mut rig).await);
        rig.sim.calm();
    }

    "a poll that is well, one with odd rows, and answers that fail".clone_into(&mut rig.setting);
    clean(&rig, &har, Leaks::of(&*subject.bank())?)?;
    clean(&rig, &recording.har(), Leaks::of(&*subject.bank())?)?;
    let lines = impersonal(&rig, &steps)?;
    let exchanges = recording.har().log.entries.len();
    if exchanges == 0 {
        return Err(Finding::Inconclusive("no request was made, so nothing was recorded".into()));
    }
    Ok(format!("{exchanges} exchanges recorded, {lines} lines of log and output read"))
}

/// Expects a recording to have no secret.
fn clean(rig: &Rig, har: &Har, leaks: Leaks) -> Result<(), Finding> {
    check_clean(har, &rig.install.keyring.secrets()).map_err(|error| rig.failure(error.to_string(), Vec::new()))?;
    let mut search = Search::new(leaks);
    search.text(rig, "the recording", har.to_text().as_bytes())?;
    for (number, entry) in (1..).zip(&har.log.entries) {
        // Decoded: in the document a body may be in Base64.
        if let (Ok(request), Ok(response)) = (entry.to_request(number), entry.to_response(number)) {
            search.text(rig, "the body of a recorded request", &request.body)?;
            search.text(rig, "the body of a recorded answer", &response.body)?;
        }
        let bearer = entry.request.headers.iter().chain(&entry.response.headers).find(|pair| is_bearer(&pair.value));
        if let Some(pair) = bearer {
            return Err(rig.failure(format!("the recording has a bearer token, in `{}`", pair.name), Vec::new()));
        }
    }
    Ok(())
}

fn is_bearer(value: &str) -> bool {
    value.split_at_checked("bearer ".len()).is_some_and(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer "))
}

/// Expects log and output to name nobody; gives the number of lines.
fn impersonal(rig: &Rig, steps: &[Step]) -> Result<usize, Finding> {
    let personal = rig.sim.with(|bank| bank.personal());
    let named = |text: &str| {
        let close = text.replace(' ', "");
        let is_in =
            |word: &&String| word.len() >= SHORTEST && (text.contains(*word) || close.contains(&word.replace(' ', "")));
        personal.iter().find(is_in).cloned()
    };
    let mut lines = 0;
    let mut debug = None;
    for step in steps {
        for line in &step.report.log {
            lines += 1;
            let Some(word) = named(&line.message) else { continue };
            let what = format!("the log of {} has personal data: “{word}” in “{}”", step.stream, line.message);
            if line.level != Level::Debug {
                return Err(rig.failure(what, Vec::new()));
            }
            debug.get_or_insert(what);
        }
        lines += step.report.output.lines().count();
        if let Some(word) = named(&step.report.output) {
            let what = format!("the output of {} has personal data: “{word}”", step.stream);
            return Err(rig.failure(what, vec![step.report.output.clone()]));
        }
    }
    debug.map_or(Ok(lines), |what| Err(Finding::Warn(format!("{what} (level debug)"))))
}

//! Makes a scenario that fails smaller, for as long as it still fails.

use std::ops::Range;

use super::format::{Before, Insert, Poll, Scenario, Step};
use super::play::Theatre;
use super::read::BadScenario;
use crate::check::Finding;
use sim::Bank;

/// Plays that a failure is worth.
const TRIES: u32 = 250;

/// The smallest failing scenario that was found, with what it shows.
pub async fn shrink(
    theatre: &Theatre,
    bank: Box<dyn Bank>,
    failing: Scenario,
    finding: Finding,
) -> (Scenario, Finding) {
    let (mut smallest, mut finding) = (failing, finding);
    let mut tries = 0;
    'again: loop {
        for candidate in smaller(&smallest) {
            let valid: Result<(), BadScenario> = candidate.check(&*bank);
            if valid.is_err() {
                continue;
            }
            tries += 1;
            if tries > TRIES {
                return (smallest, finding);
            }
            if let Err(shown @ Finding::Fail(_)) = theatre.play(&candidate, None).await {
                (smallest, finding) = (candidate, shown);
                continue 'again;
            }
        }
        return (smallest, finding);
    }
}

/// Scenarios a little smaller than this one, the much smaller ones first.
fn smaller(scenario: &Scenario) -> Vec<Scenario> {
    let mut found = Vec::new();
    let count = scenario.steps.len();
    let mut length = count.div_ceil(2);
    while length > 0 {
        found.extend((0..count).step_by(length).map(|start| without(scenario, start..(start + length).min(count))));
        length = if length == 1 { 0 } else { length.div_ceil(2) };
    }
    for place in 0..count {
        match &scenario.steps[place] {
            Step::Poll(poll) => found.extend(calmer(scenario, place, poll)),
            Step::Insert(insert) => found.extend(fewer(scenario, place, insert)),
            _ => {}
        }
    }
    if scenario.idle_polls > 0 {
        found.push(Scenario { idle_polls: 0, ..scenario.clone() });
    }
    found
}

/// Without these steps. What they inserted goes with them, and later numbers move up.
fn without(scenario: &Scenario, range: Range<usize>) -> Scenario {
    let mut cut = scenario.clone();
    for place in range.rev() {
        let gone = rows_of(&cut.steps[place]);
        let first = rows_before(&cut, place);
        cut.steps.remove(place);
        forget(&mut cut.steps, first, gone);
    }
    cut
}

/// The same poll with one thing less in it.
fn calmer(scenario: &Scenario, place: usize, poll: &Poll) -> Vec<Scenario> {
    let with = |change: &dyn Fn(&mut Poll)| {
        let mut calmer = scenario.clone();
        let mut poll = poll.clone();
        change(&mut poll);
        calmer.steps[place] = Step::Poll(poll);
        calmer
    };
    let mut found = Vec::new();
    if poll.mutate.is_some() {
        found.push(with(&|poll| poll.mutate = None));
    }
    if poll.crash.is_some() {
        found.push(with(&|poll| poll.crash = None));
    }
    for fault in 0..poll.faults.len() {
        found.push(with(&|poll| _ = poll.faults.remove(fault)));
    }
    if !poll.before.is_empty() {
        // What happens in the middle may do as well behind it. Its rows keep their numbers.
        let mut calmer = with(&|poll| poll.before.clear());
        let behind = poll.before.iter().flat_map(|before| before.steps.clone());
        let next = place + 1;
        calmer.steps.splice(next..next, behind);
        found.push(calmer);
    }
    let mut first = rows_before(scenario, place);
    for (number, before) in poll.before.iter().enumerate() {
        for (inner, step) in before.steps.iter().enumerate() {
            let mut calmer = with(&|poll| {
                poll.before[number].steps.remove(inner);
                poll.before.retain(|before| !before.steps.is_empty());
            });
            forget(&mut calmer.steps, first, rows_of(step));
            found.push(calmer);
            first += rows_of(step);
        }
    }
    found
}

/// The same insert with fewer rows, or simpler ones.
fn fewer(scenario: &Scenario, place: usize, insert: &Insert) -> Vec<Scenario> {
    let with = |insert: Insert| {
        let mut other = scenario.clone();
        other.steps[place] = Step::Insert(insert);
        other
    };
    let mut found = Vec::new();
    for rows in [1, insert.rows / 2, insert.rows.saturating_sub(1)] {
        if rows == 0 || rows >= insert.rows {
            continue;
        }
        let mut other = with(Insert { rows, ..insert.clone() });
        forget(&mut other.steps, rows_before(scenario, place) + rows, insert.rows - rows);
        found.push(other);
    }
    if insert.visible_after.is_some() {
        found.push(with(Insert { visible_after: None, ..insert.clone() }));
    }
    if insert.ago.is_some() {
        found.push(with(Insert { ago: None, ..insert.clone() }));
    }
    if insert.tie {
        found.push(with(Insert { tie: false, ..insert.clone() }));
    }
    if insert.incoming {
        found.push(with(Insert { incoming: false, ..insert.clone() }));
    }
    found
}

/// The rows that a step inserts.
fn rows_of(step: &Step) -> u32 {
    match step {
        Step::Insert(insert) => insert.rows,
        Step::Poll(poll) => poll.before.iter().flat_map(|before| &before.steps).map(rows_of).sum(),
        _ => 0,
    }
}

/// The rows that come before this step.
fn rows_before(scenario: &Scenario, place: usize) -> u32 {
    scenario.steps[..place].iter().map(rows_of).sum()
}

/// Takes away what names the `count` rows after the first `before`, and counts later ones down.
fn forget(steps: &mut Vec<Step>, before: u32, count: u32) {
    if count == 0 {
        return;
    }
    steps.retain_mut(|step| {
        let row = match step {
            Step::Edit(edit) => &mut edit.row,
            Step::Delete(delete) => &mut delete.row,
            Step::Poll(poll) => {
                for Before { steps, .. } in &mut poll.before {
                    forget(steps, before, count);
                }
                poll.before.retain(|before| !before.steps.is_empty());
                return true;
            }
            _ => return true,
        };
        if *row > before + count {
            *row -= count;
            return true;
        }
        *row <= before
    });
}

#[cfg(test)]
#[allow(clippy::expect_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::scenario::history;
    use qonto::QontoBank;
    use sim::Bank;

    #[test]
    fn what_named_rows_that_are_gone_goes_and_later_rows_count_down() {
        let text = r#"{"scenario": 1, "provider": "a-bank", "steps": [
            {"insert": {"rows": 2}},
            {"insert": {"rows": 3}},
            {"poll": {"before": [
                {"request": 1, "steps": [{"delete": {"row": 4}}]},
                {"request": 2, "steps": [{"delete": {"row": 2}}, {"insert": {}}]}]}},
            {"delete": {"row": 1}},
            {"delete": {"row": 6}}
        ]}"#;
        let scenario = Scenario::parse(text).expect("a scenario");
        let cut = without(&scenario, 1..2);
        assert_eq!(
            cut.steps.iter().map(super::super::format::line).collect::<Vec<_>>(),
            [
                r#"{"insert":{"rows":2}}"#,
                r#"{"poll":{"before":[{"request":2,"steps":[{"delete":{"row":2}},{"insert":{"rows":1}}]}]}}"#,
                r#"{"delete":{"row":1}}"#,
                r#"{"delete":{"row":3}}"#,
            ]
        );
    }

    #[test]
    fn what_is_smaller_is_valid_or_names_a_row_that_is_gone_and_ends() {
        let bank = Box::new(QontoBank::default()) as Box<dyn Bank>;
        for number in 0..50 {
            let scenario = history(&*bank, 3, number);
            let size = |scenario: &Scenario| scenario.to_json().len();
            for other in smaller(&scenario) {
                other.check(&*bank).expect("valid");
                assert!(size(&other) <= size(&scenario) + 4, "{}\n{}", scenario.to_json(), other.to_json());
            }
        }
    }
}

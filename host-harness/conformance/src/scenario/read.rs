//! From a file's text to a scenario that can be played, or to what is wrong with it and where.

use std::fmt;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::format::{Before, Change, FORMAT, Insert, Scenario, Step};
use sim::Bank;
use store::payment_status_name;

/// More than any provider answers in the time that somebody waits for a replay.
const MOST_ROWS: u64 = 100_000;
/// Accounts that a scenario may have.
const MOST_ACCOUNTS: u32 = 100;

/// What is wrong with a scenario.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct BadScenario {
    /// The step, from 1; none where it is about the whole.
    pub step: Option<usize>,
    /// The field that comes nearest.
    pub field: Option<String>,
    /// The line of the file, from 1; none where the text is right and the story is not.
    pub line: Option<usize>,
    /// What is wrong, and what is expected.
    pub what: String,
}

impl fmt::Display for BadScenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(step) = self.step {
            write!(f, "step {step}: ")?;
        }
        if let Some(field) = &self.field {
            write!(f, "`{field}`: ")?;
        }
        f.write_str(&self.what)?;
        self.line.map_or(Ok(()), |line| write!(f, " (line {line})"))
    }
}

impl Scenario {
    /// Reads a file. That its rows and statuses are there is for [`Scenario::check`].
    ///
    /// # Errors
    /// [`BadScenario`]: it is not JSON, or not of this format.
    pub fn parse(text: &str) -> Result<Self, BadScenario> {
        let version = version(text)?;
        if version != u64::from(FORMAT) {
            let what = format!("this harness reads version {FORMAT} of the format, not {version}");
            return Err(BadScenario { step: None, field: Some("scenario".into()), line: None, what });
        }
        serde_json::from_str(text).map_err(|error| located(text, &error))
    }

    /// Whether it can be played at this provider.
    ///
    /// # Errors
    /// [`BadScenario`]: it names what is not there.
    pub fn check(&self, bank: &dyn Bank) -> Result<(), BadScenario> {
        let bad =
            |field: &str, what: String| Err(BadScenario { step: None, field: Some(field.into()), line: None, what });
        if self.provider != bank.name() {
            return bad("provider", format!("{:?} is not {:?}", self.provider, bank.name()));
        }
        if !(1..=MOST_ACCOUNTS).contains(&self.accounts) {
            return bad("accounts", format!("expected 1 to {MOST_ACCOUNTS}"));
        }
        if !(1..=bank.largest_page()).contains(&self.page_size) {
            return bad("pageSize", format!("expected 1 to {}", bank.largest_page()));
        }
        let mut story = Story { bank, accounts: self.accounts, rows: 0 };
        for (place, step) in self.steps.iter().enumerate() {
            story.step(step, true).map_err(|(field, what)| BadScenario {
                step: Some(place + 1),
                field: Some(field.into()),
                line: None,
                what,
            })?;
        }
        Ok(())
    }
}

/// The version, before anything else: a file of another one may look different throughout.
fn version(text: &str) -> Result<u64, BadScenario> {
    #[derive(Deserialize)]
    struct Version {
        scenario: u64,
    }
    serde_json::from_str::<Version>(text).map(|version| version.scenario).map_err(|error| located(text, &error))
}

/// What serde says, with the step and the field that it is about.
fn located(text: &str, error: &serde_json::Error) -> BadScenario {
    #[derive(Deserialize)]
    struct Steps<'a> {
        #[serde(borrow)]
        steps: Vec<&'a RawValue>,
    }
    let line_start: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    let place = (line_start + error.column()).min(text.len());
    let steps = serde_json::from_str::<Steps<'_>>(text).map(|read| read.steps).unwrap_or_default();
    let begins = |step: &RawValue| step.get().as_ptr() as usize - text.as_ptr() as usize;
    let step = steps.iter().position(|step| (begins(step) + 1..=begins(step) + step.get().len()).contains(&place));
    let said = error.to_string();
    let what = match said.split(" at line ").next().unwrap_or(&said) {
        "expected value" => "it is no JSON: a value is expected here".to_owned(),
        what if error.is_eof() => {
            format!("it ends in the middle of its JSON: {}", what.replace("EOF while parsing", "inside"))
        }
        what => what.to_owned(),
    };
    let names_it = what.starts_with("missing field") || what.starts_with("unknown") || !error.is_data();
    let field = (!names_it).then(|| last_key(text.as_bytes().get(..place).unwrap_or_default())).flatten();
    BadScenario { step: step.map(|step| step + 1), field, line: Some(error.line()), what }
}

/// The last key in the beginning of a JSON text.
fn last_key(text: &[u8]) -> Option<String> {
    let (mut key, mut string, mut start, mut escaped) = (None, None, None, false);
    for (place, byte) in text.iter().enumerate() {
        match (start, byte) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), b'\\') => escaped = true,
            (Some(begin), b'"') => {
                string = text.get(begin..place);
                start = None;
            }
            (None, b'"') => start = Some(place + 1),
            (None, b':') => key = string.take(),
            _ => {}
        }
    }
    key.map(|key| String::from_utf8_lossy(key).into_owned())
}

/// What there is at a point of the story, as far as the file can tell.
struct Story<'a> {
    bank: &'a dyn Bank,
    accounts: u32,
    rows: u64,
}

type Wrong = (&'static str, String);

impl Story<'_> {
    fn step(&mut self, step: &Step, whole: bool) -> Result<(), Wrong> {
        match step {
            Step::Insert(insert) => self.insert(insert),
            Step::Edit(edit) => {
                self.row(edit.row)?;
                match &edit.change {
                    Change::Status(word) => self.status(word),
                    Change::Label(_) | Change::Minor(_) => Ok(()),
                }
            }
            Step::Delete(delete) => self.row(delete.row),
            Step::Advance(_) | Step::Quirk(_) => Ok(()),
            Step::Poll(_) | Step::Redeliver(_) if !whole => {
                Err(("before", "`poll` and `redeliver` are no part of a poll".into()))
            }
            Step::Poll(poll) => {
                if poll.faults.iter().map(|fault| fault.request).chain(poll.before.iter().map(|one| one.request)).min()
                    == Some(0)
                {
                    return Err(("request", "requests are counted from 1".into()));
                }
                if !poll.before.is_sorted_by_key(|before| before.request) {
                    return Err(("before", "expected in the order of the requests, since rows are numbered so".into()));
                }
                if poll.mutate.is_some_and(|mutate| mutate.percent > 100) {
                    return Err(("percent", "expected 0 to 100".into()));
                }
                if poll.crash.is_some_and(|crash| crash.call == 0 || crash.host_call == Some(0)) {
                    return Err(("crash", "calls are counted from 1".into()));
                }
                poll.before.iter().flat_map(|Before { steps, .. }| steps).try_for_each(|step| self.step(step, false))
            }
            Step::Redeliver(pages) => {
                if *pages > 0 {
                    Ok(())
                } else {
                    Err(("redeliver", "expected 1 page at least".into()))
                }
            }
        }
    }

    fn insert(&mut self, insert: &Insert) -> Result<(), Wrong> {
        if !(1..=self.accounts).contains(&insert.account) {
            return Err((
                "account",
                format!("there is no account {}; `accounts` makes {}", insert.account, self.accounts),
            ));
        }
        self.rows += u64::from(insert.rows);
        if self.rows > MOST_ROWS {
            return Err(("rows", format!("expected {MOST_ROWS} in all at most")));
        }
        insert.status.as_ref().map_or(Ok(()), |word| self.status(word))
    }

    fn row(&self, number: u32) -> Result<(), Wrong> {
        if (1..=self.rows).contains(&u64::from(number)) {
            return Ok(());
        }
        Err(("row", format!("there is no row {number} yet; the steps before it insert {}", self.rows)))
    }

    fn status(&self, word: &str) -> Result<(), Wrong> {
        let known: Vec<&str> = self.bank.statuses().iter().map(|status| payment_status_name(*status)).collect();
        if known.contains(&word) {
            return Ok(());
        }
        Err(("status", format!("the provider has no status {word:?}; expected one of {}", known.join(", "))))
    }
}

#[cfg(test)]
#[allow(clippy::expect_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use qonto::QontoBank;
    use sim::Bank;

    /// What is said of a scenario with these steps.
    fn said(steps: &str) -> String {
        let bank = Box::new(QontoBank::default()) as Box<dyn Bank>;
        let text = format!("{{\"scenario\": 1, \"provider\": {:?},\n \"steps\": [{steps}]}}", bank.name());
        let read = Scenario::parse(&text).and_then(|scenario| scenario.check(&*bank));
        read.expect_err("a bad scenario").to_string()
    }

    #[test]
    fn what_is_wrong_is_told_with_the_step_and_the_field() {
        for (steps, expected) in [
            (
                r#"{"poll": {}}, {"insert": {"rows": "two"}}"#,
                "step 2: `rows`: invalid type: string \"two\", expected u32 (line 2)",
            ),
            (
                r#"{"advance": "soon"}"#,
                "step 1: `advance`: \"soon\" is no duration; expected one such as \"30m\" or \"1.5s\" (line 2)",
            ),
            (r#"{"insert": {"rows": 1, "staus": "PENDING"}}"#, "step 1: unknown field `staus`, expected one of"),
            (r#"{"pol": {}}"#, "step 1: unknown variant `pol`, expected one of `insert`"),
            (r#"{"poll": {"faults": [{"request": 1, "fault": "htm"}]}}"#, "step 1: unknown variant `htm`"),
            (r#"{"edit": {"change": {"minor": 1}}}"#, "step 1: missing field `row` (line 2)"),
            (
                r#"{"insert": {}}, {"delete": {"row": 2}}"#,
                "step 2: `row`: there is no row 2 yet; the steps before it insert 1",
            ),
            (
                r#"{"insert": {"status": "BOOKED"}}"#,
                "step 1: `status`: the provider has no status \"BOOKED\"; expected one of SUCCEEDED, ",
            ),
            (r#"{"insert": {"account": 2}}"#, "step 1: `account`: there is no account 2; `accounts` makes 1"),
            (
                r#"{"poll": {"before": [{"request": 1, "steps": [{"poll": {}}]}]}}"#,
                "step 1: `before`: `poll` and `redeliver` are no part of a poll",
            ),
            (r#"{"poll": {}"#, "expected `,` or `}` (line 2)"),
        ] {
            let said = said(steps);
            assert!(said.starts_with(expected), "{said}");
        }
    }

    #[test]
    fn another_version_and_another_provider_are_refused_by_name() {
        let version = Scenario::parse(r#"{"scenario": 7, "acts": []}"#).expect_err("another version").to_string();
        assert_eq!(version, "`scenario`: this harness reads version 1 of the format, not 7");
        let bank = Box::new(QontoBank::default()) as Box<dyn Bank>;
        let other = Scenario::new("monzo").check(&*bank).expect_err("another provider").to_string();
        assert_eq!(other, format!("`provider`: \"monzo\" is not {:?}", bank.name()));
    }
}

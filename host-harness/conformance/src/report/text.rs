//! Texts of a report, and a failure in plain text.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use similar::{ChangeTag, TextDiff};

use super::exchange::{self, Body, Shown};
use crate::evidence::{Evidence, Exchange, StateChange};
use crate::suite::{Again, Checked, Report};
use model::shown::{one_line, visible};

/// Lines of a state that are compared; what is behind them is not shown.
const COMPARED: usize = 2_000;
/// Unchanged lines around a change.
const CONTEXT: usize = 3;

/// The beginning of a text, with a mark where it was cut.
#[must_use]
pub fn beginning(text: &str, characters: usize) -> Cow<'_, str> {
    match text.char_indices().nth(characters) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

/// JSON on lines, or what else it is as it is. Only white space between values is changed: numbers are spelt and
/// fields ordered as they came, and a text that was cut, or is not quite JSON, is shown as well.
#[must_use]
pub fn indented(json: &str) -> Cow<'_, str> {
    if !json.trim_start().starts_with(['{', '[']) {
        return Cow::Borrowed(json);
    }
    let (mut text, mut depth, mut in_string, mut escaped) = (String::new(), 0_usize, false, false);
    let mut characters = json.trim().chars().peekable();
    // Writing to a string cannot fail.
    let line = |text: &mut String, depth: usize| _ = write!(text, "\n{:1$}", "", depth.min(40) * 2);
    while let Some(character) = characters.next() {
        if in_string {
            in_string = escaped || character != '"';
            escaped = !escaped && character == '\\';
            text.push(character);
            continue;
        }
        match character {
            '{' | '[' => {
                text.push(character);
                while characters.next_if(|next| next.is_whitespace()).is_some() {}
                if let Some(end) = characters.next_if(|next| matches!(next, '}' | ']')) {
                    text.push(end);
                } else {
                    depth += 1;
                    line(&mut text, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                line(&mut text, depth);
                text.push(character);
            }
            ',' => {
                text.push(',');
                line(&mut text, depth);
            }
            ':' => text.push_str(": "),
            space if space.is_whitespace() => {}
            other => {
                in_string = other == '"';
                text.push(other);
            }
        }
    }
    Cow::Owned(text)
}

/// What a line of a comparison is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// In both.
    Both,
    /// Only before.
    Before,
    /// Only after.
    After,
    /// Unchanged lines were left out here.
    Gap,
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Both => " ",
            Self::Before => "-",
            Self::After => "+",
            Self::Gap => "⋮",
        })
    }
}

/// A state before and after, line by line.
#[must_use]
pub fn difference(change: &StateChange) -> Vec<(Side, String)> {
    let cut = |text: &str| text.lines().take(COMPARED).collect::<Vec<_>>().join("\n");
    let (before, after) = (cut(&indented(&change.before)), cut(&indented(&change.after)));
    let diff = TextDiff::from_lines(&before, &after);
    let mut lines = Vec::new();
    for (place, group) in diff.grouped_ops(CONTEXT).iter().enumerate() {
        if place > 0 {
            lines.push((Side::Gap, String::new()));
        }
        for line in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let side = match line.tag() {
                ChangeTag::Equal => Side::Both,
                ChangeTag::Delete => Side::Before,
                ChangeTag::Insert => Side::After,
            };
            lines.push((side, visible(line.value().trim_end_matches('\n')).into_owned()));
        }
    }
    lines
}

/// How much of a failure is shown.
#[derive(Debug, Clone, Copy)]
pub struct Detail {
    /// Differences.
    pub differences: usize,
    /// Exchanges, the last ones.
    pub exchanges: usize,
    /// Whether the headers of the exchanges are shown.
    pub headers: bool,
    /// Characters of each body.
    pub body: usize,
    /// Lines of each comparison of states.
    pub states: usize,
}

impl Detail {
    /// For a terminal.
    pub const SHORT: Self = Self { differences: 8, exchanges: 3, headers: false, body: 160, states: 12 };
    /// For a file.
    pub const LONG: Self = Self { differences: 100, exchanges: 6, headers: true, body: 1_000, states: 200 };
}

/// What a failure shows, less its first sentence, as plain text.
#[must_use]
pub fn evidence(evidence: &Evidence, detail: Detail) -> String {
    let mut text = String::new();
    if !evidence.setting.is_empty() {
        _ = writeln!(text, "setting: {}", one_line(&evidence.setting));
    }
    if !evidence.differences.is_empty() {
        _ = writeln!(text, "differences:");
        for difference in evidence.differences.iter().take(detail.differences) {
            _ = writeln!(text, "  {}", one_line(difference));
        }
        left_out(&mut text, evidence.differences.len(), detail.differences);
    }
    if let Some(lost) = &evidence.lost {
        _ = writeln!(text, "where it was lost: {}", one_line(&lost.told));
    }
    let exchanges = chosen(evidence, detail.exchanges);
    if !exchanges.is_empty() {
        _ = writeln!(text, "{}:", heading(evidence));
        for exchange in exchange::shown(exchanges) {
            push_exchange(&mut text, &exchange, detail);
        }
    }
    for change in &evidence.states {
        let lines = difference(change);
        if lines.is_empty() {
            continue;
        }
        _ = writeln!(text, "state of {}:", one_line(&change.stream));
        for (side, line) in lines.iter().take(detail.states) {
            _ = writeln!(text, "  {}", format!("{side} {line}").trim_end());
        }
        left_out(&mut text, lines.len(), detail.states);
    }
    text
}

/// What a recording leaves open, and what would prove it.
#[must_use]
pub fn beyond(report: &Report) -> String {
    let ids = report.beyond.join(", ");
    format!("A recording cannot prove {ids}, and so no level: these need a provider with rows to add and to change.")
}

/// The ids of checks, in their order: `C5, K1`.
#[must_use]
pub fn ids<'a>(checks: impl Iterator<Item = &'a Checked>) -> String {
    checks.map(|checked| checked.id).collect::<Vec<_>>().join(", ")
}

/// How a check is seen again, a line for each command.
#[must_use]
pub fn again(checked: &Checked) -> String {
    let Some(Again { check, scenario }) = &checked.again else { return String::new() };
    let mut text = format!("see it again:    {check}\n");
    if let Some(scenario) = scenario {
        _ = writeln!(text, "its scenario:    {scenario}");
    }
    text
}

fn left_out(text: &mut String, all: usize, shown: usize) {
    if all > shown {
        _ = writeln!(text, "  … and {} more", all - shown);
    }
}

/// The last exchanges, or those around the one that lost a row.
fn chosen(evidence: &Evidence, count: usize) -> &[Exchange] {
    let exchanges = &evidence.exchanges;
    let last = exchanges.len().saturating_sub(count);
    let place = evidence.lost_in().and_then(|number| exchanges.iter().position(|exchange| exchange.number == number));
    let first = place.map_or(last, |place| place.saturating_sub(count / 2).min(last));
    exchanges.get(first..exchanges.len().min(first + count)).unwrap_or_default()
}

/// Which exchanges of a trial are shown.
#[must_use]
pub fn heading(evidence: &Evidence) -> &'static str {
    match evidence.lost_in() {
        Some(_) => "exchanges around it, with what changed from one to the next",
        None => "last exchanges, with what changed from one to the next",
    }
}

fn push_exchange(text: &mut String, exchange: &Shown<'_>, detail: Detail) {
    let Shown { number, request, query, headers, answer, answer_headers, body } = exchange;
    _ = writeln!(text, "  {number}. {} → {}", one_line(request), one_line(answer));
    if !query.is_empty() {
        _ = writeln!(text, "     {}", one_line(&query.join("; ")));
    }
    if detail.headers {
        for (mark, lines) in [('>', headers), ('<', answer_headers)] {
            for line in lines {
                _ = writeln!(text, "     {mark} {}", one_line(line));
            }
        }
    }
    _ = match body {
        Body::Empty => Ok(()),
        Body::Same(number) => writeln!(text, "     the answer of {number} again"),
        Body::Other(body) => writeln!(text, "     {}", beginning(&one_line(body), detail.body)),
    };
}

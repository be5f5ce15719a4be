//! Markdown for the summary of a CI job: what matters above, everything else in a table.

use std::fmt::Write as _;

use super::text::{self, Detail};
use super::{counts, level, seconds};
use crate::check::Verdict;
use crate::suite::{Checked, Report};
use model::shown::one_line;

/// The report as Markdown.
pub fn render(report: &Report) -> String {
    let mut text = format!("## {} Conformance of {}\n\n", mark_of(report), escaped(&report.component));
    let told: Vec<String> = counts(&report.checks).into_iter().map(|(_, told)| told).collect();
    let told = if told.is_empty() { "no check ran".to_owned() } else { told.join(", ") };
    _ = writeln!(
        text,
        "**{told}**; {} · contract {} · provider {} · seed {} · {} · harness {} · {}\n\nsha256 of the component: `{}`\n",
        level(report),
        report.contract,
        report.provider,
        report.seed,
        seconds(report.millis),
        report.harness,
        report.day(),
        report.sha256
    );
    let failed = report.checks.iter().filter(|checked| checked.verdict == Verdict::Fail);
    for checked in failed.filter(|checked| checked.follows.is_none()) {
        push_failure(&mut text, report, checked);
    }
    text.push_str("| check | verdict | | ms |\n|---|---|---|--:|\n");
    for checked in &report.checks {
        let Checked { id, title, verdict, reason, millis, .. } = checked;
        _ = writeln!(
            text,
            "| **{id}** {} | {} {verdict} | {} | {millis} |",
            escaped(title),
            mark(*verdict),
            escaped(reason)
        );
    }
    if !report.beyond.is_empty() {
        _ = writeln!(text, "\n{}", escaped(&text::beyond(report)));
    }
    text
}

fn push_failure(text: &mut String, report: &Report, checked: &Checked) {
    let Checked { id, title, reason, .. } = checked;
    _ = writeln!(text, "<details open><summary><b>{id} {}</b>: {}</summary>\n", escaped(title), escaped(reason));
    let check = checked.check;
    _ = writeln!(text, "> {}\n>\n> `{}`\n", escaped(check.clause.text), check.clause.item);
    _ = writeln!(text, "Provoked by {}. Passes when {}.\n", escaped(check.provocation), escaped(check.rule));
    if let Some(evidence) = &checked.evidence {
        let shown = format!("{}{}", text::evidence(evidence, Detail::LONG), text::again(checked));
        let fence = fence(&shown);
        _ = writeln!(text, "{fence}text\n{}\n{fence}\n", shown.trim_end());
    }
    let follow = text::ids(report.followers(id));
    if !follow.is_empty() {
        _ = writeln!(text, "Start here: from it follow {follow}.\n");
    }
    text.push_str("</details>\n\n");
}

fn mark_of(report: &Report) -> &'static str {
    match report.conclusion() {
        super::Conclusion::Passed => "✅",
        super::Conclusion::Failed => "❌",
        super::Conclusion::Open => "❔",
    }
}

fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "✅",
        Verdict::Warn => "⚠️",
        Verdict::Skip => "⏭️",
        Verdict::Inconclusive => "❔",
        Verdict::Fail => "❌",
    }
}

/// Text in which nothing is Markdown, HTML, or the end of a cell.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for character in one_line(text).chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            // An entity keeps `@name` and `http://` from becoming a mention and a link.
            '@' => escaped.push_str("&#64;"),
            ':' => escaped.push_str("&#58;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '!' => {
                escaped.push('\\');
                escaped.push(character);
            }
            other => escaped.push(other),
        }
    }
    escaped
}

/// A fence that the text does not hold.
fn fence(text: &str) -> String {
    let longest = text.split(|character| character != '`').map(str::len).max().unwrap_or_default();
    "`".repeat(longest.max(2) + 1)
}

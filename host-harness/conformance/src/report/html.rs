//! One page for a browser: no script, nothing loaded from elsewhere, light and dark, wide and narrow.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::exchange::{self, Body, Shown};
use super::text::{self, Side, difference, heading, ids, indented};
use super::{Conclusion, counts, level, seconds};
use crate::check::{Check, Verdict};
use crate::evidence::{Evidence, StateChange};
use crate::suite::{Checked, Report};
use model::shown::visible;

const STYLE: &str = include_str!("style.css");

/// The report as a page.
pub fn render(report: &Report) -> String {
    page(
        &format!("Conformance of {}", report.component),
        &html! {
            (header(report))
            main {
                @for (letter, about, checks) in report.groups() {
                    (group(report, letter, about, &checks))
                }
            }
        },
    )
}

/// A page of its own: nothing in it is run or loaded.
pub(crate) fn page(title: &str, body: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'";
                title { (visible(title)) }
                style { (PreEscaped(STYLE)) }
            }
            body { (body) }
        }
    };
    page.into_string()
}

/// A sentence. What stands between backticks is code; one alone is a backtick.
pub(crate) fn prose(text: &str) -> Markup {
    let mut rest = &*visible(text);
    let mut parts = Vec::new();
    while let Some((before, code, behind)) = quoted(rest) {
        parts.extend([(false, before), (true, code)]);
        rest = behind;
    }
    parts.push((false, rest));
    html! {
        @for (is_code, part) in parts {
            @if is_code { code { (part) } } @else { (part) }
        }
    }
}

/// What stands before, in and behind the first pair of backticks that has something between them.
fn quoted(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('`')?;
    let (code, behind) = rest.split_once('`').filter(|(code, _)| !code.is_empty())?;
    Some((before, code, behind))
}

/// What a run comes to.
pub(crate) fn conclusion(conclusion: Conclusion) -> Markup {
    let verdict = match conclusion {
        Conclusion::Passed => Verdict::Pass,
        Conclusion::Failed => Verdict::Fail,
        Conclusion::Open => Verdict::Inconclusive,
    };
    badge(verdict, &conclusion.to_string())
}

fn header(report: &Report) -> Markup {
    let facts = [
        ("Level", format!("{} asked, {}", report.level, level(report))),
        ("Contract", format!("payments:connector@{}", report.contract)),
        (
            "Provider",
            if report.beyond.is_empty() { format!("{} (simulated)", report.provider) } else { report.provider.clone() },
        ),
        ("Seed", report.seed.to_string()),
        ("Time", seconds(report.millis)),
        ("Harness", report.harness.to_owned()),
        ("Date", report.day()),
        ("SHA-256", report.sha256.clone()),
    ];
    let told = report.checks.iter().filter(|checked| checked.verdict != Verdict::Pass && checked.follows.is_none());
    let leading = report.checks.iter().filter(|checked| report.followers(checked.id).next().is_some());
    let start = leading.max_by_key(|checked| report.followers(checked.id).count());
    html! {
        header {
            p.kicker { "Conformance report" }
            h1 { (visible(&report.component)) }
            p.counts {
                (conclusion(report.conclusion()))
                @for (_, told) in counts(&report.checks) { span { (told) } }
                @if report.checks.is_empty() { span { "no check ran" } }
            }
            dl.facts {
                @for (name, fact) in facts { div { dt { (name) } dd { (fact) } } }
            }
            @if !report.beyond.is_empty() { p.start { (text::beyond(report)) } }
            @if told.clone().next().is_some() {
                @if let Some(start) = start {
                    p.start {
                        "Start with " a href={ "#" (start.id) } { (start.id) " " (start.title) } ": "
                        (report.followers(start.id).count()) " others follow from it."
                    }
                }
                nav aria-label="Checks that did not pass" {
                    @for checked in told {
                        a href={ "#" (checked.id) } { (sign(checked.verdict)) " " (checked.id) " " (checked.title) }
                    }
                }
            }
        }
    }
}

/// The checks of a group. What follows from the failure of another one stands below that.
fn group(report: &Report, letter: char, about: &str, checks: &[&Checked]) -> Markup {
    html! {
        section {
            h2 { span.letter { (letter) } " " (about) small { (list(checks)) } }
            @for checked in checks {
                @match checked.follows {
                    None => (entry(report, checked)),
                    Some(root) => p.elsewhere {
                        (sign(checked.verdict)) " " a href={ "#" (checked.id) } { (checked.id) " " (checked.title) }
                        " follows from " a href={ "#" (root) } { (root) }
                    }
                }
            }
        }
    }
}

fn list(checks: &[&Checked]) -> String {
    let told: Vec<String> = counts(checks.iter().copied()).into_iter().map(|(_, told)| told).collect();
    told.join(", ")
}

/// A check: a row that opens to all that is known of it, and of those that follow from it.
fn entry(report: &Report, checked: &Checked) -> Markup {
    let followers: Vec<&Checked> = report.followers(checked.id).collect();
    let is_open = checked.verdict == Verdict::Fail && checked.follows.is_none();
    html! {
        details.check.(class(checked.verdict)) id=(checked.id) open[is_open] {
            summary {
                (badge(checked.verdict, &checked.verdict.to_string()))
                span.name { b { (checked.id) } " " (checked.title) }
                span.reason { (prose(&checked.reason)) }
                span.millis { (checked.millis) " ms" }
            }
            div.inside {
                (about(checked.check, checked.evidence.is_some()))
                @if let Some(evidence) = &checked.evidence { (shown(evidence)) }
                @if let Some(again) = &checked.again {
                    p.again { b { "See it again: " } code { (visible(&again.check)) } }
                    @if let Some(scenario) = &again.scenario { p.again { b { "Its scenario: " } code { (visible(scenario)) } } }
                }
                @if !followers.is_empty() {
                    details.followers {
                        summary { (followers.len()) " that follow from it: " (ids(followers.iter().copied())) }
                        @for follower in &followers { (entry(report, follower)) }
                    }
                }
            }
        }
    }
}

/// What the catalogue says of it. Beside a failure it is one click away.
fn about(check: &Check, failed: bool) -> Markup {
    let facts = html! {
        dl.about {
            div { dt { "Clause" } dd { q { (prose(check.clause.text)) } " " code { (check.clause.item) } } }
            div { dt { "Provoked by" } dd { (prose(check.provocation)) } }
            div { dt { "Passes when" } dd { (prose(check.rule)) } }
            div { dt { "Tier, level" } dd { (check.tier) ", " (check.level) } }
        }
    };
    html! {
        @if failed {
            details.rule { summary { "What this check proves, and how" } (facts) }
        } @else { (facts) }
    }
}

fn shown(evidence: &Evidence) -> Markup {
    let exchanges = exchange::shown(&evidence.exchanges);
    // The one that tells most: where the row was lost, or else the last.
    let telling = evidence.lost_in().or_else(|| exchanges.last().map(|exchange| exchange.number));
    html! {
        @if !evidence.setting.is_empty() { p.setting { b { "Setting: " } (prose(&evidence.setting)) } }
        @if !evidence.differences.is_empty() {
            h3 { "Differences" }
            ul.differences { @for difference in &evidence.differences { li { (prose(difference)) } } }
        }
        @if let Some(lost) = &evidence.lost { p.setting { b { "Where the first was lost: " } (prose(&lost.told)) } }
        @if !exchanges.is_empty() {
            h3.exchanges { (heading(evidence)) }
            @for one in &exchanges { (one_exchange(one, telling == Some(one.number))) }
        }
        @for change in &evidence.states { (state(change)) }
        @if let Some(scenario) = &evidence.scenario {
            h3 { "Scenario" }
            (block(&indented(scenario)))
        }
    }
}

fn one_exchange(exchange: &Shown<'_>, open: bool) -> Markup {
    html! {
        details.exchange open[open] {
            summary {
                span.number { (exchange.number) }
                code { (visible(&exchange.request)) }
                span.answer { "→ " (visible(exchange.answer)) }
                @for change in &exchange.query { span.query { (visible(change)) } }
            }
            @if !exchange.headers.is_empty() { h4 { "Request" } (block(&exchange.headers.join("\n"))) }
            h4 { "Answer" }
            @if !exchange.answer_headers.is_empty() { (block(&exchange.answer_headers.join("\n"))) }
            @match exchange.body {
                Body::Empty => p.none { "without a body" },
                Body::Same(number) => p.none { "the body of exchange " (number) " again" },
                Body::Other(body) => (block(&indented(body))),
            }
        }
    }
}

fn state(change: &StateChange) -> Markup {
    let lines = difference(change);
    html! {
        h3 { "State of " code { (visible(&change.stream)) } }
        @if lines.is_empty() { p.none { "unchanged" } } @else {
            pre.diff tabindex="0" {
                @for (side, line) in lines {
                    span.(class_of(side)) { (side) " " (line) "\n" }
                }
            }
        }
    }
}

/// A block that can be scrolled, by the keyboard as well.
fn block(text: &str) -> Markup {
    html! { pre tabindex="0" { (visible(text)) } }
}

fn badge(verdict: Verdict, word: &str) -> Markup {
    html! { span.badge.(class(verdict)) { (sign(verdict)) " " (word) } }
}

fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::Warn => "warn",
        Verdict::Skip => "skip",
        Verdict::Inconclusive => "inconclusive",
        Verdict::Fail => "fail",
    }
}

/// A verdict must be told without its colour.
fn sign(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "✓",
        Verdict::Warn => "!",
        Verdict::Skip => "–",
        Verdict::Inconclusive => "?",
        Verdict::Fail => "✗",
    }
}

fn class_of(side: Side) -> &'static str {
    match side {
        Side::Both => "both",
        Side::Before => "before",
        Side::After => "after",
        Side::Gap => "gap",
    }
}

//! One page for a browser: no script, nothing loaded from elsewhere, light and dark, wide and narrow.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::text::{Side, difference, indented};
use super::{Conclusion, counts, level, seconds};
use crate::check::{Check, Verdict};
use crate::evidence::{Evidence, Exchange, StateChange};
use crate::suite::{Checked, Report};
use model::shown::visible;

const STYLE: &str = include_str!("style.css");

/// The report as a page.
pub fn render(report: &Report) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'";
                title { "Conformance of " (visible(&report.component)) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                (header(report))
                main {
                    @for (letter, about, checks) in report.groups() {
                        (group(letter, about, &checks, report.seed))
                    }
                }
            }
        }
    };
    page.into_string()
}

fn header(report: &Report) -> Markup {
    let (verdict, word) = match report.conclusion() {
        Conclusion::Passed => (Verdict::Pass, "passed"),
        Conclusion::Failed => (Verdict::Fail, "failed"),
        Conclusion::Open => (Verdict::Inconclusive, "not everything was proved"),
    };
    let facts = [
        ("Level", format!("{} asked, {}", report.level, level(report))),
        ("Contract", format!("payments:connector@{}", report.contract)),
        ("Provider", format!("{} (simulated)", report.provider)),
        ("Seed", report.seed.to_string()),
        ("Time", seconds(report.millis)),
        ("SHA-256", report.sha256.clone()),
    ];
    let told = report.checks.iter().filter(|checked| checked.verdict != Verdict::Pass);
    html! {
        header {
            p.kicker { "Conformance report" }
            h1 { (visible(&report.component)) }
            p.counts {
                (badge(verdict, word))
                @for (_, told) in counts(&report.checks) { span { (told) } }
                @if report.checks.is_empty() { span { "no check ran" } }
            }
            dl.facts {
                @for (name, fact) in facts { div { dt { (name) } dd { (fact) } } }
            }
            @if told.clone().next().is_some() {
                nav aria-label="Checks that did not pass" {
                    @for checked in told {
                        a href={ "#" (checked.id) } { (sign(checked.verdict)) " " (checked.id) " " (checked.title) }
                    }
                }
            }
        }
    }
}

fn group(letter: char, about: &str, checks: &[&Checked], seed: u64) -> Markup {
    html! {
        section {
            h2 { span.letter { (letter) } " " (about) small { (list(checks)) } }
            @for checked in checks { (entry(checked, seed)) }
        }
    }
}

fn list(checks: &[&Checked]) -> String {
    let told: Vec<String> = counts(checks.iter().copied()).into_iter().map(|(_, told)| told).collect();
    told.join(", ")
}

/// A check: a row that opens to all that is known of it.
fn entry(checked: &Checked, seed: u64) -> Markup {
    html! {
        details.check.(class(checked.verdict)) id=(checked.id) open[checked.verdict == Verdict::Fail] {
            summary {
                (badge(checked.verdict, &checked.verdict.to_string()))
                span.name { b { (checked.id) } " " (checked.title) }
                span.reason { (visible(&checked.reason)) }
                span.millis { (checked.millis) " ms" }
            }
            div.inside {
                (about(checked.check, seed, checked.evidence.is_some()))
                @if let Some(evidence) = &checked.evidence { (shown(evidence)) }
            }
        }
    }
}

/// What the catalogue says of it. Beside a failure it is one click away.
fn about(check: &Check, seed: u64, failed: bool) -> Markup {
    let facts = html! {
        dl.about {
            div { dt { "Clause" } dd { q { (check.clause.text) } " " code { (check.clause.item) } } }
            div { dt { "Provoked by" } dd { (check.provocation) } }
            div { dt { "Passes when" } dd { (check.rule) } }
            div { dt { "Tier, level" } dd { (check.tier) ", " (check.level) } }
            div { dt { "Run it alone" } dd { code { "harness test --component FILE --only " (check.id) " --seed " (seed) } } }
        }
    };
    html! {
        @if failed {
            details.rule { summary { "What this check proves, and how" } (facts) }
        } @else { (facts) }
    }
}

fn shown(evidence: &Evidence) -> Markup {
    let last = evidence.exchanges.len().saturating_sub(1);
    html! {
        @if !evidence.setting.is_empty() { p.setting { b { "Setting: " } (visible(&evidence.setting)) } }
        @if !evidence.differences.is_empty() {
            h3 { "Differences" }
            ul.differences { @for difference in &evidence.differences { li { (visible(difference)) } } }
        }
        @if !evidence.exchanges.is_empty() {
            h3 { "Last exchanges" }
            @for (place, one) in evidence.exchanges.iter().enumerate() { (exchange(one, place == last)) }
        }
        @for change in &evidence.states { (state(change)) }
        @if let Some(scenario) = &evidence.scenario {
            h3 { "Scenario" }
            p { "Save it as a file: " code { "harness replay FILE" } " shows the failure again." }
            (block(&indented(scenario)))
        }
    }
}

fn exchange(exchange: &Exchange, open: bool) -> Markup {
    html! {
        details.exchange open[open] {
            summary {
                span.number { (exchange.number) }
                code { (visible(&exchange.request)) }
                span.answer { "→ " (visible(&exchange.answer)) }
            }
            @if !exchange.headers.is_empty() { h4 { "Request" } (block(&exchange.headers.join("\n"))) }
            h4 { "Answer" }
            @if !exchange.answer_headers.is_empty() { (block(&exchange.answer_headers.join("\n"))) }
            @if exchange.body.is_empty() { p.none { "without a body" } } @else { (block(&indented(&exchange.body))) }
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

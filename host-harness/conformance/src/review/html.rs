//! The sheet as a page: the report's own style, to be read on a screen and signed on paper.

use maud::{Markup, html};

use super::{Section, Sheet, Sign};
use crate::report::html::{conclusion, page, prose};
use model::shown::visible;

pub(super) fn render(sheet: &Sheet) -> String {
    page(
        &format!("Review of {}", sheet.component),
        &html! {
            (header(sheet))
            main {
                @for section in sheet.sections.iter().filter(|section| section.lead.is_some() || !section.lines.is_empty()) {
                    (part(section))
                }
                (decision(sheet))
            }
        },
    )
}

fn header(sheet: &Sheet) -> Markup {
    html! {
        header {
            p.kicker { "Reviewer's sheet" }
            h1 { (visible(&sheet.component)) }
            @if !sheet.description.is_empty() { p { (prose(&sheet.description)) } }
            p.counts {
                (conclusion(sheet.conclusion))
                @for told in &sheet.counts { span { (told) } }
                @if sheet.counts.is_empty() { span { "no check ran" } }
            }
            dl.facts {
                @for (name, fact) in &sheet.facts { div { dt { (name) } dd { (visible(fact)) } } }
            }
        }
    }
}

fn part(section: &Section) -> Markup {
    html! {
        section.sheet {
            h2 { (section.title) }
            @if let Some(lead) = &section.lead { p.lead { (prose(lead)) } }
            ul.lines {
                @for line in &section.lines {
                    li.(class(line.sign)) {
                        span.sign { (line.sign.character()) }
                        @if let Some(name) = &line.name {
                            b { (visible(name)) }
                            span { (prose(&line.text)) }
                        } @else {
                            span.whole { (prose(&line.text)) }
                        }
                    }
                }
            }
        }
    }
}

fn decision(sheet: &Sheet) -> Markup {
    html! {
        section.decision {
            h2 { "Decision" }
            p { "On this component and no other: " code { (sheet.digest) } }
            p { "☐ approved" }
            p.blank { "☐ refused, because:" span {} }
            p.blank { "Name:" span {} "Date:" span {} "Signature:" span {} }
        }
    }
}

fn class(sign: Sign) -> &'static str {
    match sign {
        Sign::Fact => "fact",
        Sign::Warning | Sign::Changed => "warn",
        Sign::Added => "added",
        Sign::Removed => "removed",
        Sign::Proved => "pass",
        Sign::Failed => "fail",
        Sign::Open => "open",
    }
}

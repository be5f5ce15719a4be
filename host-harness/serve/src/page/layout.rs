//! What all pages have in common: the frame, times, names, tables, buttons.

use axum::response::Html;
use chrono::{DateTime, SecondsFormat, Utc};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use model::shown::visible;

use super::visitor::{TOKEN, Visitor};
use crate::problem::Problem;

/// Which part of the page one is in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tab {
    Overview,
    Payments,
    Accounts,
    Install,
    Audit,
    None,
}

const TABS: [(Tab, &str, &str); 5] = [
    (Tab::Overview, "/", "Overview"),
    (Tab::Payments, "/payments", "Payments"),
    (Tab::Accounts, "/accounts", "Accounts"),
    (Tab::Install, "/install", "Install"),
    (Tab::Audit, "/audit", "Audit log"),
];

/// Nothing in the page is run or styled by htmx itself, nothing is asked of others, and no page is kept by the browser.
const HTMX: &str = r#"{"allowEval":false,"allowScriptTags":false,"includeIndicatorStyles":false,"selfRequestsOnly":true,"historyEnabled":false}"#;

/// A page.
pub(super) fn page(visitor: &Visitor, title: &str, tab: Tab, body: &Markup) -> Html<String> {
    let may_read = tab != Tab::None || visitor.has_session || visitor.may_write;
    let nav = html! {
        @if may_read {
            @for (known, path, name) in TABS {
                a href=(path) aria-current=[(known == tab).then_some("page")] { (name) }
            }
        }
        @if visitor.has_session {
            form method="post" action="/logout" { (token_field(visitor)) button { "Log out" } }
        }
    };
    framed(title, &nav, may_read, body)
}

/// What is told in the place of a page.
pub(super) fn refusal(problem: &Problem) -> Html<String> {
    let body = html! {
        h1 { "That did not work" }
        (told(problem))
        p { a href="/" { "To the overview" } }
    };
    framed("That did not work", &html! { a href="/" { "Overview" } }, false, &body)
}

/// Why something was refused.
pub(super) fn told(problem: &Problem) -> Markup {
    html! {
        div.card.failure role="alert" {
            p { (text(problem.message())) }
            @if let Some(more) = problem.more() { pre { (text(more)) } }
        }
    }
}

fn framed(title: &str, nav: &Markup, is_live: bool, body: &Markup) -> Html<String> {
    let live = is_live.then_some("/news");
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="htmx-config" content=(HTMX);
                title { (text(title)) " · Payments host" }
                link rel="icon" type="image/svg+xml" href="/assets/icon.svg";
                link rel="stylesheet" href="/assets/page.css";
                script src="/assets/htmx.min.js" defer {}
                script src="/assets/htmx-ext-sse.min.js" defer {}
            }
            body hx-ext=[live.map(|_| "sse")] sse-connect=[live] {
                a.skip href="#main" { "To the content" }
                header.top { nav aria-label="Parts of the page" { (nav) } }
                main #main { (body) }
            }
        }
    };
    Html(page.into_string())
}

/// A part of a page that is asked for again when something changed. Its path is that of the page.
pub(super) fn live(path: &str, body: &Markup) -> Markup {
    html! {
        div #live hx-get=(path) hx-trigger="sse:news, every 30s" hx-select="#live > *" hx-swap="innerHTML" { (body) }
    }
}

/// Text by anybody, as it can be shown.
pub(super) fn text(text: &str) -> String {
    visible(text).into_owned()
}

/// An instant of this host, to the second.
pub(super) fn instant(at: DateTime<Utc>) -> Markup {
    moment(&at.to_rfc3339_opts(SecondsFormat::Secs, true))
}

/// A time as the API spells it, to the second.
pub(super) fn moment(time: &str) -> Markup {
    let (day, rest) = time.split_once('T').unwrap_or((time, ""));
    let second = rest.get(..8).unwrap_or(rest);
    html! { time datetime=(time) { span { (day) } " " span { (second) " UTC" } } }
}

/// A time span in words, to two units: `1 h 5 min`.
pub(super) fn span(seconds: u64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} min {} s", seconds % 60),
        (0, _, _) => format!("{hours} h {minutes} min"),
        _ => format!("{days} d {hours} h"),
    }
}

/// So many of something: `1 row`, `2 rows`.
pub(super) fn count(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// What shows that a form is this page's.
pub(super) fn token_field(visitor: &Visitor) -> Markup {
    html! { input type="hidden" name=(TOKEN) value=(visitor.token); }
}

/// A button that does something.
pub(super) fn button(visitor: &Visitor, action: &str, label: &str, about: &str) -> Markup {
    html! {
        @if visitor.may_write {
            form method="post" action=(action) {
                (token_field(visitor))
                button aria-label={ (label) ": " (text(about)) } { (label) }
            }
        }
    }
}

/// A table that is moved by itself where it is wider than the screen.
pub(super) fn table(about: &str, head: &Markup, rows: &Markup) -> Markup {
    html! {
        div.table role="region" aria-label=(about) tabindex="0" {
            table { thead { tr { (head) } } tbody { (rows) } }
        }
    }
}

/// Nothing.
pub(super) fn nothing() -> Markup {
    PreEscaped(String::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_told_to_the_second_and_a_span_in_two_units() {
        let shown = moment("2026-05-04T08:00:01.5Z").into_string();
        assert_eq!(
            shown,
            r#"<time datetime="2026-05-04T08:00:01.5Z"><span>2026-05-04</span> <span>08:00:01 UTC</span></time>"#
        );
        assert_eq!([0, 59, 60, 3_725, 90_000].map(span), ["0 s", "59 s", "1 min 0 s", "1 h 2 min", "1 d 1 h"]);
    }
}

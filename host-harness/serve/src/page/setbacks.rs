//! What stands in the way of an install, equal things once, each with its way out.

use std::collections::BTreeMap;

use maud::{Markup, html};
use store::serving::connectors::Connector;
use store::{Run, Suspended};

use super::layout::{button, count, text};
use super::visitor::Visitor;
use crate::id::{ConnectorId, Id as _};
use crate::setback::{Setback, Way};
use crate::watch::Known;

/// What stands in the way, and of what.
pub(super) struct Group {
    pub(super) setback: Setback,
    /// The streams; none: all of the install.
    pub(super) streams: Vec<String>,
}

/// What stands in the way of an install. What an earlier process wrote down counts until this one has polled.
pub(super) fn groups(known: &Known, suspended: Option<&Suspended>, runs: &[Run]) -> Vec<Group> {
    let mut equal: BTreeMap<Setback, Vec<String>> = BTreeMap::new();
    for (stream, setback) in &known.setbacks.streams {
        equal.entry(setback.clone()).or_default().push(stream.clone());
    }
    if known.polls == 0 {
        for run in runs {
            if let Some(error) = run.summary.as_ref().and_then(|summary| summary.error.clone()) {
                let setback = Setback { way: Way::Waits, told: error };
                equal.entry(setback).or_default().push(run.stream.to_string());
            }
        }
    }
    let whole = known.setbacks.whole.clone();
    let suspended = suspended
        .filter(|_| whole.is_none())
        .map(|suspended| Setback { way: Way::Resume, told: suspended.to_string() });
    let whole = whole.or(suspended).map(|setback| Group { setback, streams: Vec::new() });
    whole.into_iter().chain(equal.into_iter().map(|(setback, streams)| Group { setback, streams })).collect()
}

/// One of them as a card.
pub(super) fn card(visitor: &Visitor, connector: &Connector, group: &Group, next: &str) -> Markup {
    let path = format!("/connectors/{}", ConnectorId::from(connector).text());
    let name = &connector.install;
    let act = |what: &str, label: &str| button(visitor, &format!("{path}/{what}"), label, name);
    let link = |to: &str, label: &str| html! { a.button href={ (path) (to) } { (label) } };
    let way = group.setback.way;
    html! {
        div.card.failure {
            h3 { a href=(path) { (text(name)) } }
            p { (text(&group.setback.told)) }
            @match group.streams.as_slice() {
                [] => {}
                [one] => p.quiet { "In " (text(one)) "." }
                [first, rest @ ..] => p.quiet { "In " (text(first)) " and " (count(rest.len() as u64, "other stream", "other streams")) "." }
            }
            p { strong { "Way out: " } (sentence(way)) @if way == Way::Waits { " " (next) } }
            div.row {
                @match way {
                    Way::Credentials | Way::Right | Way::Config => (link("/config", "Change the config")),
                    Way::Resume => { (link("#incidents", "See its incidents")) (act("resume", "Resume")) }
                    Way::Policy => (link("#reach", "See what it asks")),
                    Way::Reset | Way::Provider => (link("/erase", "Reset or uninstall")),
                    Way::AtProvider | Way::Maker | Way::Host | Way::Waits => (act("poll", "Poll now")),
                }
            }
        }
    }
}

/// The way out in words.
pub(super) fn sentence(way: Way) -> &'static str {
    match way {
        Way::Credentials => {
            "give it credentials that the provider accepts; it is polled again as soon as they are saved."
        }
        Way::Right => "give the credentials the right to read this at the provider, or give it others that have it.",
        Way::Config => "correct its config; it is polled again as soon as that is saved.",
        Way::Resume => "see what its component tried; where you trust it still, let it go on.",
        Way::Policy => {
            "what it asks has to stand in the grants of the server's policy; then start the server again and save the config once more."
        }
        Way::Provider => "put its component back and start the server again, or uninstall it.",
        Way::Reset => "reset it: it reads everything anew.",
        Way::AtProvider => "do at the provider what it says above, then poll it.",
        Way::Maker => "nothing that you can change here: tell whoever made the connector. What was read is kept.",
        Way::Host => "see this server's log.",
        Way::Waits => "nothing to do: it is tried again by itself.",
    }
}

//! `harness explain`: what a check proves, and how.

use std::process::ExitCode;

use conformance::catalogue::{self, GROUPS};
use conformance::{Check, Tier};
use host_harness::providers::checks;
use model::shown::one_line;

use super::failure::Failure;
use super::tables;

/// Explains a check, or lists all of them.
pub fn explain(id: Option<&str>) -> Result<ExitCode, Failure> {
    match id {
        None => list(),
        Some(id) => {
            one(checks().find(|check| check.id.eq_ignore_ascii_case(id.trim())).ok_or_else(|| unknown(id.trim()))?);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn list() {
    let mut rows = Vec::new();
    for (letter, about) in GROUPS {
        let mut checks = checks().filter(|check| check.id.starts_with(letter)).peekable();
        if checks.peek().is_some() {
            rows.push(vec![letter.to_string(), about.to_owned()]);
        }
        rows.extend(checks.map(|check| {
            let (tier, level) = (format!("tier {}", check.tier), check.level.to_string());
            vec![format!("  {}", check.id), check.title.to_owned(), tier, level]
        }));
    }
    say!("{}", tables::bare(rows).trim_fmt());
    say!("\n`harness explain ID` tells what a check proves and how; `harness test --only ID` runs it.");
}

fn one(check: &Check) {
    say!("{} {}\n", check.id, check.title);
    let facts = [
        ("Group", catalogue::group(check).to_owned()),
        ("Tier", format!("{}: {}", check.tier, concerned(check.tier))),
        ("Level", format!("{} and above", check.level).replace("gold and above", "gold")),
        ("Contract", format!("{}: \"{}\"", check.clause.item, check.clause.text)),
        ("Provoked by", check.provocation.to_owned()),
        ("Passes when", check.rule.to_owned()),
        ("Run it alone", format!("harness test --component FILE --only {}", check.id)),
    ];
    let rows = facts.into_iter().map(|(name, fact)| vec![name.to_owned(), fact]);
    say!("{}", tables::bare(rows).trim_fmt());
}

fn concerned(tier: Tier) -> &'static str {
    match tier {
        Tier::One => "every connector, always",
        Tier::Two => "every connector that reads payments",
        Tier::Three => "versions, cost, random histories",
        Tier::Provider => "connectors for one provider",
    }
}

/// The ids of the same group are the nearest; of a group that is none, the groups.
fn unknown(id: &str) -> Failure {
    let letter = id.chars().next().map(|letter| letter.to_ascii_uppercase());
    let near: Vec<&str> = checks().map(|check| check.id).filter(|known| known.chars().next() == letter).collect();
    let there = match near.as_slice() {
        [] => GROUPS.map(|(letter, about)| format!("{letter} ({about})")).join(", "),
        near => near.join(", "),
    };
    Failure::usage(format!("there is no check `{}`; there are {there}. `harness explain` lists them all", one_line(id)))
}

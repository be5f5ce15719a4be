//! Reports: one run of the suite for machines (JSON, `JUnit`) and for people (HTML, Markdown).
//!
//! What a connector or a provider said is anybody's text: [`visible`] shows what would hide, and each format
//! escapes for itself.

mod exchange;
pub(crate) mod html;
mod junit;
mod markdown;
#[cfg(test)]
mod tests;
pub mod text;

use std::fmt;
use std::str::FromStr;

use super::catalogue::GROUPS;
use super::check::Verdict;
use super::suite::{Checked, Report};
use model::shown::visible;

/// What a report can be written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// `JUnit`'s XML, which CI services read: a test suite for each group.
    Junit,
    /// The whole report, evidence included.
    Json,
    /// One page for a browser, with nothing loaded from elsewhere.
    Html,
    /// Markdown for the summary of a CI job.
    Markdown,
}

impl Format {
    /// Every format, by the name that it has on the command line.
    pub const ALL: [(&'static str, Self); 4] =
        [("junit", Self::Junit), ("json", Self::Json), ("html", Self::Html), ("md", Self::Markdown)];
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Self::ALL.iter().find(|(_, format)| format == self).map_or("", |(name, _)| name))
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let known = || Self::ALL.map(|(name, _)| name).join(", ");
        let found = Self::ALL.iter().find(|(known, _)| *known == name);
        found.map(|(_, format)| *format).ok_or_else(|| format!("there is no report {name:?}; there are {}", known()))
    }
}

/// What a run comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conclusion {
    /// Every check was made and passed, at worst with a warning.
    Passed,
    /// A check failed.
    Failed,
    /// Nothing failed, but not everything that was asked was proved: a check was skipped or inconclusive, or none ran.
    Open,
}

impl fmt::Display for Conclusion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Open => "not everything was proved",
        })
    }
}

/// The verdicts as they are counted: in which order, and the word for them.
pub const COUNTED: [(Verdict, &str); 5] = [
    (Verdict::Pass, "passed"),
    (Verdict::Fail, "failed"),
    (Verdict::Warn, "with a warning"),
    (Verdict::Skip, "skipped"),
    (Verdict::Inconclusive, "inconclusive"),
];

impl Report {
    /// What it comes to.
    #[must_use]
    pub fn conclusion(&self) -> Conclusion {
        match self.checks.iter().map(|checked| checked.verdict).max() {
            Some(Verdict::Fail) => Conclusion::Failed,
            Some(Verdict::Pass | Verdict::Warn) => Conclusion::Passed,
            Some(Verdict::Skip | Verdict::Inconclusive) | None => Conclusion::Open,
        }
    }

    /// Its verdicts by group, in the order of the catalogue; groups without one are left out.
    pub fn groups(&self) -> impl Iterator<Item = (char, &'static str, Vec<&Checked>)> {
        GROUPS.iter().filter_map(|(letter, about)| {
            let checks: Vec<&Checked> = self.checks.iter().filter(|checked| checked.id.starts_with(*letter)).collect();
            (!checks.is_empty()).then_some((*letter, *about, checks))
        })
    }

    /// The checks whose failure follows from that of the check `id`.
    pub fn followers(&self, id: &str) -> impl Iterator<Item = &Checked> {
        self.checks.iter().filter(move |checked| checked.follows == Some(id))
    }

    /// When it was made, to the minute: `2026-06-01 09:20 UTC`.
    #[must_use]
    pub fn day(&self) -> String {
        self.date.format("%Y-%m-%d %H:%M UTC").to_string()
    }

    /// The report as text.
    ///
    /// # Errors
    /// What the format's writer says; there is no report that should bring it about.
    pub fn render(&self, format: Format) -> Result<String, String> {
        match format {
            Format::Junit => junit::render(self).map_err(|error| error.to_string()),
            Format::Json => {
                let json = serde_json::to_string_pretty(self).map_err(|error| error.to_string())?;
                Ok(visible(&json).into_owned())
            }
            Format::Html => Ok(html::render(self)),
            Format::Markdown => Ok(markdown::render(self)),
        }
    }
}

/// `2 failed`, `1 skipped`: the verdicts that came up, with their numbers.
#[must_use]
pub fn counts<'a>(checks: impl IntoIterator<Item = &'a Checked>) -> Vec<(Verdict, String)> {
    let verdicts: Vec<Verdict> = checks.into_iter().map(|checked| checked.verdict).collect();
    let number = |verdict| verdicts.iter().filter(|seen| **seen == verdict).count();
    let counted = COUNTED.iter().map(|(verdict, word)| (*verdict, number(*verdict), word));
    counted.filter(|(_, number, _)| *number > 0).map(|(verdict, n, word)| (verdict, format!("{n} {word}"))).collect()
}

/// Which level was reached, of the one asked for.
#[must_use]
pub fn level(report: &Report) -> String {
    match report.reached {
        Some(reached) if reached >= report.level => format!("level {reached} reached"),
        Some(reached) => format!("level {reached} reached, {} not", report.level),
        None => "no level reached".to_owned(),
    }
}

/// Milliseconds as seconds, to a tenth.
#[must_use]
pub fn seconds(millis: u64) -> String {
    format!("{}.{} s", millis / 1000, millis % 1000 / 100)
}

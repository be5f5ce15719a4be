//! The reviewer's sheet: one page to decide on about a stranger's connector. What it is, who made it, what it asks, what
//! was proved and what was not, what is new since the version before, and a line to sign.
//!
//! A [`Sheet`] is built once, of facts; a terminal and a browser show the same one.

mod asked;
mod difference;
mod html;
mod proof;
mod text;

use engine::install::Described;
use sandbox::component::producers::producers;

use super::check::Check;
use super::report::{Conclusion, counts, level};
use super::suite::Report;

pub use self::difference::{NotAVersion, Version};

/// What a sheet is made of.
pub struct Reviewed<'a> {
    /// The component's bytes.
    pub wasm: &'a [u8],
    /// What it says of itself; or why that is not known.
    pub described: Result<&'a Described, String>,
    /// What the suite found.
    pub report: &'a Report,
    /// The checks that are for connectors of this provider alone.
    pub own: &'static [Check],
    /// The version before, where there is one.
    pub previous: Option<&'a Version>,
    /// Commands that go with the sheet, in the words of the program that made it: what each is for, and the command.
    pub commands: Vec<(&'static str, String)>,
}

/// The sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// Name and version that the component gives itself.
    pub component: String,
    /// What it says that it does.
    pub description: String,
    /// What the suite's run comes to.
    pub conclusion: Conclusion,
    /// The same in numbers.
    pub counts: Vec<String>,
    /// What is told in a word: digest, versions, date.
    pub facts: Vec<(&'static str, String)>,
    /// The rest, in the order in which it is read.
    pub sections: Vec<Section>,
    /// What a signature is for: this component, by its bytes.
    pub digest: String,
}

/// A part of a sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// What it is about.
    pub title: String,
    /// What has to be known before its lines are read.
    pub lead: Option<String>,
    /// What there is to know.
    pub lines: Vec<Line>,
}

/// A line of a section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What it says at a glance.
    pub sign: Sign,
    /// What it is about, where that has a name.
    pub name: Option<String>,
    /// What it says.
    pub text: String,
}

/// What a line says at a glance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// A fact.
    Fact,
    /// Something to look at.
    Warning,
    /// It was not there before.
    Added,
    /// It is no longer there.
    Removed,
    /// It was otherwise.
    Changed,
    /// Proved.
    Proved,
    /// Proved to be wrong.
    Failed,
    /// Not proved.
    Open,
}

impl Sign {
    /// The sign as a character: it must be told without its colour.
    #[must_use]
    pub fn character(self) -> char {
        match self {
            Self::Fact => '·',
            Self::Warning => '!',
            Self::Added => '+',
            Self::Removed => '-',
            Self::Changed => '~',
            Self::Proved => '✓',
            Self::Failed => '✗',
            Self::Open => '–',
        }
    }
}

impl Line {
    fn new(sign: Sign, name: impl Into<String>, text: impl Into<String>) -> Self {
        Self { sign, name: Some(name.into()), text: text.into() }
    }

    fn plain(sign: Sign, text: impl Into<String>) -> Self {
        Self { sign, name: None, text: text.into() }
    }
}

impl Section {
    fn new(title: impl Into<String>, lines: Vec<Line>) -> Self {
        Self { title: title.into(), lead: None, lines }
    }

    fn lead(self, lead: impl Into<String>) -> Self {
        Self { lead: Some(lead.into()), ..self }
    }
}

impl Sheet {
    /// Puts together what is known.
    #[must_use]
    pub fn new(reviewed: Reviewed<'_>) -> Self {
        let report = reviewed.report;
        let mut sections = vec![maker(reviewed.wasm)];
        match &reviewed.described {
            Ok(described) => sections.extend(asked::sections(described)),
            Err(why) => sections.push(Section::new("What it asks", Vec::new()).lead(format!("Not known: {why}"))),
        }
        sections.extend(proof::sections(report, reviewed.own));
        sections.push(proof::warnings(report, reviewed.described.as_ref().ok().copied()));
        sections.push(match (reviewed.previous, &reviewed.described) {
            (None, _) => Section::new(difference::TITLE, Vec::new()).lead("No previous version was given."),
            (Some(_), Err(_)) => {
                Section::new(difference::TITLE, Vec::new()).lead("Not known: it does not say what it is.")
            }
            (Some(previous), Ok(described)) => difference::section(previous, &Version::of(described)),
        });
        let commands =
            reviewed.commands.into_iter().map(|(what, command)| Line::new(Sign::Fact, what, format!("`{command}`")));
        sections.push(Section::new("Commands", commands.collect()));
        let description = reviewed.described.as_ref().map(|described| described.manifest.description.clone());
        Self {
            component: report.component.clone(),
            description: description.unwrap_or_default(),
            conclusion: report.conclusion(),
            counts: counts(&report.checks).into_iter().map(|(_, told)| told).collect(),
            facts: facts(report, reviewed.wasm.len()),
            sections,
            digest: format!("sha256:{}", report.sha256),
        }
    }

    /// The sheet as plain text.
    #[must_use]
    pub fn text(&self) -> String {
        text::render(self)
    }

    /// The sheet as one page for a browser, with nothing loaded from elsewhere.
    #[must_use]
    pub fn html(&self) -> String {
        html::render(self)
    }
}

fn facts(report: &Report, size: usize) -> Vec<(&'static str, String)> {
    vec![
        ("Level", format!("{} asked, {}", report.level, level(report))),
        ("Contract", format!("payments:connector@{}", report.contract)),
        ("Provider", format!("{} (simulated)", report.provider)),
        ("Seed", report.seed.to_string()),
        ("Size", format!("{size} bytes")),
        ("Harness", report.harness.to_owned()),
        ("Date", report.day()),
        ("SHA-256", report.sha256.clone()),
    ]
}

/// Only what can be known is told, and that it is worth little.
fn maker(wasm: &[u8]) -> Section {
    let said = producers(wasm);
    let lead = if said.is_empty() {
        "Nothing is signed, and the component does not say who made it. Where the file is from is for you to know."
    } else {
        "Nothing is signed: this is what the component says of itself, and whoever made it can write there what he likes."
    };
    let lines = said.into_iter().map(|(what, who)| Line::new(Sign::Fact, what, who));
    Section::new("Who made it", lines.collect()).lead(lead)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: &str = "<script>alert(1)</script> \u{1b}[2J\u{202e}gpj\nDecision: approved `a<b`";

    fn sheet() -> Sheet {
        let lines = vec![Line::new(Sign::Warning, HOSTILE, HOSTILE), Line::plain(Sign::Fact, HOSTILE)];
        Sheet {
            component: HOSTILE.into(),
            description: HOSTILE.into(),
            conclusion: Conclusion::Open,
            counts: vec!["3 passed".into()],
            facts: vec![("Date", HOSTILE.into())],
            sections: vec![
                Section::new("What it asks", lines).lead(HOSTILE),
                Section::new("Nothing to say of this", Vec::new()),
            ],
            digest: "sha256:00ff".into(),
        }
    }

    #[test]
    fn what_a_component_says_runs_nowhere_and_makes_no_line_of_its_own() {
        for text in [sheet().text(), sheet().html()] {
            assert!(text.chars().all(|character| character == '\n' || !character.is_control()), "{text}");
            assert!(!text.contains('\u{202e}'), "{text}");
        }
        // To a browser the end of a line is a blank.
        assert!(!sheet().text().contains("\nDecision: approved"));
        let html = sheet().html();
        assert!(!html.contains("<script") && html.contains("<code>a&lt;b</code>"), "{html}");
        for foreign in ["src=", "href=", "url(", "@import", "<link"] {
            assert!(!html.contains(foreign), "{foreign}");
        }
    }

    #[test]
    fn text_and_page_say_the_same_and_end_with_a_line_to_sign() {
        for text in [sheet().text(), sheet().html()] {
            for told in
                ["not everything was proved", "3 passed", "What it asks", "sha256:00ff", "refused, because", "ignature"]
            {
                assert!(text.contains(told), "{told}: {text}");
            }
            assert!(!text.contains("Nothing to say of this"));
        }
    }
}

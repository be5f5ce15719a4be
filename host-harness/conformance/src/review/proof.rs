//! What was proved, and what was not. What was not is what the catalogue holds beyond that: a check that is added tomorrow
//! is not forgotten here.

use engine::install::Described;
use outside::config::secret_looking;

use super::{Line, Section, Sign};
use crate::catalogue;
use crate::check::{Check, Level, Verdict};
use crate::report::text::ids;
use crate::suite::{Checked, Report};

/// What no level proves, however much of it passes.
const NEVER: [&str; 3] = [
    "Everything was tried at a simulated provider. That the real one behaves like it, and that its credentials are \
     accepted, was not.",
    "The component can hand what it reads to the origins that it is granted, and lie about what it read: give it \
     credentials that only read.",
    "Random histories and changed bytes find what they happen to try. Another seed tries others.",
];

/// What was proved; what failed or came to nothing; what was not tried.
pub(super) fn sections(report: &Report, own: &'static [Check]) -> Vec<Section> {
    let mut sections = vec![Section::new("What was proved", proved(report))];
    let all: Vec<&'static Check> = catalogue::with(own).collect();
    let roots = of(report, |verdict| verdict == Verdict::Fail).filter(|checked| checked.follows.is_none());
    let failed: Vec<Line> = roots.map(|checked| failure(report, checked)).collect();
    if !failed.is_empty() {
        sections.push(Section::new("What failed", failed));
    }
    let open = of(report, |verdict| matches!(verdict, Verdict::Skip | Verdict::Inconclusive));
    let open = open.map(|checked| {
        let why = checked.follows.map_or_else(|| checked.reason.clone(), |root| format!("it follows from {root}"));
        Line::new(Sign::Open, heading(checked.check), format!("{}: {why}", checked.verdict))
    });
    let lead = format!(
        "Of {} checks, {} were made at level {}. What is listed from here on, nobody has seen to hold.",
        all.len(),
        report.checks.len(),
        report.level
    );
    sections.push(Section::new("What was not proved", open.collect()).lead(lead));
    sections.extend(
        [Level::Bronze, Level::Silver, Level::Gold].into_iter().filter_map(|level| untried(report, &all, level)),
    );
    let never = NEVER.map(|never| Line::plain(Sign::Open, never));
    sections.push(Section::new("What no level proves", never.into()));
    sections
}

/// The checks of a level that were not made: what would have been done, and what would have to hold.
fn untried(report: &Report, all: &[&'static Check], level: Level) -> Option<Section> {
    let made = |check: &Check| report.checks.iter().any(|checked| checked.id == check.id);
    let untried = all.iter().filter(|check| check.level == level && !made(check));
    let line = |check: &&Check| Line::new(Sign::Open, heading(check), format!("{}: {}", check.provocation, check.rule));
    let lines: Vec<Line> = untried.map(line).collect();
    let lead = format!("These {} are made at level {level}: what is tried, and what has to hold then.", lines.len());
    (!lines.is_empty()).then(|| Section::new("Not tried", lines).lead(lead))
}

/// What a reviewer should look at, from the checks and from what it asks.
pub(super) fn warnings(report: &Report, described: Option<&Described>) -> Section {
    let mut lines: Vec<Line> =
        of(report, |verdict| verdict == Verdict::Warn).map(|checked| told(Sign::Warning, checked)).collect();
    if let Some(described) = described {
        let fields = secret_looking(&described.manifest);
        lines.extend(fields.map(|field| {
            Line::new(
                Sign::Warning,
                field,
                "its name says that it is a secret, and it is given to the component as it is",
            )
        }));
        let writing = described.ask.requests.iter().filter(|request| !request.only_reads()).count();
        if writing > 0 {
            lines.push(Line::plain(
                Sign::Warning,
                format!("{writing} of its requests may do more than read: see there"),
            ));
        }
    }
    let section = Section::new("Warnings", lines);
    if section.lines.is_empty() { section.lead("None.") } else { section }
}

/// A line for each group of the catalogue.
fn proved(report: &Report) -> Vec<Line> {
    let line = |(letter, about, checks): (char, &str, Vec<&Checked>)| {
        let passed = checks.iter().filter(|checked| matches!(checked.verdict, Verdict::Pass | Verdict::Warn));
        let passed: Vec<String> = passed.map(|checked| heading(checked.check)).collect();
        let count = format!("{} of {}", passed.len(), checks.len());
        (!passed.is_empty())
            .then(|| Line::new(Sign::Proved, format!("{letter} {about}"), format!("{count}: {}", passed.join(", "))))
    };
    report.groups().filter_map(line).collect()
}

fn of(report: &Report, is: impl Fn(Verdict) -> bool) -> impl Iterator<Item = &Checked> {
    report.checks.iter().filter(move |checked| is(checked.verdict))
}

/// A failure, and which others follow from it.
fn failure(report: &Report, checked: &Checked) -> Line {
    let line = told(Sign::Failed, checked);
    let follow = ids(report.followers(checked.id));
    if follow.is_empty() {
        return line;
    }
    Line { text: format!("{} (start here: from it follow {follow})", line.text), ..line }
}

fn told(sign: Sign, checked: &Checked) -> Line {
    Line::new(sign, heading(checked.check), checked.reason.clone())
}

fn heading(check: &Check) -> String {
    format!("{} {}", check.id, check.title)
}

//! What a person sees of a run: on a terminal a bar and a line for each group, elsewhere a line for each check.

use std::fmt;
use std::io::{self, IsTerminal as _};
use std::sync::{Mutex, MutexGuard, PoisonError};

use conformance::catalogue;
use conformance::report::text::{self, Detail};
use conformance::report::{COUNTED, level, seconds};
use conformance::{Check, Checked, Observer, Report, Verdict};
use model::shown::one_line;

use super::bar::Bar;
use crate::cli::out::say_painted;

/// Verdicts go to standard output, the bar to standard error.
pub struct Screen {
    bar: Bar,
    /// Whether standard output is a terminal.
    terminal: bool,
    /// Whether it shows colours.
    colour: bool,
    seen: Mutex<Seen>,
}

/// Checks end in any order, and are shown in that of the catalogue.
#[derive(Default)]
struct Seen {
    places: Vec<(&'static Check, Option<Checked>)>,
    shown: usize,
}

impl Screen {
    pub fn new() -> Self {
        let terminal = io::stdout().is_terminal();
        let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let colour = terminal && !is_set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|name| name != "dumb");
        Self { bar: Bar::new(), terminal, colour, seen: Mutex::default() }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the bar away.
    pub fn clear(&self) {
        self.bar.clear();
    }

    /// What was said by others in `line` was made visible; the colours in it are the program's.
    fn say(&self, line: &str) {
        self.bar.suspend(|| say_painted(line));
    }

    fn paint(&self, verdict: Verdict, text: impl fmt::Display) -> String {
        if !self.colour {
            return text.to_string();
        }
        let code = match verdict {
            Verdict::Pass => "32",
            Verdict::Warn => "33",
            Verdict::Skip => "36",
            Verdict::Inconclusive => "35",
            Verdict::Fail => "1;31",
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }

    /// A line for the check, whatever came of it.
    fn line(&self, checked: &Checked, width: usize) {
        let Checked { id, title, verdict, reason, millis, .. } = checked;
        let verdict = self.paint(*verdict, format!("{verdict:<12}", verdict = verdict.to_string()));
        self.say(&format!("{verdict}  {id:<4} {title:<width$}  {} ({millis} ms)", one_line(reason)));
    }

    /// A line for a group, and one for each of its checks that did not pass.
    fn group(&self, checks: &[(&'static Check, Option<Checked>)]) {
        let Some((first, _)) = checks.first() else { return };
        let verdicts: Vec<&Checked> = checks.iter().filter_map(|(_, checked)| checked.as_ref()).collect();
        let signs: String = verdicts.iter().map(|checked| self.paint(checked.verdict, sign(checked.verdict))).collect();
        let time = seconds(verdicts.iter().map(|checked| checked.millis).sum());
        self.say(&format!("{} {:<27} {signs}  {time}", letter(first), catalogue::group(first)));
        for checked in verdicts.into_iter().filter(|checked| checked.verdict != Verdict::Pass) {
            let Checked { id, title, verdict, reason, .. } = checked;
            let told = self.paint(*verdict, format!("{} {verdict} {id} {title}", sign(*verdict)));
            self.say(&format!("    {told}: {}", one_line(reason)));
        }
    }

    /// Shows what can be shown without a gap before it.
    fn catch_up(&self, seen: &mut Seen) {
        let width = seen.places.iter().map(|(check, _)| check.title.len()).max().unwrap_or_default();
        while let Some((next, _)) = seen.places.get(seen.shown) {
            let group = letter(next);
            let rest = seen.places.iter().skip(seen.shown);
            let length = if self.terminal { rest.take_while(|(check, _)| letter(check) == group).count() } else { 1 };
            let ready = &seen.places[seen.shown..seen.shown + length];
            if ready.iter().any(|(_, checked)| checked.is_none()) {
                return;
            }
            match ready {
                [(_, Some(checked))] if !self.terminal => self.line(checked, width),
                group => self.group(group),
            }
            seen.shown += length;
        }
    }

    /// What a failed check shows, and how to see it again.
    /// What follows from it is named, and shows nothing of its own.
    pub fn failure(&self, report: &Report, checked: &Checked) {
        let Some(evidence) = checked.evidence.as_ref().filter(|_| checked.follows.is_none()) else { return };
        let Checked { id, title, verdict, .. } = checked;
        let told = self.paint(*verdict, format!("{} {verdict} {id} {title}", sign(*verdict)));
        say_painted(&format!("\n{told}"));
        say!("  {}", evidence.what.replace('\n', "\n  "));
        for line in text::evidence(evidence, Detail::SHORT).lines() {
            say!("  {line}");
        }
        say!("it passes when:  {}", checked.check.rule);
        say!("what it proves:  harness explain {id}");
        say!("{}", text::again(checked).trim_end());
        let follow = text::ids(report.followers(id));
        if !follow.is_empty() {
            say!("start here:      from it follow {follow}");
        }
    }

    /// The last line: what it all comes to.
    pub fn summary(&self, report: &Report, partly: bool) {
        let mut told: Vec<String> = Vec::new();
        for (verdict, word) in COUNTED {
            let of: Vec<&Checked> = report.checks.iter().filter(|checked| checked.verdict == verdict).collect();
            if of.is_empty() && !matches!(verdict, Verdict::Pass | Verdict::Fail) {
                continue;
            }
            let count = self.paint(verdict, format!("{} {word}", of.len()));
            told.push(match of.as_slice() {
                _ if verdict == Verdict::Pass => count,
                [] => count,
                [only] if verdict != Verdict::Fail => format!("{count} ({}: {})", only.id, one_line(&only.reason)),
                several => format!("{count} ({})", several.iter().map(|of| of.id).collect::<Vec<_>>().join(", ")),
            });
        }
        told.push(if partly { "a selection, so no level".to_owned() } else { level(report) });
        told.push(format!("seed {}", report.seed));
        told.push(seconds(report.millis));
        say_painted(&format!("\n{}: {}", one_line(&report.component), told.join(", ")));
        if !report.beyond.is_empty() {
            say!("{}", text::beyond(report));
        }
    }
}

impl Observer for Screen {
    fn begin(&self, checks: &[&'static Check]) {
        self.seen().places = checks.iter().map(|check| (*check, None)).collect();
        self.bar.begin(checks);
    }

    fn started(&self, check: &'static Check) {
        tracing::info!(target: "harness::test", id = check.id, "started");
        self.bar.started(check);
    }

    fn checked(&self, checked: &Checked) {
        let mut seen = self.seen();
        if let Some((_, place)) = seen.places.iter_mut().find(|(check, _)| check.id == checked.id) {
            *place = Some(checked.clone());
        }
        self.catch_up(&mut seen);
        self.bar.checked(checked);
    }
}

fn letter(check: &Check) -> char {
    check.id.chars().next().unwrap_or_default()
}

/// A verdict must be told without its colour.
fn sign(verdict: Verdict) -> char {
    match verdict {
        Verdict::Pass => '✓',
        Verdict::Warn => '!',
        Verdict::Skip => '–',
        Verdict::Inconclusive => '?',
        Verdict::Fail => '✗',
    }
}

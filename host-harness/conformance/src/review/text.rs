//! The sheet as plain text.

use std::fmt::Write as _;

use super::{Section, Sheet};
use model::shown::one_line;

/// Columns that the names of a section take at most; a longer one pushes its text to the right.
const NAME: usize = 30;
/// Columns that the name of a fact takes.
const LABEL: usize = 10;

pub(super) fn render(sheet: &Sheet) -> String {
    let mut text = format!("Review of {}: {}", one_line(&sheet.component), sheet.conclusion);
    // Writing to a string cannot fail.
    _ = writeln!(
        text,
        " ({})",
        if sheet.counts.is_empty() { "no check ran".to_owned() } else { sheet.counts.join(", ") }
    );
    if !sheet.description.is_empty() {
        _ = writeln!(text, "{}", one_line(&sheet.description));
    }
    text.push('\n');
    for (name, fact) in &sheet.facts {
        _ = writeln!(text, "{name:<LABEL$} {}", one_line(fact));
    }
    for section in &sheet.sections {
        push(&mut text, section);
    }
    _ = write!(
        text,
        "\nDecision on {}\n\n  [ ] approved   [ ] refused, because: ______________________________\n\n  \
         name: ____________________  date: ____________  signature: ____________________\n",
        sheet.digest
    );
    text
}

/// A section of which there is nothing to say is left out.
fn push(text: &mut String, section: &Section) {
    if section.lead.is_none() && section.lines.is_empty() {
        return;
    }
    _ = writeln!(text, "\n{}", section.title);
    if let Some(lead) = &section.lead {
        _ = writeln!(text, "  {}", one_line(lead));
    }
    let names = section.lines.iter().filter_map(|line| line.name.as_deref());
    let width = names.map(|name| one_line(name).chars().count()).max().unwrap_or_default().min(NAME);
    for line in &section.lines {
        let told = one_line(&line.text);
        _ = match &line.name {
            Some(name) => writeln!(text, "  {} {:<width$}  {told}", line.sign.character(), one_line(name)),
            None => writeln!(text, "  {} {told}", line.sign.character()),
        };
    }
}

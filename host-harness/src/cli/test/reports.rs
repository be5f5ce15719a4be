//! The files that `--report` names.

use crate::cli::open;
use std::env;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use conformance::report::Format;
use conformance::{Checked, Report};

use crate::cli::failure::Failure;

/// Names the file that a CI service shows as the summary of a job.
const SUMMARY: &str = "GITHUB_STEP_SUMMARY";

/// `junit=report.xml`.
#[derive(Debug, Clone)]
pub struct Target {
    format: Format,
    file: PathBuf,
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (kind, file) = text.split_once('=').unwrap_or((text, ""));
        let format: Format = kind.parse()?;
        if file.is_empty() {
            return Err(format!("it names no file; write {format}=FILE"));
        }
        Ok(Self { format, file: file.into() })
    }
}

/// Files that are open before any check runs, so that none runs in vain.
pub struct Reports {
    open: Vec<(Target, File)>,
}

impl Reports {
    /// Makes the files and the folders they are in. An earlier report is emptied: it must not pass for this one's. The
    /// summary of a job is all its steps' together, so that one is added to.
    pub fn open(targets: &[Target], inputs: &[&Path]) -> Result<Self, Failure> {
        let mut open = Vec::new();
        for (place, target) in targets.iter().enumerate() {
            let file = &target.file;
            if targets.iter().take(place).any(|earlier| earlier.file == *file) {
                return Err(Failure::usage(format!("two reports cannot be one file: {}", file.display())));
            }
            folder_of(file).map_or(Ok(()), private_file::create_folder).map_err(|error| cannot(file, &error))?;
            open.push((target.clone(), create(file, inputs)?));
        }
        Ok(Self { open })
    }

    /// Writes all of them.
    pub fn write(mut self, report: &Report) -> Result<(), Failure> {
        for (Target { format, file }, open) in &mut self.open {
            let written = report
                .render(*format)
                .and_then(|text| open.write_all(text.as_bytes()).map_err(|error| error.to_string()));
            written
                .map_err(|error| Failure::no_verdict(format!("cannot write the report {}: {error}", file.display())))?;
        }
        Ok(())
    }

    /// Writes the scenario of a failure that has one beside the first report, or into the working folder.
    pub fn write_scenario(&self, checked: &Checked, seed: u64) -> Option<PathBuf> {
        let scenario = checked.evidence.as_ref()?.scenario.as_ref()?;
        let beside = self.open.iter().map(|(target, _)| &target.file).find(|file| file.is_file());
        let folder = beside.and_then(|file| folder_of(file)).unwrap_or(Path::new(""));
        let file = folder.join(format!("{}-seed{seed}.scenario.json", checked.id));
        match private_file::create(&file).and_then(|mut open| open.write_all(scenario.as_bytes())) {
            Ok(()) => Some(file),
            Err(error) => {
                tell!("warning: cannot write the scenario {}: {error}", file.display());
                None
            }
        }
    }
}

/// Makes the file of a report, unless it is one of `inputs`.
pub fn create(file: &Path, inputs: &[&Path]) -> Result<File, Failure> {
    if inputs.iter().any(|input| open::is_same(input, file)) {
        return Err(Failure::usage(format!("the report would replace what it is about: {}", file.display())));
    }
    made(file).map_err(|error| cannot(file, &error))
}

fn cannot(file: &Path, error: &io::Error) -> Failure {
    Failure::usage(format!("cannot write the report {}: {error}; name another file for it", file.display()))
}

fn made(file: &Path) -> io::Result<File> {
    let is_summary = env::var_os(SUMMARY).is_some_and(|summary| open::is_same_file(Path::new(&summary), file));
    if !is_summary {
        return private_file::create(file);
    }
    let mut summary = private_file::append(file)?;
    // What another step wrote last is no part of this one's first line.
    if summary.metadata()?.len() > 0 {
        summary.write_all(b"\n")?;
    }
    Ok(summary)
}

/// The folder that a file's path names, when it names one.
fn folder_of(file: &Path) -> Option<&Path> {
    file.parent().filter(|folder| !folder.as_os_str().is_empty())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use conformance::evidence::Evidence;
    use conformance::{Tier, Verdict};

    use super::*;

    #[test]
    fn a_target_is_a_kind_and_a_file() {
        let target: Target = "md=a=b.md".parse().unwrap();
        assert_eq!((target.format, target.file), (Format::Markdown, PathBuf::from("a=b.md")));
        for wrong in ["", "md", "md=", "MD=x", "=x"] {
            assert!(wrong.parse::<Target>().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_scenario_is_written_beside_the_first_report() {
        let folder = tempfile::tempdir().unwrap();
        let target = Target { format: Format::Json, file: folder.path().join("new/report.json") };
        let reports = Reports::open(&[target], &[]).unwrap();
        let evidence = Evidence { scenario: Some("{}".into()), ..Evidence::new("lost") };
        let check = conformance::catalogue::with([]).next().expect("a check");
        let mut checked = Checked {
            check,
            id: "N2",
            title: "model-check",
            tier: Tier::Three,
            verdict: Verdict::Fail,
            reason: "lost".into(),
            millis: 1,
            evidence: Some(Box::new(evidence)),
            again: None,
            follows: None,
        };
        let file = reports.write_scenario(&checked, 7).unwrap();
        assert_eq!(file, folder.path().join("new/N2-seed7.scenario.json"));
        assert_eq!(fs::read_to_string(file).unwrap(), "{}");
        checked.evidence = Some(Box::new(Evidence::new("lost")));
        assert_eq!(reports.write_scenario(&checked, 7), None);
    }
}

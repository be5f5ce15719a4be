//! `harness fixtures`: recordings that can be shared.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;
use fixtures::{Drift, RedactError, Redaction, drift, lint};
use outside::har::Har;
use private_file::Draft;
use serde_json::Value;

use super::failure::Failure;
use super::open;

#[derive(Debug, Subcommand)]
pub enum Fixtures {
    /// Replaces names, IBANs, e-mail addresses and references of a recording, each by the same one wherever it stands.
    ///
    /// Amounts, times, currencies and the provider's own words stay. An IBAN keeps its country, its length and right check
    /// digits. Headers that carry credentials, cookies and comments are left out. What is made is held against `lint`.
    Redact {
        /// The recording: a HAR file.
        recording: PathBuf,
        /// The file to write.
        output: PathBuf,
    },
    /// Refuses a file with a secret, an IBAN that may be somebody's, or a text that looks like a key.
    ///
    /// Exit codes: 0 nothing was found; 1 something was; 2 a file cannot be read.
    Lint {
        /// Recordings, scenarios, or any other JSON.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Tells how the shape of a provider's answers changed from one recording to another.
    ///
    /// Exit codes: 0 nothing that was there is gone or of another type; 1 something is; 2 a file cannot be read.
    Drift {
        /// The recording from before.
        old: PathBuf,
        /// The recording of now.
        new: PathBuf,
    },
}

impl Fixtures {
    pub fn run(&self) -> Result<ExitCode, Failure> {
        match self {
            Self::Redact { recording, output } => redact(recording, output),
            Self::Lint { files } => lint_all(files),
            Self::Drift { old, new } => {
                let [was, now] = [Har::load(old)?, Har::load(new)?];
                Ok(told(&drift(&was, &now).map_err(|error| Failure::usage(error.to_string()))?))
            }
        }
    }
}

fn redact(recording: &Path, output: &Path) -> Result<ExitCode, Failure> {
    if open::is_same_file(recording, output) {
        return Err(Failure::usage(
            "the redacted recording would replace the one that it is made of; name another file",
        ));
    }
    let har = Har::load(recording)?;
    let redacted = Redaction::new()?.apply(&har).map_err(|error| match error {
        RedactError::Har(error) => Failure::from(error.in_file(recording)),
        error @ RedactError::NoKey(_) => error.into(),
    })?;
    let text = redacted.to_text();
    let document: Value = serde_json::from_str(&text).unwrap_or_default();
    let left = lint(&document);
    for found in &left {
        tell!("{}: {found}", recording.display());
    }
    if !left.is_empty() {
        return Err(Failure::failed(format!("{} was not written: the above would still be in it", output.display())));
    }
    let draft = Draft::open(output);
    let draft = draft.map_err(|error| Failure::usage(format!("cannot write {}: {error}", output.display())))?;
    redacted.save(draft)?;
    say!("{}: {} exchanges; look through it before you share it", output.display(), redacted.log.entries.len());
    Ok(ExitCode::SUCCESS)
}

fn lint_all(files: &[PathBuf]) -> Result<ExitCode, Failure> {
    let mut count = 0;
    for file in files {
        let bytes = std::fs::read(file).map_err(|error| open::cannot_read(file, &error))?;
        let document: Value = serde_json::from_slice(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes))
            .map_err(|error| Failure::usage(format!("{}: no JSON: {error}", file.display())))?;
        for found in lint(&document) {
            say!("{}: {found}", file.display());
            count += 1;
        }
    }
    if count == 0 {
        say!("nothing found in {} {}", files.len(), if files.len() == 1 { "file" } else { "files" });
        return Ok(ExitCode::SUCCESS);
    }
    Ok(ExitCode::FAILURE)
}

fn told(drifts: &[Drift]) -> ExitCode {
    for drift in drifts {
        say!("{drift}");
    }
    if drifts.is_empty() {
        say!("the same shape");
    }
    if drifts.iter().any(Drift::breaks) { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

impl From<RedactError> for Failure {
    fn from(error: RedactError) -> Self {
        Self::failed(error.to_string())
    }
}

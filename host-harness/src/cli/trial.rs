//! What is tried and how, as `harness test` and `harness review` are told it.

use std::path::{Path, PathBuf};

use clap::Args;
use conformance::{Again, Checked, Level, Suite};
use sandbox::CompileCache;
use serde_json::Value;

use super::failure::Failure;
use super::opponent::{Asked, Opponent};
use super::{Component, compile, describe, open, words};

/// The provider of the bundled connector.
const BUNDLED: &str = "qonto";

/// A component, and how it is tried.
#[derive(Debug, Args)]
pub struct Trial {
    /// The connector's component; the bundled Qonto connector when not given.
    #[arg(value_name = "FILE", conflicts_with = "component")]
    file: Option<PathBuf>,
    #[command(flatten)]
    component: Component,
    /// What plays its provider: this program, by a name; a program of yours, by its file (`./bank.py`) or by the loopback
    /// address where it listens (`tcp://127.0.0.1:PORT`). When not given, the one that the component is named after.
    #[arg(long, value_name = "NAME|FILE|URL", value_parser = Asked::parse)]
    provider: Option<Asked>,
    /// How much is to be proved: each level includes those before it.
    #[arg(long, value_parser = words::level(), default_value_t = Level::Silver)]
    pub level: Level,
    /// What random choices are made from. A report tells it, and the same one makes the same run.
    #[arg(long, default_value_t = Suite::SEED)]
    seed: u64,
    /// An earlier version of the component, or what `harness describe --json` said of it.
    #[arg(long, value_name = "FILE")]
    previous: Option<PathBuf>,
}

impl Trial {
    /// The component's file; none for the bundled one.
    pub fn wasm(&self) -> Option<&Path> {
        self.file.as_deref().or(self.component.component.as_deref())
    }

    /// The files that are read, which nothing may be written over.
    pub fn inputs(&self) -> Vec<&Path> {
        [self.wasm(), self.previous.as_deref()].into_iter().flatten().collect()
    }

    /// What it is tried at.
    pub async fn opponent(&self) -> Result<Opponent, Failure> {
        match (&self.provider, self.wasm()) {
            (Some(asked), _) => Opponent::of(asked),
            (None, Some(file)) => Opponent::for_component(file).await,
            (None, None) => Opponent::of(&Asked::Named(BUNDLED.to_owned())),
        }
    }

    /// The suite for these bytes. `previous` is what the previous version said of itself.
    pub fn suite(&self, wasm: &[u8], opponent: &Opponent, previous: Option<&str>) -> Result<Suite, Failure> {
        let suite = opponent.suite(wasm).level(self.level).seed(self.seed);
        let suite = suite.cache(CompileCache::User).compiler(compile::compiler()?);
        Ok(match previous {
            Some(said) => suite.previous(said),
            None => suite,
        })
    }

    /// What the previous version said of itself, where there is one.
    pub async fn previous(&self) -> Result<Option<String>, Failure> {
        match &self.previous {
            Some(file) => previous(file).await.map(Some),
            None => Ok(None),
        }
    }

    /// The commands that show a check again, in the same way, on the same recording if it was one.
    pub fn again(&self, checked: &Checked, recording: &str, scenario: Option<&Path>) -> Again {
        Again {
            check: format!("harness test{}{recording} --only {} --seed {}", self.arguments(), checked.id, self.seed),
            scenario: scenario.map(|file| format!("harness replay {}{}", quoted(file), self.component_argument())),
        }
    }

    /// The command that makes the same run, and writes its report.
    pub fn whole(&self) -> String {
        format!(
            "harness test{} --level {} --seed {} --report html=report.html",
            self.arguments(),
            self.level,
            self.seed
        )
    }

    /// The command that runs this component and no other, once it is agreed to.
    pub fn run(&self, sha256: &str) -> Option<String> {
        // The bundled connector is the program's own: nobody has to agree to it.
        self.wasm()?;
        Some(format!("harness run{} --config CONFIG --accept=sha256:{sha256}", self.component_argument()))
    }

    fn arguments(&self) -> String {
        let provider =
            self.provider.as_ref().map(|asked| format!(" --provider {}", quoted(Path::new(&asked.to_string()))));
        let provider = provider.unwrap_or_default();
        let previous = self.previous.as_ref().map(|file| format!(" --previous {}", quoted(file))).unwrap_or_default();
        format!("{}{provider}{previous}", self.component_argument())
    }

    fn component_argument(&self) -> String {
        self.wasm().map(|file| format!(" --component {}", quoted(file))).unwrap_or_default()
    }
}

/// What the previous version said of itself.
async fn previous(file: &Path) -> Result<String, Failure> {
    let bytes = open::wasm(Some(file))?;
    if bytes.starts_with(b"\0asm") {
        let described = open::component(Some(file)).await.map_err(Failure::into_usage)?;
        return Ok(describe::facts(&described).to_string());
    }
    match serde_json::from_slice::<Value>(bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&bytes)) {
        Ok(facts @ Value::Object(_)) => Ok(facts.to_string()),
        _ => Err(Failure::usage(format!(
            "{}: neither a component nor what `harness describe --json` prints; --previous takes one of them",
            file.display()
        ))),
    }
}

/// A file as a word that a shell takes as it is.
pub fn quoted(file: &Path) -> String {
    let text = file.display().to_string();
    let plain = |character: char| character.is_alphanumeric() || "/._-+=:@%".contains(character);
    if !text.is_empty() && text.chars().all(plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_quoted_where_a_shell_would_split_it() {
        for (file, word) in
            [("a/b-1.wasm", "a/b-1.wasm"), ("my file", "'my file'"), ("it's", r"'it'\''s'"), ("$HOME", "'$HOME'")]
        {
            assert_eq!(quoted(Path::new(file)), word);
        }
    }
}

//! `harness new`: the project of a connector to be, which builds and can be proved at once.

mod files;

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use self::files::File;
use super::failure::Failure;

/// Letters of a name.
const LONGEST: usize = 60;

/// Writes the project of a new connector into a folder of its name: it builds, passes bronze at a made-up bank, and says where
/// to go on.
#[derive(Debug, Args)]
pub struct New {
    /// The connector's name: lower-case letters, digits and `-`.
    name: String,
    /// The language that it is written in.
    #[arg(long, value_enum)]
    lang: Lang,
}

/// A language that there is a project for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Lang {
    /// Rust, by cargo: small and fast.
    Rust,
    /// Python, by componentize-py: `CPython` comes with it, 18 MB.
    Python,
    /// JavaScript, by componentize-js: an engine comes with it, 17 MB.
    Js,
}

impl Lang {
    /// What stands in a project for a word of its templates.
    fn words(self, name: &str) -> [(&'static str, &str); 5] {
        let (connector, kit, needs, image) = match self {
            Self::Rust => {
                ("`src/lib.rs`", "vendor/connector-kit", "Rust by rustup, and Python 3 for the bank", "rust:1.95")
            }
            Self::Python => ("`app.py`", "kit/", "Python 3.10 or later", "python:3.12"),
            Self::Js => ("`connector.js`", "kit/", "Node 20 or later, and Python 3 for the bank", "node:22"),
        };
        [("@NAME@", name), ("@CONNECTOR@", connector), ("@KIT@", kit), ("@NEEDS@", needs), ("@IMAGE@", image)]
    }
}

impl New {
    pub fn run(&self) -> Result<ExitCode, Failure> {
        let folder = Path::new(&self.name);
        if !is_name(&self.name) {
            let expected = "expected lower-case letters, digits and `-`, with a letter first, such as `my-bank`";
            return Err(Failure::usage(format!("{:?} is no name of a connector: {expected}", self.name)));
        }
        // Never into what is there: a project is nobody's to write over.
        fs::create_dir(folder).map_err(|error| cannot(folder, &error))?;
        for file in files::of(self.lang) {
            let words = self.lang.words(&self.name);
            let text = words.iter().fold(file.text.to_owned(), |text, (word, value)| text.replace(word, value));
            let path = folder.join(file.path);
            write(&path, file, &text).map_err(|error| cannot(&path, &error))?;
        }
        say!("{} is written. Next:", folder.display());
        say!("  cd {}", self.name);
        say!("  harness build     # makes connector.wasm");
        say!("  ./test            # its tests, and bronze at a made-up bank");
        say!("README.md says where to go on.");
        Ok(ExitCode::SUCCESS)
    }
}

fn cannot(path: &Path, error: &io::Error) -> Failure {
    Failure::usage(format!("cannot write {}: {error}", path.display()))
}

fn is_name(name: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    name.len() <= LONGEST && name.starts_with(|first: char| first.is_ascii_lowercase()) && name.bytes().all(is_part)
}

/// What begins with the name of its interpreter is there to be run.
fn write(path: &Path, file: File, text: &str) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    let mode = if file.text.starts_with("#!") { 0o755 } else { 0o644 };
    OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?.write_all(text.as_bytes())
}

//! The `harness` binary, as a person runs it, against a simulated Qonto on a loopback port.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "test support; each test file uses a part"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use chrono::Utc;
use outside::clock::VirtualClock;
use qonto::QontoWorld;
use serde_json::{Value, json};
use sim::{Server, Simulator};
use tempfile::TempDir;

use crate::support::{LOGIN, SECRET};

/// A folder of its own, and a simulated Qonto that commands in it may speak to.
pub struct Desk {
    /// The working folder of every command.
    pub folder: TempDir,
    /// The simulated Qonto.
    pub sim: Simulator<QontoWorld>,
    /// Where it listens.
    pub server: Server,
}

/// What a command said, and how it ended.
#[derive(Debug)]
pub struct Said {
    /// The exit code; none for a process that was killed.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

/// A fresh folder under `target/`.
pub fn folder() -> TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap()
}

/// The program.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_harness");

/// A command, to be run in `folder`.
pub fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(arguments);
    in_folder(command, folder)
}

/// What runs the program, in `folder`.
pub fn in_folder(mut command: Command, folder: &Path) -> Command {
    command.current_dir(folder).stdin(Stdio::null()).env_remove("RUST_LOG");
    // Compiled components are kept between tests, and nowhere else.
    // What is installed is the folder's own, and no credential of whoever runs the tests is shown to anybody.
    command.env("XDG_DATA_HOME", folder.join("data")).env("DOCKER_CONFIG", folder);
    command.env("XDG_CACHE_HOME", Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache"));
    command
}

/// Runs a command to its end.
pub fn harness(folder: &Path, arguments: &[&str]) -> Said {
    said(command(folder, arguments).output().unwrap())
}

/// The output of a command as text.
pub fn said(output: Output) -> Said {
    Said {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

impl Said {
    /// Fails the test unless the command ended with `code`.
    #[track_caller]
    pub fn ended(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        assert!(!self.err.contains("thread '") && !self.err.contains("bug: "), "{self:#?}");
        self
    }

    /// The lines of standard output, each a JSON value.
    pub fn lines(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The last line of standard error: what became of each stream.
    pub fn summary(&self) -> Value {
        serde_json::from_str(self.err.lines().last().unwrap()).unwrap()
    }
}

impl Desk {
    /// A desk at a Qonto with this world, and a `config.json` that asks for `page_size` rows a page.
    pub async fn new(world: QontoWorld, page_size: u32) -> Self {
        let sim = Simulator::new(world, VirtualClock::at(Utc::now()));
        let server = Server::start(sim.clone()).await.unwrap();
        let desk = Self { folder: folder(), sim, server };
        desk.write("config.json", desk.config(&json!({ "pageSize": page_size })).to_string());
        desk
    }

    /// A good config with some fields replaced; null takes a field away.
    pub fn config(&self, fields: &Value) -> Value {
        let mut config = json!({ "clientID": LOGIN, "apiKey": SECRET, "endpoint": self.server.url() });
        for (name, value) in fields.as_object().unwrap() {
            config[name] = value.clone();
        }
        config.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        config
    }

    /// A file in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file into the folder.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).unwrap();
    }

    /// A command in the folder.
    pub fn command(&self, arguments: &[&str]) -> Command {
        command(self.folder.path(), arguments)
    }

    /// Runs a command to its end, in the folder. The server goes on meanwhile: it has threads of its own.
    pub fn harness(&self, arguments: &[&str]) -> Said {
        tokio::task::block_in_place(|| harness(self.folder.path(), arguments))
    }

    /// One poll with `config.json` and more arguments.
    pub fn poll(&self, more: &[&str]) -> Said {
        self.harness(&[&["run", "--once", "--config", "config.json"], more].concat())
    }

    /// An export of a kind, with more arguments.
    pub fn export(&self, what: &str, more: &[&str]) -> Said {
        self.harness(&[&["export", what], more].concat()).ended(0)
    }
}

//! `harness demo`: the whole way, offline: the bundled connector polls the bundled recording into a store.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use engine::install::Install;
use outside::clock::{Clock as _, SystemClock};
use outside::config::Terms;
use outside::har::Har;
use outside::transport::replay::Replay;
use store::Store;

use super::failure::{self, Failure};
use super::streams::Streams;
use super::{open, run, show};

/// A small company in the summer of 2026, composed by hand: nobody in it exists.
const RECORDING: &str = include_str!("../../../tests/recordings/demo.har");
/// The recording needs no credentials; the config needs some.
const CONFIG: &str =
    r#"{"clientID":"demo","apiKey":"not-a-real-key","endpoint":"https://thirdparty.qonto.com","pageSize":100}"#;
/// The name of the install, by which the file of an earlier demo is known.
const INSTALL: &str = "qonto-demo";

pub async fn demo(file: &Path) -> Result<ExitCode, Failure> {
    let install: Install = open::component(None).await?.install(CONFIG, &Terms::offline())?;
    let har = Har::from_slice(RECORDING.as_bytes())
        .map_err(|error| Failure::failed(format!("the bundled recording cannot be read: {error}")))?;
    let replay = Arc::new(run::replay(Replay::from_har(&har)?, &install));
    make_room(file)?;
    let store = Arc::new(Store::open(file)?);
    store.note_connector(INSTALL, &install.manifest.name, install.connector.digest(), SystemClock.now())?;
    let runner = install.runner(run::replayed(&install, replay), store.clone(), INSTALL);
    let summary = run::once(&runner, &Streams::of(&store, INSTALL)).await?;

    show::show(&store, INSTALL)?;
    let file = file.canonicalize().unwrap_or_else(|_| file.to_owned());
    say!("\nEverything is in {}; for a spreadsheet, take", file.display());
    say!("  harness export --store {} entries --format xlsx -o entries.xlsx", file.display());
    Ok(failure::code_of_poll(&summary))
}

/// A demo starts afresh, and so takes away the file of an earlier one, and of nothing else.
fn make_room(file: &Path) -> Result<(), Failure> {
    if !file.exists() {
        return Ok(());
    }
    let mine = Store::open(file).and_then(|store| store.installs()).is_ok_and(|installs| installs == [INSTALL]);
    if !mine {
        let text =
            format!("{} is there and not from an earlier demo; move it away, or run from elsewhere", file.display());
        return Err(Failure::usage(text));
    }
    if serve::beside(file, serve::SERVED).exists() {
        drop(serve::lock(file)?);
    }
    for suffix in ["", "-wal", "-shm"] {
        let mut name = file.as_os_str().to_owned();
        name.push(suffix);
        match fs::remove_file(PathBuf::from(&name)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(Failure::failed(format!("cannot replace {}: {error}", file.display())));
            }
            _ => {}
        }
    }
    Ok(())
}

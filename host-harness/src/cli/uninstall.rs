//! `harness uninstall`: an install goes, and its records with it where they are to be erased.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use outside::clock::{Clock as _, SystemClock};
use store::uninstall::Holds;

use super::failure::Failure;
use super::polled::count;
use super::{StoreFile, open};

/// Takes an install, which is a connector with one customer's config, out of a store: what it was granted, and what the connector
/// remembers.
///
/// Its records stay, and can be exported; with `--purge` they are erased, so that no byte of them is left in the file. No run of
/// it should be going on.
#[derive(Debug, Args)]
pub struct Uninstall {
    /// Its name: the connector's, or the one that was given with `--name`.
    install: String,
    /// Erase its records as well.
    #[arg(long)]
    purge: bool,
    /// The `SQLite` file.
    #[arg(long, value_name = "FILE", default_value = "payments.db")]
    store: PathBuf,
}

impl Uninstall {
    pub fn run(self) -> Result<ExitCode, Failure> {
        let Self { install, purge, store: file } = self;
        let (store, name) = open::existing(&StoreFile { store: file.clone(), name: Some(install) })?;
        let file = file.display();
        let installed = store.installed()?;
        if !purge && !installed.contains(&name) {
            let others = if installed.is_empty() { "nothing".to_owned() } else { installed.join(", ") };
            return Err(Failure::usage(format!(
                "`{name}` is not installed any more, and only its records are in {file}: `harness uninstall {name} --purge` \
                 erases them. Installed there: {others}"
            )));
        }
        if purge {
            let held = told(store.purge(&name)?);
            say!("`{name}` and all that was read for it are erased from {file}: {held}");
            say!(
                "Copies and backups of the file, exports and recordings are yours to erase, and its config with the key."
            );
        } else {
            let held = told(store.uninstall(&name, SystemClock.now())?);
            say!("`{name}` is not installed any more: what it was granted and what its connector remembers are gone");
            say!("Kept in {file}: {held}. `harness uninstall {name} --purge` erases them.");
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn told(Holds { accounts, balances, payments, rejected }: Holds) -> String {
    let counts = [(accounts, "account"), (balances, "balance"), (payments, "payment"), (rejected, "rejected row")];
    counts.map(|(number, what)| count(number, what)).join(", ")
}

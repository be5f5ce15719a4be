//! `harness uninstall`: an install goes, and its records with it where they are to be erased.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use outside::clock::{Clock as _, SystemClock};
use store::uninstall::Holds;

use super::failure::Failure;
use super::{StoreFile, open};

/// Takes an install out of a store: what it was granted, and what its connector remembers.
///
/// Its records stay, and can be exported; with `--purge` they are erased, so that no byte of them is left in the file. No run of
/// it should be going on.
#[derive(Debug, Args)]
pub struct Uninstall {
    /// The install.
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
    format!("{accounts} accounts, {balances} balances, {payments} payments, {rejected} rejected rows")
}

//! `harness rollback`: the component that an install had before.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use model::shown::one_line;
use outside::clock::{Clock as _, SystemClock};
use outside::config::Terms;

use super::failure::Failure;
use super::upgrade::of_registry;
use super::{StoreFile, installed, kept, open};

/// Goes back to the component that an install had before its last upgrade, with what was granted to that. What its streams
/// remember stays; where the older version cannot read that, it is told.
#[derive(Debug, Args)]
pub struct Rollback {
    /// The install.
    name: String,
    /// The `SQLite` file.
    #[arg(long, value_name = "FILE", default_value = "payments.db")]
    store: PathBuf,
}

impl Rollback {
    pub async fn run(self) -> Result<ExitCode, Failure> {
        let place = StoreFile { store: self.store.clone(), name: Some(self.name.clone()) };
        let (store, name) = open::existing(&place)?;
        let (_, granted) = of_registry(&store, &name)?;
        let shown = one_line(&name);
        let none = || Failure::usage(format!("`{shown}` has had one component only: there is none to go back to"));
        let before = store.origins(&name)?.into_iter().nth(1).ok_or_else(none)?;
        // It has to be there, and to take the config.
        let described = installed::load(&before).await?;
        let config = kept::config(&self.store, &store, &name)?.unwrap_or_default();
        let install = described.install(&config, &Terms::default().public(granted.public))?;
        let unread = install.unread(&store, &name).await?;
        let (left, back) = store.roll_back(&name, SystemClock.now())?.ok_or_else(none)?;
        say!("`{shown}` is at {} again, {}; it was at {}", back.version, back.component, left.version);
        if unread.is_empty() {
            say!("what its streams remember stays, and goes on from there");
            return Ok(ExitCode::SUCCESS);
        }
        say!("{} cannot read what the later version left behind of:", back.version);
        for stream in unread {
            say!("  {}", one_line(&stream.to_string()));
        }
        say!(
            "  harness state reset --name {shown}   reads everything anew; records stay, and reading them again changes nothing"
        );
        Ok(ExitCode::SUCCESS)
    }
}

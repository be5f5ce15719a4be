//! `harness install`: a connector from a registry.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use distribution::components::Components;
use distribution::reference::Reference;
use model::shown::{one_line, without_mark};
use outside::clock::{Clock as _, SystemClock};
use outside::config::Terms;
use serve::offer::Offer;
use serve::seal::{Keys, SealError};
use serve::{ServeError, beside};
use store::serving::connectors::NewConnector;

use super::consent::Consent;
use super::failure::Failure;
use super::remote;
use super::{StoreFile, open};

/// Installs a connector from a registry: sees who signed it and what was proved of it, asks for your consent, and keeps both
/// the component and the config, sealed. `harness run --name NAME` runs it then, without the registry.
#[derive(Debug, Args)]
pub struct Install {
    /// Which: `oci://HOST/REPOSITORY@sha256:…`, or `:TAG`, of which what it means today is pinned.
    reference: Reference,
    /// The config: a JSON object. A secret may be given as {"env": "NAME"} or {"file": "PATH"}.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Whose signature is believed, and what has to be proved: the `trust` of a server's policy file. Without it nobody is
    /// trusted.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    #[command(flatten)]
    store: StoreFile,
    #[command(flatten)]
    consent: Consent,
}

impl Install {
    pub async fn run(self) -> Result<ExitCode, Failure> {
        let trust = remote::trust(self.policy.as_deref())?;
        let file = self.consent.file()?;
        // A refusal leaves no store behind.
        let opened = if self.store.store.exists() { Some(open::store(&self.store.store)?) } else { None };
        let there = opened.as_ref().map(store::Store::installs).transpose()?.unwrap_or_default();
        let expect_new = |name: &str| {
            if !there.iter().any(|install| install == name) {
                return Ok(());
            }
            let shown = one_line(name);
            Err(Failure::usage(format!(
                "there is an install `{shown}` already; `harness upgrade {shown}` gives it another version, --name names another"
            )))
        };
        self.store.name.as_deref().map(expect_new).transpose()?;
        let Offer { origin, described, wasm, .. } = remote::offer(&self.reference, &trust).await?;
        let name = self.store.name.clone().unwrap_or_else(|| described.manifest.name.clone());
        expect_new(&name)?;
        let public = file.as_ref().map_or_else(BTreeSet::new, |grant| grant.public.clone());
        let install = open::install(described, &self.config, &Terms::default().public(public))?;
        let granted = self.consent.decide(&install, false, file, None, &one_line(&name))?;
        let config = open::text(&self.config)?.0;
        Components::of_user()?.put(&wasm)?;
        let store = opened.map_or_else(|| open::store(&self.store.store), Ok)?;
        let _serving = serve::lock(&self.store.store)?;
        let keys = Keys::read_or_make(&beside(&self.store.store, ".key")).map_err(ServeError::from)?;
        let new = NewConnector {
            granted: &granted,
            provider: &install.manifest.name,
            install: &name,
            period: install.polling_period,
            origin: Some(&origin),
        };
        let added = store.add_connector(&new, SystemClock.now(), |uuid| keys.seal(uuid, without_mark(&config)));
        added.map_err(|error| match error {
            SealError::Store(error) => Failure::from(error),
            error => ServeError::from(error).into(),
        })?;
        let name = one_line(&name);
        say!("`{name}` is installed: {} {}, {}", one_line(&install.manifest.name), origin.version, origin.component);
        say!("  harness run --name {name} --once   reads it, with the config as it is now");
        Ok(ExitCode::SUCCESS)
    }
}

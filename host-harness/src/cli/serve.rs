//! `harness serve`: a payments host over HTTP. `harness key`: what its configs are sealed with.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use distribution::components::Components;
use serve::policy::Policy;
use serve::providers::{Provider, Providers};
use serve::{Options, ServeError, Server, beside, seal};

use super::failure::Failure;
use super::{interrupt, open};

/// Where it listens when nothing is said.
pub const LISTEN: &str = "127.0.0.1:8080";

/// Polls many installs on schedule, and gives everything out over HTTP.
///
/// The v3 payments API is under /v3 and /api/payments/v3, its description at /openapi.json, a page for operators at /, figures
/// for Prometheus at /metrics. Configs are sealed in the store, with a key in a file beside it.
#[derive(Debug, Args)]
pub struct Serve {
    /// Where it listens. Another address than this machine's own needs tokens in the policy.
    #[arg(long, value_name = "ADDRESS", default_value = LISTEN)]
    listen: SocketAddr,
    /// The `SQLite` file.
    #[arg(long, value_name = "FILE", default_value = "payments.db")]
    store: PathBuf,
    /// A folder of components, `*.wasm`, that can be installed beside the program's own connector.
    #[arg(long, value_name = "DIR")]
    connectors: Option<PathBuf>,
    /// Who may speak with the server, what strangers' connectors are granted, where configs may lead, where events go: a JSON
    /// file.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Log JSON, an object a line.
    #[arg(long)]
    pub json_log: bool,
}

impl Serve {
    /// A store, with nothing but the program's own connector.
    pub fn of(listen: SocketAddr, store: &Path) -> Self {
        Self { listen, store: store.to_owned(), connectors: None, policy: None, json_log: false }
    }

    pub async fn run(self) -> Result<ExitCode, Failure> {
        outside::transport::live::prepare();
        let policy =
            self.policy.as_deref().map(Policy::read).transpose().map_err(ServeError::from)?.unwrap_or_default();
        let mut providers = Providers::default();
        let own = Provider { described: open::component(None).await?, is_bundled: true };
        providers.add(own).map_err(|error| Failure::usage(error.to_string()))?;
        for file in components(self.connectors.as_deref())? {
            let described = open::component(Some(&file)).await?;
            let added = providers.add(Provider { described, is_bundled: false });
            added.map_err(|error| Failure::usage(format!("{}: {error}", file.display())))?;
        }
        let stop = interrupt::stop()?;
        let (sandbox, components) = (open::sandbox()?, Components::of_user().ok());
        let options = Options { listen: self.listen, store: self.store, providers, policy, sandbox, components, stop };
        let server = Server::start(options).await?;
        tell!("listening on http://{}; Ctrl-C or SIGTERM ends after the pages in flight", server.address());
        server.run().await;
        Ok(ExitCode::SUCCESS)
    }
}

/// The components in a folder, by name.
fn components(folder: Option<&Path>) -> Result<Vec<PathBuf>, Failure> {
    let Some(folder) = folder else { return Ok(Vec::new()) };
    let cannot = |error: std::io::Error| Failure::usage(format!("cannot read {}: {error}", folder.display()));
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(cannot)? {
        let path = entry.map_err(cannot)?.path();
        if path.extension().is_some_and(|extension| extension == "wasm") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The keys that a server's configs are sealed with.
#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Seals all configs with a new key, which takes the place of the one in the file beside the store. End the server
    /// before, and start it after.
    Rotate {
        /// The `SQLite` file.
        #[arg(long, value_name = "FILE", default_value = "payments.db")]
        store: PathBuf,
    },
}

impl KeyCommand {
    pub fn run(self) -> Result<ExitCode, Failure> {
        let Self::Rotate { store: file } = self;
        if !file.exists() {
            return Err(Failure::usage(format!("there is no store {}; --store names another", file.display())));
        }
        let key = beside(&file, ".key");
        let (store, _lock) = serve::open(&file)?;
        let sealed = seal::rotate(&store, &key).map_err(ServeError::from)?;
        say!("{sealed} configs are sealed with the new key in {}", key.display());
        Ok(ExitCode::SUCCESS)
    }
}

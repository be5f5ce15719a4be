//! What all parts of the server share.

use std::sync::Arc;

use distribution::components::ComponentsError;
use engine::install::{Install, InstallError};
use engine::runner::Runner;
use engine::schedule::{Installs, NoRunner, Scheduler};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use outside::clock::Clock;
use outside::rate_limit::RateLimits;
use store::serving::connectors::Connector;
use store::{PollStore as _, Store, StoreError};
use tokio::sync::watch;

use crate::access::Access;
use crate::installs::Changes;
use crate::page::visitor::Visitors;
use crate::policy::Policy;
use crate::problem::Problem;
use crate::providers::{Kept, Provider, Providers};
use crate::seal::{Keys, SealError};

/// What is served, whoever asks.
pub(crate) struct Served {
    pub(crate) store: Arc<Store>,
    pub(crate) keys: Keys,
    pub(crate) providers: Providers,
    /// Those that came from registries.
    pub(crate) kept: Kept,
    pub(crate) policy: Policy,
    pub(crate) clock: Arc<dyn Clock>,
    /// One for each origin, whoever is polled there.
    pub(crate) limits: Arc<RateLimits>,
    /// Whether it listens on this machine alone: then configs may lead there.
    pub(crate) is_local: bool,
}

/// Why an install cannot be polled.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unready {
    #[error("there is no connector of this name any more")]
    Gone,
    #[error("its config is not kept here: whoever started it runs it")]
    NoConfig,
    #[error("there is no connector `{0}` here any more; add its component, or uninstall it")]
    NoProvider(String),
    #[error(
        "nobody has granted anything to it, or what was granted was taken back; the operator has to add what it asks to `grants` of the policy, \
         and its config has to be sent again"
    )]
    NotGranted,
    #[error(transparent)]
    Seal(#[from] SealError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Install(#[from] InstallError),
    #[error(transparent)]
    Network(#[from] outside::transport::live::SetupError),
    #[error("its component cannot be had: {0}")]
    Components(#[from] ComponentsError),
}

impl Served {
    /// The config of a connector, with its secrets.
    pub(crate) fn config(&self, connector: &Connector) -> Result<String, Unready> {
        let sealed = self.store.sealed_config(&connector.uuid)?.ok_or(Unready::NoConfig)?;
        Ok(self.keys.open(&connector.uuid, &sealed)?)
    }

    /// The connector that an install is of: that which it got from a registry, else the one of the name. Waits for a disk.
    pub(crate) fn provider_of(&self, connector: &Connector) -> Result<Provider, Unready> {
        if let Some(origin) = self.store.origin(&connector.install)? {
            return self.kept.load(&origin);
        }
        let provider = self.providers.find(&connector.provider);
        provider.cloned().ok_or_else(|| Unready::NoProvider(connector.provider.clone()))
    }

    /// What polls an install.
    fn runner(&self, name: &str) -> Result<Runner, Unready> {
        let connector = self.store.connector_of(name)?.ok_or(Unready::Gone)?;
        let provider = self.provider_of(&connector)?;
        let granted = self.store.granted(name)?.ok_or(Unready::NotGranted)?;
        let terms = outside::config::Terms::default().public(granted.public());
        let install = provider.described.install(&self.config(&connector)?, &terms).map_err(InstallError::from)?;
        let asked = (!provider.is_bundled).then(|| install.asked());
        if !granted.is_of(asked.as_ref()) {
            return Err(Unready::NotGranted);
        }
        self.store.note_connector(name, &connector.provider, install.connector.digest(), self.clock.now())?;
        let install: Install = install.sharing(self.limits.clone(), name);
        let outside = install.online()?;
        let runner = install.runner(outside, self.store.clone(), name);
        Ok(Runner { granted: Some(granted), ..runner })
    }
}

impl Installs for Served {
    fn runner<'a>(&'a self, install: &'a str) -> BoxFuture<'a, Result<Runner, NoRunner>> {
        async move { tokio::task::block_in_place(|| self.runner(install)).map_err(NoRunner::from) }.boxed()
    }
}

/// What the handlers of requests share. Clones are the same one.
#[derive(Clone)]
pub(crate) struct Host(Arc<Parts>);

pub(crate) struct Parts {
    pub(crate) served: Arc<Served>,
    pub(crate) scheduler: Scheduler,
    pub(crate) access: Access,
    /// Those who look at the page.
    pub(crate) visitors: Visitors,
    pub(crate) changes: Changes,
    pub(crate) watch: Arc<crate::watch::Watch>,
    /// Counts up when something may have been stored.
    pub(crate) news: watch::Receiver<u64>,
}

impl Host {
    pub(crate) fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    pub(crate) fn access(&self) -> &Access {
        &self.0.access
    }

    pub(crate) fn parts(&self) -> &Parts {
        &self.0
    }

    pub(crate) fn served(&self) -> &Arc<Served> {
        &self.0.served
    }

    pub(crate) fn scheduler(&self) -> &Scheduler {
        &self.0.scheduler
    }

    pub(crate) fn now(&self) -> chrono::DateTime<chrono::Utc> {
        self.0.served.clock.now()
    }

    /// Asks the store, on a thread that may wait for a disk.
    pub(crate) async fn store<R: Send + 'static, E: Into<Problem> + Send + 'static>(
        &self,
        ask: impl FnOnce(&Store) -> Result<R, E> + Send + 'static,
    ) -> Result<R, Problem> {
        let store = self.0.served.store.clone();
        let asked = tokio::task::spawn_blocking(move || ask(&store)).await;
        asked.map_err(|error| Problem::internal(&error))?.map_err(Into::into)
    }
}

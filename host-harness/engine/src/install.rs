//! An install: a connector with the config of one customer, ready to run.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

use crate::runner::{Budgets, RetryPolicy, Runner, Stop};
use crate::turns::Turns;
use model::validate::{self, Breach};
use model::{FetchRequest, Manifest, Parent, Timestamp};
use outside::authority::{Ask, AskError, Asks, Grant, Keyring};
use outside::clock::{Clock, SystemClock};
use outside::config::{ConfigError, InstallConfig, Terms};
use outside::egress::EgressPolicy;
use outside::har::Told;
use outside::rate_limit::{RateLimiter, RateLimits};
use outside::transport::Transport;
use outside::transport::authenticated::Authenticated;
use outside::transport::live::{LiveLimits, LiveTransport, SetupError};
use sandbox::component::LoadError;
use sandbox::{CallError, Connector, MOST_IN_FLIGHT, Outside, Sandbox};
use store::{PollStore, timestamp};

/// Why there is no install.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InstallError {
    /// The component is not one that this host runs.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The connector cannot say what it is.
    #[error("cannot describe the connector: {0}")]
    Describe(#[from] CallError),
    /// What it says of itself breaks the contract.
    #[error("the connector's manifest breaks the contract: {0}")]
    Manifest(#[from] Breach),
    /// It asks for what nobody can grant on this host.
    #[error("the connector asks for what this host cannot give: {0}")]
    Ask(#[from] AskError),
    /// The config is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
}

/// A connector that has said what it is.
#[derive(Clone)]
pub struct Described {
    /// The connector.
    pub connector: Connector,
    /// What it says of itself, held against the contract.
    pub manifest: Manifest,
    /// What it asks for.
    pub ask: Ask,
}

impl Described {
    /// Loads a component and asks it what it is.
    ///
    /// # Errors
    /// [`InstallError`], all but the config.
    pub async fn load(sandbox: &Sandbox, wasm: &[u8]) -> Result<Self, InstallError> {
        let connector = sandbox.load(wasm)?;
        let manifest = connector.describe().await?;
        Self::new(connector, manifest)
    }

    /// A connector with what it said of itself.
    ///
    /// # Errors
    /// [`InstallError::Manifest`] and [`InstallError::Ask`].
    pub fn new(connector: Connector, manifest: Manifest) -> Result<Self, InstallError> {
        validate::manifest(&manifest)?;
        let ask = Ask::of(&manifest)?;
        Ok(Self { connector, manifest, ask })
    }

    /// Adds a config: its JSON text, read on the operator's terms.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn install(self, config: &str, terms: &Terms) -> Result<Install, ConfigError> {
        let config = InstallConfig::read(config, &self.manifest, &self.ask, terms)?;
        let limiter = Arc::new(RateLimiter::new(&self.manifest.rate_limits, Arc::default()));
        Ok(Install {
            connector: self.connector,
            manifest: self.manifest,
            keyring: Arc::new(config.keyring),
            policy: Arc::new(config.policy),
            config: config.json,
            public: config.public,
            page_size: config.page_size,
            since: config.since,
            polling_period: config.polling_period,
            limiter,
        })
    }
}

/// A connector with a config.
#[derive(Clone)]
pub struct Install {
    /// The connector.
    pub connector: Connector,
    /// What it says of itself.
    pub manifest: Manifest,
    /// The secrets, for an [`Authenticated`] transport.
    pub keyring: Arc<Keyring>,
    /// Where its requests may go.
    pub policy: Arc<EgressPolicy>,
    /// The config as the connector sees it.
    pub config: String,
    /// The `text` fields that are set though their names say that they are secrets.
    pub public: Vec<String>,
    /// Rows per request.
    pub page_size: u32,
    /// How far back a first poll goes.
    pub since: Option<NaiveDate>,
    /// Time between two polls.
    pub polling_period: std::time::Duration,
    limiter: Arc<RateLimiter>,
}

impl Install {
    /// The same install, beside the others of the process that are given the same `limits`, which know it by `name`. One that
    /// never is shares its provider with no other.
    #[must_use]
    pub fn sharing(self, limits: Arc<RateLimits>, name: &str) -> Self {
        Self { limiter: Arc::new(RateLimiter::of_install(&self.manifest.rate_limits, limits, name)), ..self }
    }

    /// Its way out to the network: where its config leads, with its credentials, within its provider's limits.
    ///
    /// # Errors
    /// The HTTP client does not come up.
    pub fn online(&self) -> Result<Outside, SetupError> {
        Ok(self.outside(Arc::new(self.network()?), Arc::new(SystemClock)))
    }

    /// The network, with its credentials put on what goes there.
    ///
    /// # Errors
    /// The HTTP client does not come up.
    pub fn network(&self) -> Result<Authenticated<LiveTransport>, SetupError> {
        let transport = LiveTransport::new(self.policy.reach(), LiveLimits::default())?;
        Ok(Authenticated::new(transport, self.keyring.clone()))
    }

    /// Its way out: over `transport`, on `clock`.
    #[must_use]
    pub fn outside(&self, transport: Arc<dyn Transport>, clock: Arc<dyn Clock>) -> Outside {
        Outside {
            transport,
            policy: self.policy.clone(),
            keyring: self.keyring.clone(),
            limiter: self.limiter.clone(),
            clock,
            stop: Stop::default(),
            tally: Arc::default(),
        }
    }

    /// What it takes to run it: what the component asks for, where the operator's config leads.
    #[must_use]
    pub fn asked(&self) -> Grant {
        let inspection = self.connector.inspection();
        let endpoints = self.policy.endpoints().iter();
        Grant {
            connector: self.manifest.name.clone(),
            digests: [self.connector.digest().to_owned()].into(),
            endpoints: endpoints.map(|endpoint| (endpoint.field.clone(), endpoint.to_string())).collect(),
            public: self.public.iter().cloned().collect(),
            asks: Asks::of(&self.manifest, &inspection.imports),
        }
    }

    /// Requests of one call that may be under way at once: what the provider takes, and what this host bears.
    #[must_use]
    pub fn max_in_flight(&self) -> u32 {
        self.manifest.max_in_flight.clamp(1, MOST_IN_FLIGHT)
    }

    /// The instant that a first poll goes back to.
    #[must_use]
    pub fn since(&self) -> Option<Timestamp> {
        self.first_day().map(timestamp)
    }

    fn first_day(&self) -> Option<DateTime<Utc>> {
        self.since.map(|date| date.and_time(NaiveTime::MIN).and_utc())
    }

    /// What a connector is told in a poll that begins at a time.
    #[must_use]
    pub fn told(&self, at: DateTime<Utc>) -> Told {
        Told {
            page_size: self.page_size,
            max_in_flight: self.max_in_flight(),
            since: self.first_day(),
            observed_at: at,
        }
    }

    /// The request for a page of a task, at a time.
    #[must_use]
    pub fn request(&self, task: &str, parent: Option<Parent>, at: DateTime<Utc>) -> FetchRequest {
        FetchRequest {
            config: self.config.clone(),
            task: task.to_owned(),
            parent,
            page_size: self.page_size,
            max_in_flight: self.max_in_flight(),
            since: self.since(),
            observed_at: timestamp(at),
        }
    }

    /// What polls it into `store`, as the install `name`.
    #[must_use]
    pub fn runner(&self, outside: Outside, store: Arc<dyn PollStore>, name: &str) -> Runner {
        Runner {
            connector: self.connector.clone(),
            manifest: self.manifest.clone(),
            config: self.config.clone(),
            page_size: self.page_size,
            max_in_flight: self.max_in_flight(),
            since: self.since(),
            unchecked: AtomicBool::new(false),
            stop: outside.stop.clone(),
            turns: Turns::default(),
            outside,
            store,
            install: name.to_owned(),
            retry: RetryPolicy::default(),
            budgets: Budgets::default(),
            granted: None,
            remembers_incidents: true,
        }
    }
}

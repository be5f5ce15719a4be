//! What is on trial: a component, the bank it is tried against, and how hard.

use std::sync::Arc;

use super::check::Finding;
use engine::install::{Described, Install};
use model::Manifest;
use outside::clock::VirtualClock;
use outside::config::{ConfigError, Terms as HostTerms, secret_looking};
use sandbox::component::LoadError;
use sandbox::{CallError, Connector, Sandbox};
use sim::{Bank, Simulator};

/// Makes a bank without rows.
pub type MakeBank = Arc<dyn Fn() -> Box<dyn Bank> + Send + Sync>;

/// How much of what could go on for ever is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effort {
    /// Random histories of N2.
    pub histories: u64,
    /// Rows where a check is about many.
    pub rows: u32,
}

/// The terms of a trial.
#[derive(Clone)]
pub struct Terms {
    /// The provider.
    pub make_bank: MakeBank,
    /// What random choices are made from.
    pub seed: u64,
    /// How much is done.
    pub effort: Effort,
    /// The manifest of the component's previous version, as [`manifest_json`](model::manifest_json) writes it.
    pub previous: Option<String>,
}

/// A component on trial. Clones are the same.
#[derive(Clone)]
pub struct Subject(Arc<Parts>);

struct Parts {
    wasm: Vec<u8>,
    loaded: Result<(Connector, Result<Manifest, CallError>), LoadError>,
    terms: Terms,
}

impl Subject {
    /// Loads a component, whatever it is: what is wrong with it is for the checks to say. The sandbox should be a
    /// [metered](Sandbox::metered) one.
    pub async fn load(sandbox: &Sandbox, wasm: &[u8], terms: Terms) -> Self {
        let loaded = match sandbox.load(wasm) {
            Ok(connector) => {
                let manifest = connector.describe().await;
                Ok((connector, manifest))
            }
            Err(error) => Err(error),
        };
        Self(Arc::new(Parts { wasm: wasm.to_vec(), loaded, terms }))
    }

    /// The component's bytes.
    #[must_use]
    pub fn wasm(&self) -> &[u8] {
        &self.0.wasm
    }

    /// A new bank without rows.
    #[must_use]
    pub fn bank(&self) -> Box<dyn Bank> {
        (self.0.terms.make_bank)()
    }

    /// What makes new banks.
    #[must_use]
    pub fn make_bank(&self) -> MakeBank {
        Arc::clone(&self.0.terms.make_bank)
    }

    /// What random choices are made from.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.0.terms.seed
    }

    /// How much is done.
    #[must_use]
    pub fn effort(&self) -> Effort {
        self.0.terms.effort
    }

    /// The manifest of its previous version: the one given, or the one that the bank knows.
    #[must_use]
    pub fn previous(&self) -> Option<String> {
        self.0.terms.previous.clone().or_else(|| self.bank().released())
    }

    /// Whether it loads.
    ///
    /// # Errors
    /// Why it does not.
    pub fn loaded(&self) -> Result<&Connector, &LoadError> {
        self.0.loaded.as_ref().map(|(connector, _)| connector)
    }

    /// The connector.
    ///
    /// # Errors
    /// Inconclusive: it does not load, which is for A1 to judge.
    pub fn connector(&self) -> Result<&Connector, Finding> {
        self.loaded().map_err(|_| Finding::Inconclusive("the component does not load: see A1".into()))
    }

    /// What it says of itself, valid or not.
    ///
    /// # Errors
    /// Inconclusive: it says nothing, which is for A2 to judge.
    pub fn manifest(&self) -> Result<&Manifest, Finding> {
        self.connector()?;
        match &self.0.loaded {
            Ok((_, Ok(manifest))) => Ok(manifest),
            _ => Err(Finding::Inconclusive("the component does not describe itself: see A2".into())),
        }
    }

    /// An install with the bank's config.
    ///
    /// # Errors
    /// Inconclusive: the manifest is not valid, which is for A3 and K2 to judge, or does not take the bank's config,
    /// which is for C1.
    pub fn install(&self) -> Result<Install, Finding> {
        let config = serde_json::Value::Object(self.bank().config()).to_string();
        self.install_with(&config)?.map_err(|error| {
            Finding::Inconclusive(format!("the connector does not take the bank's config ({error}): see C1"))
        })
    }

    /// An install with another config, as JSON.
    ///
    /// # Errors
    /// Inconclusive, as [`Subject::install`]; inside, that the host refuses the config.
    pub fn install_with(&self, config: &str) -> Result<Result<Install, ConfigError>, Finding> {
        let (connector, manifest) = (self.connector()?.clone(), self.manifest()?.clone());
        let described = Described::new(connector, manifest)
            .map_err(|_| Finding::Inconclusive("the manifest breaks the contract: see A3 and K2".into()))?;
        // A text that looks like a secret is for A3 to judge, and what becomes of it for X1.
        let public = secret_looking(&described.manifest).map(str::to_owned).collect();
        Ok(described.install(config, &HostTerms::default().public(public)))
    }

    /// A bank, stocked, behind a simulator on a clock of its own that starts at [`super::rig::start`], or when its answers were
    /// recorded.
    #[must_use]
    pub fn simulator(&self, stock: impl FnOnce(&mut dyn Bank)) -> (Simulator<Box<dyn Bank>>, VirtualClock) {
        let mut bank = self.bank();
        let clock = VirtualClock::at(bank.told().map_or_else(super::rig::start, |told| told.observed_at));
        stock(&mut *bank);
        (Simulator::new(bank, clock.clone()), clock)
    }
}

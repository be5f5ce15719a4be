//! The connectors that can be installed, by the names that they give themselves.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use distribution::components::{Components, ComponentsError};
use distribution::digest::Digest;
use engine::install::Described;
use sandbox::Sandbox;
use sandbox::component::scan::Count;
use store::Origin;
use tokio::runtime::Handle;
use tokio::task::block_in_place;

use crate::host::Unready;

/// A connector that can be installed.
#[derive(Clone)]
pub struct Provider {
    /// The connector.
    pub described: Described,
    /// Whether it is the program's own, which needs no grant.
    pub is_bundled: bool,
}

/// All of them.
#[derive(Default, Clone)]
pub struct Providers(BTreeMap<String, Provider>);

/// Two connectors call themselves the same.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("two connectors call themselves `{0}`; a server has one of each name")]
pub struct SameName(pub String);

impl Providers {
    /// Adds a connector.
    ///
    /// # Errors
    /// [`SameName`].
    pub fn add(&mut self, provider: Provider) -> Result<(), SameName> {
        let name = provider.described.manifest.name.clone();
        if self.0.keys().any(|known| known.eq_ignore_ascii_case(&name)) {
            return Err(SameName(name));
        }
        self.0.insert(name, provider);
        Ok(())
    }

    /// The connector of this name, whatever its case.
    pub(crate) fn find(&self, name: &str) -> Option<&Provider> {
        self.0.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, provider)| provider)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Provider> {
        self.0.values()
    }

    /// All names, for a message.
    pub(crate) fn names(&self) -> String {
        self.0.keys().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
    }
}

/// Connectors that came from registries: loaded from where they are kept, by digest, when an install of them is first asked
/// for.
pub(crate) struct Kept {
    components: Option<Components>,
    /// What components are loaded by.
    pub(crate) sandbox: Sandbox,
    loaded: Mutex<HashMap<String, Provider>>,
}

impl Kept {
    pub(crate) fn new(components: Option<Components>, sandbox: Sandbox) -> Self {
        Self { components, sandbox, loaded: Mutex::default() }
    }

    /// The folder that they are kept in.
    pub(crate) fn components(&self) -> Result<&Components, ComponentsError> {
        self.components.as_ref().ok_or(ComponentsError::NoFolder)
    }

    /// A connector, whose bytes are looked at again when it is loaded.
    pub(crate) fn load(&self, origin: &Origin) -> Result<Provider, Unready> {
        let known = || self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(provider) = known().get(&origin.component) {
            return Ok(provider.clone());
        }
        let digest: Digest = origin.component.parse().map_err(|_| Unready::NoProvider(origin.component.clone()))?;
        let wasm = self.components()?.get(&digest, Count::FileBytes.cap())?;
        let load = Described::load(&self.sandbox, &wasm);
        let described = block_in_place(|| Handle::current().block_on(load))?;
        let provider = Provider { described, is_bundled: false };
        known().insert(origin.component.clone(), provider.clone());
        Ok(provider)
    }
}

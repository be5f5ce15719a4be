//! The connectors that can be installed, by the names that they give themselves.

use std::collections::BTreeMap;

use engine::install::Described;

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

//! What a component that was loaded has to say itself, held against what was said of it where it came from.

use semver::Version;
use serde_json::{Map, Value};

use crate::artifact::Interfaces;
use crate::evidence::{Artifact, Evidence};

/// What the bytes of a component say, once somebody looked at them.
#[derive(Debug, Clone, Copy)]
pub struct Derived<'a> {
    /// Its manifest.
    pub manifest: &'a Map<String, Value>,
    /// What it imports, sorted.
    pub imports: &'a [String],
}

/// Something was said of a component that is not so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Lie {
    /// Of what it asks.
    #[error("{by} says of `{field}` what the component does not: it says {said}, the component {found}")]
    Manifest {
        /// Who says so.
        by: &'static str,
        /// The member of the manifest.
        field: String,
        /// What is said.
        said: String,
        /// What is so.
        found: String,
    },
    /// Of what it imports.
    #[error("the artifact's config does not name {import}, which the component imports")]
    Import {
        /// The interface.
        import: String,
    },
    /// Of which component it is.
    #[error("the artifact's config is about another component, {0}")]
    Component(String),
}

/// Whoever offers an older version than the one that is installed brings back what was mended since.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{offered} is offered, and {installed} is installed: an older version brings back what was mended since. Where that is \
     meant, a rollback goes back to the one before, and @sha256:… names any other"
)]
pub struct Older {
    /// What is installed.
    pub installed: String,
    /// What is offered.
    pub offered: String,
}

/// Sees that a version is no older than another. What is no semantic version is no manifest either.
///
/// # Errors
/// [`Older`].
pub fn expect_no_older(installed: &str, offered: &str) -> Result<(), Older> {
    match (Version::parse(installed), Version::parse(offered)) {
        (Ok(before), Ok(now)) if now < before => {
            Err(Older { installed: installed.to_owned(), offered: offered.to_owned() })
        }
        _ => Ok(()),
    }
}

/// Sees that a component says itself what was said of it.
///
/// # Errors
/// [`Lie`].
pub fn expect_true(artifact: &Artifact, evidence: &Evidence, derived: Derived<'_>) -> Result<(), Lie> {
    if let Some(manifest) = &evidence.manifest {
        expect_same("who signed it", manifest, derived.manifest)?;
    }
    if let Some(manifest) = &artifact.config.connector {
        expect_same("the artifact's config", manifest, derived.manifest)?;
    }
    if artifact.config.layer_digests != [artifact.subject.component.clone()] {
        let told = artifact.config.layer_digests.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        return Err(Lie::Component(told));
    }
    if let Some(Interfaces { imports, .. }) = &artifact.config.component
        && let Some(import) = derived.imports.iter().find(|import| !imports.contains(import))
    {
        return Err(Lie::Import { import: import.clone() });
    }
    Ok(())
}

/// The members of two manifests.
fn expect_same(by: &'static str, said: &Map<String, Value>, found: &Map<String, Value>) -> Result<(), Lie> {
    let text = |value: Option<&Value>| value.map_or_else(|| "nothing".to_owned(), ToString::to_string);
    let members = found.keys().chain(said.keys().filter(|key| !found.contains_key(*key)));
    for field in members {
        if said.get(field) != found.get(field) {
            let (said, found) = (text(said.get(field)), text(found.get(field)));
            return Err(Lie::Manifest { by, field: field.clone(), said, found });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_version_is_none_to_go_on_to() {
        for (installed, offered) in [("1.2.0", "1.1.9"), ("1.0.0", "1.0.0-rc.1"), ("0.10.0", "0.9.0")] {
            let told = expect_no_older(installed, offered).map_err(|error| error.to_string());
            assert!(
                told.is_err_and(|told| told.contains(&format!("{offered} is offered, and {installed} is installed")))
            );
        }
        for (installed, offered) in [("1.2.0", "1.2.0"), ("0.9.0", "0.10.0")] {
            assert_eq!(expect_no_older(installed, offered), Ok(()));
        }
    }
}

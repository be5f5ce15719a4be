//! What a registry has of a connector: found, weighed against the policy, fetched, and held against what was said of it, in
//! this order.

use distribution::components::ComponentsError;
use distribution::credentials::Credentials;
use distribution::evidence::{Artifact, Attached, Evidence, Refused, weigh};
use distribution::origin::{Derived, Lie, Older, expect_no_older, expect_true};
use distribution::reference::{Reference, ReferenceError, Version};
use distribution::registry::{Registry, RegistryError};
use distribution::trust::{Trust, TrustError, Trusted};
use engine::install::{Described, InstallError};
use model::level::Level;
use model::manifest_json;
use outside::transport::live::prepare;
use sandbox::Sandbox;
use sandbox::component::scan::Count;
use store::Origin;

/// Why what a registry has is not installed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OfferError {
    /// The reference is none.
    #[error(transparent)]
    Reference(#[from] ReferenceError),
    /// The registry does not give it.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// The policy says nothing that it could be trusted by.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// What is attached to it is not enough for the policy.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// It is no connector that this host runs.
    #[error(transparent)]
    Install(#[from] InstallError),
    /// It is not what was said of it.
    #[error(transparent)]
    Lie(#[from] Lie),
    /// It is older than what is installed.
    #[error(transparent)]
    Older(#[from] Older),
    /// It cannot be kept.
    #[error(transparent)]
    Components(#[from] ComponentsError),
}

/// An artifact that a registry has, without the component.
pub struct Found {
    registry: Registry,
    /// What is published.
    pub artifact: Artifact,
    /// The tag that was asked for.
    pub tag: Option<String>,
}

/// What may be installed, as far as its publisher and the policy go.
pub struct Weighed {
    found: Found,
    /// What is known of it.
    pub evidence: Evidence,
    /// What the policy says of where it comes from.
    pub trusted: Trusted,
}

/// A connector that may be installed.
pub struct Offer {
    /// Where it comes from.
    pub origin: Origin,
    /// What is known of it.
    pub evidence: Evidence,
    /// The connector.
    pub described: Described,
    /// Its bytes.
    pub wasm: Vec<u8>,
    /// What the policy says of where it comes from.
    pub trusted: Trusted,
}

impl Found {
    /// What the registry has of a reference.
    ///
    /// # Errors
    /// [`OfferError::Registry`].
    pub async fn at(reference: &Reference) -> Result<Self, OfferError> {
        prepare();
        let registry = Registry::open(&reference.repository, Credentials::of_user())?;
        let artifact = Artifact::find(&registry, &reference.version).await?;
        let tag = match &reference.version {
            Version::Tag(tag) => Some(tag.clone()),
            Version::Digest(_) => None,
        };
        Ok(Self { registry, artifact, tag })
    }

    /// What is attached to it.
    ///
    /// # Errors
    /// [`OfferError::Registry`].
    pub async fn attached(&self) -> Result<Attached, OfferError> {
        Ok(self.artifact.attached(&self.registry).await?)
    }

    /// Holds what is attached to it against the policy.
    ///
    /// # Errors
    /// [`OfferError`], all that are about the registry and the policy.
    pub async fn weighed(self, trust: &Trust) -> Result<Weighed, OfferError> {
        let trusted = trust.of(&self.artifact.subject.repository)?;
        let evidence = weigh(&self.artifact, &self.attached().await?, &trusted)?;
        Ok(Weighed { found: self, evidence, trusted })
    }
}

impl Weighed {
    /// Fetches the component, asks it what it is, and holds that against what was said of it.
    ///
    /// # Errors
    /// [`OfferError`], all that are about the registry and the component.
    pub async fn fetched(self, sandbox: &Sandbox) -> Result<Offer, OfferError> {
        let Self { found: Found { registry, artifact, tag }, evidence, trusted } = self;
        let most = usize::try_from(Count::FileBytes.cap()).unwrap_or(usize::MAX);
        let wasm = registry.blob(&artifact.component, most).await?.to_vec();
        let described = Described::load(sandbox, &wasm).await?;
        let manifest = manifest_json::write(&described.manifest);
        let imports = &described.connector.inspection().imports;
        expect_true(&artifact, &evidence, Derived { manifest: &manifest, imports })?;
        let origin = Origin {
            repository: artifact.subject.repository.to_string(),
            tag,
            artifact: artifact.subject.artifact.to_string(),
            component: artifact.subject.component.to_string(),
            version: described.manifest.version.clone(),
            signer: evidence.signer.as_ref().map(ToString::to_string),
            level: evidence.report.as_ref().map(|report| report.level),
        };
        Ok(Offer { origin, evidence, described, wasm, trusted })
    }
}

/// The reference that an install goes on by when no other is named: its tag. None where it was installed by its digest.
#[must_use]
pub fn followed(origin: &Origin) -> Option<String> {
    origin.tag.as_ref().map(|tag| format!("oci://{}:{tag}", origin.repository))
}

/// Sees that a tag does not lead back to an older version. Whoever names a digest means it.
///
/// # Errors
/// [`OfferError::Older`].
pub fn expect_onward(before: &Origin, now: &Origin) -> Result<(), OfferError> {
    if now.tag.is_some() {
        expect_no_older(&before.version, &now.version)?;
    }
    Ok(())
}

/// What is known less of another version, or otherwise, in sentences: where it comes from, who signed it, what was proved.
#[must_use]
pub fn less(before: &Origin, now: &Origin) -> Vec<String> {
    let mut less = Vec::new();
    if now.repository != before.repository {
        less.push(format!("it comes from {}, and came from {}", now.repository, before.repository));
    }
    if now.signer != before.signer {
        let word = |signer: &Option<String>| signer.clone().unwrap_or_else(|| "nobody".to_owned());
        less.push(format!("it is signed by {}, and was by {}", word(&now.signer), word(&before.signer)));
    }
    if now.level < before.level {
        let word = |level: Option<Level>| level.map_or_else(|| "nothing".to_owned(), |level| level.to_string());
        less.push(format!("it is proved to be {}, and was {}", word(now.level), word(before.level)));
    }
    less
}

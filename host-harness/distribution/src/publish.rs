//! Publishing a component, with what its author says of it.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use crate::artifact::{
    ANNOTATIONS, COMPONENT_TYPE, CONFIG_TYPE, Config, Descriptor, EMPTY, EMPTY_TYPE, Interfaces, Manifest,
};
use crate::bundle::{BUNDLE_TYPE, Bundle, Unverified};
use crate::digest::Digest;
use crate::keys::{KeyError, SigningKey};
use crate::registry::{Registry, RegistryError};
use crate::statement::{Conformance, NoReport, Predicate, Statement, Subject};

/// What is published.
pub struct Publication {
    /// The component.
    pub component: Bytes,
    /// Its interfaces.
    pub interfaces: Interfaces,
    /// What the connector says of itself.
    pub manifest: Map<String, Value>,
    /// What its bytes say of who made it: pairs of a custom section's name and a text.
    pub said: BTreeSet<(String, String)>,
    /// What was proved of it.
    pub report: Option<Conformance>,
    /// When.
    pub at: DateTime<Utc>,
}

/// Why nothing is published.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PublishError {
    /// The registry does not take it.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// It cannot be signed.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The report is none that can be attested.
    #[error(transparent)]
    Report(#[from] NoReport),
    /// What is signed cannot be written.
    #[error(transparent)]
    Bundle(#[from] Unverified),
    /// A report is said by somebody, or not at all.
    #[error("a report is published signed: without a key nobody would have said it")]
    UnsignedReport,
}

impl Publication {
    /// Publishes it under a tag: first what it is made of, then what is signed of it, and the tag last, so that whoever
    /// sees it sees all. Gives what it is about.
    ///
    /// # Errors
    /// [`PublishError`].
    pub async fn publish(
        &self,
        registry: &Registry,
        tag: &str,
        key: Option<&SigningKey>,
    ) -> Result<Subject, PublishError> {
        if key.is_none() && self.report.is_some() {
            return Err(PublishError::UnsignedReport);
        }
        let layer = registry.push_blob(COMPONENT_TYPE, self.component.clone()).await?;
        let config = registry.push_blob(CONFIG_TYPE, self.config(&layer).to_bytes()?.into()).await?;
        let component = layer.digest.clone();
        let manifest = Manifest { annotations: self.annotations(), ..Manifest::of(config, layer) };
        let artifact = registry.push_manifest(&manifest, None).await?;
        let repository = registry.repository().clone();
        let about = Subject { repository, artifact: artifact.digest.clone(), component };
        if let Some(key) = key {
            self.attest(registry, &about, &artifact, Predicate::Manifest, self.manifest.clone(), key).await?;
            if let Some(report) = &self.report {
                self.attest(registry, &about, &artifact, Predicate::Conformance, report.to_predicate()?, key).await?;
            }
        }
        registry.push_manifest(&manifest, Some(tag)).await?;
        Ok(about)
    }

    fn config(&self, layer: &Descriptor) -> Config {
        Config {
            created: self.at,
            author: self.text("authors"),
            architecture: "wasm".to_owned(),
            os: "wasip2".to_owned(),
            layer_digests: vec![layer.digest.clone()],
            component: Some(self.interfaces.clone()),
            connector: Some(self.manifest.clone()),
        }
    }

    fn text(&self, section: &str) -> Option<String> {
        self.said.iter().find(|(name, _)| name == section).map(|(_, text)| text.clone())
    }

    /// What the component's own sections say; its manifest says the rest.
    fn annotations(&self) -> BTreeMap<String, String> {
        let said = ANNOTATIONS.iter().filter_map(|(section, annotation)| {
            let manifest = || self.manifest.get(*section).and_then(Value::as_str).map(str::to_owned);
            Some(((*annotation).to_owned(), self.text(section).or_else(manifest)?))
        });
        let title = self.manifest.get("name").and_then(Value::as_str);
        let title = title.map(|title| ("org.opencontainers.image.title".to_owned(), title.to_owned()));
        said.chain(title).chain([("org.opencontainers.image.created".to_owned(), self.at.to_rfc3339())]).collect()
    }

    async fn attest(
        &self,
        registry: &Registry,
        about: &Subject,
        subject: &Descriptor,
        predicate: Predicate,
        said: Map<String, Value>,
        key: &SigningKey,
    ) -> Result<Digest, PublishError> {
        let statement = serde_json::to_vec(&Statement::new(about, predicate, said));
        let statement = statement.map_err(|error| Unverified::Unreadable(error.to_string()))?;
        let bundle = Bundle::sign(key, &statement)?.to_bytes()?;
        let config = registry.push_blob(EMPTY_TYPE, Bytes::from_static(EMPTY)).await?;
        let layer = registry.push_blob(BUNDLE_TYPE, bundle.into()).await?;
        let manifest = Manifest {
            artifact_type: Some(BUNDLE_TYPE.to_owned()),
            subject: Some(subject.clone()),
            annotations: [
                // As cosign writes them, so that other tools find what they look for.
                ("dev.sigstore.bundle.content", "dsse-envelope"),
                ("dev.sigstore.bundle.predicateType", predicate.name()),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
            ..Manifest::of(config, layer)
        };
        Ok(registry.attach(&manifest, &about.artifact).await?.digest)
    }
}

//! A component as an OCI artifact, in the media types of the Wasm OCI artifact layout, so that `wkg` and others read it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::digest::Digest;
use crate::registry::RegistryError;

/// An OCI image manifest.
pub const MANIFEST_TYPE: &str = "application/vnd.oci.image.manifest.v1+json";
/// An OCI image index.
pub const INDEX_TYPE: &str = "application/vnd.oci.image.index.v1+json";
/// What is said of a component before it is looked at.
pub const CONFIG_TYPE: &str = "application/vnd.wasm.config.v0+json";
/// A component.
pub const COMPONENT_TYPE: &str = "application/wasm";
/// The config of an artifact that has none.
pub const EMPTY_TYPE: &str = "application/vnd.oci.empty.v1+json";
/// Its bytes.
pub const EMPTY: &[u8] = b"{}";

/// The annotations of a manifest that say who made the component, by the custom section of the component that says it.
pub const ANNOTATIONS: [(&str, &str); 7] = [
    ("authors", "org.opencontainers.image.authors"),
    ("description", "org.opencontainers.image.description"),
    ("homepage", "org.opencontainers.image.url"),
    ("licenses", "org.opencontainers.image.licenses"),
    ("revision", "org.opencontainers.image.revision"),
    ("source", "org.opencontainers.image.source"),
    ("version", "org.opencontainers.image.version"),
];

/// What names some bytes at a registry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Descriptor {
    /// What they are.
    pub media_type: String,
    /// Their digest.
    pub digest: Digest,
    /// How many they are.
    pub size: u64,
    /// What kind of artifact it is, where it is the manifest of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact_type: Option<String>,
    /// What else is said of it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

impl Descriptor {
    /// The descriptor of some bytes.
    #[must_use]
    pub fn of(media_type: &str, bytes: &[u8]) -> Self {
        Self {
            media_type: media_type.to_owned(),
            digest: Digest::of(bytes),
            size: bytes.len() as u64,
            artifact_type: None,
            annotations: BTreeMap::new(),
        }
    }
}

/// An OCI image manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// Always 2.
    pub schema_version: u32,
    /// [`MANIFEST_TYPE`].
    #[serde(default)]
    pub media_type: Option<String>,
    /// What kind of artifact it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact_type: Option<String>,
    /// What is said of it.
    pub config: Descriptor,
    /// What it is made of.
    pub layers: Vec<Descriptor>,
    /// What it is attached to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Descriptor>,
    /// What else is said of it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

impl Manifest {
    /// A manifest of one layer.
    #[must_use]
    pub fn of(config: Descriptor, layer: Descriptor) -> Self {
        Self {
            schema_version: 2,
            media_type: Some(MANIFEST_TYPE.to_owned()),
            artifact_type: None,
            config,
            layers: vec![layer],
            subject: None,
            annotations: BTreeMap::new(),
        }
    }

    /// Reads a manifest.
    ///
    /// # Errors
    /// [`RegistryError::Malformed`].
    pub fn parse(bytes: &[u8]) -> Result<Self, RegistryError> {
        serde_json::from_slice(bytes).map_err(|error| none("the manifest", &error.to_string()))
    }

    /// The one component of it.
    ///
    /// # Errors
    /// [`RegistryError::Malformed`]: it is something else.
    pub fn component(&self) -> Result<&Descriptor, RegistryError> {
        let expected = |reason: String| none("what is published there", &reason);
        if self.config.media_type != CONFIG_TYPE {
            let told =
                format!("a component has a config of the type {CONFIG_TYPE}, this has {}", self.config.media_type);
            return Err(expected(told));
        }
        match &self.layers[..] {
            [layer] if layer.media_type == COMPONENT_TYPE => Ok(layer),
            layers => {
                let told =
                    format!("a component is one layer of the type {COMPONENT_TYPE}, this has {} layers", layers.len());
                Err(expected(told))
            }
        }
    }

    /// Its bytes.
    ///
    /// # Errors
    /// [`RegistryError::Malformed`]; there is no manifest that should bring it about.
    pub fn to_bytes(&self) -> Result<Vec<u8>, RegistryError> {
        serde_json::to_vec(self).map_err(|error| none("the manifest", &error.to_string()))
    }
}

/// What is said of a component before it is looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Config {
    /// When it was published.
    pub created: DateTime<Utc>,
    /// Who made it.
    #[serde(default)]
    pub author: Option<String>,
    /// Always `wasm`.
    pub architecture: String,
    /// `wasip2` for a component.
    pub os: String,
    /// The digest of the component.
    pub layer_digests: Vec<Digest>,
    /// Its interfaces.
    #[serde(default)]
    pub component: Option<Interfaces>,
    /// What the connector says of itself: its manifest, as `harness describe --json` has it. Other tools neither write nor
    /// read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connector: Option<Map<String, Value>>,
}

/// The interfaces of a component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Interfaces {
    /// Those that it offers.
    pub exports: Vec<String>,
    /// Those that it uses.
    pub imports: Vec<String>,
    /// The world that it is written for.
    #[serde(default)]
    pub target: Option<String>,
}

impl Config {
    /// Reads a config.
    ///
    /// # Errors
    /// [`RegistryError::Malformed`].
    pub fn parse(bytes: &[u8]) -> Result<Self, RegistryError> {
        serde_json::from_slice(bytes).map_err(|error| none("the config of the artifact", &error.to_string()))
    }

    /// Its bytes.
    ///
    /// # Errors
    /// [`RegistryError::Malformed`]; there is no config that should bring it about.
    pub fn to_bytes(&self) -> Result<Vec<u8>, RegistryError> {
        serde_json::to_vec(self).map_err(|error| none("the config of the artifact", &error.to_string()))
    }
}

fn none(what: &str, reason: &str) -> RegistryError {
    RegistryError::Malformed { what: what.to_owned(), reason: reason.to_owned() }
}

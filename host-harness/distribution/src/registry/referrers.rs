//! What is attached to a manifest: asked of the registry, or of the tag that stands for the question where it does not know
//! it (OCI distribution 1.1, "referrers tag schema").

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{MANIFEST, Registry, RegistryError};
use crate::artifact::{Descriptor, INDEX_TYPE};
use crate::digest::Digest;
use crate::reference::Version;

/// Entries of such a list that are looked at. Who attaches more hides behind them, which leaves less to be trusted, not more.
const MOST: usize = 64;

/// A list of manifests. Each entry is read by itself: anybody may have attached something.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Index {
    schema_version: u32,
    #[serde(default)]
    media_type: Option<String>,
    pub(super) manifests: Vec<Value>,
}

impl Index {
    pub(super) fn new() -> Self {
        Self { schema_version: 2, media_type: Some(INDEX_TYPE.to_owned()), manifests: Vec::new() }
    }
}

/// The tag that stands for the question.
pub(super) fn fallback(subject: &Digest) -> Version {
    Version::Tag(format!("sha256-{}", subject.hex()))
}

impl Registry {
    /// The manifests of this kind that are attached to another. What is no entry of such a list is left out.
    ///
    /// # Errors
    /// [`RegistryError`]: there is a list, and it is none.
    pub async fn referrers(&self, subject: &Digest, artifact_type: &str) -> Result<Vec<Descriptor>, RegistryError> {
        let index = match self.index(subject).await? {
            Some(index) => index,
            None => match self.tagged_index(subject).await? {
                Some(index) => index,
                None => return Ok(Vec::new()),
            },
        };
        let entries = index.manifests.into_iter().filter_map(|entry| serde_json::from_value::<Descriptor>(entry).ok());
        let of_kind = entries.filter(|entry| entry.artifact_type.as_deref() == Some(artifact_type));
        Ok(of_kind.take(MOST).collect())
    }

    /// What a registry that knows the question answers.
    async fn index(&self, subject: &Digest) -> Result<Option<Index>, RegistryError> {
        let what = format!("list of what is attached to {subject}");
        match self.got(&what, &format!("referrers/{subject}"), &[INDEX_TYPE], MANIFEST).await {
            Ok(answer) => parse(&what, &answer.body).map(Some),
            Err(RegistryError::NotFound { .. }) => Ok(None),
            // What it does not know it may refuse in other words.
            Err(RegistryError::Status { status, .. }) if status.is_client_error() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What stands under the tag.
    pub(super) async fn tagged_index(&self, subject: &Digest) -> Result<Option<Index>, RegistryError> {
        match self.manifest(&fallback(subject)).await {
            Ok(found) => parse(&format!("list of what is attached to {subject}"), &found.bytes).map(Some),
            Err(RegistryError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn parse(what: &str, bytes: &[u8]) -> Result<Index, RegistryError> {
    serde_json::from_slice(bytes)
        .map_err(|error| RegistryError::Malformed { what: format!("the {what}"), reason: error.to_string() })
}

//! Giving a registry something.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use outside::transport::Request;
use url::Url;

use super::auth::Purpose;
use super::referrers::{Index, fallback};
use super::{BLOB, Registry, RegistryError, shown};
use crate::artifact::{Descriptor, INDEX_TYPE, MANIFEST_TYPE, Manifest};
use crate::digest::Digest;
use crate::reference::Version;

/// The header by which a registry says that it lists what is attached by itself (OCI distribution 1.1).
const SUBJECT: HeaderName = HeaderName::from_static("oci-subject");

impl Registry {
    /// Gives the registry some bytes, unless it has them.
    ///
    /// # Errors
    /// [`RegistryError`].
    pub async fn push_blob(&self, media_type: &str, bytes: Bytes) -> Result<Descriptor, RegistryError> {
        let descriptor = Descriptor::of(media_type, &bytes);
        let what = format!("blob {}", descriptor.digest);
        let url = self.url(&format!("blobs/{}", descriptor.digest))?;
        if self.write(Method::HEAD, url, HeaderMap::new(), Bytes::new(), &what).await?.status == StatusCode::OK {
            return Ok(descriptor);
        }
        let begun =
            self.write(Method::POST, self.url("blobs/uploads/")?, HeaderMap::new(), Bytes::new(), &what).await?;
        let begun = self.expect(begun, StatusCode::ACCEPTED, &what)?;
        let location = begun.headers.get(LOCATION).and_then(|value| value.to_str().ok());
        let url = location.and_then(|location| self.root.join(location).ok());
        let mut url = url.ok_or_else(|| RegistryError::Malformed {
            what: format!("the answer to the upload of {what}"),
            reason: "it does not say where to".to_owned(),
        })?;
        if url.origin() != self.root.origin() {
            return Err(RegistryError::Redirect {
                host: self.host().to_owned(),
                what,
                to: shown(&url),
                reason: "what is published goes to the registry alone".to_owned(),
            });
        }
        url.query_pairs_mut().append_pair("digest", descriptor.digest.as_str());
        let put = self.write(Method::PUT, url, typed("application/octet-stream"), bytes, &what).await?;
        self.expect(put, StatusCode::CREATED, &what)?;
        Ok(descriptor)
    }

    /// Gives the registry a manifest, under a tag where there is one.
    ///
    /// # Errors
    /// [`RegistryError`].
    pub async fn push_manifest(&self, manifest: &Manifest, tag: Option<&str>) -> Result<Descriptor, RegistryError> {
        let bytes = Bytes::from(manifest.to_bytes()?);
        let descriptor = Descriptor::of(MANIFEST_TYPE, &bytes);
        let digest = || Version::Digest(descriptor.digest.clone());
        let version = tag.map_or_else(digest, |tag| Version::Tag(tag.to_owned()));
        self.put_manifest(&version, MANIFEST_TYPE, bytes).await?;
        Ok(descriptor)
    }

    /// Gives the registry a manifest that is attached to another, and sees that it is found there.
    ///
    /// # Errors
    /// [`RegistryError`].
    pub async fn attach(&self, manifest: &Manifest, subject: &Digest) -> Result<Descriptor, RegistryError> {
        let bytes = Bytes::from(manifest.to_bytes()?);
        let mut descriptor = Descriptor::of(MANIFEST_TYPE, &bytes);
        let is_listed = self.put_manifest(&Version::Digest(descriptor.digest.clone()), MANIFEST_TYPE, bytes).await?;
        if is_listed {
            return Ok(descriptor);
        }
        descriptor.artifact_type.clone_from(&manifest.artifact_type);
        descriptor.annotations.clone_from(&manifest.annotations);
        let mut index = self.tagged_index(subject).await?.unwrap_or_else(Index::new);
        let none = |error: serde_json::Error| RegistryError::Malformed {
            what: "an index".to_owned(),
            reason: error.to_string(),
        };
        index.manifests.push(serde_json::to_value(&descriptor).map_err(none)?);
        let bytes = Bytes::from(serde_json::to_vec(&index).map_err(none)?);
        self.put_manifest(&fallback(subject), INDEX_TYPE, bytes).await?;
        Ok(descriptor)
    }

    /// Whether the registry lists it by itself, where it is attached to something.
    async fn put_manifest(&self, version: &Version, media_type: &str, bytes: Bytes) -> Result<bool, RegistryError> {
        let what = format!("manifest {}", self.naming(version));
        let url = self.url(&format!("manifests/{version}"))?;
        let put = self.write(Method::PUT, url, typed(media_type), bytes, &what).await?;
        let put = self.expect(put, StatusCode::CREATED, &what)?;
        Ok(put.headers.contains_key(SUBJECT))
    }

    async fn write(
        &self,
        method: Method,
        url: Url,
        headers: HeaderMap,
        body: Bytes,
        what: &str,
    ) -> Result<outside::transport::Response, RegistryError> {
        self.send(Request { method, url, headers, body }, Purpose::Write, BLOB, what).await
    }
}

fn typed(media_type: &str) -> HeaderMap {
    let value = HeaderValue::try_from(media_type).ok();
    value.map(|value| (CONTENT_TYPE, value)).into_iter().collect()
}

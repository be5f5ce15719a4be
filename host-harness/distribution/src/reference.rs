//! Where a connector is published: `oci://registry.example/acme/lakeside:1.2.0`.

use std::fmt;
use std::str::FromStr;

use outside::egress::{Origin, OriginError};
use url::Url;

use crate::digest::Digest;

/// What a reference begins with.
const SCHEME: &str = "oci://";
/// The longest name of a repository, and of a tag (OCI distribution 1.1).
const LONGEST: (usize, usize) = (255, 128);

/// Why a text is no reference.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceError {
    /// It begins otherwise.
    #[error("expected oci://HOST/REPOSITORY:TAG or oci://HOST/REPOSITORY@sha256:…")]
    Scheme,
    /// The host is none that is spoken with.
    #[error("the registry `{host}` {reason}")]
    Host {
        /// What stands there.
        host: String,
        /// What is wrong with it.
        reason: OriginError,
    },
    /// The name of the repository is none.
    #[error(
        "`{0}` is no name of a repository: lower-case letters and digits, joined by `.`, `_` or `-`, in parts between `/`"
    )]
    Repository(String),
    /// It says neither which tag nor which digest.
    #[error("it does not say which version: add :TAG or @sha256:…")]
    NoVersion,
    /// The tag is none.
    #[error("`{0}` is no tag: up to 128 letters, digits, `_`, `.` and `-`")]
    Tag(String),
    /// The digest is none.
    #[error("`{0}` is no digest: expected `sha256:` and 64 hexadecimal digits in lower case")]
    Digest(String),
}

/// A repository at a registry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Repository {
    host: String,
    name: String,
}

/// Which artifact of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Version {
    /// What a name stands for today.
    Tag(String),
    /// One, for ever.
    Digest(Digest),
}

/// A repository and a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Where.
    pub repository: Repository,
    /// Which.
    pub version: Version,
}

impl Repository {
    /// Host and port, as they were written.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The name at the registry.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The root of the registry: https, or http where it is on this machine.
    ///
    /// # Errors
    /// [`ReferenceError::Host`].
    pub fn root(&self) -> Result<Url, ReferenceError> {
        root(&self.host)
    }
}

fn root(host: &str) -> Result<Url, ReferenceError> {
    let failed = |reason| ReferenceError::Host { host: host.to_owned(), reason };
    let parsed = |scheme: &str| -> Result<Url, OriginError> {
        let text = format!("{scheme}://{host}/");
        Origin::parse(&text)?;
        let url = Url::parse(&text).map_err(|error| OriginError::NotUrl(error.to_string()))?;
        if url.path() == "/" && url.query().is_none() && url.fragment().is_none() {
            Ok(url)
        } else {
            Err(OriginError::NotBase)
        }
    };
    let secure = parsed("https").map_err(failed)?;
    let is_here = Origin::of(&secure).is_some_and(|origin| origin.is_loopback());
    if is_here { parsed("http").map_err(failed) } else { Ok(secure) }
}

impl FromStr for Repository {
    type Err = ReferenceError;

    /// `HOST/REPOSITORY`.
    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        let (host, name) = text.split_once('/').ok_or(ReferenceError::Scheme)?;
        root(host)?;
        if name.len() > LONGEST.0 || !name.split('/').all(is_part) {
            return Err(ReferenceError::Repository(name.to_owned()));
        }
        Ok(Self { host: host.to_owned(), name: name.to_owned() })
    }
}

/// A part of a repository's name, as OCI distribution 1.1 has it.
fn is_part(part: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = part.as_bytes();
    let ends = [bytes.first(), bytes.last()].into_iter().all(|end| end.copied().is_some_and(is_plain));
    let joined = part.split(|letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit());
    ends && joined
        .into_iter()
        .all(|joint| matches!(joint, "" | "." | "_" | "__") || joint.bytes().all(|byte| byte == b'-'))
}

/// A tag, as OCI distribution 1.1 has it.
fn is_tag(tag: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    tag.len() <= LONGEST.1
        && tag.bytes().next().is_some_and(is_word)
        && tag.bytes().all(|byte| is_word(byte) || matches!(byte, b'.' | b'-'))
}

impl FromStr for Reference {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        let rest = text.strip_prefix(SCHEME).ok_or(ReferenceError::Scheme)?;
        if let Some((repository, digest)) = rest.split_once('@') {
            let parsed = digest.parse().map_err(|_| ReferenceError::Digest(digest.to_owned()))?;
            return Ok(Self { repository: repository.parse()?, version: Version::Digest(parsed) });
        }
        // A colon before the first slash is the port's.
        let (host, path) = rest.split_once('/').ok_or(ReferenceError::Scheme)?;
        let (name, tag) = path.split_once(':').ok_or(ReferenceError::NoVersion)?;
        if !is_tag(tag) {
            return Err(ReferenceError::Tag(tag.to_owned()));
        }
        Ok(Self { repository: format!("{host}/{name}").parse()?, version: Version::Tag(tag.to_owned()) })
    }
}

impl fmt::Display for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.host, self.name)
    }
}

/// As it stands in the path of a request.
impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tag(tag) => f.write_str(tag),
            Self::Digest(digest) => digest.fmt(f),
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let between = if matches!(self.version, Version::Tag(_)) { ':' } else { '@' };
        write!(f, "{SCHEME}{}{between}{}", self.repository, self.version)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_shown_as_it_was_written() {
        let digest = format!("sha256:{}", "a1".repeat(32));
        for text in [
            "oci://registry.example/acme/lakeside:1.2.0".to_owned(),
            "oci://127.0.0.1:5000/a:latest".to_owned(),
            "oci://[::1]:5000/a.b/c__d/e--f:_x".to_owned(),
            format!("oci://registry.example:8443/acme/lakeside@{digest}"),
        ] {
            assert_eq!(text.parse::<Reference>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_reference_is_told_by_what_is_wrong_with_it() {
        for (text, told) in [
            ("registry.example/a:1", "expected oci://"),
            ("oci://registry.example", "expected oci://"),
            ("oci://registry.example/a", "add :TAG or @sha256:"),
            ("oci://registry.example/A:1", "`A` is no name"),
            ("oci://registry.example/a//b:1", "`a//b` is no name"),
            ("oci://registry.example/../v2:1", "`../v2` is no name"),
            ("oci://registry.example/a._b:1", "`a._b` is no name"),
            ("oci://registry.example/a:1:2", "`1:2` is no tag"),
            ("oci://registry.example/a:", "`` is no tag"),
            ("oci://registry.example/a@sha256:AA", "is no digest"),
            ("oci://registry.example/a@sha512:aa", "is no digest"),
            ("oci://user:key@registry.example/a:1", "is no digest"),
            ("oci://me?x#y/a:1", "has a query"),
            ("oci://169.254.169.254/a:1", "is not a public address"),
        ] {
            let error = text.parse::<Reference>().unwrap_err().to_string();
            assert!(error.contains(told), "{text}: {error}");
        }
    }

    #[test]
    fn http_is_spoken_with_this_machine_alone() {
        let root = |text: &str| format!("{text}/a").parse::<Repository>().unwrap().root().unwrap().to_string();
        assert_eq!(root("localhost:5000"), "http://localhost:5000/");
        assert_eq!(root("[::1]"), "http://[::1]/");
        assert_eq!(root("10.0.0.1:5000"), "https://10.0.0.1:5000/");
        assert_eq!(root("127.0.0.1.registry.example"), "https://127.0.0.1.registry.example/");
    }
}

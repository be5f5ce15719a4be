//! A registry, as OCI distribution 1.1 has it, that is not trusted: what comes is bounded, is what its digest says, and what
//! is shown to it goes to its own host.
//!
//! | rule | how |
//! |---|---|
//! | https; http to this machine alone | [`Repository::root`](crate::reference::Repository::root), and the transport |
//! | a credential goes to the host that it is kept for | `auth.rs`; a token goes to the registry alone |
//! | a blob may be elsewhere: then it is got over https, at a public address, without any credential | [`Registry::blob`]; nothing else is got from another place |
//! | all that comes has a limit, counted as it comes | [`MANIFEST`], [`BLOB`], and what a caller says |
//! | what is pinned is what came | each manifest and blob is held against its digest, and its size |

mod auth;
mod error;
mod push;
mod referrers;

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, LOCATION};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use model::shown::one_line;
use outside::egress::Reach;
use outside::transport::live::{LiveLimits, LiveTransport};
use outside::transport::{Request, Response, Transport as _, TransportError};
use url::Url;

use self::auth::Purpose;
pub use self::error::RegistryError;
use crate::artifact::{Descriptor, INDEX_TYPE, MANIFEST_TYPE};
use crate::credentials::Credentials;
use crate::digest::Digest;
use crate::reference::{Repository, Version};

/// The largest manifest or index, in bytes: what OCI distribution 1.1 asks registries to take.
pub const MANIFEST: usize = 4 << 20;
/// The largest blob that is no component, in bytes.
pub const BLOB: usize = 4 << 20;
/// Places that a blob is looked for at, one after the other.
const PLACES: usize = 3;
/// Characters of what a registry says that are passed on.
const TOLD: usize = 200;

/// One repository at a registry.
pub struct Registry {
    repository: Repository,
    root: Url,
    credentials: Credentials,
    /// To the registry.
    own: LiveTransport,
    /// To where it sends on.
    elsewhere: LiveTransport,
    /// What it was shown last.
    shown: Mutex<Option<(Purpose, HeaderValue)>>,
}

/// A manifest as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pulled {
    /// What it is called by from now on.
    pub digest: Digest,
    /// Its bytes.
    pub bytes: Bytes,
}

impl Registry {
    /// A repository, seen with these credentials. Nothing is sent yet.
    ///
    /// # Errors
    /// [`RegistryError::Reference`] and [`RegistryError::Setup`].
    pub fn open(repository: &Repository, credentials: Credentials) -> Result<Self, RegistryError> {
        let root = repository.root()?;
        // An upload is answered when all of it is there.
        let limits = LiveLimits { first_byte: Duration::from_mins(5), ..LiveLimits::default() };
        let addresses = match root.host() {
            Some(url::Host::Ipv4(address)) => vec![address.into()],
            Some(url::Host::Ipv6(address)) => vec![address.into()],
            Some(url::Host::Domain(_)) | None => Vec::new(),
        };
        let own = Reach { loopback: root.scheme() == "http", addresses, private: true };
        Ok(Self {
            repository: repository.clone(),
            root,
            credentials,
            own: LiveTransport::new(own, limits)?,
            elsewhere: LiveTransport::new(Reach::default(), limits)?,
            shown: Mutex::default(),
        })
    }

    /// The repository.
    #[must_use]
    pub fn repository(&self) -> &Repository {
        &self.repository
    }

    /// The manifest of a version. A tag is what the registry says today: pin the digest that comes with it.
    ///
    /// # Errors
    /// [`RegistryError`].
    pub async fn manifest(&self, version: &Version) -> Result<Pulled, RegistryError> {
        let what = format!("manifest {}", self.naming(version));
        let found = self.got(&what, &format!("manifests/{version}"), &[MANIFEST_TYPE, INDEX_TYPE], MANIFEST).await?;
        let digest = Digest::of(&found.body);
        match version {
            Version::Digest(asked) if *asked != digest => Err(RegistryError::Altered { what, found: digest }),
            _ => Ok(Pulled { digest, bytes: found.body }),
        }
    }

    /// The bytes that a descriptor names.
    ///
    /// # Errors
    /// [`RegistryError`]: also where they are more than `limit`, whatever the descriptor says.
    pub async fn blob(&self, descriptor: &Descriptor, limit: usize) -> Result<Bytes, RegistryError> {
        let what = format!("blob {}", descriptor.digest);
        if usize::try_from(descriptor.size).map_or(true, |size| size > limit) {
            return Err(RegistryError::TooLarge { what, limit });
        }
        // No byte more is taken than the descriptor says.
        let limit = usize::try_from(descriptor.size).unwrap_or(limit);
        let url = self.url(&format!("blobs/{}", descriptor.digest))?;
        let request = Request { method: Method::GET, url, headers: HeaderMap::new(), body: Bytes::new() };
        let answer = self.send(request.clone(), Purpose::Read, limit, &what).await?;
        let answer = self.followed(answer, request, limit, &what).await?;
        let answer = self.expect(answer, StatusCode::OK, &what)?;
        let size = descriptor.size;
        if answer.body.len() as u64 != size {
            return Err(RegistryError::Truncated { what, found: answer.body.len(), size });
        }
        if !descriptor.digest.is_of(&answer.body) {
            return Err(RegistryError::Altered { what, found: Digest::of(&answer.body) });
        }
        Ok(answer.body)
    }

    /// Goes where the registry sends on to, with nothing that was meant for the registry.
    async fn followed(
        &self,
        mut answer: Response,
        mut request: Request,
        limit: usize,
        what: &str,
    ) -> Result<Response, RegistryError> {
        for _ in 0..PLACES {
            if !answer.status.is_redirection() {
                return Ok(answer);
            }
            let to = target(&request.url, &answer.headers);
            let Some(to) = to else { return Ok(answer) };
            let shown = shown(&to);
            let refused = |reason: String| RegistryError::Redirect {
                host: self.host().to_owned(),
                what: what.to_owned(),
                to: shown.clone(),
                reason,
            };
            let transport = if to.origin() == self.root.origin() { &self.own } else { &self.elsewhere };
            request = Request { url: to, headers: HeaderMap::new(), ..request };
            let sent = transport.within(limit).send(request.clone()).await;
            answer = sent.map_err(|error| match error {
                TransportError::Address(_) => {
                    refused("it is not https, or no address of the public internet".to_owned())
                }
                TransportError::TooLarge { .. } => RegistryError::TooLarge { what: what.to_owned(), limit },
                error => refused(error.to_string()),
            })?;
        }
        Ok(answer)
    }

    /// Something that the registry itself has to have.
    async fn got(&self, what: &str, path: &str, accept: &[&str], limit: usize) -> Result<Response, RegistryError> {
        let mut headers = HeaderMap::new();
        if let Ok(value) = HeaderValue::try_from(accept.join(", ")) {
            headers.insert(ACCEPT, value);
        }
        let request = Request { method: Method::GET, url: self.url(path)?, headers, body: Bytes::new() };
        let url = request.url.clone();
        let answer = self.send(request, Purpose::Read, limit, what).await?;
        if answer.status.is_redirection()
            && let Some(to) = target(&url, &answer.headers)
        {
            return Err(RegistryError::Redirect {
                host: self.host().to_owned(),
                what: what.to_owned(),
                to: shown(&to),
                reason: "only a blob may be elsewhere".to_owned(),
            });
        }
        self.expect(answer, StatusCode::OK, what)
    }

    /// Sends a request to the registry; where that wants to be shown something, once more.
    async fn send(
        &self,
        mut request: Request,
        purpose: Purpose,
        limit: usize,
        what: &str,
    ) -> Result<Response, RegistryError> {
        let failed = |error: TransportError| match error {
            TransportError::TooLarge { .. } => RegistryError::TooLarge { what: what.to_owned(), limit },
            reason => RegistryError::NoAnswer { host: self.host().to_owned(), reason },
        };
        let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner).clone();
        // Who may write may read.
        if let Some((_, value)) = shown.filter(|(shown, _)| *shown == Purpose::Write || *shown == purpose) {
            request.headers.insert(AUTHORIZATION, value);
        }
        // What it refuses with, it says in words.
        let transport = self.own.within(limit.max(LARGEST_WORDS));
        let answer = transport.send(request.clone()).await.map_err(failed)?;
        if answer.status == StatusCode::UNAUTHORIZED
            && let Some(value) = self.authorize(&answer.headers, purpose).await?
        {
            request.headers.insert(AUTHORIZATION, value.clone());
            *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = Some((purpose, value));
            return within(transport.send(request).await.map_err(failed)?, limit, what);
        }
        within(answer, limit, what)
    }

    /// An answer of this status, or what is wrong.
    fn expect(&self, answer: Response, status: StatusCode, what: &str) -> Result<Response, RegistryError> {
        let (host, what) = (self.host().to_owned(), what.to_owned());
        match answer.status {
            found if found == status => Ok(answer),
            StatusCode::NOT_FOUND => Err(RegistryError::NotFound { host, what }),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                let is_known = self.credentials.of(self.host())?.is_some();
                Err(RegistryError::Denied { host, what, is_known })
            }
            status => {
                let words = String::from_utf8_lossy(&answer.body);
                let told = one_line(&words.chars().take(TOLD).collect::<String>());
                Err(RegistryError::Status { host, what, status, told })
            }
        }
    }

    fn host(&self) -> &str {
        self.repository.host()
    }

    fn naming(&self, version: &Version) -> String {
        format!("{version} of {}", self.repository)
    }

    fn url(&self, path: &str) -> Result<Url, RegistryError> {
        let path = format!("v2/{}/{path}", self.repository.name());
        self.root.join(&path).map_err(|error| RegistryError::Malformed { what: path, reason: error.to_string() })
    }
}

/// The largest text that a registry refuses something with, in bytes.
const LARGEST_WORDS: usize = 64 << 10;

/// Sees that what is no refusal is not larger than it may be.
fn within(answer: Response, limit: usize, what: &str) -> Result<Response, RegistryError> {
    if answer.status.is_success() && answer.body.len() > limit {
        return Err(RegistryError::TooLarge { what: what.to_owned(), limit });
    }
    Ok(answer)
}

/// Where an answer sends on to.
fn target(from: &Url, headers: &HeaderMap) -> Option<Url> {
    let location = headers.get(LOCATION)?.to_str().ok()?;
    from.join(location).ok()
}

/// A place without what may be a key to it.
fn shown(url: &Url) -> String {
    let mut shown = url.clone();
    shown.set_query(None);
    shown.set_fragment(None);
    _ = shown.set_username("");
    _ = shown.set_password(None);
    one_line(shown.as_str())
}

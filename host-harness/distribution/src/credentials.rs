//! Credentials for registries, as docker keeps them: `docker login` and its like write them, helpers hold them.

use std::env;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use docker_credential::{CredentialRetrievalError, DockerCredential, get_credential_from_reader};

/// Why a credential that is kept cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CredentialError {
    /// The file cannot be read.
    #[error("cannot read {}: {reason}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// The file is none of docker's, or what it keeps for this registry is none.
    #[error("{} keeps no credential for {host} that can be read; `docker login {host}` writes one", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The registry.
        host: String,
    },
    /// The program that holds it does not give it.
    #[error("the credential helper that {} names for {host} failed; what it says stays with it, since it may be a secret", path.display())]
    Helper {
        /// The file that names it.
        path: PathBuf,
        /// The registry.
        host: String,
    },
}

/// What is shown to a registry. It is never printed.
#[derive(Clone, PartialEq, Eq)]
pub enum Credential {
    /// A user's name and password.
    Password(String, String),
    /// What a token is asked with.
    IdentityToken(String),
}

/// Where credentials are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials(Option<PathBuf>);

impl Credentials {
    /// Those of the user: in `$DOCKER_CONFIG`, else in `~/.docker`.
    #[must_use]
    pub fn of_user() -> Self {
        let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        Self(set("DOCKER_CONFIG").or_else(|| set("HOME").map(|home| home.join(".docker"))))
    }

    /// Those in a folder.
    #[must_use]
    pub fn in_folder(folder: &Path) -> Self {
        Self(Some(folder.to_owned()))
    }

    /// None at all.
    #[must_use]
    pub fn none() -> Self {
        Self(None)
    }

    /// The credential that is kept for a host; none where there is none.
    ///
    /// # Errors
    /// [`CredentialError`].
    pub fn of(&self, host: &str) -> Result<Option<Credential>, CredentialError> {
        let Some(path) = self.0.as_ref().map(|folder| folder.join("config.json")) else { return Ok(None) };
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(CredentialError::File { path, reason: error.to_string() }),
        };
        match get_credential_from_reader(file, host) {
            Ok(DockerCredential::UsernamePassword(user, password)) if user == "<token>" => {
                Ok(Some(Credential::IdentityToken(password)))
            }
            Ok(DockerCredential::UsernamePassword(user, password)) => Ok(Some(Credential::Password(user, password))),
            Ok(DockerCredential::IdentityToken(token)) => Ok(Some(Credential::IdentityToken(token))),
            Err(CredentialRetrievalError::NoCredentialConfigured) => Ok(None),
            // How each helper says that it has none (docker-credential-helpers).
            Err(CredentialRetrievalError::HelperFailure { stdout, .. })
                if stdout.trim() == "credentials not found in native keychain" =>
            {
                Ok(None)
            }
            Err(
                CredentialRetrievalError::HelperFailure { .. } | CredentialRetrievalError::HelperCommunicationError,
            ) => Err(CredentialError::Helper { path, host: host.to_owned() }),
            Err(_) => Err(CredentialError::Unreadable { path, host: host.to_owned() }),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use std::fs;

    use super::*;

    fn kept(config: &str) -> (tempfile::TempDir, Credentials) {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("config.json"), config).unwrap();
        let credentials = Credentials::in_folder(folder.path());
        (folder, credentials)
    }

    #[test]
    fn a_credential_is_for_the_host_that_it_is_kept_for_and_no_other() {
        // "acme:pass:word"
        let (_folder, credentials) = kept(r#"{"auths": {"127.0.0.1:5000": {"auth": "YWNtZTpwYXNzOndvcmQ="}}}"#);
        let found = credentials.of("127.0.0.1:5000").unwrap();
        assert!(found == Some(Credential::Password("acme".to_owned(), "pass:word".to_owned())));
        for other in ["127.0.0.1", "127.0.0.1:5001", "0.0.1:5000"] {
            assert!(credentials.of(other).unwrap().is_none(), "{other}");
        }
        assert!(Credentials::none().of("127.0.0.1:5000").unwrap().is_none());
    }

    #[test]
    fn what_cannot_be_read_is_told_without_what_stands_there() {
        for config in ["{", r#"{"auths": {"a.example": {"auth": "hunter2!"}}}"#] {
            let (_folder, credentials) = kept(config);
            let error = credentials.of("a.example").err().unwrap().to_string();
            assert!(error.contains("keeps no credential for a.example") && !error.contains("hunter2"), "{error}");
        }
        let (_folder, credentials) = kept(r#"{"credHelpers": {"a.example": "is-nowhere-to-be-found"}}"#);
        assert!(matches!(credentials.of("a.example"), Err(CredentialError::Helper { .. })));
        assert!(credentials.of("b.example").unwrap().is_none());
    }
}

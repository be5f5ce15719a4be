//! The secrets of one install, and the headers that are made of them: what the host holds so that the guest need not.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use http::{HeaderName, HeaderValue};
use zeroize::Zeroizing;

use super::credential::{self, Credential};
use super::format::Format;
use super::tokens::{self, Turn};
use crate::egress::{Endpoint, Origin, headers};
use crate::secrets::{SecretError, Secrets};
use model::shown::without_mark;

/// Where the values of references come from.
pub trait Vault: Send + Sync {
    /// The value of an environment variable; none where it is not set.
    fn variable(&self, name: &str) -> Option<String>;

    /// The content of a file.
    ///
    /// # Errors
    /// It cannot be read.
    fn file(&self, path: &Path) -> io::Result<String>;
}

/// The environment and the files of the process. Links are followed: that is how secrets are mounted.
#[derive(Debug, Clone, Copy, Default)]
pub struct ProcessVault;

impl Vault for ProcessVault {
    fn variable(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    fn file(&self, path: &Path) -> io::Result<String> {
        std::fs::read_to_string(path)
    }
}

/// Where the operator says that a secret is.
#[derive(Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// In the config itself.
    Plain(Zeroizing<String>),
    /// In an environment variable.
    Variable(String),
    /// In a file, read anew at each poll.
    File(PathBuf),
}

impl fmt::Debug for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(_) => f.write_str("Plain(…)"),
            Self::Variable(name) => write!(f, "Variable({name})"),
            Self::File(path) => write!(f, "File({})", path.display()),
        }
    }
}

/// Why a secret is not to be had, or a header cannot be made. Shows no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyringError {
    /// The variable is not there.
    #[error("the secret `{field}`: the environment variable {name} is not set")]
    Variable {
        /// The field.
        field: String,
        /// The variable.
        name: String,
    },
    /// The file cannot be read.
    #[error("the secret `{field}`: cannot read {}: {reason}", path.display())]
    File {
        /// The field.
        field: String,
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// The value cannot be a secret.
    #[error(transparent)]
    Bad(#[from] SecretError),
    /// One secret in two headers of a request: two `url` fields of the config lead to one origin.
    #[error(
        "the secret `{field}` would stand in `{header}` and in `{other}` of a request to {origin}; it may stand in one \
         header, so two of the config's URLs have to lead to different origins, or one is left out"
    )]
    SecretTwice {
        /// The field.
        field: String,
        /// A header.
        header: String,
        /// Another one.
        other: String,
        /// Where the request would go.
        origin: Origin,
    },
    /// A header cannot carry what it is made of.
    #[error(
        "the header `{header}` of the credential `{credential}` cannot be made: one of {fields} has a character that no header can carry"
    )]
    Header {
        /// The credential.
        credential: String,
        /// The header.
        header: String,
        /// The fields in it.
        fields: String,
    },
}

impl KeyringError {
    pub(super) fn header(credential: &str, header: &str, format: &Format) -> Self {
        let fields = format.fields().into_iter().collect::<Vec<_>>().join(", ");
        Self::Header { credential: credential.to_owned(), header: header.to_owned(), fields }
    }
}

/// What a keyring is made of.
#[derive(Debug, Clone, Default)]
pub struct Keys {
    /// What the manifest asks for.
    pub credentials: Vec<Credential>,
    /// Where the operator's `url` fields lead.
    pub endpoints: Vec<Endpoint>,
    /// The `text` fields that are set.
    pub texts: BTreeMap<String, String>,
    /// The `secret` fields that are set.
    pub secrets: Vec<(String, SecretSource)>,
}

/// The secrets of one install.
#[derive(Default)]
pub struct Keyring {
    pub(super) keys: Keys,
    pub(super) vault: Option<Arc<dyn Vault>>,
    held: RwLock<Held>,
    /// By the name of the credential that needs a token.
    pub(super) turns: BTreeMap<String, Turn>,
}

/// What is in memory now.
#[derive(Default)]
pub(super) struct Held {
    /// The config's secrets, and the tokens that were fetched with them.
    pub(super) secrets: Arc<Secrets>,
    /// When each token is to be renewed, on a clock that never goes back; none: when it is refused.
    pub(super) ends: BTreeMap<String, Option<Duration>>,
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyring").field("keys", &self.keys).finish_non_exhaustive()
    }
}

impl Keyring {
    /// Takes the secrets from where they are. Without a vault none is looked up, and none is known: for replays.
    ///
    /// # Errors
    /// [`KeyringError`]: one cannot be had, or no header can carry it.
    pub fn new(keys: Keys, vault: Option<Arc<dyn Vault>>) -> Result<Self, KeyringError> {
        let needing = keys.credentials.iter().filter(|credential| credential.token.is_some());
        let turns = needing.map(|credential| (credential.name.clone(), Turn::default())).collect();
        let keyring = Self { keys, vault, held: RwLock::default(), turns };
        keyring.each_secret_once()?;
        keyring.refresh()?;
        for endpoint in &keyring.keys.endpoints {
            keyring.headers(&keyring.secrets(), &endpoint.origin)?;
            for (credential, exchange, _) in keyring.exchanges(&endpoint.origin) {
                keyring.exchange(credential, exchange)?;
            }
        }
        Ok(keyring)
    }

    /// What a manifest keeps apart by `url` fields, a config may bring together.
    fn each_secret_once(&self) -> Result<(), KeyringError> {
        for origin in self.keys.endpoints.iter().map(|endpoint| &endpoint.origin) {
            for (secret, _) in &self.keys.secrets {
                if let Some(clash) = credential::in_two_headers(self.chosen(origin).into_iter(), secret) {
                    let (header, other) = (clash.header.to_string(), clash.other.to_string());
                    let (field, origin) = (secret.clone(), origin.clone());
                    return Err(KeyringError::SecretTwice { field, header, other, origin });
                }
            }
        }
        Ok(())
    }

    /// Reads the secrets anew: whoever mounts them may have changed them since. What was fetched with others is dropped.
    ///
    /// # Errors
    /// [`KeyringError`]; the ones from before stay.
    pub fn refresh(&self) -> Result<(), KeyringError> {
        let Some(vault) = &self.vault else { return Ok(()) };
        let values =
            self.keys.secrets.iter().map(|(field, source)| Ok((field.as_str(), looked_up(field, source, &**vault)?)));
        let values = values.collect::<Result<Vec<_>, KeyringError>>()?;
        let current = self.secrets();
        let configured = current.fields().filter(|field| values.iter().any(|(name, _)| name == field));
        if configured.count() == values.len()
            && values.iter().all(|(field, value)| current.expose(field) == Some(value.as_str()))
        {
            return Ok(());
        }
        let secrets = Secrets::new(values.iter().map(|(field, value)| (*field, value.as_str())))?;
        *self.held_mut() = Held { secrets: Arc::new(secrets), ends: BTreeMap::new() };
        Ok(())
    }

    /// The secrets as they were read last, and the tokens that were fetched with them, to search for them.
    #[must_use]
    pub fn secrets(&self) -> Arc<Secrets> {
        self.held().secrets.clone()
    }

    pub(super) fn held(&self) -> RwLockReadGuard<'_, Held> {
        self.held.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn held_mut(&self) -> RwLockWriteGuard<'_, Held> {
        self.held.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn value<'v>(&'v self, secrets: &'v Secrets, field: &str) -> Option<&'v str> {
        secrets.expose(field).or_else(|| self.keys.texts.get(field).map(String::as_str))
    }

    /// The credentials that go to `origin`, in the order of the manifest: those whose fields are all set.
    pub fn applying<'k>(&'k self, origin: &'k Origin) -> impl Iterator<Item = &'k Credential> {
        let is_set = |field: &&str| {
            self.keys.texts.contains_key(*field) || self.keys.secrets.iter().any(|(name, _)| name == field)
        };
        let is_endpoint = |field: &str| self.keys.endpoints.iter().any(|endpoint| endpoint.field == field);
        let goes = move |credential: &&Credential| {
            let mut to = self.keys.endpoints.iter().filter(|endpoint| credential.to.contains(&endpoint.field));
            to.any(|endpoint| endpoint.origin == *origin)
                && !credential.not_to.contains(origin)
                && credential.fields().iter().all(is_set)
                && credential.token.as_ref().is_none_or(|token| is_endpoint(&token.to))
        };
        self.keys.credentials.iter().filter(goes)
    }

    /// Those of them that are put on: of two with the same header the first, and the second is left out whole.
    pub(super) fn chosen<'k>(&'k self, origin: &'k Origin) -> Vec<&'k Credential> {
        let mut chosen: Vec<&'k Credential> = Vec::new();
        for credential in self.applying(origin) {
            let mut taken = chosen.iter().flat_map(|credential| &credential.headers).map(|(name, _)| name);
            if !taken
                .any(|taken| credential.headers.iter().any(|(name, _)| headers::is_same(name.as_str(), taken.as_str())))
            {
                chosen.push(credential);
            }
        }
        chosen
    }

    /// The headers that go on a request to `origin`, marked as sensitive, made of `secrets` as [`Self::secrets`] gave
    /// them. Of two credentials with the same header the first counts, and the second is left out whole.
    ///
    /// # Errors
    /// [`KeyringError::Header`].
    pub fn headers(&self, secrets: &Secrets, origin: &Origin) -> Result<Vec<(HeaderName, HeaderValue)>, KeyringError> {
        let mut headers: Vec<(HeaderName, HeaderValue)> = Vec::new();
        for credential in self.chosen(origin) {
            let token = secrets.expose(&tokens::name(&credential.name));
            for (name, format) in &credential.headers {
                // None where secrets are not looked up, and then nothing is sent; or before the token is fetched.
                let Some(text) = format.compose(&|field| self.value(secrets, field), token) else { continue };
                let mut value = HeaderValue::from_str(&text)
                    .map_err(|_| KeyringError::header(&credential.name, name.as_str(), format))?;
                value.set_sensitive(true);
                headers.push((name.clone(), value));
            }
        }
        Ok(headers)
    }
}

fn looked_up(field: &str, source: &SecretSource, vault: &dyn Vault) -> Result<Zeroizing<String>, KeyringError> {
    match source {
        SecretSource::Plain(value) => Ok(value.clone()),
        SecretSource::Variable(name) => match vault.variable(name) {
            Some(value) => Ok(Zeroizing::new(value)),
            None => Err(KeyringError::Variable { field: field.to_owned(), name: name.clone() }),
        },
        SecretSource::File(path) => match vault.file(path).map(Zeroizing::new) {
            // Editors and `echo` end a file with a line break, and some begin it with a mark; no secret does.
            Ok(text) => Ok(Zeroizing::new(without_mark(&text).trim_end_matches(['\n', '\r']).to_owned())),
            Err(error) => {
                Err(KeyringError::File { field: field.to_owned(), path: path.clone(), reason: error.to_string() })
            }
        },
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use std::sync::Mutex;

    use super::*;

    struct Shelf(Mutex<String>);

    impl Vault for Shelf {
        fn variable(&self, name: &str) -> Option<String> {
            (name == "SET").then(|| "from-the-environment".to_owned())
        }

        fn file(&self, path: &Path) -> io::Result<String> {
            if path == Path::new("/key") {
                Ok(self.0.lock().unwrap().clone())
            } else {
                Err(io::ErrorKind::NotFound.into())
            }
        }
    }

    fn credential(name: &str, header: &'static str, format: &str) -> Credential {
        Credential {
            name: name.into(),
            to: vec!["endpoint".into()],
            not_to: vec![Origin::parse("https://live.example").unwrap()],
            headers: vec![(HeaderName::from_static(header), Format::parse(format).unwrap())],
            token: None,
        }
    }

    fn keys(endpoint: &str, secrets: Vec<(&str, SecretSource)>) -> Keys {
        Keys {
            credentials: vec![
                credential("staging", "x-staging", "{staging}"),
                credential("login", "authorization", "{user}:{key}"),
                credential("token", "authorization", "Bearer {key}"),
            ],
            endpoints: vec![Endpoint::parse("endpoint", endpoint).unwrap()],
            texts: [("user".to_owned(), "ann".to_owned())].into(),
            secrets: secrets.into_iter().map(|(name, source)| (name.to_owned(), source)).collect(),
        }
    }

    fn shelf(key: &str) -> Arc<Shelf> {
        Arc::new(Shelf(Mutex::new(key.to_owned())))
    }

    fn plain(value: &str) -> SecretSource {
        SecretSource::Plain(Zeroizing::new(value.to_owned()))
    }

    fn sent(keyring: &Keyring, origin: &str) -> Vec<String> {
        let headers = keyring.headers(&keyring.secrets(), &Origin::parse(origin).unwrap()).unwrap();
        assert!(headers.iter().all(|(_, value)| value.is_sensitive()));
        headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect()
    }

    #[test]
    fn what_is_set_goes_to_its_origin_and_to_no_other_and_the_first_of_two_for_one_header_counts() {
        let both = vec![("key", plain("s3cr3t-key")), ("staging", plain("st4ging-token"))];
        let keyring = Keyring::new(keys("https://a.example/v1", both.clone()), Some(shelf(""))).unwrap();
        assert_eq!(sent(&keyring, "https://a.example"), ["x-staging: st4ging-token", "authorization: ann:s3cr3t-key"]);
        for other in ["https://b.example", "https://a.example:8443", "http://localhost"] {
            assert_eq!(sent(&keyring, other), Vec::<String>::new(), "{other}");
        }
        let keyring = Keyring::new(keys("https://live.example", both), Some(shelf(""))).unwrap();
        assert_eq!(sent(&keyring, "https://live.example"), Vec::<String>::new(), "`not-to`");
        let without = vec![("key", plain("s3cr3t-key"))];
        let keyring = Keyring::new(keys("https://a.example", without), Some(shelf(""))).unwrap();
        assert_eq!(sent(&keyring, "https://a.example"), ["authorization: ann:s3cr3t-key"], "not set, so left out");
    }

    #[test]
    fn a_file_is_read_anew_at_each_poll_and_one_that_is_gone_leaves_the_old_value() {
        let shelf = shelf("first-value\n");
        let source = SecretSource::File(PathBuf::from("/key"));
        let keyring = Keyring::new(keys("https://a.example", vec![("key", source)]), Some(shelf.clone())).unwrap();
        assert_eq!(sent(&keyring, "https://a.example"), ["authorization: ann:first-value"]);
        "\u{feff}second-value\r\n".clone_into(&mut shelf.0.lock().unwrap());
        keyring.refresh().unwrap();
        assert_eq!(sent(&keyring, "https://a.example"), ["authorization: ann:second-value"]);
        "no\u{7}".clone_into(&mut shelf.0.lock().unwrap());
        assert!(keyring.refresh().is_err());
        assert_eq!(sent(&keyring, "https://a.example"), ["authorization: ann:second-value"]);
    }

    #[test]
    fn what_cannot_be_had_is_told_by_its_field_and_place_and_never_by_its_value() {
        for (source, said) in [
            (SecretSource::Variable("UNSET".into()), "UNSET is not set"),
            (SecretSource::File("/nowhere".into()), "cannot read /nowhere"),
            (plain("bad\nvalue"), "position 4"),
        ] {
            let error = Keyring::new(keys("https://a.example", vec![("key", source)]), Some(shelf(""))).unwrap_err();
            let text = error.to_string();
            assert!(text.contains("`key`") && text.contains(said) && !text.contains("bad"), "{text}");
        }
        let mut keys = keys("https://a.example", vec![("key", SecretSource::Variable("SET".into()))]);
        keys.texts.insert("user".to_owned(), "a\nb".to_owned());
        let error = Keyring::new(keys, Some(shelf(""))).unwrap_err();
        assert!(matches!(error, KeyringError::Header { .. }), "{error}");
        assert!(!error.to_string().contains("environment"), "{error}");
    }

    #[test]
    fn a_secret_stands_in_one_header_towards_an_origin_also_where_two_url_fields_lead_to_it() {
        let with = |second: &str| {
            let mut keys = keys("https://a.example/v1", vec![("key", plain("s3cr3t-key"))]);
            let other = Credential { to: vec!["second".into()], ..credential("other", "x-key", "{key}") };
            keys.credentials.push(other);
            keys.endpoints.push(Endpoint::parse("second", second).unwrap());
            Keyring::new(keys, Some(shelf(""))).err().map(|error| error.to_string())
        };
        assert_eq!(with("https://b.example"), None);
        let error = with("https://a.example/other").unwrap();
        assert!(error.contains("`key` would stand in `x-key` and in `authorization`"), "{error}");
        assert!(error.contains("https://a.example") && !error.contains("s3cr3t"), "{error}");
    }

    #[test]
    fn without_a_vault_nothing_is_looked_up() {
        let source = SecretSource::Variable("UNSET".into());
        let keyring = Keyring::new(keys("https://a.example", vec![("key", source)]), None).unwrap();
        assert_eq!(sent(&keyring, "https://a.example"), Vec::<String>::new());
        assert_eq!(keyring.secrets().fields().count(), 0);
    }
}

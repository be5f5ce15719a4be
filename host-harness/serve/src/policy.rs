//! What the operator of a server lays down beside its command line: who may speak with it, what strangers' connectors are
//! granted, where configs may lead, where events go.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::{env, fs, io};

use distribution::trust::Trust;
use model::grant::Grant;
use model::malformed::malformed;
use model::shown::without_mark;
use outside::egress::Origin;
use serde::Deserialize;

/// The largest file that is read.
const LARGEST: u64 = 4 << 20;
/// A token of fewer characters can be guessed.
const SHORTEST_TOKEN: usize = 16;

/// Why a policy cannot be followed.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// The file cannot be read.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It is no policy.
    #[error("{}: {reason}", path.display())]
    NoPolicy {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A secret cannot be had.
    #[error("`{field}`: {reason}")]
    Secret {
        /// The field.
        field: &'static str,
        /// Why.
        reason: String,
    },
}

/// Where a secret is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Source {
    /// In a variable of the environment.
    Env(String),
    /// In a file.
    File(PathBuf),
}

impl Source {
    /// The secret, without the white space around it.
    ///
    /// # Errors
    /// [`PolicyError::Secret`], with the name of the field.
    pub fn read(&self, field: &'static str) -> Result<String, PolicyError> {
        let failed = |reason: String| PolicyError::Secret { field, reason };
        let text = match self {
            Self::Env(name) => env::var(name).map_err(|_| failed(format!("the variable {name} is not set")))?,
            Self::File(path) => {
                fs::read_to_string(path).map_err(|error| failed(format!("{}: {error}", path.display())))?
            }
        };
        let text = text.trim().to_owned();
        if text.is_empty() { Err(failed("it is empty".to_owned())) } else { Ok(text) }
    }
}

/// Who may speak with the server.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TokenSources {
    /// Whoever has this one may read.
    pub read: Option<Source>,
    /// Whoever has this one may read and write.
    pub write: Option<Source>,
}

/// Where events go.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SinkPolicy {
    /// Each event is posted to this URL.
    pub url: String,
    /// What the events are signed with.
    pub secret: Source,
}

/// A policy.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Policy {
    /// Who may speak with the server.
    #[serde(default)]
    pub tokens: TokenSources,
    /// The keys that configs are sealed with; none: a file beside the store.
    pub key: Option<Source>,
    /// What connectors other than the program's own are granted.
    #[serde(default)]
    pub grants: Vec<Grant>,
    /// Origins on this machine, or in private networks, that configs may lead to.
    #[serde(default)]
    pub private_origins: BTreeSet<String>,
    /// Where events go.
    pub sink: Option<SinkPolicy>,
    /// Who may sign the connectors of which repositories, and what has to be proved of them. What is not here is not
    /// installed from a registry.
    #[serde(default)]
    pub trust: Trust,
}

impl Policy {
    /// Reads a policy.
    ///
    /// # Errors
    /// [`PolicyError`].
    pub fn read(path: &std::path::Path) -> Result<Self, PolicyError> {
        let file = |source| PolicyError::File { path: path.to_owned(), source };
        let no_policy = |reason: String| PolicyError::NoPolicy { path: path.to_owned(), reason };
        if fs::metadata(path).map_err(file)?.len() > LARGEST {
            return Err(no_policy(format!("it is larger than {LARGEST} bytes")));
        }
        let text = fs::read_to_string(path).map_err(file)?;
        let policy: Self = serde_json::from_str(without_mark(&text)).map_err(|error| no_policy(malformed(&error)))?;
        for origin in &policy.private_origins {
            Origin::parse(origin).map_err(|error| no_policy(format!("`privateOrigins`: {error}")))?;
        }
        Ok(policy)
    }

    /// What a connector of this name is granted.
    pub fn grants_of<'p>(&'p self, connector: &'p str) -> impl Iterator<Item = &'p Grant> {
        self.grants.iter().filter(move |grant| grant.connector == connector)
    }

    /// Whether configs may lead to this origin, wherever it is.
    #[must_use]
    pub fn allows(&self, origin: &Origin) -> bool {
        self.private_origins.iter().filter_map(|text| Origin::parse(text).ok()).any(|allowed| allowed == *origin)
    }
}

/// The tokens that the server takes.
#[derive(Default)]
pub struct Tokens {
    /// For who may read.
    pub read: Option<String>,
    /// For who may read and write.
    pub write: Option<String>,
}

impl Tokens {
    /// Reads them from where they are.
    ///
    /// # Errors
    /// [`PolicyError::Secret`]: one cannot be had, or is so short that it can be guessed.
    pub fn read(sources: &TokenSources) -> Result<Self, PolicyError> {
        let token = |field, source: &Option<Source>| {
            let Some(source) = source else { return Ok(None) };
            let token = source.read(field)?;
            if token.len() < SHORTEST_TOKEN || !token.is_ascii() {
                let reason = format!("a token has {SHORTEST_TOKEN} characters at least, of ASCII");
                return Err(PolicyError::Secret { field, reason });
            }
            Ok(Some(token))
        };
        Ok(Self { read: token("tokens.read", &sources.read)?, write: token("tokens.write", &sources.write)? })
    }

    /// Whether nobody has to show one.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.read.is_none() && self.write.is_none()
    }
}

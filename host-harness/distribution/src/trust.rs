//! Whom an operator believes, and how much has to be proved: a part of the policy file. What it does not name is not
//! trusted.

use std::fs;
use std::path::PathBuf;
use std::str::FromStr;

use model::level::Level;
use serde::Deserialize;

use crate::keys::{KeyError, PublicKey};
use crate::reference::{ReferenceError, Repository};

/// The largest file with a key that is read, in bytes.
const LARGEST: u64 = 64 << 10;

/// Why nothing can be trusted by a policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrustError {
    /// The policy names nobody for this repository.
    #[error(
        "the policy trusts nobody for {0}; what is to be installed from there needs, in its `trust`, \
         {{\"repository\": \"{0}\", \"keys\": [{{\"file\": \"AUTHOR.pub\"}}]}}"
    )]
    Nobody(Repository),
    /// A key cannot be had.
    #[error("`trust` for {repository}: the key {path}: {reason}", path = path.display())]
    File {
        /// What the rule is for.
        repository: Scope,
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A key is none.
    #[error("`trust` for {repository}: {reason}")]
    Key {
        /// What the rule is for.
        repository: Scope,
        /// What is wrong.
        reason: KeyError,
    },
    /// It trusts nobody, and not that nobody signs either.
    #[error("`trust` for {0}: it names no key, and does not say `\"unsigned\": true` either")]
    NoKey(Scope),
    /// What is demanded could be shown by nobody.
    #[error("`trust` for {0}: a level is demanded, which a key has to vouch for; name one in `keys`")]
    NoVoucher(Scope),
}

/// The repositories that a rule is for: one, or with `/*` all below a name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Scope(String);

impl Scope {
    fn has(&self, repository: &Repository) -> bool {
        let name = repository.to_string();
        match self.0.strip_suffix("/*") {
            Some(above) => name.strip_prefix(above).is_some_and(|rest| rest.starts_with('/')),
            None => name == self.0,
        }
    }
}

impl FromStr for Scope {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        // A registry as a whole is told by a name that any repository could have.
        let whole = text.strip_suffix("/*").map_or_else(|| text.to_owned(), |above| format!("{above}/any"));
        whole.parse::<Repository>()?;
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for Scope {
    type Error = ReferenceError;

    fn try_from(text: String) -> Result<Self, ReferenceError> {
        text.parse()
    }
}

impl std::fmt::Display for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a public key is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum KeySource {
    /// In a file, as PEM.
    File(PathBuf),
    /// Here, as PEM.
    Pem(String),
}

/// Whom is trusted for some repositories.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rule {
    /// For which.
    pub repository: Scope,
    /// Whose signature is believed.
    #[serde(default)]
    pub keys: Vec<KeySource>,
    /// Whether what nobody signed is taken as well.
    #[serde(default)]
    pub unsigned: bool,
    /// The level that one of the keys has to vouch for.
    pub level: Option<Level>,
    /// Whether an upgrade needs no consent that widens nothing, is signed by the same key, and is of the same level at least.
    #[serde(default)]
    pub unattended_upgrades: bool,
}

/// The rules of a policy. The first that is for a repository counts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Trust(pub Vec<Rule>);

/// A rule with its keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trusted {
    /// Whose signature is believed.
    pub keys: Vec<PublicKey>,
    /// Whether what nobody signed is taken as well.
    pub unsigned: bool,
    /// The level that one of the keys has to vouch for.
    pub level: Option<Level>,
    /// Whether an upgrade that is no wider needs no consent.
    pub unattended_upgrades: bool,
}

impl Trust {
    /// Who is trusted for a repository.
    ///
    /// # Errors
    /// [`TrustError`].
    pub fn of(&self, repository: &Repository) -> Result<Trusted, TrustError> {
        let rule = self.0.iter().find(|rule| rule.repository.has(repository));
        rule.ok_or_else(|| TrustError::Nobody(repository.clone()))?.read()
    }
}

impl Rule {
    /// The rule, with the keys that it names.
    ///
    /// # Errors
    /// [`TrustError`], but [`TrustError::Nobody`].
    pub fn read(&self) -> Result<Trusted, TrustError> {
        let scope = || self.repository.clone();
        let keys: Vec<PublicKey> = self.keys.iter().map(|source| self.key(source)).collect::<Result<_, _>>()?;
        match (keys.is_empty(), self.unsigned, self.level) {
            (true, false, _) => Err(TrustError::NoKey(scope())),
            (true, true, Some(_)) => Err(TrustError::NoVoucher(scope())),
            _ => Ok(Trusted {
                keys,
                unsigned: self.unsigned,
                level: self.level,
                unattended_upgrades: self.unattended_upgrades,
            }),
        }
    }

    fn key(&self, source: &KeySource) -> Result<PublicKey, TrustError> {
        let failed = |path: &PathBuf, reason: String| TrustError::File {
            repository: self.repository.clone(),
            path: path.clone(),
            reason,
        };
        match source {
            KeySource::Pem(text) => {
                PublicKey::parse(text).map_err(|reason| TrustError::Key { repository: self.repository.clone(), reason })
            }
            KeySource::File(path) => {
                let size = fs::metadata(path).map_err(|error| failed(path, error.to_string()))?.len();
                if size > LARGEST {
                    return Err(failed(path, format!("it is larger than {LARGEST} bytes")));
                }
                let text = fs::read_to_string(path).map_err(|error| failed(path, error.to_string()))?;
                PublicKey::parse(&text).map_err(|error| failed(path, error.to_string()))
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn trust(rules: &str) -> Trust {
        serde_json::from_str(rules).unwrap()
    }

    #[test]
    fn what_no_rule_names_is_trusted_by_nobody_and_the_first_that_does_counts() {
        let trust = trust(
            r#"[{"repository": "a.example/acme/bank", "unsigned": true},
                {"repository": "a.example/acme/*", "unsigned": true, "unattendedUpgrades": true}]"#,
        );
        let of = |text: &str| trust.of(&text.parse().unwrap()).map(|trusted| trusted.unattended_upgrades);
        assert_eq!(of("a.example/acme/bank"), Ok(false));
        assert_eq!((of("a.example/acme/other"), of("a.example/acme/x/y")), (Ok(true), Ok(true)));
        for text in ["a.example/acme", "a.example/acmes/bank", "b.example/acme/bank", "a.example:443/acme/bank"] {
            let told = of(text).unwrap_err().to_string();
            assert!(told.contains(&format!("trusts nobody for {text};")) && told.contains("AUTHOR.pub"), "{told}");
        }
        assert!(matches!(Trust::default().of(&"a.example/acme/bank".parse().unwrap()), Err(TrustError::Nobody(_))));
    }

    #[test]
    fn a_rule_that_nobody_could_meet_or_that_means_all_the_world_is_told() {
        let of = |rule: &str| trust(&format!("[{rule}]")).of(&"a.example/b".parse().unwrap()).unwrap_err().to_string();
        assert!(of(r#"{"repository": "a.example/*"}"#).contains("names no key"));
        assert!(of(r#"{"repository": "a.example/*", "unsigned": true, "level": "gold"}"#).contains("vouch for"));
        assert!(of(r#"{"repository": "a.example/b", "keys": [{"pem": "x"}]}"#).contains("no public key"));
        assert!(
            of(r#"{"repository": "a.example/b", "keys": [{"file": "/nowhere/x.pub"}]}"#).contains("/nowhere/x.pub")
        );
        for rules in
            [r#"[{"repository": "*"}]"#, r#"[{"repository": "/*"}]"#, r#"[{"repository": "a.example/b", "key": 1}]"#]
        {
            assert!(serde_json::from_str::<Trust>(rules).is_err(), "{rules}");
        }
    }
}

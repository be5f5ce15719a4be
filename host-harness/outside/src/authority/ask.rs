//! What a manifest asks for, understood: the first of the three parts of authority, and the only one that the component
//! has a say in.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::credential::{self, Credential, CredentialError};
use crate::egress::{Pattern, PatternError, headers};
use model::{FieldKind, Manifest};

/// Requests and extra headers of one manifest: more of any are no provider's.
const MOST: usize = 100;

/// Everything that a manifest asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ask {
    /// What goes on its requests.
    pub credentials: Vec<Credential>,
    /// The requests that it makes.
    pub requests: Vec<Pattern>,
    /// The headers that it sends besides those of every connector.
    pub headers: Vec<String>,
}

/// What a manifest asks that no operator can grant on this host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// A credential.
    #[error("the credential {name:?}: {reason}")]
    Credential {
        /// Its name.
        name: String,
        /// What is wrong with it.
        reason: CredentialError,
    },
    /// A request.
    #[error("the request {number}: {reason}")]
    Request {
        /// Which, from 1.
        number: usize,
        /// What is wrong with it.
        reason: PatternError,
    },
    /// A request to what is no `url` field.
    #[error("the request {number} goes to `{to}`, which is no `url` field of the manifest")]
    RequestTo {
        /// Which, from 1.
        number: usize,
        /// Where it goes.
        to: String,
    },
    /// A header that no connector may send, or that is no name of one.
    #[error(
        "the header {0:?} is none that a connector may ask for: expected a name in lower case that carries no authority"
    )]
    Header(String),
    /// More of something than any provider needs.
    #[error("it asks for more than {MOST} requests or headers")]
    TooMany,
}

impl Ask {
    /// Understands what a manifest asks for.
    ///
    /// # Errors
    /// [`AskError`]: it cannot be granted here, whatever an operator says.
    pub fn of(manifest: &Manifest) -> Result<Self, AskError> {
        if manifest.requests.len() > MOST || manifest.headers.len() > MOST || manifest.credentials.len() > MOST {
            return Err(AskError::TooMany);
        }
        let credentials = credentials(manifest)?;
        let requests = (1..).zip(&manifest.requests).map(|(number, asked)| {
            let urls = manifest.config.iter().filter(|field| field.kind == FieldKind::Url);
            if !urls.into_iter().any(|field| field.name == asked.to) {
                return Err(AskError::RequestTo { number, to: asked.to.clone() });
            }
            Pattern::parse(&asked.method, &asked.to, &asked.path).map_err(|reason| AskError::Request { number, reason })
        });
        let requests = requests.collect::<Result<Vec<_>, _>>()?;
        let taken: BTreeSet<Cow<'_, str>> =
            credentials.iter().flat_map(|c| &c.headers).map(|(name, _)| headers::folded(name.as_str())).collect();
        let bad = |name: &&String| {
            let is_name = http::HeaderName::from_bytes(name.as_bytes()).is_ok_and(|parsed| parsed.as_str() == **name);
            !is_name || headers::carries_authority(name) || taken.contains(&headers::folded(name))
        };
        match manifest.headers.iter().find(bad) {
            Some(name) => Err(AskError::Header(name.clone())),
            None => Ok(Self { credentials, requests, headers: manifest.headers.clone() }),
        }
    }

    /// The requests that the host makes for tokens, and the component may not: pairs of a `url` field and a path.
    #[must_use]
    pub fn token_requests(&self) -> Vec<(String, String)> {
        let exchanges = self.credentials.iter().filter_map(|credential| credential.token.as_ref());
        exchanges.map(|exchange| (exchange.to.clone(), exchange.path.clone())).collect()
    }
}

fn credentials(manifest: &Manifest) -> Result<Vec<Credential>, AskError> {
    let wrong = |name: &str, reason| AskError::Credential { name: name.to_owned(), reason };
    let mut names = BTreeSet::new();
    let mut credentials = Vec::new();
    for asked in &manifest.credentials {
        let parsed = Credential::parse(asked, &manifest.config).map_err(|reason| wrong(&asked.name, reason))?;
        if !names.insert(asked.name.as_str()) {
            return Err(wrong(&asked.name, CredentialError::Name));
        }
        credentials.push(parsed);
    }
    credential::each_secret_once(&credentials, &manifest.config).map_err(|(name, reason)| wrong(&name, reason))?;
    Ok(credentials)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::ConfigField;

    fn manifest(names: [&str; 2], headers: [&str; 2]) -> Manifest {
        let field = |name: &str, kind| ConfigField {
            name: name.into(),
            kind,
            required: true,
            default: None,
            description: "-".into(),
        };
        let credential = |(name, header): (&str, &str)| model::Credential {
            name: name.into(),
            to: vec!["endpoint".into()],
            not_to: vec![],
            headers: vec![(header.into(), "fixed".into())],
            more: vec![],
        };
        Manifest {
            name: "x".into(),
            version: "1.0.0".into(),
            description: "-".into(),
            capabilities: vec![],
            workflow: vec![],
            config: vec![field("endpoint", FieldKind::Url), field("key", FieldKind::Secret)],
            credentials: names.into_iter().zip(headers).map(credential).collect(),
            requests: vec![],
            headers: vec![],
            max_page_size: 100,
            max_in_flight: 1,
            rate_limits: vec![],
        }
    }

    #[test]
    fn two_credentials_of_one_name_are_refused_by_that_name() {
        assert!(Ask::of(&manifest(["one", "two"], ["x-one", "x-two"])).is_ok());
        let error = Ask::of(&manifest(["one", "one"], ["x-one", "x-two"])).expect_err("refused").to_string();
        assert!(error.contains("\"one\"") && error.contains("another one's"), "{error}");
    }

    #[test]
    fn a_header_of_a_credential_is_not_the_connectors_to_send_however_it_is_spelt() {
        for name in ["x-one", "x_one", "x_two"] {
            let mut asked = manifest(["one", "two"], ["x-one", "x_two"]);
            asked.headers = vec![name.into()];
            assert!(matches!(Ask::of(&asked), Err(AskError::Header(_))), "{name}");
        }
    }
}

//! What an operator granted, and what is wider than it.
//!
//! A grant is the identity of an install: another component, or more than was granted, does not run under its name. As
//! JSON it can be reviewed, kept in version control and given to many installs.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Manifest;
use crate::manifest_json::kind_word;

/// What is granted; and, of a component with a config, what it takes to run it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Grant {
    /// The name that the connector gives itself.
    pub connector: String,
    /// The components that may run, by their SHA-256: `sha256:…`. None: any, and then towards this machine only, which is
    /// for whoever builds one all day.
    #[serde(default)]
    pub digests: BTreeSet<String>,
    /// Where requests may go: for each `url` field the URL that the operator wrote.
    pub endpoints: BTreeMap<String, String>,
    /// `text` fields that are no secrets, though their names say so.
    #[serde(default)]
    pub public: BTreeSet<String>,
    /// What it asks for.
    pub asks: Asks,
}

/// What a component asks for, whoever runs it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Asks {
    /// The credentials, by name.
    #[serde(default)]
    pub credentials: BTreeMap<String, AskedCredential>,
    /// The requests: `GET endpoint /v2/transactions/{id}`.
    pub requests: BTreeSet<String>,
    /// Headers besides those of every connector.
    #[serde(default)]
    pub headers: BTreeSet<String>,
    /// The kind of each config field.
    pub fields: BTreeMap<String, String>,
    /// The interfaces that it imports, without their versions.
    #[serde(default)]
    pub imports: BTreeSet<String>,
}

/// A credential, as it is granted.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AskedCredential {
    /// The `url` fields to whose origins it goes.
    pub to: BTreeSet<String>,
    /// Origins on which it is left out.
    #[serde(default)]
    pub not_to: BTreeSet<String>,
    /// The format of each header.
    pub headers: BTreeMap<String, String>,
    /// What is more than headers.
    #[serde(default)]
    pub more: BTreeMap<String, String>,
}

/// One thing that was not granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wider {
    /// Another connector.
    Connector {
        /// Whose grant it is.
        granted: String,
        /// Which one asks.
        asked: String,
    },
    /// Another component.
    Digest(String),
    /// Any component, and an endpoint that is not on this machine.
    AnyDigest(String),
    /// Another place to send requests to.
    Endpoint {
        /// The `url` field.
        field: String,
        /// What was granted.
        granted: Option<String>,
        /// What is in the config now.
        asked: String,
    },
    /// A credential that is new, or goes further, or is made otherwise.
    Credential {
        /// Its name.
        name: String,
        /// In what.
        what: String,
    },
    /// A request.
    Request(String),
    /// A header.
    Header(String),
    /// A field that was of another kind.
    Field {
        /// Its name.
        name: String,
        /// What was granted.
        granted: String,
        /// What it is now.
        asked: String,
    },
    /// A text that looks like a secret.
    Public(String),
    /// An import.
    Import(String),
}

/// A request that is asked for, with a word where more of its path stands for anything than for itself:
/// `GET endpoint /{a}/{b}   (almost any path)`.
#[must_use]
pub fn request_line(request: &str) -> String {
    let path = request.rsplit(' ').next().unwrap_or_default();
    let segments = || path.trim_start_matches('/').split('/');
    let any = segments().filter(|segment| segment.starts_with('{') && segment.ends_with('}')).count();
    let almost_any = any > segments().count() - any;
    format!("{request}{}", if almost_any { "   (almost any path)" } else { "" })
}

impl fmt::Display for Wider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connector { granted, asked } => {
                write!(f, "the grant is for the connector `{granted}`, this is `{asked}`")
            }
            Self::Digest(digest) => write!(f, "another component: {digest}"),
            Self::AnyDigest(endpoint) => {
                write!(
                    f,
                    "the grant names no component, which is for endpoints on this machine only, not for {endpoint}"
                )
            }
            Self::Endpoint { field, granted: Some(granted), asked } => {
                write!(f, "`{field}`: {granted} becomes {asked}")
            }
            Self::Endpoint { field, granted: None, asked } => write!(f, "`{field}`: {asked}"),
            Self::Credential { name, what } => write!(f, "the credential `{name}`: {what}"),
            Self::Request(request) => write!(f, "the request {}", request_line(request)),
            Self::Header(header) => write!(f, "the header `{header}`"),
            Self::Field { name, granted, asked } => write!(f, "the config field `{name}`: {granted} becomes {asked}"),
            Self::Public(field) => {
                write!(f, "`{field}` is given to the component as it is, though its name says that it is a secret")
            }
            Self::Import(import) => write!(f, "the import {import}"),
        }
    }
}

impl Asks {
    /// What a manifest asks for; `imports` as the component has them.
    #[must_use]
    pub fn of(manifest: &Manifest, imports: &[String]) -> Self {
        let credential = |credential: &crate::Credential| {
            let asked = AskedCredential {
                to: credential.to.iter().cloned().collect(),
                not_to: credential.not_to.iter().cloned().collect(),
                headers: credential.headers.iter().cloned().collect(),
                more: credential.more.iter().cloned().collect(),
            };
            (credential.name.clone(), asked)
        };
        let without_version = |import: &String| import.split_once('@').map_or(&**import, |(name, _)| name).to_owned();
        Self {
            credentials: manifest.credentials.iter().map(credential).collect(),
            requests: manifest.requests.iter().map(|r| format!("{} {} {}", r.method, r.to, r.path)).collect(),
            headers: manifest.headers.iter().cloned().collect(),
            fields: manifest.config.iter().map(|f| (f.name.clone(), kind_word(f.kind).to_owned())).collect(),
            imports: imports.iter().map(without_version).collect(),
        }
    }

    /// What of `asked` goes beyond this.
    #[must_use]
    pub fn wider(&self, asked: &Self) -> Vec<Wider> {
        let mut wider = Vec::new();
        for (name, credential) in &asked.credentials {
            let what = match self.credentials.get(name) {
                None => vec![credential.to_string()],
                Some(granted) => granted.wider(credential),
            };
            wider.extend(what.into_iter().map(|what| Wider::Credential { name: name.clone(), what }));
        }
        wider.extend(asked.requests.difference(&self.requests).cloned().map(Wider::Request));
        wider.extend(asked.headers.difference(&self.headers).cloned().map(Wider::Header));
        for (name, kind) in &asked.fields {
            // What becomes a secret is kept from the component, which asks for less.
            if let Some(granted) = self.fields.get(name).filter(|granted| *granted != kind && kind != "secret") {
                wider.push(Wider::Field { name: name.clone(), granted: granted.clone(), asked: kind.clone() });
            }
        }
        wider.extend(asked.imports.difference(&self.imports).cloned().map(Wider::Import));
        wider
    }
}

/// `authorization = {clientID}:{apiKey} to endpoint`.
impl fmt::Display for AskedCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |names: &BTreeSet<String>| names.iter().cloned().collect::<Vec<_>>().join(", ");
        let headers = self.headers.iter().map(|(name, format)| format!("{name} = {format}"));
        write!(f, "{} to {}", headers.collect::<Vec<_>>().join(", "), list(&self.to))?;
        if !self.not_to.is_empty() {
            write!(f, ", not to {}", list(&self.not_to))?;
        }
        for (key, value) in &self.more {
            write!(f, "; {key} = {value}")?;
        }
        Ok(())
    }
}

impl AskedCredential {
    fn wider(&self, asked: &Self) -> Vec<String> {
        let mut wider = Vec::new();
        for (header, format) in
            asked.headers.iter().filter(|(header, format)| self.headers.get(*header) != Some(format))
        {
            wider.push(match self.headers.get(header) {
                Some(granted) => format!("{header} = {granted} becomes {format}"),
                None => format!("{header} = {format}"),
            });
        }
        wider.extend(asked.to.difference(&self.to).map(|field| format!("it goes to `{field}`")));
        wider.extend(self.not_to.difference(&asked.not_to).map(|origin| format!("it goes to {origin}")));
        if self.more != asked.more {
            let text = |more: &BTreeMap<String, String>| {
                more.iter().map(|(key, value)| format!("{key} = {value}")).collect::<Vec<_>>().join("; ")
            };
            wider.push(format!("{} becomes {}", text(&self.more), text(&asked.more)));
        }
        wider
    }
}

impl Grant {
    /// What of `asked`, which is what a component with a config takes to run, goes beyond this. Nothing: it may run.
    /// `elsewhere` is an endpoint of that config that is not on this machine, where there is one.
    #[must_use]
    pub fn wider(&self, asked: &Self, elsewhere: Option<String>) -> Vec<Wider> {
        let mut wider = Vec::new();
        if self.connector != asked.connector {
            wider.push(Wider::Connector { granted: self.connector.clone(), asked: asked.connector.clone() });
        }
        if self.digests.is_empty() {
            wider.extend(elsewhere.map(Wider::AnyDigest));
        } else {
            wider.extend(asked.digests.difference(&self.digests).cloned().map(Wider::Digest));
        }
        for (field, url) in asked.endpoints.iter().filter(|(field, url)| self.endpoints.get(*field) != Some(url)) {
            let granted = self.endpoints.get(field).cloned();
            wider.push(Wider::Endpoint { field: field.clone(), granted, asked: url.clone() });
        }
        wider.extend(asked.public.difference(&self.public).cloned().map(Wider::Public));
        wider.extend(self.asks.wider(&asked.asks));
        wider
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn more_placeholders_than_literals_is_almost_any_path() {
        assert_eq!(request_line("GET endpoint /a/{b}/{c}"), "GET endpoint /a/{b}/{c}   (almost any path)");
        assert_eq!(request_line("GET endpoint /a/{b}"), "GET endpoint /a/{b}");
    }

    fn grant() -> Grant {
        serde_json::from_str(
            r#"{
                "connector": "qonto",
                "digests": ["sha256:aa"],
                "endpoints": { "endpoint": "https://bank.example/v1" },
                "asks": {
                    "credentials": { "login": { "to": ["endpoint"], "notTo": ["https://live.example"],
                                                "headers": { "authorization": "{user}:{key}" } } },
                    "requests": ["GET endpoint /payments"],
                    "headers": ["x-version"],
                    "fields": { "endpoint": "url", "user": "text", "key": "secret" },
                    "imports": ["wasi:http/types"]
                }
            }"#,
        )
        .unwrap()
    }

    /// Makes a grant wider in one way.
    type Change<'c> = &'c dyn Fn(&mut Grant);

    fn wider(change: impl FnOnce(&mut Grant)) -> Vec<String> {
        let mut asked = grant();
        change(&mut asked);
        grant().wider(&asked, Some("https://bank.example/v1".to_owned())).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_was_granted_and_what_is_less_of_it_is_not_wider() {
        assert_eq!(wider(|_| {}), Vec::<String>::new());
        assert_eq!(
            wider(|asked| {
                asked.asks.requests.clear();
                asked.asks.headers.clear();
                asked.asks.imports.clear();
                asked.asks.fields.insert("user".into(), "secret".into());
                asked.asks.fields.insert("note".into(), "text".into());
                asked.asks.credentials.get_mut("login").unwrap().not_to.insert("https://other.example".into());
            }),
            Vec::<String>::new()
        );
    }

    #[test]
    fn anything_more_is_told_in_a_line_of_its_own() {
        let login = |asked: &mut Grant| asked.asks.credentials.get("login").cloned().unwrap();
        let cases: [(Change<'_>, &str); 13] = [
            (&|a| a.connector = "other".into(), "the connector `qonto`, this is `other`"),
            (&|a| a.digests = ["sha256:bb".to_owned()].into(), "another component: sha256:bb"),
            (
                &|a| _ = a.endpoints.insert("endpoint".into(), "https://evil.example".into()),
                "becomes https://evil.example",
            ),
            (
                &|a| _ = a.endpoints.insert("second".into(), "https://evil.example".into()),
                "`second`: https://evil.example",
            ),
            (&|a| _ = a.public.insert("apiKey".into()), "`apiKey` is given"),
            (&|a| _ = a.asks.requests.insert("POST endpoint /payments".into()), "the request POST endpoint /payments"),
            (&|a| _ = a.asks.headers.insert("x-more".into()), "the header `x-more`"),
            (&|a| _ = a.asks.fields.insert("key".into(), "text".into()), "`key`: secret becomes text"),
            (&|a| _ = a.asks.imports.insert("wasi:sockets/tcp".into()), "the import wasi:sockets/tcp"),
            (
                &|a| {
                    let mut more = login(a);
                    more.headers.insert("x-key".into(), "{key}".into());
                    a.asks.credentials.insert("login".into(), more);
                },
                "`login`: x-key = {key}",
            ),
            (
                &|a| {
                    let mut more = login(a);
                    more.not_to.clear();
                    a.asks.credentials.insert("login".into(), more);
                },
                "it goes to https://live.example",
            ),
            (
                &|a| {
                    let mut more = login(a);
                    more.more.insert("token.value".into(), "/t".into());
                    a.asks.credentials.insert("login".into(), more);
                },
                "token.value = /t",
            ),
            (
                &|a| {
                    let other = login(a);
                    a.asks.credentials.insert("second".into(), other);
                },
                "the credential `second`: authorization = {user}:{key} to endpoint",
            ),
        ];
        for (change, said) in cases {
            let found = wider(change);
            assert!(found.len() == 1 && found[0].contains(said), "{said}: {found:?}");
        }
    }

    #[test]
    fn a_field_of_another_kind_is_wider_unless_it_becomes_a_secret() {
        let kinds = ["text", "secret", "url", "integer", "duration", "boolean"];
        for (was, is) in kinds.iter().flat_map(|was| kinds.iter().map(move |is| (*was, *is))) {
            let with = |kind: &str| {
                let mut grant = grant();
                grant.asks.fields.insert("pin".into(), kind.into());
                grant
            };
            let wider = with(was).wider(&with(is), Some("https://bank.example/v1".to_owned()));
            assert_eq!(wider.is_empty(), was == is || is == "secret", "{was} becomes {is}: {wider:?}");
        }
    }

    #[test]
    fn a_grant_without_components_is_for_this_machine_only() {
        let mut any = grant();
        any.digests.clear();
        any.endpoints.insert("endpoint".into(), "http://127.0.0.1:8080".into());
        let asked = Grant { digests: ["sha256:cc".to_owned()].into(), ..any.clone() };
        assert_eq!(any.wider(&asked, None), []);
        assert!(matches!(any.wider(&asked, Some("https://bank.example".to_owned()))[..], [Wider::AnyDigest(_)]));
    }

    #[test]
    fn a_grant_is_the_same_after_a_file_and_a_misspelt_key_is_told() {
        let text = serde_json::to_string_pretty(&grant()).unwrap();
        assert_eq!(serde_json::from_str::<Grant>(&text).unwrap(), grant());
        let error = serde_json::from_str::<Grant>(&text.replace("digests", "digest")).unwrap_err();
        assert!(error.to_string().contains("digest"), "{error}");
    }
}

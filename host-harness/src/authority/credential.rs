//! A credential that a manifest asks for, understood: which header is made of what, and to which origins it goes.

use std::collections::BTreeSet;

use http::HeaderName;

use super::format::{Format, FormatError};
use crate::contract::{self, ConfigField, FieldKind};
use crate::egress::{Origin, OriginError, headers};

/// Credentials, origins, headers and keys of one manifest: more of any are no provider's.
const MOST: usize = 32;

/// A credential that was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// Its name, for the operator.
    pub name: String,
    /// The `url` fields to whose origins it goes.
    pub to: Vec<String>,
    /// Origins on which it is left out all the same.
    pub not_to: Vec<Origin>,
    /// The headers, with the format of each.
    pub headers: Vec<(HeaderName, Format)>,
}

/// Why a credential is none that this host can put on a request. Names what it does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CredentialError {
    /// No name, or one that another credential has.
    #[error("its name is empty, or another one's")]
    Name,
    /// It goes nowhere.
    #[error("it names no `url` field that it goes to")]
    Nowhere,
    /// It goes to what is no `url` field.
    #[error("it goes to `{0}`, which is no `url` field of the manifest")]
    To(String),
    /// An origin that is none.
    #[error("its `not-to` {origin}: it {reason}")]
    NotTo {
        /// What stands there.
        origin: String,
        /// Why it is no origin.
        reason: OriginError,
    },
    /// It puts nothing on a request.
    #[error("it has no header")]
    Nothing,
    /// A header that no credential may stand in.
    #[error(
        "`{0}` is no header that a credential may stand in: expected a name in lower case that servers neither echo nor log"
    )]
    Header(String),
    /// A header's format is none.
    #[error("the format of `{header}`: {reason}")]
    Format {
        /// The header.
        header: String,
        /// What is wrong.
        reason: FormatError,
    },
    /// A format names a field that it cannot.
    #[error("the format of `{header}` names `{field}`, which is no text or secret field of the manifest")]
    Field {
        /// The header.
        header: String,
        /// The field.
        field: String,
    },
    /// A key of `more` of another version of the contract.
    #[error("it needs `{0}`, which this host does not do")]
    Unknown(String),
    /// One secret in two headers of a request.
    #[error(
        "the secret `{field}` stands in `{header}` and in `{other}`, towards one origin; it may stand in one header"
    )]
    SecretTwice {
        /// The secret.
        field: String,
        /// A header.
        header: String,
        /// Another one.
        other: String,
    },
    /// More of something than any provider asks for.
    #[error("it has more than {MOST} of something")]
    TooMany,
}

impl Credential {
    /// Understands what a manifest says.
    ///
    /// # Errors
    /// [`CredentialError`].
    pub fn parse(asked: &contract::Credential, fields: &[ConfigField]) -> Result<Self, CredentialError> {
        if asked.name.is_empty() {
            return Err(CredentialError::Name);
        }
        if [asked.to.len(), asked.not_to.len(), asked.headers.len(), asked.more.len()].into_iter().any(|n| n > MOST) {
            return Err(CredentialError::TooMany);
        }
        let is_url = |to: &&String| !fields.iter().any(|field| field.name == **to && field.kind == FieldKind::Url);
        match asked.to.iter().find(is_url) {
            _ if asked.to.is_empty() => return Err(CredentialError::Nowhere),
            Some(to) => return Err(CredentialError::To(to.clone())),
            None => {}
        }
        if let Some((key, _)) = asked.more.first() {
            return Err(CredentialError::Unknown(key.clone()));
        }
        if asked.headers.is_empty() {
            return Err(CredentialError::Nothing);
        }
        let origin = |text: &String| {
            Origin::parse(text).map_err(|reason| CredentialError::NotTo { origin: text.clone(), reason })
        };
        let header = |(name, format): &(String, String)| header(name, format, fields);
        Ok(Self {
            name: asked.name.clone(),
            to: asked.to.clone(),
            not_to: asked.not_to.iter().map(origin).collect::<Result<_, _>>()?,
            headers: asked.headers.iter().map(header).collect::<Result<_, _>>()?,
        })
    }

    /// The config fields that it is made of.
    #[must_use]
    pub fn fields(&self) -> BTreeSet<&str> {
        self.headers.iter().flat_map(|(_, format)| format.fields()).collect()
    }
}

fn header(name: &str, format: &str, fields: &[ConfigField]) -> Result<(HeaderName, Format), CredentialError> {
    let unfit = || CredentialError::Header(name.to_owned());
    let lower = name.bytes().all(|b| !b.is_ascii_uppercase());
    let header = HeaderName::from_bytes(name.as_bytes()).map_err(|_| unfit())?;
    if !lower || headers::is_unfit_for_secrets(name) {
        return Err(unfit());
    }
    let format = Format::parse(format).map_err(|reason| CredentialError::Format { header: name.to_owned(), reason })?;
    if format.uses_token() {
        return Err(CredentialError::Unknown("{@token}".to_owned()));
    }
    let nameable = |name: &str| {
        fields.iter().any(|field| field.name == name && matches!(field.kind, FieldKind::Text | FieldKind::Secret))
    };
    if let Some(field) = format.fields().into_iter().find(|field| !nameable(field)) {
        return Err(CredentialError::Field { header: name.to_owned(), field: field.to_owned() });
    }
    Ok((header, format))
}

/// Sees that a secret stands in one header of a request at most: alternatives for the same header are one place.
///
/// # Errors
/// The credential that puts a secret into a second header, and [`CredentialError::SecretTwice`].
pub(super) fn each_secret_once(
    credentials: &[Credential],
    fields: &[ConfigField],
) -> Result<(), (String, CredentialError)> {
    let secrets = fields.iter().filter(|field| field.kind == FieldKind::Secret);
    for secret in secrets {
        let mut places: Vec<(&Credential, &HeaderName)> = Vec::new();
        for credential in credentials {
            for (header, format) in &credential.headers {
                if !format.fields().contains(&*secret.name) {
                    continue;
                }
                let clash = places.iter().find(|(other, name)| {
                    *name != header && other.to.iter().any(|field| credential.to.contains(field))
                });
                if let Some((_, other)) = clash {
                    let (field, header, other) = (secret.name.clone(), header.to_string(), other.to_string());
                    return Err((credential.name.clone(), CredentialError::SecretTwice { field, header, other }));
                }
                places.push((credential, header));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields() -> Vec<ConfigField> {
        let field = |name: &str, kind| ConfigField {
            name: name.into(),
            kind,
            required: false,
            default: None,
            description: "-".into(),
        };
        vec![
            field("endpoint", FieldKind::Url),
            field("user", FieldKind::Text),
            field("key", FieldKind::Secret),
            field("size", FieldKind::Integer),
        ]
    }

    fn credential(header: &str, format: &str) -> contract::Credential {
        contract::Credential {
            name: "login".into(),
            to: vec!["endpoint".into()],
            not_to: vec![],
            headers: vec![(header.into(), format.into())],
            more: vec![],
        }
    }

    fn error(asked: &contract::Credential) -> String {
        Credential::parse(asked, &fields()).expect_err("refused").to_string()
    }

    #[test]
    fn a_credential_is_understood_whole_or_refused_with_what_is_wrong() {
        let good = Credential::parse(&credential("authorization", "{user}:{key}"), &fields()).expect("a credential");
        assert_eq!(good.fields().into_iter().collect::<Vec<_>>(), ["key", "user"]);
        for (header, format, said) in [
            ("Authorization", "{key}", "`Authorization`"),
            ("user-agent", "{key}", "`user-agent`"),
            ("host", "{key}", "`host`"),
            ("x key", "{key}", "`x key`"),
            ("x-key", "{nobody}", "`nobody`"),
            ("x-key", "{size}", "`size`"),
            ("x-key", "{key", "character 1"),
            ("x-key", "{hex:{key}}", "`hex`"),
            ("x-key", "{@uuid}", "`@uuid`"),
        ] {
            assert!(error(&credential(header, format)).contains(said), "{header} {format}: {said}");
        }
    }

    #[test]
    fn what_another_version_of_the_contract_knows_is_refused_by_name() {
        let mut asked = credential("authorization", "{key}");
        asked.more = vec![("jwt.algorithm".into(), "RS256".into())];
        assert!(error(&asked).contains("it needs `jwt.algorithm`, which this host does not do"));
    }

    #[test]
    fn it_goes_to_url_fields_and_stays_away_from_origins() {
        let asked = contract::Credential { to: vec!["user".into()], ..credential("authorization", "{key}") };
        assert!(error(&asked).contains("`user`, which is no `url` field"));
        let asked = contract::Credential { to: vec![], ..credential("authorization", "{key}") };
        assert!(error(&asked).contains("no `url` field"));
        let asked = contract::Credential { not_to: vec!["nowhere".into()], ..credential("authorization", "{key}") };
        assert!(error(&asked).contains("`not-to` nowhere"));
    }

    #[test]
    fn a_secret_stands_in_one_header_and_alternatives_share_it() {
        let parse = |header: &str, format: &str| Credential::parse(&credential(header, format), &fields());
        let all = |list: [Result<Credential, CredentialError>; 2]| -> Vec<Credential> {
            list.into_iter().map(|parsed| parsed.expect("a credential")).collect()
        };
        let alternatives = all([parse("authorization", "Bearer {key}"), parse("authorization", "{user}:{key}")]);
        assert_eq!(each_secret_once(&alternatives, &fields()), Ok(()));
        let twice = all([parse("authorization", "{key}"), parse("x-key", "{base64:{key}}")]);
        assert!(matches!(each_secret_once(&twice, &fields()), Err((_, CredentialError::SecretTwice { .. }))));
    }
}

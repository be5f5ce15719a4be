//! A credential that a manifest asks for, understood: which header is made of what, and to which origins it goes.

use std::collections::BTreeSet;

use http::HeaderName;

use super::exchange::{Exchange, ExchangeError};
use super::format::{Format, FormatError};
use super::tokens;
use crate::egress::{Origin, OriginError, headers};
use model::{ConfigField, FieldKind};

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
    /// How the host gets the token in them, where they have one.
    pub token: Option<Exchange>,
}

/// Why a credential is none that this host can put on a request. Names what it does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CredentialError {
    /// No name, or one that another credential has.
    #[error("its name is empty, or another one's, or that of its token is a config field's")]
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
    /// A header that stands there twice: an operator would be shown one of the two.
    #[error("`{0}` stands there twice; a header has one value, and `_` is read as `-` by some servers")]
    HeaderTwice(String),
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
    /// The request for a token.
    #[error(transparent)]
    Token(#[from] ExchangeError),
    /// One secret in two places of a request.
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
    /// One token in two places of a request.
    #[error("`{{@token}}` stands in `{header}` and in `{other}`; it may stand in one header")]
    TokenTwice {
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
    pub fn parse(asked: &model::Credential, fields: &[ConfigField]) -> Result<Self, CredentialError> {
        // What is searched for under the name of its token must not take the place of a secret.
        let token = tokens::name(&asked.name);
        if asked.name.is_empty() || fields.iter().any(|field| field.name == token) {
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
        let token = Exchange::parse(&asked.more, fields)?;
        if asked.headers.is_empty() {
            return Err(CredentialError::Nothing);
        }
        let origin = |text: &String| {
            Origin::parse(text).map_err(|reason| CredentialError::NotTo { origin: text.clone(), reason })
        };
        let parse =
            |(name, text): &(String, String)| Ok((header(name)?, in_header(name, format(name, text, fields)?)?));
        let headers = asked.headers.iter().map(parse).collect::<Result<Vec<_>, CredentialError>>()?;
        each_header_once(headers.iter().map(|(name, _)| name))?;
        let mut with_token = headers.iter().filter(|(_, format)| format.uses_token());
        match (&token, with_token.next(), with_token.next()) {
            (None, Some(_), _) => return Err(ExchangeError::Missing("token.request").into()),
            (Some(_), None, _) => return Err(ExchangeError::Unused.into()),
            (_, Some((other, _)), Some((header, _))) => {
                return Err(CredentialError::TokenTwice { header: header.to_string(), other: other.to_string() });
            }
            _ => {}
        }
        Ok(Self {
            name: asked.name.clone(),
            to: asked.to.clone(),
            not_to: asked.not_to.iter().map(origin).collect::<Result<_, _>>()?,
            headers,
            token,
        })
    }

    /// The config fields that it is made of, those of its exchange among them.
    #[must_use]
    pub fn fields(&self) -> BTreeSet<&str> {
        let formats = self.headers.iter().map(|(_, format)| format);
        let exchanged = self.token.iter().flat_map(Exchange::places).map(|(_, format)| format);
        formats.chain(exchanged).flat_map(Format::fields).collect()
    }
}

/// The name of a header that a credential may stand in.
pub(super) fn header(name: &str) -> Result<HeaderName, CredentialError> {
    let unfit = || CredentialError::Header(name.to_owned());
    let lower = name.bytes().all(|b| !b.is_ascii_uppercase());
    let header = HeaderName::from_bytes(name.as_bytes()).map_err(|_| unfit())?;
    if !lower || headers::is_unfit_for_secrets(name) { Err(unfit()) } else { Ok(header) }
}

/// Sees that no header stands there twice, in whatever spelling.
pub(super) fn each_header_once<'h>(names: impl Iterator<Item = &'h HeaderName>) -> Result<(), CredentialError> {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(headers::folded(name.as_str())) {
            return Err(CredentialError::HeaderTwice(name.to_string()));
        }
    }
    Ok(())
}

/// The same format, where a header can carry it; `header` says where it stands.
pub(super) fn in_header(header: &str, format: Format) -> Result<Format, CredentialError> {
    let wrong = |reason| CredentialError::Format { header: header.to_owned(), reason };
    format.expect_header().map_err(wrong).map(|()| format)
}

/// A format over the fields of the manifest; `header` says where it stands.
pub(super) fn format(header: &str, text: &str, fields: &[ConfigField]) -> Result<Format, CredentialError> {
    let format = Format::parse(text).map_err(|reason| CredentialError::Format { header: header.to_owned(), reason })?;
    let nameable = |name: &str| {
        fields.iter().any(|field| field.name == name && matches!(field.kind, FieldKind::Text | FieldKind::Secret))
    };
    if let Some(field) = format.fields().into_iter().find(|field| !nameable(field)) {
        return Err(CredentialError::Field { header: header.to_owned(), field: field.to_owned() });
    }
    Ok(format)
}

/// Sees that a secret stands in one place of a request at most: alternatives for the same header are one place, and the
/// request for a token is one of its own.
///
/// # Errors
/// The credential that puts a secret into a second header, and [`CredentialError::SecretTwice`].
pub(super) fn each_secret_once(
    credentials: &[Credential],
    fields: &[ConfigField],
) -> Result<(), (String, CredentialError)> {
    let of_kind = |kind| fields.iter().filter(move |field| field.kind == kind).map(|field| &*field.name);
    for secret in of_kind(FieldKind::Secret) {
        for credential in credentials {
            if let Some((header, other)) = twice_in_exchange(credential, secret) {
                let error = CredentialError::SecretTwice { field: secret.to_owned(), header, other };
                return Err((credential.name.clone(), error));
            }
        }
        for url in of_kind(FieldKind::Url) {
            let there = credentials.iter().filter(|credential| credential.to.iter().any(|to| to == url));
            if let Some(clash) = in_two_headers(there, secret) {
                let (header, other) = (clash.header.to_string(), clash.other.to_string());
                let error = CredentialError::SecretTwice { field: secret.to_owned(), header, other };
                return Err((clash.credential.name.clone(), error));
            }
        }
    }
    Ok(())
}

/// One secret in two headers of a request.
pub(super) struct Clash<'c> {
    /// The credential that puts it into the second.
    pub(super) credential: &'c Credential,
    /// The second.
    pub(super) header: &'c HeaderName,
    /// The first.
    pub(super) other: &'c HeaderName,
}

/// Where `credentials`, which go on one request, put a secret into a second header. Alternatives for one header are one
/// place.
pub(super) fn in_two_headers<'c>(credentials: impl Iterator<Item = &'c Credential>, secret: &str) -> Option<Clash<'c>> {
    let headers = credentials.flat_map(|credential| credential.headers.iter().map(move |header| (credential, header)));
    let mut holding = headers.filter(|(_, (_, format))| format.fields().contains(secret));
    let (_, (other, _)) = holding.next()?;
    let (credential, (header, _)) = holding.find(|(_, (header, _))| header != other)?;
    Some(Clash { credential, header, other })
}

fn twice_in_exchange(credential: &Credential, secret: &str) -> Option<(String, String)> {
    let places = credential.token.iter().flat_map(Exchange::places);
    let mut places = places.filter(|(_, format)| format.fields().contains(secret)).map(|(key, _)| key);
    let first = places.next()?;
    Some((places.next()?, first))
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

    fn credential(header: &str, format: &str) -> model::Credential {
        model::Credential {
            name: "login".into(),
            to: vec!["endpoint".into()],
            not_to: vec![],
            headers: vec![(header.into(), format.into())],
            more: vec![],
        }
    }

    fn error(asked: &model::Credential) -> String {
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
            ("x-key", "a\r\nx-evil: {key}", "`x-key`: the character 2 is a control character"),
            ("x-key", "é{key}", "the character 1 is none that a header can carry"),
            ("x-key", "{base64 :{key}}", "`base64` takes nothing before its colon"),
            ("x-key", "{hex:{key}}", "`hex`"),
            ("x-key", "{@uuid}", "`@uuid`"),
        ] {
            assert!(error(&credential(header, format)).contains(said), "{header} {format}: {said}");
        }
    }

    #[test]
    fn a_header_that_stands_twice_in_one_credential_is_refused_by_name_in_whatever_spelling() {
        for second in ["x-tenant", "x_tenant"] {
            let mut asked = credential("x-tenant", "{key}");
            asked.headers.push((second.into(), "public-{user}".into()));
            assert!(error(&asked).contains(&format!("`{second}` stands there twice")), "{}", error(&asked));
        }
    }

    #[test]
    fn what_another_version_of_the_contract_knows_is_refused_by_name() {
        let mut asked = credential("authorization", "{key}");
        asked.more = vec![("jwt.algorithm".into(), "RS256".into())];
        assert!(error(&asked).contains("it needs `jwt.algorithm`, which this host does not do"));
    }

    #[test]
    fn a_token_stands_in_a_header_of_a_credential_that_fetches_one_and_in_no_other() {
        let mut asked = credential("authorization", "Bearer {@token}");
        assert!(error(&asked).contains("`token.request` is missing"));
        asked.more = vec![
            ("token.request".into(), "POST endpoint /token".into()),
            ("token.value".into(), "/token".into()),
            ("token.json.key".into(), "{key}".into()),
        ];
        let good = Credential::parse(&asked, &fields()).expect("a credential");
        assert_eq!(good.fields().into_iter().collect::<Vec<_>>(), ["key"], "those of the exchange too");
        asked.headers.push(("x-token".into(), "{@token}".into()));
        assert!(error(&asked).contains("`{@token}` stands in `x-token` and in `authorization`"), "{}", error(&asked));
        asked.headers.truncate(1);
        asked.headers[0].1 = "fixed".into();
        assert!(error(&asked).contains("none of its headers has `{@token}`"));
    }

    #[test]
    fn a_secret_stands_once_in_the_request_for_a_token_which_is_apart_from_the_others() {
        let mut asked = credential("authorization", "{key} {@token}");
        asked.more = vec![
            ("token.request".into(), "POST endpoint /token".into()),
            ("token.value".into(), "/token".into()),
            ("token.form.key".into(), "{key}".into()),
        ];
        let parse = |asked: &model::Credential| Credential::parse(asked, &fields()).expect("a credential");
        assert_eq!(each_secret_once(&[parse(&asked)], &fields()), Ok(()));
        asked.more.push(("token.header.x-key".into(), "{key}".into()));
        let (_, said) = each_secret_once(&[parse(&asked)], &fields()).expect_err("twice");
        assert!(said.to_string().contains("`token.form.key`"), "{said}");
    }

    #[test]
    fn it_goes_to_url_fields_and_stays_away_from_origins() {
        let asked = model::Credential { to: vec!["user".into()], ..credential("authorization", "{key}") };
        assert!(error(&asked).contains("`user`, which is no `url` field"));
        let asked = model::Credential { to: vec![], ..credential("authorization", "{key}") };
        assert!(error(&asked).contains("no `url` field"));
        let asked = model::Credential { not_to: vec!["nowhere".into()], ..credential("authorization", "{key}") };
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

//! Secrets: placeholders on the way to the connector, the real thing on the way to the provider, and nowhere else.
//!
//! A connector gets `{{secret:apiKey}}` in place of the value of the field `apiKey`. It is the same in every run, so
//! that states and recordings replay byte for byte, and a reader of either sees at once what stood there.
//!
//! **Out**: [`Secrets::substitute`] swaps placeholders in header values.
//!
//! | header value of the connector | sent |
//! |---|---|
//! | `{{secret:apiKey}}` | the secret |
//! | `Bearer {{secret:apiKey}}`, `{{secret:login}}:{{secret:key}}` | with the secrets in place |
//! | `Basic ` + Base64 of `login:{{secret:key}}` (RFC 7617) | `Basic ` + Base64 of it with the secret in place |
//! | `{{secret:other}}`, where the config has no secret `other` | refused |
//! | a placeholder escaped or encoded in any other way | refused |
//!
//! **In**: [`Secrets::scrub`] puts the placeholder back for
//!
//! | spelling | |
//! |---|---|
//! | plain | the whole, and any beginning or end of at least 8 characters |
//! | escaped as in JSON (`\/`, `\u00XX`), URLs (`%XX` of either case, `+`) or HTML (`&#39;`) | all, some or none of the characters, also one in another, three deep |
//! | Base64, both alphabets, at any of the three alignments | so also inside the Base64 of `login:secret` |
//! | hexadecimal, lower or upper case; reversed | the whole |
//!
//! What is not found: a secret in an encoding that is not listed (compressed, encrypted, hashed, in other case), and
//! pieces of fewer than 8 characters.
//!
//! Values are not wiped from memory: the automaton that finds them and the HTTP client's buffers hold copies.

mod json;
mod needles;
mod views;

use std::borrow::Cow;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use needles::Needles;

/// What every placeholder starts with.
const OPEN: &[u8] = b"{{secret:";
/// What every placeholder ends with.
const CLOSE: &[u8] = b"}}";
/// Shorter ones are found in ordinary words, so that scrubbing would garble answers.
const SHORTEST: usize = 6;
/// Longer ones fit no header that servers take.
const LONGEST: usize = 8192;

/// A secret value. Neither `Debug` nor `Display` shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes a value that can stand in a header: visible ASCII characters and inner spaces (RFC 9110 §5.5).
    ///
    /// # Errors
    /// See [`BadSecret`].
    pub fn new(value: impl Into<String>) -> Result<Self, BadSecret> {
        let value = value.into();
        if value.is_empty() {
            return Err(BadSecret::Empty);
        }
        if value.trim() != value {
            return Err(BadSecret::Surrounded);
        }
        if let Some(position) = value.chars().position(|c| !matches!(c, ' '..='~')) {
            return Err(BadSecret::NotVisible { position: position + 1 });
        }
        match value.len() {
            length if length < SHORTEST => Err(BadSecret::TooShort { length }),
            length if length > LONGEST => Err(BadSecret::TooLong { length }),
            _ => Ok(Self(value)),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Why a value cannot be used as a secret. Does not show it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadSecret {
    /// No character at all.
    #[error("is empty")]
    Empty,
    /// Mostly a slip of copying.
    #[error("starts or ends with white space")]
    Surrounded,
    /// A line break, a control character or one beyond ASCII: a header cannot carry it.
    #[error(
        "has a character at position {position} that no header can carry (a line break, a control character, or not ASCII)"
    )]
    NotVisible {
        /// Which character, from 1.
        position: usize,
    },
    /// Fewer than 6 characters.
    #[error("has {length} characters; fewer than {SHORTEST} cannot be told from ordinary words in an answer")]
    TooShort {
        /// How many there are.
        length: usize,
    },
    /// More than 8192 characters.
    #[error("has {length} characters; more than {LONGEST} do not fit into a header")]
    TooLong {
        /// How many there are.
        length: usize,
    },
    /// E.g. `secret`.
    #[error("is part of the text of a placeholder, and could not be told from it")]
    InPlaceholder,
    /// Only letters, digits, `_`, `-` and `.` are safe wherever a placeholder may stand.
    #[error("has a name that cannot stand in a placeholder: use letters, digits, `_`, `-` and `.`")]
    FieldName,
    /// More secrets, or longer ones, than can be searched for.
    #[error("cannot be searched for: {0}")]
    Automaton(String),
}

/// A field of the config that cannot be used as a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the secret `{field}` {reason}")]
pub struct SecretError {
    /// The config's field.
    pub field: String,
    /// What is wrong with its value or name.
    pub reason: BadSecret,
}

/// Why the placeholders of a header value cannot be swapped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SubstituteError {
    /// A placeholder for a field that the config lacks or that is no secret.
    #[error("`{{{{secret:{0}}}}}` names no secret of the config")]
    Unknown(String),
    /// `{{secret:` without an end.
    #[error("`{{{{secret:` has no closing `}}}}`")]
    Unclosed,
    /// Escaped or encoded, so that the server would get the placeholder.
    #[error("a placeholder is encoded; put it into the header as it is, or as Basic credentials")]
    Encoded,
    /// Not a header value any more.
    #[error("the header value is not valid with the secret in place")]
    NotHeader,
}

/// The secrets of one install's config.
#[derive(Default)]
pub struct Secrets {
    fields: Vec<(String, Secret)>,
    needles: Needles,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.fields.iter().map(|(field, _)| field)).finish()
    }
}

impl Secrets {
    /// Takes the config's secret fields with their values.
    ///
    /// # Errors
    /// When a value cannot be carried by a header or be recognised in an answer; names the field, not the value.
    pub fn new<F: Into<String>, V: Into<String>>(
        fields: impl IntoIterator<Item = (F, V)>,
    ) -> Result<Self, SecretError> {
        let mut secrets = Vec::new();
        for (field, value) in fields {
            let field = field.into();
            let safe = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
            let checked = match Secret::new(value) {
                Ok(_) if field.is_empty() || !field.bytes().all(safe) => Err(BadSecret::FieldName),
                other => other,
            };
            match checked {
                Ok(secret) => secrets.push((field, secret)),
                Err(reason) => return Err(SecretError { field, reason }),
            }
        }
        let texts = secrets.iter().map(|(_, secret)| secret.0.as_bytes().to_vec()).collect();
        let needles = Needles::new(texts).map_err(|error| SecretError {
            field: secrets.first().map(|(field, _)| field.clone()).unwrap_or_default(),
            reason: BadSecret::Automaton(error.to_string()),
        })?;
        let secrets = Self { fields: secrets, needles };
        match secrets.fields.iter().find_map(|(field, _)| secrets.find_in(placeholder(field).as_bytes())) {
            Some(field) => Err(SecretError { field: field.to_owned(), reason: BadSecret::InPlaceholder }),
            None => Ok(secrets),
        }
    }

    /// The placeholder for `field`: `{{secret:apiKey}}`; `None` if that is no secret of this config.
    #[must_use]
    pub fn placeholder(&self, field: &str) -> Option<String> {
        self.value(field).map(|_| placeholder(field))
    }

    /// The value of a field: for whoever makes the headers of requests, and nobody else.
    #[must_use]
    pub fn expose(&self, field: &str) -> Option<&str> {
        self.value(field).map(|secret| secret.0.as_str())
    }

    /// The names of the fields.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|(field, _)| field.as_str())
    }

    /// `value` with the secrets in place of the placeholders, marked as sensitive if there was one.
    ///
    /// # Errors
    /// When a placeholder is unknown, cut off or encoded: the server would get it instead of a secret.
    pub fn substitute(&self, value: &HeaderValue) -> Result<HeaderValue, SubstituteError> {
        let text = value.as_bytes();
        let basic = basic_credentials(text).filter(|credentials| find(credentials, OPEN).is_some());
        if let Some(credentials) = basic {
            let credentials = self.fill(&credentials)?;
            return sensitive(format!("Basic {}", STANDARD.encode(credentials)).as_bytes());
        }
        if find(text, OPEN).is_some() {
            return sensitive(&self.fill(text)?);
        }
        if mentions_placeholder(text) || mentions_in_base64(text) {
            return Err(SubstituteError::Encoded);
        }
        Ok(value.clone())
    }

    /// The first field whose secret is in `text`, in any of the spellings of the module's table.
    #[must_use]
    pub fn find_in(&self, text: &[u8]) -> Option<&str> {
        let find = self.needles.find(text).first().copied()?;
        self.fields.get(find.secret).map(|(field, _)| field.as_str())
    }

    /// `text` with placeholders in place of the secrets. JSON stays JSON; a text without secrets is borrowed.
    #[must_use]
    pub fn scrub<'a>(&self, text: &'a [u8]) -> Cow<'a, [u8]> {
        if self.needles.find(text).is_empty() {
            return Cow::Borrowed(text);
        }
        let json = json::is_json(text);
        let mut clean = text.to_vec();
        // What a replacement brings together may be a find in its turn, so look again.
        for _ in 0..4 {
            let finds = self.needles.find(&clean);
            let Some(first) = finds.first() else { return Cow::Owned(clean) };
            let aligned = if json { json::align(&clean, &finds) } else { None };
            clean = match aligned {
                Some(aligned) => self.replace(&clean, &aligned),
                None if json => format!("\"{}\"", self.placeholder_of(first.secret)).into_bytes(),
                None => self.replace(&clean, &finds.into_iter().map(|find| (find, false)).collect::<Vec<_>>()),
            };
        }
        if self.needles.find(&clean).is_empty() {
            return Cow::Owned(clean);
        }
        Cow::Owned(if json { b"null".to_vec() } else { Vec::new() })
    }

    /// [`Self::scrub`] for logs and errors.
    #[must_use]
    pub fn scrub_text(&self, text: &str) -> String {
        String::from_utf8_lossy(&self.scrub(text.as_bytes())).into_owned()
    }

    fn value(&self, field: &str) -> Option<&Secret> {
        self.fields.iter().find(|(name, _)| name == field).map(|(_, secret)| secret)
    }

    fn placeholder_of(&self, secret: usize) -> String {
        placeholder(self.fields.get(secret).map_or("", |(field, _)| field))
    }

    fn replace(&self, text: &[u8], finds: &[json::Aligned]) -> Vec<u8> {
        let mut result = Vec::with_capacity(text.len());
        let mut done = 0;
        for (find, quoted) in finds {
            result.extend_from_slice(&text[done..find.start]);
            let quote = if *quoted { "\"" } else { "" };
            result.extend_from_slice(format!("{quote}{}{quote}", self.placeholder_of(find.secret)).as_bytes());
            done = find.end;
        }
        result.extend_from_slice(&text[done..]);
        result
    }

    /// Swaps placeholders from left to right; what came in is not looked at again.
    fn fill(&self, text: &[u8]) -> Result<Vec<u8>, SubstituteError> {
        let mut result = Vec::with_capacity(text.len());
        let mut rest = text;
        while let Some(open) = find(rest, OPEN) {
            result.extend_from_slice(&rest[..open]);
            rest = &rest[open + OPEN.len()..];
            let close = find(rest, CLOSE).ok_or(SubstituteError::Unclosed)?;
            let field = String::from_utf8_lossy(&rest[..close]);
            let secret = self.value(&field).ok_or_else(|| SubstituteError::Unknown(field.clone().into_owned()))?;
            result.extend_from_slice(secret.0.as_bytes());
            rest = &rest[close + CLOSE.len()..];
        }
        result.extend_from_slice(rest);
        Ok(result)
    }
}

/// True if `text` has the beginning of any placeholder, also escaped as in URLs, JSON or HTML.
#[must_use]
pub fn mentions_placeholder(text: &[u8]) -> bool {
    let mut mentions = false;
    views::each(text, &mut |form, _, _| mentions = mentions || find(form, OPEN).is_some());
    mentions
}

/// Also for stand-alone use where there are no [`Secrets`] yet: the text that stands for `field`.
fn placeholder(field: &str) -> String {
    format!("{{{{secret:{field}}}}}")
}

/// What `Basic` credentials say, or nothing if these are none.
pub(crate) fn basic_credentials(header: &[u8]) -> Option<Vec<u8>> {
    let (scheme, credentials) = header.split_at_checked("Basic ".len())?;
    scheme.eq_ignore_ascii_case(b"Basic ").then(|| STANDARD.decode(credentials.trim_ascii()).ok()).flatten()
}

/// The three alignments of the beginning of a placeholder in Base64.
fn mentions_in_base64(text: &[u8]) -> bool {
    // Less its first and last characters, which depend on what stands around.
    ["e3tzZWNyZXQ6", "t7c2VjcmV0O", "7e3NlY3JldD"].iter().any(|needle| find(text, needle.as_bytes()).is_some())
}

fn sensitive(bytes: &[u8]) -> Result<HeaderValue, SubstituteError> {
    let mut value = HeaderValue::from_bytes(bytes).map_err(|_| SubstituteError::NotHeader)?;
    value.set_sensitive(true);
    Ok(value)
}

fn find(text: &[u8], needle: &[u8]) -> Option<usize> {
    text.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
mod tests;

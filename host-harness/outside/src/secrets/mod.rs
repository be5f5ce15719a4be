//! Secrets: found wherever they have no business, and cleaned out of what a provider answers.
//!
//! [`Secrets::find_in`] says whether a text has one, [`Secrets::scrub`] replaces it. Both see
//!
//! | spelling | |
//! |---|---|
//! | plain or reversed | the whole, and any beginning or end of at least 8 characters |
//! | hexadecimal, lower or upper case | the same |
//! | Base64, both alphabets, at any of the three alignments | the same; so also inside the Base64 of `login:secret` |
//! | any of these escaped as in JSON (`\/`, `\u00XX`), URLs (`%XX` of either case, `+`) or HTML (`&#39;`) | all, some or none of the characters, also one in another, three deep |
//!
//! **What is replaced** is everything around a find: in JSON the whole string, key or number; elsewhere the run of
//! characters that secrets, encodings and escapes are made of. `[redacted]` takes its place, whichever secret it was.
//! Neither depends on how much of a secret was recognised: a server that repeats a part of a secret beside a guess, or
//! cuts it off after so many characters, would show by it how much of the guess is right, one character after another.
//!
//! **What can still be seen**: that there was a find; and so, that 8 characters in a row are right, or that a text was
//! cut off after 8 of them and not after 7. Fewer pass, and so does a piece from the middle that has neither of a secret's
//! ends, and any encoding that is not listed (compressed, encrypted, hashed, in other case). A provider has the secret
//! anyway, and one that wants to hand it on can spell it in more ways than any list has: this is hygiene. The boundary
//! is that a component never gets a secret, and chooses neither the header that it stands in nor where that goes.
//!
//! **What it costs**: one pass; memory for nothing but the clean text, and only if there was a find.
//!
//! Values are wiped from memory when they are dropped. Not wiped are the automata that find them, which hold their first
//! and last 8 characters, nor the buffers of the HTTP client.

mod clean;
mod escapes;
mod forms;
mod json;
mod needles;
mod scan;

use std::borrow::Cow;
use std::fmt;

use clean::{REDACTED, REDACTED_JSON, Runs};
use needles::Needles;
use scan::Scan;
use zeroize::Zeroizing;

/// Shorter ones are found in ordinary words, so that scrubbing would garble answers.
const SHORTEST: usize = 6;
/// Longer ones fit no header that servers take.
const LONGEST: usize = 8192;

/// A secret value. Neither `Debug` nor `Display` shows it, and dropping it wipes it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes a value that can stand in a header: visible ASCII characters and inner spaces (RFC 9110 §5.5).
    ///
    /// # Errors
    /// See [`BadSecret`].
    pub fn new(value: impl Into<String>) -> Result<Self, BadSecret> {
        let value = Zeroizing::new(value.into());
        if value.is_empty() {
            return Err(BadSecret::Empty);
        }
        if value.trim() != value.as_str() {
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
    /// E.g. `redacted`.
    #[error("is part of the text that stands in place of secrets, and could not be told from it")]
    InReplacement,
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

/// The secrets of one install: those of its config, and those that were fetched with them.
#[derive(Default)]
pub struct Secrets {
    fields: Vec<(String, Secret)>,
    /// `None` if there are no secrets.
    search: Option<Search>,
}

struct Search {
    needles: Needles,
    runs: Runs,
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
        let fields = fields.into_iter().map(|(field, value)| checked(field.into(), value));
        Self::of(fields.collect::<Result<_, _>>()?)
    }

    /// These and one more, such as a token that was fetched with them. It takes the place of one of the same name.
    ///
    /// Costs as much as making all of them; meant for what changes a few times an hour.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn and(&self, name: impl Into<String>, value: impl Into<String>) -> Result<Self, SecretError> {
        let added = checked(name.into(), value)?;
        let others = self.fields.iter().filter(|(name, _)| *name != added.0).cloned();
        Self::of(others.chain([added.clone()]).collect())
    }

    fn of(fields: Vec<(String, Secret)>) -> Result<Self, SecretError> {
        if fields.is_empty() {
            return Ok(Self::default());
        }
        let values = || fields.iter().map(|(_, secret)| secret.0.as_bytes());
        let needles = Needles::new(values()).map_err(|error| SecretError {
            field: fields.first().map(|(field, _)| field.clone()).unwrap_or_default(),
            reason: BadSecret::Automaton(error.to_string()),
        })?;
        let search = Search { needles, runs: Runs::of(values()) };
        let secrets = Self { fields, search: Some(search) };
        match secrets.find_in(REDACTED_JSON) {
            Some(field) => Err(SecretError { field: field.to_owned(), reason: BadSecret::InReplacement }),
            None => Ok(secrets),
        }
    }

    /// The names of the fields.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|(field, _)| field.as_str())
    }

    /// The value of a field, for what composes the credentials of a request, and for nothing else: whoever calls this
    /// answers for it that the value goes into a header marked as sensitive, towards an origin that the operator
    /// granted it to, and neither to a component nor into a log, an error, the store or a recording.
    #[must_use]
    pub fn expose(&self, field: &str) -> Option<&str> {
        self.value(field).map(|secret| secret.0.as_str())
    }

    /// The field of a secret that is in `text`, in any of the spellings of the module's table; of several, of the first
    /// that is seen. In order to know whether there is any, one pass is made at most, and no memory taken.
    #[must_use]
    pub fn find_in(&self, text: &[u8]) -> Option<&str> {
        let find = self.scan(text)?.find()?;
        self.fields.get(find.secret).map(|(field, _)| field.as_str())
    }

    /// `text` with `[redacted]` in place of the secrets and of what stands around them. JSON stays JSON; a text without
    /// secrets is borrowed.
    #[must_use]
    pub fn scrub<'a>(&self, text: &'a [u8]) -> Cow<'a, [u8]> {
        let (Some(search), Some(mut scan)) = (&self.search, self.scan(text)) else { return Cow::Borrowed(text) };
        if scan.find().is_none() {
            return Cow::Borrowed(text);
        }
        let json = json::is_json(text);
        let clean = if json { clean::json(scan) } else { clean::runs(scan, &search.runs) };
        if self.find_in(&clean).is_none() {
            return Cow::Owned(clean);
        }
        // A secret with quotes and brackets of its own, of which a replacement has become a part.
        Cow::Borrowed(if json { REDACTED_JSON } else { REDACTED })
    }

    /// [`Self::scrub`] for logs and errors.
    #[must_use]
    pub fn scrub_text(&self, text: &str) -> String {
        String::from_utf8_lossy(&self.scrub(text.as_bytes())).into_owned()
    }

    fn scan<'a>(&'a self, text: &'a [u8]) -> Option<Scan<'a>> {
        let needles = &self.search.as_ref()?.needles;
        (text.len() >= needles.shortest()).then(|| Scan::new(needles, text))
    }

    fn value(&self, field: &str) -> Option<&Secret> {
        self.fields.iter().find(|(name, _)| name == field).map(|(_, secret)| secret)
    }
}

fn checked(field: String, value: impl Into<String>) -> Result<(String, Secret), SecretError> {
    match Secret::new(value) {
        Ok(secret) => Ok((field, secret)),
        Err(reason) => Err(SecretError { field, reason }),
    }
}

/// Counts the bytes that are looked at, in tests.
mod cost {
    #[cfg(test)]
    thread_local! {
        pub(super) static LOOKED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
    }

    #[cfg(test)]
    pub(super) fn add(bytes: usize) {
        LOOKED.with(|looked| looked.set(looked.get() + bytes));
    }

    #[cfg(not(test))]
    pub(super) fn add(_: usize) {}
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
mod tests;

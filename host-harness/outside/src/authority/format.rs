//! The language in which a manifest says how a header is made of config fields.
//!
//! ```text
//! format   = *( text / "{" name "}" / "{@" variable "}" / "{" function ":" format "}" )
//! ```
//!
//! This version has the function `base64` and the variable `token`. What else a format names is refused by that name, so
//! that a component for a newer host says what it needs instead of failing at the provider.

use std::collections::BTreeSet;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// A format nests functions at most this deep: `Basic {base64:…}` needs one.
const DEEPEST: usize = 4;

/// A format that was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Format {
    text: String,
    parts: Vec<Part>,
    /// The first character of its own, from 1, that stands as it is and that no header can carry.
    beyond: Option<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Field(String),
    Token,
    Base64(Vec<Part>),
}

/// Why a text is no format of this host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// A `{` without its `}`.
    #[error("the brace at character {0} is not closed")]
    Unclosed(usize),
    /// A `}` without its `{`.
    #[error("the brace at character {0} closes nothing")]
    Stray(usize),
    /// `{}`, `{@}`, `{:x}`.
    #[error("the brace at character {0} names nothing")]
    Empty(usize),
    /// A function within a function within a function …
    #[error("it nests functions more than {DEEPEST} deep")]
    Deep,
    /// A line break or the like, which nothing that a format makes can carry.
    #[error("the character {0} is a control character")]
    Control(usize),
    /// A text that no header can carry.
    #[error("the character {0} is none that a header can carry")]
    NoHeader(usize),
    /// `{base64 key:x}`, `{base64 :x}`.
    #[error("the function `{0}` takes nothing before its colon, not even a blank")]
    Argument(&'static str),
    /// A function of another version of the contract.
    #[error("this host does not know the function `{0}`")]
    Function(String),
    /// A variable of another version of the contract.
    #[error("this host does not know the variable `@{0}`")]
    Variable(String),
}

impl Format {
    /// Reads a format.
    ///
    /// # Errors
    /// [`FormatError`], with the place or the name at fault.
    pub fn parse(text: &str) -> Result<Self, FormatError> {
        let mut reader = Reader { characters: text.chars().collect(), at: 0, beyond: None };
        let parts = reader.parts(None, 0)?;
        Ok(Self { text: text.to_owned(), parts, beyond: reader.beyond })
    }

    /// Whether a header can carry what stands in it besides fields.
    ///
    /// # Errors
    /// [`FormatError::NoHeader`].
    pub fn expect_header(&self) -> Result<(), FormatError> {
        self.beyond.map_or(Ok(()), |place| Err(FormatError::NoHeader(place)))
    }

    /// The config fields that it names.
    #[must_use]
    pub fn fields(&self) -> BTreeSet<&str> {
        let mut fields = BTreeSet::new();
        each(&self.parts, &mut |part| {
            if let Part::Field(name) = part {
                fields.insert(name.as_str());
            }
        });
        fields
    }

    /// Whether it needs a token that the host fetches.
    #[must_use]
    pub fn uses_token(&self) -> bool {
        let mut uses = false;
        each(&self.parts, &mut |part| uses |= *part == Part::Token);
        uses
    }

    /// The text that it stands for. None where a field, or the token, is not set.
    pub fn compose<'v>(
        &self,
        field: &dyn Fn(&str) -> Option<&'v str>,
        token: Option<&str>,
    ) -> Option<Zeroizing<String>> {
        compose(&self.parts, field, token)
    }
}

/// The format as it was written.
impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn each<'p>(parts: &'p [Part], see: &mut dyn FnMut(&'p Part)) {
    for part in parts {
        see(part);
        if let Part::Base64(inner) = part {
            each(inner, see);
        }
    }
}

fn compose<'v>(
    parts: &[Part],
    field: &dyn Fn(&str) -> Option<&'v str>,
    token: Option<&str>,
) -> Option<Zeroizing<String>> {
    let mut composed = Zeroizing::new(String::new());
    for part in parts {
        match part {
            Part::Text(text) => composed.push_str(text),
            Part::Field(name) => composed.push_str(field(name)?),
            Part::Token => composed.push_str(token?),
            Part::Base64(inner) => {
                composed.push_str(&Zeroizing::new(STANDARD.encode(compose(inner, field, token)?.as_bytes())));
            }
        }
    }
    Some(composed)
}

struct Reader {
    characters: Vec<char>,
    at: usize,
    /// See [`Format`].
    beyond: Option<usize>,
}

impl Reader {
    /// Reads up to the brace that closes the one at `opened`, or to the end.
    fn parts(&mut self, opened: Option<usize>, depth: usize) -> Result<Vec<Part>, FormatError> {
        if depth > DEEPEST {
            return Err(FormatError::Deep);
        }
        let mut parts = Vec::new();
        let mut text = String::new();
        loop {
            let next = self.characters.get(self.at).copied();
            if matches!(next, None | Some('{' | '}')) && !text.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut text)));
            }
            match (next, opened) {
                (None, None) => return Ok(parts),
                (None, Some(opened)) => return Err(FormatError::Unclosed(opened)),
                (Some('}'), None) => return Err(FormatError::Stray(self.at + 1)),
                (Some('}'), Some(_)) => {
                    self.at += 1;
                    return Ok(parts);
                }
                (Some('{'), _) => parts.push(self.braced(depth)?),
                (Some(other), _) if other.is_control() => return Err(FormatError::Control(self.at + 1)),
                (Some(other), _) => {
                    text.push(other);
                    self.at += 1;
                    if depth == 0 && !other.is_ascii() {
                        self.beyond.get_or_insert(self.at);
                    }
                }
            }
        }
    }

    fn braced(&mut self, depth: usize) -> Result<Part, FormatError> {
        let opened = self.at + 1;
        self.at += 1;
        let head: String = self.characters[self.at..].iter().take_while(|c| !matches!(c, '{' | '}' | ':')).collect();
        self.at += head.chars().count();
        match self.characters.get(self.at) {
            Some(_) if head.is_empty() || head == "@" => Err(FormatError::Empty(opened)),
            Some('}') => {
                self.at += 1;
                match head.strip_prefix('@') {
                    Some("token") => Ok(Part::Token),
                    Some(variable) => Err(FormatError::Variable(variable.to_owned())),
                    None => Ok(Part::Field(head)),
                }
            }
            Some(':') => {
                self.at += 1;
                let function = head.split(' ').next().unwrap_or_default();
                let inner = self.parts(Some(opened), depth + 1)?;
                match function {
                    "base64" if head == function => Ok(Part::Base64(inner)),
                    "base64" => Err(FormatError::Argument("base64")),
                    _ => Err(FormatError::Function(function.to_owned())),
                }
            }
            _ => Err(FormatError::Unclosed(opened)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn composed(format: &str) -> Option<String> {
        let field = |name: &str| match name {
            "user" => Some("ann"),
            "password" => Some("s3cr3t"),
            _ => None,
        };
        let format = Format::parse(format).expect(format);
        format.compose(&field, Some("t0k3n")).map(|text| text.to_string())
    }

    #[test]
    fn a_format_is_text_fields_and_functions_of_formats() {
        for (format, text) in [
            ("", ""),
            ("fixed", "fixed"),
            ("{user}:{password}", "ann:s3cr3t"),
            ("Bearer {password}", "Bearer s3cr3t"),
            ("Bearer {@token}", "Bearer t0k3n"),
            ("Basic {base64:{user}:{password}}", "Basic YW5uOnMzY3IzdA=="),
            ("Basic {base64::{password}}", "Basic OnMzY3IzdA=="),
            ("{base64:{base64:a}}", "WVE9PQ=="),
        ] {
            assert_eq!(composed(format).as_deref(), Some(text), "{format}");
        }
        assert_eq!(composed("{user}{absent}"), None);
        assert_eq!(composed("{base64:{absent}}"), None);
    }

    #[test]
    fn the_fields_of_a_format_are_found_inside_functions_too() {
        let format = Format::parse("{a}{base64:{b}:{a}}").expect("a format");
        assert_eq!(format.fields().into_iter().collect::<Vec<_>>(), ["a", "b"]);
        assert!(!format.uses_token() && Format::parse("{base64:{@token}}").expect("a format").uses_token());
    }

    #[test]
    fn what_no_header_can_carry_is_found_where_it_stands_as_it_is() {
        let expected = |format: &str| Format::parse(format).expect(format).expect_header();
        assert_eq!(expected("né {user}"), Err(FormatError::NoHeader(2)));
        assert_eq!(expected("{base64:né {user}}"), Ok(()), "as Base64 it is plain");
    }

    #[test]
    fn a_wrong_format_is_refused_with_the_place_or_the_name() {
        for (format, error) in [
            ("a{user", FormatError::Unclosed(2)),
            ("{base64:{user}", FormatError::Unclosed(1)),
            ("{{user}}", FormatError::Empty(1)),
            ("a}", FormatError::Stray(2)),
            ("{}", FormatError::Empty(1)),
            ("{@}", FormatError::Empty(1)),
            ("{:x}", FormatError::Empty(1)),
            ("{@uuid}", FormatError::Variable("uuid".into())),
            ("{hmac-sha256 apiSecret:x}", FormatError::Function("hmac-sha256".into())),
            ("{base64 key:x}", FormatError::Argument("base64")),
            ("{base64 :x}", FormatError::Argument("base64")),
            ("x\r\ny: {user}", FormatError::Control(2)),
            ("{base64:a\u{7}}", FormatError::Control(10)),
            ("{base64:{base64:{base64:{base64:{base64:x}}}}}", FormatError::Deep),
        ] {
            assert_eq!(Format::parse(format), Err(error), "{format}");
        }
    }
}

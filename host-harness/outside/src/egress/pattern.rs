//! A kind of request that a manifest lists: a method, a `url` field, and a path below that field's own.

use std::fmt;

use http::Method;

use super::spelling::is_plain;

/// Segments of a pattern; an API that needs more is none.
const SEGMENTS: usize = 20;
/// Characters of a pattern.
const LENGTH: usize = 500;

/// A request pattern that was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    method: Method,
    to: String,
    path: String,
    segments: Vec<Segment>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Literal(String),
    Any,
}

/// Why a request of a manifest is no pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// Not a method of HTTP in capital letters, or one that no connector is given.
    #[error(
        "the method `{0}` is none that a connector is given; expected GET, HEAD, or another in capitals but CONNECT and TRACE"
    )]
    Method(String),
    /// The path does not begin with a slash.
    #[error("the path `{0}` does not begin with a slash")]
    Relative(String),
    /// The first segment stands for anything.
    #[error("the first segment of `{0}` is not literal")]
    FirstSegment(String),
    /// A segment that is empty, climbs, or that servers read in more than one way.
    #[error("the segment `{segment}` of `{path}` can't be part of a request's path")]
    Segment {
        /// The pattern.
        path: String,
        /// The segment.
        segment: String,
    },
    /// Longer than any API's.
    #[error("the path is longer than {LENGTH} characters, or has more than {SEGMENTS} segments")]
    TooLong,
}

impl Pattern {
    /// Reads a pattern of a manifest.
    ///
    /// # Errors
    /// [`PatternError`].
    pub fn parse(method: &str, to: &str, path: &str) -> Result<Self, PatternError> {
        let bad_method = || PatternError::Method(method.chars().take(40).collect());
        let capitals = !method.is_empty() && method.len() <= 20 && method.bytes().all(|b| b.is_ascii_uppercase());
        if !capitals || matches!(method, "CONNECT" | "TRACE") {
            return Err(bad_method());
        }
        let method = Method::from_bytes(method.as_bytes()).map_err(|_| bad_method())?;
        if path.len() > LENGTH || path.split('/').count() > SEGMENTS {
            return Err(PatternError::TooLong);
        }
        let below = path.strip_prefix('/').ok_or_else(|| PatternError::Relative(path.to_owned()))?;
        let texts: Vec<&str> = below.split('/').collect();
        let mut segments = Vec::with_capacity(texts.len());
        for (place, text) in texts.iter().enumerate() {
            let is_last = place + 1 == texts.len();
            segments.push(
                segment(text, is_last && place > 0)
                    .ok_or_else(|| PatternError::Segment { path: path.to_owned(), segment: (*text).to_owned() })?,
            );
        }
        if segments.first() == Some(&Segment::Any) {
            return Err(PatternError::FirstSegment(path.to_owned()));
        }
        Ok(Self { method, to: to.to_owned(), path: path.to_owned(), segments })
    }

    /// The method.
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The `url` field that it goes to.
    #[must_use]
    pub fn to(&self) -> &str {
        &self.to
    }

    /// True for a method that reads and nothing else.
    #[must_use]
    pub fn only_reads(&self) -> bool {
        matches!(self.method, Method::GET | Method::HEAD)
    }

    /// Whether `below`, the path of a request below that of the `url` field, from its first slash, is of this kind.
    #[must_use]
    pub fn is_path(&self, below: &str) -> bool {
        let Some(below) = below.strip_prefix('/') else { return false };
        let mut asked = below.split('/');
        self.segments.iter().all(|segment| match (segment, asked.next()) {
            (Segment::Literal(text), Some(asked)) => text == asked,
            // Behind a `;` some servers read parameters, and the rest as another path.
            (Segment::Any, Some(asked)) => !asked.is_empty() && !asked.contains(';'),
            (_, None) => false,
        }) && asked.next().is_none()
    }
}

/// As in a grant: `GET endpoint /v2/transactions/{id}`.
impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.method, self.to, self.path)
    }
}

fn segment(text: &str, may_be_empty: bool) -> Option<Segment> {
    if let Some(name) = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) {
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
        return (!name.is_empty() && name.bytes().all(plain)).then_some(Segment::Any);
    }
    let is_sent_like_this = |b: u8| {
        b.is_ascii_graphic() && !matches!(b, b'{' | b'}' | b'?' | b'#' | b'"' | b'<' | b'>' | b'`' | b'^' | b'|')
    };
    let fits = text.bytes().all(is_sent_like_this) && is_plain(text) && (may_be_empty || !text.is_empty());
    fits.then(|| Segment::Literal(text.to_owned()))
}

/// Whether a path has no empty segment but a last one, and none that servers read in more than one way.
pub(super) fn is_plain_path(path: &str) -> bool {
    let Some(path) = path.strip_prefix('/') else { return false };
    let mut segments = path.split('/').peekable();
    while let Some(segment) = segments.next() {
        if !is_plain(segment) || (segment.is_empty() && segments.peek().is_some()) {
            return false;
        }
    }
    true
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn get(path: &str) -> Result<Pattern, PatternError> {
        Pattern::parse("GET", "endpoint", path)
    }

    #[test]
    fn a_placeholder_stands_for_one_whole_segment_and_the_rest_for_itself() {
        let pattern = get("/v2/transactions/{id}").unwrap();
        for good in ["/v2/transactions/1", "/v2/transactions/a%20b", "/v2/transactions/{id}"] {
            assert!(pattern.is_path(good), "{good}");
        }
        for bad in [
            "/v2/transactions",
            "/v2/transactions/",
            "/v2/transactions/1/",
            "/v2/transactions/1/2",
            "/v2/transactions/1;a=b",
            "/V2/transactions/1",
            "/v2/transaction%73/1",
            "v2/transactions/1",
            "",
        ] {
            assert!(!pattern.is_path(bad), "{bad}");
        }
        assert!(get("/token/").unwrap().is_path("/token/") && !get("/token/").unwrap().is_path("/token"));
        assert!(get("/").is_err());
    }

    #[test]
    fn a_pattern_begins_with_a_literal_and_hides_nothing() {
        for path in ["/{any}", "/{a}/b"] {
            assert!(matches!(get(path), Err(PatternError::FirstSegment(_))), "{path}");
        }
        for path in [
            "/a//b",
            "/a/../b",
            "/a/.",
            "/a/%2e%2E/b",
            "/a%2Fb",
            "/a\\b",
            "/a b",
            "/a/..;/b",
            "/a/%252e%252e/b",
            "/a/%00",
            "/a/%zz",
            "/a?b",
            "/a#b",
            "/a/{}",
            "/a/x{id}",
            "/é",
            "//",
        ] {
            assert!(matches!(get(path), Err(PatternError::Segment { .. })), "{path}");
        }
        assert!(matches!(get("a/b"), Err(PatternError::Relative(_))));
        assert!(matches!(get(&"/a".repeat(400)), Err(PatternError::TooLong)));
    }

    #[test]
    fn no_manifest_gets_a_tunnel() {
        for method in ["CONNECT", "TRACE", "get", "", "G T", "PROPFIND/"] {
            assert!(matches!(Pattern::parse(method, "endpoint", "/a"), Err(PatternError::Method(_))), "{method}");
        }
        assert!(!Pattern::parse("POST", "endpoint", "/a").unwrap().only_reads());
        assert!(get("/a").unwrap().only_reads());
    }

    #[test]
    fn a_plain_path_can_be_read_in_one_way_only() {
        for good in ["/", "/a", "/a/", "/a/b.c", "/a/%20", "/a;b/c"] {
            assert!(is_plain_path(good), "{good}");
        }
        for bad in ["", "a", "//", "/a//b", "/./a", "/a/..", "/a/%2e", "/a%2fb", "/a%5Cb", "/a\\b", "/a/..;b/c"] {
            assert!(!is_plain_path(bad), "{bad}");
        }
    }
}

//! What the host refused a connector, as a value that goes whole from the gateway to the exit code and the store.
//!
//! It says what was tried, never how to be allowed it: a refusal is read by whoever wrote the component, too.

use std::fmt;

/// Refusals of one call that are kept; more of them say nothing new.
const KEPT: usize = 8;
/// Characters of a path that are kept.
const PATH: usize = 200;

/// Which rule was broken.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum RefusalKind {
    /// It is no URL.
    NotUrl,
    /// `user:password@` before the host.
    UserInfo,
    /// A `#` part.
    Fragment,
    /// An origin that the operator did not write.
    Origin,
    /// A method that was not granted for this path.
    Method,
    /// A path that was not granted, or one that servers read in more than one way.
    Path,
    /// A header that was not granted.
    Header(String),
    /// A secret in what the connector produced.
    Secret(Place),
    /// A request for a token, which is the host's own.
    TokenRequest,
    /// The network by another way than HTTP: a socket, or the address of a name.
    Socket,
}

/// Where in what a connector produces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// The URL of a request.
    Url,
    /// A header of a request.
    Header,
    /// The body of a request.
    Body,
    /// A record, or a row that it rejected.
    Page,
    /// The state of the stream.
    State,
    /// A line of its log, or its output.
    Log,
    /// An error that it returned.
    Error,
    /// What it says of itself.
    Manifest,
}

impl Place {
    /// In words.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Url => "URL",
            Self::Header => "header",
            Self::Body => "body",
            Self::Page => "page",
            Self::State => "state",
            Self::Log => "log",
            Self::Error => "error",
            Self::Manifest => "manifest",
        }
    }
}

impl RefusalKind {
    /// One word, for a table or a filter: `origin`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::NotUrl => "not-url",
            Self::UserInfo => "user-info",
            Self::Fragment => "fragment",
            Self::Origin => "origin",
            Self::Method => "method",
            Self::Path => "path",
            Self::Header(_) => "header",
            Self::Secret(_) => "secret",
            Self::TokenRequest => "token-request",
            Self::Socket => "socket",
        }
    }
}

impl fmt::Display for RefusalKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotUrl => f.write_str("it is no URL"),
            Self::UserInfo => f.write_str("the URL has a user name or password"),
            Self::Fragment => f.write_str("the URL has a fragment, which no server gets to see"),
            Self::Origin => f.write_str("it goes to an origin that was not granted"),
            Self::Method => f.write_str("the method was not granted for this path"),
            Self::Path => f.write_str("the path was not granted"),
            Self::Header(name) => write!(f, "the header `{name}` was not granted"),
            Self::Secret(place) => write!(f, "a secret is in the {}", place.name()),
            Self::TokenRequest => f.write_str("requests for a token are the host's own"),
            Self::Socket => f.write_str("it is not HTTP, which is all that a connector has of the network"),
        }
    }
}

/// Something that a connector tried and the host did not let it do. Query and secrets stay out of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Refusal {
    /// Which rule was broken.
    pub kind: RefusalKind,
    /// The method of the request, or what was tried of a socket; empty where it was neither.
    pub method: String,
    /// Its origin: `https://api.example.com`; empty where there is none.
    pub origin: String,
    /// Its path, cut where it is long; empty where there is none.
    pub path: String,
}

impl Refusal {
    /// Of a request.
    #[must_use]
    pub fn new(kind: RefusalKind, method: &str, origin: &str, path: &str) -> Self {
        let short = |text: &str| text.chars().take(PATH).collect();
        Self { kind, method: short(method), origin: short(origin), path: short(path) }
    }

    /// Of something that was not a request.
    #[must_use]
    pub fn of_product(place: Place) -> Self {
        Self::new(RefusalKind::Secret(place), "", "", "")
    }

    /// Of a way into the network that is none of HTTP's: `opens a socket (TCP)`.
    #[must_use]
    pub fn of_socket(tried: &str) -> Self {
        Self::new(RefusalKind::Socket, tried, "", "")
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.method.is_empty() {
            return write!(f, "what the connector produced: {}", self.kind);
        }
        if self.kind == RefusalKind::Socket {
            return write!(f, "{}: {}", self.method, self.kind);
        }
        write!(f, "{} {}{}: {}", self.method, self.origin, self.path, self.kind)
    }
}

/// One call with at least one refusal, whatever their number.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Incident {
    /// The first refusals, each once.
    pub refusals: Vec<Refusal>,
    /// How many there were in all.
    pub count: u32,
}

impl Incident {
    /// Adds one.
    pub fn add(&mut self, refusal: Refusal) {
        self.count = self.count.saturating_add(1);
        if self.refusals.len() < KEPT && !self.refusals.contains(&refusal) {
            self.refusals.push(refusal);
        }
    }

    /// True when nothing was refused, and so there was no incident.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }
}

impl fmt::Display for Incident {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, refusal) in self.refusals.iter().enumerate() {
            let separator = if place == 0 { "" } else { "; " };
            write!(f, "{separator}{refusal}")?;
        }
        let shown = u32::try_from(self.refusals.len()).unwrap_or(u32::MAX);
        match self.count.saturating_sub(shown) {
            0 => Ok(()),
            more => write!(f, "; and {more} more"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_incident_is_one_however_many_refusals_it_has_and_its_text_is_bounded() {
        let mut incident = Incident::default();
        assert!(incident.is_empty());
        for number in 0..1_000 {
            incident.add(Refusal::new(RefusalKind::Path, "GET", "https://a.example", &format!("/{}", number / 500)));
        }
        assert_eq!((incident.refusals.len(), incident.count), (2, 1_000));
        let text = incident.to_string();
        assert!(text.starts_with("GET https://a.example/0: the path was not granted; "), "{text}");
        assert!(text.ends_with("; and 998 more"), "{text}");
        let long = Refusal::new(RefusalKind::Path, "GET", "https://a.example", &"x".repeat(10_000));
        assert!(long.to_string().len() < 300);
    }
}

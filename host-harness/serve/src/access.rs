//! Who may ask what: a bearer token where there is one, and else this machine alone.
//!
//! A page in a browser on this machine can send requests as well. It cannot read the answers, since there is no CORS, but it
//! could do harm: so each request has to name this server as its host (no rebinding of names), a request from another origin is
//! refused, and what writes has to come as JSON, which a page of another origin cannot send unasked.

use std::net::IpAddr;

use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST, ORIGIN};
use http::request::Parts;
use http::{HeaderMap, Method, StatusCode, Uri};
use ring::digest::{SHA256, digest};

use crate::host::Host;
use crate::policy::Tokens;
use crate::problem::Problem;

/// What a request may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Scope {
    Read,
    Write,
}

impl Scope {
    /// Whether it is enough for a request of this method.
    pub(crate) fn allows(self, method: &Method) -> bool {
        self == Self::Write || matches!(*method, Method::GET | Method::HEAD)
    }
}

/// Who speaks: for the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Who(pub(crate) String);

/// Whom the server lets in.
pub(crate) struct Access {
    tokens: Tokens,
    /// The names that the server has: what it listens on.
    port: u16,
}

impl Access {
    pub(crate) fn new(tokens: Tokens, port: u16) -> Self {
        Self { tokens, port }
    }

    /// Whether nobody has to show a token: then only this machine can ask.
    pub(crate) fn is_open(&self) -> bool {
        self.tokens.is_empty()
    }

    /// The port that it listens on.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Who speaks, in the words of the audit log.
    pub(crate) fn who(&self) -> Who {
        Who(if self.is_open() { "this machine" } else { "a token" }.to_owned())
    }

    /// What the holder of a token may do; none where it is none of them.
    pub(crate) fn scope_of(&self, shown: &str) -> Option<Scope> {
        let is = |token: &Option<String>| token.as_ref().is_some_and(|token| is_same(token, shown));
        // Both are looked at, whichever it is.
        let (reads, writes) = (is(&self.tokens.read), is(&self.tokens.write));
        if writes { Some(Scope::Write) } else { reads.then_some(Scope::Read) }
    }

    /// What a request may do; none where it may not even read.
    fn scope(&self, headers: &HeaderMap) -> Option<Scope> {
        if self.is_open() {
            return Some(Scope::Write);
        }
        let shown = headers.get(AUTHORIZATION)?.to_str().ok()?;
        let (scheme, shown) = shown.split_once(' ')?;
        if scheme.eq_ignore_ascii_case("bearer") { self.scope_of(shown.trim()) } else { None }
    }

    /// Whether the host that a request names can be this one. With a token any name may lead here: a page that has it needs
    /// no trick.
    fn is_host(&self, name: &str) -> bool {
        let Ok(uri) = format!("http://{name}/").parse::<Uri>() else { return false };
        let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
        let is_loopback =
            host.eq_ignore_ascii_case("localhost") || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
        !self.is_open() || is_loopback && uri.port_u16().unwrap_or(80) == self.port
    }
}

/// Compared in a time that does not depend on where they differ.
pub(crate) fn is_same(one: &str, other: &str) -> bool {
    let (one, other) = (digest(&SHA256, one.as_bytes()), digest(&SHA256, other.as_bytes()));
    one.as_ref().iter().zip(other.as_ref()).fold(0, |differ, (a, b)| differ | (a ^ b)) == 0
}

/// Lets in who may come in, and says who it is.
pub(crate) async fn guard(State(host): State<Host>, mut request: Request, next: Next) -> Response {
    match host.access().admit(&request) {
        Ok(who) => {
            request.extensions_mut().insert(who);
            next.run(request).await
        }
        Err(refusal) => refusal,
    }
}

impl Access {
    /// Sees that a request names this server, and comes from no page of another origin.
    pub(crate) fn expect_own(&self, request: &Request) -> Result<(), Problem> {
        let forbidden = |told: &str| Err(Problem::validation(told).with_status(StatusCode::FORBIDDEN));
        let text = |name| request.headers().get(name).map(|value| value.to_str().unwrap_or("?").to_owned());
        let named = text(HOST).or_else(|| request.uri().authority().map(ToString::to_string)).unwrap_or_default();
        if !self.is_host(&named) {
            return forbidden("the request names another host than this one");
        }
        if text(ORIGIN).is_some_and(|origin| !is_own_origin(&origin, &named)) {
            return forbidden("the request comes from another origin");
        }
        Ok(())
    }

    fn admit(&self, request: &Request) -> Result<Who, Response> {
        self.expect_own(request).map_err(Problem::into_response)?;
        let scope = self.scope(request.headers()).ok_or_else(|| StatusCode::UNAUTHORIZED.into_response())?;
        if !scope.allows(request.method()) {
            let told = Problem::validation("the token may read, and not write").with_status(StatusCode::FORBIDDEN);
            return Err(told.into_response());
        }
        Ok(self.who())
    }
}

fn is_own_origin(origin: &str, host: &str) -> bool {
    let bare = origin.split_once("://").map_or("", |(_, host)| host);
    bare.eq_ignore_ascii_case(host)
}

/// A request that writes: it has a body of JSON, or none at all and says so by its header, which a page of another origin
/// could not send.
pub(crate) struct Writes(pub(crate) Who);

impl<S: Send + Sync> FromRequestParts<S> for Writes {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let content = parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let is_json =
            content.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"));
        let is_empty = parts.headers.get(http::header::CONTENT_LENGTH).is_none_or(|length| length == "0")
            && !parts.headers.contains_key(http::header::TRANSFER_ENCODING);
        // A form of another origin comes with the origin's name, which the guard has seen.
        if !(is_json || is_empty && content.is_empty()) {
            let told = "expected `content-type: application/json`";
            return Err(Problem::body(told).with_status(StatusCode::UNSUPPORTED_MEDIA_TYPE));
        }
        Ok(Self(parts.extensions.get::<Who>().cloned().unwrap_or_else(|| Who("nobody".to_owned()))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access(read: Option<&str>, write: Option<&str>) -> Access {
        Access::new(Tokens { read: read.map(str::to_owned), write: write.map(str::to_owned) }, 8080)
    }

    fn with(value: &str) -> HeaderMap {
        HeaderMap::from_iter([(AUTHORIZATION, value.parse().expect("a header"))])
    }

    #[test]
    fn without_tokens_this_machine_may_do_everything_under_its_own_names_alone() {
        let access = access(None, None);
        assert_eq!(access.scope(&HeaderMap::new()), Some(Scope::Write));
        for host in ["localhost:8080", "127.0.0.1:8080", "[::1]:8080", "LOCALHOST:8080"] {
            assert!(access.is_host(host), "{host}");
        }
        for host in ["evil.example:8080", "localhost", "localhost:80", "localhost.evil.example:8080", "", "127.0.0.1@x"]
        {
            assert!(!access.is_host(host), "{host}");
        }
    }

    #[test]
    fn a_token_says_what_its_holder_may_do() {
        let access = access(Some("reading-reading-x"), Some("writing-writing-x"));
        assert_eq!(access.scope(&with("Bearer reading-reading-x")), Some(Scope::Read));
        assert_eq!(access.scope(&with("bearer writing-writing-x")), Some(Scope::Write));
        for value in ["Bearer", "Bearer x", "Basic writing-writing-x", "writing-writing-x", "Bearer reading-reading-x,"]
        {
            assert_eq!(access.scope(&with(value)), None, "{value}");
        }
        assert_eq!(access.scope(&HeaderMap::new()), None);
    }

    #[test]
    fn an_origin_is_ones_own_when_it_is_the_host_that_was_asked() {
        assert!(is_own_origin("http://localhost:8080", "localhost:8080"));
        assert!(!is_own_origin("http://evil.example", "localhost:8080") && !is_own_origin("null", "localhost:8080"));
    }
}

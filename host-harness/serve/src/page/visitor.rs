//! Who looks at the page: by a cookie, which names a session where tokens are asked for and else only ties forms to the browser
//! that they were given to.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::Form;
use axum::extract::{FromRequest, FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use http::header::{COOKIE, SET_COOKIE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use ring::error::Unspecified;
use ring::hmac;
use ring::rand::{SecureRandom as _, SystemRandom};

use super::{Refusal, foreign_form};
use crate::access::{Scope, Who, is_same};
use crate::host::Host;
use crate::problem::Problem;

/// How long a session lasts.
const LASTS: TimeDelta = TimeDelta::hours(12);
/// Sessions at once; of more, the oldest ends.
const MOST: usize = 1_000;
/// The name of a form's field with the page's token.
pub(crate) const TOKEN: &str = "page-token";

/// Those who look at the page.
pub(crate) struct Visitors {
    random: SystemRandom,
    /// What makes a form's token out of a cookie.
    key: hmac::Key,
    sessions: Mutex<HashMap<String, Session>>,
}

#[derive(Clone, Copy)]
struct Session {
    scope: Scope,
    ends_at: DateTime<Utc>,
}

impl Visitors {
    /// Nobody yet.
    ///
    /// # Errors
    /// The system gives no random numbers.
    pub(crate) fn new() -> Result<Self, Unspecified> {
        let random = SystemRandom::new();
        let key = hmac::Key::generate(hmac::HMAC_SHA256, &random)?;
        Ok(Self { random, key, sessions: Mutex::default() })
    }

    /// A cookie's value that nobody can guess.
    fn fresh(&self) -> Result<String, Problem> {
        let mut bytes = [0; 32];
        self.random.fill(&mut bytes).map_err(|error| Problem::internal(&error))?;
        Ok(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// The token of the forms that go to the holder of a cookie.
    fn form_token(&self, cookie: &str) -> String {
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.key, cookie.as_bytes()))
    }

    fn sessions(&self) -> MutexGuard<'_, HashMap<String, Session>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn scope(&self, cookie: &str, now: DateTime<Utc>) -> Option<Scope> {
        self.sessions().get(cookie).filter(|session| session.ends_at > now).map(|session| session.scope)
    }

    /// Begins a session; gives its cookie's value.
    fn begin(&self, scope: Scope, now: DateTime<Utc>) -> Result<String, Problem> {
        let cookie = self.fresh()?;
        let mut sessions = self.sessions();
        sessions.retain(|_, session| session.ends_at > now);
        if sessions.len() >= MOST {
            let oldest = sessions.iter().min_by_key(|(_, session)| session.ends_at).map(|(cookie, _)| cookie.clone());
            oldest.and_then(|oldest| sessions.remove(&oldest));
        }
        sessions.insert(cookie.clone(), Session { scope, ends_at: now + LASTS });
        Ok(cookie)
    }
}

/// Who asks for a page.
#[derive(Clone)]
pub(crate) struct Visitor {
    /// For the audit log.
    pub(crate) who: Who,
    /// Whether what changes something is offered.
    pub(crate) may_write: bool,
    /// Whether there is a session, which can be ended.
    pub(crate) has_session: bool,
    /// What each form carries.
    pub(crate) token: String,
    cookie: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        // The guard has put it there.
        parts.extensions.get().cloned().ok_or_else(|| foreign_form().into())
    }
}

/// A form that this server gave to the one who sends it.
pub(crate) struct Posted {
    pub(crate) visitor: Visitor,
    /// Its fields but the token, in their order.
    pub(crate) fields: Vec<(String, String)>,
}

impl Posted {
    /// The value of a field; empty where there is none.
    pub(crate) fn field(&self, name: &str) -> &str {
        self.fields.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }
}

impl<S: Send + Sync> FromRequest<S> for Posted {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let visitor = request.extensions().get::<Visitor>().cloned().ok_or_else(foreign_form)?;
        let form = Form::<Vec<(String, String)>>::from_request(request, state).await;
        let Form(mut fields) = form.map_err(|error| Problem::body(error.body_text()).with_status(error.status()))?;
        let is_own = fields.iter().any(|(name, value)| name == TOKEN && is_same(value, &visitor.token));
        fields.retain(|(name, _)| name != TOKEN);
        if is_own { Ok(Self { visitor, fields }) } else { Err(foreign_form().into()) }
    }
}

/// Lets in who may come in; who may after a login is sent there.
pub(crate) async fn guard(State(host): State<Host>, mut request: Request, next: Next) -> Response {
    if let Err(problem) = host.access().expect_own(&request) {
        return Refusal::from(problem).into_response();
    }
    if host.access().is_open() {
        return greet(State(host), request, next).await;
    }
    let cookie = cookie(&host, request.headers()).unwrap_or_default();
    let Some(scope) = host.parts().visitors.scope(&cookie, host.now()) else {
        let reads = matches!(*request.method(), Method::GET | Method::HEAD);
        return if reads {
            Redirect::to("/login").into_response()
        } else {
            Refusal::from(foreign_form()).into_response()
        };
    };
    if !scope.allows(request.method()) && request.uri().path() != "/logout" {
        let told = "this session may only read; log in with the token that writes";
        return Refusal::from(Problem::validation(told).with_status(StatusCode::FORBIDDEN)).into_response();
    }
    request.extensions_mut().insert(visitor(&host, cookie, Some(scope)));
    next.run(request).await
}

/// Knows a browser again that has no session.
pub(crate) async fn greet(State(host): State<Host>, mut request: Request, next: Next) -> Response {
    if let Err(problem) = host.access().expect_own(&request) {
        return Refusal::from(problem).into_response();
    }
    let (cookie, is_new) = match cookie(&host, request.headers()) {
        Some(cookie) => (cookie, false),
        None => match host.parts().visitors.fresh() {
            Ok(cookie) => (cookie, true),
            Err(problem) => return Refusal::from(problem).into_response(),
        },
    };
    request.extensions_mut().insert(visitor(&host, cookie.clone(), None));
    let mut answer = next.run(request).await;
    // What a login has set goes before.
    if is_new && !answer.headers().contains_key(SET_COOKIE) {
        set_cookie(&host, answer.headers_mut(), &cookie);
    }
    answer
}

/// Who asks, without a session where the scope is none.
fn visitor(host: &Host, cookie: String, scope: Option<Scope>) -> Visitor {
    Visitor {
        who: host.access().who(),
        may_write: host.access().is_open() || scope == Some(Scope::Write),
        has_session: scope.is_some(),
        token: host.parts().visitors.form_token(&cookie),
        cookie,
    }
}

/// Begins a session for the holder of a token; none where it is none.
pub(super) fn log_in(host: &Host, token: &str, headers: &mut HeaderMap) -> Result<Option<()>, Problem> {
    let Some(scope) = host.access().scope_of(token) else { return Ok(None) };
    let cookie = host.parts().visitors.begin(scope, host.now())?;
    set_cookie(host, headers, &cookie);
    Ok(Some(()))
}

/// Ends a session.
pub(super) fn log_out(host: &Host, visitor: &Visitor) {
    host.parts().visitors.sessions().remove(&visitor.cookie);
}

/// Browsers keep cookies apart by host and not by port: another server on this machine has another name for its own.
fn cookie_name(host: &Host) -> String {
    format!("payments-page-{}", host.access().port())
}

fn cookie(host: &Host, headers: &HeaderMap) -> Option<String> {
    let name = cookie_name(host);
    let sent = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = sent.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(known, _)| *known == name).map(|(_, value)| value.to_owned())
}

fn set_cookie(host: &Host, headers: &mut HeaderMap, value: &str) {
    let secure = if host.served().is_local { "" } else { "; Secure" };
    let (name, seconds) = (cookie_name(host), LASTS.num_seconds());
    let cookie = format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}");
    // Of letters and digits alone.
    if let Ok(cookie) = HeaderValue::try_from(cookie) {
        headers.insert(SET_COOKIE, cookie);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn a_session_ends_in_time_and_the_oldest_of_too_many_ends_first() {
        let (visitors, now) = (Visitors::new().unwrap(), DateTime::UNIX_EPOCH);
        let first = visitors.begin(Scope::Read, now).unwrap();
        assert_eq!(visitors.scope(&first, now + LASTS - TimeDelta::seconds(1)), Some(Scope::Read));
        assert_eq!([visitors.scope(&first, now + LASTS), visitors.scope("", now)], [None, None]);
        let later = now + TimeDelta::seconds(1);
        let others: Vec<String> = (0..MOST).map(|_| visitors.begin(Scope::Write, later).unwrap()).collect();
        assert_eq!(visitors.scope(&first, later), None);
        assert!(others.iter().all(|cookie| visitors.scope(cookie, later) == Some(Scope::Write)));
    }

    #[test]
    fn a_forms_token_is_that_of_one_cookie_in_one_process() {
        let (one, other) = (Visitors::new().unwrap(), Visitors::new().unwrap());
        assert_eq!(one.form_token("a"), one.form_token("a"));
        assert_ne!(one.form_token("a"), one.form_token("b"));
        assert_ne!(one.form_token("a"), other.form_token("a"));
    }
}

//! Error answers, as Qonto spells them: page "Errors", and the description of the API.

use http::StatusCode;

use super::dialect::{Dialect, ErrorShape};
use outside::transport::Response;
use sim::{Object, respond, with_header};

/// An error answer in the making.
#[derive(Debug, Clone)]
pub(super) struct Problem {
    status: StatusCode,
    errors: Vec<Object>,
    headers: Vec<(&'static str, String)>,
    /// What the gateway says instead, in plain text.
    plain: Option<&'static str>,
}

impl Problem {
    fn new(status: StatusCode, errors: Vec<Object>) -> Self {
        Self { status, errors, headers: Vec::new(), plain: None }
    }

    fn one(status: StatusCode, code: &str, detail: &str) -> Self {
        let mut error = Object::new();
        error.set("code", code).set("detail", detail);
        Self::new(status, vec![error])
    }

    /// The query parameter that is wrong.
    fn about(mut self, parameter: &str) -> Self {
        for error in &mut self.errors {
            error.set("source", serde_json::json!({ "parameter": parameter }));
        }
        self
    }

    /// Adds a header.
    pub(super) fn header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    /// 401 without credentials.
    pub(super) fn unauthenticated() -> Self {
        Self::one(StatusCode::UNAUTHORIZED, "unauthorized", "You must be authenticated to perform this action")
    }

    /// 401 with credentials that are wrong.
    pub(super) fn wrong_credentials() -> Self {
        Self::one(StatusCode::UNAUTHORIZED, "unauthorized", "Invalid credentials")
    }

    /// 403.
    pub(super) fn forbidden() -> Self {
        Self::one(StatusCode::FORBIDDEN, "forbidden", "User does not have sufficient permissions for this action.")
    }

    /// 404 for something with an id.
    pub(super) fn not_found(what: &str) -> Self {
        Self::one(StatusCode::NOT_FOUND, "not_found", &format!("{what} not found")).about("id")
    }

    /// 404 of the gateway, for a route that does not exist.
    pub(super) fn no_route() -> Self {
        Self { plain: Some("404 page not found\n"), ..Self::new(StatusCode::NOT_FOUND, Vec::new()) }
    }

    /// 405 of the gateway: every read is a GET.
    pub(super) fn not_a_read() -> Self {
        Self { plain: Some("405 method not allowed\n"), ..Self::new(StatusCode::METHOD_NOT_ALLOWED, Vec::new()) }
    }

    /// 410 after a sunset. The live body is not known.
    pub(super) fn gone() -> Self {
        Self::one(StatusCode::GONE, "gone", "This endpoint has been sunset")
    }

    /// 422 for transactions of no account.
    pub(super) fn no_account() -> Self {
        Self::one(StatusCode::UNPROCESSABLE_ENTITY, "missing", "iban or slug is missing")
    }

    /// 422 for a page beyond the last. The status was seen live, the body was not.
    pub(super) fn past_end() -> Self {
        Self::one(StatusCode::UNPROCESSABLE_ENTITY, "invalid", "page is out of range").about("page")
    }

    /// 422 for a parameter with an impossible value.
    pub(super) fn invalid(parameter: &str, detail: &str) -> Self {
        Self::one(StatusCode::UNPROCESSABLE_ENTITY, "invalid", detail).about(parameter)
    }

    /// 422 for international beneficiaries of no currency.
    pub(super) fn no_currency() -> Self {
        Self::one(StatusCode::UNPROCESSABLE_ENTITY, "invalid_currency", "currency parameter is required")
    }

    /// 422 for too many hits.
    pub(super) fn search_limit() -> Self {
        let mut error = Object::new();
        error.set("code", "search_limit_reached");
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, vec![error])
    }

    /// 429. The live body is not known.
    pub(super) fn too_many() -> Self {
        Self::one(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", "Rate limit exceeded")
    }

    /// 400 for all that is wrong with a filter, at once. This one has `message` where the others have `detail`.
    pub(super) fn bad_filter(wrong: &[(&str, String)]) -> Self {
        let error = |(code, message): &(&str, String)| {
            let mut error = Object::new();
            error.set("code", code).set("message", message);
            error
        };
        Self::new(StatusCode::BAD_REQUEST, wrong.iter().map(error).collect())
    }

    /// The answer.
    pub(super) fn render(self, dialect: &Dialect, trace_id: &str) -> Response {
        let response = if let Some(text) = self.plain {
            respond(self.status, "text/plain; charset=utf-8", text)
        } else {
            let errors: Vec<String> = self.errors.iter().map(Object::render).collect();
            let mut body = Object::new();
            match dialect.errors {
                ErrorShape::List => body.set_raw("errors", format!("[{}]", errors.join(","))),
                ErrorShape::Object => body.set_raw("errors", errors.first().map_or("{}", String::as_str)),
            };
            if dialect.trace_id {
                body.set("trace_id", trace_id);
            }
            respond(self.status, "application/json; charset=utf-8", body.render())
        };
        self.headers.iter().fold(response, |response, (name, value)| with_header(response, name, value))
    }
}

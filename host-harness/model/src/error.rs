//! Why a call failed, and what it left out.

/// What a person needs to take an error up with the provider. Every field that is known is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorDetail {
    /// One sentence: what was asked, what came back. Contains no secret.
    pub message: String,
    /// The HTTP status of the answer, when there was one.
    pub http_status: Option<u16>,
    /// The provider's own code: `not_found`.
    pub provider_code: Option<String>,
    /// The provider's identifier of the exchange: a trace or request id.
    pub request_id: Option<String>,
    /// How long the provider asks to wait before the next request, from now.
    pub retry_after_seconds: Option<u64>,
}

/// What a person has to do at the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionDetail {
    /// What was asked, and what came back.
    pub detail: ErrorDetail,
    /// One sentence for that person: `Renew the consent for Nordea; it ended on 2026-03-01.` Without a link: a host
    /// shows none.
    pub action: String,
}

/// Which field of the config is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// The field's name as in the manifest.
    pub field: String,
    /// What is expected, for a person. Does not repeat the value of a secret.
    pub reason: String,
}

/// Why a call failed. The case says who acts next. A failed call leaves state and records as they were.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// The operator corrects the config. Given before any request is made.
    InvalidConfig(ConfigError),
    /// The provider does not accept the credentials. The host does not repeat the call: the operator acts.
    Unauthorized(ErrorDetail),
    /// The credentials are right, and access has lapsed until a person does something at the provider: a consent to
    /// renew, a strong authentication, terms to accept. The host does not repeat the call, and shows what to do.
    ActionRequired(ActionDetail),
    /// The credentials are accepted, this resource is not theirs to read.
    Forbidden(ErrorDetail),
    /// The resource does not exist at the provider.
    NotFound(ErrorDetail),
    /// Too many requests, or a quota is used up. The host waits `retry-after-seconds`, or backs off, and repeats the
    /// call.
    RateLimited(ErrorDetail),
    /// The provider did not answer, or answered that it cannot now (5xx, or data that it is still preparing). The
    /// host backs off and repeats the call.
    Unavailable(ErrorDetail),
    /// The answer is not what the provider's interface promises: HTML, truncated JSON, a missing list. The host backs
    /// off and repeats the call a few times, then fails. A total that is wrong is none: see `has-more`.
    MalformedResponse(ErrorDetail),
    /// The provider refuses the request as wrong (any other 4xx, a redirect).
    UpstreamRejected(ErrorDetail),
    /// The state is not one this connector wrote. The operator resets the stream. A cursor that the provider no longer
    /// accepts is no such case: the connector starts its walk anew by itself, and logs it.
    InvalidState(ErrorDetail),
    /// The parent is not one this connector returned.
    InvalidParent(ErrorDetail),
    /// The connector does not have this capability. Given without any request.
    Unsupported(ErrorDetail),
    /// The provider's paging does not advance: the same page again, a filter ignored.
    NoProgress(ErrorDetail),
    /// Anything else.
    Other(ErrorDetail),
}

/// Something that a call did not read, while it read the rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// What is missing, for a person, and in the same words each time, so that a host can tell a gap that lasts:
    /// `international beneficiaries in XOF`. Unique in the page.
    pub what: String,
    /// Why. Any but `invalid-config`, `invalid-state`, `invalid-parent` and `unsupported`, which are errors of the
    /// call.
    pub error: Error,
}

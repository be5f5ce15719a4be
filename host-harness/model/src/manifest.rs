//! What a connector says of itself.

/// What a connector can do. What it cannot do it answers with `unsupported`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Capability {
    /// The customer's own accounts.
    FetchAccounts,
    /// Third parties' accounts.
    FetchExternalAccounts,
    /// Balances.
    FetchBalances,
    /// Payments.
    FetchPayments,
    /// Things that are neither, for which other tasks run: profiles, users, consents.
    FetchOthers,
}

/// One node of the workflow: a kind of record that the host polls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Unique in the manifest: `fetch-payments`. Part of the stream's identity, so renaming it starts afresh. Two
    /// tasks may have one capability: each has streams of its own.
    pub name: String,
    /// What it reads.
    pub capability: Capability,
    /// True: polled every period. False: run once for each parent, each time the parent is read.
    pub periodic: bool,
    /// Not polled more often than this, whatever the operator's period is; 0: no such limit. For lists that can only
    /// be read whole, and for quotas of a few requests a day.
    pub min_period_seconds: u32,
    /// The index in `workflow` of the task for whose records this one runs; absent at the root, where a task may be
    /// of any capability. Parents come before their children, and fetch accounts, external accounts or others.
    pub parent: Option<u32>,
    /// True: a complete poll without a gap reports every record there is, so that the host may take one that is
    /// missing from it to be gone. False: a poll may report no more than what changed. False for payments and
    /// balances.
    pub snapshot: bool,
    /// Payments only. True: after a complete poll the host hands those that are not final, and that the poll did not
    /// report, to `follow-payments`.
    pub follow: bool,
}

/// What the value of a config field looks like in the JSON of the config.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// A string.
    Text,
    /// A string that the connector never sees: see `credential`. Whatever gives access, such as a key, a token, a
    /// password or a private key, is of this kind: what is not, a host may show, log and record.
    Secret,
    /// An absolute http or https URL, without query or fragment. A granted request goes to its origin, and below
    /// its path.
    Url,
    /// A whole number.
    Integer,
    /// A Go-style duration: `30m`, `1h30m`, `1.5s`.
    Duration,
    /// `true` or `false`.
    Boolean,
    /// A calendar date: `2026-01-31`.
    Date,
}

/// One field of the config.
///
/// Three names have a meaning to the host when the manifest lists them: `pageSize` (integer) becomes the requests'
/// `page-size`, `since` (date) their `since`, `pollingPeriod` (duration) the time between two polls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigField {
    /// The key in the JSON object.
    pub name: String,
    /// What its value looks like.
    pub kind: FieldKind,
    /// True: a config without it, or with null or an empty string for it, is refused with `invalid-config`.
    pub required: bool,
    /// What the connector assumes when the field is missing. Of a `url` field: what a host suggests to the operator
    /// and never uses by itself. A `secret` has none.
    pub default: Option<String>,
    /// For the person who fills it in: meaning, limits, where to find it.
    pub description: String,
}

/// What the connector asks the host to put on its requests. The operator grants it; the connector sees nothing of
/// it.
///
/// A format is text in which `{name}` is the value of a config field, `{base64:format}` the Base64 of what `format`
/// gives, and `{@token}` the token that the host fetched; braces stand for nothing else. So `{clientID}:{apiKey}`,
/// `Bearer {token}`, `Basic {base64:{user}:{password}}`, `Basic {base64::{apiKey}}`.
///
/// A credential is left out when a config field that it names is not set. Of two that would give one request the
/// same header, the later in the manifest is left out: so an install chooses among several ways to log in by what
/// it sets.
///
/// A host refuses a component that uses a function, an `{@…}` or a key of `more` that it does not know, by that
/// name. Those to come are listed in the documentation; they need no other shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// Unique in the manifest: `login`. For the operator.
    pub name: String,
    /// The `url` fields to whose origins it goes, and to no other.
    pub to: Vec<String>,
    /// Origins on which it is left out all the same: a sandbox's token is not sent to production.
    pub not_to: Vec<String>,
    /// Header names, in lower case, with the format of each. The connector itself may not send them. A secret never
    /// stands in a header that servers commonly echo, such as `user-agent` or `x-request-id`.
    pub headers: Vec<(String, String)>,
    /// Keys and values for what is more than headers. Empty for most. In this version: a token, which the host
    /// fetches, keeps in memory, renews and puts in the place of `{@token}`; the connector never sees it, and may not
    /// make the request itself. All but `token.request` and `token.value` may be left out:
    ///
    /// - `token.request`: `POST endpoint /oauth/token`: a method, a `url` field, a path below that field's own.
    /// - `token.header.NAME`: a format without `{@token}`, as in `headers`.
    /// - `token.form.NAME`, or `token.json.NAME`: such formats, sent as a form or as the members of a JSON object.
    /// - `token.value`: the JSON pointer (RFC 6901) to the token in the answer.
    /// - `token.lifetime`, `token.expires`: JSON pointers to the seconds that the token lives, or to when it ends, in
    ///   seconds since 1970 or as RFC 3339. `token.lifetime-seconds`: the number itself, where the answer has none.
    pub more: Vec<(String, String)>,
}

/// A kind of request that the connector makes. The operator grants them; any other is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestPattern {
    /// `GET` or `HEAD`. Any other, such as a `POST` that searches, is shown to the operator apart. Never `CONNECT`
    /// or `TRACE`.
    pub method: String,
    /// The `url` field it goes to.
    pub to: String,
    /// The path below that field's, from its first slash: `/v2/transactions/{id}`. A segment `{name}` stands for any
    /// one segment, the others for themselves, byte for byte, a slash at the end included; the first stands for
    /// itself. No segment of a request is empty (but a last one), dots alone, or holds what servers read in more than
    /// one way: a backslash, or an encoded slash, dot, `?`, `#`, `;` or control character, however often it is
    /// encoded. The query is free.
    pub path: String,
}

/// What shares a rate limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RateScope {
    /// All installs that call from the same address.
    Address,
    /// The requests of one install.
    Install,
    /// The requests of one install to one path, as for a quota of an account.
    Path,
}

/// A limit of the provider's. The host keeps to it; the connector need not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// So many requests
    pub requests: u32,
    /// in so many seconds.
    pub window_seconds: u32,
    /// What shares it.
    pub scope: RateScope,
}

/// What a connector says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// Lower-case letters, digits and `-`: `qonto`.
    pub name: String,
    /// The connector's own semantic version. What an install relies on goes on: that a config field, a capability or a
    /// task is gone or renamed, a field is newly required or of another kind, or `max-page-size` is lower, comes with
    /// a new major version only (before 1.0.0: a new minor version). So does asking for more: a credential, a
    /// header, a request, a url field, a secret that becomes another kind.
    pub version: String,
    /// One or two sentences for a person.
    pub description: String,
    /// What it can do.
    pub capabilities: Vec<Capability>,
    /// Each capability is the capability of at least one task, and each task's is listed.
    pub workflow: Vec<Task>,
    /// The fields of its config.
    pub config: Vec<ConfigField>,
    /// What the host is to put on its requests.
    pub credentials: Vec<Credential>,
    /// The requests that the connector makes, and all of them are needed: what is never asked is not listed.
    pub requests: Vec<RequestPattern>,
    /// Headers, in lower case, that the connector sends besides `accept`, `accept-language`, `content-type`,
    /// `if-modified-since`, `if-none-match`, `range` and `user-agent`: a version, an account to act for. Not those
    /// of credentials, cookies, proxies, forwarding, or another method or URL.
    pub headers: Vec<String>,
    /// The largest `page-size` the connector takes; at least 1.
    pub max_page_size: u32,
    /// How many requests of one install the provider takes at once; at least 1. 1 where the order of arrival matters.
    pub max_in_flight: u32,
    /// The provider's limits.
    pub rate_limits: Vec<RateLimit>,
}

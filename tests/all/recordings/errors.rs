//! Every error body of Qonto that is known, with where it is from and what the connector is to make of it.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use outside::har::{Entry, Har};
use outside::transport::Request;
use qonto::demo_now;
use sim::{respond, with_header};
use url::Url;

use super::compose::{ENDPOINT, composed, constructed};

const JSON: &str = "application/json; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";

/// Qonto's own pages.
const ERRORS: &str = "docs.qonto.com, page Errors";
const LIMITS: &str = "docs.qonto.com, page Rate limitations names the status only; the body is a guess";
/// Qonto's description of the API, as it was published in 2024.
const OPENAPI: &str = "Qonto's OpenAPI description of API v2 (2024)";
/// Qonto's Postman collections have types only.
const POSTMAN: &str = "Qonto's Postman collections (2026) show the shape, types only; the words are a guess";
/// Client authors who wrote down what they saw.
const SEEN: &str = "not documented; reported by authors of clients";
const GUESS: &str = "not documented: a guess";

/// An error answer.
pub struct Problem {
    pub id: &'static str,
    /// What was asked.
    path: &'static str,
    status: u16,
    content_type: &'static str,
    retry_after: Option<&'static str>,
    body: &'static str,
    /// Where it is from.
    source: &'static str,
    /// The case of the contract's `error`.
    pub case: &'static str,
}

const TRANSACTIONS: &str = "/v2/transactions";
const ORGANIZATION: &str = "/v2/organization";

const fn json(id: &'static str, status: u16, body: &'static str, source: &'static str, case: &'static str) -> Problem {
    Problem { id, path: TRANSACTIONS, status, content_type: JSON, retry_after: None, body, source, case }
}

/// The table.
pub const PROBLEMS: [Problem; 29] = [
    json(
        "400-list-with-message",
        400,
        r#"{"errors":[{"code":"sort_invalid","message":"Sort field is invalid"},{"code":"date_invalid","message":"The datetime in settled_at_from param isn't well formatted (ISO 8601) or year is out of range"},{"code":"status_invalid","message":"At least one status isn't valid"}]}"#,
        OPENAPI,
        "upstream-rejected",
    ),
    json(
        "400-bad-request",
        400,
        r#"{"errors":[{"code":"bad_request","detail":"Authorization field missing"}]}"#,
        ERRORS,
        "upstream-rejected",
    ),
    json(
        "401-unauthenticated",
        401,
        r#"{"errors":[{"code":"unauthorized","detail":"You must be authenticated to perform this action"}]}"#,
        OPENAPI,
        "unauthorized",
    ),
    json(
        "401-invalid-credentials",
        401,
        r#"{"errors":[{"code":"unauthorized","detail":"Invalid credentials"}]}"#,
        ERRORS,
        "unauthorized",
    ),
    json(
        "401-header-missing",
        401,
        r#"{"errors":[{"code":"authorization_header_missing","detail":"Authorization header is missing"}]}"#,
        "docs.qonto.com, page Errors has the code; the detail is a guess",
        "unauthorized",
    ),
    json(
        "401-token-invalid",
        401,
        r#"{"errors":[{"code":"authorization_token_invalid","detail":"Authorization token is invalid"}]}"#,
        "docs.qonto.com, page Errors has the code; the detail is a guess",
        "unauthorized",
    ),
    json(
        "403-forbidden",
        403,
        r#"{"errors":[{"code":"forbidden","detail":"User does not have sufficient permissions for this action."}]}"#,
        OPENAPI,
        "forbidden",
    ),
    json(
        "403-unknown",
        403,
        r#"{"errors":[{"code":"unknown","detail":"Unknown error"}]}"#,
        "not documented; reported by authors of clients, from the sandbox",
        "forbidden",
    ),
    Problem {
        path: "/v2/transactions/00000000-0000-4000-8000-000000000000",
        ..json(
            "404-not-found",
            404,
            r#"{"errors":[{"code":"not_found","detail":"Transaction not found","source":{"parameter":"id"}}]}"#,
            "docs.qonto.com, page Retrieve a transaction",
            "not-found",
        )
    },
    Problem {
        path: "/v2/sepa/beneficiaries/00000000-0000-4000-8000-000000000000",
        ..json(
            "404-beneficiary-not-found",
            404,
            r#"{"errors":[{"code":"not_found","detail":"Beneficiary not found","source":{"parameter":"id"}}]}"#,
            "docs.qonto.com, page Retrieve a SEPA beneficiary",
            "not-found",
        )
    },
    Problem { path: ORGANIZATION, ..json("404-blank", 404, " ", OPENAPI, "not-found") },
    json(
        "404-errors-as-one-object",
        404,
        r#"{"errors":{"code":"not_found","detail":"Not found"}}"#,
        POSTMAN,
        "not-found",
    ),
    Problem {
        path: "/v2/nowhere",
        content_type: TEXT,
        ..json("404-of-the-gateway", 404, "404 page not found\n", SEEN, "not-found")
    },
    Problem {
        path: "/v2/beneficiaries",
        ..json(
            "410-sunset",
            410,
            r#"{"errors":[{"code":"gone","detail":"This endpoint has been sunset"}]}"#,
            "docs.qonto.com, page Deprecated organization endpoints names the status only; the body is a guess",
            "not-found",
        )
    },
    json(
        "422-no-account-named",
        422,
        r#"{"errors":[{"code":"missing","detail":"iban or slug is missing"}]}"#,
        OPENAPI,
        "upstream-rejected",
    ),
    Problem {
        path: "/v2/external_transfers",
        ..json(
            "422-source-nested-oddly",
            422,
            r#"{"errors":[{"code":"invalid","detail":"updated_at_from is not a valid date","source":{"properties":{"pointer":"/external_transfer/updated_at_from"}}}]}"#,
            OPENAPI,
            "upstream-rejected",
        )
    },
    json(
        "422-page-beyond-the-last",
        422,
        r#"{"errors":[{"code":"invalid","detail":"page is out of range","source":{"parameter":"page"}}]}"#,
        "not documented; the status was reported by authors of clients, the body is a guess",
        "upstream-rejected",
    ),
    json(
        "422-search-limit-reached",
        422,
        r#"{"errors":[{"code":"search_limit_reached"}]}"#,
        "not documented; the code was reported by the author of a client, the body is after a test double",
        "upstream-rejected",
    ),
    Problem {
        path: "/v2/international/beneficiaries",
        ..json(
            "422-currency-required",
            422,
            r#"{"errors":[{"code":"invalid_currency","detail":"currency parameter is required"}]}"#,
            SEEN,
            "upstream-rejected",
        )
    },
    json(
        "422-errors-as-one-object",
        422,
        r#"{"errors":{"code":"invalid","detail":"settled_at_from is invalid","status":"422","message":"Unprocessable entity"}}"#,
        POSTMAN,
        "upstream-rejected",
    ),
    Problem {
        path: "/v2/sepa/beneficiaries",
        ..json(
            "422-with-trace-id",
            422,
            r#"{"errors":[{"code":"not_in_list","detail":"status must be one of: pending, approved, declined","source":{"parameter":"status"}}],"trace_id":"6f1a2b3c4d5e6f7a8b9c0d1e2f3a4b5c"}"#,
            "docs.qonto.com, page Errors; the status is a guess",
            "upstream-rejected",
        )
    },
    json(
        "429",
        429,
        r#"{"errors":[{"code":"too_many_requests","detail":"Rate limit exceeded"}]}"#,
        LIMITS,
        "rate-limited",
    ),
    Problem {
        retry_after: Some("30"),
        ..json(
            "429-with-retry-after",
            429,
            r#"{"errors":[{"code":"too_many_requests","detail":"Rate limit exceeded"}]}"#,
            "docs.qonto.com, page Rate limitations names the status only; body and header are guesses",
            "rate-limited",
        )
    },
    Problem { content_type: TEXT, ..json("429-empty", 429, "", LIMITS, "rate-limited") },
    json(
        "500-unknown",
        500,
        r#"{"errors":[{"code":"unknown","detail":"An unknown error occurred"}]}"#,
        ERRORS,
        "unavailable",
    ),
    json("500-empty", 500, "", ERRORS, "unavailable"),
    Problem {
        content_type: HTML,
        ..json(
            "502-html",
            502,
            "<html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>\n",
            GUESS,
            "unavailable",
        )
    },
    Problem {
        path: ORGANIZATION,
        content_type: HTML,
        ..json(
            "200-html-login-page",
            200,
            "<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body><form method=\"post\"></form></body></html>\n",
            "not documented; the login wall of the sandbox, as a client sees it that follows redirects, is a guess",
            "malformed-response",
        )
    },
    Problem {
        path: ORGANIZATION,
        ..json("200-without-organization", 200, r#"{"errors":[]}"#, GUESS, "malformed-response")
    },
];

impl Problem {
    /// How long the answer asks to wait.
    pub fn wait(&self) -> Option<u64> {
        self.retry_after.and_then(|value| value.parse().ok())
    }

    fn entry(&self) -> Entry {
        let mut headers = HeaderMap::new();
        headers.insert("accept", HeaderValue::from_static("application/json"));
        headers.insert("authorization", HeaderValue::from_static("brume-et-granit-4821:{{secret:apiKey}}"));
        let url = Url::parse(ENDPOINT).unwrap().join(self.path).unwrap();
        let request = Request { method: Method::GET, url, headers, body: Bytes::new() };
        let response = respond(StatusCode::from_u16(self.status).unwrap(), self.content_type, self.body);
        let wait = |seconds| with_header(response.clone(), "retry-after", seconds);
        let mut entry = Entry::of(demo_now(), &request, &self.retry_after.map_or_else(|| response.clone(), wait));
        entry.id = Some(self.id.to_owned());
        entry.provenance = Some(constructed(self.source));
        entry
    }
}

/// The table as a recording.
pub fn errors() -> Har {
    let mut har = composed();
    har.log.entries = PROBLEMS.iter().map(Problem::entry).collect();
    har
}

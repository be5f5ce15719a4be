mod lists;
mod transactions;
mod worlds;

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use http::{HeaderMap, Method};
use serde_json::Value;
use url::Url;

use super::*;
use outside::transport::{Request, Response};
use sim::{Provider as _, RateLimit};

/// 1 September 2026, 08:00 UTC, and so many seconds.
fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_788_249_600, 0).expect("a time") + TimeDelta::seconds(seconds)
}

/// A world of one account and no transaction.
fn world() -> (QontoWorld, String) {
    let mut world = QontoWorld::new("Test", "test-1", "s3cret");
    let account = world.account(Account::new("Principal", &french_iban(0, 1, 1), at(0)).main());
    (world, account)
}

/// A world of `count` transactions, one a second.
fn filled(count: usize) -> (QontoWorld, String) {
    let (mut world, account) = world();
    world.fill(&account, count, at(0), TimeDelta::seconds(1));
    (world, account)
}

fn request(path: &str, authorization: &str) -> Request {
    let mut headers = HeaderMap::new();
    headers.insert("authorization", authorization.parse().expect("a header"));
    let url = Url::parse(&format!("https://thirdparty.qonto.com{path}")).expect("a URL");
    Request { method: Method::GET, url, headers, body: bytes::Bytes::new() }
}

fn ask(world: &mut QontoWorld, path: &str) -> Response {
    let authorization = format!("{}:{}", world.login, world.secret);
    world.answer(&request(path, &authorization), at(1_000_000))
}

/// The status and the body, less the trace id.
fn get(world: &mut QontoWorld, path: &str) -> (u16, Value) {
    let response = ask(world, path);
    let mut body: Value = serde_json::from_slice(&response.body).expect("JSON");
    if let Some(trace_id) = body.as_object_mut().and_then(|body| body.remove("trace_id")) {
        assert_eq!(trace_id, response.headers["x-tyk-trace-id"].to_str().expect("text"));
    }
    (response.status.as_u16(), body)
}

fn labels(body: &Value) -> Vec<&str> {
    body["transactions"].as_array().expect("a list").iter().map(|row| row["label"].as_str().expect("text")).collect()
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

/// The status of a request, and the first error.
fn error(world: &mut QontoWorld, path: &str) -> (u16, String) {
    let (status, body) = get(world, path);
    (status, body["errors"][0].to_string())
}

#[test]
fn the_header_is_the_login_and_the_secret_as_they_are() {
    let (mut world, _) = world();
    let mut status = |header: &str| world.answer(&request("/v2/organization", header), at(0)).status.as_u16();
    assert_eq!(status("test-1:s3cret"), 200);
    for wrong in ["test-1:other", "Bearer test-1:s3cret", "Basic dGVzdC0xOnMzY3JldA==", ""] {
        assert_eq!(status(wrong), 401, "{wrong}");
    }
    let mut anonymous = request("/v2/organization", "");
    anonymous.headers.clear();
    let response = world.answer(&anonymous, at(0));
    let body: Value = serde_json::from_slice(&response.body).expect("JSON");
    assert_eq!(response.status.as_u16(), 401);
    assert_eq!(
        body["errors"].to_string(),
        r#"[{"code":"unauthorized","detail":"You must be authenticated to perform this action"}]"#
    );
}

#[test]
fn every_error_has_the_body_that_is_documented_or_was_seen() {
    let (mut world, account) = filled(3);
    let list = format!("/v2/transactions?bank_account_id={account}");
    let cases = [
        ("/v2/transactions".to_owned(), 422, r#"{"code":"missing","detail":"iban or slug is missing"}"#),
        (
            "/v2/transactions/nope".to_owned(),
            404,
            r#"{"code":"not_found","detail":"Transaction not found","source":{"parameter":"id"}}"#,
        ),
        (format!("{list}&sort_by=amount:asc"), 400, r#"{"code":"sort_invalid","message":"Sort field is invalid"}"#),
        (
            format!("{list}&status[]=reversed"),
            400,
            r#"{"code":"status_invalid","message":"At least one status isn't valid"}"#,
        ),
        (
            format!("{list}&settled_at_from=0001-01-01T00:00:00Z"),
            400,
            r#"{"code":"date_invalid","message":"The datetime in settled_at_from param isn't well formatted (ISO 8601) or year is out of range"}"#,
        ),
        (
            format!("{list}&page=2"),
            422,
            r#"{"code":"invalid","detail":"page is out of range","source":{"parameter":"page"}}"#,
        ),
        (
            "/v2/international/beneficiaries?currency=USD".to_owned(),
            403,
            r#"{"code":"forbidden","detail":"User does not have sufficient permissions for this action."}"#,
        ),
        ("/v2/beneficiaries".to_owned(), 410, r#"{"code":"gone","detail":"This endpoint has been sunset"}"#),
        ("/v2/organizations/test-1".to_owned(), 410, r#"{"code":"gone","detail":"This endpoint has been sunset"}"#),
    ];
    for (path, status, body) in cases {
        let (answered, found) = error(&mut world, &path);
        assert_eq!((answered, json(&found)), (status, json(body)), "{path}");
    }
    world.dialect.forbidden.clear();
    assert_eq!(
        error(&mut world, "/v2/international/beneficiaries"),
        (422, r#"{"code":"invalid_currency","detail":"currency parameter is required"}"#.to_owned())
    );
    world.dialect.search_limit = Some(2);
    assert_eq!(error(&mut world, &list), (422, r#"{"code":"search_limit_reached"}"#.to_owned()));
    let plural = ask(&mut world, "/v2/organizations");
    assert_eq!(
        (plural.status.as_u16(), &plural.headers["content-type"].to_str().expect("text")[..10]),
        (404, "text/plain")
    );
    let mut post = request("/v2/transactions", "test-1:s3cret");
    post.method = Method::POST;
    assert_eq!(world.answer(&post, at(0)).status.as_u16(), 405);
}

#[test]
fn all_that_is_wrong_with_a_filter_is_said_at_once() {
    let (mut world, account) = world();
    let path = format!("/v2/transactions?bank_account_id={account}&sort_by=x&settled_at_to=2028-01-01&status[]=x");
    let (status, body) = get(&mut world, &path);
    let codes: Vec<_> = body["errors"].as_array().expect("a list").iter().map(|error| error["code"].clone()).collect();
    assert_eq!((status, Value::from(codes)), (400, json(r#"["sort_invalid","date_invalid","status_invalid"]"#)));
}

#[test]
fn errors_can_be_an_object_and_without_a_trace_id() {
    let (mut world, _) = world();
    world.dialect.errors = ErrorShape::Object;
    world.dialect.trace_id = false;
    let text = ask(&mut world, "/v2/transactions").body;
    assert_eq!(&text[..], br#"{"errors":{"code":"missing","detail":"iban or slug is missing"}}"#);
}

#[test]
fn pages_add_up_for_every_number_of_rows() {
    for total in [0, 1, 9, 10, 11, 100, 103] {
        let (mut world, account) = filled(total);
        let mut seen = std::collections::BTreeSet::new();
        let mut page = Some(1);
        while let Some(number) = page {
            let path =
                format!("/v2/transactions?bank_account_id={account}&per_page=10&page={number}&sort_by=updated_at:asc");
            let (status, body) = get(&mut world, &path);
            assert_eq!(status, 200);
            for row in body["transactions"].as_array().expect("a list") {
                assert!(seen.insert(row["id"].to_string()));
            }
            let meta = &body["meta"];
            assert_eq!((&meta["current_page"], &meta["per_page"]), (&number.into(), &10.into()));
            assert_eq!((&meta["total_count"], &meta["total_pages"]), (&total.into(), &total.div_ceil(10).into()));
            assert_eq!(meta["prev_page"].as_u64(), (number > 1).then(|| number - 1));
            page = meta["next_page"].as_u64();
        }
        assert_eq!(seen.len(), total);
    }
}

#[test]
fn a_page_is_one_to_a_hundred_rows() {
    let (mut world, account) = filled(120);
    let path = |rest: &str| format!("/v2/transactions?bank_account_id={account}{rest}");
    assert_eq!(labels(&get(&mut world, &path("")).1).len(), 100);
    for wrong in ["&per_page=0", "&per_page=101", "&per_page=x", "&page=0", "&page=-1"] {
        assert_eq!(get(&mut world, &path(wrong)).0, 422, "{wrong}");
    }
    world.dialect.per_page = PerPage::Clamped;
    let (_, body) = get(&mut world, &path("&per_page=1000"));
    assert_eq!((labels(&body).len(), &body["meta"]["per_page"]), (100, &100.into()));
    world.dialect.past_end = PastEnd::Empty;
    let (status, body) = get(&mut world, &path("&page=3"));
    assert_eq!((status, labels(&body).len(), &body["meta"]["next_page"]), (200, 0, &Value::Null));
}

#[test]
fn the_page_parameter_can_have_another_name_or_none() {
    let (mut world, account) = filled(30);
    let path = format!("/v2/transactions?bank_account_id={account}&per_page=10&current_page=2");
    let mut current = |dialect, path: &str| {
        world.dialect.page_parameter = dialect;
        get(&mut world, path).1["meta"]["current_page"].as_u64()
    };
    assert_eq!(current(PageParameter::Page, &path), Some(1));
    assert_eq!(current(PageParameter::PageOrCurrentPage, &path), Some(2));
    assert_eq!(current(PageParameter::Ignored, &format!("{path}&page=3")), Some(1));
}

#[test]
fn meta_can_be_absent_or_without_the_next_page() {
    let (mut world, account) = filled(1);
    let path = format!("/v2/transactions?bank_account_id={account}");
    world.dialect.meta = Meta::NoNextOnLast;
    let (_, body) = get(&mut world, &path);
    assert!(body["meta"].get("next_page").is_none() && body["meta"]["total_count"] == 1);
    world.dialect.meta = Meta::Absent;
    assert!(get(&mut world, &path).1.get("meta").is_none());
}

#[test]
fn the_sandbox_wants_its_token() {
    let (mut world, _) = world();
    world.staging_token = Some("token".to_owned());
    let response = ask(&mut world, "/v2/organization");
    assert_eq!(response.status.as_u16(), 302);
    assert!(response.headers["location"].to_str().expect("text").starts_with("https://qonto.onelogin.com/"));
    world.dialect.staging = StagingAnswer::Html;
    let response = ask(&mut world, "/v2/organization");
    assert_eq!((response.status.as_u16(), &response.body[..15]), (200, &b"<!DOCTYPE html>"[..]));
    let mut request = request("/v2/organization", "test-1:s3cret");
    request.headers.insert("x-qonto-staging-token", "token".parse().expect("a header"));
    assert_eq!(world.answer(&request, at(0)).headers["content-type"], "application/json; charset=utf-8");
}

#[test]
fn a_rate_limit_answers_429_and_says_when_as_the_dialect_does() {
    let (mut world, _) = world();
    world.dialect.rate_limits = vec![RateLimit { requests: 1, window: Duration::from_millis(9_500) }];
    let mut retry = |form, seconds| {
        world.dialect.retry_after = form;
        let response = world.answer(&request("/v2/organization", "test-1:s3cret"), at(seconds));
        let header = response.headers.get("retry-after").map(|value| value.to_str().expect("text").to_owned());
        (response.status.as_u16(), header)
    };
    assert_eq!(retry(RetryAfter::Absent, 0).0, 200);
    assert_eq!(retry(RetryAfter::Absent, 1), (429, None));
    assert_eq!(retry(RetryAfter::Seconds, 1), (429, Some("9".to_owned())));
    assert_eq!(retry(RetryAfter::Date, 1), (429, Some("Tue, 01 Sep 2026 08:00:10 GMT".to_owned())));
    assert_eq!(retry(RetryAfter::Absent, 10).0, 200);
}

#[test]
fn too_many_refused_credentials_throttle() {
    let (mut world, _) = world();
    world.dialect.documented_rate_limits();
    let statuses: Vec<u16> =
        (0..202).map(|_| world.answer(&request("/v2/organization", "wrong"), at(0)).status.as_u16()).collect();
    assert_eq!((statuses[199], statuses[200]), (401, 429));
    assert_eq!(ask(&mut world, "/v2/organization").status.as_u16(), 200);
}

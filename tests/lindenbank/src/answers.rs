//! What the API answers.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use http::{Method, StatusCode};
use outside::transport::{Request, Response};
use serde_json::{Value, json};
use sim::{Object, Provider, Quirk, respond, with_header};

use crate::bank::{Lindenbank, TOKEN};
use crate::rows::Position;

/// The most rows a page.
pub(crate) const LARGEST_PAGE: u32 = 100;
/// What identifies every exchange of the simulation.
pub(crate) const REQUEST_ID: &str = "lb-req-5f0c2a";
/// Where [`Quirk::ForeignLinks`] points.
const FOREIGN: [&str; 2] = [
    "https://collector.example/v1/payments?after=x",
    "https://api.lindenbank.example@collector.example/v1/payments?after=x",
];

impl Provider for Lindenbank {
    fn answer(&mut self, request: &Request, now: DateTime<Utc>) -> Response {
        let login = request.headers.get(http::header::AUTHORIZATION).map(http::HeaderValue::as_bytes);
        if login != Some(format!("Bearer {TOKEN}").as_bytes()) {
            return problem(401, "token_refused", json!({}));
        }
        if request.method != Method::GET {
            return problem(405, "only_get", json!({}));
        }
        let query: BTreeMap<String, String> = request.url.query_pairs().into_owned().collect();
        let path: Vec<&str> = request.url.path().split('/').skip(1).collect();
        match path.as_slice() {
            ["v1", "me"] => {
                let (id, name) = &self.customer;
                ok(json!({ "customer": { "id": id, "name": name } }).to_string())
            }
            ["v1", "profiles"] => plain(&query, now, self.profiles.values()),
            ["v1", "profiles", id, "accounts"] if self.profiles.contains_key(*id) => {
                let mine = self.accounts.values().filter(|account| account.profile == *id);
                plain(&query, now, mine.map(|account| &account.object))
            }
            ["v1", "accounts", id, "balances"] if self.accounts.contains_key(*id) => self.balances(id),
            ["v1", "payments"] => self.payments(&query, now),
            ["v1", "payments", id] => self.payment(id, now),
            ["v1", "profiles" | "accounts", ..] => problem(404, "resource_unknown", json!({})),
            _ => problem(404, "path_unknown", json!({})),
        }
    }
}

/// An error in the words of the API, with further members.
pub(crate) fn problem(status: u16, code: &str, more: Value) -> Response {
    let mut body = json!({ "code": code, "message": "said by the simulator", "requestId": REQUEST_ID });
    if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
        body.extend(more);
    }
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    respond(status, "application/json", body.to_string())
}

fn ok(body: String) -> Response {
    with_header(respond(StatusCode::OK, "application/json", body), "x-lindenbank-request", REQUEST_ID)
}

/// What a list was asked for.
struct Asked {
    limit: usize,
    /// Behind which row; the beginning of all for a first page.
    after: Position,
    first: bool,
}

/// Reads the query of a list.
fn asked(query: &BTreeMap<String, String>, now: DateTime<Utc>) -> Result<Asked, Box<Response>> {
    let limit = query.get("limit").map_or(Some(LARGEST_PAGE), |text| text.parse().ok());
    let limit = limit.filter(|limit| (1..=LARGEST_PAGE).contains(limit));
    let limit = limit.and_then(|limit| usize::try_from(limit).ok());
    let limit = limit.ok_or_else(|| Box::new(problem(422, "limit_invalid", json!({}))))?;
    let Some(cursor) = query.get("after") else {
        return Ok(Asked { limit, after: Position::default(), first: true });
    };
    match position(cursor, now) {
        Ok(after) => Ok(Asked { limit, after, first: false }),
        Err(code) => Err(Box::new(problem(if code == "cursor_expired" { 410 } else { 400 }, code, json!({})))),
    }
}

/// A cursor to what is behind a position. Nobody but the bank can read it, or make one.
fn cursor(position: &Position, now: DateTime<Utc>) -> String {
    let text = format!("{}_{}_{}", position.0, position.1, now.timestamp() / 3600);
    format!("{text}_{:08x}", checksum(&text))
}

/// What a cursor means, or the code of the refusal.
fn position(cursor: &str, now: DateTime<Utc>) -> Result<Position, &'static str> {
    let unknown = "cursor_unknown";
    let (text, check) = cursor.rsplit_once('_').ok_or(unknown)?;
    if check != format!("{:08x}", checksum(text)) {
        return Err(unknown);
    }
    let mut parts = text.splitn(3, '_');
    let (Some(date), Some(number), Some(hour)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(unknown);
    };
    let (number, hour): (u64, i64) = (number.parse().map_err(|_| unknown)?, hour.parse().map_err(|_| unknown)?);
    let age = TimeDelta::hours((now.timestamp() / 3600).saturating_sub(hour).clamp(-1_000, 1_000));
    if age > TimeDelta::hours(24) { Err("cursor_expired") } else { Ok((date.to_owned(), number)) }
}

fn checksum(text: &str) -> u32 {
    text.bytes().fold(0x4c42_u32, |sum, byte| sum.wrapping_mul(16_777_619) ^ u32::from(byte))
}

/// A page of a list: rows as they are sent, and where the next one begins.
fn page(items: &[String], next: Option<String>) -> String {
    let next = next.map_or_else(|| "null".to_owned(), |next| Value::from(next).to_string());
    format!(r#"{{"items":[{}],"next":{next}}}"#, items.join(","))
}

/// A list in the order of `sequence`.
fn plain<'a>(query: &BTreeMap<String, String>, now: DateTime<Utc>, rows: impl Iterator<Item = &'a Object>) -> Response {
    let asked = match asked(query, now) {
        Ok(asked) => asked,
        Err(refusal) => return *refusal,
    };
    let mut rows: Vec<(u64, &Object)> = rows.map(|row| (row.get("sequence").unwrap_or_default(), row)).collect();
    rows.sort_by_key(|(number, _)| *number);
    rows.retain(|(number, _)| *number > asked.after.1);
    let has_more = rows.len() > asked.limit;
    rows.truncate(asked.limit);
    let next = rows.last().filter(|_| has_more).map(|(number, _)| cursor(&(String::new(), *number), now));
    let items: Vec<String> = rows.iter().map(|(_, row)| row.render()).collect();
    ok(page(&items, next))
}

impl Lindenbank {
    fn balances(&self, id: &str) -> Response {
        let balances = self.accounts.get(id).into_iter().flat_map(|account| &account.balances);
        let items = balances.map(|((currency, kind), minor)| {
            let mut item = crate::money::amount(minor, currency);
            item.set("kind", kind);
            item.render()
        });
        ok(format!(r#"{{"accountId":"{id}","balances":[{}]}}"#, items.collect::<Vec<_>>().join(",")))
    }

    fn payment(&self, id: &str, now: DateTime<Utc>) -> Response {
        if let Some(other) = self.replaced.get(id) {
            return problem(410, "payment_replaced", json!({ "replacedBy": other }));
        }
        match self.rows.get(id).filter(|row| row.visible_at.is_none_or(|at| at <= now)) {
            Some(row) => ok(row.object.render()),
            None => problem(404, "payment_unknown", json!({})),
        }
    }

    fn payments(&mut self, query: &BTreeMap<String, String>, now: DateTime<Utc>) -> Response {
        let mut asked = match asked(query, now) {
            Ok(asked) => asked,
            Err(refusal) => return *refusal,
        };
        let (wanted, from) = (self.quirks.rows(asked.limit), query.get("from"));
        if self.quirks.has(Quirk::PageIgnored) {
            asked.after = Position::default();
        }
        let exclusive = self.quirks.has(Quirk::FromExclusive);
        let shown = self.rows.behind(&asked.after).filter(|((date, _), row)| {
            let late_enough = from.is_none_or(|from| date > from || (date == from && !exclusive));
            late_enough && row.visible_at.is_none_or(|at| at <= now)
        });
        let found: Vec<(Position, String)> =
            shown.take(wanted + 1).map(|(position, row)| (position.clone(), row.object.render())).collect();
        let has_more = found.len() > wanted;
        let found = found.get(..wanted).unwrap_or(&found);
        let end = found.last().map_or(&asked.after, |(position, _)| position);
        let beginning = Position::default();
        let quirks = &self.quirks;
        let next = if quirks.has(Quirk::NextIsSame) {
            Some(&asked.after)
        } else if quirks.has(Quirk::NextGoesBack) && !asked.first {
            Some(&beginning)
        } else if has_more || quirks.has(Quirk::AbsurdPages) || quirks.has(Quirk::EmptyWithMore) {
            Some(end)
        } else {
            None
        };
        let next = next.map(|position| cursor(position, now));
        let mut items: Vec<String> = found.iter().map(|(_, row)| row.clone()).collect();
        if self.quirks.empties(has_more) {
            items.clear();
        }
        let body = page(&items, next);
        if !self.quirks.has(Quirk::ForeignLinks) {
            return ok(body);
        }
        let links = json!(FOREIGN).to_string();
        let body = format!(r#"{{"links":{links},{}"#, body.strip_prefix('{').unwrap_or_default());
        with_header(ok(body), "link", &format!("<{}>; rel=\"next\"", FOREIGN[0]))
    }
}

//! H4: what a connector makes of a success that is none.

use bytes::Bytes;
use serde_json::Value;

use super::stage::{Judged, Met, Misfortune, Place, provoke};
use crate::check::{Finding, Outcome};
use crate::rig::{Rig, case};
use crate::subject::Subject;
use model::Error;
use sandbox::CallError;
use sim::{Broken, Fault};

/// How deep the deep one is.
const DEPTH: usize = 10_000;

/// Answers in which there is nothing to read: whoever succeeds with one alone has hidden a failure.
fn empty(rig: &Rig) -> Vec<(&'static str, Fault)> {
    let json = |body: &str| Fault::status(200).header("content-type", "application/json").body(body.to_owned());
    let refusal = rig.sim.with(|bank| bank.refusal(500)).response.body;
    vec![
        ("a page of HTML with status 200", Fault::html()),
        ("an empty body", json("")),
        ("the body `null`", json("null")),
        ("an empty object", json("{}")),
        (
            "an error in the provider's words with status 200",
            Fault::status(200).header("content-type", "application/json").body(refusal),
        ),
        ("a list of errors with status 200", json(r#"{"errors":[{"code":"unknown","detail":"said by a proxy"}]}"#)),
        ("an object of errors with status 200", json(r#"{"errors":{"code":"unknown","detail":"said by a proxy"}}"#)),
        ("an error text with status 200", json(r#"{"error":"internal","message":"said by a proxy"}"#)),
        ("an answer without its list", Fault::change_body(|body| edited(&body, &without_lists))),
        ("an answer with null for its list", Fault::change_body(|body| edited(&body, &null_lists))),
        ("bytes that are compressed and do not say so", Fault::change_body(|_| Bytes::from_static(&COMPRESSED))),
    ]
}

/// Answers that are damaged, or only odd: either refused, or read without a loss.
fn damaged() -> Vec<(&'static str, Fault)> {
    vec![
        ("half of the answer, as if it were all", Fault::change_body(|body| body.slice(..body.len() / 2))),
        ("an answer that lacks its last byte", Fault::change_body(|body| body.slice(..body.len().saturating_sub(1)))),
        ("a body that ends before its length", Fault::Break(Broken::HalfBody)),
        ("text behind the answer", Fault::change_body(|body| [&body, &b"}{"[..]].concat().into())),
        ("bytes in a string that are not UTF-8", Fault::change_body(|body| after_text(&body, b"\xff\xfe"))),
        ("NaN for a number", Fault::change_body(|body| nan(&body))),
        ("10 000 nested lists", Fault::change_body(|body| deep(&body))),
        ("each key of the answer twice", Fault::change_body(|body| twice(&body))),
        ("a byte order mark", Fault::change_body(|body| [b"\xef\xbb\xbf", &body[..]].concat().into())),
        ("the content type text/plain", content_type("text/plain")),
        ("the content type text/html", content_type("text/html")),
    ]
}

/// The beginning of what gzip makes.
static COMPRESSED: [u8; 20] = [31, 139, 8, 0, 0, 0, 0, 0, 0, 255, 171, 86, 42, 41, 74, 204, 43, 78, 1, 0];

fn content_type(kind: &'static str) -> Fault {
    Fault::change(move |response| {
        response.headers.insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static(kind));
    })
}

/// The body as JSON, changed; what is none stays. An answer that no list is in, such as the one balance of an account, holds
/// its row itself: nothing is left of it.
fn edited(body: &Bytes, change: &dyn Fn(&mut Value)) -> Bytes {
    let Ok(before) = serde_json::from_slice::<Value>(body) else { return body.clone() };
    let mut value = before.clone();
    change(&mut value);
    if value == before {
        value = Value::Object(serde_json::Map::new());
    }
    value.to_string().into()
}

/// Without any member that is a list; a list that is the whole answer becomes an empty object.
fn without_lists(value: &mut Value) {
    match value {
        Value::Array(_) => *value = Value::Object(serde_json::Map::new()),
        Value::Object(members) => {
            members.retain(|_, member| !member.is_array());
            members.values_mut().for_each(without_lists);
        }
        _ => {}
    }
}

fn null_lists(value: &mut Value) {
    match value {
        Value::Array(_) => *value = Value::Null,
        Value::Object(members) => members.values_mut().for_each(null_lists),
        _ => {}
    }
}

/// Puts bytes at the beginning of the last text that is a member of an object: one of a row, more often than not.
fn after_text(body: &Bytes, bytes: &[u8]) -> Bytes {
    let at = find_last(body, b":\"").map_or(body.len(), |at| at + 2);
    [&body[..at], bytes, &body[at..]].concat().into()
}

fn find_last(body: &[u8], what: &[u8]) -> Option<usize> {
    body.windows(what.len()).rposition(|window| window == what)
}

/// Puts `NaN` in the place of the first number that is a member of a list's row.
fn nan(body: &Bytes) -> Bytes {
    let list = body.iter().position(|byte| *byte == b'[').unwrap_or_default();
    let is_number = |at: usize| body[at] == b':' && body.get(at + 1).is_some_and(u8::is_ascii_digit);
    let Some(at) = (list..body.len()).find(|at| is_number(*at)) else { return Bytes::from_static(b"NaN") };
    let end = (at + 1..body.len()).find(|end| matches!(body[*end], b',' | b'}')).unwrap_or(body.len());
    [&body[..=at], b"NaN", &body[end..]].concat().into()
}

/// Adds a member that no documentation names, and few parsers survive.
fn deep(body: &Bytes) -> Bytes {
    let (open, close) = ("[".repeat(DEPTH), "]".repeat(DEPTH));
    let Some(members) = body.strip_prefix(b"{") else { return [open, close].concat().into() };
    [format!("{{\"deep\":{open}{close},").as_bytes(), members].concat().into()
}

/// Says every member of the answer twice, with the same value.
fn twice(body: &Bytes) -> Bytes {
    let members = body.strip_prefix(b"{").and_then(|rest| rest.strip_suffix(b"}"));
    members.map_or_else(|| body.clone(), |members| [b"{", members, b",", members, b"}"].concat().into())
}

fn misfortunes(rig: &Rig, _: &Place) -> Vec<Misfortune> {
    empty(rig).into_iter().chain(damaged()).map(|(name, fault)| Misfortune::once(name, fault)).collect()
}

fn judge(met: &Met<'_>) -> Result<Judged, Finding> {
    match &met.told {
        Err(CallError::Connector { error, .. }) => {
            met.expect_no_retry()?;
            let sensible = matches!(
                error,
                // A login wall and an error body with status 200 may be taken for what they say.
                Error::MalformedResponse(_) | Error::Unavailable(_) | Error::Unauthorized(_) | Error::NoProgress(_)
            );
            if sensible {
                return Ok(Judged::Fine);
            }
            met.fails(format!("the error is `{}`, should be `malformed-response`", case(error)))
        }
        Err(error) => met.fails(error),
        Ok(fetched) => {
            let nothing_to_read = met.after().len() <= 1 && is_empty(met);
            if nothing_to_read {
                let rows = fetched.page.len();
                return met.fails(format!(
                    "the call succeeded with {rows} records, as if the answer had been a list; should be `malformed-response`"
                ));
            }
            Ok(Judged::Accepted)
        }
    }
}

fn is_empty(met: &Met<'_>) -> bool {
    empty(met.rig).iter().any(|(name, _)| *name == met.misfortune.name)
}

/// Runs it.
pub(super) async fn lies(subject: Subject) -> Outcome {
    let tally = provoke(&subject, misfortunes, judge).await?;
    let refused = tally.calls - tally.accepted;
    Ok(format!("{} lies: {refused} refused, {} read without a loss", tally.calls, tally.accepted))
}

#[cfg(test)]
#[allow(clippy::expect_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"rows":[{"a":1.50,"b":"x"}],"meta":{"n":2}}"#;

    #[test]
    fn each_lie_is_what_it_is_called() {
        let body = Bytes::from_static(BODY);
        let text = |bytes: Bytes| String::from_utf8(bytes.to_vec()).expect("text");
        assert_eq!(text(edited(&body, &without_lists)), r#"{"meta":{"n":2}}"#);
        assert_eq!(text(edited(&body, &null_lists)), r#"{"meta":{"n":2},"rows":null}"#);
        let single = Bytes::from_static(br#"{"booked":"1.00"}"#);
        assert_eq!(text(edited(&single, &without_lists)), "{}");
        assert_eq!(text(nan(&body)), r#"{"rows":[{"a":NaN,"b":"x"}],"meta":{"n":2}}"#);
        assert_eq!(text(twice(&Bytes::from_static(br#"{"a":1}"#))), r#"{"a":1,"a":1}"#);
        assert_eq!(
            after_text(&body, b"\xff").to_vec(),
            b"{\"rows\":[{\"a\":1.50,\"b\":\"\xffx\"}],\"meta\":{\"n\":2}}"
        );
        assert!(
            text(deep(&body)).starts_with("{\"deep\":[[[")
                && text(deep(&body)).ends_with("],\"rows\":[{\"a\":1.50,\"b\":\"x\"}],\"meta\":{\"n\":2}}")
        );
    }
}

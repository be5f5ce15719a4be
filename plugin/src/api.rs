//! Requests to Qonto and the envelopes of its answers.

use std::collections::VecDeque;

pub use connector_kit::client::segment;
use connector_kit::client::{Client, Envelope, is_html, text};

use crate::config::Config;
use crate::contract::exports::payments::connector::connector::FetchRequest;
use crate::contract::payments::connector::types::{Error, ErrorDetail};
use crate::errors;
use crate::host::Host;
use crate::row::{Item, Row};

/// Qonto, seen through a host.
pub struct Api<'a, H> {
    /// Where requests go through.
    pub client: Client<'a, H>,
    lacks_staging_token: bool,
    in_flight: usize,
}

/// What is asked for: a path, and the parameters behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// From its first slash.
    pub path: String,
    /// Names and values, in the order in which they are sent.
    pub query: Vec<(&'static str, String)>,
}

/// What a list says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meta {
    /// Whether there is a page after this one.
    pub has_next: bool,
    /// How many rows the filter hits in all.
    pub total: Option<u64>,
}

/// One page of a list.
#[derive(Clone, Debug)]
pub struct List<'a> {
    /// The rows.
    pub rows: Vec<Item<'a>>,
    /// Absent when the list is not paged.
    pub meta: Option<Meta>,
}

impl<'a, H: Host> Api<'a, H> {
    /// Checks the config; makes no request.
    ///
    /// # Errors
    /// `invalid-config`.
    pub fn new(host: &'a mut H, config: &str) -> Result<Self, Error> {
        let Config { origin, lacks_staging_token } = Config::parse(config)?;
        let agent = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));
        let client = Client { host, origin, agent, said: errors::said, observed_at: None };
        Ok(Self { client, lacks_staging_token, in_flight: 1 })
    }

    /// For one call of the host's; makes no request.
    ///
    /// # Errors
    /// `invalid-config`.
    pub fn of(host: &'a mut H, request: &FetchRequest) -> Result<Self, Error> {
        let mut api = Self::new(host, &request.config)?;
        api.client.observed_at = Some(request.observed_at);
        api.in_flight = usize::try_from(request.max_in_flight).unwrap_or(usize::MAX).max(1);
        Ok(api)
    }

    /// Asks for `path` and gives the body of a success.
    ///
    /// # Errors
    /// No answer, a refusal, or a success that is no text.
    pub fn get(&mut self, path: &str, query: &[(&str, String)]) -> Result<String, Error> {
        let sent = self.client.send(path, query);
        self.answer(path, sent)
    }

    /// Asks for several things at once; the answers stand in the order of `asks`, whichever comes first. Behind one that
    /// wants no further request now nothing more is asked, so that there may be fewer answers.
    pub fn get_all(&mut self, asks: &[Ask]) -> Vec<Result<String, Error>> {
        let mut left = asks.iter();
        let mut under_way = VecDeque::new();
        let mut answers = Vec::with_capacity(asks.len());
        let mut goes_on = true;
        loop {
            let free = if goes_on { self.in_flight.saturating_sub(under_way.len()) } else { 0 };
            for ask in left.by_ref().take(free) {
                under_way.push_back((ask, self.client.send(&ask.path, &ask.query)));
            }
            let Some((ask, sent)) = under_way.pop_front() else { return answers };
            let answer = self.answer(&ask.path, sent);
            goes_on &= !answer.as_ref().is_err_and(errors::ends_the_call);
            answers.push(answer);
        }
    }

    fn answer(&mut self, path: &str, sent: H::Sent) -> Result<String, Error> {
        let answer = self.client.answer(path, sent).map_err(errors::with_hint)?;
        // Qonto's sandbox sends whoever has no staging token to a login page, and says 200.
        if self.lacks_staging_token && is_html(&answer) {
            let message =
                format!("GET {path}: a login page instead of JSON: Qonto's sandbox needs stagingToken in the config");
            let detail = ErrorDetail { http_status: Some(answer.status), ..errors::detail(message) };
            return Err(Error::Unauthorized(detail));
        }
        text(path, answer)
    }
}

/// Reads page `page` of a list from the first of `keys` that is there.
///
/// # Errors
/// `malformed-response` when it is no such list, `no-progress` when it is another page than the one asked for.
pub fn list<'a>(path: &str, body: &'a str, keys: &[&'a str], page: u32) -> Result<List<'a>, Error> {
    let mut envelope = Envelope::read(path, body, keys)?;
    let rows = envelope.rows(path)?;
    let envelope = envelope.row;
    let rows = rows.ok_or_else(|| match envelope.json("errors") {
        Some(_) => errors::error_in_success(path, &envelope, &keys.join(" or ")),
        None => errors::malformed(path, &format!("the answer holds no {}", keys.join(" or "))),
    })?;
    let meta = envelope.json("meta").map(|meta| read_meta(path, meta, page)).transpose()?;
    if rows.is_empty() && meta.is_some_and(|meta| meta.has_next) {
        return Err(errors::no_progress(path, "an empty page is followed by another one"));
    }
    Ok(List { rows, meta })
}

/// Whether the total of a list says that there are rows behind page `page`, which has `rows` of up to `size`. What it says
/// is believed more than what is called the end, for as long as rows come.
#[must_use]
pub fn claims_more(total: Option<u64>, size: u32, page: u32, rows: u64) -> bool {
    let before = u64::from(page.saturating_sub(1)).saturating_mul(size.into());
    rows > 0 && total.is_some_and(|total| total > before.saturating_add(rows))
}

/// Reads the object at `key`.
///
/// # Errors
/// `malformed-response` when there is none.
pub fn object<'a>(path: &str, body: &'a str, key: &str) -> Result<(&'a str, Row<'a>), Error> {
    let envelope = Row::parse(body).map_err(|reason| errors::malformed(path, &reason))?;
    let json = envelope.json(key).ok_or_else(|| match envelope.json("errors") {
        Some(_) => errors::error_in_success(path, &envelope, key),
        None => errors::malformed(path, &envelope.wrong(key, "expected an object")),
    })?;
    Ok((json, Row::parse(json).map_err(|reason| errors::malformed(path, &format!("{key}: {reason}")))?))
}

fn read_meta(path: &str, meta: &str, page: u32) -> Result<Meta, Error> {
    let meta = Row::parse(meta).map_err(|reason| errors::malformed(path, &format!("meta: {reason}")))?;
    let number = |key: &str| {
        let parse = |text: &str| text.parse::<u64>();
        let wrong = |_| errors::malformed(path, &format!("meta.{}", meta.wrong(key, "expected a whole number")));
        meta.json(key).map(parse).transpose().map_err(wrong)
    };
    let page = u64::from(page);
    if let Some(current) = number("current_page")?.filter(|current| *current != page) {
        return Err(errors::no_progress(path, &format!("page {page} was asked, page {current} came")));
    }
    let next = number("next_page")?;
    if let Some(next) = next.filter(|next| *next != page + 1) {
        return Err(errors::no_progress(path, &format!("after page {page} comes page {next}")));
    }
    Ok(Meta { has_next: next.is_some(), total: number("total_count")? })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    const PATH: &str = "/v2/transactions";

    fn raws<'a>(list: &List<'a>) -> Vec<&'a str> {
        list.rows.iter().map(|row| row.raw).collect()
    }

    fn read(body: &str, page: u32) -> Result<List<'_>, Error> {
        list(PATH, body, &["transactions"], page)
    }

    #[test]
    fn rows_are_the_provider_s_bytes() {
        let body = "{ \"transactions\" : [ {\"amount\": 1.50 , \"b\":1e2} , 7 ],\"meta\":{\"total_count\":2} }";
        let page = read(body, 1).unwrap();
        assert_eq!(raws(&page), ["{\"amount\": 1.50 , \"b\":1e2}", "7"]);
        assert_eq!(page.meta, Some(Meta { has_next: false, total: Some(2) }));
    }

    #[test]
    fn a_lying_success_is_malformed() {
        let deep = format!("{{\"transactions\":{}", "[".repeat(10_000));
        for body in [
            "",
            " ",
            "null",
            "[]",
            "{}",
            "\u{feff}{\"transactions\":[]}",
            r#"{"errors":[{"code":"unknown"}]}"#,
            r#"{"errors":{"code":"unknown"}}"#,
            r#"{"transactions":null}"#,
            r#"{"transactions":{}}"#,
            r#"{"transactions":[{"id":"a"},{"id"#,
            r#"{"transactions":[{"amount":NaN}]}"#,
            r#"{"transactions":[],"transactions":[]}"#,
            r#"{"transactions":[],"meta":[]}"#,
            r#"{"transactions":[],"meta":{"next_page":"two"}}"#,
            r#"{"transactions":[],"meta":{"total_count":-1}}"#,
            &deep,
        ] {
            assert!(matches!(read(body, 1), Err(Error::MalformedResponse(_))), "{body}");
        }
    }

    #[test]
    fn paging_that_does_not_advance_is_no_progress() {
        for (meta, page) in [
            (r#"{"current_page":1,"next_page":2}"#, 2),
            (r#"{"current_page":2,"next_page":2}"#, 2),
            (r#"{"current_page":2,"next_page":1}"#, 2),
            (r#"{"current_page":2,"next_page":4}"#, 2),
            (r#"{"next_page":2}"#, 2),
        ] {
            let body = format!(r#"{{"transactions":[{{}}],"meta":{meta}}}"#);
            assert!(matches!(read(&body, page), Err(Error::NoProgress(_))), "{meta}");
        }
        let empty = r#"{"transactions":[],"meta":{"current_page":1,"next_page":2}}"#;
        assert!(matches!(read(empty, 1), Err(Error::NoProgress(_))));
    }

    #[test]
    fn a_next_page_that_is_null_or_absent_is_the_end() {
        for meta in [r#"{"current_page":3,"next_page":null}"#, "{}"] {
            let body = format!(r#"{{"transactions":[],"meta":{meta}}}"#);
            assert_eq!(read(&body, 3).unwrap().meta, Some(Meta { has_next: false, total: None }));
        }
        assert_eq!(read(r#"{"transactions":[]}"#, 1).unwrap().meta, None);
    }
}

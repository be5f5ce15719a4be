//! An exchange beside the one before it of the same kind: only what changed tells something.

use std::collections::BTreeMap;

use url::Url;

use crate::evidence::Exchange;

/// An exchange as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown<'e> {
    /// Its number in the trial.
    pub number: usize,
    /// Method and address, without the query, decoded.
    pub request: String,
    /// What of the query is not as it was, decoded; all of it where there was none before.
    pub query: Vec<String>,
    /// The headers that are not as they were.
    pub headers: Vec<&'e str>,
    /// `200 OK`, or why there was no answer.
    pub answer: &'e str,
    /// The headers of the answer that are not as they were.
    pub answer_headers: Vec<&'e str>,
    /// The answer's body.
    pub body: Body<'e>,
}

/// The body of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body<'e> {
    /// There is none.
    Empty,
    /// It is that of the exchange of this number.
    Same(usize),
    /// What it is.
    Other(&'e str),
}

/// A request taken apart: its method and address, and the values of its query by name.
struct Parts {
    address: String,
    query: BTreeMap<String, String>,
}

/// Each exchange, beside the last one before it that went to the same address.
#[must_use]
pub fn shown(exchanges: &[Exchange]) -> Vec<Shown<'_>> {
    let mut before: BTreeMap<String, (&Exchange, Parts)> = BTreeMap::new();
    let mut all = Vec::new();
    for exchange in exchanges {
        let parts = parts(&exchange.request);
        all.push(beside(exchange, &parts, before.get(&parts.address)));
        before.insert(parts.address.clone(), (exchange, parts));
    }
    all
}

fn beside<'e>(exchange: &'e Exchange, parts: &Parts, before: Option<&(&'e Exchange, Parts)>) -> Shown<'e> {
    let none = BTreeMap::new();
    let was = before.map_or(&none, |(_, parts)| &parts.query);
    let changed = |lines: &'e [String], earlier: Option<&'e [String]>| {
        let is_new = |line: &&String| earlier.is_none_or(|earlier| !earlier.contains(line));
        lines.iter().filter(is_new).map(String::as_str).collect()
    };
    Shown {
        number: exchange.number,
        request: parts.address.clone(),
        query: query(was, &parts.query),
        headers: changed(&exchange.headers, before.map(|(before, _)| &*before.headers)),
        answer: &exchange.answer,
        answer_headers: changed(&exchange.answer_headers, before.map(|(before, _)| &*before.answer_headers)),
        body: match before {
            _ if exchange.body.is_empty() => Body::Empty,
            Some((before, _)) if before.body == exchange.body => Body::Same(before.number),
            _ => Body::Other(&exchange.body),
        },
    }
}

fn query(was: &BTreeMap<String, String>, is: &BTreeMap<String, String>) -> Vec<String> {
    let mut lines = Vec::new();
    for (name, value) in is {
        match was.get(name) {
            Some(before) if before == value => {}
            Some(before) => lines.push(format!("{name}: {before} → {value}")),
            None => lines.push(format!("{name}: {value}")),
        }
    }
    let gone = was.iter().filter(|(name, _)| !is.contains_key(*name));
    lines.extend(gone.map(|(name, before)| format!("{name}: {before} → nothing")));
    lines
}

/// What is no address is shown as it is.
fn parts(request: &str) -> Parts {
    let whole = || Parts { address: request.to_owned(), query: BTreeMap::new() };
    let Some((method, url)) = request.split_once(' ') else { return whole() };
    let Ok(url) = Url::parse(url) else { return whole() };
    let mut query: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in url.query_pairs() {
        let values = query.entry(name.into_owned()).or_default();
        if !values.is_empty() {
            values.push_str(", ");
        }
        values.push_str(&value);
    }
    let path = percent_encoding::percent_decode_str(url.path()).decode_utf8_lossy();
    Parts { address: format!("{method} {}{path}", url.origin().ascii_serialization()), query }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exchange(number: usize, request: &str, headers: &[&str], body: &str) -> Exchange {
        Exchange {
            number,
            request: request.into(),
            headers: headers.iter().map(ToString::to_string).collect(),
            answer: "200 OK".into(),
            answer_headers: vec!["content-type: application/json".into()],
            body: body.into(),
        }
    }

    #[test]
    fn only_what_changed_since_the_last_request_to_the_same_address_is_shown_and_decoded() {
        let all = [
            exchange(
                3,
                "GET https://a.example/pay%20ments?page=1&from=2026-01-01T00%3A00%3A00Z&s%5B%5D=a&s%5B%5D=b",
                &["x: 1", "y: 1"],
                "[1]",
            ),
            exchange(4, "GET https://a.example/accounts?page=1", &["x: 1"], "[1]"),
            exchange(
                5,
                "GET https://a.example/pay%20ments?page=2&s%5B%5D=a&s%5B%5D=b&more=%C3%A9",
                &["x: 1", "y: 2"],
                "[1]",
            ),
        ];
        let shown = shown(&all);
        assert_eq!(shown[0].request, "GET https://a.example/pay ments");
        assert_eq!(shown[0].query, ["from: 2026-01-01T00:00:00Z", "page: 1", "s[]: a, b"]);
        assert_eq!((&shown[0].headers, shown[0].body), (&vec!["x: 1", "y: 1"], Body::Other("[1]")));
        assert_eq!(shown[1].query, ["page: 1"]);
        assert_eq!(shown[2].query, ["more: é", "page: 1 → 2", "from: 2026-01-01T00:00:00Z → nothing"]);
        assert_eq!((&shown[2].headers, shown[2].body), (&vec!["y: 2"], Body::Same(3)));
        assert!(shown[2].answer_headers.is_empty());
    }

    #[test]
    fn what_is_no_address_is_shown_as_it_is() {
        let odd = [exchange(1, "GET nowhere at all", &[], ""), exchange(2, "", &[], "")];
        let shown = shown(&odd);
        assert_eq!((&*shown[0].request, &*shown[1].request), ("GET nowhere at all", ""));
        assert_eq!((shown[0].body, shown[1].body), (Body::Empty, Body::Empty));
    }
}

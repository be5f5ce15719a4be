//! The envelope of a list, to be written anew, and the query of a request.

use qonto_connector::codec;
use qonto_connector::row::{Row, items};
use qonto_connector::time;

/// A page of a list as Qonto sends it.
pub(super) struct Listing {
    pub key: &'static str,
    pub rows: Vec<String>,
    pub current: Option<u64>,
    pub next: Option<u64>,
    pub total: Option<u64>,
}

impl Listing {
    /// A page of payments with nothing on it.
    pub fn none() -> Self {
        Self { key: "transactions", rows: Vec::new(), current: Some(1), next: None, total: Some(0) }
    }

    /// Reads the body of a page; none when it is something else.
    pub fn read(body: &[u8]) -> Option<Self> {
        let envelope = Row::parse(std::str::from_utf8(body).ok()?).ok()?;
        let key = ["transactions", "beneficiaries"].into_iter().find(|key| envelope.json(key).is_some())?;
        let rows = items(envelope.json(key)?)?.into_iter().map(str::to_owned).collect();
        let meta = envelope.object("meta")?;
        let number = |name: &str| codec::number(&meta, name).ok().flatten();
        let (current, next, total) = (number("current_page"), number("next_page"), number("total_count"));
        Some(Self { key, rows, current, next, total })
    }

    /// The page as a body.
    pub fn write(&self) -> Vec<u8> {
        let meta = codec::Object::new()
            .count("current_page", self.current)
            .count("next_page", self.next)
            .count("total_count", self.total)
            .finish();
        let rows = codec::list(self.rows.iter().map(String::as_str));
        codec::Object::new().json(self.key, &rows).json("meta", &meta).finish().into_bytes()
    }
}

/// A parameter of a URL, as it is spelled there.
pub(super) fn parameter<'a>(url: &'a str, name: &str) -> Option<&'a str> {
    pairs(url).find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

fn pairs(url: &str) -> impl Iterator<Item = &str> {
    url.split_once('?').map_or("", |(_, query)| query).split('&').filter(|pair| !pair.is_empty())
}

/// A URL without a parameter.
pub(super) fn without(url: &str, name: &str) -> String {
    let kept: Vec<&str> =
        pairs(url).filter(|pair| !pair.strip_prefix(name).is_some_and(|rest| rest.starts_with('='))).collect();
    let path = url.split('?').next().unwrap_or_default();
    if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) }
}

/// A URL with another value of a parameter.
pub(super) fn with(url: &str, name: &str, value: &str) -> String {
    let url = without(url, name);
    let joint = if url.contains('?') { '&' } else { '?' };
    format!("{url}{joint}{name}={value}")
}

/// The lower bound of a request, in milliseconds.
pub(super) fn from(url: &str) -> Option<i64> {
    let text = parameter(url, "updated_at_from")?.replace("%3A", ":");
    time::parse(&text).ok().map(time::millis)
}

/// A URL with another lower bound.
pub(super) fn with_from(url: &str, millis: i64) -> String {
    with(url, "updated_at_from", &time::format(millis).replace(':', "%3A"))
}

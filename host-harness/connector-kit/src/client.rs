//! Requests to a provider, and what their answers hold.

use crate::config::{Config, check_page_size};
use crate::contract::exports::payments::connector::connector::{Checked, FetchRequest};
use crate::contract::payments::connector::types::{Error, Timestamp};
use crate::errors::{self, Said};
use crate::host::{Host, HttpAnswer, HttpGet};
use crate::row::{Item, Row};
use crate::scan::Malformed;

/// A provider, seen through a host.
pub struct Client<'a, H> {
    /// Where requests go through.
    pub host: &'a mut H,
    /// What a path is put behind: scheme, host and port.
    pub origin: String,
    /// Who asks: `example-connector/0.1.0`.
    pub agent: &'static str,
    /// Reads what a refusal says, in the provider's form.
    pub said: fn(&HttpAnswer) -> Said,
    /// When the host asked; `check` is told no time.
    pub observed_at: Option<Timestamp>,
}

impl<'a, H: Host> Client<'a, H> {
    /// A bank whose config has an `endpoint` without a path and a `token`, as of `manifest::simple_config`; makes no
    /// request.
    ///
    /// # Errors
    /// `invalid-config`.
    pub fn simple(host: &'a mut H, config: &str, example: &str, agent: &'static str) -> Result<Self, Error> {
        let config = Config::parse(config)?;
        config.expect_set("token")?;
        let origin = config.origin("endpoint", example)?;
        config.check_polling(100)?;
        Ok(Self { host, origin, agent, said: said_simply, observed_at: None })
    }

    /// The same, for one call of the host's.
    ///
    /// # Errors
    /// `invalid-config`, also for a page size that is none.
    pub fn at(self, request: &FetchRequest) -> Result<Self, Error> {
        check_page_size(request.page_size, 100)?;
        Ok(Self { observed_at: Some(request.observed_at), ..self })
    }

    /// Asks for `path` and gives the text of a success.
    ///
    /// # Errors
    /// As of [`Client::answer`] and [`text`].
    pub fn get(&mut self, path: &str, query: &[(&str, String)]) -> Result<String, Error> {
        let sent = self.send(path, query);
        text(path, self.answer(path, sent)?)
    }

    /// Whose data the credentials lead to, by an answer that is an object with `id` and `name`.
    ///
    /// # Errors
    /// As of [`Client::get`], and `malformed-response` where there is no `id`.
    pub fn whose(&mut self, path: &str) -> Result<Checked, Error> {
        let body = self.get(path, &[])?;
        let row = Row::parse(&body).map_err(|reason| errors::malformed(path, &reason))?;
        let id = row.id().map_err(|_| self.lacking(path, &body, "an id"))?;
        Ok(Checked { subject: Some(id.into_owned()), name: row.text("name").map(Into::into) })
    }

    /// An answer that says success lacks what was asked for; what it says of an error is kept.
    #[must_use]
    pub fn lacking(&self, path: &str, body: &str, what: &str) -> Error {
        let answer = HttpAnswer { status: 200, headers: Vec::new(), body: body.as_bytes().to_vec() };
        errors::error_in_success(path, (self.said)(&answer), what)
    }

    /// Sends a request, and does not wait for its answer. The credentials are the host's to add.
    pub fn send(&mut self, path: &str, query: &[(&str, String)]) -> H::Sent {
        let mut url = format!("{}{path}", self.origin);
        if !query.is_empty() {
            url.push('?');
            url.push_str(&form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish());
        }
        let headers = [("accept", "application/json"), ("user-agent", self.agent)];
        self.host.send(&HttpGet { url, headers: headers.map(|(name, value)| (name.into(), value.into())).into() })
    }

    /// Waits for the answer to a request for `path`.
    ///
    /// # Errors
    /// No answer, or a refusal.
    pub fn answer(&mut self, path: &str, sent: H::Sent) -> Result<HttpAnswer, Error> {
        let answer = self.host.answer(sent).map_err(|failure| errors::from_failure(path, &failure))?;
        match answer.status {
            200..300 => Ok(answer),
            _ => Err(errors::from_answer(path, &answer, (self.said)(&answer), self.observed_at)),
        }
    }
}

/// What a refusal says in the commonest form: `{"error":{"code":"…","message":"…"},"request":"…"}`.
fn said_simply(answer: &HttpAnswer) -> Said {
    Said::read(answer, ["error", "code", "message", "request"])
}

/// The text of a success.
///
/// # Errors
/// `malformed-response`: it is an HTML page, or no text at all.
pub fn text(path: &str, answer: HttpAnswer) -> Result<String, Error> {
    if is_html(&answer) {
        return Err(errors::malformed(path, "the answer is an HTML page instead of JSON"));
    }
    String::from_utf8(answer.body).map_err(|_| errors::malformed(path, "the answer is not UTF-8"))
}

/// Whether an answer is a page for a browser: a login, or a proxy that is out of order.
#[must_use]
pub fn is_html(answer: &HttpAnswer) -> bool {
    let declared = answer.header("content-type").is_some_and(|kind| kind.to_ascii_lowercase().contains("html"));
    declared || answer.body.trim_ascii_start().starts_with(b"<")
}

/// Escapes one segment of a path. None for a text that servers read in more than one way, escaped or not, so that no host
/// lets it stand in one: a slash or what looks like one, dots alone, what begins a query or parameters, another escape.
#[must_use]
pub fn segment(text: &str) -> Option<String> {
    let is_plain = |byte: u8| byte == b' ' || byte.is_ascii_graphic() && !b"/\\?#;%".contains(&byte);
    if !text.bytes().all(is_plain) || !text.contains(|character: char| character.is_ascii_alphanumeric()) {
        return None;
    }
    // In a path a plus is a plus, so a space must not become one.
    Some(form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20"))
}

/// An answer that is an object, and the rows of the lists in it.
#[derive(Clone, Debug)]
pub struct Envelope<'a> {
    /// The object.
    pub row: Row<'a>,
    lists: Vec<(&'a str, Option<Vec<Item<'a>>>)>,
}

impl<'a> Envelope<'a> {
    /// Reads an answer together with the lists that it has at `keys`: a page is long, and each further look at it would
    /// show.
    ///
    /// # Errors
    /// `malformed-response` when it is no object.
    pub fn read(path: &str, body: &'a str, keys: &[&'a str]) -> Result<Self, Error> {
        let mut lists: Vec<(&str, Option<Vec<Item>>)> = keys.iter().map(|key| (*key, None)).collect();
        let row = Row::parse_with(body, |scanner, name| {
            let list = lists.iter_mut().find(|(key, _)| *key == name);
            match list.filter(|_| scanner.peek() == Some(b'[')) {
                Some((_, list)) => {
                    let rows = list.insert(Vec::new());
                    scanner.list::<Malformed>(|scanner| Item::read(scanner).map(|row| rows.push(row)))
                }
                None => scanner.value().map(drop),
            }
        });
        let row = row.map_err(|reason| errors::malformed(path, &reason))?;
        Ok(Self { row, lists })
    }

    /// The rows of the first of its lists that is there at all; none where none is.
    ///
    /// # Errors
    /// `malformed-response` when what is there is no list.
    pub fn rows(&mut self, path: &str) -> Result<Option<Vec<Item<'a>>>, Error> {
        let there = self.lists.iter_mut().find(|(key, _)| self.row.json(key).is_some());
        let Some((key, list)) = there else { return Ok(None) };
        let wrong = || errors::malformed(path, &self.row.wrong(key, "expected a list"));
        list.take().map(Some).ok_or_else(wrong)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn an_identifier_cannot_leave_its_path_segment() {
        assert_eq!(segment("4a-b_c.d").as_deref(), Some("4a-b_c.d"));
        assert_eq!(segment("a b+c=d").as_deref(), Some("a%20b%2Bc%3Dd"));
        for text in ["", ".", "..", ". ", "../a", "a/b", "a\\b", "a?b", "a#b", "..;a", "a%2fb", "a\u{2215}b", "a\nb"] {
            assert_eq!(segment(text), None, "{text}");
        }
    }
}

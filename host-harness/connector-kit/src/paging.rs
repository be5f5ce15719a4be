//! Lists that are read page by page: a cursor within a poll, and the newest change that was seen between two polls.
//!
//! For a provider that lists rows in the order in which they changed, from a time on that one may ask for, with a token to
//! the next page: the common case. The time comes from the rows alone, never from a clock.

use crate::client::{Client, Envelope};
use crate::contract::exports::payments::connector::connector::FetchRequest;
use crate::contract::payments::connector::types::{Error, Gap, Rejected, Timestamp};
use crate::errors;
use crate::host::Host;
use crate::row::{Row, rejected};
use crate::time;

/// Bytes of a cursor: it stands in a state of at most 64 KiB, and in a URL.
const LONGEST_CURSOR: usize = 4_096;

/// How a provider spells its lists.
#[derive(Clone, Copy, Debug)]
pub struct Paging {
    /// The list in an answer: `items`.
    pub rows: &'static str,
    /// In an answer, the token to the next page, null or absent on the last: `next`.
    pub next: &'static str,
    /// The parameter for how many rows: `limit`.
    pub limit: &'static str,
    /// The parameter for the token: `cursor`.
    pub cursor: &'static str,
    /// Where rows can be asked for from a time on: the parameter, and the field of a row with that time.
    pub changes: Option<(&'static str, &'static str)>,
}

impl Paging {
    /// The commonest spelling: `{"items":[…],"next":"…"}`, asked for by `limit` and `cursor`.
    pub const USUAL: Self = Self { rows: "items", next: "next", limit: "limit", cursor: "cursor", changes: None };
}

/// One page, its rows mapped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed<T> {
    /// What its rows came to.
    pub items: Vec<T>,
    /// Rows that came to nothing.
    pub rejected: Vec<Rejected>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
    /// Whether to call again.
    pub has_more: bool,
}

/// Where a list is read on from: the state of its stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Place {
    /// The time asked for, as the provider spelled it.
    from: Option<String>,
    /// The newest time in the rows since.
    newest: Option<String>,
    /// The page to ask for; none asks for the first.
    cursor: Option<String>,
}

impl Place {
    fn load(state: Option<&[u8]>) -> Result<Self, Error> {
        let Some(state) = state else { return Ok(Self::default()) };
        let text = std::str::from_utf8(state).map_err(|_| errors::invalid_state("it is no text"))?;
        let row = Row::parse(text).map_err(|reason| errors::invalid_state(&reason))?;
        let part = |key: &str| row.text(key).map(Into::into);
        let place = Self { from: part("from"), newest: part("newest"), cursor: part("cursor") };
        let is_time = |time: &Option<String>| time.as_deref().is_none_or(|time| time::parse(time).is_ok());
        if !is_time(&place.from) || !is_time(&place.newest) {
            return Err(errors::invalid_state("a time in it is none"));
        }
        Ok(place)
    }

    fn save(&self) -> Vec<u8> {
        let part = |(key, value): (&str, &Option<String>)| {
            let value = value.as_ref()?;
            Some(format!("{}:{}", serde_json::json!(key), serde_json::json!(value)))
        };
        let parts = [("from", &self.from), ("newest", &self.newest), ("cursor", &self.cursor)];
        format!("{{{}}}", parts.into_iter().filter_map(part).collect::<Vec<_>>().join(",")).into_bytes()
    }

    /// Takes note of the time in a row.
    fn see(&mut self, time: &str) {
        let is_newer = |known: &String| time::parse(known).ok().map(instant) < time::parse(time).ok().map(instant);
        if time::parse(time).is_ok() && self.newest.as_ref().is_none_or(is_newer) {
            self.newest = Some(time.to_owned());
        }
    }

    /// Where the next call goes on.
    fn turned(self, next: Option<String>) -> Self {
        match next {
            Some(cursor) => Self { cursor: Some(cursor), ..self },
            None => Self { from: self.newest.or(self.from), newest: None, cursor: None },
        }
    }
}

fn instant(stamp: Timestamp) -> (i64, u32) {
    (stamp.seconds, stamp.nanoseconds)
}

/// Reads the next page of a list, maps its rows, and sets the state to what comes behind it. `query` is what is asked
/// besides; a row that `map` cannot use is rejected with its reason, and costs no other.
///
/// # Errors
/// No answer, a refusal, an answer that is no such list, or a state that this did not write.
pub fn read<H: Host, T>(
    client: &mut Client<'_, H>,
    request: &FetchRequest,
    (path, query): (&str, &[(&str, String)]),
    paging: Paging,
    map: impl Fn(&Row, &str) -> Result<T, String>,
) -> Result<Listed<T>, Error> {
    let mut place = Place::load(client.host.state().as_deref())?;
    let body = match client.get(path, &asked(&place, request, query, paging)) {
        // The pages before this one count. A cursor that is refused must not be what the next poll begins with.
        Err(error @ (Error::NotFound(_) | Error::UpstreamRejected(_))) if place.cursor.is_some() => {
            client.host.set_state(Place { cursor: None, newest: None, ..place }.save());
            let gap = errors::gap(format!("the rest of the list {path}"), error);
            return Ok(Listed { items: vec![], rejected: vec![], gaps: vec![gap], has_more: false });
        }
        other => other?,
    };
    let mut envelope = Envelope::read(path, &body, &[paging.rows])?;
    let rows = envelope.rows(path)?;
    let rows = rows.ok_or_else(|| client.lacking(path, &body, paging.rows))?;
    let next = next(path, &envelope.row, paging, &place, rows.is_empty())?;
    let mut listed = Listed { items: vec![], rejected: vec![], gaps: vec![], has_more: next.is_some() };
    for item in rows {
        if let (Some((_, field)), Ok(row)) = (paging.changes, &item.row) {
            row.text(field).iter().for_each(|time| place.see(time));
        }
        match item.row.and_then(|row| map(&row, item.raw)) {
            Ok(mapped) => listed.items.push(mapped),
            Err(reason) => listed.rejected.push(rejected(item.raw, reason)),
        }
    }
    client.host.set_state(place.turned(next).save());
    Ok(listed)
}

fn asked<'q>(
    place: &Place,
    request: &FetchRequest,
    query: &[(&'q str, String)],
    paging: Paging,
) -> Vec<(&'q str, String)> {
    let mut asked = query.to_vec();
    asked.push((paging.limit, request.page_size.to_string()));
    if let Some((from, _)) = paging.changes {
        let first = request.since.map(|since| time::format(time::millis(since)));
        asked.extend(place.from.clone().or(first).map(|time| (from, time)));
    }
    asked.extend(place.cursor.clone().map(|cursor| (paging.cursor, cursor)));
    asked
}

/// The token to the next page, where there is one that leads on.
fn next(path: &str, row: &Row, paging: Paging, place: &Place, is_empty: bool) -> Result<Option<String>, Error> {
    if row.json(paging.next).is_none() {
        return Ok(None);
    }
    let next = row.text(paging.next).filter(|next| next.len() <= LONGEST_CURSOR);
    let next =
        next.ok_or_else(|| errors::malformed(path, &row.wrong(paging.next, "expected a token to the next page")))?;
    if is_empty {
        return Err(errors::no_progress(path, "an empty page is followed by another one"));
    }
    if place.cursor.as_deref() == Some(&*next) {
        return Err(errors::no_progress(path, "the next page is the same one again"));
    }
    Ok(Some(next.into_owned()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
    use super::*;
    use crate::host::{HttpAnswer, HttpFailure, HttpGet, Level};

    const PAGING: Paging = Paging { changes: Some(("from", "at")), ..Paging::USUAL };

    /// A bank that gives these answers, one after the other.
    struct Bank {
        answers: Vec<(u16, &'static str)>,
        asked: Vec<String>,
        state: Option<Vec<u8>>,
    }

    impl Bank {
        fn with(answers: &[(u16, &'static str)]) -> Self {
            Self { answers: answers.to_vec(), asked: Vec::new(), state: None }
        }

        fn read(&mut self) -> Result<Listed<String>, Error> {
            let request = FetchRequest {
                config: String::new(),
                task: String::new(),
                parent: None,
                page_size: 2,
                max_in_flight: 1,
                since: None,
                observed_at: Timestamp { seconds: 0, nanoseconds: 0 },
            };
            let config = r#"{"endpoint":"https://bank.example","token":true}"#;
            let mut client = Client::simple(self, config, "https://bank.example", "test").unwrap();
            read(&mut client, &request, ("/rows", &[]), PAGING, |row, _| row.id().map(Into::into))
        }

        fn state(&self) -> &str {
            std::str::from_utf8(self.state.as_deref().unwrap_or_default()).unwrap()
        }
    }

    impl Host for Bank {
        type Sent = (u16, &'static str);

        fn send(&mut self, request: &HttpGet) -> Self::Sent {
            self.asked.push(request.url.clone());
            self.answers.remove(0)
        }

        fn answer(&mut self, (status, body): Self::Sent) -> Result<HttpAnswer, HttpFailure> {
            Ok(HttpAnswer { status, headers: Vec::new(), body: body.as_bytes().to_vec() })
        }

        fn state(&mut self) -> Option<Vec<u8>> {
            self.state.clone()
        }

        fn set_state(&mut self, state: Vec<u8>) {
            self.state = Some(state);
        }

        fn log(&mut self, _: Level, _: &str) {}
    }

    const FIRST: &str = r#"{"items":[{"id":"a","at":"2026-01-02T00:00:00Z"},{"id":7}],"next":"x y"}"#;
    const LAST: &str = r#"{"items":[{"id":"b","at":"2026-01-01T00:00:00.5Z"}],"next":null}"#;

    #[test]
    fn a_list_is_read_to_its_end_and_then_from_the_newest_change_in_its_rows() {
        let mut bank = Bank::with(&[(200, FIRST), (200, LAST), (200, LAST)]);
        let page = bank.read().unwrap();
        assert_eq!((page.items, page.rejected.len(), page.has_more), (vec!["a".to_owned()], 1, true));
        assert!(!bank.read().unwrap().has_more);
        assert_eq!(bank.state(), r#"{"from":"2026-01-02T00:00:00Z"}"#);
        bank.read().unwrap();
        assert_eq!(bank.asked[1], "https://bank.example/rows?limit=2&cursor=x+y");
        assert_eq!(bank.asked[2], "https://bank.example/rows?limit=2&from=2026-01-02T00%3A00%3A00Z");
    }

    #[test]
    fn a_cursor_that_is_refused_is_a_gap_and_is_not_what_the_next_poll_begins_with() {
        let mut bank = Bank::with(&[(200, FIRST), (404, "{}")]);
        bank.read().unwrap();
        let page = bank.read().unwrap();
        assert!(matches!(&*page.gaps, [Gap { error: Error::NotFound(_), .. }]) && !page.has_more);
        assert_eq!(bank.state(), "{}");
        assert!(matches!(Bank::with(&[(404, "{}")]).read(), Err(Error::NotFound(_))), "the first page is no gap");
    }

    #[test]
    fn a_page_that_leads_nowhere_is_an_error_and_leaves_the_state() {
        for (answer, is_malformed) in [
            (r#"{"items":[],"next":"x y"}"#, false),
            (FIRST, false),
            (r#"{"items":[{"id":"a"}],"next":7}"#, true),
            (r#"{"items":{}}"#, true),
            (r#"{"rows":[]}"#, true),
        ] {
            let mut bank = Bank::with(&[(200, FIRST), (200, answer)]);
            bank.read().unwrap();
            let before = bank.state.clone();
            match bank.read() {
                Err(Error::MalformedResponse(_)) => assert!(is_malformed, "{answer}"),
                Err(Error::NoProgress(_)) => assert!(!is_malformed, "{answer}"),
                other => panic!("{answer}: {other:?}"),
            }
            assert_eq!(bank.state, before, "{answer}");
        }
    }

    #[test]
    fn a_state_of_somebody_else_is_refused() {
        for state in ["x", "[]", r#"{"from":"yesterday"}"#, "\u{0}"] {
            let mut bank = Bank::with(&[]);
            bank.state = Some(state.as_bytes().to_vec());
            assert!(matches!(bank.read(), Err(Error::InvalidState(_))), "{state}");
        }
    }
}

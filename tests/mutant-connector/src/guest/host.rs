//! The saboteur between the connector and its imports: bugs in what is asked, how often, and what is made of the answer.

use qonto_connector::contract::exports::payments::connector::connector::FetchRequest;
use qonto_connector::host::{Host, HttpAnswer, HttpFailure, HttpGet, Level};
use qonto_connector::imports::Imports;
use qonto_connector::row::Row;
use qonto_connector::time::{self, DAY, HOUR};

use super::listing::{Listing, from, parameter, with, with_from};
use super::{bug, is, spin};
use crate::mutants::Bug;

const PAYMENTS: &str = "/v2/transactions";
/// Between the connector's own state and what the bug keeps besides.
const SEPARATOR: &[u8] = b"\n#";
/// How far behind its newest row the connector starts.
const OVERLAP: i64 = HOUR + 1;
/// A stretch of time that no poll takes, in milliseconds.
const LONG: i64 = 20 * 60 * 1000;

/// The imports, sabotaged.
pub(super) struct Saboteur {
    /// When the host asked, in milliseconds.
    pub now: Option<i64>,
    /// From when on it is to read, in milliseconds.
    since: Option<i64>,
    /// Requests that it may have at once.
    pub room: u32,
    /// Rows a page.
    pub size: u32,
    /// Headers that a config brought in.
    pub headers: Vec<(String, String)>,
    /// What the bug keeps in the state.
    pub extra: String,
    /// What was said last.
    pub last_body: String,
    /// The key, where the manifest lets the host give it.
    pub key: String,
    state: Option<Vec<u8>>,
    set: Option<Vec<u8>>,
}

impl Saboteur {
    pub fn new(request: Option<&FetchRequest>) -> Self {
        // `check` serves no stream.
        let stored = request.and_then(|_| Imports.state());
        let split = stored.as_ref().and_then(|bytes| bytes.windows(2).rposition(|pair| pair == SEPARATOR));
        let (state, extra) = match (stored, split) {
            (Some(bytes), Some(at)) => {
                let own = (at > 0).then(|| bytes[..at].to_vec());
                (own, String::from_utf8_lossy(&bytes[at + 2..]).into_owned())
            }
            (stored, _) => (stored, String::new()),
        };
        Self {
            now: request.map(|request| time::millis(request.observed_at)),
            since: request.and_then(|request| request.since).map(time::millis),
            room: request.map_or(1, |request| request.max_in_flight),
            size: request.map_or(0, |request| request.page_size),
            headers: Vec::new(),
            extra,
            last_body: String::new(),
            key: String::new(),
            state,
            set: None,
        }
    }

    /// Hands the state to the host, when it was set.
    pub fn commit(&mut self) {
        if let Some(mut bytes) = self.set.take() {
            if !self.extra.is_empty() {
                bytes.extend_from_slice(SEPARATOR);
                bytes.extend_from_slice(self.extra.as_bytes());
            }
            Imports.set_state(bytes);
        }
    }

    /// Rows emitted so far, where the bug counts them.
    pub fn count(&self) -> u64 {
        self.extra.parse().unwrap_or(0)
    }

    /// Every other one of some payments, by turns; the state tells whose turn it is.
    pub fn half(&mut self, references: &[String]) -> Vec<String> {
        let turn = self.count();
        self.extra = (turn + 1).to_string();
        self.set = self.state.clone();
        references.iter().skip(usize::from(turn % 2 == 1)).step_by(2).cloned().collect()
    }

    /// Whether a poll is running, by the state of before this call.
    fn is_polling(&self) -> bool {
        self.has_in_state(b"\"poll\":")
    }

    fn has_in_state(&self, words: &[u8]) -> bool {
        self.state.as_ref().is_some_and(|bytes| bytes.windows(words.len()).any(|window| window == words))
    }

    /// The newest row that was read with the status a request asks for.
    fn watermark(&self, url: &str) -> Option<i64> {
        let row = Row::parse(std::str::from_utf8(self.state.as_deref()?).ok()?).ok()?;
        let place = ["pending", "declined", "completed"].iter().position(|word| Some(*word) == status(url))?;
        let marks = qonto_connector::codec::list_of(&row, "marks").ok()?;
        qonto_connector::codec::number(&Row::parse(marks.get(place)?).ok()?, "watermark").ok().flatten()
    }

    /// An answer out of nothing.
    fn instead(&self, url: &str) -> Option<HttpAnswer> {
        let skipped = match bug()? {
            Bug::CompletedOnly => is_payments(url) && status(url).is_some_and(|word| word != "completed"),
            Bug::OneLaneIfOneAtATime if self.room == 1 => status(url).is_some_and(|word| word != "completed"),
            Bug::SepaOnly => url.contains("/international/"),
            _ => false,
        };
        skipped.then(|| nothing(url))
    }

    /// The request as it is sent.
    fn asked(&mut self, mut request: HttpGet) -> HttpGet {
        let Some(bug) = bug() else { return request };
        let url = request.url.clone();
        match bug {
            Bug::KeyInUrl if url.contains("/international/") => {
                request.url = with(&url, "api_key", &self.key);
            }
            Bug::NoUserAgent => request.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("user-agent")),
            Bug::HeaderNotGranted if url.contains("/international/") => {
                request.headers.push(("x-forwarded-for".to_owned(), "127.0.0.1".to_owned()));
            }
            Bug::PathNotGranted if url.contains("/international/") => request.url = url.replace("/v2/", "/v3/"),
            Bug::LegacyBeneficiaries => request.url = url.replace("/v2/sepa/beneficiaries", "/v2/beneficiaries"),
            Bug::AllStatusesAtOnce if is_payments(&url) => {
                request.url = format!("{url}&status%5B%5D=declined&status%5B%5D=completed");
            }
            _ if is_payments(&url) => request.url = self.asked_from(bug, url),
            _ => {}
        }
        request
    }

    /// The URL of a list of payments, with another lower bound.
    fn asked_from(&mut self, bug: Bug, url: String) -> String {
        let wanted = from(&url);
        let bound = match bug {
            Bug::TieSkipped => wanted.map(|from| from + 2),
            Bug::FromTakenAsInclusive => wanted.map(|from| from + 1),
            Bug::NoOverlap => self.watermark(&url).filter(|newest| wanted == Some(newest - OVERLAP)),
            Bug::ThirtyDaysOnly => wanted.or(self.now.map(|now| now - 30 * DAY)),
            Bug::SinceIsTheNextDay => wanted.or(self.since.map(|since| since + DAY)),
            Bug::WatermarkIsNow => wanted.max(self.extra.parse().ok()),
            Bug::AheadOfItsPages => self.ahead(wanted),
            _ => None,
        };
        bound.map_or(url.clone(), |millis| with_from(&url, millis))
    }

    /// Keeps when the poll began, and takes that for the place to go on from when the poll was cut short.
    fn ahead(&mut self, wanted: Option<i64>) -> Option<i64> {
        let now = self.now?;
        let (began, skip) = self.extra.split_once(',').unwrap_or(("", ""));
        let began = began.parse::<i64>().ok().filter(|_| self.is_polling());
        let skip = match began {
            Some(began) if now - began > LONG => Some(began),
            Some(_) => skip.parse().ok(),
            None => None,
        };
        let began = if skip.is_some() { now } else { began.unwrap_or(now) };
        self.extra = format!("{began},{}", skip.map_or_else(String::new, |skip| skip.to_string()));
        skip.map(|skip| skip.max(wanted.unwrap_or(skip)))
    }

    /// Asks, and asks again.
    fn ask(&self, request: &HttpGet) -> Result<HttpAnswer, HttpFailure> {
        let mut answer = Imports.get(request);
        let Some(bug) = bug() else { return answer };
        // A list that is refused in every currency must not come to more requests than a call may make.
        let times = if bug == Bug::RetriesRefusals { 1 } else { 5 };
        for _ in 0..times {
            let Ok(said) = &answer else { break };
            let next = match (bug, said.status) {
                (Bug::Retries401, 401) | (Bug::Retries429, 429) | (Bug::RetriesRefusals, 403 | 404 | 422) => {
                    request.clone()
                }
                (Bug::Spins429, 429) => {
                    spin(30_000_000);
                    request.clone()
                }
                (Bug::FollowsRedirects, 300..=399) => match said.header("location") {
                    Some(place) => HttpGet { url: absolute(&request.url, place), ..request.clone() },
                    None => break,
                },
                _ => break,
            };
            answer = Imports.get(&next);
        }
        match (bug, answer) {
            (Bug::FailureIsEmpty, Err(failure)) if !failure.denied => Ok(nothing(&request.url)),
            (_, answer) => answer,
        }
    }

    /// What the connector makes of an answer.
    fn told(&self, request: &HttpGet, mut answer: HttpAnswer) -> HttpAnswer {
        let Some(bug) = bug() else { return answer };
        let url = request.url.as_str();
        let good = answer.status == 200;
        match bug {
            Bug::RetryAfterIgnored => answer.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("retry-after")),
            Bug::HtmlIsEmpty if good && answer.body.trim_ascii_start().starts_with(b"<") => return nothing(url),
            Bug::MissingListIsEmpty if good && lacks_list(&answer.body) => return nothing(url),
            Bug::TruncatedIsSalvaged if good && !is_json(&answer.body) => return salvaged(answer),
            Bug::BrokenTextRepaired => answer.body = String::from_utf8_lossy(&answer.body).into_owned().into_bytes(),
            Bug::LegacyBeneficiaries if url.contains("/v2/beneficiaries") && matches!(answer.status, 404 | 410) => {
                return nothing(url);
            }
            Bug::SearchLimitIsEnd if says(&answer, "search_limit_reached") => return nothing(url),
            Bug::AsksPastTheEnd if good && is_payments(url) => return past_the_end(request, answer),
            Bug::CurrentPageIgnored if good => self.told_list(bug, url, &mut answer),
            _ if good && is_payments(url) => self.told_list(bug, url, &mut answer),
            _ => {}
        }
        answer
    }

    /// What the connector makes of a page of payments.
    fn told_list(&self, bug: Bug, url: &str, answer: &mut HttpAnswer) {
        let Some(mut page) = Listing::read(&answer.body) else { return };
        let size = self.size as usize;
        let asked: u64 = parameter(url, "page").and_then(|page| page.parse().ok()).unwrap_or(1);
        let ends = match bug {
            Bug::FirstPageOnly => true,
            Bug::EmptyPageIsEnd => page.rows.is_empty(),
            Bug::ShortPageIsEnd => page.rows.len() < size,
            _ => false,
        };
        if ends {
            (page.next, page.total) = (None, None);
        }
        match bug {
            Bug::CurrentPageIgnored => {
                page.current = Some(asked);
                page.next = page.next.map(|_| asked + 1);
            }
            Bug::TotalIgnored if page.next.is_none() => page.total = None,
            Bug::BigPageTraps => assert!(page.rows.len() <= 100, "the buffer holds 100 rows"),
            _ if ends => {}
            _ => return,
        }
        answer.body = page.write();
    }
}

impl Host for Saboteur {
    type Sent = HttpGet;

    fn send(&mut self, request: &HttpGet) -> HttpGet {
        request.clone()
    }

    fn answer(&mut self, request: HttpGet) -> Result<HttpAnswer, HttpFailure> {
        if let Some(answer) = self.instead(&request.url) {
            return Ok(answer);
        }
        let mut request = self.asked(request);
        request.headers.append(&mut self.headers.clone());
        if is(Bug::AsksTwice) && is_payments(&request.url) {
            let organization = request.url.split("/v2/").next().unwrap_or_default();
            Imports.get(&HttpGet { url: format!("{organization}/v2/organization"), ..request.clone() })?;
        }
        let answer = self.ask(&request)?;
        self.last_body = String::from_utf8_lossy(&answer.body).into_owned();
        Ok(self.told(&request, answer))
    }

    fn state(&mut self) -> Option<Vec<u8>> {
        if is(Bug::StartsOverEachPoll) && !self.is_polling() { None } else { self.state.clone() }
    }

    fn set_state(&mut self, state: Vec<u8>) {
        self.set = Some(state);
    }

    fn log(&mut self, level: Level, message: &str) {
        Imports.log(level, message);
    }
}

fn is_payments(url: &str) -> bool {
    url.split('?').next().is_some_and(|path| path.ends_with(PAYMENTS))
}

fn status(url: &str) -> Option<&str> {
    parameter(url, "status%5B%5D")
}

fn is_json(body: &[u8]) -> bool {
    serde_json::from_slice::<serde::de::IgnoredAny>(body).is_ok()
}

fn says(answer: &HttpAnswer, words: &str) -> bool {
    answer.status >= 400 && String::from_utf8_lossy(&answer.body).contains(words)
}

/// An object, but not what was asked for.
fn lacks_list(body: &[u8]) -> bool {
    let text = std::str::from_utf8(body).unwrap_or_default();
    let keys = ["transactions", "transaction", "beneficiaries", "international_beneficiaries", "organization"];
    Row::parse(text).is_ok_and(|row| keys.iter().all(|key| row.json(key).is_none()))
}

/// What `url` says when there is nothing.
fn nothing(url: &str) -> HttpAnswer {
    let body = if is_payments(url) {
        let asked = parameter(url, "page").and_then(|page| page.parse().ok());
        Listing { current: asked, ..Listing::none() }.write()
    } else if url.contains("/beneficiaries") {
        b"{\"beneficiaries\":[]}".to_vec()
    } else {
        b"{\"organization\":{\"bank_accounts\":[]}}".to_vec()
    };
    HttpAnswer { status: 200, headers: Vec::new(), body }
}

/// The whole rows at the head of a body that breaks off.
fn salvaged(mut answer: HttpAnswer) -> HttpAnswer {
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    if let Some(at) = text.rfind("},{") {
        answer.body = format!("{}}}],\"meta\":{{}}}}", &text[..at]).into_bytes();
    }
    answer
}

/// After a full page, asks for the next one whatever was said.
fn past_the_end(request: &HttpGet, answer: HttpAnswer) -> HttpAnswer {
    let url = request.url.as_str();
    let size = parameter(url, "per_page").and_then(|size| size.parse().ok());
    let page: u32 = parameter(url, "page").and_then(|page| page.parse().ok()).unwrap_or(1);
    let is_last_and_full =
        Listing::read(&answer.body).is_some_and(|list| list.next.is_none() && Some(list.rows.len()) == size);
    if !is_last_and_full {
        return answer;
    }
    let next = HttpGet { url: with(url, "page", &(page + 1).to_string()), headers: request.headers.clone() };
    Imports.get(&next).ok().filter(|more| more.status >= 400).unwrap_or(answer)
}

/// Where a redirect leads.
fn absolute(base: &str, place: &str) -> String {
    if place.contains("://") {
        return place.to_owned();
    }
    let origin = base.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
    format!("{origin}/{}", place.trim_start_matches('/'))
}

//! A model of Qonto that changes between any two requests, and the connector run against it.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "tests")]

mod beneficiaries;
mod lanes;
mod obstacles;
mod requests;
mod walks;
mod windows;

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::json;
use url::Url;

use crate::contract::exports::payments::connector::connector::{FetchRequest, Parent, PaymentsPage};
use crate::contract::payments::connector::types::{Account, Error, PaymentStatus, Timestamp};
use crate::host::{Host, HttpAnswer, HttpFailure, HttpGet, Level};
use crate::{external_accounts, follow, international_accounts, payments, time};

const START: i64 = 1_769_854_830_000;

#[derive(Clone, Debug)]
struct Tx {
    id: u32,
    updated: i64,
    status: &'static str,
    version: u32,
}

#[derive(Default)]
#[allow(clippy::struct_excessive_bools, reason = "independent quirks")]
struct Bank {
    rows: Vec<Tx>,
    inclusive: bool,
    limit: Option<usize>,
    unstable: bool,
    random: u64,
    clock: i64,
    next_id: u32,
    state: Option<Vec<u8>>,
    requests: Vec<String>,
    /// Answers in place of the model's, by path.
    scripted: BTreeMap<String, (u16, String)>,
    beneficiaries: bool,
    logs: Vec<String>,
    headers: Vec<Vec<(String, String)>>,
    /// How many rows appear after each request.
    runaway: usize,
    /// Rows do not say when they changed.
    blind: bool,
    /// From which page on lists are refused, and how often still.
    refused: Option<(usize, u32)>,
    /// The status whose list is not to be had.
    broken: Option<&'static str>,
    /// A page with a row of this time is not to be had.
    poisoned: Option<i64>,
    /// The status whose list is limited.
    limited: Option<&'static str>,
    /// Every page is called the last one.
    ends_early: bool,
    /// Requests overtake each other.
    overtaking: bool,
    /// One in so many requests fails, each in its own way.
    failing: Option<u64>,
}

impl Bank {
    fn new(random: u64) -> Self {
        Self { random: random | 1, clock: START, ..Self::default() }
    }

    fn draw(&mut self, below: u64) -> u64 {
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.random >> 33) % below
    }

    fn tick(&mut self) -> i64 {
        self.clock += match self.draw(12) {
            0..=5 => 0,
            6..=8 => 1,
            9 => 700,
            10 => 60_000,
            _ => 5_000_000,
        };
        self.clock
    }

    fn insert(&mut self) {
        let status = ["pending", "declined", "completed"][usize::try_from(self.draw(3)).unwrap()];
        let updated = self.tick();
        self.rows.push(Tx { id: self.next_id, updated, status, version: 0 });
        self.next_id += 1;
    }

    fn change(&mut self) {
        if self.rows.is_empty() || self.draw(3) == 0 {
            return self.insert();
        }
        let at = usize::try_from(self.draw(self.rows.len() as u64)).unwrap();
        let (kind, now) = (self.draw(10), self.tick());
        let row = &mut self.rows[at];
        row.version += 1;
        match (kind, row.status) {
            // Vanishes without a trace.
            (0, "pending") => drop(self.rows.swap_remove(at)),
            (1..=5, "pending") => (row.status, row.updated) = ("completed", now),
            (6, "pending") => (row.status, row.updated) = ("declined", now),
            _ => row.updated = now,
        }
    }

    fn failure(&mut self) -> Option<(u16, String)> {
        let one_in = self.failing?;
        if self.draw(one_in) > 0 {
            return None;
        }
        let failures = [
            (400, ""),
            (401, ""),
            (403, ""),
            (404, ""),
            (422, ""),
            (429, ""),
            (500, ""),
            (200, "<html>"),
            (200, "null"),
        ];
        let (status, body) = failures[usize::try_from(self.draw(failures.len() as u64)).unwrap()];
        Some((status, body.to_owned()))
    }

    fn page_of(&mut self, url: &Url) -> (u16, String) {
        if let Some(failure) = self.failure() {
            return failure;
        }
        let page = url.query_pairs().find(|(name, _)| name == "page").map(|(_, page)| page);
        let of_page = page.and_then(|page| self.scripted.get(&format!("{}?page={page}", url.path())));
        let currency = url.query_pairs().find(|(name, _)| name == "currency").map(|(_, code)| code);
        let of_currency = currency.and_then(|code| self.scripted.get(&format!("{}?currency={code}", url.path())));
        if let Some(answer) = of_page.or(of_currency).or_else(|| self.scripted.get(url.path())) {
            return answer.clone();
        }
        if let Some(id) = url.path().strip_prefix("/v2/transactions/") {
            let row = self.rows.iter().find(|row| row.id.to_string() == id);
            return row.map_or_else(
                || (404, r#"{"errors":[{"code":"not_found"}]}"#.to_owned()),
                |row| (200, format!(r#"{{"transaction":{}}}"#, spell(row))),
            );
        }
        let query: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
        if self.broken.is_some_and(|broken| query.get("status[]").is_some_and(|status| status == broken)) {
            return (500, String::new());
        }
        if self.limited.is_some_and(|limited| query.get("status[]").is_some_and(|status| status == limited)) {
            return (429, String::new());
        }
        let bound = |key: &str| query.get(key).map(|text| time::millis(time::parse(text).unwrap()));
        let (from, to) = (bound("updated_at_from"), bound("updated_at_to"));
        let slack = i64::from(!self.inclusive);
        let mut hits: Vec<&Tx> = self
            .rows
            .iter()
            .filter(|row| query.get("status[]").is_none_or(|status| status == row.status))
            .filter(|row| from.is_none_or(|from| row.updated >= from + slack))
            .filter(|row| to.is_none_or(|to| row.updated <= to - slack))
            .collect();
        hits.sort_by_key(|row| (row.updated, row.id));
        if query["sort_by"].ends_with("desc") {
            hits.reverse();
        }
        if self.limit.is_some_and(|limit| hits.len() > limit) {
            return (422, r#"{"errors":[{"code":"search_limit_reached"}]}"#.to_owned());
        }
        let size: usize = query["per_page"].parse().unwrap();
        let page: usize = query["page"].parse().unwrap();
        let pages = hits.len().div_ceil(size).max(1);
        let is_refused = self.refused.is_some_and(|(from, times)| page >= from && times > 0);
        if is_refused {
            self.refused = self.refused.map(|(from, times)| (from, times - 1));
        }
        if page > pages || is_refused {
            return (422, r#"{"errors":[{"code":"invalid","detail":"page"}]}"#.to_owned());
        }
        if hits.iter().skip((page - 1) * size).take(size).any(|row| Some(row.updated) == self.poisoned) {
            return (500, String::new());
        }
        let rows: Vec<String> = hits.iter().skip((page - 1) * size).take(size).map(|row| spell(row)).collect();
        let hide = |row: String| if self.blind { row.replace("\"updated_at\"", "\"u\"") } else { row };
        let rows: Vec<String> = rows.into_iter().map(hide).collect();
        let meta = json!({"current_page": page, "next_page": (page < pages && !self.ends_early).then_some(page + 1), "total_count": hits.len()});
        let key = if self.beneficiaries { "beneficiaries" } else { "transactions" };
        (200, format!(r#"{{"{key}":[{}],"meta":{meta}}}"#, rows.join(",")))
    }
}

fn spell(row: &Tx) -> String {
    let updated = time::format(row.updated);
    json!({
        "id": row.id.to_string(), "amount": 1.5, "amount_cents": 150, "currency": "EUR", "side": "debit",
        "emitted_at": updated, "updated_at": updated, "status": row.status, "note": row.version.to_string(),
        "bank_account_id": "a1",
    })
    .to_string()
}

impl Bank {
    /// The answer to a request that has arrived, and what happens at the bank behind it.
    fn serve(&mut self, request: &HttpGet) -> HttpAnswer {
        self.requests.push(request.url.clone());
        self.headers.push(request.headers.clone());
        let (status, body) = self.page_of(&Url::parse(&request.url).unwrap());
        for _ in 0..if self.unstable { self.draw(3) } else { 0 } {
            self.change();
        }
        for _ in 0..self.runaway {
            self.clock += 1;
            self.rows.push(Tx { id: self.next_id, updated: self.clock, status: "completed", version: 0 });
            self.next_id += 1;
        }
        HttpAnswer { status, headers: vec![], body: body.into_bytes() }
    }
}

/// A request under way: one that has overtaken others was answered already.
enum Sent {
    Under(HttpGet),
    Answered(HttpAnswer),
}

impl Host for Bank {
    type Sent = Sent;

    fn send(&mut self, request: &HttpGet) -> Sent {
        if (self.unstable || self.overtaking) && self.draw(2) == 0 {
            return Sent::Answered(self.serve(request));
        }
        Sent::Under(request.clone())
    }

    fn answer(&mut self, sent: Sent) -> Result<HttpAnswer, HttpFailure> {
        Ok(match sent {
            Sent::Under(request) => self.serve(&request),
            Sent::Answered(answer) => answer,
        })
    }

    fn state(&mut self) -> Option<Vec<u8>> {
        self.state.clone()
    }

    fn set_state(&mut self, state: Vec<u8>) {
        assert!(state.len() <= 64 * 1024, "{} bytes of state", state.len());
        self.state = Some(state);
    }

    fn log(&mut self, _: Level, message: &str) {
        self.logs.push(message.to_owned());
    }
}

fn request(page_size: u32, observed_at: i64) -> FetchRequest {
    let config = r#"{"apiKey":true,"clientID":"acme-1234","endpoint":"https://thirdparty.qonto.com"}"#.to_owned();
    FetchRequest {
        config,
        task: "fetch-payments".to_owned(),
        parent: Some(Parent {
            task: "fetch-accounts".to_owned(),
            reference: "a1".to_owned(),
            default_asset: None,
            metadata: vec![],
            raw: r#"{"id":"a1","currency":"EUR"}"#.to_owned(),
        }),
        page_size,
        max_in_flight: 8,
        since: None,
        observed_at: Timestamp { seconds: observed_at.div_euclid(1000), nanoseconds: 0 },
    }
}

/// What a host stores.
#[derive(Default)]
struct Store {
    rows: BTreeMap<String, (String, PaymentStatus)>,
    withdrawn: BTreeSet<String>,
    gaps: BTreeSet<String>,
    emitted: usize,
    /// References and rows as they came.
    order: Vec<(String, String)>,
}

impl Store {
    /// One poll with what follows it; gives how many rows the walks brought.
    fn poll(&mut self, bank: &mut Bank, size: u32) -> usize {
        let before = bank.requests.len();
        let emitted = self.emitted;
        let mut reported = BTreeSet::new();
        loop {
            let page = payments::fetch(bank, &request(size, bank.clock)).unwrap();
            self.emitted += page.items.len();
            reported.extend(page.items.iter().map(|item| item.reference.clone()));
            let has_more = page.has_more;
            self.take(page);
            if !has_more {
                break;
            }
            assert!(bank.requests.len() - before < 20_000, "endless");
        }
        let open = self.rows.iter().filter(|(id, row)| row.1 == PaymentStatus::Pending && !reported.contains(*id));
        let open: Vec<String> = open.map(|(id, _)| id.clone()).collect();
        for references in open.chunks(25) {
            let page = follow::fetch(bank, &request(size, bank.clock), references).unwrap();
            assert!(!page.has_more);
            self.take(page);
        }
        self.emitted - emitted
    }

    fn take(&mut self, page: PaymentsPage) {
        assert_eq!(page.rejected, []);
        self.gaps.extend(page.gaps.into_iter().map(|gap| gap.what));
        for item in page.items {
            self.rows.insert(item.reference, (item.raw, item.status));
        }
        for withdrawn in page.withdrawn {
            if let Some(row) = self.rows.get_mut(&withdrawn.reference) {
                row.1 = PaymentStatus::Cancelled;
            }
            self.withdrawn.insert(withdrawn.reference);
        }
    }

    fn assert_equals(&self, bank: &Bank) {
        for row in &bank.rows {
            let stored = self.rows.get(&row.id.to_string()).unwrap_or_else(|| panic!("lost {row:?}"));
            assert_eq!(stored.0, spell(row), "stale");
        }
        let ids: BTreeSet<String> = bank.rows.iter().map(|row| row.id.to_string()).collect();
        for (id, (raw, status)) in &self.rows {
            if !ids.contains(id) {
                assert_ne!(*status, PaymentStatus::Pending, "{raw} stays pending for ever");
            }
        }
    }
}

//! A model of Qonto that changes between any two requests, and the connector run against it.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::json;
use url::Url;

use crate::contract::exports::payments::connector::connector::FetchRequest;
use crate::contract::payments::connector::types::{Account, Error, PaymentStatus, Timestamp};
use crate::host::{Host, HttpAnswer, HttpFailure, HttpGet, Level};
use crate::{external_accounts, payments, time};

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

    fn answer(&mut self, url: &Url) -> (u16, String) {
        if let Some(answer) = self.scripted.get(url.path()) {
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
        let rows: Vec<String> = hits.iter().skip((page - 1) * size).take(size).map(|row| spell(row)).collect();
        let hide = |row: String| if self.blind { row.replace("\"updated_at\"", "\"u\"") } else { row };
        let rows: Vec<String> = rows.into_iter().map(hide).collect();
        let meta =
            json!({"current_page": page, "next_page": (page < pages).then_some(page + 1), "total_count": hits.len()});
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

impl Host for Bank {
    fn get(&mut self, request: &HttpGet) -> Result<HttpAnswer, HttpFailure> {
        self.requests.push(request.url.clone());
        self.headers.push(request.headers.clone());
        let (status, body) = self.answer(&Url::parse(&request.url).unwrap());
        for _ in 0..if self.unstable { self.draw(3) } else { 0 } {
            self.change();
        }
        for _ in 0..self.runaway {
            self.clock += 1;
            self.rows.push(Tx { id: self.next_id, updated: self.clock, status: "completed", version: 0 });
            self.next_id += 1;
        }
        Ok(HttpAnswer { status, headers: vec![], body: body.into_bytes() })
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
    let config = r#"{"apiKey":"k","clientID":"acme-1234","endpoint":"https://thirdparty.qonto.com"}"#.to_owned();
    FetchRequest { config, page_size, observed_at: Timestamp { seconds: observed_at.div_euclid(1000), nanoseconds: 0 } }
}

fn parent() -> Account {
    Account {
        reference: "a1".to_owned(),
        name: None,
        default_asset: None,
        created_at: None,
        updated_at: None,
        metadata: vec![],
        raw: r#"{"id":"a1","currency":"EUR"}"#.to_owned(),
    }
}

/// What a host stores.
#[derive(Default)]
struct Store {
    rows: BTreeMap<String, (i64, String, PaymentStatus)>,
    withdrawn: BTreeSet<String>,
    emitted: usize,
}

impl Store {
    fn poll(&mut self, bank: &mut Bank, size: u32) -> usize {
        let before = bank.requests.len();
        let emitted = self.emitted;
        loop {
            let page = payments::fetch(bank, &request(size, bank.clock), &parent()).unwrap();
            self.emitted += page.items.len();
            assert_eq!(page.rejected, []);
            for item in page.items {
                let updated = time::millis(item.updated_at);
                let known = self.rows.get(&item.reference).is_some_and(|(known, ..)| *known > updated);
                if !known {
                    self.rows.insert(item.reference, (updated, item.raw, item.status));
                }
            }
            for id in page.withdrawn {
                if let Some(row) = self.rows.get_mut(&id) {
                    row.2 = PaymentStatus::Cancelled;
                }
                self.withdrawn.insert(id);
            }
            if !page.has_more {
                self.emitted -= emitted;
                let new = self.emitted;
                self.emitted += emitted;
                assert!(bank.requests.len() > before);
                return new;
            }
            assert!(bank.requests.len() - before < 20_000, "endless");
        }
    }

    fn assert_equals(&self, bank: &Bank) {
        for row in &bank.rows {
            let stored = self.rows.get(&row.id.to_string()).unwrap_or_else(|| panic!("lost {row:?}"));
            assert_eq!(stored.1, spell(row), "stale");
        }
        for (id, (_, raw, status)) in &self.rows {
            if !bank.rows.iter().any(|row| row.id.to_string() == *id) {
                assert_ne!(*status, PaymentStatus::Pending, "{raw} stays pending for ever");
            }
        }
    }
}

proptest! {
    // PROPTEST_CASES raises it: 16 cases take seconds.
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases / 16))]

    #[test]
    fn no_row_is_lost_or_stale_and_an_idle_poll_changes_nothing(
        seed: u64, inclusive: bool, rows in 0usize..90, polls in 1usize..4,
        size in prop_oneof![Just(1u32), Just(2), Just(7), Just(25), Just(100)],
        limit in prop_oneof![Just(None), Just(Some(60usize))],
    ) {
        let mut bank = Bank { inclusive, ..Bank::new(seed) };
        for _ in 0..rows {
            bank.insert();
        }
        // A search limit below the rows that share an instant cannot be read by anyone.
        let largest = bank.rows.iter().map(|row| {
            bank.rows.iter().filter(|other| (row.updated - other.updated).abs() <= 8).count()
        }).max().unwrap_or(0);
        bank.limit = limit.filter(|limit| largest < limit / 2);
        let mut store = Store::default();
        bank.unstable = bank.limit.is_none();
        for _ in 0..polls {
            store.poll(&mut bank, size);
        }
        bank.unstable = false;
        for _ in 0..3 {
            store.poll(&mut bank, size);
        }
        store.assert_equals(&bank);
        let (state, requests) = (bank.state.clone(), bank.requests.len());
        let emitted = store.poll(&mut bank, size);
        prop_assert_eq!(emitted, 0);
        prop_assert_eq!(&bank.state, &state);
        let expected = 3;
        prop_assert!(size < 100 || bank.requests.len() - requests <= expected + 1 + 3 * 2, "too many requests");
    }

    #[test]
    fn the_clock_of_the_host_changes_no_record_and_no_state(seed: u64, rows in 0usize..200) {
        let mut outcome = None;
        for observed in [START, START - 40 * time::DAY, START + time::DAY, 4_102_444_800_000] {
            let mut bank = Bank { limit: Some(150), ..Bank::new(seed) };
            for row in 0..rows {
                bank.rows.push(Tx { id: u32::try_from(row).unwrap(), updated: START + 1000 * i64::try_from(row).unwrap(), status: "completed", version: 0 });
            }
            bank.clock = observed;
            let mut store = Store::default();
            store.poll(&mut bank, 100);
            store.assert_equals(&bank);
            let found = (store.rows.len(), bank.state.clone());
            prop_assert_eq!(outcome.get_or_insert_with(|| found.clone()), &found);
        }
    }
}

fn tied(count: u32, size: u32, before: u32, after: u32) {
    for inclusive in [true, false] {
        let mut bank = Bank { inclusive, ..Bank::new(7) };
        for id in 0..before + count + after {
            let shift = if id < before { -5000 } else { i64::from(id >= before + count) };
            let updated = START + shift + if shift < 0 { i64::from(id) } else { 0 };
            bank.rows.push(Tx { id, updated, status: "completed", version: 0 });
        }
        let mut store = Store::default();
        store.poll(&mut bank, size);
        store.assert_equals(&bank);
        assert_eq!(store.emitted, bank.rows.len(), "each once");
        let state = bank.state.clone();
        assert_eq!(store.poll(&mut bank, size), 0);
        assert_eq!(bank.state, state);
    }
}

#[test]
fn rows_that_share_an_instant_are_all_read_wherever_they_are() {
    for size in [2, 25] {
        for count in [1, size - 1, size, size + 1, 130] {
            for (before, after) in [(0, 0), (30, 0), (0, 30), (30, 30)] {
                tied(count, size, before, after);
            }
        }
    }
}

#[test]
fn an_idle_poll_takes_one_request_for_each_status() {
    let mut bank = Bank::new(3);
    let mut store = Store::default();
    store.poll(&mut bank, 25);
    let before = bank.requests.len();
    store.poll(&mut bank, 25);
    assert_eq!(bank.requests.len() - before, 3);
    assert!(bank.requests[before].contains("status%5B%5D=pending") && bank.requests[before].contains("page=1"));
    assert!(!bank.requests[before].contains("updated_at_from"));
}

#[test]
fn a_row_that_becomes_visible_within_the_hour_is_read() {
    let mut bank = Bank::new(3);
    bank.rows.push(Tx { id: 1, updated: START, status: "completed", version: 0 });
    let mut store = Store::default();
    store.poll(&mut bank, 25);
    bank.rows.push(Tx { id: 2, updated: START - time::HOUR, status: "completed", version: 0 });
    store.poll(&mut bank, 25);
    store.assert_equals(&bank);
}

#[test]
fn a_pending_payment_that_vanishes_is_withdrawn_and_one_that_settles_silently_is_read() {
    let mut bank = Bank::new(3);
    for id in 0..3 {
        bank.rows.push(Tx { id, updated: START + i64::from(id), status: "pending", version: 0 });
    }
    bank.rows.push(Tx { id: 9, updated: START + 2 * time::DAY, status: "completed", version: 0 });
    let mut store = Store::default();
    store.poll(&mut bank, 2);
    bank.rows.remove(0);
    bank.rows[0].status = "completed";
    store.poll(&mut bank, 2);
    assert_eq!(store.withdrawn, BTreeSet::from(["0".to_owned()]));
    assert_eq!(store.rows["1"].2, PaymentStatus::Succeeded);
    assert_eq!(store.rows["2"].2, PaymentStatus::Pending);
    let state = bank.state.clone();
    assert_eq!(store.poll(&mut bank, 2), 0);
    assert_eq!(bank.state, state);
}

#[test]
fn the_state_stays_small_and_an_idle_poll_repeats_it_even_when_every_bound_is_hit() {
    let mut bank = Bank::new(3);
    for status in ["pending", "declined", "completed"] {
        for row in 0..1500 {
            let id = bank.next_id;
            bank.next_id += 1;
            bank.rows.push(Tx { id: 100_000_000 + id, updated: START + row, status, version: 0 });
        }
    }
    let mut store = Store::default();
    store.poll(&mut bank, 100);
    store.assert_equals(&bank);
    let state = bank.state.clone();
    assert!(state.as_ref().unwrap().len() > 30_000);
    store.poll(&mut bank, 100);
    assert!(bank.state == state, "the idle poll changed the state");
}

#[test]
fn a_provider_that_ignores_what_was_asked_is_no_progress() {
    let row = |id: u32, shift: i64| spell(&Tx { id, updated: START + shift, status: "pending", version: 0 });
    let (one, two) = (row(1, 0), row(2, 1));
    let meta = r#""meta":{"current_page":1,"next_page":2,"total_count":9}"#;
    for (rows, polls) in [(format!("{two},{one}"), 1), (format!("{one},{two}"), 4), (String::new(), 1)] {
        let mut bank = Bank::new(3);
        let body = format!(r#"{{"transactions":[{rows}],{meta}}}"#);
        bank.scripted.insert("/v2/transactions".to_owned(), (200, body));
        let mut last = None;
        for _ in 0..polls {
            let state = bank.state.clone();
            last = Some(payments::fetch(&mut bank, &request(2, START), &parent()));
            if last.as_ref().unwrap().is_err() {
                assert_eq!(bank.state, state, "a failed call sets no state");
                break;
            }
        }
        assert!(matches!(last, Some(Err(Error::NoProgress(_)))), "{rows}: {last:?}");
    }
}

#[test]
fn an_answer_that_may_be_cut_is_malformed() {
    for body in [
        r#"{"transactions":[]}"#,
        r#"{"transactions":[],"meta":{"total_count":7,"next_page":null}}"#,
        r#"{"errors":[{"code":"unknown"}]}"#,
        "{",
    ] {
        let mut bank = Bank::new(3);
        bank.scripted.insert("/v2/transactions".to_owned(), (200, body.to_owned()));
        let page = payments::fetch(&mut bank, &request(2, START), &parent());
        assert!(matches!(page, Err(Error::MalformedResponse(_))), "{body}");
        assert_eq!(bank.state, None);
    }
}

#[test]
fn a_search_limit_that_nothing_narrows_is_an_error() {
    let mut bank = Bank { limit: Some(3), ..Bank::new(3) };
    for id in 0..10 {
        bank.rows.push(Tx { id, updated: START, status: "pending", version: 0 });
    }
    let error = (0..2000).find_map(|_| payments::fetch(&mut bank, &request(2, START), &parent()).err()).unwrap();
    assert!(matches!(&error, Error::UpstreamRejected(detail) if detail.message.contains("search limit")), "{error:?}");
}

#[test]
fn a_state_that_is_not_ours_is_refused_without_a_request() {
    let mut states = vec!["", "{", "null", "7", "{}", r#"{"v":2}"#, r#"{"lastUpdatedAt":"2026-01-31T10:20:30Z"}"#];
    let far = r#"{"v":1,"marks":[{"watermark":9223372036854775807,"seen":[]},{"seen":[]},{"seen":[]}],"open":[]}"#;
    states.push(far);
    for state in states {
        let mut bank = Bank { state: Some(state.as_bytes().to_vec()), ..Bank::new(3) };
        let payments = payments::fetch(&mut bank, &request(2, START), &parent());
        assert!(matches!(payments, Err(Error::InvalidState(_))), "{state}");
        let accounts = external_accounts::fetch(&mut bank, &request(2, START));
        assert!(matches!(accounts, Err(Error::InvalidState(_))), "{state}");
        assert_eq!(bank.requests.len(), 0);
    }
}

fn poll_beneficiaries(bank: &mut Bank, size: u32) -> Result<Vec<Account>, Error> {
    let mut items = Vec::new();
    loop {
        let page = external_accounts::fetch(bank, &request(size, bank.clock))?;
        items.extend(page.items);
        if !page.has_more {
            return Ok(items);
        }
        assert!(bank.requests.len() < 5000, "endless");
    }
}

const FORBIDDEN: (u16, &str) = (403, r#"{"errors":[{"code":"forbidden"}]}"#);
const INTERNATIONAL: &str = "/v2/international/beneficiaries";

fn bank_of_beneficiaries(seed: u64) -> Bank {
    let mut bank = Bank { beneficiaries: true, ..Bank::new(seed) };
    bank.scripted.insert(INTERNATIONAL.to_owned(), (FORBIDDEN.0, FORBIDDEN.1.to_owned()));
    bank
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases / 8))]

    #[test]
    fn no_beneficiary_is_lost_while_the_list_changes(seed: u64, rows in 0usize..80, size in 1u32..30) {
        let mut bank = bank_of_beneficiaries(seed);
        for _ in 0..rows {
            bank.insert();
        }
        let mut store = BTreeMap::new();
        bank.unstable = true;
        for round in 0..4 {
            bank.unstable = round < 2;
            let items = poll_beneficiaries(&mut bank, size).unwrap();
            store.extend(items.into_iter().map(|item| (item.reference, item.raw)));
        }
        for row in &bank.rows {
            prop_assert!(store.contains_key(&row.id.to_string()), "lost {:?}", row);
        }
        let state = bank.state.clone();
        prop_assert_eq!(poll_beneficiaries(&mut bank, size).unwrap(), vec![]);
        prop_assert_eq!(&bank.state, &state);
    }
}

#[test]
fn a_refused_international_list_is_asked_once() {
    let mut bank = bank_of_beneficiaries(3);
    bank.insert();
    assert_eq!(poll_beneficiaries(&mut bank, 25).unwrap().len(), 1);
    poll_beneficiaries(&mut bank, 25).unwrap();
    let asked = bank.requests.iter().filter(|url| url.contains(INTERNATIONAL)).count();
    assert_eq!((asked, bank.requests.len()), (1, 3));
    assert!(String::from_utf8(bank.state.unwrap()).unwrap().contains(r#""international":"refused""#));
}

#[test]
fn every_currency_is_asked_and_one_that_qonto_does_not_know_is_empty() {
    let mut bank = bank_of_beneficiaries(3);
    let invalid = r#"{"errors":[{"code":"invalid_currency"}]}"#.to_owned();
    bank.scripted.insert(INTERNATIONAL.to_owned(), (422, invalid));
    assert_eq!(poll_beneficiaries(&mut bank, 25).unwrap(), []);
    assert_eq!(bank.requests.len(), 1 + 17);
    let row = r#"{"international_beneficiaries":[{"id":"i"}]}"#.to_owned();
    bank.scripted.insert(INTERNATIONAL.to_owned(), (200, row));
    let assets: BTreeSet<_> =
        poll_beneficiaries(&mut bank, 25).unwrap().into_iter().map(|item| item.default_asset.unwrap()).collect();
    assert_eq!(assets.len(), 17);
    assert!(assets.contains("JPY/0") && assets.contains("USD/2"));
}

#[test]
fn the_old_list_answers_when_the_new_one_is_gone() {
    let mut bank = bank_of_beneficiaries(3);
    bank.insert();
    bank.scripted.insert("/v2/sepa/beneficiaries".to_owned(), (410, String::new()));
    assert_eq!(poll_beneficiaries(&mut bank, 25).unwrap().len(), 1);
    let before = bank.requests.len();
    poll_beneficiaries(&mut bank, 25).unwrap();
    assert!(bank.requests[before].contains("/v2/beneficiaries?"), "{}", bank.requests[before]);
    bank.scripted.insert("/v2/beneficiaries".to_owned(), (404, String::new()));
    assert!(matches!(poll_beneficiaries(&mut bank, 25), Err(Error::NotFound(_))));
}

#[test]
fn a_refused_look_up_is_logged_stays_open_and_stops_nothing() {
    for status in [400, 403, 422] {
        let mut bank = Bank::new(3);
        for id in 0..3 {
            bank.rows.push(Tx { id, updated: START + i64::from(id), status: "pending", version: 0 });
        }
        bank.rows.push(Tx { id: 9, updated: START + 2 * time::DAY, status: "completed", version: 0 });
        let mut store = Store::default();
        store.poll(&mut bank, 2);
        bank.rows.remove(0);
        bank.rows[0].status = "completed";
        bank.scripted.insert("/v2/transactions/0".to_owned(), (status, String::new()));
        store.poll(&mut bank, 2);
        assert_eq!(store.withdrawn, BTreeSet::new());
        assert_eq!(store.rows["1"].2, PaymentStatus::Succeeded);
        assert!(bank.logs.iter().any(|line| line.contains(&status.to_string())), "{:?}", bank.logs);
        let state = bank.state.clone();
        assert_eq!(store.poll(&mut bank, 2), 0);
        assert_eq!(bank.state, state);
        bank.scripted.clear();
        store.poll(&mut bank, 2);
        assert_eq!(store.withdrawn, BTreeSet::from(["0".to_owned()]));
    }
    let mut bank = Bank::new(3);
    bank.rows.push(Tx { id: 0, updated: START, status: "pending", version: 0 });
    Store::default().poll(&mut bank, 2);
    bank.rows.clear();
    bank.scripted.insert("/v2/transactions/0".to_owned(), (401, String::new()));
    let error = (0..9).find_map(|_| payments::fetch(&mut bank, &request(2, START), &parent()).err());
    assert!(matches!(error, Some(Error::Unauthorized(_))), "{error:?}");
}

#[test]
fn a_walk_that_rows_keep_ahead_of_ends_and_the_next_poll_goes_on() {
    let mut bank = Bank { runaway: 5, ..Bank::new(3) };
    let mut store = Store::default();
    store.poll(&mut bank, 2);
    assert!(bank.logs.iter().any(|line| line.contains("cut short")), "{:?}", bank.logs);
    assert!(bank.requests.len() < 200, "{}", bank.requests.len());
    bank.runaway = 0;
    store.poll(&mut bank, 2);
    store.assert_equals(&bank);
}

#[test]
fn the_page_size_may_change_in_the_middle_of_a_walk() {
    for calls in [1, 2, 3, 4, 5, 7, 9, 12] {
        let mut bank = Bank::new(3);
        for id in 0..200 {
            let updated = START + i64::from(id.clamp(40, 170));
            bank.rows.push(Tx { id, updated, status: "completed", version: 0 });
        }
        for row in &mut bank.rows[60..130] {
            row.updated = START + 60;
        }
        bank.rows[130..].iter_mut().for_each(|row| row.updated += 5);
        let mut store = Store::default();
        for _ in 0..calls {
            let page = payments::fetch(&mut bank, &request(25, START), &parent()).unwrap();
            for item in page.items {
                store.rows.insert(item.reference, (time::millis(item.updated_at), item.raw, item.status));
            }
        }
        store.poll(&mut bank, 7);
        store.assert_equals(&bank);
    }
}

#[test]
fn rows_that_do_not_say_when_they_changed_are_paged_through() {
    for size in [1, 2, 25] {
        let mut bank = Bank { blind: true, ..Bank::new(3) };
        for id in 0..7 {
            bank.rows.push(Tx { id, updated: START + i64::from(id), status: "completed", version: 0 });
        }
        let mut states = Vec::new();
        for _ in 0..2 {
            let mut rejected = BTreeSet::new();
            loop {
                let page = payments::fetch(&mut bank, &request(size, START), &parent()).unwrap();
                rejected.extend(page.rejected.into_iter().filter_map(|row| row.reference));
                if !page.has_more {
                    break;
                }
                assert!(bank.requests.len() < 100, "endless");
            }
            assert_eq!(rejected.len(), 7);
            states.push(bank.state.clone());
        }
        assert_eq!(states[0], states[1]);
    }
}

#[test]
fn a_page_of_a_tie_that_is_refused_once_is_asked_again_and_one_refused_twice_is_an_error() {
    let bank = |times| {
        let mut bank = Bank { refused: Some((3, times)), ..Bank::new(3) };
        for id in 0..130 {
            bank.rows.push(Tx { id, updated: START, status: "completed", version: 0 });
        }
        bank
    };
    let mut once = bank(1);
    let mut store = Store::default();
    store.poll(&mut once, 25);
    store.assert_equals(&once);
    let mut always = bank(u32::MAX);
    let error = (0..100).find_map(|_| payments::fetch(&mut always, &request(25, START), &parent()).err());
    assert!(matches!(error, Some(Error::UpstreamRejected(_))), "{error:?}");
}

fn staging(token: Option<&str>) -> FetchRequest {
    let mut config = json!({"apiKey": "k:1", "clientID": "acme-1234", "endpoint": "https://x.staging.qonto.co"});
    if let Some(token) = token {
        config["stagingToken"] = json!(token);
    }
    FetchRequest { config: config.to_string(), ..request(25, START) }
}

#[test]
fn the_sandbox_s_login_page_asks_for_the_token() {
    let mut bank = Bank::new(3);
    let page = (200, "<!DOCTYPE html><html>".to_owned());
    bank.scripted.insert("/v2/transactions".to_owned(), page);
    match payments::fetch(&mut bank, &staging(None), &parent()) {
        Err(Error::Unauthorized(detail)) => assert!(detail.message.contains("stagingToken"), "{}", detail.message),
        other => panic!("{other:?}"),
    }
    let with_token = payments::fetch(&mut bank, &staging(Some("t")), &parent());
    assert!(matches!(with_token, Err(Error::MalformedResponse(_))), "{with_token:?}");
    let production = payments::fetch(&mut bank, &request(25, START), &parent());
    assert!(matches!(production, Err(Error::MalformedResponse(_))), "{production:?}");
}

#[test]
fn a_request_bears_the_key_as_it_is_and_says_who_asks() {
    let mut bank = Bank::new(3);
    payments::fetch(&mut bank, &staging(Some("t")), &parent()).unwrap();
    payments::fetch(&mut bank, &request(25, START), &parent()).unwrap();
    let own = |token: Option<&str>, key: &str| {
        let agent = concat!("qonto-connector/", env!("CARGO_PKG_VERSION"));
        let fixed = [("Authorization", key), ("Accept", "application/json"), ("User-Agent", agent)];
        let pairs = fixed.into_iter().chain(token.map(|token| ("X-Qonto-Staging-Token", token)));
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect::<Vec<_>>()
    };
    assert_eq!(bank.headers, [own(Some("t"), "acme-1234:k:1"), own(None, "acme-1234:k")]);
    assert!(bank.requests[0].starts_with("https://x.staging.qonto.co/v2/transactions?bank_account_id=a1&"));
}

#[test]
fn a_clock_that_stands_still_in_1970_costs_few_requests() {
    let mut bank = Bank { limit: Some(150), ..Bank::new(3) };
    for id in 0..400 {
        let updated = START + 1000 * i64::from(id);
        bank.rows.push(Tx { id, updated, status: "completed", version: 0 });
    }
    bank.clock = 0;
    let mut store = Store::default();
    store.poll(&mut bank, 100);
    store.assert_equals(&bank);
    assert!(bank.requests.len() < 200, "{} requests", bank.requests.len());
}

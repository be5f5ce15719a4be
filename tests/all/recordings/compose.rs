//! How the recordings are made: the real component in the real host polls a simulated Qonto, and what passes is kept.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use engine::install::{Described, Install};
use engine::runner::Runner;
use host_harness::QONTO;
use http::{HeaderMap, HeaderValue, Method};
use outside::clock::VirtualClock;
use outside::config::Terms;
use outside::har::{Entry, Har, Provenance};
use outside::transport::authenticated::Authenticated;
use outside::transport::recording::{Recording, check_clean};
use outside::transport::{Request, Transport};
use qonto::QontoWorld;
use serde_json::{Value, json};
use sim::Simulator;
use store::Store;
use store::export::What;
use url::Url;

use crate::support::{INSTALL, describe, exported, sandbox};

/// The endpoint of the recordings.
pub const ENDPOINT: &str = "https://thirdparty.qonto.com";

const COMMENT: &str = "Composed by hand after the shapes that Qonto documents; no call was made to Qonto. People, \
    companies, transactions and identifiers are invented, IBANs have valid checksums at banks that do not exist, and \
    there are no credentials: the host adds them behind the recording.";

/// The beginning of a path, the name of its entries, and the page of docs.qonto.com that documents it.
const PAGES: [(&str, &str, &str); 6] = [
    (
        "/v2/organization",
        "organization",
        "Retrieve the authenticated organization and list bank accounts (GET /v2/organization)",
    ),
    ("/v2/bank_accounts", "bank-accounts", "List business accounts (GET /v2/bank_accounts)"),
    ("/v2/transactions/", "transaction", "Retrieve a transaction (GET /v2/transactions/{id})"),
    ("/v2/transactions", "transactions", "List transactions (GET /v2/transactions)"),
    ("/v2/sepa/beneficiaries", "sepa-beneficiaries", "List SEPA beneficiaries (GET /v2/sepa/beneficiaries)"),
    (
        "/v2/international/beneficiaries",
        "international-beneficiaries",
        "List international beneficiaries (GET /v2/international/beneficiaries)",
    ),
];

/// A recording without entries that says of itself where it is from.
pub fn composed() -> Har {
    let mut har = Har::new();
    har.log.comment = Some(COMMENT.to_owned());
    har
}

/// What is noted about an entry that nobody recorded from Qonto.
pub fn constructed(note: impl Into<String>) -> Provenance {
    Provenance { source: "constructed".to_owned(), note: note.into() }
}

/// The connector, installed at `endpoint`.
pub async fn install(endpoint: &str, login: &str, secret: &str) -> Install {
    let config = json!({ "clientID": login, "apiKey": secret, "endpoint": endpoint, "pageSize": 100 });
    let described = Described::load(sandbox(), QONTO).await.unwrap();
    described.install(&config.to_string(), &Terms::default()).unwrap()
}

/// Polls every stream once over `transport`, and gives the export.
pub async fn poll(install: &Install, transport: Arc<dyn Transport>, now: DateTime<Utc>) -> Vec<Value> {
    let store = Arc::new(Store::in_memory().unwrap());
    let clock = VirtualClock::at(now);
    let outside = install.outside(transport, Arc::new(clock));
    // One after the other: a recording is the same each time it is made.
    let runner = Runner { max_in_flight: 1, ..install.runner(outside, store.clone(), INSTALL) };
    let summary = runner.poll(&()).await.unwrap();
    let failed: Vec<String> = summary.failed().map(describe).collect();
    assert!(failed.is_empty(), "{failed:#?}");
    exported(&store, What::All)
}

/// A first poll of `world` at `now`, as a recording and as an export.
pub async fn first_poll(world: QontoWorld, now: DateTime<Utc>) -> (Har, Vec<Value>) {
    let install = install(ENDPOINT, &world.login, &world.secret).await;
    let clock = VirtualClock::at(now);
    let swap = Authenticated::new(Simulator::new(world, clock.clone()), install.keyring.clone());
    let recording = Arc::new(Recording::new(swap, Arc::new(clock)));
    let export = poll(&install, recording.clone(), now).await;
    let mut har = composed();
    har.log.entries = canonical(recording.har().log.entries);
    check_clean(&har, &install.keyring.secrets()).unwrap();
    (har, export)
}

/// What `world` answers to requests of our own, which the connector does not make.
pub async fn asked(world: QontoWorld, now: DateTime<Utc>, paths: impl IntoIterator<Item = &str>) -> Har {
    let install = install(ENDPOINT, &world.login, &world.secret).await;
    let clock = VirtualClock::at(now);
    let mut headers = HeaderMap::new();
    headers.insert("accept", HeaderValue::from_static("application/json"));
    let swap = Authenticated::new(Simulator::new(world, clock.clone()), install.keyring.clone());
    let recording = Recording::new(swap, Arc::new(clock));
    for path in paths {
        let url = Url::parse(ENDPOINT).unwrap().join(path).unwrap();
        let request = Request { method: Method::GET, url, headers: headers.clone(), body: Bytes::new() };
        recording.send(request).await.unwrap();
    }
    let mut har = composed();
    har.log.entries = canonical(recording.har().log.entries);
    check_clean(&har, &install.keyring.secrets()).unwrap();
    har
}

/// Accounts are polled side by side: puts streams one after the other, the requests of each in their order.
fn canonical(mut entries: Vec<Entry>) -> Vec<Entry> {
    let place = |entry: &Entry| PAGES.iter().position(|page| path(entry).starts_with(page.0)).expect("a known path");
    entries.sort_by_key(|entry| (place(entry), parameter(entry, "bank_account_id"), parameter(entry, "currency")));
    let mut numbers: BTreeMap<&str, u32> = BTreeMap::new();
    for (place_in_file, entry) in (1..).zip(&mut entries) {
        renumber_trace(entry, place_in_file);
        let (_, name, page) = PAGES[place(entry)];
        let number = numbers.entry(name).or_default();
        *number += 1;
        entry.id = Some(format!("{name}-{number}"));
        entry.provenance = Some(constructed(format!("docs.qonto.com, page {page}")));
    }
    entries
}

/// The simulator numbers its trace ids as the requests come, whichever stream is first.
fn renumber_trace(entry: &mut Entry, number: u32) {
    const FIELD: &str = "\"trace_id\":\"";
    let Some(body) = &mut entry.response.content.text else { return };
    if let Some(start) = body.find(FIELD).map(|start| start + FIELD.len()) {
        body.replace_range(start..start + 32, &format!("{number:032x}"));
    }
}

pub fn path(entry: &Entry) -> String {
    Url::parse(&entry.request.url).unwrap().path().to_owned()
}

pub fn parameter(entry: &Entry, name: &str) -> Option<String> {
    entry.request.query_string.iter().find(|pair| pair.name == name).map(|pair| pair.value.clone())
}

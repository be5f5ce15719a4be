//! How the recordings are made: the real component in the real host polls a simulated Qonto, and what passes is kept.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use host_harness::clock::VirtualClock;
use host_harness::export::What;
use host_harness::har::{Entry, Har, Provenance};
use host_harness::install::{Described, Install, QONTO};
use host_harness::sim::Simulator;
use host_harness::sim::qonto::QontoWorld;
use host_harness::store::Store;
use host_harness::transport::Transport;
use host_harness::transport::recording::{Recording, check_clean};
use host_harness::transport::secret::SecretSwap;
use serde_json::{Value, json};
use url::Url;

use super::support::{INSTALL, describe, exported, sandbox};

/// The endpoint of the recordings.
pub const ENDPOINT: &str = "https://thirdparty.qonto.com";

const COMMENT: &str = "Composed by hand after the shapes that Qonto documents; no call was made to Qonto. People, \
    companies, transactions and identifiers are invented, IBANs have valid checksums at banks that do not exist, and \
    there are no credentials: placeholders stand in their place.";

/// Where a path is documented, and what its answer shows.
const PAGES: [(&str, &str, &str, &str); 4] = [
    (
        "/v2/organization",
        "organization",
        "Retrieve the authenticated organization and list bank accounts (GET /v2/organization)",
        "the organization and its accounts",
    ),
    ("/v2/transactions", "transactions", "List transactions (GET /v2/transactions)", "transactions"),
    (
        "/v2/sepa/beneficiaries",
        "sepa-beneficiaries",
        "List SEPA beneficiaries (GET /v2/sepa/beneficiaries)",
        "SEPA beneficiaries",
    ),
    (
        "/v2/international/beneficiaries",
        "international-beneficiaries",
        "List international beneficiaries (GET /v2/international/beneficiaries)",
        "international beneficiaries",
    ),
];

/// A recording without entries that says of itself where it is from.
pub fn composed() -> Har {
    let mut har = Har::new();
    har.log.comment = Some(COMMENT.to_owned());
    har
}

/// What is noted about an entry that nobody recorded from Qonto.
pub fn constructed(note: impl Into<String>) -> Option<Provenance> {
    Some(Provenance { source: "constructed".to_owned(), note: note.into() })
}

/// The connector, installed at `endpoint`.
pub async fn install(endpoint: &str, login: &str, secret: &str) -> Install {
    let config = json!({ "clientID": login, "apiKey": secret, "endpoint": endpoint, "pageSize": 100 });
    let described = Described::load(sandbox(), QONTO).await.unwrap();
    described.install(&config.to_string(), |_| None).unwrap()
}

/// Polls every stream once over `transport`, and gives the export.
pub async fn poll(install: &Install, transport: Arc<dyn Transport>, now: DateTime<Utc>) -> Vec<Value> {
    let store = Arc::new(Store::in_memory().unwrap());
    let clock = VirtualClock::at(now);
    let outside = install.outside(transport, Arc::new(clock));
    let summary = install.runner(outside, store.clone(), INSTALL).poll(&()).await.unwrap();
    let failed: Vec<String> = summary.failed().map(describe).collect();
    assert!(failed.is_empty(), "{failed:#?}");
    exported(&store, What::All)
}

/// A first poll of `world` at `now`, as a recording and as an export.
pub async fn first_poll(world: QontoWorld, now: DateTime<Utc>) -> (Har, Vec<Value>) {
    let install = install(ENDPOINT, &world.login, &world.secret).await;
    let clock = VirtualClock::at(now);
    let swap = SecretSwap::new(Simulator::new(world, clock.clone()), install.secrets.clone());
    let recording = Arc::new(Recording::new(swap, Arc::new(clock)));
    let export = poll(&install, recording.clone(), now).await;
    let mut har = composed();
    har.log.entries = canonical(recording.har().log.entries);
    check_clean(&har, &install.secrets).unwrap();
    (har, export)
}

/// Accounts are polled side by side: puts streams one after the other, the requests of each in their order.
fn canonical(mut entries: Vec<Entry>) -> Vec<Entry> {
    let place = |entry: &Entry| PAGES.iter().position(|page| page.0 == path(entry)).expect("a documented path");
    entries.sort_by_key(|entry| (place(entry), parameter(entry, "bank_account_id"), parameter(entry, "currency")));
    let mut numbers: BTreeMap<&str, u32> = BTreeMap::new();
    for (place_in_file, entry) in (1..).zip(&mut entries) {
        renumber_trace(entry, place_in_file);
        let (_, name, page, _) = PAGES[place(entry)];
        let number = numbers.entry(name).or_default();
        *number += 1;
        entry.id = Some(format!("{name}-{number}"));
        entry.provenance = constructed(format!("docs.qonto.com, page {page}"));
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

fn path(entry: &Entry) -> String {
    Url::parse(&entry.request.url).unwrap().path().to_owned()
}

fn parameter(entry: &Entry, name: &str) -> Option<String> {
    entry.request.query_string.iter().find(|pair| pair.name == name).map(|pair| pair.value.clone())
}

/// The table of a recording for its reviewers.
pub fn listing(har: &Har) -> String {
    let mut text = "| id | request | status | rows | what it shows |\n|---|---|---|---|---|\n".to_owned();
    let names = account_names(har);
    for entry in &har.log.entries {
        let url = Url::parse(&entry.request.url).unwrap();
        let query = url.query_pairs().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&");
        let body = entry.response.content.text.as_deref().unwrap_or_default();
        let (rows, shows) = shown(entry, body, &names);
        text += &format!(
            "| {} | {} {}{}{query} | {} | {rows} | {} |\n",
            entry.id.as_deref().unwrap_or_default(),
            entry.request.method,
            url.path(),
            if query.is_empty() { "" } else { "?" },
            entry.response.status,
            shows.replace('|', "\\|")
        );
    }
    text
}

/// The names of the accounts by id.
fn account_names(har: &Har) -> BTreeMap<String, String> {
    let bodies = har.log.entries.iter().filter_map(|entry| entry.response.content.text.as_deref());
    let organizations = bodies.filter_map(|body| serde_json::from_str::<Value>(body).ok());
    let accounts = organizations.flat_map(|body| body["organization"]["bank_accounts"].as_array().cloned());
    let pair = |account: &Value| (text(account, "id"), text(account, "name"));
    accounts.flatten().map(|account| pair(&account)).collect()
}

fn text(object: &Value, field: &str) -> String {
    object[field].as_str().unwrap_or_default().to_owned()
}

/// How many rows an answer has, and what it shows.
fn shown(entry: &Entry, body: &str, names: &BTreeMap<String, String>) -> (String, String) {
    let json: Value = serde_json::from_str(body).unwrap_or_default();
    let page = PAGES.iter().find(|page| page.0 == path(entry));
    if entry.response.status != 200 || page.is_none() {
        return ("–".to_owned(), entry.comment.clone().unwrap_or_else(|| "refused, as to an API key".to_owned()));
    }
    let list = if json["organization"].is_object() {
        &json["organization"]["bank_accounts"]
    } else {
        let lists = json.as_object().into_iter().flatten();
        lists.map(|(_, value)| value).find(|value| value.is_array()).unwrap_or(&Value::Null)
    };
    let rows = list.as_array().map_or_else(|| "–".to_owned(), |rows| rows.len().to_string());
    let account = parameter(entry, "bank_account_id").and_then(|id| names.get(&id).cloned());
    let of = account.map(|name| format!(" of “{name}”")).unwrap_or_default();
    let meta = &json["meta"];
    let pages = if meta.is_object() {
        format!(", page {} of {}", meta["current_page"], meta["total_pages"])
    } else {
        String::new()
    };
    (rows, format!("{}{of}{pages}", page.map_or("", |page| page.3)))
}

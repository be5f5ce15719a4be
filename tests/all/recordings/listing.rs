//! The recordings as tables, for people who review them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use outside::har::{Entry, Har};
use serde_json::Value;
use url::Url;

use super::compose::{parameter, path};

/// The table of a recording.
pub fn listing(har: &Har) -> String {
    let mut text = "| id | request | status | rows | what it shows |\n|---|---|---|---|---|\n".to_owned();
    let names = account_names(har);
    for entry in &har.log.entries {
        let url = Url::parse(&entry.request.url).unwrap();
        let (rows, shows) = shown(entry, &names);
        writeln!(
            text,
            "| {} | `{} {}{}` | {} | {rows} | {shows} |",
            entry.id.as_deref().unwrap_or_default(),
            entry.request.method,
            url.path(),
            query(&url),
            entry.response.status,
        )
        .unwrap();
    }
    text
}

/// The query, without what is the same everywhere, and ids in short.
fn query(url: &Url) -> String {
    let pairs = url.query_pairs().filter(|(name, _)| name != "sort_by" && name != "per_page");
    let short =
        |name: &str, value: &str| if name.ends_with("_id") { format!("{}…", &value[..8]) } else { value.to_owned() };
    let pairs: Vec<String> = pairs.map(|(name, value)| format!("{name}={}", short(&name, &value))).collect();
    if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
}

/// The names of the accounts by id.
fn account_names(har: &Har) -> BTreeMap<String, String> {
    let organizations = har.log.entries.iter().map(body).map(|body| body["organization"]["bank_accounts"].clone());
    let accounts = organizations.flat_map(|accounts| accounts.as_array().cloned().unwrap_or_default());
    accounts.map(|account| (text(&account, "id"), text(&account, "name"))).collect()
}

fn body(entry: &Entry) -> Value {
    serde_json::from_str(entry.response.content.text.as_deref().unwrap_or_default()).unwrap_or_default()
}

fn text(object: &Value, field: &str) -> String {
    object[field].as_str().unwrap_or_default().to_owned()
}

/// How many rows an answer has, and what it shows.
fn shown(entry: &Entry, names: &BTreeMap<String, String>) -> (String, String) {
    let body = body(entry);
    let said = |problem: &Value| format!("{}: {}", text(problem, "code"), text(problem, "detail"));
    let lists = || body.as_object().into_iter().flatten().map(|(_, value)| value).find(|value| value.is_array());
    let list = body["organization"]["bank_accounts"].as_array().or_else(|| lists().and_then(Value::as_array));
    let (true, Some(rows)) = (entry.response.status == 200, list) else {
        let shows =
            if body["errors"].is_array() { said(&body["errors"][0]) } else { kinds(&[body["transaction"].clone()]) };
        return ("–".to_owned(), shows);
    };
    let account = parameter(entry, "bank_account_id").and_then(|id| names.get(&id).cloned());
    let mut shows: Vec<String> = account.into_iter().collect();
    if body["meta"]["total_pages"].as_u64().is_some_and(|pages| pages > 1) {
        shows.push(format!("page {} of {}", body["meta"]["current_page"], body["meta"]["total_pages"]));
    }
    shows.push(match path(entry).as_str() {
        "/v2/transactions" => kinds(rows),
        _ => rows.iter().map(|row| text(row, "name")).collect::<Vec<_>>().join(", "),
    });
    shows.retain(|part| !part.is_empty());
    (rows.len().to_string(), shows.join("; "))
}

/// Transactions by type and status.
fn kinds(rows: &[Value]) -> String {
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    for row in rows {
        let status = row["status"].as_str().filter(|status| *status != "completed").unwrap_or_default();
        *counts.entry(format!("{} {status}", text(row, "operation_type")).trim().to_owned()).or_default() += 1;
    }
    counts.into_iter().map(|(kind, count)| format!("{count} {kind}")).collect::<Vec<_>>().join(", ")
}

/// The table of the recording of errors: `case` gives the contract's case for an entry's id.
pub fn errors_listing(har: &Har, case: impl Fn(&str) -> &'static str) -> String {
    let mut text = "| id | error of the contract | body | where it is from |\n|---|---|---|---|\n".to_owned();
    for entry in &har.log.entries {
        let id = entry.id.as_deref().unwrap_or_default();
        let body = entry.response.content.text.as_deref().unwrap_or_default();
        let note = entry.provenance.as_ref().map(|provenance| provenance.note.as_str()).unwrap_or_default();
        let shown = match body.replace('\n', "⏎") {
            body if body.trim().is_empty() => format!("{} bytes", entry.response.body_size),
            body => format!("`{body}`"),
        };
        writeln!(text, "| {id} | {} | {shown} | {note} |", case(id)).unwrap();
    }
    text
}

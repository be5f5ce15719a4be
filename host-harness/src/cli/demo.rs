//! `harness demo`: the whole way, offline: the bundled connector polls the bundled recording into a store.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use engine::config::Terms;
use engine::install::Install;
use outside::har::Har;
use outside::transport::replay::Replay;
use serde_json::Value;
use store::Store;
use store::export::{Format, What, export};

use super::failure::{self, Failure};
use super::progress::Progress;
use super::{open, run, tables};

/// A small company in the summer of 2026, composed by hand: nobody in it exists.
const RECORDING: &str = include_str!("../../../tests/recordings/demo.har");
/// The recording needs no credentials; the config needs some.
const CONFIG: &str =
    r#"{"clientID":"demo","apiKey":"not-a-real-key","endpoint":"https://thirdparty.qonto.com","pageSize":100}"#;
/// The name of the install, by which the file of an earlier demo is known.
const INSTALL: &str = "qonto-demo";
/// Payments that are listed; the others are in the file.
const LISTED: usize = 12;

pub async fn demo(file: &Path) -> Result<ExitCode, Failure> {
    let install: Install = open::component(None).await?.install(CONFIG, &Terms::offline())?;
    let har = Har::from_slice(RECORDING.as_bytes())
        .map_err(|error| Failure::failed(format!("the bundled recording cannot be read: {error}")))?;
    let replay = Arc::new(run::replay(Replay::from_har(&har)?, &install));
    make_room(file)?;
    let store = Arc::new(Store::open(file)?);
    let runner = install.runner(run::replayed(&install, replay), store.clone(), INSTALL);
    let summary = runner.poll(&Progress::new()).await?;

    accounts(&store)?;
    beneficiaries(&store)?;
    payments(&store)?;
    let rejected = records(&store, What::Rejected)?.len();
    say!("Rejected rows: {rejected}\n");
    let file = file.canonicalize().unwrap_or_else(|_| file.to_owned());
    say!("Everything is in {}; see it with", file.display());
    say!("  cargo harness export --store {} payments --format json", file.display());
    Ok(failure::code_of_poll(&summary))
}

/// A demo starts afresh, and so takes away the file of an earlier one, and of nothing else.
fn make_room(file: &Path) -> Result<(), Failure> {
    if !file.exists() {
        return Ok(());
    }
    let mine = Store::open(file).and_then(|store| store.installs()).is_ok_and(|installs| installs == [INSTALL]);
    if !mine {
        let text =
            format!("{} is there and not from an earlier demo; move it away, or run from elsewhere", file.display());
        return Err(Failure::usage(text));
    }
    for suffix in ["", "-wal", "-shm"] {
        let mut name = file.as_os_str().to_owned();
        name.push(suffix);
        match fs::remove_file(PathBuf::from(&name)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(Failure::failed(format!("cannot replace {}: {error}", file.display())));
            }
            _ => {}
        }
    }
    Ok(())
}

/// The records as an export has them: the demo shows what anybody can get.
fn records(store: &Store, what: What) -> Result<Vec<Value>, Failure> {
    let mut lines = Vec::new();
    export(store, INSTALL, what, Format::Ndjson, &mut lines)?;
    let lines = String::from_utf8_lossy(&lines).into_owned();
    let parsed = lines.lines().map(serde_json::from_str).collect::<Result<_, _>>();
    parsed.map_err(|error| Failure::failed(format!("the export cannot be read: {error}")))
}

fn accounts(store: &Store) -> Result<(), Failure> {
    let mut balances: BTreeMap<(String, String), String> = BTreeMap::new();
    for balance in records(store, What::Balances)? {
        let key = (tables::text(&balance["accountReference"]), tables::text(&balance["type"]));
        balances.insert(key, tables::money(&balance["amount"], &balance["asset"]));
    }
    let mut table = tables::new(["account", "IBAN", "booked", "available"]);
    for account in records(store, What::Accounts)? {
        let reference = tables::text(&account["reference"]);
        let balance = |kind: &str| balances.get(&(reference.clone(), kind.into())).cloned().unwrap_or_default();
        let iban = tables::text(&account["metadata"]["com.qonto.spec/iban"]);
        tables::add(&mut table, [tables::text(&account["name"]), iban, balance("BOOKED"), balance("AVAILABLE")]);
    }
    tables::align_right(&mut table, 2);
    tables::align_right(&mut table, 3);
    say!("\nAccounts\n{table}\n");
    Ok(())
}

fn beneficiaries(store: &Store) -> Result<(), Failure> {
    let mut table = tables::new(["beneficiary", "IBAN", "trusted"]);
    for account in records(store, What::ExternalAccounts)? {
        let of = |key: &str| tables::text(&account["metadata"][format!("com.qonto.spec/{key}")]);
        tables::add(&mut table, [tables::text(&account["name"]), of("iban"), of("trusted")]);
    }
    say!("External accounts\n{table}\n");
    Ok(())
}

fn payments(store: &Store) -> Result<(), Failure> {
    let payments = records(store, What::Payments)?;
    let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
    for payment in &payments {
        *counts.entry((tables::text(&payment["type"]), tables::text(&payment["status"]))).or_default() += 1;
    }
    let mut table = tables::new(["type", "status", "payments"]);
    for ((kind, status), count) in &counts {
        tables::add(&mut table, [kind.clone(), status.clone(), count.to_string()]);
    }
    tables::align_right(&mut table, 2);
    say!("Payments: {}\n{table}\n", payments.len());

    let mut table = tables::new(["created", "type", "status", "amount", "scheme", "counterparty"]);
    for payment in payments.iter().rev().take(LISTED) {
        let day: String = tables::text(&payment["createdAt"]).chars().take(10).collect();
        tables::add(
            &mut table,
            [
                day,
                tables::text(&payment["type"]),
                tables::text(&payment["status"]),
                tables::money(&payment["amount"], &payment["asset"]),
                tables::text(&payment["scheme"]),
                tables::text(&payment["counterparty"]["name"]),
            ],
        );
    }
    tables::align_right(&mut table, 3);
    say!("The latest {LISTED}\n{table}\n");
    Ok(())
}

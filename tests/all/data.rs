//! What people do with what was read: sums, tables, and what is new since the last time.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;

use crate::support::cli::Desk;
use crate::support::{at, mixed, world};
use chrono::TimeDelta;
use qonto::Transaction;
use rusqlite::Connection;
use serde_json::Value;

#[tokio::test(flavor = "multi_thread")]
async fn what_was_read_sums_up_to_the_booked_balances_in_any_sql_tool() {
    let (mut world, accounts) = world(2);
    mixed(&mut world, &accounts[0], 40, at(0), TimeDelta::minutes(1));
    // An own transfer, which Qonto tells in two rows.
    for (account, side) in [(&accounts[0], "debit"), (&accounts[1], "credit")] {
        let row = Transaction::on(account, at(500)).cents(23_600).kind("transfer", "WalletToWallet", "treasury");
        world.transaction(row.set("side", side));
    }
    world.balance();
    let desk = Desk::new(world, 25).await;
    desk.poll(&[]).ended(0);
    let store = Connection::open(desk.path("payments.db")).unwrap();
    let mut sums = store
        .prepare(
            "SELECT account_id, (SELECT ifnull(sum(amount_minor), 0) FROM v_entries e WHERE e.account_id = b.account_id), \
             amount_minor, difference_minor FROM v_balances b WHERE type = 'BOOKED' ORDER BY account_id",
        )
        .unwrap();
    let sums: Vec<(String, i64, i64, i64)> = sums
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(sums.len(), 2);
    for (account, entries, booked, difference) in sums {
        assert_eq!((entries, difference), (booked, 0), "{account}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn labels_note_category_vat_and_attachments_cost_no_further_request() {
    let (mut world, accounts) = world(1);
    let row = Transaction::on(&accounts[0], at(10))
        .cents(12_000)
        .labels(&[("l-1", "Project X"), ("l-2", "Team")])
        .set("vat_amount", 20.0)
        .set("vat_rate", 20)
        .set("note", "for May")
        .set("category", "office_supply")
        .set("attachment_ids", ["x", "y"]);
    world.transaction(row);
    let desk = Desk::new(world, 25).await;
    desk.poll(&[]).ended(0);
    let requests = desk.sim.log().iter().filter(|seen| seen.url.path().contains("label")).count();
    assert_eq!(requests, 0);
    let payment = desk.export("payments", &[]).lines().remove(0);
    let standard = |key: &str| payment["metadata"][format!("std/{key}")].as_str().map(str::to_owned);
    let told = ["tags", "vat-amount", "vat-rate", "note", "category", "attachments"].map(standard);
    let expected = ["Project X, Team", "20.0", "20", "for May", "office_supply", "2"];
    assert_eq!(told, expected.map(|value| Some(value.to_owned())));
    let entry = desk.export("entries", &[]).lines().remove(0);
    assert_eq!((&entry["vat_amount"], &entry["note"]), (&Value::from("20.0"), &Value::from("for May")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_warehouse_gets_each_change_once_and_goes_on_where_it_was() {
    let (mut world, accounts) = world(1);
    mixed(&mut world, &accounts[0], 5, at(0), TimeDelta::minutes(1));
    let pending = world.transaction(
        Transaction::on(&accounts[0], at(600)).cents(700).set("status", "pending").set("settled_at", Value::Null),
    );
    let desk = Desk::new(world, 25).await;
    desk.poll(&[]).ended(0);
    let changes = |since: &[&str]| desk.export("changes", since).lines();
    let first = changes(&[]);
    let kinds = |kind: &str| first.iter().filter(|line| line["kind"] == kind).count();
    assert_eq!((kinds("account"), kinds("balance"), kinds("payment")), (1, 2, 6));
    let cursor = |lines: &[Value]| lines.last().unwrap()["cursor"].as_str().unwrap().to_owned();
    desk.poll(&[]).ended(0);
    assert_eq!(changes(&["--since", &cursor(&first)]), Vec::<Value>::new(), "nothing is new");

    desk.sim.with(|world| world.flip(&pending, at(700), "completed"));
    desk.poll(&[]).ended(0);
    let second = changes(&["--since", &cursor(&first)]);
    assert_eq!(second.len(), 1, "{second:?}");
    assert_eq!((&second[0]["change"], &second[0]["record"]["status"]), (&"upsert".into(), &"SUCCEEDED".into()));
    assert_eq!(second[0]["id"], pending.as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_into_a_file_is_its_owners_alone_and_replaces_no_store() {
    let (mut world, accounts) = world(1);
    mixed(&mut world, &accounts[0], 3, at(0), TimeDelta::minutes(1));
    let desk = Desk::new(world, 25).await;
    desk.poll(&[]).ended(0);
    desk.write("entries.csv", "of before");
    desk.export("entries", &["--format", "csv", "-o", "entries.csv"]).ended(0);
    let written = fs::read_to_string(desk.path("entries.csv")).unwrap();
    let printed = desk.export("entries", &["--format", "csv"]).out;
    assert_eq!(written, format!("\u{feff}{printed}"), "by which Excel knows a file's characters");
    desk.export("payments", &["-o", "new.ndjson"]).ended(0);
    desk.export("entries", &["--format", "xlsx", "-o", "entries.xlsx"]).ended(0);
    assert!(fs::read(desk.path("entries.xlsx")).unwrap().starts_with(b"PK"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(desk.path("new.ndjson")).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let before = fs::read(desk.path("payments.db")).unwrap();
    let refused = desk.harness(&["export", "entries", "--format", "csv", "-o", "payments.db"]).ended(2);
    assert!(refused.err.contains("payments.db"), "{refused:?}");
    assert_eq!(fs::read(desk.path("payments.db")).unwrap(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_install_that_goes_keeps_its_records_until_they_are_erased() {
    let (mut world, accounts) = world(1);
    mixed(&mut world, &accounts[0], 3, at(0), TimeDelta::minutes(1));
    let desk = Desk::new(world, 25).await;
    desk.poll(&[]).ended(0);
    let before = desk.export("all", &[]).out;
    let kept = desk.harness(&["uninstall", "qonto"]).ended(0);
    assert!(kept.out.contains("Kept in payments.db: 1 account, 2 balances, 3 payments"), "{kept:?}");
    assert_eq!(desk.export("all", &[]).out, before);
    assert_eq!(desk.harness(&["state", "show"]).ended(0).out.matches("fetch-").count(), 0);
    let erased = desk.harness(&["uninstall", "qonto", "--purge"]).ended(0);
    assert!(erased.out.contains("3 payments"), "{erased:?}");
    desk.harness(&["uninstall", "qonto", "--purge"]).ended(2);
    assert!(desk.harness(&["export", "all"]).ended(2).err.contains("is empty"));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_watches_the_last_line_is_json_whatever_else_a_poll_says() {
    let (mut world, accounts) = world(1);
    mixed(&mut world, &accounts[0], 3, at(0), TimeDelta::minutes(1));
    let desk = Desk::new(world, 25).await;
    let recorded = desk.poll(&["--record", "polled.har"]).ended(0);
    assert!(recorded.err.contains("recorded to"), "{recorded:?}");
    assert_eq!(recorded.summary()["fetch-accounts"]["records"], 1);
    // With more than the poll asks for: that is told as well.
    let mut har: Value = serde_json::from_str(&fs::read_to_string(desk.path("polled.har")).unwrap()).unwrap();
    let entries = har["log"]["entries"].as_array_mut().unwrap();
    let mut unasked = entries[0].clone();
    unasked["request"]["url"] = format!("{}/v2/nowhere", desk.server.url()).into();
    entries.push(unasked);
    desk.write("more.har", har.to_string());
    let replayed = desk.poll(&["--replay", "more.har", "--store", "again.db", "--json"]).ended(0);
    assert!(replayed.err.contains("never asked for"), "{replayed:?}");
    assert_eq!(replayed.summary()["fetch-accounts"]["records"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_is_that_of_the_zone_that_is_asked_for_and_a_zone_that_is_none_is_told() {
    let (mut world, accounts) = world(1);
    world.transaction(Transaction::on(&accounts[0], at(600)).cents(700));
    let desk = Desk::new(world, 25).await;
    desk.poll(&[]).ended(0);
    let day = |zone: &str| desk.export("entries", &["--tz", zone]).lines()[0]["booked_on"].as_str().unwrap().to_owned();
    // East of the date line and west of it, an instant is never of one day.
    assert!(day("Pacific/Kiritimati") > day("Pacific/Pago_Pago"));
    let told = desk.harness(&["export", "entries", "--tz", "europe/Paris"]).ended(2);
    assert!(told.err.contains("is it Europe/Paris?"), "{told:?}");
    assert!(desk.harness(&["export", "changes", "--tz", "UTC"]).ended(2).err.contains("by --since alone"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ending_of_a_file_says_what_it_is_and_what_does_not_fit_the_format_is_told() {
    let (mut world, accounts) = world(2);
    mixed(&mut world, &accounts[0], 20, at(0), TimeDelta::minutes(1));
    world.balance();
    let desk = Desk::new(world, 25).await;
    desk.poll(&[]).ended(0);
    for (file, beginning) in [
        (
            "a.xml",
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\">",
        ),
        ("a.beancount", "; A ledger for beancount"),
        ("a.csv", "\u{feff}install,payment_id,"),
    ] {
        desk.export("entries", &["-o", file]).ended(0);
        assert!(fs::read_to_string(desk.path(file)).unwrap().starts_with(beginning), "{file}");
    }
    let refused = |arguments: &[&str], why: &str| {
        let said = desk.harness(&[&["export"], arguments].concat()).ended(2);
        assert!(said.err.contains(why), "{said:?}");
    };
    refused(&["payments", "-o", "b.xml"], "made of entries");
    refused(&["entries", "-o", "book.ledger"], "the ending `.ledger` says no format");
    refused(&["--format", "beancount", "--status", "pending"], "ledgers need all entries of their days");
    refused(&["--format", "camt053", "--status", "SUCCEEDED"], "statements need all entries of their days");
    refused(&["entries", "--per", "day"], "--per is for --format camt053 alone");
    refused(&["entries", "--accounts", "names.json"], "--accounts is for --format beancount alone");
    refused(&["-o", "b.beancount", "--accounts", "names.json"], "names.json");
    desk.write("names.json", r#"{ "office": "Büro" }"#);
    refused(&["-o", "b.beancount", "--accounts", "names.json"], "for \"office\", is no account");
    #[cfg(not(feature = "parquet"))]
    refused(&["entries", "-o", "b.parquet"], "built with `--features parquet`");
    assert!(!desk.path("b.xml").exists() && !desk.path("b.beancount").exists() && !desk.path("b.parquet").exists());
}

//! The rules of the views, one test each. They are read as a stranger reads them: without this program's functions.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags};
use tempfile::TempDir;

use super::export::{BOOKED, NOT_BOOKED};
use super::testing::{account, accounts, balance, deliver, payment, payments, withdrawn};
use super::{Store, codec};
use crate::PageRecords;
use model::PaymentStatus::{Cancelled, Pending, Succeeded};
use model::{Balance, Counterparty, Money, Payment, PaymentType};

/// A store in a file, and who reads it.
struct Read {
    store: Store,
    reader: Connection,
    _folder: TempDir,
}

impl Read {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("views.db");
        let store = Store::open(&path).unwrap();
        let reader = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        Self { store, reader, _folder: folder }
    }

    fn payments(&self, items: Vec<Payment>) {
        deliver(&self.store, &payments(items), &[], 10).unwrap();
    }

    fn balances(&self, items: Vec<Balance>) {
        deliver(&self.store, &PageRecords::Balances(items), &[], 10).unwrap();
    }

    /// Each row as one text.
    fn rows(&self, sql: &str) -> Vec<String> {
        let mut statement = self.reader.prepare(sql).unwrap();
        let columns = statement.column_count();
        let rows = statement.query_map([], |row| {
            let cells = (0..columns).map(|column| {
                Ok(match row.get::<_, Value>(column)? {
                    Value::Null => "-".to_owned(),
                    Value::Integer(number) => number.to_string(),
                    Value::Text(text) => text,
                    other => format!("{other:?}"),
                })
            });
            Ok(cells.collect::<rusqlite::Result<Vec<_>>>()?.join(" "))
        });
        rows.unwrap().map(Result::unwrap).collect()
    }
}

fn booked(reference: &str, amount: &str, asset: &str, on: &str) -> Payment {
    let metadata = vec![("std/booking-date".to_owned(), on.to_owned())];
    Payment { amount: amount.into(), asset: asset.into(), metadata, ..payment(reference, Succeeded, 1) }
}

fn into(reference: &str, amount: &str, on: &str) -> Payment {
    Payment {
        payment_type: PaymentType::PayIn,
        source_account_reference: None,
        destination_account_reference: Some("acc-1".to_owned()),
        ..booked(reference, amount, "EUR/2", on)
    }
}

fn money(amount: &str, asset: &str) -> Money {
    Money { amount: amount.to_owned(), asset: asset.to_owned() }
}

#[test]
fn the_columns_of_the_views_are_those_that_are_documented() {
    let read = Read::new();
    let page = include_str!("../../docs/data.md");
    for view in ["v_accounts", "v_balances", "v_payments", "v_entries", "v_changes"] {
        let statement = read.reader.prepare(&format!("SELECT * FROM {view}")).unwrap();
        let columns: Vec<&str> = statement.column_names().collect();
        let section = page.split(&format!("### `{view}`\n")).nth(1).unwrap().split("\n### ").next().unwrap();
        let documented: Vec<&str> =
            section.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
        assert_eq!(columns, documented, "{view}");
    }
}

#[test]
fn an_amount_has_the_decimals_of_its_asset_and_is_exact_however_long_it_is() {
    let read = Read::new();
    let wei = "123456789012345678901234567890";
    read.payments(vec![
        booked("a", "129900", "EUR/2", "2026-01-01"),
        booked("b", "5", "EUR/2", "2026-01-02"),
        booked("c", "0", "EUR/2", "2026-01-03"),
        booked("d", "1500", "JPY/0", "2026-01-04"),
        booked("e", "1", "BHD/3", "2026-01-05"),
        booked("f", wei, "ETH/18", "2026-01-06"),
        booked("g", "999999999999999", "EUR/2", "2026-01-07"),
        booked("h", "1000000000000000", "EUR/2", "2026-01-08"),
    ]);
    let rows =
        read.rows("SELECT payment_id, amount, amount_minor, currency, direction FROM v_entries ORDER BY booked_on");
    let expected = [
        "a -1299.00 -129900 EUR DEBIT",
        "b -0.05 -5 EUR DEBIT",
        "c 0.00 0 EUR DEBIT",
        "d -1500 -1500 JPY DEBIT",
        "e -0.001 -1 BHD DEBIT",
        "f -123456789012.345678901234567890 -123456789012345678901234567890 ETH DEBIT",
        "g -9999999999999.99 -999999999999999 EUR DEBIT",
        "h -10000000000000.00 -1000000000000000 EUR DEBIT",
    ];
    assert_eq!(rows, expected);
    let payments = read.rows("SELECT payment_id, amount, amount_minor FROM v_payments WHERE payment_id IN ('a', 'f')");
    assert_eq!(payments, ["a 1299.00 129900", "f 123456789012.345678901234567890 123456789012345678901234567890"]);
}

#[test]
fn only_money_that_moved_is_an_entry() {
    let read = Read::new();
    read.payments(vec![payment("moved", Succeeded, 1), payment("open", Pending, 1), payment("never", Cancelled, 1)]);
    assert_eq!(read.rows("SELECT payment_id FROM v_entries"), ["moved"]);
    assert_eq!(read.rows("SELECT count(*) FROM v_payments"), ["3"]);
    deliver(&read.store, &withdrawn("moved"), &[], 20).unwrap();
    assert_eq!(read.rows("SELECT payment_id FROM v_entries"), Vec::<String>::new());

    // Those that an export can be picked by are those of the view.
    let read = Read::new();
    let all = BOOKED.iter().chain(&NOT_BOOKED);
    read.payments(all.map(|status| payment(codec::payment_status_name(*status), *status, 1)).collect());
    let mut booked = BOOKED.map(codec::payment_status_name);
    booked.sort_unstable();
    assert_eq!(read.rows("SELECT status FROM v_entries ORDER BY status"), booked);
}

#[test]
fn each_side_that_is_ones_own_is_an_entry_and_so_is_each_fee() {
    let read = Read::new();
    let both = |kind, counter| Payment {
        payment_type: kind,
        destination_account_reference: Some("acc-2".to_owned()),
        counter_amount: counter,
        fees: vec![money("7", "EUR/2")],
        ..booked("p", "1000", "EUR/2", "2026-01-01")
    };
    let entries = "SELECT account_id, type, amount, currency FROM v_entries ORDER BY account_id, amount";
    let local = "SELECT account_id, local_amount, local_currency FROM v_entries WHERE type = 'CONVERSION' ORDER BY 1";
    read.payments(vec![both(PaymentType::Transfer, None)]);
    assert_eq!(read.rows(entries), ["acc-1 FEE -0.07 EUR", "acc-1 TRANSFER -10.00 EUR", "acc-2 TRANSFER 10.00 EUR"]);
    read.payments(vec![both(PaymentType::Conversion, Some(money("1100", "USD/2")))]);
    assert_eq!(
        read.rows(entries),
        ["acc-1 FEE -0.07 EUR", "acc-1 CONVERSION -10.00 EUR", "acc-2 CONVERSION 11.00 USD"]
    );
    assert_eq!(read.rows(local), ["acc-1 -11.00 USD", "acc-2 10.00 EUR"]);
    // What an account gets comes without what was kept of it.
    read.payments(vec![Payment { fees: vec![money("7", "EUR/2")], ..into("p", "1000", "2026-01-01") }]);
    assert_eq!(read.rows(entries), ["acc-1 FEE -0.07 EUR", "acc-1 PAY-IN 10.00 EUR"]);
}

#[test]
fn entries_sum_up_to_the_booked_balance_and_what_is_missing_of_them_is_told() {
    let read = Read::new();
    let day = 86_400;
    read.payments(vec![into("a", "5000", "1970-01-02"), booked("b", "1200", "EUR/2", "1970-01-03")]);
    read.balances(vec![balance("3800", 10 * day)]);
    let sums = "SELECT amount, entries_minor, difference_minor FROM v_balances";
    assert_eq!(read.rows(sums), ["38.00 3800 0"]);
    let after = "SELECT payment_id, balance_after FROM v_entries ORDER BY booked_on";
    assert_eq!(read.rows(after), ["a 50.00", "b 38.00"]);
    // What is booked after the balance was read is no part of it.
    read.payments(vec![booked("c", "4000", "EUR/2", "1970-01-12")]);
    assert_eq!((read.rows(sums), read.rows(after).last().unwrap().as_str()), (vec!["38.00 3800 0".into()], "c -2.00"));
    read.balances(vec![balance("-200", 12 * day)]);
    assert_eq!(read.rows(sums), ["-2.00 -200 0"]);
    // The latest balance has moved by what no payment says.
    read.balances(vec![balance("-150", 13 * day)]);
    assert_eq!(read.rows(sums), ["-1.50 -200 50"]);
}

#[test]
fn where_the_history_begins_later_the_opening_comes_from_the_oldest_balance() {
    let read = Read::new();
    let day = 86_400;
    read.payments(vec![into("a", "500", "1970-01-05")]);
    read.balances(vec![balance("2500", 6 * day)]);
    read.payments(vec![into("b", "100", "1970-01-09")]);
    read.balances(vec![balance("2600", 9 * day)]);
    assert_eq!(read.rows("SELECT payment_id, balance_after FROM v_entries ORDER BY booked_on"), ["a 25.00", "b 26.00"]);
    assert_eq!(read.rows("SELECT entries_minor, difference_minor FROM v_balances"), ["600 2000"]);
}

#[test]
fn behind_an_amount_that_is_too_long_for_a_number_no_balance_is_made_up() {
    let read = Read::new();
    read.balances(vec![balance("0", 1)]);
    read.payments(vec![
        into("a", "500", "1970-01-05"),
        into("b", "1234567890123456", "1970-01-06"),
        into("c", "500", "1970-01-07"),
    ]);
    let after = "SELECT payment_id, balance_after FROM v_entries ORDER BY booked_on";
    assert_eq!(read.rows(after), ["a 5.00", "b -", "c -"]);
    read.balances(vec![balance("-1234567890123456", 9 * 86_400)]);
    assert_eq!(read.rows("SELECT amount_minor, entries_minor FROM v_balances"), ["-1234567890123456 -"]);
    assert_eq!(read.rows("SELECT typeof(amount_minor) FROM v_balances"), ["text"]);
}

#[test]
fn value_added_tax_stands_beside_a_payment_once_and_a_bank_is_known_by_its_code() {
    let read = Read::new();
    let mut one = booked("p", "1000", "EUR/2", "2026-01-01");
    one.payment_type = PaymentType::Transfer;
    one.destination_account_reference = Some("acc-2".to_owned());
    one.fees = vec![money("7", "EUR/2")];
    one.metadata.push(("std/vat-amount".to_owned(), "1.67".to_owned()));
    one.counterparty = Some(Counterparty {
        name: None,
        account_reference: None,
        account_number: None,
        account_number_format: None,
        bank_identifier: Some("FICTFRP1XXX".to_owned()),
        bank_identifier_format: Some("SWIFT_BIC".to_owned()),
    });
    read.payments(vec![one]);
    let rows = read.rows("SELECT account_id, vat_amount, counterparty_bic FROM v_entries ORDER BY account_id, amount");
    assert_eq!(rows, ["acc-1 - FICTFRP1XXX", "acc-1 1.67 FICTFRP1XXX", "acc-2 - FICTFRP1XXX"]);
}

#[test]
fn within_a_day_entries_are_in_the_order_of_booking_and_not_of_making() {
    let read = Read::new();
    let booked_at = |reference: &str, made: i64, at: &str| {
        let mut payment = into(reference, "100", "1970-01-02");
        payment.created_at.seconds = made;
        payment.metadata.insert(0, ("std/booked-at".to_owned(), at.to_owned()));
        payment
    };
    read.balances(vec![balance("0", 1)]);
    read.payments(vec![
        booked_at("late", 1, "1970-01-02T15:00:00.250Z"),
        booked_at("later", 0, "1970-01-02T15:00:00.750Z"),
        booked_at("early", 9_000, "1970-01-02T10:00:00Z"),
    ]);
    let after = "SELECT payment_id, balance_after FROM v_entries ORDER BY balance_after";
    assert_eq!(read.rows(after), ["early 1.00", "late 2.00", "later 3.00"]);
}

#[test]
fn an_instant_of_booking_decides_within_a_day() {
    let read = Read::new();
    let booked_at = |reference: &str, at: &str| {
        let mut payment = into(reference, "100", "1970-01-02");
        payment.metadata.insert(0, ("std/booked-at".to_owned(), at.to_owned()));
        payment
    };
    read.payments(vec![
        booked_at("before", "1970-01-02T10:00:00.500Z"),
        booked_at("after", "1970-01-02T14:00:00+02:00"),
    ]);
    read.balances(vec![balance("100", 86_400 + 11 * 3_600)]);
    assert_eq!(read.rows("SELECT entries_minor, difference_minor FROM v_balances"), ["100 0"]);
}

#[test]
fn changes_come_in_the_order_of_storing_and_a_page_that_is_known_makes_none() {
    let read = Read::new();
    let changes = "SELECT seq, kind, id, change FROM v_changes";
    deliver(&read.store, &accounts(vec![account("acc-1", "Main", Some(1))]), &[], 10).unwrap();
    let page = vec![payment("p", Pending, 1)];
    read.payments(page.clone());
    read.payments(page);
    read.balances(vec![balance("5", 1)]);
    read.balances(vec![balance("5", 2)]);
    read.payments(vec![payment("p", Succeeded, 2)]);
    deliver(&read.store, &accounts(vec![account("acc-1", "Renamed", Some(2))]), &[], 10).unwrap();
    deliver(&read.store, &withdrawn("p"), &[], 20).unwrap();
    let expected = [
        "1 account acc-1 upsert",
        "2 payment p upsert",
        "3 balance acc-1/BOOKED/EUR upsert",
        "4 payment p upsert",
        "5 account acc-1 upsert",
        "6 payment p withdrawal",
    ];
    assert_eq!(read.rows(changes), expected);
    read.payments(vec![payment("p", Succeeded, 2)]);
    assert_eq!(read.rows(changes).last().unwrap(), "7 payment p upsert", "it is back");
}

//! What leaves the program, byte for byte.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::{ExportError, Format, What, export};
use crate::testing::{
    account, accounts, balance, deliver, everything, exported, payment, payments, rejected, withdrawn,
};
use crate::{PageRecords, Store, StoreError};
use model::{Counterparty, PaymentStatus, Timestamp};

fn store_with(page: &PageRecords) -> Store {
    let store = Store::in_memory().unwrap();
    deliver(&store, page, &[], 1).unwrap();
    store
}

#[test]
fn every_kind_has_exactly_its_keys_in_order() {
    let mut one = payment("p", PaymentStatus::Pending, 2_000);
    one.created_at = Timestamp { seconds: 1_777_881_600, nanoseconds: 123_000_000 };
    one.metadata = vec![("k".to_owned(), "v".to_owned())];
    one.counterparty = Some(Counterparty {
        account_reference: None,
        name: Some("Zoë".to_owned()),
        account_number: None,
        account_number_format: None,
        bank_identifier: Some("ABCDEFGH".to_owned()),
        bank_identifier_format: Some("BIC".to_owned()),
    });
    let store = store_with(&payments(vec![one]));
    deliver(&store, &withdrawn("p"), &[rejected(None, "<html>")], 3_000).unwrap();
    deliver(&store, &accounts(vec![account("a", "n", None)]), &[], 1).unwrap();
    deliver(&store, &PageRecords::Balances(vec![balance("-5", 60)]), &[], 1).unwrap();
    assert_eq!(
        everything(&store),
        concat!(
            r#"{"kind":"account","reference":"a","name":"n","defaultAsset":"EUR/2","createdAt":null,"#,
            r#""updatedAt":null,"goneAt":null,"replacedBy":null,"#,
            r#""metadata":{"com.bank.spec/b":"2","a":""},"raw":{"id":"a","name":"n"}}"#,
            "\n",
            r#"{"kind":"balance","accountReference":"acc-1","type":"BOOKED","label":null,"amount":"-5","asset":"EUR/2","#,
            r#""asOf":"1970-01-01T00:01:00Z"}"#,
            "\n",
            r#"{"kind":"payment","reference":"p","parentReference":null,"replacedBy":null,"type":"PAYOUT","status":"CANCELLED","scheme":"SEPA_CREDIT","#,
            r#""amount":"129900","asset":"EUR/2","fees":[],"counterAmount":null,"#,
            r#""createdAt":"2026-05-04T08:00:00.123Z","createdAtPrecision":"INSTANT","#,
            r#""updatedAt":"1970-01-01T00:50:00.123456789Z","sourceAccountReference":"acc-1","#,
            r#""destinationAccountReference":null,"counterparty":{"name":"Zoë","accountReference":null,"accountNumber":null,"#,
            r#""accountNumberFormat":null,"bankIdentifier":"ABCDEFGH","bankIdentifierFormat":"BIC"},"#,
            r#""metadata":{"k":"v"},"raw":{"id":"p","amount":1299.00,"updated":2000},"adjustments":["#,
            r#"{"status":"PENDING","amount":"129900","updatedAt":"1970-01-01T00:33:20Z"},"#,
            r#"{"status":"CANCELLED","amount":"129900","updatedAt":"1970-01-01T00:50:00.123456789Z"}]}"#,
            "\n",
            r#"{"kind":"rejected","stream":"fetch-payments/acc-1","reference":null,"#,
            r#""reason":"`amount` is \"abc\"; expected a number","raw":"<html>"}"#,
            "\n",
        )
    );
}

fn raw_of(raw: &str) -> String {
    let mut one = account("a", "n", None);
    one.raw = raw.to_owned();
    let line = everything(&store_with(&accounts(vec![one])));
    let (_, raw) = line.split_once(r#","raw":"#).unwrap();
    raw.strip_suffix("}\n").unwrap().to_owned()
}

#[test]
fn raw_keeps_number_spelling_key_order_and_strings_and_loses_only_whitespace() {
    let raw = "{\r\n\t\"z\" : 1.10E+02, \"a\": -0.0,\n \"s\": \" a\\\" b\\\\\", \"z\": 10000000000000000000000.000 }\n";
    assert_eq!(raw_of(raw), r#"{"z":1.10E+02,"a":-0.0,"s":" a\" b\\","z":10000000000000000000000.000}"#);
    assert_eq!(raw_of(r#"{"u":"\u00e9 é 🏦"}"#), r#"{"u":"\u00e9 é 🏦"}"#);
    let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
    assert_eq!(raw_of(&deep), deep);
}

#[test]
fn raw_that_is_not_json_is_a_string() {
    assert_eq!(raw_of("1 2"), r#""1 2""#);
    assert_eq!(raw_of(""), r#""""#);
    assert_eq!(raw_of("{\"a\":\n"), r#""{\"a\":\n""#);
}

#[test]
fn any_text_and_any_amount_come_out_as_they_went_in() {
    let name = "a\u{0}b\n\u{2028}\"'; DROP TABLE accounts; -- 𝒳\u{202e}";
    let mut one = payment("p", PaymentStatus::Succeeded, 1);
    one.amount = "9".repeat(200);
    one.reference = name.to_owned();
    let store = store_with(&payments(vec![one]));
    let line = everything(&store);
    assert_eq!(line.lines().count(), 1);
    let value: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!((value["reference"].as_str(), value["amount"].as_str()), (Some(name), Some(&*"9".repeat(200))));
}

#[test]
fn json_is_one_array_even_when_there_is_nothing() {
    let store =
        store_with(&payments(vec![payment("a", PaymentStatus::Pending, 1), payment("b", PaymentStatus::Other, 1)]));
    let array: Vec<serde_json::Value> = serde_json::from_str(&exported(&store, What::All, Format::Json)).unwrap();
    assert_eq!(array.len(), 2);
    assert_eq!(exported(&store, What::Rejected, Format::Json), "[]\n");
}

#[test]
fn csv_quotes_what_it_must_and_has_a_header_even_when_there_is_nothing() {
    let store = store_with(&accounts(vec![account("a,\"b\"\r\n", "n", None)]));
    let csv = exported(&store, What::Accounts, Format::Csv);
    assert!(
        csv.starts_with("kind,reference,name,defaultAsset,createdAt,updatedAt,goneAt,replacedBy,metadata,raw\n"),
        "{csv}"
    );
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let row = reader.records().next().unwrap().unwrap();
    assert_eq!((&row[1], &row[4], &row[8]), ("a,\"b\"\r\n", "", r#"{"com.bank.spec/b":"2","a":""}"#));
    let empty = exported(&store, What::Balances, Format::Csv);
    assert_eq!(empty, "kind,accountReference,type,label,amount,asset,asOf\n");
}

#[test]
fn csv_holds_no_formula_in_whatever_column_of_whatever_kind() {
    let mut hostile = account("=r", "=n", None);
    (hostile.raw, hostile.default_asset) = ("=raw".to_owned(), Some("=asset".to_owned()));
    let mut debt = payment("+p", PaymentStatus::Pending, 1);
    (debt.amount, debt.source_account_reference) = ("-1250".to_owned(), Some("@s".to_owned()));
    let store = store_with(&accounts(vec![hostile]));
    deliver(&store, &payments(vec![debt]), &[rejected(Some("=r"), "=raw")], 1).unwrap();
    deliver(&store, &PageRecords::Balances(vec![balance("-5", 60)]), &[], 1).unwrap();
    let mut numbers = 0;
    for what in [What::Accounts, What::Payments, What::Balances, What::Rejected] {
        let csv = exported(&store, what, Format::Csv);
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        for cell in reader.records().map(Result::unwrap).collect::<Vec<_>>().iter().flatten() {
            numbers += u32::from(["-5", "-1250"].contains(&cell));
            assert!(!cell.starts_with(['=', '+', '@']), "{csv}");
        }
        assert!(what == What::Balances || csv.contains('\''), "{csv}");
    }
    assert_eq!(numbers, 2, "amounts are left alone");
}

#[test]
fn csv_takes_one_kind_and_an_unknown_install_is_named() {
    let store = store_with(&payments(vec![]));
    let all = export(&store, "acme", What::All, Format::Csv, &mut Vec::new());
    assert!(matches!(all, Err(ExportError::OneKindOnly)));
    let typo = export(&store, "amce", What::All, Format::Json, &mut Vec::new());
    let Err(ExportError::Store(error @ StoreError::NoSuchInstall { .. })) = typo else { unreachable!("{typo:?}") };
    assert_eq!(error.to_string(), "the store has no install `amce`; it has `acme`");
}

#[test]
fn times_have_the_decimals_they_need_and_an_impossible_one_stops_nothing() {
    assert_eq!(super::encode::time(0, 0), "1970-01-01T00:00:00Z");
    assert_eq!(super::encode::time(-1, 120_000), "1969-12-31T23:59:59.000120Z");
    assert_eq!(super::encode::time(0, 1), "1970-01-01T00:00:00.000000001Z");
    assert_eq!(super::encode::time(i64::MAX, 5), "@9223372036854775807.000000005");
}

#[test]
fn payments_come_by_creation_then_reference_whatever_the_arrival() {
    let mut early = payment("z", PaymentStatus::Pending, 1);
    early.created_at.seconds = 1;
    let store = store_with(&payments(vec![
        payment("b", PaymentStatus::Pending, 1),
        payment("a", PaymentStatus::Pending, 1),
        early,
    ]));
    let lines = exported(&store, What::Payments, Format::Ndjson);
    let order: Vec<_> = lines.lines().map(|line| &line[r#"{"kind":"payment","reference":""#.len()..][..1]).collect();
    assert_eq!(order, ["z", "a", "b"]);
}

#[test]
fn a_run_goes_on_while_an_export_is_being_read() {
    struct Slow<'s>(&'s Store, bool);
    impl std::io::Write for Slow<'_> {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            if !self.1 {
                self.1 = true;
                let page = payments(vec![payment("q", PaymentStatus::Pending, 1)]);
                deliver(self.0, &page, &[], 1).map_err(std::io::Error::other)?;
            }
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path().join("store.db")).unwrap();
    deliver(&store, &payments(vec![payment("p", PaymentStatus::Pending, 1)]), &[], 1).unwrap();
    assert_eq!(export(&store, "acme", What::All, Format::Ndjson, &mut Slow(&store, false)).unwrap(), 1);
    assert_eq!(everything(&store).lines().count(), 2);
}

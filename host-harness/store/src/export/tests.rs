//! What leaves the program, byte for byte.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use chrono::NaiveDate;

use super::{Cursor, ExportError, Filter, Format, Selection, What, changes, export};
use crate::testing::{
    account, accounts, balance, deliver, everything, exported, payment, payments, rejected, withdrawn,
};
use crate::{PageRecords, Store, StoreError};
use model::{Account, Counterparty, PaymentStatus, TimePrecision, Timestamp};

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
    assert!(csv.starts_with("install,account_id,kind,name,iban,"), "{csv}");
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let row = reader.records().next().unwrap().unwrap();
    assert_eq!((&row[1], &row[3], &row[4]), ("a,\"b\"\r\n", "n", ""));
    let empty = exported(&store, What::Entries, Format::Csv);
    assert!(empty.starts_with("install,payment_id,") && empty.lines().count() == 1, "{empty}");
    assert_eq!(exported(&store, What::Rejected, Format::Csv), "kind,stream,reference,reason,raw\n");
}

#[test]
fn csv_holds_no_formula_in_whatever_column_of_whatever_kind() {
    let mut hostile = account("=r", "=n", None);
    (hostile.raw, hostile.default_asset) = ("=raw".to_owned(), Some("=asset".to_owned()));
    let mut debt = payment("+p", PaymentStatus::Succeeded, 1);
    (debt.amount, debt.source_account_reference) = ("1250".to_owned(), Some("@s".to_owned()));
    let store = store_with(&accounts(vec![hostile]));
    deliver(&store, &payments(vec![debt]), &[rejected(Some("=r"), "=raw")], 1).unwrap();
    deliver(&store, &PageRecords::Balances(vec![balance("-5", 60)]), &[], 1).unwrap();
    let mut numbers = 0;
    for what in [What::Accounts, What::Payments, What::Entries, What::Balances, What::Rejected] {
        let csv = exported(&store, what, Format::Csv);
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        for cell in reader.records().map(Result::unwrap).collect::<Vec<_>>().iter().flatten() {
            numbers += u32::from(["-5", "-0.05", "-1250", "-12.50"].contains(&cell));
            assert!(!cell.starts_with(['=', '+', '@']), "{csv}");
        }
        assert!(what == What::Balances || csv.contains('\''), "{csv}");
    }
    assert_eq!(numbers, 5, "amounts are left alone, and so is what differs by one");
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

fn references(lines: &str) -> Vec<String> {
    let id = |line: &str| {
        let object: serde_json::Value = serde_json::from_str(line).unwrap();
        let id = ["payment_id", "reference", "accountReference"].into_iter().find_map(|key| object[key].as_str());
        id.unwrap().to_owned()
    };
    lines.lines().map(id).collect()
}

#[test]
fn records_are_picked_by_day_account_and_status_and_what_does_not_fit_is_refused() {
    let main = Account {
        metadata: vec![("std/iban".to_owned(), "FR76 3000 6000 0112 3456 7890 189".to_owned())],
        ..account("acc-1", "Main", None)
    };
    let store = store_with(&accounts(vec![main, account("acc-2", "Other", None)]));
    let on = |reference: &str, day: i64, status, account: &str| {
        let mut payment = payment(reference, status, 1);
        payment.created_at.seconds = day * 86_400 + 86_399;
        payment.source_account_reference = Some(account.to_owned());
        payment
    };
    let rows = [
        on("a", 1, PaymentStatus::Succeeded, "acc-1"),
        on("b", 2, PaymentStatus::Pending, "acc-1"),
        on("c", 2, PaymentStatus::Succeeded, "acc-2"),
        on("d", 3, PaymentStatus::Succeeded, "acc-1"),
    ];
    deliver(&store, &payments(rows.to_vec()), &[], 1).unwrap();
    let day = |day: u32| NaiveDate::from_ymd_opt(1970, 1, day);
    let picked = |what, filter: &Filter| {
        let mut out = Vec::new();
        let selection = Selection { what, filter: filter.clone() };
        export(&store, "acme", selection, Format::Ndjson, &mut out)
            .map(|_| references(&String::from_utf8(out).unwrap()))
    };
    let account = |account: &str| Some(account.to_owned());
    for (filter, payments, entries) in [
        (Filter { since: day(3), ..Filter::default() }, "b c d", "d c"),
        (Filter { until: day(3), ..Filter::default() }, "a b c", "a c"),
        (Filter { since: day(3), until: day(3), ..Filter::default() }, "b c", "c"),
        (Filter { status: account("succeeded"), ..Filter::default() }, "a c d", "a d c"),
        (Filter { account: account("acc-2"), ..Filter::default() }, "c", "c"),
        (Filter { account: account("fr7630006000011234567890189"), ..Filter::default() }, "a b d", "a d"),
        (Filter { account: account("fr76-3000-6000 0112-3456-7890-189"), ..Filter::default() }, "a b d", "a d"),
    ] {
        assert_eq!(picked(What::Payments, &filter).unwrap().join(" "), payments, "{filter:?}");
        assert_eq!(picked(What::Entries, &filter).unwrap().join(" "), entries, "{filter:?}");
    }
    let unknown = picked(What::Entries, &Filter { account: account("FR00"), ..Filter::default() }).unwrap_err();
    assert_eq!(unknown.to_string(), "there is no own account \"FR00\"; there are: FR7630006000011234567890189, acc-2");
    let odd = picked(What::Rejected, &Filter { until: day(3), ..Filter::default() }).unwrap_err();
    assert!(odd.to_string().starts_with("rejected cannot be picked by a day; entries and payments can"), "{odd}");
    let turned = Filter { since: day(3), until: day(2), ..Filter::default() };
    assert!(matches!(picked(What::Entries, &turned), Err(ExportError::NoDays { .. })));
    let pending = Filter { status: account("pending"), ..Filter::default() };
    assert_eq!(picked(What::Payments, &pending).unwrap(), ["b"]);
    for (what, status) in [(What::Entries, "pending"), (What::Payments, "declined")] {
        let error = picked(what, &Filter { status: account(status), ..Filter::default() }).unwrap_err().to_string();
        assert!(error.contains(status) && error.contains("SUCCEEDED"), "{error}");
    }
}

#[test]
fn days_are_those_of_the_zone_but_for_what_the_provider_says_in_days() {
    let store = Store::in_memory().unwrap();
    let on = |reference: &str, second: &str, more: &[(&str, &str)]| {
        let mut payment = payment(reference, PaymentStatus::Succeeded, 1);
        payment.created_at.seconds = second.parse::<chrono::DateTime<chrono::Utc>>().unwrap().timestamp();
        payment.metadata = more.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        payment
    };
    let mut day_only = on("day", "2026-06-30T00:00:00Z", &[]);
    day_only.created_at_precision = TimePrecision::Day;
    let rows = [
        on("instant", "2026-06-30T22:30:00Z", &[]),
        on("booked-at", "2026-06-30T01:00:00Z", &[("std/booked-at", "2026-06-30T22:30:00Z")]),
        on("booking-date", "2026-06-30T22:30:00Z", &[("std/booking-date", "2026-06-30")]),
        on(
            "both",
            "2026-06-30T01:00:00Z",
            &[("std/booking-date", "2026-06-30"), ("std/booked-at", "2026-06-30T22:30:00Z")],
        ),
        on(
            "other",
            "2026-06-30T01:00:00Z",
            &[("std/booking-date", "2026-07-02"), ("std/booked-at", "2026-06-30T22:30:00Z")],
        ),
        day_only,
    ];
    deliver(&store, &payments(rows.to_vec()), &[], 1).unwrap();
    let days = |zone: &str, what, since: Option<&str>| {
        let filter =
            Filter { zone: zone.parse().unwrap(), since: since.map(|day| day.parse().unwrap()), ..Filter::default() };
        let mut out = Vec::new();
        export(&store, "acme", Selection { what, filter }, Format::Ndjson, &mut out).unwrap();
        let lines = String::from_utf8(out).unwrap();
        let mut told: Vec<String> = lines
            .lines()
            .map(|line| {
                let line: serde_json::Value = serde_json::from_str(line).unwrap();
                let id = line["payment_id"].as_str().or(line["reference"].as_str()).unwrap().to_owned();
                line["booked_on"].as_str().map_or_else(|| id.clone(), |day| format!("{id} {}", &day[5..]))
            })
            .collect();
        told.sort();
        told
    };
    let utc = ["booked-at 06-30", "booking-date 06-30", "both 06-30", "day 06-30", "instant 06-30", "other 07-02"];
    assert_eq!(days("UTC", What::Entries, None), utc);
    let paris = ["booked-at 07-01", "booking-date 06-30", "both 07-01", "day 06-30", "instant 07-01", "other 07-02"];
    assert_eq!(days("Europe/Paris", What::Entries, None), paris);
    assert_eq!(days("America/New_York", What::Entries, None), utc);
    assert_eq!(
        days("Europe/Paris", What::Entries, Some("2026-07-01")),
        ["booked-at 07-01", "both 07-01", "instant 07-01", "other 07-02"]
    );
    assert_eq!(days("Europe/Paris", What::Payments, Some("2026-07-01")), ["booking-date", "instant"], "by creation");
}

#[test]
fn changes_are_told_once_each_from_the_cursor_on_and_a_cursor_of_another_store_is_refused() {
    let store = store_with(&accounts(vec![account("acc-1", "Main", None)]));
    let told = |since: Option<Cursor>, format| {
        let mut out = Vec::new();
        let cursor = changes(&store, "acme", since, format, &mut out)?;
        Ok::<_, ExportError>((String::from_utf8(out).unwrap(), cursor.unwrap()))
    };
    deliver(&store, &payments(vec![payment("p", PaymentStatus::Pending, 1)]), &[], 1).unwrap();
    deliver(&store, &payments(vec![payment("p", PaymentStatus::Succeeded, 2)]), &[], 1).unwrap();
    let (first, cursor) = told(None, Format::Ndjson).unwrap();
    let lines: Vec<serde_json::Value> = first.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let shown =
        |line: &serde_json::Value| ["kind", "id", "change"].map(|key| line[key].as_str().unwrap().to_owned()).join(" ");
    assert_eq!(lines.iter().map(shown).collect::<Vec<_>>(), ["account acc-1 upsert", "payment p upsert"]);
    assert_eq!(lines[1]["record"]["status"], "SUCCEEDED");
    assert_eq!(lines[1]["cursor"], cursor.to_string(), "the last line's is that to go on from");
    assert_eq!(told(Some(cursor), Format::Ndjson).unwrap(), (String::new(), cursor));

    for amount in ["4", "5"] {
        deliver(&store, &PageRecords::Balances(vec![balance(amount, 60)]), &[], 1).unwrap();
    }
    deliver(&store, &withdrawn("p"), &[], 3).unwrap();
    let again: Cursor = cursor.to_string().parse().unwrap();
    let (csv, later) = told(Some(again), Format::Csv).unwrap();
    let lines: Vec<&str> = csv.lines().map(|line| line.split_once(',').unwrap().1).collect();
    assert_eq!(lines, ["kind,id,change", "balance,acc-1/BOOKED/EUR,upsert", "payment,p,withdrawal"], "an amount once");
    assert!(csv.lines().last().unwrap().starts_with(&later.to_string()));

    // Another store may have come as far, and so may this one after it was put back.
    let other = store_with(&payments((0..9).map(|n| payment(&format!("{n}"), PaymentStatus::Pending, 1)).collect()));
    let foreign = changes(&other, "acme", Some(cursor), Format::Json, &mut Vec::new());
    assert!(matches!(foreign, Err(ExportError::ForeignCursor(_))));
    let ahead: Cursor = "99-1a2b3c4d".parse().unwrap();
    assert!(matches!(told(Some(ahead), Format::Json), Err(ExportError::ForeignCursor(_))));
    for text in ["", "7", "7-x", "-1a2b3c4d", "+7-1a2b3c4d", "7-1a2b3c4", "7-1a2b3c4d5", "7-+a2b3c4d"] {
        assert!(text.parse::<Cursor>().is_err(), "{text}");
    }
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

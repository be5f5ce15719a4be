use std::collections::BTreeSet;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use serde_json::Value;

use super::*;

const NOW: i64 = 1_780_305_600;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(NOW, 0).expect("a time")
}

fn minutes_ago(minutes: i64) -> DateTime<Utc> {
    now() - chrono::TimeDelta::minutes(minutes)
}

/// A bank with one account and so many payments on it, a minute apart.
fn stocked(payments: u64) -> (QontoBank, String) {
    let mut bank = QontoBank::default();
    let account = bank.open_account("EUR");
    for number in 0..payments {
        let at = minutes_ago(1_000 - i64::try_from(number).expect("few"));
        bank.add(&Movement::on(&account, at).minor(number + 1));
    }
    (bank, account)
}

fn ask(bank: &mut QontoBank, path_and_query: &str) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert("authorization", HeaderValue::from_str(&format!("{LOGIN}:{API_KEY}")).expect("a header"));
    let url = format!("https://thirdparty.qonto.com{path_and_query}").parse().expect("a URL");
    bank.answer(&Request { method: Method::GET, url, headers, body: Bytes::new() }, now())
}

/// The `page` of the payments, five asked for, oldest change first.
fn page(bank: &mut QontoBank, account: &str, page: u32) -> Value {
    let query = format!("bank_account_id={account}&sort_by=updated_at:asc&per_page=5&page={page}");
    let response = ask(bank, &format!("/v2/transactions?{query}"));
    assert_eq!(response.status, 200);
    serde_json::from_slice(&response.body).expect("JSON")
}

fn cents(page: &Value) -> Vec<u64> {
    page["transactions"].as_array().expect("rows").iter().filter_map(|row| row["amount_cents"].as_u64()).collect()
}

/// Follows `next_page` to the end.
fn walk(bank: &mut QontoBank, account: &str) -> Vec<Vec<u64>> {
    let (mut pages, mut next) = (Vec::new(), Some(1));
    while let Some(number) = next {
        let page = page(bank, account, u32::try_from(number).expect("few"));
        pages.push(cents(&page));
        next = page["meta"]["next_page"].as_u64();
        assert!(pages.len() < 100, "no end");
    }
    pages
}

#[test]
fn pages_of_any_length_follow_each_other_without_a_gap() {
    for (quirk, sizes) in [
        (None, vec![5, 5, 2]),
        (Some(Quirk::PageClamped(4)), vec![4, 4, 4]),
        (Some(Quirk::ShortPages), vec![4, 4, 4]),
        (Some(Quirk::Overfull), vec![8, 4]),
        (Some(Quirk::TotalTooHigh), vec![5, 5, 2]),
    ] {
        let (mut bank, account) = stocked(12);
        assert!(quirk.is_none_or(|quirk| bank.set_quirk(quirk)));
        let pages = walk(&mut bank, &account);
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), sizes, "{quirk:?}");
        assert_eq!(pages.concat(), (1..=12).collect::<Vec<_>>(), "{quirk:?}");
    }
}

#[test]
fn lies_about_the_next_page_are_told_until_they_are_taken_back() {
    for (quirk, asked, next, rows) in [
        (Quirk::NextIsSame, 3, Some(3), 2),
        (Quirk::NextGoesBack, 3, Some(2), 2),
        (Quirk::NextGoesBack, 1, Some(2), 5),
        (Quirk::AbsurdPages, 3, Some(4), 2),
        (Quirk::AbsurdPages, 70, Some(71), 0),
        (Quirk::EmptyWithMore, 3, Some(4), 0),
        (Quirk::PageIgnored, 3, Some(2), 5),
    ] {
        let (mut bank, account) = stocked(12);
        bank.set_quirk(quirk);
        let answer = page(&mut bank, &account, asked);
        assert_eq!((answer["meta"]["next_page"].as_u64(), cents(&answer).len()), (next, rows), "{quirk:?}");
        bank.clear_quirks();
        assert_eq!(walk(&mut bank, &account).concat().len(), 12, "{quirk:?}");
    }
}

#[test]
fn one_page_comes_empty_and_has_its_rows_when_it_is_asked_again() {
    let (mut bank, account) = stocked(12);
    bank.set_quirk(Quirk::EmptyOnce);
    assert_eq!(walk(&mut bank, &account).iter().map(Vec::len).collect::<Vec<_>>(), [5, 0, 2]);
    assert_eq!(walk(&mut bank, &account).iter().map(Vec::len).collect::<Vec<_>>(), [5, 5, 2]);
}

#[test]
fn what_the_dialect_has_is_switched_there() {
    let (mut bank, account) = stocked(12);
    for quirk in [Quirk::FromExclusive, Quirk::PastEndEmpty, Quirk::SortIgnored, Quirk::TotalTooHigh] {
        assert!(bank.set_quirk(quirk));
    }
    assert!(cents(&page(&mut bank, &account, 9)).is_empty());
    let first = page(&mut bank, &account, 1);
    assert_eq!(cents(&first), [12, 11, 10, 9, 8]);
    assert_eq!(first["meta"]["total_count"], 15);
    assert!(!bank.world.dialect.from_inclusive);
    bank.clear_quirks();
    assert!(bank.world.dialect == crate::Dialect::default());
}

#[test]
fn foreign_links_are_in_header_and_body_of_every_answer() {
    let (mut bank, _) = stocked(0);
    bank.set_quirk(Quirk::ForeignLinks);
    let answer = ask(&mut bank, "/v2/organization");
    assert!(answer.headers["link"].to_str().expect("text").starts_with("<https://collector.example/"));
    let body: Value = serde_json::from_slice(&answer.body).expect("JSON");
    assert!(body["next"].is_string() && body["links"]["next"].is_string() && body["organization"].is_object());
}

#[test]
fn the_truth_is_what_was_put_in() {
    let (mut bank, account) = stocked(3);
    let pending = bank.add(&Movement::on(&account, minutes_ago(10)).status(PaymentStatus::Pending).incoming());
    let references: BTreeSet<String> = bank.truth().payments.into_keys().collect();
    assert_eq!(references.len(), 4);
    assert!(bank.change(&pending, minutes_ago(5), &Change::Status(PaymentStatus::Failed)));
    assert!(bank.change(&pending, minutes_ago(4), &Change::Minor(777)));
    let truth = bank.truth();
    let payment = &truth.payments[&pending];
    assert_eq!((payment.status, payment.amount.as_str()), (PaymentStatus::Failed, "777"));
    assert_eq!((payment.created_at, payment.updated_at), (minutes_ago(10), Some(minutes_ago(4))));
    assert_eq!(payment.payment_type, PaymentType::PayIn);
    assert!(bank.remove(&pending) && !bank.remove(&pending));
    assert_eq!(bank.truth().payments.len(), 3);
}

/// Every kind of odd row, and whether it is a payment (true), rejected (false), or either.
fn odds() -> Vec<(Odd, Option<bool>)> {
    let of = |odds: Vec<Odd>, fate| odds.into_iter().map(move |odd| (odd, fate));
    let text = str::to_owned;
    let read = vec![
        Odd::Amount(text("9223372036854775807")),
        Odd::Exponent,
        Odd::Zero,
        Odd::Currency(text("USD")),
        Odd::Abroad,
        Odd::UnknownStatus(text("on_hold")),
        Odd::UnknownKind,
        Odd::UnknownSide,
        Odd::NewField,
        Odd::NullFields,
        Odd::AbsentFields,
        Odd::EmptyFields,
        Odd::NoAccountNumber,
        Odd::MaskedNumber,
        Odd::OwnTransfer,
        Odd::Time(text("2026-05-31T12:20:30.123456789+02:00")),
        Odd::Spelling,
        Odd::Complete,
    ];
    let either = vec![
        Odd::Amount(text("9223372036854775808")),
        Odd::NegativeZero,
        Odd::Currency(text("JPY")),
        Odd::Currency(text("eur")),
        Odd::NoCurrency,
        Odd::Time(text("2025-12-31T23:59:60Z")),
        Odd::NoTime,
        Odd::NullTime,
    ];
    let rejected = vec![
        Odd::Contradiction,
        Odd::TooFine,
        Odd::NoAmount,
        Odd::NullAmount,
        Odd::Currency(text("ZZZ")),
        Odd::Time(text("2026-05-31T10:20:30")),
        Odd::NoReference,
    ];
    of(read, Some(true)).chain(of(either, None)).chain(of(rejected, Some(false))).collect()
}

#[test]
fn an_odd_row_is_listed_once_in_its_own_bytes_and_the_truth_has_it_unless_it_must_be_rejected() {
    for (odd, fate) in odds() {
        let (mut bank, account) = stocked(1);
        let expected = bank.add_odd(&account, minutes_ago(100), &odd).expect("Qonto has all of them");
        let (raw, found) = match &expected {
            Expected::Payment(id, payment) => (payment.raw.clone(), Some((id, payment, Some(true)))),
            Expected::Either(id, payment) => (payment.raw.clone(), Some((id, payment, None))),
            Expected::Rejected(raw) => (raw.clone(), None),
        };
        let list = ask(&mut bank, &format!("/v2/transactions?bank_account_id={account}&sort_by=updated_at:asc"));
        let list = String::from_utf8(list.body.to_vec()).expect("text");
        assert_eq!(list.matches(&raw).count(), 1, "{odd:?}");
        let truth = bank.truth();
        assert_eq!(found.map_or(Some(false), |(_, _, fate)| fate), fate, "{odd:?}");
        match found {
            Some((id, payment, _)) => assert_eq!(truth.payments.get(id), Some(payment), "{odd:?}"),
            None => assert!(truth.payments.values().all(|payment| payment.raw != raw), "{odd:?}"),
        }
        assert_eq!(truth.payments.len(), 1 + usize::from(fate != Some(false)) + usize::from(odd == Odd::OwnTransfer));
    }
}

#[test]
fn accounts_in_any_currency_have_amounts_in_its_minor_units() {
    let mut bank = QontoBank::default();
    for (code, asset) in [("EUR", "EUR/2"), ("JPY", "JPY/0"), ("BHD", "BHD/3"), ("CLF", "CLF/4")] {
        let account = bank.open_account(code);
        assert!(bank.set_balance(&account, "-9007199254740993", "12"));
        let payment = bank.add(&Movement::on(&account, minutes_ago(5)).minor(1_501));
        let truth = bank.truth();
        let balance = |kind: &str| &truth.balances[&(account.clone(), kind.to_owned(), asset.to_owned())];
        assert_eq!((&**balance("booked"), &**balance("available")), ("-9007199254740993", "12"));
        assert_eq!(
            (truth.payments[&payment].amount.as_str(), truth.payments[&payment].asset.as_str()),
            ("1501", asset)
        );
    }
    assert!(!bank.set_balance("none", "1", "1"));
}

#[test]
fn on_a_request_depends_the_whole_list_that_it_reads_a_part_of() {
    let (mut bank, account) = stocked(7);
    let other = bank.open_account("EUR");
    let pending = bank.add(&Movement::on(&account, now()).status(PaymentStatus::Pending));
    let elsewhere = bank.add(&Movement::on(&other, now()));
    let person = bank.add_counterparty(now()).expect("they have some");
    let on = |bank: &QontoBank, path: &str| -> BTreeSet<(Asked, String)> {
        let url = format!("https://thirdparty.qonto.com{path}").parse().expect("a URL");
        bank.dependents(&Request { method: Method::GET, url, headers: HeaderMap::new(), body: Bytes::new() })
    };
    let list =
        format!("/v2/transactions?bank_account_id={account}&per_page=5&page=2&updated_at_from=2026-06-01T00:00:00Z");
    assert_eq!(on(&bank, &list).len(), 7);
    assert_eq!(on(&bank, &format!("{list}&status[]=pending")), [(Asked::Payments, pending.clone())].into());
    assert_eq!(on(&bank, "/v2/sepa/beneficiaries?page=9"), [(Asked::ExternalAccounts, person)].into());
    assert_eq!(on(&bank, "/v2/international/beneficiaries?currency=USD"), BTreeSet::new());
    let all = on(&bank, "/v2/organization");
    let some = [(Asked::Accounts, other.clone()), (Asked::Balances, other), (Asked::Payments, elsewhere)];
    assert!(all.len() == 2 + 2 + 9 && some.iter().all(|one| all.contains(one)), "{all:?}");
    bank.remove(&pending);
    assert_eq!(on(&bank, &format!("/v2/transactions/{pending}")), [(Asked::Payments, pending)].into());
}

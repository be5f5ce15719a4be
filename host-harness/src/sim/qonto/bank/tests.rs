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
    assert!(bank.world.dialect == crate::sim::qonto::Dialect::default());
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
    assert_eq!((payment.created_at, payment.updated_at), (minutes_ago(10), minutes_ago(4)));
    assert_eq!(payment.payment_type, PaymentType::PayIn);
    assert!(bank.remove(&pending) && !bank.remove(&pending));
    assert_eq!(bank.truth().payments.len(), 3);
}

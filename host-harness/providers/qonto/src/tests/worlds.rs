//! The data sets, and volume.

use std::time::Instant;

use super::*;

#[test]
fn the_catalogue_has_one_of_each_and_exact_large_amounts() {
    let mut world = catalogue();
    let texts: String = world.rows().iter().map(|row| row.text.to_string()).collect();
    for word in [
        "\"cheque\"",
        "\"other\"",
        "\"pay_later\"",
        "\"recall\"",
        "\"DirectDebitHold\"",
        "\"PagopaPayment\"",
        "\"QuantumLeap\"",
        "\"on_hold\"",
        "90071992547409.93",
        "9007199254740993",
        "9223372036854775807",
    ] {
        assert!(texts.contains(word), "{word}");
    }
    let (_, body) = get(&mut world, "/v2/transactions/00000000-0000-4000-8000-00000000beef");
    assert_eq!(body["transaction"]["status"], "reversed");
    let (_, body) = get(&mut world, &format!("/v2/transactions?iban={}", french_iban(0, 1, 1)));
    assert!(labels(&body).contains(&"on_hold") && !labels(&body).contains(&"reversed"));
    assert!(world.rows().iter().all(|row| serde_json::from_str::<Value>(&row.text).is_ok()));
}

#[test]
fn the_demo_company_is_the_same_every_time_and_its_balances_add_up() {
    let mut world = demo_company();
    let rows = world.rows();
    assert!((300..=400).contains(&rows.len()), "{}", rows.len());
    assert_eq!(rows, demo_company().rows());
    assert!(rows.iter().all(|row| row.updated_at <= demo_now().timestamp_micros()));
    for id in world.account_ids() {
        let sum = |status: &str, of: fn(bool, i128) -> i128| -> i128 {
            let rows = rows.iter().filter(|row| *row.account == *id && *row.status == *status);
            rows.map(|row| of(row.credit.expect("a side"), row.cents.expect("an amount"))).sum()
        };
        let booked = sum("completed", |credit, cents| if credit { cents } else { -cents });
        let pending = sum("pending", |credit, cents| if credit { 0 } else { cents });
        let account = world.account_object(&id).expect("an account");
        assert_eq!(account.get::<i64>("balance_cents").map(i128::from), Some(booked));
        assert_eq!(account.get::<i64>("authorized_balance_cents").map(i128::from), Some(booked - pending));
        assert!(booked >= 0, "{id} is overdrawn: {booked}");
        let iban = account.text("iban").expect("text");
        assert!(iban.is_empty() || is_iban(&iban));
    }
    let (_, body) = get(&mut world, "/v2/sepa/beneficiaries");
    assert_eq!(body["meta"]["total_count"], 12);
    assert_eq!(get(&mut world, "/v2/international/beneficiaries?currency=USD").0, 403);
}

#[test]
fn a_page_of_a_long_walk_costs_what_it_holds() {
    let (mut world, account) = filled(20_000);
    world.dialect.search_limit = None;
    let mut from = at(0);
    let mut rows = 0;
    let start = Instant::now();
    loop {
        let from_text = timestamp(from);
        let path =
            format!("/v2/transactions?bank_account_id={account}&sort_by=updated_at:asc&updated_at_from={from_text}");
        let response = ask(&mut world, &path);
        // One row each second: the next hundred starts a hundred seconds on.
        from += TimeDelta::seconds(100);
        rows += 100;
        assert!(response.body.len() > 50_000);
        if rows == 20_000 {
            break;
        }
    }
    // 200 pages; a scan of all rows for each takes many times longer, even on a busy machine.
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

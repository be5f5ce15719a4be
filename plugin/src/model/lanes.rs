//! Several requests in flight: whichever comes first, and whichever fails.

use super::beneficiaries::INTERNATIONAL;
use super::*;

/// A poll as a host makes it that allows `in_flight` requests at a time; a call that fails ends it.
fn poll(bank: &mut Bank, store: &mut Store, size: u32, in_flight: u32) -> Result<(), Error> {
    loop {
        let asked = FetchRequest { max_in_flight: in_flight, ..request(size, bank.clock) };
        let page = payments::fetch(bank, &asked)?;
        let has_more = page.has_more;
        store.order.extend(page.items.iter().map(|item| (item.reference.clone(), item.raw.clone())));
        store.take(page);
        if !has_more {
            return Ok(());
        }
        assert!(bank.requests.len() < 20_000, "endless");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases / 8))]

    #[test]
    fn a_poll_gives_the_same_rows_and_state_whichever_answer_comes_first_and_one_at_a_time(
        seed: u64, rows in 0usize..60, size in 1u32..20,
    ) {
        let mut outcome = None;
        for (in_flight, overtaking) in [(1, false), (2, true), (3, true), (8, true), (8, false)] {
            let mut bank = Bank::new(seed);
            for _ in 0..rows {
                bank.insert();
            }
            bank.overtaking = overtaking;
            let mut store = Store::default();
            for _ in 0..2 {
                poll(&mut bank, &mut store, size, in_flight).unwrap();
            }
            let found = (store.order, bank.state.clone());
            prop_assert_eq!(outcome.get_or_insert_with(|| found.clone()), &found, "{} in flight", in_flight);
        }
    }

    #[test]
    fn nothing_is_skipped_whichever_requests_fail(
        seed: u64, rows in 0usize..60, size in 1u32..20, in_flight in 1u32..9, one_in in 2u64..9,
    ) {
        let mut bank = Bank::new(seed);
        for _ in 0..rows {
            bank.insert();
        }
        let mut store = Store::default();
        for _ in 0..6 {
            (bank.unstable, bank.failing) = (true, Some(one_in));
            // What a failed call stored and set stands as it was before; the next poll goes on.
            let _ = poll(&mut bank, &mut store, size, in_flight);
        }
        (bank.unstable, bank.failing) = (false, None);
        for _ in 0..3 {
            store.poll(&mut bank, size);
        }
        store.assert_equals(&bank);
    }
}

#[test]
fn behind_a_429_nothing_more_is_sent_and_what_the_other_lanes_brought_counts() {
    for (in_flight, asked, read) in [(1, 2, 1), (8, 3, 2)] {
        let mut bank = Bank::new(3);
        for (id, status) in ["pending", "declined", "completed"].into_iter().enumerate() {
            bank.rows.push(Tx { id: u32::try_from(id).unwrap(), updated: START, status, version: 0 });
        }
        bank.limited = Some("declined");
        let asking = FetchRequest { max_in_flight: in_flight, ..request(25, START) };
        let page = payments::fetch(&mut bank, &asking).unwrap();
        assert_eq!((bank.requests.len(), page.items.len()), (asked, read));
        assert_eq!((page.has_more, page.gaps.len()), (true, 1), "the lane that has to wait is told and not given up");
        bank.limited = None;
        let page = payments::fetch(&mut bank, &asking).unwrap();
        assert_eq!((page.items.len(), page.has_more), (3 - read, false));
    }
}

#[test]
fn a_payment_that_settles_while_the_pending_ones_are_read_is_in_the_same_poll() {
    let mut bank = Bank::new(3);
    for id in 0..3 {
        bank.rows.push(Tx { id, updated: START + i64::from(id), status: "pending", version: 0 });
    }
    let mut store = Store::default();
    assert!(payments::fetch(&mut bank, &request(1, START)).unwrap().has_more);
    bank.rows[2] = Tx { id: 2, updated: START + 50, status: "completed", version: 1 };
    poll(&mut bank, &mut store, 1, 8).unwrap();
    assert_eq!(store.rows["2"].1, PaymentStatus::Succeeded);
}

#[test]
fn the_lists_of_a_key_that_may_read_them_are_read_at_once_and_the_first_goes_ahead() {
    let mut bank = Bank { beneficiaries: true, ..Bank::new(3) };
    let row = r#"{"international_beneficiaries":[{"id":"i"}]}"#.to_owned();
    bank.scripted.insert(INTERNATIONAL.to_owned(), (200, row));
    bank.scripted.insert(format!("{INTERNATIONAL}?currency=CHF"), (500, String::new()));
    let mut calls = Vec::new();
    loop {
        let page = international_accounts::fetch(&mut bank, &request(25, START)).unwrap();
        calls.push((page.items.len(), page.gaps.len()));
        if !page.has_more {
            break;
        }
    }
    assert_eq!(calls, [(16, 1)]);
    assert_eq!(bank.requests.len(), 17);
}

#[test]
fn a_list_of_a_currency_that_is_limited_waits_and_the_others_count() {
    let mut bank = Bank { beneficiaries: true, ..Bank::new(3) };
    let row = r#"{"international_beneficiaries":[{"id":"i"}]}"#.to_owned();
    bank.scripted.insert(INTERNATIONAL.to_owned(), (200, row));
    bank.scripted.insert(format!("{INTERNATIONAL}?currency=CHF"), (429, String::new()));
    let one = FetchRequest { max_in_flight: 1, ..request(25, START) };
    let page = international_accounts::fetch(&mut bank, &one).unwrap();
    assert_eq!((page.items.len(), page.gaps.len(), page.has_more, bank.requests.len()), (2, 1, true, 3));
    bank.scripted.remove(&format!("{INTERNATIONAL}?currency=CHF"));
    let page = international_accounts::fetch(&mut bank, &one).unwrap();
    assert_eq!((page.items.len(), page.has_more), (15, false));
}

//! Payments are read on past what Qonto refuses, hides or says oddly.

use super::beneficiaries::INTERNATIONAL;
use super::*;

#[test]
fn a_look_up_that_fails_in_whatever_way_is_a_gap_and_stops_nothing() {
    for (status, body) in [
        (400, ""),
        (401, ""),
        (403, ""),
        (422, ""),
        (500, ""),
        (200, "<html>"),
        (200, "null"),
        (200, "{\"transaction\":{\"id\":\"7\"}}"),
    ] {
        let mut bank = Bank::new(3);
        for id in 0..3 {
            bank.rows.push(Tx { id, updated: START + i64::from(id), status: "pending", version: 0 });
        }
        bank.rows.push(Tx { id: 9, updated: START + 2 * time::DAY, status: "completed", version: 0 });
        let mut store = Store::default();
        store.poll(&mut bank, 2);
        bank.rows.remove(0);
        bank.rows[0].status = "completed";
        bank.rows.push(Tx { id: 10, updated: START + 3 * time::DAY, status: "completed", version: 0 });
        bank.scripted.insert("/v2/transactions/0".to_owned(), (status, body.to_owned()));
        store.poll(&mut bank, 2);
        assert_eq!(store.withdrawn, BTreeSet::new());
        assert_eq!(store.rows["1"].1, PaymentStatus::Succeeded);
        assert!(store.rows.contains_key("10"), "{status} {body}");
        assert_eq!(store.gaps, BTreeSet::from(["pending transaction 0".to_owned()]));
        let state = bank.state.clone();
        assert_eq!(store.poll(&mut bank, 2), 0);
        assert_eq!(bank.state, state);
        bank.scripted.clear();
        store.poll(&mut bank, 2);
        assert_eq!(store.withdrawn, BTreeSet::from(["0".to_owned()]));
    }
}

#[test]
fn open_payments_are_found_by_page_where_that_is_cheaper_and_each_is_answered() {
    let mut bank = Bank::new(3);
    for id in 0..60 {
        bank.rows.push(Tx { id, updated: START + i64::from(id), status: "pending", version: 0 });
    }
    let references: Vec<String> = (0..25).map(|id| id.to_string()).collect();
    let page = follow::fetch(&mut bank, &request(100, START), &references).unwrap();
    assert_eq!((page.items.len(), bank.requests.len()), (25, 1));
    let scattered: Vec<String> = [1, 30, 59, 77].map(|id: u32| id.to_string()).to_vec();
    let page = follow::fetch(&mut bank, &request(2, START), &scattered).unwrap();
    assert_eq!((page.items.len(), page.withdrawn.len()), (3, 1));
    assert!(bank.requests.len() <= 1 + 1 + 4, "{:?}", bank.requests);
    assert_eq!(bank.state, None, "it leaves the state alone");
}

#[test]
fn a_payment_whose_id_cannot_stand_in_a_path_is_looked_for_in_the_list_and_else_a_gap() {
    let list = |rows: &str, next: &str, page: u32| {
        format!(r#"{{"transactions":[{rows}],"meta":{{"current_page":{page},"next_page":{next}}}}}"#)
    };
    let mut bank = Bank::new(3);
    bank.scripted.insert("/v2/transactions?page=1".to_owned(), (200, list(r#"{"id":"other"}"#, "2", 1)));
    bank.scripted.insert("/v2/transactions?page=2".to_owned(), (200, list(r#"{"id":"a/b"}"#, "null", 2)));
    let page = follow::fetch(&mut bank, &request(1, START), &["a/b".to_owned()]).unwrap();
    assert_eq!((page.rejected.len(), page.gaps.len(), bank.requests.len()), (1, 0, 2), "found, whatever it holds");
    let page = follow::fetch(&mut bank, &request(1, START), &["a/c".to_owned()]).unwrap();
    assert_eq!((page.rejected.len(), page.withdrawn.len()), (0, 0));
    assert_eq!(page.gaps.iter().map(|gap| &*gap.what).collect::<Vec<_>>(), ["pending transaction a/c"]);
}

#[test]
fn a_status_that_cannot_be_read_is_a_gap_and_its_walk_goes_on_where_it_stood() {
    let broken = |bank: &mut Bank, word: Option<&'static str>| bank.broken = word;
    for word in ["pending", "declined", "completed"] {
        let mut bank = Bank::new(3);
        for id in 0..30 {
            let status = ["pending", "declined", "completed"][usize::try_from(id % 3).unwrap()];
            bank.rows.push(Tx { id, updated: START + i64::from(id), status, version: 0 });
        }
        let mut store = Store::default();
        broken(&mut bank, Some(word));
        for _ in 0..2 {
            store.poll(&mut bank, 2);
            assert_eq!(store.rows.len(), 20, "{word}");
            assert_eq!(store.gaps, BTreeSet::from([format!("{word} transactions of the account")]));
        }
        bank.rows.push(Tx {
            id: 99,
            updated: START + 99,
            status: if word == "pending" { "completed" } else { "pending" },
            version: 0,
        });
        store.poll(&mut bank, 2);
        assert!(store.rows.contains_key("99"), "{word}");
        let state = bank.state.clone();
        assert_eq!(store.poll(&mut bank, 2), 0);
        assert_eq!(bank.state, state, "an idle poll with a gap leaves the state alone");
        broken(&mut bank, None);
        store.poll(&mut bank, 2);
        store.assert_equals(&bank);
    }
}

#[test]
fn when_no_status_can_be_read_the_call_fails_and_what_was_read_to_its_end_before_does_not_wait() {
    let mut bank = Bank::new(3);
    bank.scripted.insert("/v2/transactions".to_owned(), (500, String::new()));
    assert!(matches!(payments::fetch(&mut bank, &request(2, START)), Err(Error::Unavailable(_))));
    assert_eq!((bank.requests.len(), bank.state.clone()), (3, None));
    bank.scripted.clear();
    for id in 0..3 {
        bank.rows.push(Tx { id, updated: START + i64::from(id), status: "completed", version: 0 });
    }
    assert!(payments::fetch(&mut bank, &request(2, START)).unwrap().has_more);
    bank.scripted.insert("/v2/transactions".to_owned(), (500, String::new()));
    let page = payments::fetch(&mut bank, &request(2, START)).unwrap();
    assert_eq!((page.gaps.len(), page.has_more), (1, false));
}

#[test]
fn after_a_429_no_further_request_is_made() {
    let mut bank = Bank::new(3);
    bank.scripted.insert("/v2/transactions".to_owned(), (429, String::new()));
    bank.scripted.insert(INTERNATIONAL.to_owned(), (429, String::new()));
    assert!(matches!(payments::fetch(&mut bank, &request(2, START)), Err(Error::RateLimited(_))));
    assert!(matches!(international_accounts::fetch(&mut bank, &request(2, START)), Err(Error::RateLimited(_))));
    let references = ["1".to_owned(), "2".to_owned()];
    assert!(matches!(follow::fetch(&mut bank, &request(2, START), &references), Err(Error::RateLimited(_))));
    assert_eq!(bank.requests.len(), 3);
}

#[test]
fn a_walk_that_rows_keep_ahead_of_ends_and_the_next_poll_goes_on() {
    let mut bank = Bank { runaway: 5, ..Bank::new(3) };
    let mut store = Store::default();
    store.poll(&mut bank, 2);
    assert!(bank.logs.iter().any(|line| line.contains("cut short")), "{:?}", bank.logs);
    assert!(bank.requests.len() < 200, "{}", bank.requests.len());
    bank.runaway = 0;
    store.poll(&mut bank, 2);
    store.assert_equals(&bank);
}

#[test]
fn a_state_that_is_ahead_of_every_row_reads_them_all_again_and_then_rests() {
    for ahead in [2 * time::HOUR, 90 * time::DAY, 20_000 * time::DAY] {
        let mut later = Bank::new(3);
        for (id, status) in ["completed", "pending", "declined"].into_iter().enumerate() {
            later.rows.push(Tx { id: u32::try_from(id).unwrap(), updated: START + ahead, status, version: 0 });
        }
        Store::default().poll(&mut later, 2);

        let mut bank = Bank { state: later.state, ..Bank::new(3) };
        for id in 0..20 {
            bank.rows.push(Tx { id, updated: START - i64::from(20 - id) * time::DAY, status: "completed", version: 0 });
        }
        let mut store = Store::default();
        store.poll(&mut bank, 2);
        store.assert_equals(&bank);
        assert!(bank.logs.iter().any(|line| line.contains("read again")), "{:?}", bank.logs);
        let (state, requests) = (bank.state.clone(), bank.requests.len());
        assert_eq!(store.poll(&mut bank, 2), 0);
        assert_eq!(bank.state, state);
        assert_eq!(bank.requests.len() - requests, 3);
    }
}

#[test]
fn an_account_whose_every_row_is_gone_is_read_from_the_beginning_once() {
    let mut bank = Bank::new(3);
    bank.rows.push(Tx { id: 1, updated: START, status: "pending", version: 0 });
    let mut store = Store::default();
    store.poll(&mut bank, 2);
    bank.rows.clear();
    store.poll(&mut bank, 2);
    assert_eq!(store.withdrawn, BTreeSet::from(["1".to_owned()]));
    let (state, requests) = (bank.state.clone(), bank.requests.len());
    assert_eq!(store.poll(&mut bank, 2), 0);
    assert_eq!(bank.state, state);
    assert_eq!(bank.requests.len() - requests, 3);
}

#[test]
fn the_page_size_may_change_in_the_middle_of_a_walk() {
    for calls in [1, 2, 3, 4, 5, 7, 9, 12] {
        let mut bank = Bank::new(3);
        for id in 0..200 {
            let updated = START + i64::from(id.clamp(40, 170));
            bank.rows.push(Tx { id, updated, status: "completed", version: 0 });
        }
        for row in &mut bank.rows[60..130] {
            row.updated = START + 60;
        }
        bank.rows[130..].iter_mut().for_each(|row| row.updated += 5);
        let mut store = Store::default();
        for _ in 0..calls {
            let page = payments::fetch(&mut bank, &request(25, START)).unwrap();
            for item in page.items {
                store.rows.insert(item.reference, (item.raw, item.status));
            }
        }
        store.poll(&mut bank, 7);
        store.assert_equals(&bank);
    }
}

#[test]
fn rows_that_do_not_say_when_they_changed_are_paged_through() {
    for size in [1, 2, 25] {
        let mut bank = Bank { blind: true, ..Bank::new(3) };
        for id in 0..7 {
            bank.rows.push(Tx { id, updated: START + i64::from(id), status: "completed", version: 0 });
        }
        let mut states = Vec::new();
        for _ in 0..2 {
            let mut rejected = BTreeSet::new();
            loop {
                let page = payments::fetch(&mut bank, &request(size, START)).unwrap();
                rejected.extend(page.rejected.into_iter().filter_map(|row| row.reference));
                if !page.has_more {
                    break;
                }
                assert!(bank.requests.len() < 100, "endless");
            }
            assert_eq!(rejected.len(), 7);
            states.push(bank.state.clone());
        }
        assert_eq!(states[0], states[1]);
    }
}

/// An account with 130 rows of one instant and some hours behind them.
fn tied() -> Bank {
    let mut bank = Bank::new(3);
    for id in 0..130 {
        bank.rows.push(Tx { id, updated: START, status: "completed", version: 0 });
    }
    for id in 130..140 {
        bank.rows.push(Tx { id, updated: START + 3 * time::HOUR + i64::from(id), status: "completed", version: 0 });
    }
    bank
}

#[test]
fn a_page_of_a_tie_that_is_refused_once_is_asked_again() {
    let mut bank = Bank { refused: Some((3, 1)), ..tied() };
    let mut store = Store::default();
    store.poll(&mut bank, 25);
    store.assert_equals(&bank);
    assert_eq!(store.gaps, BTreeSet::new());
}

/// Rows of one instant cannot be read for as long as `breaks` says, which is told at each poll; those behind them can.
fn leaves_out(breaks: impl Fn(&mut Bank), mends: impl Fn(&mut Bank), readable: usize) {
    let mut bank = tied();
    breaks(&mut bank);
    let what = format!("completed transactions of the account of {}", time::format(START));
    let mut store = Store::default();
    for poll in 0..3 {
        store.gaps.clear();
        let id = 140 + poll;
        bank.rows.push(Tx { id, updated: START + 4 * time::HOUR + i64::from(id), status: "completed", version: 0 });
        store.poll(&mut bank, 25);
        assert_eq!(store.gaps, BTreeSet::from([what.clone()]));
        assert!((130..=id).all(|id| store.rows.contains_key(&id.to_string())), "what comes behind is read");
        assert!(
            (readable..=readable + 25)
                .contains(&(store.rows.keys().filter(|id| id.len() < 3 || id.as_str() < "130").count()))
        );
    }
    let (state, requests) = (bank.state.clone(), bank.requests.len());
    store.poll(&mut bank, 25);
    assert_eq!(bank.state, state, "a poll without news leaves the state alone");
    assert!(bank.requests.len() - requests < 12, "{}", bank.requests.len() - requests);
    mends(&mut bank);
    store.gaps.clear();
    store.poll(&mut bank, 25);
    store.assert_equals(&bank);
    assert_eq!(store.gaps, BTreeSet::new());
    let state = bank.state.clone();
    assert_eq!(store.poll(&mut bank, 25), 0);
    assert_eq!(bank.state, state);
}

#[test]
fn rows_of_one_instant_of_which_a_page_is_refused_for_ever_are_a_gap_and_those_behind_are_read() {
    leaves_out(|bank| bank.refused = Some((3, u32::MAX)), |bank| bank.refused = None, 50);
}

#[test]
fn more_rows_of_one_instant_than_the_search_limit_lets_through_are_a_gap_and_those_behind_are_read() {
    leaves_out(|bank| bank.limit = Some(60), |bank| bank.limit = None, 0);
}

#[test]
fn a_page_of_a_tie_that_is_not_there_any_more_holds_nothing_up() {
    let mut bank = tied();
    for _ in 0..4 {
        payments::fetch(&mut bank, &request(25, START)).unwrap();
    }
    bank.rows.drain(5..120);
    bank.refused = Some((2, 2));
    let mut store = Store::default();
    for _ in 0..3 {
        store.poll(&mut bank, 25);
    }
    store.rows.extend((0..5).map(|id| (id.to_string(), (spell(&bank.rows[id]), PaymentStatus::Succeeded))));
    store.assert_equals(&bank);
}

#[test]
fn a_clock_that_stands_still_in_1970_costs_few_requests() {
    let mut bank = Bank { limit: Some(150), ..Bank::new(3) };
    for id in 0..400 {
        let updated = START + 1000 * i64::from(id);
        bank.rows.push(Tx { id, updated, status: "completed", version: 0 });
    }
    bank.clock = 0;
    let mut store = Store::default();
    store.poll(&mut bank, 100);
    store.assert_equals(&bank);
    assert!(bank.requests.len() < 200, "{} requests", bank.requests.len());
}

#[test]
fn a_list_that_is_called_over_too_early_is_read_on_for_as_long_as_its_total_says_so_and_rows_come() {
    let mut bank = Bank { ends_early: true, ..Bank::new(3) };
    for id in 0..60 {
        bank.rows.push(Tx { id, updated: START + 1000 * i64::from(id), status: "completed", version: 0 });
    }
    let mut store = Store::default();
    store.poll(&mut bank, 25);
    store.assert_equals(&bank);
    (bank.beneficiaries, bank.state) = (true, None);
    let page = external_accounts::fetch(&mut bank, &request(25, START)).unwrap();
    assert!(page.has_more, "60 are said to be there");
}

#[test]
fn a_row_of_next_century_that_is_edited_for_ever_holds_nothing_up() {
    let mut bank = Bank::new(3);
    bank.rows.push(Tx { id: 0, updated: START + 70 * 366 * time::DAY, status: "completed", version: 0 });
    let mut store = Store::default();
    for poll in 1..60 {
        bank.rows[0].version += 1;
        bank.rows.push(Tx { id: poll, updated: START + i64::from(poll) * time::HOUR, status: "completed", version: 0 });
        store.poll(&mut bank, 25);
        store.assert_equals(&bank);
    }
}

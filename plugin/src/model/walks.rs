//! Payments are read whole, whatever moves meanwhile.

use super::*;
use crate::walk::{Page, Step, Walk};

proptest! {
    // PROPTEST_CASES raises it: 16 cases take seconds.
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases / 16))]

    #[test]
    fn no_row_is_lost_or_stale_and_an_idle_poll_changes_nothing(
        seed: u64, inclusive: bool, rows in 0usize..90, polls in 1usize..4,
        size in prop_oneof![Just(1u32), Just(2), Just(7), Just(25), Just(100)],
        limit in prop_oneof![Just(None), Just(Some(60usize))],
    ) {
        let mut bank = Bank { inclusive, ..Bank::new(seed) };
        for _ in 0..rows {
            bank.insert();
        }
        // A search limit below the rows that share an instant cannot be read by anyone.
        let largest = bank.rows.iter().map(|row| {
            bank.rows.iter().filter(|other| (row.updated - other.updated).abs() <= 8).count()
        }).max().unwrap_or(0);
        bank.limit = limit.filter(|limit| largest < limit / 2);
        let mut store = Store::default();
        bank.unstable = bank.limit.is_none();
        for _ in 0..polls {
            store.poll(&mut bank, size);
        }
        bank.unstable = false;
        for _ in 0..3 {
            store.poll(&mut bank, size);
        }
        store.assert_equals(&bank);
        let (state, requests) = (bank.state.clone(), bank.requests.len());
        let emitted = store.poll(&mut bank, size);
        prop_assert_eq!(emitted, 0);
        prop_assert_eq!(&bank.state, &state);
        let expected = 3;
        prop_assert!(size < 100 || bank.requests.len() - requests <= expected + 1 + 3 * 2, "too many requests");
    }

    #[test]
    fn the_clock_of_the_host_changes_no_record_and_no_state(seed: u64, rows in 0usize..200) {
        let mut outcome = None;
        for observed in [START, START - 40 * time::DAY, START + time::DAY, 4_102_444_800_000] {
            let mut bank = Bank { limit: Some(150), ..Bank::new(seed) };
            for row in 0..rows {
                bank.rows.push(Tx { id: u32::try_from(row).unwrap(), updated: START + time::MINUTE * i64::try_from(row).unwrap(), status: "completed", version: 0 });
            }
            bank.clock = observed;
            let mut store = Store::default();
            store.poll(&mut bank, 100);
            store.assert_equals(&bank);
            let found = (store.rows.len(), bank.state.clone());
            prop_assert_eq!(outcome.get_or_insert_with(|| found.clone()), &found);
        }
    }
}

fn tied(count: u32, size: u32, before: u32, after: u32) {
    for inclusive in [true, false] {
        let mut bank = Bank { inclusive, ..Bank::new(7) };
        for id in 0..before + count + after {
            let shift = if id < before { -5000 } else { i64::from(id >= before + count) };
            let updated = START + shift + if shift < 0 { i64::from(id) } else { 0 };
            bank.rows.push(Tx { id, updated, status: "completed", version: 0 });
        }
        let mut store = Store::default();
        store.poll(&mut bank, size);
        store.assert_equals(&bank);
        assert_eq!(store.emitted, bank.rows.len(), "each once");
        let state = bank.state.clone();
        assert_eq!(store.poll(&mut bank, size), 0);
        assert_eq!(bank.state, state);
    }
}

#[test]
fn rows_that_share_an_instant_are_all_read_wherever_they_are() {
    for size in [2, 25] {
        for count in [1, size - 1, size, size + 1, 130] {
            for (before, after) in [(0, 0), (30, 0), (0, 30), (30, 30)] {
                tied(count, size, before, after);
            }
        }
    }
}

#[test]
fn an_idle_poll_takes_one_request_for_each_status() {
    let mut bank = Bank::new(3);
    let mut store = Store::default();
    store.poll(&mut bank, 25);
    let before = bank.requests.len();
    store.poll(&mut bank, 25);
    assert_eq!(bank.requests.len() - before, 3);
    assert!(bank.requests[before].contains("status%5B%5D=pending") && bank.requests[before].contains("page=1"));
    assert!(!bank.requests[before].contains("updated_at_from"));
}

#[test]
fn a_row_that_becomes_visible_within_the_hour_is_read() {
    let mut bank = Bank::new(3);
    bank.rows.push(Tx { id: 1, updated: START, status: "completed", version: 0 });
    let mut store = Store::default();
    store.poll(&mut bank, 25);
    bank.rows.push(Tx { id: 2, updated: START - time::HOUR, status: "completed", version: 0 });
    store.poll(&mut bank, 25);
    store.assert_equals(&bank);
}

#[test]
fn a_pending_payment_that_vanishes_is_withdrawn_and_one_that_settles_silently_is_read() {
    let mut bank = Bank::new(3);
    for id in 0..3 {
        bank.rows.push(Tx { id, updated: START + i64::from(id), status: "pending", version: 0 });
    }
    bank.rows.push(Tx { id: 9, updated: START + 2 * time::DAY, status: "completed", version: 0 });
    let mut store = Store::default();
    store.poll(&mut bank, 2);
    bank.rows.remove(0);
    bank.rows[0].status = "completed";
    store.poll(&mut bank, 2);
    assert_eq!(store.withdrawn, BTreeSet::from(["0".to_owned()]));
    assert_eq!(store.rows["1"].1, PaymentStatus::Succeeded);
    assert_eq!(store.rows["2"].1, PaymentStatus::Pending);
    let state = bank.state.clone();
    assert_eq!(store.poll(&mut bank, 2), 0);
    assert_eq!(bank.state, state);
}

#[test]
fn the_state_stays_small_and_an_idle_poll_repeats_it_even_when_every_bound_is_hit() {
    let mut bank = Bank::new(3);
    for status in ["pending", "declined", "completed"] {
        for row in 0..1500 {
            let id = bank.next_id;
            bank.next_id += 1;
            bank.rows.push(Tx { id: 100_000_000 + id, updated: START + row, status, version: 0 });
        }
    }
    let mut store = Store::default();
    store.poll(&mut bank, 100);
    store.assert_equals(&bank);
    let state = bank.state.clone();
    assert!(state.as_ref().unwrap().len() > 30_000);
    store.poll(&mut bank, 100);
    assert!(bank.state == state, "the idle poll changed the state");
}

#[test]
fn a_provider_that_ignores_what_was_asked_is_no_progress() {
    let row = |id: u32, shift: i64| spell(&Tx { id, updated: START + shift, status: "pending", version: 0 });
    let (one, two) = (row(1, 0), row(2, 1));
    let meta = r#""meta":{"current_page":1,"next_page":2,"total_count":9}"#;
    for (rows, polls) in [(format!("{two},{one}"), 1), (format!("{one},{two}"), 4), (String::new(), 1)] {
        let mut bank = Bank::new(3);
        let body = format!(r#"{{"transactions":[{rows}],{meta}}}"#);
        bank.scripted.insert("/v2/transactions".to_owned(), (200, body));
        let mut told = None;
        for _ in 0..polls {
            let state = bank.state.clone();
            match payments::fetch(&mut bank, &request(2, START)) {
                Err(error) => {
                    assert_eq!(bank.state, state, "a failed call sets no state");
                    told = Some(error);
                }
                Ok(page) => told = told.or(page.gaps.into_iter().next().map(|gap| gap.error)),
            }
        }
        assert!(matches!(told, Some(Error::NoProgress(_))), "{rows}: {told:?}");
    }
}

#[test]
fn a_total_of_more_rows_than_come_is_looked_into_once_and_what_came_counts() {
    let row = spell(&Tx { id: 1, updated: START, status: "pending", version: 0 });
    for end in [(422, String::new()), (200, r#"{"transactions":[],"meta":{"total_count":7}}"#.to_owned())] {
        let mut bank = Bank::new(3);
        let body = format!(r#"{{"transactions":[{row}],"meta":{{"total_count":7,"next_page":null}}}}"#);
        bank.scripted.insert("/v2/transactions".to_owned(), (200, body));
        bank.scripted.insert("/v2/transactions?page=2".to_owned(), end);
        let mut items = Vec::new();
        for calls in 1.. {
            let page = payments::fetch(&mut bank, &request(2, START)).unwrap();
            assert_eq!(page.gaps, []);
            items.extend(page.items);
            assert!(calls < 20, "endless");
            if !page.has_more {
                break;
            }
        }
        assert!(!items.is_empty());
        assert_eq!(bank.requests.len(), 6, "{:?}", bank.requests);
    }
}

#[test]
fn an_answer_that_may_be_cut_is_malformed() {
    for body in [r#"{"transactions":[]}"#, r#"{"errors":[{"code":"unknown"}]}"#, "{"] {
        let mut bank = Bank::new(3);
        bank.scripted.insert("/v2/transactions".to_owned(), (200, body.to_owned()));
        let page = payments::fetch(&mut bank, &request(2, START));
        assert!(matches!(page, Err(Error::MalformedResponse(_))), "{body}");
        assert_eq!(bank.state, None);
    }
}

#[test]
fn a_search_limit_that_nothing_narrows_is_a_gap() {
    let mut bank = Bank { limit: Some(3), ..Bank::new(3) };
    for id in 0..10 {
        bank.rows.push(Tx { id, updated: START, status: "pending", version: 0 });
    }
    let mut gaps = Vec::new();
    for _ in 0..2000 {
        let page = payments::fetch(&mut bank, &request(2, START)).unwrap();
        gaps.extend(page.gaps);
        if !page.has_more {
            break;
        }
    }
    assert!(
        matches!(&gaps[..], [gap] if matches!(&gap.error, Error::UpstreamRejected(detail) if detail.message.contains("search limit"))),
        "{gaps:?}"
    );
}

#[test]
fn a_state_that_is_not_ours_is_refused_without_a_request() {
    let mut states = vec!["", "{", "null", "7", "{}", r#"{"v":3}"#, r#"{"lastUpdatedAt":"2026-01-31T10:20:30Z"}"#];
    let far = r#"{"v":2,"marks":[{"watermark":9223372036854775807,"seen":[]},{"seen":[]},{"seen":[]}]}"#;
    states.push(far);
    for state in states {
        let mut bank = Bank { state: Some(state.as_bytes().to_vec()), ..Bank::new(3) };
        let payments = payments::fetch(&mut bank, &request(2, START));
        assert!(matches!(payments, Err(Error::InvalidState(_))), "{state}");
        for accounts in [
            external_accounts::fetch(&mut bank, &request(2, START)),
            international_accounts::fetch(&mut bank, &request(2, START)),
        ] {
            assert!(matches!(accounts, Err(Error::InvalidState(_))), "{state}");
        }
        assert_eq!(bank.requests.len(), 0);
    }
}

#[test]
fn a_pass_over_the_rows_of_one_instant_counts_when_the_next_one_finds_the_same() {
    let page = |sum, has_next| Page { times: vec![Some(START); 2], has_next, total: Some(4), sum };
    let mut walk = Walk::new(Some(START - 1), 2);
    assert_eq!(walk.advance(&page(0, true)), Ok(Step::More));
    assert!(walk.is_in_tie());
    // In the first pass a row moves behind those of page 2, and one of these to page 1, which was read: one is met twice,
    // and another not at all, with the same total.
    for (sums, comes_to_an_end) in [([1, 2], false), ([1, 4], false), ([2, 3], true)] {
        for (number, sum) in (1..).zip(sums) {
            assert!(walk.is_in_tie());
            assert_eq!(walk.query().page, number);
            assert_eq!(walk.advance(&page(sum, number == 1)), Ok(Step::More));
        }
        assert_eq!(walk.is_in_tie(), !comes_to_an_end, "{sums:?}");
    }
    assert_eq!(walk.from(), Some(START + 1));
}

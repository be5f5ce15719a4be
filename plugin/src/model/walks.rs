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

/// A bank with 1 800 rows in each of some hours.
fn busy(hours: i64) -> Bank {
    with_rows(hours, 2000)
}

/// A bank with rows that are so many milliseconds apart.
fn with_rows(hours: i64, apart: i64) -> Bank {
    let mut bank = Bank::new(3);
    for row in 0..hours * time::HOUR / apart {
        bank.rows.push(Tx { id: bank.next_id, updated: START + apart * row, status: "completed", version: 0 });
        bank.next_id += 1;
    }
    bank.clock = START + hours * time::HOUR;
    bank
}

/// One poll, call by call: `behind` is told of each. Gives how many calls there were.
fn calls(bank: &mut Bank, store: &mut Store, size: u32, mut behind: impl FnMut(&mut Bank, &Store)) -> usize {
    for made in 1..300 {
        let asking = request(size, bank.clock);
        let page = payments::fetch(bank, &asking).unwrap();
        let has_more = page.has_more;
        store.emitted += page.items.len();
        store.take(page);
        behind(bank, store);
        if !has_more {
            return made;
        }
    }
    panic!("endless");
}

#[test]
fn a_long_list_is_cut_into_windows_that_are_read_at_once_and_takes_about_as_many_requests_as_pages() {
    for (offset, most, requests) in [(0, 14, 175), (-400 * time::DAY, 160, 175), (400 * time::DAY, 25, 260)] {
        let mut bank = busy(4);
        bank.clock += offset;
        let mut store = Store::default();
        let made = calls(&mut bank, &mut store, 100, |_, _| ());
        store.assert_equals(&bank);
        assert_eq!(store.emitted, bank.rows.len(), "each once by a clock that is {offset} off");
        assert!(made <= most, "{made} calls by a clock that is {offset} off");
        assert!(bank.requests.len() <= requests, "{} requests by a clock that is {offset} off", bank.requests.len());
    }
}

#[test]
fn a_search_limit_costs_few_calls_wherever_the_rows_are() {
    for (offset, most) in [(0, 85), (200 * time::DAY, 75)] {
        let mut bank = Bank { limit: Some(900), ..busy(5) };
        bank.clock += offset;
        let mut store = Store::default();
        let made = calls(&mut bank, &mut store, 9, |_, _| ());
        store.assert_equals(&bank);
        assert!(made <= most, "{made} calls by a clock that is {offset} off");
        // A row of nine is met twice: at the end of a page and at the beginning of the next.
        assert!(bank.requests.len() <= 1350, "{} requests", bank.requests.len());
    }
}

#[test]
fn many_rows_of_one_instant_far_ahead_are_no_mark_behind_windows_either() {
    let mut bank = busy(1);
    for _ in 0..2500 {
        let updated = START + 30_000 * time::DAY;
        bank.rows.push(Tx { id: bank.next_id, updated, status: "completed", version: 0 });
        bank.next_id += 1;
    }
    let mut store = Store::default();
    let last = bank.rows[1799].updated;
    store.poll(&mut bank, 100);
    store.assert_equals(&bank);
    let state = String::from_utf8(bank.state.clone().unwrap()).unwrap();
    assert!(state.contains(&format!("\"watermark\":{last},")), "{state}");
    bank.rows.push(Tx { id: bank.next_id, updated: bank.clock, status: "completed", version: 0 });
    store.poll(&mut bank, 100);
    store.assert_equals(&bank);
}

#[test]
fn a_row_that_was_moved_out_of_a_window_is_read_in_the_same_poll() {
    let mut bank = busy(1);
    // So that the last window is over long before the others.
    bank.clock += time::DAY;
    let mut store = Store::default();
    calls(&mut bank, &mut store, 20, |bank, store| {
        // The last row that no window has come to.
        let unread = bank.rows.iter().rposition(|row| !store.rows.contains_key(&row.id.to_string()));
        if let Some(row) = unread.filter(|_| bank.requests.len() < 40) {
            bank.clock += 1;
            (bank.rows[row].updated, bank.rows[row].version) = (bank.clock, 1);
        }
    });
    store.assert_equals(&bank);
}

#[test]
fn a_window_that_cannot_be_read_for_long_holds_up_neither_the_others_nor_what_comes() {
    let mut bank = busy(4);
    bank.poisoned = Some(bank.rows[3000].updated);
    let mut store = Store::default();
    let missing = |bank: &Bank, store: &Store| bank.rows.len() - store.rows.len();
    calls(&mut bank, &mut store, 100, |_, _| ());
    assert_eq!(store.gaps, BTreeSet::from(["completed transactions of the account".to_owned()]));
    // No more than the rest of one of 24 windows.
    let behind = missing(&bank, &store);
    assert!((1..=7200 / 20).contains(&behind), "{behind} rows are missing");
    for _ in 0..3 {
        bank.clock += time::MINUTE;
        bank.rows.push(Tx { id: bank.next_id, updated: bank.clock, status: "completed", version: 0 });
        bank.next_id += 1;
        let before = bank.requests.len();
        calls(&mut bank, &mut store, 100, |_, _| ());
        assert_eq!(missing(&bank, &store), behind, "what has come since is read");
        assert!(bank.requests.len() - before < 8, "{} requests", bank.requests.len() - before);
    }
    bank.poisoned = None;
    calls(&mut bank, &mut store, 100, |_, _| ());
    store.assert_equals(&bank);
    let before = bank.requests.len();
    assert_eq!(
        (store.poll(&mut bank, 100), bank.requests.len() - before < 8),
        (0, true),
        "and all is as if nothing had been"
    );
}

#[test]
fn the_hour_before_the_mark_is_read_again_once_an_hour_where_it_has_many_rows() {
    let mut bank = busy(3);
    let mut store = Store::default();
    store.poll(&mut bank, 100);
    let mut asked = Vec::new();
    for minutes in [5, 5, 30, 25, 5] {
        bank.clock += minutes * time::MINUTE;
        let before = bank.requests.len();
        store.poll(&mut bank, 100);
        asked.push(bank.requests.len() - before);
    }
    assert!(asked[0] <= 5 && asked[1] <= 5 && asked[2] <= 5 && asked[4] <= 5, "{asked:?}");
    assert!((18..30).contains(&asked[3]), "{asked:?}");
}

#[test]
fn a_row_that_becomes_visible_59_minutes_late_is_read_within_two_hours_of_its_time() {
    for is_quiet in [true, false] {
        let mut bank = with_rows(3, 20_000);
        let mut store = Store::default();
        store.poll(&mut bank, 100);
        for late in 0..24 {
            let (id, updated) = (1_000_000 + late, bank.clock + time::MINUTE);
            // Not a number of whole hours, so that the rows come at all times between two of the polls that look back.
            for minutes in (5..=125).step_by(5) {
                bank.clock += 5 * time::MINUTE;
                if minutes == 60 {
                    bank.rows.push(Tx { id, updated, status: "completed", version: 0 });
                }
                for row in 0..if is_quiet { 0 } else { 15 } {
                    let updated = bank.clock - 20_000 * row;
                    bank.rows.push(Tx { id: bank.next_id, updated, status: "completed", version: 0 });
                    bank.next_id += 1;
                }
                store.poll(&mut bank, 100);
                assert!(minutes < 121 || store.rows.contains_key(&id.to_string()), "row {late}, quiet: {is_quiet}");
            }
        }
        store.assert_equals(&bank);
    }
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

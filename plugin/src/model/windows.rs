//! Long lists are read in windows, and busy hours are read again once an hour.

use super::*;

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

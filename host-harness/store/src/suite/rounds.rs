//! What a round of a stream reads, misses and asks for.

use super::New;
use crate::export::What;
use crate::testing::{account, accounts, at, commit, deliver, payment, payments, rejected, stream};
use crate::{Delivery, NewGap, PageRecords, StreamKey};
use model::PaymentStatus::{Other, Pending, Succeeded};
use model::Withdrawn;

pub(super) fn a_gap_that_recurs_is_one_that_lasts_and_one_that_is_not_ours_to_read_is_no_failure(new: New<'_>) {
    const DAY: i64 = 86_400;
    let store = new();
    let gap = |what: &str, granted| NewGap { what: what.into(), error: "no".into(), granted };
    let note = |gaps: &[NewGap], now: i64| store.note_gaps(&stream(), gaps, at(now)).unwrap();
    note(&[gap("a", true), gap("b", false)], 0);
    let lasting = note(&[gap("a", true), gap("b", false), gap("c", true)], DAY + 1);
    let told: Vec<_> = lasting.iter().map(|gap| (gap.what.as_str(), gap.since, gap.lasts)).collect();
    assert_eq!(told, [("a", at(0), true), ("b", at(0), false), ("c", at(DAY + 1), false)]);
    note(&[], DAY + 2);
    assert!(!note(&[gap("a", true)], DAY + 3)[0].lasts, "it was closed");
}

pub(super) fn payments_that_were_asked_for_one_by_one_leave_however_many_they_are(new: New<'_>) {
    let store = new();
    let names: Vec<String> = (0..30).map(|number| format!("p{number}")).collect();
    deliver(&*store, &payments(names.iter().map(|name| payment(name, Pending, 1)).collect()), &[], 1).unwrap();
    let (begun, reading) = store.begin_call(&stream()).unwrap();
    let gone = names.iter().map(|name| Withdrawn { reference: name.clone(), replaced_by: None }).collect();
    let records = PageRecords::Payments { items: vec![], withdrawn: gone };
    let delivery = Delivery {
        key: &stream(),
        revision: begun.revision,
        reading,
        at: at(2),
        records: &records,
        rejected: &[],
        state: None,
        partial: false,
        asked: true,
    };
    store.commit(&delivery).unwrap();
    let settled = store.settle(&stream(), false, at(2)).unwrap();
    assert_eq!((settled.left, settled.held), (30, 0));
}

pub(super) fn an_account_that_two_complete_polls_an_hour_apart_have_missed_is_gone_and_comes_back(new: New<'_>) {
    const HOUR: i64 = 3_600;
    let store = new();
    let key = stream();
    let read = |names: &[&str], now: i64| {
        let (stream, reading) = store.begin_call(&key).unwrap();
        let page = accounts(names.iter().map(|name| account(name, "n", None)).collect());
        commit(&*store, &key, (stream.revision, reading), &page, &[], None, now).unwrap();
    };
    let poll = |names: &[&str], now: i64| {
        read(names, now);
        store.settle(&key, true, at(now)).unwrap().left
    };
    let gone = |name: &str| {
        let lines = store.exported(What::Accounts);
        let line = lines.lines().find(|line| line.contains(&format!(r#""reference":"{name}""#))).unwrap().to_owned();
        !line.contains(r#""goneAt":null"#)
    };
    assert_eq!(poll(&["a", "b"], 0), 0);
    assert_eq!(poll(&["a"], 10), 0, "once");
    assert_eq!(poll(&["a"], HOUR), 0, "less than an hour after the first");
    assert!(!gone("b"));
    assert_eq!(poll(&["a"], HOUR + 10), 1);
    assert!(gone("b") && !gone("a"));
    assert!(store.kept(&key, model::Capability::FetchAccounts, "b").unwrap().unwrap().is_gone);
    poll(&["a", "b"], 2 * HOUR);
    assert!(!gone("b"), "back");
    assert_eq!(poll(&["a"], 3 * HOUR), 0, "counted anew");
    read(&["b"], 5 * HOUR);
    assert_eq!(poll(&["a"], 6 * HOUR), 0, "a round may take several polls");
}

pub(super) fn a_round_in_which_something_was_not_read_misses_nothing_until_that_is_read(new: New<'_>) {
    let store = new();
    let key = stream();
    let round = |names: &[&str], partial: bool, now: i64| {
        let (stream, reading) = store.begin_call(&key).unwrap();
        let records = accounts(names.iter().map(|name| account(name, "n", None)).collect());
        let delivery = Delivery {
            key: &key,
            revision: stream.revision,
            reading,
            at: at(now),
            records: &records,
            rejected: &[],
            state: None,
            partial,
            asked: false,
        };
        store.commit(&delivery).unwrap();
    };
    let end = |now: i64| store.settle(&key, true, at(now)).unwrap().left;
    round(&["a", "b"], false, 0);
    end(0);
    for hours in 1..5 {
        round(&["a"], true, 3_600 * hours);
        assert_eq!(end(3_600 * hours), 0);
    }
    for (hours, left) in [(5, 0), (6, 1)] {
        round(&["a"], true, 3_600 * hours);
        store.read_again(&key).unwrap();
        round(&["a"], false, 3_600 * hours);
        assert_eq!(end(3_600 * hours), left);
    }
}

pub(super) fn a_rejected_row_without_a_reference_may_be_any_record_whatever_is_read_again(new: New<'_>) {
    let store = new();
    let key = stream();
    let round = |names: &[&str], rejected: &[model::Rejected], hours: i64| {
        let (stream, reading) = store.begin_call(&key).unwrap();
        let page = accounts(names.iter().map(|name| account(name, "n", None)).collect());
        commit(&*store, &key, (stream.revision, reading), &page, rejected, None, 3_600 * hours).unwrap();
        store.read_again(&key).unwrap();
        store.settle(&key, true, at(3_600 * hours)).unwrap().left
    };
    round(&["a", "b"], &[], 0);
    for hours in 1..5 {
        assert_eq!(round(&["a"], &[rejected(None, "?")], hours), 0);
    }
    assert_eq!(round(&["a"], &[rejected(Some("c"), "?")], 5), 0, "missed once");
    assert_eq!(round(&["a"], &[rejected(Some("c"), "?")], 6), 1);
}

pub(super) fn open_payments_are_those_that_no_call_of_the_round_has_reported_and_unclear_ones_for_thirty_days(
    new: New<'_>,
) {
    const DAY: i64 = 86_400;
    let store = new();
    let page =
        vec![payment("p", Pending, 1), payment("q", Succeeded, 1), payment("r", Other, 1), payment("s", Pending, 1)];
    deliver(&*store, &payments(page), &[], 0).unwrap();
    let (begun, reading) = store.begin_call(&stream()).unwrap();
    let page = payments(vec![payment("s", Pending, 1)]);
    commit(&*store, &stream(), (begun.revision, reading), &page, &[], None, 1).unwrap();
    let open = |now: i64| store.open_payments(&stream(), at(now)).unwrap();
    assert_eq!(open(2), ["p", "r"]);
    assert_eq!(open(30 * DAY), ["p", "r"]);
    assert_eq!(open(30 * DAY + 1), ["p"]);
    let other = StreamKey { parent: None, ..stream() };
    assert_eq!(store.open_payments(&other, at(2)).unwrap(), Vec::<String>::new());
}

pub(super) fn what_a_clock_that_was_ahead_missed_first_leaves_an_hour_after_it_is_missed_by_the_right_one(
    new: New<'_>,
) {
    let store = new();
    let key = stream();
    let year = 365 * 24 * 3_600;
    let poll = |listed: &[&str], seconds: i64| {
        let (begun, reading) = store.begin_call(&key).unwrap();
        let page = accounts(listed.iter().map(|name| account(name, "n", None)).collect());
        commit(&*store, &key, (begun.revision, reading), &page, &[], None, seconds).unwrap();
        store.settle(&key, true, at(seconds)).unwrap().left
    };
    poll(&["a", "b"], 0);
    assert_eq!(poll(&["a"], year), 0, "missed for the first time, a year too early");
    assert_eq!([poll(&["a"], 60), poll(&["a"], 600), poll(&["a"], 3_700)], [0, 0, 1]);
}

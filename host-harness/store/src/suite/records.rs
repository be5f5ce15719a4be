//! What is kept of accounts, balances and rows that could not be mapped, of whom it is, and how much.

use serde_json::Value;

use super::New;
use crate::export::What;
use crate::testing::{
    account, accounts, at, balance, commit, deliver, deliver_as, kept, payment, payments, rejected, stream,
};
use crate::{INCIDENTS, PageRecords, RunSummary, StoreError, StreamKey, Subject};
use model::PaymentStatus::{Pending, Succeeded};
use model::refusal::{Incident, Place, Refusal};

pub(super) fn an_install_knows_how_much_it_keeps_and_what_is_known_already_adds_nothing(new: New<'_>) {
    let store = new();
    assert_eq!(store.stored_bytes("acme").unwrap(), 0);
    let mut large = payment("p", Succeeded, 1);
    large.raw = "x".repeat(10_000);
    let row = rejected(None, &"x".repeat(5_000));
    deliver(&*store, &payments(vec![large.clone()]), std::slice::from_ref(&row), 9).unwrap();
    let stored = store.stored_bytes("acme").unwrap();
    assert!((15_000..16_000).contains(&stored), "{stored}");
    deliver(&*store, &payments(vec![large]), &[row], 9).unwrap();
    assert_eq!(store.stored_bytes("acme").unwrap(), stored);
    deliver(&*store, &accounts(vec![account("a", "A", None)]), &[], 9).unwrap();
    assert!(store.stored_bytes("acme").unwrap() > stored);
}

pub(super) fn states_streams_and_the_log_of_polls_are_part_of_what_an_install_keeps(new: New<'_>) {
    let store = new();
    let key = stream();
    let bytes = || store.stored_bytes("acme").unwrap();
    let set = |state: &[u8]| {
        let (begun, reading) = store.begin_call(&key).unwrap();
        commit(&*store, &key, (begun.revision, reading), &payments(vec![]), &[], Some(state), 1).unwrap();
    };
    set(&[7; 5_000]);
    let full = bytes();
    assert!((5_000..5_500).contains(&full), "{full}");
    set(&[7; 1_000]);
    assert_eq!(bytes(), full - 4_000, "it takes the place of the one before");
    let poll = |error: &str| {
        let run = store.begin_run(&key, at(1)).unwrap();
        let error = Some(error.to_owned());
        let ended = RunSummary { records: 0, rejected: 0, requests: 0, error, finished_at: at(2) };
        store.finish_run(run, &ended).unwrap();
    };
    (0..300).for_each(|_| poll("it failed"));
    let many = bytes();
    assert!(many > full - 4_000 + 200 * 100, "{many}");
    (0..300).for_each(|_| poll("it failed"));
    assert_eq!(bytes(), many, "what is forgotten is not kept");
}

pub(super) fn reading_an_account_again_moves_only_the_time_it_was_read(new: New<'_>) {
    let store = new();
    let page = accounts(vec![account("a", "n", Some(1))]);
    deliver(&*store, &page, &[], 10).unwrap();
    let before = store.exported(What::All);
    assert!(!deliver(&*store, &page, &[], 20).unwrap().changes.any());
    assert_eq!(kept(&*store)[0].1, at(20));
    assert_eq!(store.exported(What::All), before);
}

pub(super) fn the_balance_read_last_is_present_also_after_a_clock_that_was_ahead(new: New<'_>) {
    let store = new();
    for (amount, as_of) in [("5", 1), ("6", 4_000_000_000), ("7", 2)] {
        deliver(&*store, &PageRecords::Balances(vec![balance(amount, as_of)]), &[], 9).unwrap();
    }
    let shown: Value = serde_json::from_str(&store.exported(What::Balances)).unwrap();
    assert_eq!((&shown["amount"], &shown["asOf"]), (&"7".into(), &"1970-01-01T00:00:02Z".into()));
}

pub(super) fn an_equal_balance_changes_nothing_and_the_latest_is_shown_since_it_holds(new: New<'_>) {
    let store = new();
    for (amount, as_of) in [("5", 1), ("5", 2), ("6", 3), ("6", 4)] {
        deliver(&*store, &PageRecords::Balances(vec![balance(amount, as_of)]), &[], 9).unwrap();
    }
    assert!(!deliver_as(&*store, 2, &PageRecords::Balances(vec![balance("5", 2)]), &[], 9).unwrap().changes.any());
    let shown: Value = serde_json::from_str(&store.exported(What::Balances)).unwrap();
    assert_eq!((&shown["amount"], &shown["asOf"]), (&"6".into(), &"1970-01-01T00:00:03Z".into()));
}

pub(super) fn a_row_that_arrives_after_all_leaves_quarantine_for_good(new: New<'_>) {
    let store = new();
    let rows = [rejected(Some("p"), "{\"v\":1}")];
    deliver(&*store, &payments(vec![]), &rows, 1).unwrap();
    let fixed = payments(vec![payment("p", Succeeded, 2)]);
    deliver(&*store, &fixed, &[], 2).unwrap();
    assert_eq!(store.exported(What::Rejected), "");
    assert!(!deliver(&*store, &fixed, &rows, 3).unwrap().changes.any());
    assert_eq!(store.exported(What::Rejected), "");
}

pub(super) fn a_record_does_not_hide_a_row_rejected_in_its_own_page(new: New<'_>) {
    let store = new();
    let page = payments(vec![payment("p", Succeeded, 2)]);
    for _ in 0..2 {
        deliver(&*store, &page, &[rejected(Some("p"), "{}")], 1).unwrap();
        assert_eq!(store.exported(What::Rejected).lines().count(), 1);
    }
}

pub(super) fn a_stream_with_an_empty_parent_is_not_the_root(new: New<'_>) {
    let store = new();
    let root = StreamKey { parent: None, ..stream() };
    let empty = StreamKey { parent: Some(String::new()), ..stream() };
    commit(&*store, &root, (0, 9), &payments(vec![]), &[], Some(b"r"), 1).unwrap();
    assert_eq!(store.stream(&empty).unwrap().state, None);
    store.set_not_before(&empty, Some(at(7))).unwrap();
    assert_eq!(store.stream(&empty).unwrap().not_before, Some(at(7)));
    assert_eq!(store.stream(&root).unwrap().not_before, None);
}

pub(super) fn a_page_fetched_at_an_older_revision_is_refused_whole(new: New<'_>) {
    let store = new();
    let key = stream();
    let page = payments(vec![payment("p", Pending, 1)]);
    assert_eq!(commit(&*store, &key, (0, 9), &page, &[], Some(b"s"), 1).unwrap().revision, 1);
    let before = store.exported(What::All);
    let refused = commit(&*store, &key, (0, 9), &payments(vec![payment("q", Pending, 1)]), &[], Some(b"t"), 1);
    assert!(matches!(refused, Err(StoreError::Concurrent { expected: 0, stored: 1, .. })), "{refused:?}");
    assert_eq!(store.exported(What::All), before);
    assert_eq!(commit(&*store, &key, (1, 9), &page, &[], None, 1).unwrap().revision, 2);
    assert_eq!(store.stream(&key).unwrap().state.as_deref(), Some(b"s".as_slice()), "none leaves the state as it is");
}

pub(super) fn an_install_belongs_to_the_subject_that_it_was_bound_to_first(new: New<'_>) {
    let store = new();
    let subject = |reference: &str, name: &str| Subject { reference: reference.into(), name: Some(name.into()) };
    assert_eq!(store.bind("acme", &subject("org-1", "Acme")).unwrap(), subject("org-1", "Acme"));
    assert_eq!(store.bind("acme", &subject("org-1", "Acme SAS")).unwrap(), subject("org-1", "Acme SAS"), "renamed");
    assert_eq!(store.bind("acme", &subject("org-2", "Other")).unwrap(), subject("org-1", "Acme SAS"));
    assert_eq!(store.bind("other", &subject("org-2", "Other")).unwrap(), subject("org-2", "Other"));
}

pub(super) fn incidents_suspend_the_install_whose_component_tried_them_and_no_other(new: New<'_>) {
    let store = new();
    let mut incident = Incident::default();
    incident.add(Refusal::of_product(Place::State));
    for known in 0..INCIDENTS {
        assert!(store.suspended("acme", at(1)).unwrap().is_none(), "after {known}");
        store.record_incident("acme", Some(&stream()), "sha256:aa", &incident, at(0)).unwrap();
    }
    assert_eq!(store.suspended("acme", at(1)).unwrap().unwrap().incidents, INCIDENTS);
    assert!(store.suspended("other", at(1)).unwrap().is_none());
    assert_eq!(store.granted("acme").unwrap(), None, "nobody agreed to anything");
}

pub(super) fn calls_are_numbered_in_the_order_in_which_they_begin_each_install_by_itself(new: New<'_>) {
    let store = new();
    assert_eq!(store.last_call("acme").unwrap(), 0);
    let other = StreamKey { install: "other".to_owned(), ..stream() };
    let numbers = [stream(), other, stream()].map(|key| store.begin_call(&key).unwrap().1);
    assert_eq!((numbers, store.last_call("acme").unwrap()), ([1, 1, 2], 2));
}

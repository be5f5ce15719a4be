//! What is kept of payments: which version is present, and which came before.

use serde_json::Value;

use super::{New, Tried};
use crate::export::What;
use crate::testing::{deliver, deliver_as, payment, payments, rejected, stream, withdrawn};
use crate::{Changes, PageRecords};
use model::PaymentStatus::{Failed, Pending, Succeeded};
use model::Withdrawn;

fn the_payment(store: &dyn Tried) -> Value {
    serde_json::from_str(&store.exported(What::Payments)).expect("one line of JSON")
}

fn statuses(payment: &Value) -> Vec<String> {
    let adjustments = payment["adjustments"].as_array().expect("a list");
    adjustments.iter().map(|one| one["status"].as_str().expect("a string").to_owned()).collect()
}

pub(super) fn a_page_delivered_twice_changes_nothing(new: New<'_>) {
    let store = new();
    let rows = [rejected(Some("p-3"), "{}"), rejected(None, "x")];
    let page = payments(vec![payment("p-1", Pending, 1), payment("p-2", Succeeded, 2)]);
    let first = deliver(&*store, &page, &rows, 10).unwrap();
    assert_eq!(first.changes, Changes { inserted: 2, updated: 0, unchanged: 0, rejected: 2 });
    let before = store.exported(What::All);
    let second = deliver(&*store, &page, &rows, 20).unwrap();
    assert_eq!(second.changes, Changes { inserted: 0, updated: 0, unchanged: 4, rejected: 0 });
    assert_eq!(store.exported(What::All), before);
}

pub(super) fn each_change_of_status_amount_or_raw_is_an_adjustment_and_the_newest_is_current(new: New<'_>) {
    let store = new();
    let mut corrected = payment("p", Succeeded, 3);
    corrected.amount = "5".into();
    let mut annotated = corrected.clone();
    annotated.raw = r#"{"note":1}"#.into();
    for page in [payment("p", Pending, 1), payment("p", Succeeded, 3), corrected, annotated] {
        assert!(deliver(&*store, &payments(vec![page]), &[], 9).unwrap().changes.any());
    }
    let late = deliver_as(&*store, 1, &payments(vec![payment("p", Failed, 2)]), &[], 9).unwrap();
    assert_eq!(late.changes.updated, 1, "history is gained");
    let payment = the_payment(&*store);
    assert_eq!(statuses(&payment), ["PENDING", "FAILED", "SUCCEEDED", "SUCCEEDED", "SUCCEEDED"]);
    assert_eq!((&payment["status"], &payment["amount"]), (&"SUCCEEDED".into(), &"5".into()));
    assert_eq!(payment["raw"]["note"], 1);
}

pub(super) fn the_version_that_was_read_last_is_present_whatever_its_time_says(new: New<'_>) {
    let store = new();
    for (status, updated) in [(Pending, 4_000_000_000), (Succeeded, 3), (Failed, 2)] {
        deliver(&*store, &payments(vec![payment("p", status, updated)]), &[], 9).unwrap();
    }
    assert_eq!(the_payment(&*store)["status"], "FAILED");
    deliver(&*store, &payments(vec![payment("p", Succeeded, 3)]), &[], 9).unwrap();
    assert_eq!(the_payment(&*store)["status"], "SUCCEEDED", "a state seen before, read again");
    assert_eq!(statuses(&the_payment(&*store)), ["PENDING", "SUCCEEDED", "FAILED", "SUCCEEDED"]);
}

pub(super) fn of_versions_whose_calls_overlapped_the_later_change_is_present(new: New<'_>) {
    for (first, second, present) in [(5, 3, "SUCCEEDED"), (3, 5, "FAILED")] {
        let store = new();
        let key = stream();
        let (_, one) = store.begin_call(&key).unwrap();
        let (_, two) = store.begin_call(&key).unwrap();
        deliver_as(&*store, one, &payments(vec![payment("p", Succeeded, first)]), &[], 9).unwrap();
        deliver_as(&*store, two, &payments(vec![payment("p", Failed, second)]), &[], 9).unwrap();
        assert_eq!(the_payment(&*store)["status"], present);
    }
}

pub(super) fn a_race_of_poll_and_follow_is_settled_by_the_change_and_a_time_that_cannot_be_does_not_count(
    new: New<'_>,
) {
    let store = new();
    let key = stream();
    let (_, poll) = store.begin_call(&key).unwrap();
    let (_, follow) = store.begin_call(&key).unwrap();
    deliver_as(&*store, follow, &payments(vec![payment("p", Succeeded, 5)]), &[], 9).unwrap();
    deliver_as(&*store, poll, &payments(vec![payment("p", Pending, 3)]), &[], 9).unwrap();
    assert_eq!(the_payment(&*store)["status"], "SUCCEEDED");
    deliver_as(&*store, poll, &payments(vec![payment("p", Pending, 4_000_000_000)]), &[], 9).unwrap();
    assert_eq!(the_payment(&*store)["status"], "SUCCEEDED");
}

pub(super) fn several_versions_in_one_page_stand_in_the_order_in_which_they_took_effect(new: New<'_>) {
    let store = new();
    let page = vec![payment("p", Pending, 9), payment("p", Failed, 5), payment("p", Succeeded, 7)];
    deliver(&*store, &payments(page), &[], 9).unwrap();
    assert_eq!(the_payment(&*store)["status"], "SUCCEEDED");
    assert_eq!(statuses(&the_payment(&*store)), ["PENDING", "FAILED", "SUCCEEDED"]);
}

pub(super) fn a_payment_without_a_time_of_change_is_as_good_as_any(new: New<'_>) {
    let store = new();
    for status in [Pending, Succeeded] {
        let payment = model::Payment { updated_at: None, ..payment("p", status, 0) };
        deliver(&*store, &payments(vec![payment]), &[], 9).unwrap();
    }
    let payment = the_payment(&*store);
    assert_eq!((&payment["status"], &payment["updatedAt"]), (&"SUCCEEDED".into(), &Value::Null));
}

pub(super) fn an_old_page_delivered_late_or_twice_does_not_step_back(new: New<'_>) {
    let store = new();
    for status in [Pending, Succeeded] {
        deliver(&*store, &payments(vec![payment("p", status, 1)]), &[], 9).unwrap();
    }
    let before = store.exported(What::All);
    for _ in 0..2 {
        let late = deliver_as(&*store, 1, &payments(vec![payment("p", Pending, 1)]), &[], 9).unwrap();
        assert!(!late.changes.any());
    }
    assert_eq!(store.exported(What::All), before);
}

pub(super) fn a_better_mapping_of_the_same_object_replaces_the_old_one_without_an_adjustment(new: New<'_>) {
    let store = new();
    let mut page = payment("p", Pending, 1);
    deliver(&*store, &payments(vec![page.clone()]), &[], 9).unwrap();
    page.metadata.push(("k".to_owned(), "v".to_owned()));
    assert_eq!(deliver(&*store, &payments(vec![page]), &[], 9).unwrap().changes.updated, 1);
    assert_eq!(the_payment(&*store)["metadata"]["k"], "v");
    assert_eq!(statuses(&the_payment(&*store)), ["PENDING"]);
}

pub(super) fn a_withdrawn_payment_is_cancelled_once_also_a_final_one_and_an_unknown_one_is_ignored(new: New<'_>) {
    let store = new();
    let pending = payments(vec![payment("p", Pending, 1), payment("q", Succeeded, 1)]);
    deliver(&*store, &pending, &[], 9).unwrap();
    assert!(!deliver(&*store, &withdrawn("other"), &[], 9).unwrap().changes.any());
    for reference in ["p", "q"] {
        assert_eq!(deliver(&*store, &withdrawn(reference), &[], 10).unwrap().changes.updated, 1);
        assert!(!deliver(&*store, &withdrawn(reference), &[], 11).unwrap().changes.any());
    }
    assert!(!deliver_as(&*store, 1, &pending, &[], 12).unwrap().changes.any(), "the old page delivered late");
    for line in store.exported(What::Payments).lines() {
        let payment: Value = serde_json::from_str(line).unwrap();
        assert_eq!((&payment["status"], statuses(&payment).len()), (&"CANCELLED".into(), 2));
        assert_eq!(payment["updatedAt"], "1970-01-01T00:00:10.123456789Z");
    }
}

pub(super) fn a_payment_that_another_one_replaces_says_which(new: New<'_>) {
    let store = new();
    deliver(&*store, &payments(vec![payment("p", Pending, 1)]), &[], 9).unwrap();
    let replaced = Withdrawn { reference: "p".into(), replaced_by: Some("q".into()) };
    let page = PageRecords::Payments { items: vec![], withdrawn: vec![replaced] };
    deliver(&*store, &page, &[], 10).unwrap();
    assert_eq!(the_payment(&*store)["replacedBy"], "q");
}

pub(super) fn a_payment_that_is_read_again_after_its_withdrawal_is_back(new: New<'_>) {
    let store = new();
    deliver(&*store, &payments(vec![payment("p", Pending, 1)]), &[], 9).unwrap();
    deliver(&*store, &withdrawn("p"), &[], 100).unwrap();
    deliver(&*store, &payments(vec![payment("p", Succeeded, 50)]), &[], 101).unwrap();
    assert_eq!(the_payment(&*store)["status"], "SUCCEEDED");
    assert_eq!(statuses(&the_payment(&*store)), ["PENDING", "CANCELLED", "SUCCEEDED"]);
}

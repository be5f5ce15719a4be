//! What a round of a stream reads, misses and asks for.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use super::testing::{at, deliver, exported, payment, payments, stream};
use super::{PageRecords, Store};
use crate::export::{Format, What};
use model::PaymentStatus::{Pending, Succeeded};
use model::Withdrawn;

fn store() -> Store {
    Store::in_memory().expect("a store")
}

#[test]
fn a_poll_after_which_much_would_be_gone_is_held_back_until_the_operator_says_so() {
    let store = store();
    let key = stream();
    let names: Vec<String> = (0..40).map(|number| format!("p{number:02}")).collect();
    deliver(&store, &payments(names.iter().map(|name| payment(name, Pending, 1)).collect()), &[], 9).unwrap();
    let gone = |names: &[String]| PageRecords::Payments {
        items: vec![],
        withdrawn: names.iter().map(|name| Withdrawn { reference: name.clone(), replaced_by: None }).collect(),
    };
    assert_eq!(deliver(&store, &gone(&names[..10]), &[], 10).unwrap().changes.updated, 10, "ten may always leave");
    assert_eq!(deliver(&store, &gone(&names[10..30]), &[], 11).unwrap().changes.updated, 0);
    assert_eq!(store.held("acme").unwrap().len(), 20);
    // One of them is read again.
    deliver(&store, &payments(vec![payment("p10", Succeeded, 2)]), &[], 12).unwrap();
    assert_eq!(store.held("acme").unwrap().len(), 19);
    assert_eq!(store.release_held("acme", at(13)).unwrap(), 19);
    assert_eq!(store.held("acme").unwrap(), []);
    let cancelled =
        exported(&store, What::Payments, Format::Ndjson).matches(r#""status":"CANCELLED","scheme""#).count();
    assert_eq!(cancelled, 29);
    assert_eq!(store.stream(&key).unwrap().state, None);
}

#[test]
fn a_reset_takes_back_no_suspension_and_gives_no_grant() {
    use crate::{Granted, INCIDENTS};
    use model::refusal::{Incident, Place, Refusal};
    let store = store();
    let mut incident = Incident::default();
    incident.add(Refusal::of_product(Place::State));
    for _ in 0..INCIDENTS {
        store.record_incident("acme", None, "sha256:aa", &incident, at(0)).unwrap();
    }
    store.grant("acme", &Granted::Bundled, at(1)).unwrap();
    store.revoke("acme", at(2)).unwrap();
    store.reset_state("acme", None).unwrap();
    assert!(store.suspended("acme", at(3)).unwrap().is_some());
    assert!(matches!(store.granted("acme").unwrap(), Some(Granted::Revoked(_))));
}

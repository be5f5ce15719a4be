#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::time::Duration;

use super::connectors::NewConnector;
use super::events::About;
use super::list::{Condition, Field, Key, Op, Page, PaymentItem, RecordId, Seek, Span};
use super::tasks::TaskStatus;
use crate::testing::{account, accounts, at, balance, deliver, payment, payments};
use crate::{Granted, PageRecords, Store, StoreError};
use model::PaymentStatus::{Pending, Succeeded};

/// A store whose one install, `acme`, is a connector.
fn store() -> (Store, String) {
    let store = Store::in_memory().unwrap();
    store.note_connector("acme", "lakeside", "sha256:aa", at(1)).unwrap();
    let uuid = store.connector_of("acme").unwrap().unwrap().uuid;
    (store, uuid)
}

fn id(uuid: &str, reference: &str, payment_type: Option<&str>) -> RecordId {
    RecordId {
        connector: uuid.to_owned(),
        reference: reference.to_owned(),
        payment_type: payment_type.map(str::to_owned),
    }
}

fn references(page: &Page<PaymentItem>) -> Vec<&str> {
    page.items.iter().map(|(_, item)| item.reference.as_str()).collect()
}

/// Ten payments, `p-0` the oldest, two of them of each second.
fn ten() -> Vec<model::Payment> {
    let made = |n: i64| {
        let mut payment = payment(&format!("p-{n}"), Succeeded, n);
        payment.created_at.seconds = n / 2;
        payment.amount = (10_i64.pow(u32::try_from(n).unwrap())).to_string();
        payment
    };
    (0..10).map(made).collect()
}

#[test]
fn a_list_goes_both_ways_from_any_place_whatever_is_added_meanwhile() {
    let (store, _) = store();
    deliver(&store, &payments(ten()), &[], 1).unwrap();
    let list = |seek| store.list_payments(&Condition::All(vec![]), seek, 4).unwrap();
    let first = list(Seek::Newest);
    assert_eq!(references(&first), ["p-9", "p-8", "p-7", "p-6"]);
    assert_eq!((first.has_newer, first.has_older), (false, true));
    let mut newer = payment("new", Succeeded, 1);
    newer.created_at.seconds = 99;
    deliver(&store, &payments(vec![newer]), &[], 1).unwrap();
    let second = list(Seek::OlderThan(first.items[3].0));
    assert_eq!(references(&second), ["p-5", "p-4", "p-3", "p-2"]);
    let third = list(Seek::OlderThan(second.items[3].0));
    assert_eq!((references(&third), third.has_older), (vec!["p-1", "p-0"], false));
    let back = list(Seek::NewerThan(third.items[0].0));
    assert_eq!(back.items, second.items);
    let start = list(Seek::NewerThan(first.items[1].0));
    assert_eq!((references(&start), start.has_newer), (vec!["new", "p-9"], false));
}

#[test]
fn amounts_compare_as_numbers_and_everything_else_as_text() {
    let (store, uuid) = store();
    deliver(&store, &payments(ten()), &[], 1).unwrap();
    let found = |condition: &Condition| {
        let page = store.list_payments(condition, Seek::Newest, 100).unwrap();
        references(&page).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let amount = |op, value: &str| Condition::Compare(Field::Amount, op, value.to_owned());
    assert_eq!(found(&amount(Op::Gt, "9999999")), ["p-9", "p-8", "p-7"]);
    assert_eq!(found(&amount(Op::Lte, "10")), ["p-1", "p-0"]);
    assert_eq!(found(&amount(Op::Gt, "-1")).len(), 10);
    assert_eq!(found(&amount(Op::Match, "-1")).len(), 0);
    let reference = |value: &str| Condition::Compare(Field::Reference, Op::Match, value.to_owned());
    assert_eq!(found(&reference("p-3")), ["p-3"]);
    assert_eq!(found(&Condition::Not(Box::new(reference("p-3")))).len(), 9);
    assert_eq!(found(&Condition::Any(vec![reference("p-1"), reference("p-2"), reference("'; --")])).len(), 2);
    assert_eq!(found(&Condition::Any(vec![])).len(), 0);
    assert_eq!(found(&Condition::OfConnector(uuid.clone())).len(), 10);
    assert_eq!(found(&Condition::OfConnector("other".into())).len(), 0);
    assert_eq!(found(&Condition::Created(Op::Gte, 4, 0)), ["p-9", "p-8"]);
    assert_eq!(found(&Condition::From(id(&uuid, "acc-1", None))).len(), 10);
    assert_eq!(found(&Condition::Compare(Field::Name, Op::Match, "x".into())).len(), 0, "a payment has no name");
}

#[test]
fn notes_stay_when_the_payment_is_read_again_and_go_before_what_the_connector_says() {
    let (store, uuid) = store();
    let mut read = payment("p", Pending, 1);
    read.metadata = vec![("a\"b".into(), "connector".into())];
    deliver(&store, &payments(vec![read.clone()]), &[], 1).unwrap();
    let payment_id = id(&uuid, "p", Some("PAYOUT"));
    let note = [("a\"b".to_owned(), "user".to_owned())].into();
    let before = store.last_event().unwrap();
    assert!(store.note(&payment_id, &note).unwrap());
    assert_eq!(store.last_event().unwrap(), before + 1, "a note is a change");
    assert!(!store.note(&id(&uuid, "p", Some("PAY-IN")), &note).unwrap(), "another type is another payment");
    read.status = Succeeded;
    deliver(&store, &payments(vec![read]), &[], 1).unwrap();
    let (found, versions) = store.payment(&payment_id).unwrap().unwrap();
    assert_eq!((found.notes.len(), found.status.as_str(), versions.len()), (1, "SUCCEEDED", 2));
    let metadata = |value: &str| Condition::Compare(Field::Metadata("a\"b".into()), Op::Match, value.into());
    let count = |condition| store.list_payments(&condition, Seek::Newest, 9).unwrap().items.len();
    assert_eq!((count(metadata("user")), count(metadata("connector"))), (1, 0));
    assert_eq!(count(Condition::Exists(Field::Metadata("other".into()))), 0);
}

#[test]
fn a_payment_is_called_by_the_type_and_tells_the_amount_that_it_had_first() {
    let (store, uuid) = store();
    let mut read = payment("p", Pending, 1);
    deliver(&store, &payments(vec![read.clone()]), &[], 1).unwrap();
    read.payment_type = model::PaymentType::Transfer;
    read.amount = "77".into();
    deliver(&store, &payments(vec![read.clone()]), &[], 1).unwrap();
    read.payment_type = model::PaymentType::PayIn;
    deliver(&store, &payments(vec![read]), &[], 1).unwrap();
    let (found, versions) = store.payment(&id(&uuid, "p", Some("PAYOUT"))).unwrap().unwrap();
    assert_eq!((found.payment_type.as_str(), found.present_type.as_deref()), ("PAYOUT", Some("PAY-IN")));
    assert_eq!((found.amount.as_str(), versions.len()), ("77", 2));
    assert_eq!(found.initial_amount, versions[1].amount);
    assert_eq!(store.payment(&id(&uuid, "p", Some("TRANSFER"))).unwrap(), None);
}

#[test]
fn events_tell_each_version_though_another_has_taken_its_place() {
    let (store, _) = store();
    deliver(&store, &accounts(vec![account("acc-1", "Main", None)]), &[], 1).unwrap();
    for status in [Pending, Succeeded] {
        deliver(&store, &payments(vec![payment("p", status, 1)]), &[], 1).unwrap();
    }
    deliver(&store, &PageRecords::Balances(vec![balance("5", 60)]), &[], 1).unwrap();
    let (events, last) = store.events(0, 100).unwrap();
    let told: Vec<String> = events
        .iter()
        .map(|event| match &event.about {
            About::Account(account) => account.reference.clone(),
            About::Balance(new) => format!("{} {}", new.account, new.balance.amount),
            About::Payment(payment, version) => format!("{} {}", payment.reference, version.status),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(told, ["acc-1", "p PENDING", "p SUCCEEDED", "acc-1 5"]);
    assert_eq!(last, events.last().unwrap().seq);
    assert_eq!(store.events(last, 100).unwrap(), (vec![], last));
    assert_eq!(store.events(0, 2).unwrap().0, events[..2]);
    store.set_reader("sink", last).unwrap();
    assert_eq!((store.reader("sink").unwrap(), store.reader("other").unwrap()), (Some(last), None));
}

#[test]
fn the_latest_balance_comes_first_and_a_span_is_what_was_held_in_it() {
    let (store, uuid) = store();
    for (amount, as_of) in [("5", 60), ("7", 120), ("9", 180)] {
        deliver(&store, &PageRecords::Balances(vec![balance(amount, as_of)]), &[], as_of).unwrap();
    }
    let acc = id(&uuid, "acc-1", None);
    let all = Span { kind: "BOOKED".into(), asset: None, from: None, to: None };
    let list = |span: &Span| {
        let page = store.list_balances(&acc, span, Seek::Newest, 10).unwrap();
        page.items.into_iter().map(|(_, item)| item.amount).collect::<Vec<_>>()
    };
    assert_eq!(list(&all), ["9", "7", "5"]);
    assert_eq!(list(&Span { from: Some(at(130)), to: Some(at(150)), ..all.clone() }), ["7"]);
    assert_eq!(list(&Span { from: Some(at(180)), ..all.clone() }), Vec::<String>::new(), "until it was read last");
    assert_eq!(list(&Span { asset: Some("USD/2".into()), ..all.clone() }), Vec::<String>::new());
    assert_eq!(list(&Span { kind: "AVAILABLE".into(), ..all }), Vec::<String>::new());
}

#[test]
fn a_connector_keeps_its_uuid_and_a_second_one_of_its_name_is_refused() {
    let (store, uuid) = store();
    store.note_connector("acme", "lakeside", "sha256:bb", at(2)).unwrap();
    let known = store.connector(&uuid).unwrap().unwrap();
    assert_eq!((known.component.as_deref(), known.has_config), (Some("sha256:bb"), false));
    let new = |install| NewConnector {
        granted: &Granted::Bundled,
        provider: "lakeside",
        install,
        period: Duration::from_mins(1),
        origin: None,
    };
    let seal = |_: &str| Ok::<_, StoreError>(b"sealed".to_vec());
    assert!(matches!(store.add_connector(&new("acme"), at(3), seal), Err(StoreError::InstallExists { .. })));
    let added = store.add_connector(&new("other"), at(3), seal).unwrap();
    assert_eq!(store.sealed_config(&added.uuid).unwrap().as_deref(), Some(&b"sealed"[..]));
    store.set_paused(&added.uuid, Some("by hand"), at(4)).unwrap();
    assert_eq!(store.connector(&added.uuid).unwrap().unwrap().paused.unwrap().1, "by hand");
    store.set_config(&added.uuid, b"again", Duration::from_secs(5), at(5)).unwrap();
    let known = store.connector_of("other").unwrap().unwrap();
    assert_eq!((known.paused.clone(), known.period.as_secs(), known.updated_at), (None, 5, at(5)));
    let resealed = store.reseal(|_, sealed| Ok::<_, StoreError>([sealed, b"!"].concat())).unwrap();
    assert_eq!((resealed, store.sealed_config(&added.uuid).unwrap().unwrap()), (1, b"again!".to_vec()));
    assert_eq!(store.granted("other").unwrap(), Some(Granted::Bundled));
    let fresh = store.replace_connector(&new("other"), at(6), seal).unwrap();
    assert!(store.connector(&added.uuid).unwrap().is_none() && fresh.install == "other");
    let added = fresh;
    let task = store.begin_task(&known, "uninstall", at(6)).unwrap();
    assert_eq!(store.open_tasks().unwrap().len(), 1);
    store.purge("other").unwrap();
    assert_eq!(store.connector(&added.uuid).unwrap(), None);
    store.end_task(&task, &TaskStatus::Failed("no".into()), at(7)).unwrap();
    let (told, _) = store.events(0, 100).unwrap();
    let told = told.iter().filter_map(|event| match &event.about {
        About::Task(task) => Some((task.status.clone(), task.updated_at)),
        _ => None,
    });
    assert_eq!(told.collect::<Vec<_>>(), [(TaskStatus::Processing, at(6)), (TaskStatus::Failed("no".into()), at(7))]);
    assert_eq!(store.task(&task).unwrap().unwrap().status, TaskStatus::Failed("no".into()));
    assert_eq!(store.open_tasks().unwrap(), []);
}

#[test]
fn a_pool_sums_up_what_its_accounts_had_at_a_time_and_goes_without_them() {
    let (store, uuid) = store();
    deliver(&store, &accounts(vec![account("acc-1", "Main", None)]), &[], 1).unwrap();
    for (amount, as_of) in [("5", 60), ("7", 120)] {
        deliver(&store, &PageRecords::Balances(vec![balance(amount, as_of)]), &[], as_of).unwrap();
    }
    let acc = id(&uuid, "acc-1", None);
    let pool = store.add_pool("all", std::slice::from_ref(&acc), at(1)).unwrap();
    assert!(
        store.add_pool("all", &[], at(1)).is_err() && store.add_pool("b", &[id(&uuid, "no", None)], at(1)).is_err()
    );
    assert_eq!(store.list_pools(Seek::Newest, 5).unwrap().items.len(), 1, "what failed made none");
    let had = |time| store.pool_balances(&pool, at(time)).unwrap().unwrap();
    assert_eq!((had(100)[0].amounts[0].1.as_str(), had(200)[0].amounts[0].1.as_str()), ("5", "7"));
    assert_eq!(had(1), []);
    assert!(store.take_from_pool(&pool, &acc, at(2)).unwrap() && !store.take_from_pool(&pool, &acc, at(3)).unwrap());
    assert!(store.add_to_pool(&pool, &acc, at(4)).unwrap());
    store.purge("acme").unwrap();
    assert_eq!(store.pool(&pool).unwrap().unwrap().accounts, []);
    assert!(store.remove_pool(&pool, at(5)).unwrap() && store.pool_balances(&pool, at(9)).unwrap().is_none());
}

#[test]
fn a_place_that_is_past_the_end_gives_an_empty_part() {
    let (store, _) = store();
    let nowhere = Key { seconds: i64::MIN, nanoseconds: 0, id: 0 };
    let page = store.list_payments(&Condition::All(vec![]), Seek::OlderThan(nowhere), 5).unwrap();
    assert_eq!((page.items.len(), page.has_older), (0, false));
}

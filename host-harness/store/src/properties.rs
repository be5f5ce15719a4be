//! What holds for any records in any order.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use proptest::prelude::*;
use serde_json::Value;

use super::testing::{
    account, accounts, all_kept, at, balance, deliver, deliver_as, everything, exported, kept, payment, payments,
    stream,
};
use super::{PageRecords, Store};
use crate::export::{Format, What};
use model::PaymentStatus::{self, Failed, Pending, Succeeded};
use model::{Account, Balance, Payment, Timestamp, Withdrawn};

fn store() -> Store {
    Store::in_memory().unwrap()
}

fn any_time() -> impl Strategy<Value = Option<Timestamp>> {
    prop::option::of((any::<i64>(), 0..1_000_000_000u32).prop_map(|(s, n)| Timestamp { seconds: s, nanoseconds: n }))
}

prop_compose! {
    fn any_account()(
        reference in any::<String>(),
        name in any::<Option<String>>(),
        default_asset in any::<Option<String>>(),
        created_at in any_time(),
        updated_at in any_time(),
        metadata in any::<Vec<(String, String)>>(),
        raw in any::<String>(),
    ) -> Account {
        Account { reference, name, default_asset, created_at, updated_at, metadata, raw }
    }
}

/// Every version of a record that a provider shows, in its order: `(record, version)`.
fn versions(page: &[(u8, u8)]) -> (PageRecords, PageRecords) {
    const STATUS: [PaymentStatus; 3] = [Pending, Failed, Succeeded];
    let payment = |&(record, version): &(u8, u8)| {
        payment(&format!("p-{record}"), STATUS[usize::from(version) % 3], i64::from(version))
    };
    let account = |&(record, version): &(u8, u8)| {
        account(&format!("a-{record}"), &format!("n{version}"), Some(i64::from(version)))
    };
    (payments(page.iter().map(payment).collect()), accounts(page.iter().map(account).collect()))
}

/// What a provider shows of one payment.
#[derive(Debug, Clone)]
enum Shown {
    /// A version, with one note or another, by the call that begins now or by one so many calls back.
    Version { status: u8, note: u8, back: u64 },
    /// It is gone, and another may stand in its place.
    Gone { replaced: bool },
}

fn any_shown() -> impl Strategy<Value = Shown> {
    prop_oneof![
        3 => (0..3u8, 0..2u8, 0..6u64).prop_map(|(status, note, back)| Shown::Version { status, note, back }),
        1 => any::<bool>().prop_map(|replaced| Shown::Gone { replaced }),
    ]
}

/// A payment as the store is to keep it: all its versions in one list, each with the call that read it.
#[derive(Default)]
struct Model {
    versions: Vec<(u64, &'static str, String)>,
    present: usize,
    read: u64,
    note: String,
    replaced: bool,
}

impl Model {
    fn version(&mut self, call: u64, version: &Payment) -> bool {
        let status = super::payment_status_name(version.status);
        let is = |known: &(u64, &str, String)| (known.1, &known.2) == (status, &version.raw);
        let note = &version.metadata[0].1;
        if call < self.read {
            let new = !self.versions.iter().any(is);
            if new {
                self.versions.push((call, status, version.raw.clone()));
            }
            return new;
        }
        self.read = call;
        let same = self.versions.get(self.present).is_some_and(is);
        if !same {
            self.present = self.versions.len();
            self.versions.push((call, status, version.raw.clone()));
        }
        let changed = !same || self.note != *note;
        (self.note, self.replaced) = (note.clone(), self.replaced && !changed);
        changed
    }

    fn gone(&mut self, call: u64, replaced: bool) -> bool {
        let Some((_, status, raw)) = self.versions.get(self.present).cloned() else { return false };
        let news = status != "CANCELLED" || self.replaced != replaced;
        if news {
            self.present = self.versions.len();
            self.versions.push((call, "CANCELLED", raw));
            (self.read, self.replaced) = (call, replaced);
        }
        news
    }

    fn shown(&self, payment: &Value) {
        let mut order: Vec<_> = self.versions.iter().collect();
        order.sort_by_key(|version| version.0);
        let order: Vec<&str> = order.into_iter().map(|version| version.1).collect();
        let adjustments: Vec<&str> =
            payment["adjustments"].as_array().unwrap().iter().map(|one| one["status"].as_str().unwrap()).collect();
        let (_, status, raw) = &self.versions[self.present];
        assert_eq!((payment["status"].as_str(), payment["raw"].to_string()), (Some(*status), raw.clone()));
        assert_eq!((adjustments, payment["metadata"]["note"].as_str()), (order, Some(self.note.as_str())));
        assert_eq!(payment["replacedBy"].is_string(), self.replaced);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_parent_goes_back_exactly_as_it_came(account in any_account()) {
        let store = store();
        deliver(&store, &accounts(vec![account.clone()]), &[], 5).unwrap();
        let page = accounts(vec![account.clone()]);
        prop_assert!(!deliver(&store, &page, &[], 6).unwrap().changes.any());
        let parents = all_kept(&store);
        prop_assert_eq!(parents.len(), 1);
        let parent = &parents[0].parent;
        prop_assert_eq!((&parent.reference, &parent.default_asset), (&account.reference, &account.default_asset));
        prop_assert_eq!((&parent.metadata, &parent.raw), (&account.metadata, &account.raw));
        prop_assert_eq!(kept(&store)[0].1, at(6));
    }

    #[test]
    fn pages_in_any_order_split_and_repeated_give_the_same_store(
        seen in prop::collection::btree_set((0..4u8, 0..6u8), 1..16),
        picks in prop::collection::vec(any::<prop::sample::Index>(), 0..30),
    ) {
        // Each version was read by a call of its own, in the order of the versions.
        let mut all: Vec<(u8, u8)> = seen.into_iter().collect();
        all.sort_by_key(|(_, version)| *version);
        let numbered: Vec<(u64, (u8, u8))> = (1..).zip(all).collect();
        let fill = |order: &[(u64, (u8, u8))]| {
            let store = store();
            for _ in &numbered {
                store.begin_call(&stream()).unwrap();
            }
            for (reading, version) in order {
                let (payments, accounts) = versions(&[*version]);
                deliver_as(&store, *reading, &accounts, &[], 1).unwrap();
                deliver_as(&store, *reading, &payments, &[], 1).unwrap();
            }
            store
        };
        let in_order = fill(&numbered);
        let mut order: Vec<_> = picks.iter().map(|pick| *pick.get(&numbered)).collect();
        order.extend(numbered.iter().rev());
        prop_assert_eq!(everything(&in_order), everything(&fill(&order)));
    }

    #[test]
    fn balances_in_any_order_end_in_the_amount_that_was_read_last_and_redelivery_changes_nothing(
        amounts in prop::collection::vec(0..3u8, 1..8),
        picks in prop::collection::vec(any::<prop::sample::Index>(), 0..20),
    ) {
        let all: Vec<(u64, Balance)> =
            (1..).zip(&amounts).map(|(n, amount)| (n, balance(&amount.to_string(), i64::try_from(n).unwrap()))).collect();
        let deliver = |store: &Store, (reading, one): &(u64, Balance)| {
            deliver_as(store, *reading, &PageRecords::Balances(vec![one.clone()]), &[], 1).unwrap().changes
        };
        let in_order = store();
        for one in &all {
            deliver(&in_order, one);
        }
        let before = everything(&in_order);
        let otherwise = store();
        for one in picks.iter().map(|pick| pick.get(&all)).chain(all.iter().rev()) {
            prop_assert!(!deliver(&in_order, one).any());
            deliver(&otherwise, one);
        }
        prop_assert_eq!(&everything(&in_order), &before);
        let amount = |text: &str| serde_json::from_str::<Value>(text).unwrap()["amount"].clone();
        prop_assert_eq!(amount(&everything(&otherwise)), amount(&before));
    }

    #[test]
    fn payments_are_kept_as_a_list_of_all_versions_would_keep_them(
        shown in prop::collection::vec((0..3usize, any_shown()), 1..24),
    ) {
        const STATUS: [PaymentStatus; 3] = [Pending, Failed, Succeeded];
        let store = store();
        let mut models: [Model; 3] = Default::default();
        for (record, shown) in shown {
            let (name, model) = (format!("p-{record}"), &mut models[record]);
            let (_, call) = store.begin_call(&stream()).unwrap();
            let (call, page, changes) = match shown {
                Shown::Version { status, note, back } => {
                    let call = call.saturating_sub(back).max(1);
                    let mut version = payment(&name, STATUS[usize::from(status)], 1);
                    version.updated_at = None;
                    version.raw = format!(r#"{{"id":"{name}","state":{status},"what":"is the same in every version"}}"#);
                    version.metadata = vec![("note".to_owned(), note.to_string())];
                    let changes = model.version(call, &version);
                    (call, payments(vec![version]), changes)
                }
                Shown::Gone { replaced } => {
                    let by = replaced.then(|| "another".to_owned());
                    let withdrawn = vec![Withdrawn { reference: name, replaced_by: by }];
                    (call, PageRecords::Payments { items: vec![], withdrawn }, model.gone(call, replaced))
                }
            };
            prop_assert_eq!(deliver_as(&store, call, &page, &[], 9).unwrap().changes.any(), changes);
        }
        let lines = exported(&store, What::Payments, Format::Ndjson);
        let kept = models.iter().filter(|model| !model.versions.is_empty());
        prop_assert_eq!(lines.lines().count(), kept.clone().count());
        for (line, model) in lines.lines().zip(kept) {
            model.shown(&serde_json::from_str(line).unwrap());
        }
    }
}

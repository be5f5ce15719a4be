//! The reference store: what a host has after the pages it committed, and how that differs from the truth.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::lost;
use crate::plain::{amount, amounts, quoted};
use model::{
    Account, Balance, BalanceKind, Capability, Other, Parent, Payment, PaymentStatus, Rejected, Task, TimePrecision,
    Timestamp,
};
use sandbox::Page;
use sim::{TruePayment, Truth};
use store::{Kept, StreamKey};

/// Differences that are shown; more tell nothing new.
const SHOWN: usize = 12;

/// Records by their keys, as the host's store keeps them: the last read holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger {
    /// Own accounts by reference.
    pub accounts: BTreeMap<String, Account>,
    /// Counterparties' accounts by reference.
    pub external_accounts: BTreeMap<String, Account>,
    /// Others by the name of their task and reference.
    pub others: BTreeMap<(String, String), Other>,
    /// The latest balance by account, kind with label, and asset.
    pub balances: BTreeMap<(String, String, String), Balance>,
    /// Payments by reference.
    pub payments: BTreeMap<String, Payment>,
    /// Payments that were withdrawn.
    pub withdrawn: BTreeSet<String>,
    /// Accounts, own and others', that were withdrawn.
    pub gone: BTreeSet<String>,
    /// Rejected rows by their bytes.
    pub rejected: BTreeMap<String, Rejected>,
    /// The records that other tasks run for, by the stream that read them.
    kept: BTreeMap<StreamKey, BTreeMap<String, Kept>>,
    /// Which stream reported a payment last, and in its which page.
    reported: BTreeMap<String, (StreamKey, u64)>,
    /// Pages committed.
    pages: u64,
}

/// What committing a page did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Applied {
    /// Records and rejected rows in the page.
    pub rows: u64,
    /// Those that were new or changed something.
    pub changed: u64,
}

impl Applied {
    fn count(&mut self, changed: bool) {
        self.rows += 1;
        self.changed += u64::from(changed);
    }
}

/// The word for a kind of balance, with its label where it has one.
#[must_use]
pub fn kind_of(balance: &Balance) -> String {
    let kind = match balance.kind {
        BalanceKind::Booked => "booked",
        BalanceKind::Available => "available",
        BalanceKind::Pending => "pending",
        BalanceKind::Reserved => "reserved",
        BalanceKind::Other => "other",
    };
    balance.label.as_ref().map_or_else(|| kind.to_owned(), |label| format!("{kind} ({label})"))
}

impl Ledger {
    /// Commits a page of a stream, read at this time.
    pub fn commit(&mut self, key: &StreamKey, task: &Task, page: &Page, at: DateTime<Utc>) -> Applied {
        self.pages += 1;
        self.commit_as(self.pages, key, task, page, at)
    }

    /// Commits the page that was number `number` once more: what was read later stays.
    pub fn commit_as(&mut self, number: u64, key: &StreamKey, task: &Task, page: &Page, at: DateTime<Utc>) -> Applied {
        let mut applied = Applied::default();
        match page {
            Page::Accounts(page) => {
                let own = task.capability == Capability::FetchAccounts;
                for account in &page.items {
                    let parent = Parent {
                        task: task.name.clone(),
                        reference: account.reference.clone(),
                        default_asset: account.default_asset.clone(),
                        metadata: account.metadata.clone(),
                        raw: account.raw.clone(),
                    };
                    self.keep(key, parent, own, at);
                    self.gone.remove(&account.reference);
                    let accounts = if own { &mut self.accounts } else { &mut self.external_accounts };
                    applied.count(put(accounts, account.reference.clone(), account));
                }
                for withdrawn in &page.withdrawn {
                    applied.count(self.gone.insert(withdrawn.reference.clone()));
                }
            }
            Page::Others(page) => {
                for other in &page.items {
                    let parent = Parent {
                        task: task.name.clone(),
                        reference: other.reference.clone(),
                        default_asset: None,
                        metadata: other.metadata.clone(),
                        raw: other.raw.clone(),
                    };
                    self.keep(key, parent, false, at);
                    applied.count(put(&mut self.others, (task.name.clone(), other.reference.clone()), other));
                }
            }
            Page::Balances(page) => {
                for balance in &page.items {
                    let place = (balance.account_reference.clone(), kind_of(balance), balance.asset.clone());
                    applied.count(put(&mut self.balances, place, balance));
                }
            }
            Page::Payments(page) => {
                for payment in &page.items {
                    if self.reported.get(&payment.reference).is_some_and(|(_, later)| *later > number) {
                        applied.count(false);
                        continue;
                    }
                    self.reported.insert(payment.reference.clone(), (key.clone(), number));
                    let back = self.withdrawn.remove(&payment.reference);
                    applied.count(put(&mut self.payments, payment.reference.clone(), payment) || back);
                }
                for withdrawn in &page.withdrawn {
                    let known = self.reported.get(&withdrawn.reference);
                    if known.is_some_and(|(_, page)| *page <= number) {
                        applied.count(self.withdrawn.insert(withdrawn.reference.clone()));
                    }
                }
            }
        }
        for rejected in page.rejected() {
            applied.count(self.rejected.insert(rejected.raw.clone(), rejected.clone()).is_none());
        }
        applied
    }

    fn keep(&mut self, key: &StreamKey, parent: Parent, is_account: bool, read_at: DateTime<Utc>) {
        let kept = Kept { is_account, read_at, reading: 0, is_gone: false, parent };
        self.kept.entry(key.clone()).or_default().insert(kept.parent.reference.clone(), kept);
    }

    /// The records that the streams of a task have read.
    #[must_use]
    pub fn kept(&self, task: &str) -> Vec<Kept> {
        let streams = self.kept.iter().filter(|(key, _)| key.task == task);
        streams.flat_map(|(_, kept)| kept.values().cloned()).collect()
    }

    /// The customer's own accounts, whichever task has read them.
    #[must_use]
    pub fn own_accounts(&self) -> Vec<Kept> {
        let kept = self.kept.values().flat_map(BTreeMap::values).filter(|kept| kept.is_account);
        let mut kept: Vec<Kept> = kept.cloned().collect();
        kept.sort_by(|one, other| one.parent.reference.cmp(&other.parent.reference));
        kept.dedup_by(|one, other| one.parent.reference == other.parent.reference);
        kept
    }

    /// Whether another host that read the same has the same records, whatever the order in which they came.
    #[must_use]
    pub fn has_the_same_records(&self, other: &Self) -> bool {
        self.accounts == other.accounts
            && self.external_accounts == other.external_accounts
            && self.others == other.others
            && self.balances == other.balances
            && self.payments == other.payments
            && self.withdrawn == other.withdrawn
            && self.gone == other.gone
            && self.rejected == other.rejected
    }

    /// Pages committed so far: what [`Ledger::open`] wants to know of the beginning of a poll.
    #[must_use]
    pub fn pages(&self) -> u64 {
        self.pages
    }

    /// The payments of a stream that are not final, and that no page after number `since` has reported.
    #[must_use]
    pub fn open(&self, key: &StreamKey, since: u64) -> Vec<String> {
        let is_open = |payment: &Payment| {
            matches!(
                payment.status,
                PaymentStatus::Pending | PaymentStatus::Authorisation | PaymentStatus::Other | PaymentStatus::Unknown
            )
        };
        let reported = |reference: &String| self.reported.get(reference);
        let open =
            self.payments.values().filter(|payment| is_open(payment) && !self.withdrawn.contains(&payment.reference));
        let of_stream = open.filter(|payment| {
            reported(&payment.reference).is_some_and(|(stream, page)| stream == key && *page <= since)
        });
        of_stream.map(|payment| payment.reference.clone()).collect()
    }

    /// How the payments differ from the truth: what is missing, what is stale or wrong. Payments that the truth does not
    /// have are not differences unless `exact`: a provider may have removed them.
    #[must_use]
    pub fn payment_differences(&self, truth: &Truth, exact: bool) -> Vec<String> {
        let mut found = Vec::new();
        for (reference, wanted) in &truth.payments {
            match self.payments.get(reference) {
                None => found.push(format!(
                    "payment {reference} is missing ({}, {}, on {})",
                    lost::instant(wanted).format("%Y-%m-%d %H:%M:%S UTC"),
                    word(wanted.status).to_lowercase(),
                    wanted.account
                )),
                Some(_) if self.withdrawn.contains(reference) => {
                    found.push(format!("payment {reference} was withdrawn, and the provider has it"));
                }
                Some(payment) => found.extend(payment_difference(payment, wanted)),
            }
        }
        if exact {
            let surplus = self.payments.keys().filter(|reference| !truth.payments.contains_key(*reference));
            found.extend(surplus.map(|reference| format!("payment {reference} is none that the provider has")));
        }
        shorten(found)
    }

    /// How accounts, counterparties and balances differ from the truth.
    #[must_use]
    pub fn account_differences(&self, truth: &Truth) -> Vec<String> {
        let mut found = Vec::new();
        let kinds = [
            ("account", &self.accounts, &truth.accounts),
            ("external account", &self.external_accounts, &truth.external_accounts),
        ];
        for (kind, known, truth) in kinds {
            for (reference, raw) in truth {
                match known.get(reference) {
                    None => found.push(format!("{kind} {reference} is missing")),
                    Some(account) if account.raw != *raw => {
                        found.push(format!("{kind} {reference}: `raw` is not the provider's bytes, or stale"));
                    }
                    Some(_) => {}
                }
            }
        }
        for (reference, raw) in &truth.others {
            match self.others.iter().find(|((_, known), _)| known == reference) {
                None => found.push(format!("the record {reference} is missing")),
                Some((_, other)) if other.raw != *raw => {
                    found.push(format!("the record {reference}: `raw` is not the provider's bytes, or stale"));
                }
                Some(_) => {}
            }
        }
        for (place @ (account, kind, asset), wanted) in &truth.balances {
            match self.balances.get(place) {
                None => found.push(format!("the {kind} balance of {account} in {asset} is missing")),
                Some(balance) if balance.amount != *wanted => found.push(format!(
                    "the {kind} balance of {account} is {} {asset}, the provider has {wanted}",
                    balance.amount
                )),
                Some(_) => {}
            }
        }
        shorten(found)
    }
}

/// Puts a record in place; true when that changed something.
fn put<K: Ord, V: Clone + PartialEq>(records: &mut BTreeMap<K, V>, key: K, new: &V) -> bool {
    if records.get(&key).is_some_and(|known| known == new) {
        return false;
    }
    records.insert(key, new.clone());
    true
}

/// An instant of the contract; the epoch for one that is none.
#[must_use]
pub fn instant(time: Timestamp) -> DateTime<Utc> {
    DateTime::from_timestamp(time.seconds, time.nanoseconds).unwrap_or_default()
}

/// How one payment differs from what it should be, field by field.
#[must_use]
pub fn payment_difference(payment: &Payment, wanted: &TruePayment) -> Option<String> {
    let mut wrong = Vec::new();
    let mut differ = |field: &str, found: String, wanted: String| {
        if found != wanted {
            wrong.push(format!("{field} is {found}, should be {wanted}"));
        }
    };
    differ("status", word(payment.status), word(wanted.status));
    differ("payment-type", format!("{:?}", payment.payment_type), format!("{:?}", wanted.payment_type));
    differ("amount", payment.amount.clone(), wanted.amount.clone());
    differ("asset", payment.asset.clone(), wanted.asset.clone());
    differ("created-at", instant(payment.created_at).to_rfc3339(), wanted.created_at.to_rfc3339());
    let shown = |time: Option<DateTime<Utc>>| time.map_or_else(|| "absent".to_owned(), |time| time.to_rfc3339());
    differ("updated-at", shown(payment.updated_at.map(instant)), shown(wanted.updated_at));
    let precision = |day: bool| if day { "day" } else { "instant" }.to_owned();
    let on_day = payment.created_at_precision == TimePrecision::Day;
    differ("created-at-precision", precision(on_day), precision(wanted.created_on_day));
    differ("fees", amounts(&payment.fees), amounts(&wanted.fees));
    differ("counter-amount", amount(payment.counter_amount.as_ref()), amount(wanted.counter_amount.as_ref()));
    differ("parent-reference", quoted(payment.parent_reference.as_ref()), quoted(wanted.parent.as_ref()));
    let (end, own) = match wanted.incoming {
        Some(true) => ("destination", &payment.destination_account_reference),
        _ => ("source", &payment.source_account_reference),
    };
    if wanted.incoming.is_some() && own.as_deref() != Some(wanted.account.as_str()) {
        wrong.push(format!("{end}-account-reference is {}, should be “{}”", quoted(own.as_ref()), wanted.account));
    }
    if payment.raw != wanted.raw {
        wrong.push("raw is not the provider's bytes, or stale".to_owned());
    }
    (!wrong.is_empty()).then(|| format!("payment {}: {}", payment.reference, wrong.join("; ")))
}

fn word(status: PaymentStatus) -> String {
    format!("{status:?}")
}

fn shorten(mut found: Vec<String>) -> Vec<String> {
    if found.len() > SHOWN {
        let more = found.len() - SHOWN;
        found.truncate(SHOWN);
        found.push(format!("… and {more} more"));
    }
    found
}

//! The reference store: what a host has after the pages it committed, and how that differs from the truth.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use crate::contract::{Account, Balance, BalanceKind, Payment, PaymentStatus, Rejected, Timestamp};
use crate::sandbox::{Fetch, Page};
use crate::sim::{TruePayment, Truth};

/// Differences that are shown; more tell nothing new.
const SHOWN: usize = 12;

/// Records by their keys, as the host's store keeps them: a later `updated-at` supersedes an earlier one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger {
    /// Own accounts by reference.
    pub accounts: BTreeMap<String, Account>,
    /// Counterparties' accounts by reference.
    pub external_accounts: BTreeMap<String, Account>,
    /// The latest balance by account and kind.
    pub balances: BTreeMap<(String, String), Balance>,
    /// Payments by reference.
    pub payments: BTreeMap<String, Payment>,
    /// Payments that were withdrawn.
    pub withdrawn: BTreeSet<String>,
    /// Rejected rows by their bytes.
    pub rejected: BTreeMap<String, Rejected>,
}

/// What committing a page did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Applied {
    /// Records and rejected rows in the page.
    pub rows: u64,
    /// Those that were new or changed something.
    pub changed: u64,
}

impl Ledger {
    /// Commits a page that was fetched for `what`.
    pub fn commit(&mut self, what: &Fetch, page: &Page) -> Applied {
        let mut applied = Applied::default();
        let mut count = |changed: bool| {
            applied.rows += 1;
            applied.changed += u64::from(changed);
        };
        match page {
            Page::Accounts(page) => {
                let accounts = match what {
                    Fetch::ExternalAccounts => &mut self.external_accounts,
                    _ => &mut self.accounts,
                };
                for account in &page.items {
                    count(put(accounts, account.reference.clone(), account, |known| {
                        order(known.updated_at) > order(account.updated_at)
                    }));
                }
            }
            Page::Balances(page) => {
                for balance in &page.items {
                    let kind = match balance.kind {
                        BalanceKind::Booked => "booked",
                        BalanceKind::Available => "available",
                    };
                    let key = (balance.account_reference.clone(), kind.to_owned());
                    count(put(&mut self.balances, key, balance, |known| {
                        order(Some(known.as_of)) > order(Some(balance.as_of))
                    }));
                }
            }
            Page::Payments(page) => {
                for payment in &page.items {
                    let changed = put(&mut self.payments, payment.reference.clone(), payment, |known| {
                        order(Some(known.updated_at)) > order(Some(payment.updated_at))
                    });
                    if changed {
                        self.withdrawn.remove(&payment.reference);
                    }
                    count(changed);
                }
                for reference in &page.withdrawn {
                    if self.payments.contains_key(reference) {
                        count(self.withdrawn.insert(reference.clone()));
                    }
                }
            }
        }
        for rejected in page.rejected() {
            count(self.rejected.insert(rejected.raw.clone(), rejected.clone()).is_none());
        }
        applied
    }

    /// How the payments differ from the truth: what is missing, what is stale or wrong. Payments that the truth does not
    /// have are not differences unless `exact`: a provider may have removed them.
    #[must_use]
    pub fn payment_differences(&self, truth: &Truth, exact: bool) -> Vec<String> {
        let mut found = Vec::new();
        for (reference, wanted) in &truth.payments {
            match self.payments.get(reference) {
                None => found.push(format!("payment {reference} is missing (on {})", wanted.account)),
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
        for (account, (booked, available, asset)) in &truth.balances {
            for (kind, wanted) in [("booked", booked), ("available", available)] {
                match self.balances.get(&(account.clone(), kind.to_owned())) {
                    None => found.push(format!("the {kind} balance of {account} is missing")),
                    Some(balance) if balance.amount != *wanted || balance.asset != *asset => found.push(format!(
                        "the {kind} balance of {account} is {} {}, the provider has {wanted} {asset}",
                        balance.amount, balance.asset
                    )),
                    Some(_) => {}
                }
            }
        }
        shorten(found)
    }
}

/// Puts a record in place unless the known one is newer; true when that changed something.
fn put<K: Ord, V: Clone + PartialEq>(
    records: &mut BTreeMap<K, V>,
    key: K,
    new: &V,
    newer: impl Fn(&V) -> bool,
) -> bool {
    if records.get(&key).is_some_and(|known| known == new || newer(known)) {
        return false;
    }
    records.insert(key, new.clone());
    true
}

fn order(time: Option<Timestamp>) -> Option<(i64, u32)> {
    time.map(|time| (time.seconds, time.nanoseconds))
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
    differ("updated-at", instant(payment.updated_at).to_rfc3339(), wanted.updated_at.to_rfc3339());
    let (end, own) = match wanted.incoming {
        Some(true) => ("destination", &payment.destination_account_reference),
        _ => ("source", &payment.source_account_reference),
    };
    if wanted.incoming.is_some() && own.as_deref() != Some(wanted.account.as_str()) {
        wrong.push(format!("{end}-account-reference is {own:?}, should be {}", wanted.account));
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

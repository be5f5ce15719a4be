//! The bank under the suite's words.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, Utc};
use model::PaymentStatus;
use outside::transport::Request;
use serde_json::{Map, Value, json};
use sim::{Asked, Bank, Change, Expected, Field, Movement, Object, Odd, Quirk, Refusal, TruePayment, Truth};

use crate::answers::{LARGEST_PAGE, REQUEST_ID, problem};
use crate::bank::{Lindenbank, TOKEN, word};
use crate::money::{amount, asset};
use crate::quirks::Quirks;

const STATUSES: &[PaymentStatus] = &[PaymentStatus::Succeeded, PaymentStatus::Pending, PaymentStatus::Failed];

/// What the rows can say. No account has a currency of its own, and nothing tells when it was opened.
const FILLED: &[Field] = &[
    Field::AccountName,
    Field::Metadata,
    Field::Scheme,
    Field::Source,
    Field::Destination,
    Field::PartyName,
    Field::PartyNumber,
    Field::PartyNumberFormat,
    Field::PartyBank,
    Field::PartyBankFormat,
];

/// A kind of balance in the words of the suite: that of the contract, with its label.
fn kind(kind: &str) -> String {
    if kind == "dispo" { "other (dispo)".to_owned() } else { kind.to_owned() }
}

/// Makes a change of a row that is open.
fn change(object: &mut Object, expected: &mut TruePayment, change: &Change) {
    match change {
        Change::Status(status) => {
            object.set("status", word(*status));
            expected.status = *status;
        }
        Change::Label(label) => _ = object.set("note", label),
        Change::Minor(minor) => {
            expected.amount = minor.to_string();
            let currency = expected.asset.split('/').next().unwrap_or_default();
            object.set_raw("amount", amount(&expected.amount, currency).render());
        }
    }
    expected.raw = object.render();
}

impl Bank for Lindenbank {
    fn name(&self) -> &'static str {
        "lindenbank"
    }

    fn config(&self) -> Map<String, Value> {
        let config = json!({
            "endpoint": "https://api.lindenbank.example",
            "token": TOKEN,
            "pageSize": 25,
            "pollingPeriod": "30m",
            "since": "2019-01-01",
        });
        config.as_object().cloned().unwrap_or_default()
    }

    fn secrets(&self) -> Vec<String> {
        vec!["token".to_owned()]
    }

    fn largest_page(&self) -> u32 {
        LARGEST_PAGE
    }

    fn lag(&self) -> Duration {
        Duration::from_hours(24)
    }

    fn idle_requests(&self, page_size: u32) -> u32 {
        // The profiles and the accounts of each, the balances of each account, the payments of the last days, and each
        // that is pending for longer.
        let pages = self.recent().div_ceil(usize::try_from(page_size).unwrap_or(1).max(1)) + 1;
        let all = 1 + self.profiles.len() + self.accounts.len() + pages + self.pending();
        u32::try_from(all).unwrap_or(u32::MAX)
    }

    fn statuses(&self) -> Vec<PaymentStatus> {
        STATUSES.to_vec()
    }

    fn open_account(&mut self, currency: &str) -> String {
        self.open(currency)
    }

    fn set_balance(&mut self, account: &str, booked: &str, available: &str) -> bool {
        let currency = self.currency_of(account);
        self.set(account, &currency, "booked", booked) && self.set(account, &currency, "available", available)
    }

    fn add(&mut self, movement: &Movement) -> String {
        self.pay(movement)
    }

    fn change(&mut self, reference: &str, _: DateTime<Utc>, what: &Change) -> bool {
        let Some(row) = self.rows.get_mut(reference) else { return false };
        match &mut row.expected {
            // What is final does not change here.
            Some(expected) if expected.status == PaymentStatus::Pending => {
                change(&mut row.object, expected, what);
                true
            }
            _ => false,
        }
    }

    fn remove(&mut self, reference: &str) -> bool {
        self.rows.remove(reference).is_some()
    }

    fn add_counterparty(&mut self, _: DateTime<Utc>) -> Option<String> {
        None
    }

    fn change_counterparty(&mut self, _: &str, _: DateTime<Utc>) -> bool {
        false
    }

    fn remove_counterparty(&mut self, _: &str) -> bool {
        false
    }

    fn add_odd(&mut self, account: &str, at: DateTime<Utc>, odd: &Odd) -> Option<Expected> {
        self.odd(account, at, odd)
    }

    fn fills(&self) -> Vec<Field> {
        FILLED.to_vec()
    }

    fn truth(&self) -> Truth {
        let mut truth = Truth::default();
        for (id, profile) in &self.profiles {
            truth.others.insert(id.clone(), profile.render());
        }
        for (id, account) in &self.accounts {
            truth.accounts.insert(id.clone(), account.object.render());
            for ((currency, of), minor) in &account.balances {
                truth.balances.insert((id.clone(), kind(of), asset(currency)), minor.clone());
            }
        }
        for row in self.rows.all() {
            if let Some(expected) = &row.expected {
                truth.payments.insert(row.id.clone(), expected.clone());
            }
        }
        truth
    }

    fn personal(&self) -> Vec<String> {
        let accounts = self.accounts.values().map(|account| account.object.clone());
        let parties = self.rows.all().filter_map(|row| row.object.get::<Object>("counterparty"));
        let objects = self.profiles.values().cloned().chain(accounts).chain(parties);
        let texts = objects.flat_map(|object| ["name", "holder", "iban"].map(|field| object.get::<String>(field)));
        texts.flatten().filter(|text| !text.is_empty()).collect()
    }

    fn set_quirk(&mut self, quirk: Quirk) -> bool {
        self.quirks.add(quirk)
    }

    fn clear_quirks(&mut self) {
        self.quirks = Quirks::default();
    }

    fn lapsed(&self) -> Option<Refusal> {
        let (code, request_id) = (Some("consent_lapsed".to_owned()), Some(REQUEST_ID.to_owned()));
        let said = "the consent has ended; see https://lindenbank.example/consents/renew";
        let response = problem(403, "consent_lapsed", json!({ "message": said }));
        Some(Refusal { response, code, request_id })
    }

    fn replace(&mut self, reference: &str, at: DateTime<Utc>) -> Option<String> {
        Self::replace(self, reference, at)
    }

    fn close_account(&mut self, reference: &str) -> bool {
        self.close(reference)
    }

    fn rename_subject(&mut self) {
        "Mira Sonnenfeld-Ast".clone_into(&mut self.customer.1);
    }

    fn change_subject(&mut self) -> bool {
        "LB-K-4712".clone_into(&mut self.customer.0);
        true
    }

    fn asked(&self, request: &Request) -> Asked {
        match request.url.path() {
            "/v1/payments" => Asked::Payments,
            "/v1/profiles" => Asked::Others,
            path if path.ends_with("/accounts") => Asked::Accounts,
            path if path.ends_with("/balances") => Asked::Balances,
            _ => Asked::Other,
        }
    }

    fn dependents(&self, request: &Request) -> BTreeSet<(Asked, String)> {
        let path: Vec<&str> = request.url.path().split('/').skip(1).collect();
        let accounts = |of: Option<&str>| -> Vec<(Asked, String)> {
            let mine = self.accounts.iter().filter(|(_, account)| of.is_none_or(|profile| account.profile == profile));
            mine.flat_map(|(id, _)| [Asked::Accounts, Asked::Balances].map(|kind| (kind, id.clone()))).collect()
        };
        let payment = |id: &str| (Asked::Payments, id.to_owned());
        match path.as_slice() {
            ["v1", "profiles"] => {
                let profiles = self.profiles.keys().map(|id| (Asked::Others, id.clone()));
                profiles.chain(accounts(None)).collect()
            }
            ["v1", "profiles", id, "accounts"] => accounts(Some(id)).into_iter().collect(),
            ["v1", "accounts", id, "balances"] => BTreeSet::from([(Asked::Balances, (*id).to_owned())]),
            ["v1", "payments"] => self.rows.all().map(|row| payment(&row.id)).collect(),
            ["v1", "payments", id] => BTreeSet::from([payment(id)]),
            _ => BTreeSet::new(),
        }
    }

    fn refusal(&self, status: u16) -> Refusal {
        let code = match status {
            401 => "token_refused",
            403 => "not_yours",
            404 => "resource_unknown",
            410 => "resource_gone",
            422 => "limit_invalid",
            429 => "slow_down",
            500.. => "out_of_order",
            _ => "request_invalid",
        };
        let (code, request_id) = (Some(code.to_owned()), Some(REQUEST_ID.to_owned()));
        Refusal { response: problem(status, code.as_deref().unwrap_or_default(), json!({})), code, request_id }
    }
}

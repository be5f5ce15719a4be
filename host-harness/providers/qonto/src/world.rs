//! The rows behind the API, and how tests change them.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::account::{Account, Beneficiary, Stored, set_balance};
use super::dialect::Dialect;
use super::spell::{decimal, timestamp, uuid};
use super::table::{Row, Table};
use super::transaction::Transaction;
use sim::{Object, RateLimiter};

/// Kinds of invented identifiers.
pub(super) mod kind {
    pub(crate) const ORGANIZATION: u64 = 1;
    pub(crate) const ACCOUNT: u64 = 2;
    pub(crate) const TRANSACTION: u64 = 3;
    pub(crate) const BENEFICIARY: u64 = 4;
    pub(crate) const MEMBER: u64 = 5;
    pub(crate) const LABEL: u64 = 6;
    pub(crate) const TRACE: u64 = 7;
}

/// One organization at Qonto, with everything an API key of it can read. Identifiers are invented in the order of the
/// inserts, so the same program makes the same world.
#[derive(Debug, Clone)]
pub struct QontoWorld {
    /// The organization, without its accounts: page "Retrieve the authenticated organization".
    pub organization: Object,
    /// The API login: the organization's slug.
    pub login: String,
    /// The API secret.
    pub secret: String,
    /// What `X-Qonto-Staging-Token` must be; none means production, which does not look at it.
    pub staging_token: Option<String>,
    /// How the API behaves.
    pub dialect: Dialect,
    pub(super) accounts: Vec<Object>,
    pub(super) table: Table,
    pub(super) sepa: Vec<Stored>,
    pub(super) international: Vec<Stored>,
    pub(super) invented: BTreeMap<u64, u64>,
    pub(super) per_account: HashMap<String, u64>,
    pub(super) limiters: Vec<RateLimiter>,
    pub(super) unauthorized: Option<RateLimiter>,
}

impl QontoWorld {
    /// An organization without accounts. Its API login is `slug`, its secret `secret`.
    #[must_use]
    pub fn new(name: &str, slug: &str, secret: &str) -> Self {
        let mut world = Self {
            organization: Object::template(&[
                ("id", "null"),
                ("name", "null"),
                ("slug", "null"),
                ("legal_name", "null"),
                ("legal_number", "\"00000000000000\""),
                ("legal_sector", "null"),
                ("legal_registration_date", "null"),
                ("legal_address", "\"1 rue Imaginaire, 00000 Nulle-Part\""),
                ("legal_form", "\"SAS\""),
                ("legal_country", "\"FR\""),
                ("locale", "\"fr\""),
                ("legal_share_capital", "1000"),
                ("contract_signed_at", "\"2022-12-01 08:57:00.123047\""),
            ]),
            login: slug.to_owned(),
            secret: secret.to_owned(),
            staging_token: None,
            dialect: Dialect::default(),
            accounts: Vec::new(),
            table: Table::default(),
            sepa: Vec::new(),
            international: Vec::new(),
            invented: BTreeMap::new(),
            per_account: HashMap::new(),
            limiters: Vec::new(),
            unauthorized: None,
        };
        let id = world.invent(kind::ORGANIZATION);
        world.organization.set("id", id).set("name", name).set("slug", slug).set("legal_name", name);
        world
    }

    /// The next invented identifier of a kind.
    pub(super) fn invent(&mut self, kind: u64) -> String {
        let salt = self.salt(kind);
        let number = self.invented.entry(kind).or_default();
        *number += 1;
        uuid(salt, *number)
    }

    /// The identifier of an exchange: the same for the same request, so that equal polls are equal to the last byte.
    pub(super) fn trace(&self, url: &str) -> String {
        let number = url.bytes().fold(0_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)));
        uuid(self.salt(kind::TRACE), number).replace('-', "")
    }

    /// The slug is part of it, so that two organizations share no identifier.
    fn salt(&self, kind: u64) -> u64 {
        self.login.bytes().fold(kind, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)))
    }

    /// Adds an account; returns its id.
    pub fn account(&mut self, account: Account) -> String {
        let mut object = account.object;
        let id = object.text("id").map(std::borrow::Cow::into_owned);
        let id = id.unwrap_or_else(|| self.invent(kind::ACCOUNT));
        let slug = format!("{}-bank-account-{}", self.login, self.accounts.len() + 1);
        object.set("id", &id);
        if object.raw("slug").is_some() {
            object.set("slug", slug);
        }
        self.accounts.push(object);
        id
    }

    /// Changes an account; false when there is none of this id. `updated_at` is the caller's to set.
    pub fn edit_account(&mut self, id: &str, change: impl FnOnce(&mut Object)) -> bool {
        let account = self.accounts.iter_mut().find(|account| account.text("id").as_deref() == Some(id));
        account.map(change).is_some()
    }

    /// The ids of the accounts, in the order of their making.
    #[must_use]
    pub fn account_ids(&self) -> Vec<String> {
        self.accounts.iter().filter_map(|account| account.text("id")).map(std::borrow::Cow::into_owned).collect()
    }

    /// One account.
    #[must_use]
    pub fn account_object(&self, id: &str) -> Option<&Object> {
        self.accounts.iter().find(|account| account.text("id").as_deref() == Some(id))
    }

    /// Adds a transaction; returns its id. What it has as `null` and the world knows is filled in: `id`,
    /// `transaction_id`, `bank_account_id`, `is_external_transaction`, the account's currency.
    pub fn transaction(&mut self, transaction: Transaction) -> String {
        let Transaction { mut object, account, id, listed_as, visible_at, without, own_currency } = transaction;
        let id = id.unwrap_or_else(|| self.invent(kind::TRANSACTION));
        let place = self.accounts.iter().position(|known| known.text("id").as_deref() == Some(account.as_str()));
        let number = self.per_account.entry(account.clone()).or_default();
        *number += 1;
        object.set("id", &id).set("bank_account_id", &account);
        object.set(
            "transaction_id",
            format!("{}-{}-transaction-{number}", self.login, place.map_or(0, |place| place + 1)),
        );
        if let Some(owner) = place.and_then(|place| self.accounts.get(place)) {
            if let (Some(currency), false) = (owner.raw("currency"), own_currency)
                && currency != "\"EUR\""
            {
                if object.raw("local_currency") == Some("\"EUR\"") {
                    object.set_raw("local_currency", currency);
                }
                object.set_raw("currency", currency);
            }
            if owner.raw("is_external_account") == Some("true") {
                object.set("is_external_transaction", true);
            }
        }
        for name in &without {
            object.remove(name);
        }
        self.put(&id, &account, &object, listed_as.as_deref(), visible_at);
        id
    }

    /// Adds a transaction as it is, or replaces the one with this id: nothing is filled in.
    pub fn insert(&mut self, id: &str, account: &str, row: &Object) {
        self.put(id, account, row, None, None);
    }

    fn put(
        &mut self,
        id: &str,
        account: &str,
        row: &Object,
        listed_as: Option<&str>,
        visible_at: Option<DateTime<Utc>>,
    ) {
        let delay = i64::try_from(self.dialect.visibility_delay.as_micros()).unwrap_or(i64::MAX);
        let hidden = self.dialect.hidden_microseconds;
        let visible_at = visible_at.map(|at| at.timestamp_micros());
        self.table.put(id, account, row, listed_as, hidden, |row| {
            let delayed = (delay > 0).then(|| row.updated_at.saturating_add(delay));
            visible_at.max(delayed)
        });
    }

    /// Changes a transaction `at` a time, which becomes its `updated_at`; false when there is none of this id. A change
    /// of the status also decides which list has it.
    pub fn edit(&mut self, id: &str, at: DateTime<Utc>, change: impl FnOnce(&mut Object)) -> bool {
        let Some(row) = self.table.get(id).map(Arc::clone) else { return false };
        let Ok(mut object) = Object::parse(&row.text) else { return false };
        change(&mut object);
        object.set("updated_at", timestamp(at));
        self.put(id, &row.account, &object, None, None);
        true
    }

    /// Gives a transaction another status `at` a time. Completing settles it; any other status unsettles it.
    pub fn flip(&mut self, id: &str, at: DateTime<Utc>, status: &str) -> bool {
        self.edit(id, at, |row| {
            row.set("status", status);
            row.set("settled_at", (status == "completed").then(|| timestamp(at)));
        })
    }

    /// Removes a transaction from lists and by id; false when there is none.
    pub fn delete(&mut self, id: &str) -> bool {
        self.table.delete(id)
    }

    /// The latest version of a transaction, whether lists show it yet or not.
    #[must_use]
    pub fn row(&self, id: &str) -> Option<&Row> {
        self.table.get(id).map(AsRef::as_ref)
    }

    /// The ground truth: the latest version of every transaction, ordered by account, `updated_at` and id.
    #[must_use]
    pub fn rows(&self) -> Vec<Arc<Row>> {
        let mut rows: Vec<_> = self.table.rows().map(Arc::clone).collect();
        rows.sort_by(|a, b| (&a.account, a.updated_at, &a.id).cmp(&(&b.account, b.updated_at, &b.id)));
        rows
    }

    /// Adds `count` small completed payments to `account`, the first `from` a time, then one every `step`. For volume.
    pub fn fill(&mut self, account: &str, count: usize, from: DateTime<Utc>, step: TimeDelta) {
        let mut at = from;
        for number in 0..count {
            let cents = i128::try_from(number % 9_973).unwrap_or_default() + 1;
            self.transaction(Transaction::on(account, at).cents(cents).label("Papeterie du Phare").card("0042"));
            at += step;
        }
    }

    /// Adds a SEPA beneficiary; returns its id.
    pub fn sepa_beneficiary(&mut self, beneficiary: Beneficiary) -> String {
        let stored = self.store(beneficiary);
        let id = stored.id.clone();
        self.sepa.push(stored);
        id
    }

    /// Adds an international beneficiary; returns its id.
    pub fn international_beneficiary(&mut self, beneficiary: Beneficiary) -> String {
        let stored = self.store(beneficiary);
        let id = stored.id.clone();
        self.international.push(stored);
        id
    }

    fn store(&mut self, beneficiary: Beneficiary) -> Stored {
        let Beneficiary { mut object, created_at, updated_at } = beneficiary;
        let id = object.text("id").map(std::borrow::Cow::into_owned);
        let id = id.unwrap_or_else(|| self.invent(kind::BENEFICIARY));
        if object.raw("id").is_some() {
            object.set("id", &id);
        }
        Stored { id, object, created_at, updated_at }
    }

    /// Changes a beneficiary `at` a time; false when there is none of this id.
    pub fn edit_beneficiary(&mut self, id: &str, at: DateTime<Utc>, change: impl FnOnce(&mut Object)) -> bool {
        let Some(stored) = self.sepa.iter_mut().chain(&mut self.international).find(|stored| stored.id == id) else {
            return false;
        };
        change(&mut stored.object);
        stored.updated_at = at;
        if stored.object.raw("updated_at").is_some() {
            stored.object.set("updated_at", timestamp(at));
        }
        true
    }

    /// Removes a beneficiary of either kind; false when there is none.
    pub fn delete_beneficiary(&mut self, id: &str) -> bool {
        let before = self.sepa.len() + self.international.len();
        self.sepa.retain(|stored| stored.id != id);
        self.international.retain(|stored| stored.id != id);
        self.sepa.len() + self.international.len() < before
    }

    /// The ids of all beneficiaries, SEPA first, in the order of their making.
    #[must_use]
    pub fn beneficiary_ids(&self) -> Vec<String> {
        self.sepa.iter().chain(&self.international).map(|stored| stored.id.clone()).collect()
    }

    /// One beneficiary of either kind, as it is kept.
    #[must_use]
    pub fn beneficiary_object(&self, id: &str) -> Option<&Object> {
        self.sepa.iter().chain(&self.international).find(|stored| stored.id == id).map(|stored| &stored.object)
    }

    /// Makes the balances follow from the rows. Each completed row that has a `settled_balance` gets the running one, in
    /// the order of `settled_at`; each account gets the sum of its completed rows as booked, and that less its pending
    /// debits as available. Timestamps stay.
    pub fn balance(&mut self) {
        let mut rows = self.rows();
        rows.sort_by(|a, b| (a.settled_at, a.emitted_at, &a.id).cmp(&(b.settled_at, b.emitted_at, &b.id)));
        let mut balances: HashMap<Arc<str>, (i128, i128)> = HashMap::new();
        for row in rows {
            let (booked, reserved) = balances.entry(Arc::clone(&row.account)).or_default();
            let cents = row.cents.unwrap_or_default();
            match (row.status.as_ref(), row.credit) {
                ("completed", Some(credit)) => *booked += if credit { cents } else { -cents },
                ("pending", Some(false)) => *reserved += cents,
                _ => {}
            }
            if row.status.as_ref() == "completed"
                && let Ok(mut object) = Object::parse(&row.text)
                && object.raw("settled_balance").is_some()
            {
                object.set_raw("settled_balance", decimal(*booked));
                object.set_raw("settled_balance_cents", booked.to_string());
                self.put(&row.id, &row.account, &object, None, None);
            }
        }
        for account in &mut self.accounts {
            let known = account.text("id").and_then(|id| balances.get(id.as_ref()));
            let (booked, reserved) = known.copied().unwrap_or_default();
            set_balance(account, booked, booked - reserved);
        }
    }
}

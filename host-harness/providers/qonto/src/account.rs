//! Bank accounts and beneficiaries in the making.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::spell::{decimal, timestamp};
use sim::Object;

/// A bank account to put into a [`QontoWorld`](super::QontoWorld): page "List business accounts".
#[derive(Debug, Clone)]
pub struct Account {
    pub(super) object: Object,
}

impl Account {
    /// An active euro account with nothing on it, last changed `at`.
    #[must_use]
    pub fn new(name: &str, iban: &str, at: DateTime<Utc>) -> Self {
        let mut object = Object::template(&[
            ("id", "null"),
            ("slug", "null"),
            ("iban", "\"\""),
            ("bic", "\"FICTFRP1XXX\""),
            ("currency", "\"EUR\""),
            ("balance", "0"),
            ("balance_cents", "0"),
            ("authorized_balance", "0"),
            ("authorized_balance_cents", "0"),
            ("name", "\"\""),
            ("updated_at", "null"),
            ("status", "\"active\""),
            ("main", "false"),
            ("is_external_account", "false"),
            ("account_number", "null"),
        ]);
        object.set("name", name).set("iban", iban).set("updated_at", timestamp(at));
        Self { object }
    }

    /// Sets any field.
    #[must_use]
    pub fn set(mut self, name: &str, value: impl Serialize) -> Self {
        self.object.set(name, value);
        self
    }

    /// Leaves a field out.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.object.remove(name);
        self
    }

    /// Its identifier, instead of the next invented one.
    #[must_use]
    pub fn id(self, id: &str) -> Self {
        self.set("id", id)
    }

    /// The main account.
    #[must_use]
    pub fn main(self) -> Self {
        self.set("main", true)
    }

    /// A closed account.
    #[must_use]
    pub fn closed(self) -> Self {
        self.set("status", "closed")
    }

    /// An account at another bank, connected for reading: without IBAN and BIC, with an account number.
    #[must_use]
    pub fn external(self, account_number: &str) -> Self {
        self.set("iban", "").set("bic", "").set("is_external_account", true).set("account_number", account_number)
    }

    /// Its balances in hundredths: booked, and available.
    #[must_use]
    pub fn balance(mut self, booked: i128, available: i128) -> Self {
        set_balance(&mut self.object, booked, available);
        self
    }
}

/// Writes both balances, in hundredths, into an account's object.
pub(super) fn set_balance(object: &mut Object, booked: i128, available: i128) {
    object.set_raw("balance", decimal(booked)).set_raw("balance_cents", booked.to_string());
    object.set_raw("authorized_balance", decimal(available)).set_raw("authorized_balance_cents", available.to_string());
}

/// A beneficiary of either kind to put into a [`QontoWorld`](super::QontoWorld).
#[derive(Debug, Clone)]
pub struct Beneficiary {
    pub(super) object: Object,
    pub(super) created_at: DateTime<Utc>,
    pub(super) updated_at: DateTime<Utc>,
}

impl Beneficiary {
    /// A validated, trusted one: page "List SEPA beneficiaries".
    #[must_use]
    pub fn sepa(name: &str, iban: &str, bic: &str, at: DateTime<Utc>) -> Self {
        let mut object = Object::template(&[
            ("id", "null"),
            ("name", "\"\""),
            ("iban", "\"\""),
            ("bic", "null"),
            ("status", "\"validated\""),
            ("trusted", "true"),
            ("email", "null"),
            ("activity_tag", "null"),
            ("currency", "\"EUR\""),
            ("created_at", "null"),
            ("updated_at", "null"),
        ]);
        object.set("name", name).set("iban", iban).set("bic", bic);
        object.set("created_at", timestamp(at)).set("updated_at", timestamp(at));
        Self { object, created_at: at, updated_at: at }
    }

    /// A company in another country: page "List international beneficiaries". The documented object has no times; `at`
    /// is what the legacy endpoint says.
    #[must_use]
    pub fn international(name: &str, country: &str, currency: &str, account: &str, at: DateTime<Utc>) -> Self {
        let mut object = Object::template(&[
            ("id", "null"),
            ("name", "\"\""),
            ("country", "\"\""),
            ("currency", "\"\""),
            ("payment_type", "\"swift_code\""),
            ("account_identifier", "\"\""),
            ("legal_type", "\"LEGAL_TYPE_COMPANY\""),
            ("owned_by_customer", "false"),
            ("bank_identifier", "null"),
            ("branch_identifier", "null"),
        ]);
        object.set("name", name).set("country", country).set("currency", currency).set("account_identifier", account);
        Self { object, created_at: at, updated_at: at }
    }

    /// Sets any field.
    #[must_use]
    pub fn set(mut self, name: &str, value: impl Serialize) -> Self {
        self.object.set(name, value);
        self
    }

    /// Leaves a field out.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.object.remove(name);
        self
    }

    /// When it was last changed.
    #[must_use]
    pub fn updated(mut self, at: DateTime<Utc>) -> Self {
        self.updated_at = at;
        self.set("updated_at", timestamp(at))
    }
}

/// A stored beneficiary.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    pub(super) id: String,
    pub(super) object: Object,
    pub(super) created_at: DateTime<Utc>,
    pub(super) updated_at: DateTime<Utc>,
}

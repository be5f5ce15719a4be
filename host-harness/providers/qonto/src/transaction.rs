//! A transaction in the making.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;

use super::spell::{decimal, timestamp};
use sim::Object;

/// Every field of the page "Retrieve a transaction" that is there without `includes[]`, in the order of its sample.
const TEMPLATE: &[(&str, &str)] = &[
    ("id", "null"),
    ("transaction_id", "null"),
    ("amount", "0"),
    ("amount_cents", "0"),
    ("settled_balance", "null"),
    ("settled_balance_cents", "null"),
    ("attachment_ids", "[]"),
    ("logo", "null"),
    ("local_amount", "0"),
    ("local_amount_cents", "0"),
    ("side", "\"debit\""),
    ("operation_type", "\"card\""),
    ("currency", "\"EUR\""),
    ("local_currency", "\"EUR\""),
    ("label", "\"\""),
    ("clean_counterparty_name", "null"),
    ("settled_at", "null"),
    ("emitted_at", "null"),
    ("created_at", "null"),
    ("updated_at", "null"),
    ("status", "\"completed\""),
    ("note", "null"),
    ("reference", "null"),
    ("vat_amount", "null"),
    ("vat_amount_cents", "null"),
    ("vat_rate", "null"),
    ("initiator_id", "null"),
    ("label_ids", "[]"),
    ("attachment_lost", "false"),
    ("attachment_required", "true"),
    ("card_last_digits", "null"),
    ("category", "\"other_expense\""),
    ("cashflow_category", "null"),
    ("cashflow_subcategory", "null"),
    ("subject_type", "\"Card\""),
    ("bank_account_id", "null"),
    ("is_external_transaction", "false"),
];

/// A transaction to put into a [`QontoWorld`](super::QontoWorld): complete as documented, then changed as a test needs.
#[derive(Debug, Clone)]
pub struct Transaction {
    pub(super) object: Object,
    pub(super) account: String,
    pub(super) id: Option<String>,
    pub(super) listed_as: Option<String>,
    pub(super) visible_at: Option<DateTime<Utc>>,
    pub(super) without: Vec<String>,
    pub(super) own_currency: bool,
}

impl Transaction {
    /// A completed card payment of nothing on `account` (the account's id), emitted, settled and updated `at`.
    #[must_use]
    pub fn on(account: &str, at: DateTime<Utc>) -> Self {
        let mut object = Object::template(TEMPLATE);
        let at = timestamp(at);
        for name in ["settled_at", "emitted_at", "created_at", "updated_at"] {
            object.set(name, &at);
        }
        Self {
            object,
            account: account.to_owned(),
            id: None,
            listed_as: None,
            visible_at: None,
            without: Vec::new(),
            own_currency: false,
        }
    }

    /// Sets any field.
    #[must_use]
    pub fn set(mut self, name: &str, value: impl Serialize) -> Self {
        self.own_currency |= name == "currency";
        self.object.set(name, value);
        self
    }

    /// Sets any field to JSON text, as it is written.
    #[must_use]
    pub fn set_raw(mut self, name: &str, text: &str) -> Self {
        self.object.set_raw(name, text);
        self
    }

    /// Leaves a field out, even one that the world fills in.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.without.push(name.to_owned());
        self
    }

    /// The amount in hundredths of the account's currency, and the local amount with it.
    #[must_use]
    pub fn cents(mut self, cents: i128) -> Self {
        self.object.set_raw("amount", decimal(cents)).set_raw("amount_cents", cents.to_string());
        self.object.set_raw("local_amount", decimal(cents)).set_raw("local_amount_cents", cents.to_string());
        self
    }

    /// The amount in another currency, in hundredths of it. Qonto does not say what the cents of a currency without
    /// decimals are; here they are hundredths like all others. Call it after [`Transaction::cents`].
    #[must_use]
    pub fn local(mut self, currency: &str, hundredths: i128) -> Self {
        self.object.set("local_currency", currency);
        self.object.set_raw("local_amount", decimal(hundredths)).set_raw("local_amount_cents", hundredths.to_string());
        self
    }

    /// Money that comes in.
    #[must_use]
    pub fn credit(self) -> Self {
        self.set("side", "credit")
    }

    /// Operation type, subject type and category.
    #[must_use]
    pub fn kind(self, operation_type: &str, subject_type: &str, category: &str) -> Self {
        self.set("operation_type", operation_type).set("subject_type", subject_type).set("category", category)
    }

    /// The name of the other party.
    #[must_use]
    pub fn label(self, label: &str) -> Self {
        self.set("label", label).set("clean_counterparty_name", label)
    }

    /// The labels that the holder gave it, each with its id. Their names are shown to those who ask for them.
    #[must_use]
    pub fn labels(self, labels: &[(&str, &str)]) -> Self {
        let ids: Vec<&str> = labels.iter().map(|(id, _)| *id).collect();
        let objects: Vec<_> =
            labels.iter().map(|(id, name)| json!({ "id": id, "name": name, "parent_id": null })).collect();
        self.set("label_ids", ids).set("labels", objects)
    }

    /// The last four digits of the card.
    #[must_use]
    pub fn card(self, digits: &str) -> Self {
        self.set("card_last_digits", digits)
    }

    /// The reference that the other party sees.
    #[must_use]
    pub fn reference(self, reference: &str) -> Self {
        self.set("reference", reference)
    }

    /// The other party's account, in the object of this name (`transfer`, `income`, `direct_debit`, …).
    #[must_use]
    pub fn counterparty(self, object: &str, iban: &str, bic: &str) -> Self {
        self.set(
            object,
            serde_json::json!({
                "counterparty_account_number": iban,
                "counterparty_account_number_format": "IBAN",
                "counterparty_bank_identifier": bic,
                "counterparty_bank_identifier_format": "SWIFT_BIC",
            }),
        )
    }

    /// When it settled, and with that the time of its last change.
    #[must_use]
    pub fn settled(self, at: DateTime<Utc>) -> Self {
        self.set("settled_at", timestamp(at)).set("updated_at", timestamp(at))
    }

    /// When it was last changed.
    #[must_use]
    pub fn updated(self, at: DateTime<Utc>) -> Self {
        self.set("updated_at", timestamp(at))
    }

    /// Its status. Only a completed one is settled.
    #[must_use]
    pub fn status(mut self, status: &str) -> Self {
        self.object.set("status", status);
        if status != "completed" {
            self.object.set("settled_at", ());
        }
        self
    }

    /// Lists file it under this status, whatever its own status says.
    #[must_use]
    pub fn listed_as(mut self, status: &str) -> Self {
        self.listed_as = Some(status.to_owned());
        self
    }

    /// Its identifier, instead of the next invented one.
    #[must_use]
    pub fn id(mut self, id: &str) -> Self {
        self.id = Some(id.to_owned());
        self
    }

    /// Lists do not show it before this time, however old its own timestamps are.
    #[must_use]
    pub fn visible_at(mut self, at: DateTime<Utc>) -> Self {
        self.visible_at = Some(at);
        self
    }
}

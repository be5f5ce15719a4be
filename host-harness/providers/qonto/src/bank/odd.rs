//! Odd rows, and what the contract makes of them.
//!
//! Three ends are possible. What says clearly what it means is a payment. What contradicts itself, or lacks what the
//! contract demands (an identifier, an instant, an amount in whole minor units), is rejected. Where the contract leaves a
//! choice between reading on and rejecting, either is right, but no third thing.

use chrono::{DateTime, TimeDelta, Timelike as _, Utc};
use serde_json::json;

use super::QontoBank;
use super::money::{self, exponent};
use crate::spell::french_iban;
use crate::transaction::Transaction;
use model::{Money, PaymentStatus, PaymentType};
use sim::{Expected, Object, Odd, TruePayment};

/// What an odd row amounts to, in minor units, unless that is what is odd about it.
const MINOR: &str = "1500";
/// Every field that tells it.
const AMOUNTS: [&str; 4] = ["amount", "amount_cents", "local_amount", "local_amount_cents"];
/// Texts that a row can do without.
const TEXTS: [&str; 10] = [
    "label",
    "clean_counterparty_name",
    "note",
    "reference",
    "category",
    "operation_type",
    "subject_type",
    "local_currency",
    "card_last_digits",
    "transaction_id",
];
/// What else a row can do without. `bank_account_id` is not in the older form of a transaction.
const OTHERS: [&str; 18] = [
    "settled_balance",
    "settled_balance_cents",
    "attachment_ids",
    "logo",
    "local_amount",
    "local_amount_cents",
    "settled_at",
    "created_at",
    "vat_amount",
    "vat_amount_cents",
    "vat_rate",
    "initiator_id",
    "label_ids",
    "attachment_lost",
    "cashflow_category",
    "bank_account_id",
    "is_external_transaction",
    "transfer",
];

/// What was paid abroad, in cents.
const ABROAD: &str = "1733";

/// What becomes of a row.
enum Fate {
    Payment,
    Rejected,
    Either,
}

impl QontoBank {
    /// See [`sim::Bank::add_odd`].
    pub(super) fn odd(&mut self, account: &str, at: DateTime<Utc>, odd: &Odd) -> Option<Expected> {
        let (id, mut object, mut payment) = self.ordinary(account, at)?;
        let fate = match odd {
            Odd::OwnTransfer => {
                self.own_transfer(account, at, &mut object);
                payment.payment_type = PaymentType::Transfer;
                Fate::Payment
            }
            Odd::Abroad => {
                payment.counter_amount = Some(Money { amount: ABROAD.into(), asset: "USD/2".into() });
                spell(&mut object, &mut payment, odd)
            }
            odd => spell(&mut object, &mut payment, odd),
        };
        // Written again, it keeps its place in lists even without a time of its own.
        self.world.insert(&id, account, &object);
        payment.raw = object.render();
        Some(self.expect(id, payment, &fate))
    }

    /// Puts down what is expected of a row.
    fn expect(&mut self, id: String, payment: TruePayment, fate: &Fate) -> Expected {
        let rejected = matches!(fate, Fate::Rejected);
        self.odd.insert(id.clone(), (!rejected).then(|| payment.clone()));
        match fate {
            Fate::Payment => Expected::Payment(id, payment),
            Fate::Rejected => Expected::Rejected(payment.raw),
            Fate::Either => Expected::Either(id, payment),
        }
    }

    /// A transfer to a supplier, to be made odd; filed as completed whatever becomes of it.
    fn ordinary(&mut self, account: &str, at: DateTime<Utc>) -> Option<(String, Object, TruePayment)> {
        let (_, exponent) = self.currency_of(account);
        let supplier = french_iban(99_999, 9, 4_711);
        let mut row = Transaction::on(account, at)
            .kind("transfer", "Transfer", "other_expense")
            .label("Papeterie Imaginaire")
            .counterparty("transfer", &supplier, "FICTFRP2XXX")
            .listed_as("completed");
        money::write(&mut row.object, "amount", MINOR, exponent);
        money::write(&mut row.object, "local_amount", MINOR, exponent);
        let id = self.world.transaction(row);
        let row = self.world.row(&id)?;
        let object = Object::parse(&row.text).ok()?;
        let payment = self.plain(row);
        Some((id, object, payment))
    }

    /// Makes the row a transfer to another own account, and adds what that account shows of it.
    fn own_transfer(&mut self, account: &str, at: DateTime<Utc>, object: &mut Object) {
        let ids = self.world.account_ids();
        let other = ids.into_iter().find(|id| id != account).unwrap_or_else(|| self.open("EUR"));
        let iban = |bank: &Self, id: &str| {
            let account = bank.world.account_object(id);
            account.and_then(|account| account.text("iban")).unwrap_or_default().into_owned()
        };
        let (here, there) = (iban(self, account), iban(self, &other));
        internal(object, "transfer", "transfer", &there);
        if let Some((id, mut twin, mut payment)) = self.ordinary(&other, at) {
            twin.set("side", "credit").set("transfer", ());
            internal(&mut twin, "income", "income", &here);
            self.world.insert(&id, &other, &twin);
            payment.payment_type = PaymentType::Transfer;
            payment.incoming = Some(true);
            payment.raw = twin.render();
            self.odd.insert(id, Some(payment));
        }
    }
}

/// Makes a row a movement from or to another account of the same organization.
fn internal(object: &mut Object, operation: &str, party: &str, iban: &str) {
    object.set("operation_type", operation).set("subject_type", "WalletToWallet");
    object.set(party, counterparty(&json!(iban)));
}

fn counterparty(number: &serde_json::Value) -> serde_json::Value {
    json!({
        "counterparty_account_number": number,
        "counterparty_account_number_format": "IBAN",
        "counterparty_bank_identifier": "FICTFRP1XXX",
        "counterparty_bank_identifier_format": "BIC",
    })
}

/// Makes a row odd.
fn spell(object: &mut Object, payment: &mut TruePayment, odd: &Odd) -> Fate {
    match odd {
        Odd::Amount(_)
        | Odd::Contradiction
        | Odd::Exponent
        | Odd::TooFine
        | Odd::NoAmount
        | Odd::NullAmount
        | Odd::NegativeZero
        | Odd::Zero
        | Odd::Currency(_)
        | Odd::NoCurrency => amount(object, payment, odd),
        Odd::Time(text) => time(object, payment, text),
        // The contract has no payment without the time of its last change. When it was initiated is known, and that it
        // changed since is not: a connector may take the one for the other.
        Odd::NoTime => {
            object.remove("updated_at");
            Fate::Either
        }
        Odd::NullTime => {
            object.set("updated_at", ());
            Fate::Either
        }
        Odd::NoReference => {
            object.remove("id");
            Fate::Rejected
        }
        odd => {
            meaning(object, payment, odd);
            Fate::Payment
        }
    }
}

/// What is odd about money.
fn amount(object: &mut Object, payment: &mut TruePayment, odd: &Odd) -> Fate {
    let own = payment.asset.split_once('/').and_then(|(code, _)| exponent(code)).unwrap_or(2);
    match odd {
        Odd::Amount(minor) => {
            money::write(object, "amount", minor, own);
            money::write(object, "local_amount", minor, own);
            payment.amount.clone_from(minor);
            // Any number of digits is right; that this is more than a provider can mean is not wrong either.
            if minor.parse::<i64>().is_ok() { Fate::Payment } else { Fate::Either }
        }
        Odd::Zero => amount(object, payment, &Odd::Amount("0".to_owned())),
        Odd::Contradiction => {
            object.set_raw("amount", "15.01");
            Fate::Rejected
        }
        Odd::Exponent => {
            object.set_raw("amount", "1.5e3").set_raw("local_amount", "1.5e3");
            object.set_raw("amount_cents", "150000").set_raw("local_amount_cents", "150000");
            "150000".clone_into(&mut payment.amount);
            Fate::Payment
        }
        Odd::TooFine => {
            object.set_raw("amount", "1.005").set_raw("amount_cents", "100.5");
            Fate::Rejected
        }
        Odd::NoAmount => {
            for field in AMOUNTS {
                object.remove(field);
            }
            Fate::Rejected
        }
        Odd::NullAmount => {
            for field in AMOUNTS {
                object.set(field, ());
            }
            Fate::Rejected
        }
        Odd::NegativeZero => {
            object.set_raw("amount", "-0.0").set_raw("amount_cents", "-0");
            "0".clone_into(&mut payment.amount);
            Fate::Either
        }
        Odd::Currency(code) => currency(object, payment, code),
        // The account tells the currency, if one may trust it to be the row's.
        _ => {
            object.remove("currency");
            Fate::Either
        }
    }
}

/// Another currency than the account's.
fn currency(object: &mut Object, payment: &mut TruePayment, code: &str) -> Fate {
    object.set("currency", code).set("local_currency", code);
    let upper = code.to_ascii_uppercase();
    let Some(exponent) = exponent(&upper) else { return Fate::Rejected };
    money::write(object, "amount", MINOR, exponent);
    money::write(object, "local_amount", MINOR, exponent);
    MINOR.clone_into(&mut payment.amount);
    payment.asset = money::asset(&upper);
    // What the second spelling of the amount counts in is documented for currencies with cents only.
    if exponent == 2 && upper == code { Fate::Payment } else { Fate::Either }
}

/// Another spelling of the time of the last change.
fn time(object: &mut Object, payment: &mut TruePayment, text: &str) -> Fate {
    object.set("updated_at", text);
    let Ok(at) = DateTime::parse_from_rfc3339(text) else { return Fate::Rejected };
    let at = at.with_timezone(&Utc);
    if at.nanosecond() < 1_000_000_000 {
        payment.updated_at = Some(at);
        return Fate::Payment;
    }
    // A leap second: the contract's instants have none, so it is the second that follows, or the row is rejected.
    let rest = at.nanosecond() - 1_000_000_000;
    payment.updated_at = Some((at + TimeDelta::seconds(1)).with_nanosecond(rest).unwrap_or(at));
    Fate::Either
}

/// What is odd about the rest: nothing that a payment could not be read without.
fn meaning(object: &mut Object, payment: &mut TruePayment, odd: &Odd) {
    match odd {
        Odd::UnknownStatus(word) => {
            object.set("status", word);
            payment.status = PaymentStatus::Unknown;
        }
        Odd::UnknownKind => {
            object
                .set("operation_type", "quantum_leap")
                .set("subject_type", "QuantumLeap")
                .set("category", "brand_new");
        }
        Odd::UnknownSide => {
            object.set("side", "sideways");
            payment.payment_type = PaymentType::Other;
            payment.incoming = None;
        }
        Odd::NewField => {
            object.set("brand_new_field", json!({ "deep": [1, null, { "er": "x" }] })).set("constructor", "toString");
        }
        Odd::NullFields => TEXTS.iter().chain(&OTHERS).for_each(|field| _ = object.set(field, ())),
        Odd::AbsentFields => TEXTS.iter().chain(&OTHERS).for_each(|field| _ = object.remove(field)),
        Odd::EmptyFields => {
            for field in TEXTS {
                object.set(field, "");
            }
            object.set("transfer", counterparty(&json!("")));
        }
        Odd::NoAccountNumber => _ = object.set("transfer", counterparty(&json!(null))),
        Odd::MaskedNumber => _ = object.set("transfer", counterparty(&json!("FR76*******************0007"))),
        Odd::Complete => {
            object.set("note", "Commande 4711").set("reference", "FACTURE 4711").set("card_last_digits", "0042");
            object.set("transfer", counterparty(&json!(french_iban(99_999, 9, 4_711))));
        }
        Odd::Abroad => {
            object.set("local_currency", "USD").set("operation_type", "card").set("subject_type", "Card");
            money::write(object, "local_amount", ABROAD, 2);
        }
        Odd::Spelling => spelling(object),
        _ => {}
    }
}

/// JSON in a spelling that does not survive being read and written again.
fn spelling(object: &mut Object) {
    object.set_raw("amount", " 15.00").set_raw("local_amount", "1500E-2\t");
    object.set_raw("label", "\"\\u00c9l\\u00e9phant \\/ \\ud83e\\uddfe\"");
    object.set_raw("transfer", "{\r\n  \"zeta\" : [ 1.0, 1e2 ],\n  \"alpha\" :\t{ }\n}");
    object.set_raw("brand_new_number", "0.10000000000000000555");
}

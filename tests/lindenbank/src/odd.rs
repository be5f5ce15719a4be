//! Odd rows, and what the contract makes of them.

use chrono::{DateTime, NaiveDate, Utc};
use model::{Money, PaymentStatus, PaymentType};
use serde_json::json;
use sim::{Expected, Movement, Object, Odd, TruePayment};

use crate::bank::{Lindenbank, midnight, party};
use crate::iban::german_iban;
use crate::money::{amount, asset, decimal, exponent};

/// What an odd row amounts to, in minor units, unless that is what is odd about it.
const MINOR: u64 = 1_500;
/// What was paid abroad, in US cents.
const ABROAD: &str = "1733";
/// Texts that a row can do without.
const TEXTS: [&str; 7] = ["purpose", "endToEndId", "note", "valueDate", "refundOf", "toAccountId", "rail"];
/// What else a row can do without.
const OTHERS: [&str; 3] = ["fees", "counterAmount", "counterparty"];

/// What becomes of a row.
enum Fate {
    Payment,
    Rejected,
    Either,
}

impl Lindenbank {
    /// See [`sim::Bank::add_odd`].
    pub(crate) fn odd(&mut self, account: &str, at: DateTime<Utc>, odd: &Odd) -> Option<Expected> {
        // An amount has one spelling, and the row has no other: it contradicts nothing.
        if matches!(odd, Odd::Contradiction) {
            return None;
        }
        let other = match odd {
            Odd::OwnTransfer => Some(self.another(account)),
            _ => None,
        };
        let movement = Movement::on(account, at).minor(MINOR);
        let (id, mut object, mut payment) = self.ordinary(&movement);
        let fate = match other {
            // One row for both legs.
            Some(other) => {
                object.set("toAccountId", other).set("rail", "internal").set("counterparty", ());
                payment.payment_type = PaymentType::Transfer;
                Fate::Payment
            }
            None => spell(&mut object, &mut payment, odd),
        };
        payment.raw = object.render();
        let expected = match fate {
            Fate::Payment => Expected::Payment(id.clone(), payment.clone()),
            Fate::Either => Expected::Either(id.clone(), payment.clone()),
            Fate::Rejected => Expected::Rejected(payment.raw.clone()),
        };
        let kept = (!matches!(fate, Fate::Rejected)).then_some(payment);
        self.file(&id, &movement, object, kept);
        Some(expected)
    }

    /// Another account than this one; opened where there is none.
    fn another(&mut self, account: &str) -> String {
        let other = self.accounts.keys().find(|id| *id != account).cloned();
        other.unwrap_or_else(|| self.open("EUR"))
    }
}

/// Makes a row odd.
fn spell(object: &mut Object, payment: &mut TruePayment, odd: &Odd) -> Fate {
    match odd {
        Odd::Amount(_)
        | Odd::Exponent
        | Odd::TooFine
        | Odd::NoAmount
        | Odd::NullAmount
        | Odd::NegativeZero
        | Odd::Zero
        | Odd::Currency(_)
        | Odd::NoCurrency => money(object, payment, odd),
        // The one time that a row has is its date, and a time of day is no part of that.
        Odd::Time(text) => {
            object.set("bookingDate", text);
            match NaiveDate::parse_from_str(text, "%Y-%m-%d") {
                Ok(date) if text.len() == 10 => {
                    payment.created_at = midnight(date.and_time(chrono::NaiveTime::MIN).and_utc());
                    Fate::Payment
                }
                _ => Fate::Rejected,
            }
        }
        Odd::NoTime => {
            object.remove("bookingDate");
            Fate::Rejected
        }
        Odd::NullTime => {
            object.set("bookingDate", ());
            Fate::Rejected
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
fn money(object: &mut Object, payment: &mut TruePayment, odd: &Odd) -> Fate {
    let code = payment.asset.split('/').next().unwrap_or("EUR").to_owned();
    let value = |object: &mut Object, text: &str| {
        object.set("amount", json!({ "value": text, "currency": code }));
    };
    match odd {
        Odd::Amount(minor) => {
            value(object, &decimal(minor, exponent(&code).unwrap_or(2)));
            payment.amount.clone_from(minor);
            // Any number of digits is right; that this is more than a bank can mean is not wrong either.
            if minor.parse::<i64>().is_ok() { Fate::Payment } else { Fate::Either }
        }
        Odd::Zero => money(object, payment, &Odd::Amount("0".to_owned())),
        Odd::Exponent => {
            value(object, "1.5e3");
            "150000".clone_into(&mut payment.amount);
            Fate::Either
        }
        Odd::TooFine => {
            value(object, "1.005");
            Fate::Rejected
        }
        Odd::NegativeZero => {
            value(object, "-0.00");
            "0".clone_into(&mut payment.amount);
            Fate::Either
        }
        Odd::Currency(code) => {
            object.set_raw("amount", amount(&MINOR.to_string(), code).render());
            // An account holds several currencies, so any that there is may be the row's.
            if exponent(code).is_some() {
                payment.asset = asset(code);
                return Fate::Payment;
            }
            let upper = code.to_ascii_uppercase();
            payment.asset = asset(&upper);
            if exponent(&upper).is_some() { Fate::Either } else { Fate::Rejected }
        }
        Odd::NoCurrency => {
            object.set("amount", json!({ "value": "15.00" }));
            Fate::Rejected
        }
        Odd::NoAmount => {
            object.remove("amount");
            Fate::Rejected
        }
        _ => {
            object.set("amount", ());
            Fate::Rejected
        }
    }
}

/// What is odd about the rest: nothing that a payment could not be read without.
fn meaning(object: &mut Object, payment: &mut TruePayment, odd: &Odd) {
    let other = |number: serde_json::Value| json!({ "name": "Jonas Erfunden", "iban": number, "bic": "FICTDEFFXXX" });
    match odd {
        Odd::UnknownStatus(word) => {
            object.set("status", word);
            payment.status = PaymentStatus::Unknown;
        }
        Odd::UnknownKind => _ = object.set("kind", "quantum_leap").set("rail", "wormhole"),
        Odd::UnknownSide => {
            object.set("direction", "sideways");
            payment.payment_type = PaymentType::Other;
            payment.incoming = None;
        }
        Odd::NewField => {
            object.set("brandNewField", json!({ "deep": [1, null, { "er": "x" }] })).set("constructor", "toString");
        }
        Odd::NullFields => TEXTS.iter().chain(&OTHERS).for_each(|field| _ = object.set(field, ())),
        Odd::AbsentFields => TEXTS.iter().chain(&OTHERS).for_each(|field| _ = object.remove(field)),
        Odd::EmptyFields => {
            for field in TEXTS {
                object.set(field, "");
            }
            object.set("counterparty", json!({ "name": "", "iban": "", "bic": "" }));
        }
        Odd::NoAccountNumber => _ = object.set("counterparty", other(json!(null))),
        Odd::MaskedNumber => _ = object.set("counterparty", other(json!("DE44**************0007"))),
        Odd::Abroad => {
            object.set_raw("counterAmount", amount(ABROAD, "USD").render()).set("kind", "purchase").set("rail", "card");
            payment.counter_amount = Some(Money { amount: ABROAD.to_owned(), asset: asset("USD") });
        }
        Odd::Complete => {
            let (fee, back) = (amount("20", "EUR"), "LB-P-000001");
            object.set("note", "Auftrag 4711").set("endToEndId", "E2E-4711").set("refundOf", back);
            object
                .set_raw("fees", format!("[{}]", fee.render()))
                .set("counterparty", other(json!(german_iban(99_999_822, 4_711))));
            payment.fees = vec![Money { amount: "20".to_owned(), asset: asset("EUR") }];
            payment.parent = Some(back.to_owned());
        }
        Odd::Spelling => {
            object.set_raw("amount", "{ \"currency\":\"\\u0045UR\",\t\"value\" : \"15.00\" }");
            object.set_raw("purpose", "\"\\u00c4pfel \\/ \\ud83e\\uddfe\"").set_raw("counterparty", party(1).render());
            object.set_raw("brandNewNumber", "0.10000000000000000555");
            object.set_raw("brandNewList", "[ 1.0,\r\n 1e2 ]");
        }
        _ => {}
    }
}

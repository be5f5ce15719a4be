//! What the bank has, and how it comes to have more.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, Utc};
use model::{Money, PaymentStatus, PaymentType};
use sim::{Movement, Object, TruePayment};

use crate::iban::german_iban;
use crate::money::{amount, asset};
use crate::quirks::Quirks;
use crate::rows::{Row, Rows};

/// The token that logs in. A canary: what no log, record or state may hold.
pub const TOKEN: &str = "cnry-linde-7c1e58a0d94b26f3";

/// Bank codes that were never given out: Lindenbank's own, and that of everybody else.
const OWN: u64 = 99_999_711;
const OTHERS: u64 = 99_999_822;
/// What the bank keeps of a payment with fees, in minor units.
const FEE: &str = "35";
/// What the other side of an exchange is, and how much of it.
pub(crate) const FOREIGN: (&str, &str) = ("CHF", "941");

/// One of the customer's accounts.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub(crate) profile: String,
    /// The currency that it was opened in.
    pub(crate) currency: String,
    pub(crate) object: Object,
    /// Minor units by currency and kind.
    pub(crate) balances: BTreeMap<(String, &'static str), String>,
}

/// The bank, as far as its API shows.
#[derive(Debug, Clone)]
pub struct Lindenbank {
    /// Whose data it has: identifier and name.
    pub(crate) customer: (String, String),
    pub(crate) profiles: BTreeMap<String, Object>,
    pub(crate) accounts: BTreeMap<String, Account>,
    pub(crate) rows: Rows,
    /// What stands in the place of rows that are gone.
    pub(crate) replaced: BTreeMap<String, String>,
    pub(crate) quirks: Quirks,
    /// Numbers given to rows so far.
    sequence: u64,
    /// Accounts opened so far.
    opened: u64,
    /// The last payment out of each account: what the next refund gives back.
    last_out: BTreeMap<String, String>,
}

impl Default for Lindenbank {
    fn default() -> Self {
        let mut bank = Self {
            customer: ("LB-K-4711".to_owned(), "Mira Sonnenfeld".to_owned()),
            profiles: BTreeMap::new(),
            accounts: BTreeMap::new(),
            rows: Rows::default(),
            replaced: BTreeMap::new(),
            quirks: Quirks::default(),
            sequence: 0,
            opened: 0,
            last_out: BTreeMap::new(),
        };
        for (number, kind, name) in [(1, "person", "Mira Sonnenfeld"), (2, "business", "Sonnenfeld Keramik e.K.")] {
            let id = format!("LB-C-{number}");
            let mut profile = Object::new();
            profile.set("id", &id).set("sequence", number).set("type", kind).set("name", name);
            bank.profiles.insert(id, profile);
        }
        bank
    }
}

/// The API's word for where a payment stands.
pub(crate) fn word(status: PaymentStatus) -> &'static str {
    match status {
        PaymentStatus::Pending => "pending",
        PaymentStatus::Failed => "declined",
        _ => "booked",
    }
}

/// A date as the API writes it.
pub(crate) fn day(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d").to_string()
}

impl Lindenbank {
    /// Opens an account of the next profile in turn, in a currency, with a balance unlike any other's; gives its
    /// identifier. It holds Swiss francs as well.
    pub fn open(&mut self, currency: &str) -> String {
        self.opened += 1;
        let number = self.opened;
        let id = format!("LB-A-{number}");
        let profiles: Vec<&String> = self.profiles.keys().collect();
        let turn = usize::try_from(number - 1).unwrap_or(0) % profiles.len().max(1);
        let profile = profiles.get(turn).map(|id| (*id).clone()).unwrap_or_default();
        let holder = self.profiles.get(&profile).and_then(|profile| profile.get::<String>("name")).unwrap_or_default();
        let mut object = Object::new();
        // As many JSON libraries write it: whoever writes it anew writes it otherwise.
        object
            .set("id", &id)
            .set("sequence", number)
            .set_raw("name", format!("\"T\\u00f6pferkonto \\/ {number}\""))
            .set("holder", holder)
            .set("iban", german_iban(OWN, number))
            .set("bic", "LINDDEB1XXX")
            .set("currencies", [currency, FOREIGN.0])
            .set("state", "open");
        let account = Account { profile, currency: currency.to_owned(), object, balances: BTreeMap::new() };
        self.accounts.insert(id.clone(), account);
        let booked = 2_345_600 + number;
        self.set(&id, currency, "booked", &booked.to_string());
        self.set(&id, currency, "available", &(booked - 61_000).to_string());
        self.set(&id, currency, "reserved", &(60_000 + number).to_string());
        self.set(&id, currency, "dispo", &(500_000 + number).to_string());
        if currency != FOREIGN.0 {
            self.set(&id, FOREIGN.0, "booked", &(7_700 + number).to_string());
            self.set(&id, FOREIGN.0, "available", &(7_600 + number).to_string());
        }
        id
    }

    /// Closes an account: it is no longer listed. Its payments stay.
    pub fn close(&mut self, account: &str) -> bool {
        self.accounts.remove(account).is_some()
    }

    /// Sets one balance of an account, in minor units; false when there is no such account.
    pub fn set(&mut self, account: &str, currency: &str, kind: &'static str, minor: &str) -> bool {
        let Some(account) = self.accounts.get_mut(account) else { return false };
        account.balances.insert((currency.to_owned(), kind), minor.to_owned());
        true
    }

    /// The currency that an account was opened in.
    pub(crate) fn currency_of(&self, account: &str) -> String {
        self.accounts.get(account).map_or_else(|| "EUR".to_owned(), |account| account.currency.clone())
    }

    /// How many payments the last four dates have.
    pub(crate) fn recent(&self) -> usize {
        let newest = self.rows.newest().and_then(|date| NaiveDate::parse_from_str(date, "%Y-%m-%d").ok());
        let first = newest.and_then(|date| date.checked_sub_days(Days::new(4))).map(|date| date.to_string());
        self.rows.behind(&(first.unwrap_or_default(), u64::MAX)).count()
    }

    /// How many payments are pending.
    pub(crate) fn pending(&self) -> usize {
        let expected = self.rows.all().filter_map(|row| row.expected.as_ref());
        expected.filter(|payment| payment.status == PaymentStatus::Pending).count()
    }

    /// Adds a payment; gives its identifier. Some have fees, some come in to give an earlier one back, some are exchanges.
    pub fn pay(&mut self, movement: &Movement) -> String {
        if !movement.incoming && (self.sequence + 1).is_multiple_of(11) {
            return self.exchange(movement);
        }
        let (id, mut object, mut payment) = self.ordinary(movement);
        let number = self.sequence;
        let currency = self.currency_of(&movement.account);
        if number.is_multiple_of(3) {
            object.set_raw("fees", format!("[{}]", amount(FEE, &currency).render()));
            payment.fees = vec![Money { amount: FEE.to_owned(), asset: asset(&currency) }];
        }
        if movement.incoming
            && let Some(out) = self.last_out.get(&movement.account)
        {
            object.set("kind", "refund").set("refundOf", out);
            payment.parent = Some(out.clone());
        }
        if !movement.incoming {
            self.last_out.insert(movement.account.clone(), id.clone());
        }
        self.file(&id, movement, object, Some(payment));
        id
    }

    /// Adds an exchange of one currency of an account for another; gives its identifier.
    pub fn exchange(&mut self, movement: &Movement) -> String {
        let (id, mut object, mut payment) = self.ordinary(movement);
        let (currency, minor) = FOREIGN;
        object.set("kind", "exchange").set("rail", "internal").set("counterparty", ());
        object.set_raw("counterAmount", amount(minor, currency).render());
        payment.payment_type = PaymentType::Conversion;
        payment.counter_amount = Some(Money { amount: minor.to_owned(), asset: asset(currency) });
        self.file(&id, movement, object, Some(payment));
        id
    }

    /// Books a pending payment under another identifier, on that day; gives that, or none where there is no such payment.
    pub fn replace(&mut self, reference: &str, at: DateTime<Utc>) -> Option<String> {
        let row = self.rows.remove(reference)?;
        self.sequence += 1;
        let (id, mut object, mut payment) = (format!("LB-P-{:06}", self.sequence), row.object, row.expected?);
        object.set("id", &id).set("sequence", self.sequence).set("status", "booked");
        object.set("bookingDate", day(at)).set("valueDate", day(at));
        payment.status = PaymentStatus::Succeeded;
        payment.created_at = midnight(at);
        payment.raw = object.render();
        let row = Row { id: id.clone(), visible_at: None, object, expected: Some(payment) };
        self.rows.insert((day(at), self.sequence), row);
        self.replaced.insert(reference.to_owned(), id.clone());
        Some(id)
    }

    /// A payment by card or transfer, not filed yet, and what a connector must make of it.
    pub(crate) fn ordinary(&mut self, movement: &Movement) -> (String, Object, TruePayment) {
        self.sequence += 1;
        let number = self.sequence;
        let id = format!("LB-P-{number:06}");
        let currency = self.currency_of(&movement.account);
        let minor = movement.minor.to_string();
        let date = day(movement.at);
        let card = !movement.incoming && number.is_multiple_of(2);
        let mut object = Object::new();
        object
            .set("id", &id)
            .set("sequence", number)
            .set("accountId", &movement.account)
            .set("kind", if card { "purchase" } else { "transfer" })
            .set("rail", if card { "card" } else { "sepa" })
            .set("direction", if movement.incoming { "in" } else { "out" })
            .set("status", word(movement.status))
            .set("bookingDate", &date)
            .set("valueDate", &date)
            .set_raw("amount", amount(&minor, &currency).render())
            .set_raw("fees", "[]")
            .set("counterAmount", ())
            .set("refundOf", ())
            .set("toAccountId", ())
            .set_raw("counterparty", party(number).render())
            .set("purpose", format!("Rechnung {minor}"))
            .set("endToEndId", format!("E2E-{number}"))
            .set("note", ());
        let payment = TruePayment {
            account: movement.account.clone(),
            payment_type: if movement.incoming { PaymentType::PayIn } else { PaymentType::Payout },
            incoming: Some(movement.incoming),
            status: movement.status,
            amount: minor,
            asset: asset(&currency),
            created_at: midnight(movement.at),
            created_on_day: true,
            updated_at: None,
            fees: Vec::new(),
            counter_amount: None,
            parent: None,
            raw: String::new(),
        };
        (id, object, payment)
    }

    /// Files a row at the date of its movement. The number is the last one given.
    pub(crate) fn file(&mut self, id: &str, movement: &Movement, object: Object, expected: Option<TruePayment>) {
        let raw = object.render();
        let expected = expected.map(|expected| TruePayment { raw, ..expected });
        let row = Row { id: id.to_owned(), visible_at: movement.visible_at, object, expected };
        self.rows.insert((day(movement.at), self.sequence), row);
    }
}

/// The beginning of a day, which is all that the contract has for a date.
pub(crate) fn midnight(at: DateTime<Utc>) -> DateTime<Utc> {
    at.date_naive().and_time(chrono::NaiveTime::MIN).and_utc()
}

/// Somebody else.
pub(crate) fn party(number: u64) -> Object {
    let mut party = Object::new();
    party
        .set_raw("name", format!("\"Erfundene G\\u00e4rtnerei {}\"", number % 7))
        .set("iban", german_iban(OTHERS, number % 7))
        .set("bic", "FICTDEFFXXX");
    party
}

//! Qonto as the conformance suite stocks and disturbs it.

mod money;
mod odd;
mod quirks;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use self::quirks::Lies;
use super::account::{Account, Beneficiary, Stored};
use super::query::Query;
use super::spell::french_iban;
use super::table::Row;
use super::transaction::Transaction;
use super::world::QontoWorld;
use model::{PaymentStatus, PaymentType};
use outside::transport::{Request, Response};
use sim::{Asked, Bank, Change, Expected, Field, Movement, Odd, Provider, Quirk, Refusal, TruePayment, Truth};

/// The login and the canaries: what no log, record or state may hold.
const LOGIN: &str = "canary-works-4711";
const API_KEY: &str = "cnry7f3e9b51d2a846c0";
const STAGING_TOKEN: &str = "cnry-stg-58d0c7b2e4a916f3";
/// Another organization: its identifier and its slug.
const OTHER: (&str, &str) = ("0192f8c1-5b7e-7c3a-9d4e-6f1a2b3c4d5e", "other-works-4712");
const STATUSES: &[PaymentStatus] = &[PaymentStatus::Succeeded, PaymentStatus::Pending, PaymentStatus::Failed];

/// What Qonto's rows can say. Nothing tells when an account was opened.
const FILLED: &[Field] = &[
    Field::AccountName,
    Field::AccountAsset,
    Field::AccountUpdated,
    Field::ExternalName,
    Field::ExternalAsset,
    Field::ExternalCreated,
    Field::ExternalUpdated,
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

/// A [`QontoWorld`] under the suite's words.
#[derive(Debug, Clone)]
pub struct QontoBank {
    /// The API behind it.
    pub world: QontoWorld,
    /// What must become of odd rows: none for one that must be rejected.
    odd: BTreeMap<String, Option<TruePayment>>,
    /// Booked and available, in minor units, by account.
    balances: BTreeMap<String, (String, String)>,
    people: u64,
    lies: Lies,
}

impl Default for QontoBank {
    fn default() -> Self {
        Self {
            world: QontoWorld::new("Canary Works", LOGIN, API_KEY),
            odd: BTreeMap::new(),
            balances: BTreeMap::new(),
            people: 0,
            lies: Lies::default(),
        }
    }
}

impl Provider for QontoBank {
    fn answer(&mut self, request: &Request, now: DateTime<Utc>) -> Response {
        let response = self.world.answer(request, now);
        self.lies.tell(response)
    }
}

fn word(status: PaymentStatus) -> &'static str {
    match status {
        PaymentStatus::Pending => "pending",
        PaymentStatus::Failed => "declined",
        _ => "completed",
    }
}

fn status(word: &str) -> PaymentStatus {
    match word {
        "pending" => PaymentStatus::Pending,
        "declined" => PaymentStatus::Failed,
        "completed" => PaymentStatus::Succeeded,
        _ => PaymentStatus::Unknown,
    }
}

impl QontoBank {
    fn open(&mut self, currency: &str) -> String {
        let number = self.world.account_ids().len() as u64 + 1;
        let iban = french_iban(99_999, 7, number);
        let mut account = Account::new("", &iban, DateTime::UNIX_EPOCH + chrono::TimeDelta::days(20_000));
        // As many JSON libraries write it: whoever writes it anew writes it otherwise.
        account.object.set_raw("name", format!("\"Compte d\\u2019\\u00e9preuve {number}\""));
        let id = self.world.account(account.set("currency", currency));
        let booked = 1_234_500 + number;
        self.set_balance(&id, &booked.to_string(), &(booked - 70_000).to_string());
        id
    }

    /// The currency of an account, and its exponent.
    fn currency_of(&self, account: &str) -> (String, usize) {
        let object = self.world.account_object(account);
        let code = object
            .and_then(|object| object.text("currency"))
            .map_or_else(|| "EUR".into(), std::borrow::Cow::into_owned);
        let exponent = money::exponent(&code).unwrap_or(2);
        (code, exponent)
    }

    /// The payment that a row without oddities is.
    fn plain(&self, row: &Row) -> TruePayment {
        let (currency, exponent) = self.currency_of(&row.account);
        let time = |at: i64| DateTime::from_timestamp_micros(at).unwrap_or_default();
        TruePayment {
            account: row.account.to_string(),
            payment_type: match row.credit {
                Some(true) => PaymentType::PayIn,
                Some(false) => PaymentType::Payout,
                None => PaymentType::Other,
            },
            incoming: row.credit,
            status: status(&row.status),
            amount: money::minor(&row.cents.unwrap_or_default().to_string(), exponent),
            asset: money::asset(&currency),
            created_at: time(row.emitted_at.unwrap_or_default()),
            created_on_day: false,
            updated_at: Some(time(row.updated_at)),
            fees: Vec::new(),
            counter_amount: None,
            parent: None,
            raw: row.text.to_string(),
        }
    }
}

/// Names and account numbers of the other parties in a transaction.
fn parties(row: &Value) -> Vec<String> {
    let fields = row.as_object().into_iter().flatten();
    let texts = fields.filter_map(|(key, value)| match key.as_str() {
        "label" | "clean_counterparty_name" => value.as_str(),
        _ => value.get("counterparty_account_number").and_then(Value::as_str),
    });
    texts.map(str::to_owned).collect()
}

impl Bank for QontoBank {
    fn name(&self) -> &'static str {
        "qonto"
    }

    fn config(&self) -> Map<String, Value> {
        let config = json!({
            "clientID": LOGIN,
            "apiKey": API_KEY,
            "stagingToken": STAGING_TOKEN,
            "endpoint": "https://thirdparty.qonto.com",
            "pageSize": 25,
            "pollingPeriod": "30m",
        });
        config.as_object().cloned().unwrap_or_default()
    }

    fn secrets(&self) -> Vec<String> {
        ["apiKey", "stagingToken"].map(str::to_owned).to_vec()
    }

    fn largest_page(&self) -> u32 {
        100
    }

    fn lag(&self) -> Duration {
        Duration::from_mins(59)
    }

    fn idle_requests(&self, _: u32) -> u32 {
        let accounts = u32::try_from(self.world.account_ids().len()).unwrap_or(u32::MAX);
        // The organization and two lists of beneficiaries; for each account a list a status, and a look at what is pending.
        accounts.saturating_mul(4).saturating_add(3)
    }

    fn statuses(&self) -> Vec<PaymentStatus> {
        STATUSES.to_vec()
    }

    fn open_account(&mut self, currency: &str) -> String {
        self.open(currency)
    }

    fn set_balance(&mut self, account: &str, booked: &str, available: &str) -> bool {
        let (_, exponent) = self.currency_of(account);
        let changed = self.world.edit_account(account, |object| {
            money::write(object, "balance", booked, exponent);
            money::write(object, "authorized_balance", available, exponent);
        });
        if changed {
            self.balances.insert(account.to_owned(), (booked.to_owned(), available.to_owned()));
        }
        changed
    }

    fn add(&mut self, movement: &Movement) -> String {
        let (_, exponent) = self.currency_of(&movement.account);
        let minor = movement.minor.to_string();
        let mut row = Transaction::on(&movement.account, movement.at)
            .status(word(movement.status))
            .label(&format!("Client {minor}"));
        money::write(&mut row.object, "amount", &minor, exponent);
        money::write(&mut row.object, "local_amount", &minor, exponent);
        // All with one card, and what comes in is a refund to it.
        row = row.card("0042");
        if movement.incoming {
            row = row.credit();
        }
        if let Some(at) = movement.visible_at {
            row = row.visible_at(at);
        }
        self.world.transaction(row)
    }

    fn change(&mut self, reference: &str, at: DateTime<Utc>, change: &Change) -> bool {
        let account = self.world.row(reference).map(|row| row.account.to_string()).unwrap_or_default();
        let (_, exponent) = self.currency_of(&account);
        let changed = match change {
            Change::Status(status) => self.world.flip(reference, at, word(*status)),
            Change::Label(label) => self.world.edit(reference, at, |row| _ = row.set("note", label)),
            Change::Minor(minor) => self.world.edit(reference, at, |row| {
                money::write(row, "amount", &minor.to_string(), exponent);
                money::write(row, "local_amount", &minor.to_string(), exponent);
            }),
        };
        if let (Some(Some(expected)), Some(row)) = (self.odd.get_mut(reference), self.world.row(reference)) {
            expected.raw = row.text.to_string();
            expected.updated_at = Some(at);
            match change {
                Change::Status(status) => expected.status = *status,
                Change::Minor(minor) => expected.amount = minor.to_string(),
                Change::Label(_) => {}
            }
        }
        changed
    }

    fn remove(&mut self, reference: &str) -> bool {
        self.world.delete(reference)
    }

    fn add_counterparty(&mut self, at: DateTime<Utc>) -> Option<String> {
        self.people += 1;
        let iban = french_iban(0, 3, self.people);
        let mut person = Beneficiary::sepa("", &iban, "FICTFRP2XXX", at);
        person.object.set_raw("name", format!("\"Invent\\u00e9e \\/ {}\"", self.people));
        Some(self.world.sepa_beneficiary(person))
    }

    fn change_counterparty(&mut self, reference: &str, at: DateTime<Utc>) -> bool {
        self.world.edit_beneficiary(reference, at, |row| _ = row.set("activity_tag", format!("seen {at}")))
    }

    fn remove_counterparty(&mut self, reference: &str) -> bool {
        self.world.delete_beneficiary(reference)
    }

    fn add_odd(&mut self, account: &str, at: DateTime<Utc>, odd: &Odd) -> Option<Expected> {
        self.odd(account, at, odd)
    }

    fn fills(&self) -> Vec<Field> {
        FILLED.to_vec()
    }

    fn truth(&self) -> Truth {
        let mut truth = Truth::default();
        for id in self.world.account_ids() {
            let Some(object) = self.world.account_object(&id) else { continue };
            let (currency, _) = self.currency_of(&id);
            let (booked, available) = self.balances.get(&id).cloned().unwrap_or_default();
            for (kind, minor) in [("booked", booked), ("available", available)] {
                truth.balances.insert((id.clone(), kind.to_owned(), money::asset(&currency)), minor);
            }
            truth.accounts.insert(id, object.render());
        }
        for stored in self.world.sepa.iter().chain(&self.world.international) {
            truth.external_accounts.insert(stored.id.clone(), stored.object.render());
        }
        for row in self.world.rows() {
            let payment = match self.odd.get(row.id.as_ref()) {
                Some(None) => continue,
                Some(Some(expected)) => expected.clone(),
                None => self.plain(&row),
            };
            truth.payments.insert(row.id.to_string(), payment);
        }
        truth
    }

    fn personal(&self) -> Vec<String> {
        let accounts = self.world.account_ids().into_iter().filter_map(|id| self.world.account_object(&id).cloned());
        let people = self.world.sepa.iter().chain(&self.world.international).map(|stored| stored.object.clone());
        let texts = accounts.chain(people).flat_map(|object| {
            ["iban", "name", "account_identifier"].map(|field| object.text(field).map(std::borrow::Cow::into_owned))
        });
        let rows = self.world.rows();
        let parties = rows.iter().filter_map(|row| serde_json::from_str(&row.text).ok()).flat_map(|row| parties(&row));
        texts.flatten().chain(parties).filter(|text| !text.is_empty()).collect()
    }

    fn set_quirk(&mut self, quirk: Quirk) -> bool {
        self.quirk(quirk);
        true
    }

    fn clear_quirks(&mut self) {
        self.lies.recant(&mut self.world);
    }

    fn asked(&self, request: &Request) -> Asked {
        match request.url.path() {
            "/v2/organization" | "/v2/bank_accounts" => Asked::Accounts,
            "/v2/transactions" => Asked::Payments,
            path if path.ends_with("/beneficiaries") => Asked::ExternalAccounts,
            _ => Asked::Other,
        }
    }

    fn dependents(&self, request: &Request) -> BTreeSet<(Asked, String)> {
        let (path, query) = (request.url.path(), Query::of(&request.url));
        let people = |stored: &[Stored], currency: Option<&str>| -> BTreeSet<(Asked, String)> {
            let of_list =
                |stored: &&Stored| currency.is_none() || stored.object.text("currency").as_deref() == currency;
            stored.iter().filter(of_list).map(|stored| (Asked::ExternalAccounts, stored.id.clone())).collect()
        };
        let payment = |id: &str| (Asked::Payments, id.to_owned());
        match path {
            // Balances are read out of the accounts, and payments are those of an account.
            "/v2/organization" | "/v2/bank_accounts" => {
                let accounts = self.world.account_ids();
                let accounts =
                    accounts.iter().flat_map(|id| [Asked::Accounts, Asked::Balances].map(|kind| (kind, id.clone())));
                accounts.chain(self.world.rows().iter().map(|row| payment(&row.id))).collect()
            }
            "/v2/transactions" => self.world.listed(&query).iter().map(|row| payment(&row.id)).collect(),
            "/v2/international/beneficiaries" => people(&self.world.international, query.one("currency")),
            "/v2/beneficiaries" => {
                people(&self.world.sepa, None).into_iter().chain(people(&self.world.international, None)).collect()
            }
            path if path.starts_with("/v2/sepa/beneficiaries") => people(&self.world.sepa, None),
            path => path.strip_prefix("/v2/transactions/").map(payment).into_iter().collect(),
        }
    }

    /// To renew it when a version is released: write that version's manifest to
    /// `tests/released/qonto-<version>.json` and name it here. The older files stay, to tell what changed when.
    fn released(&self) -> Option<String> {
        Some(include_str!("../../../../../tests/released/qonto-0.2.0.json").to_owned())
    }

    fn rename_subject(&mut self) {
        self.world.organization.set("name", "Canary & Daughters").set("legal_name", "Canary & Daughters SAS");
    }

    fn change_subject(&mut self) -> bool {
        self.world.organization.set("id", OTHER.0).set("slug", OTHER.1).set("legal_name", "Canary Works");
        true
    }

    fn refusal(&self, status: u16) -> Refusal {
        let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        let code = match status {
            401 => "unauthorized",
            403 => "forbidden",
            404 => "not_found",
            410 => "gone",
            422 => "invalid",
            429 => "too_many_requests",
            500.. => "internal_server_error",
            _ => "bad_request",
        };
        let body = json!({ "errors": [{ "code": code, "detail": "said by the simulator" }], "trace_id": trace });
        let status = http::StatusCode::from_u16(status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
        let response = sim::respond(status, "application/json; charset=utf-8", body.to_string());
        Refusal { response, code: Some(code.to_owned()), request_id: Some(trace.to_owned()) }
    }
}

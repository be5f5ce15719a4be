//! The three lists of beneficiaries.

use std::borrow::Cow;

use chrono::{DateTime, Utc};

use super::account::Stored;
use super::api::one;
use super::problem::Problem;
use super::query::{Paging, Query, window};
use super::spell::{spelled, timestamp};
use super::world::QontoWorld;
use sim::Object;

/// The statuses of a beneficiary.
const STATUSES: [&str; 3] = ["pending", "validated", "declined"];

impl QontoWorld {
    /// Page "List SEPA beneficiaries". It has no filter by time: `updated_at_from` is ignored.
    pub(super) fn sepa_beneficiaries(&self, query: &Query) -> Result<String, Problem> {
        let paging = Paging::of(query, 25, &self.dialect)?;
        let ascending = ascending(query)?;
        let statuses = statuses(query)?;
        let trusted = trusted(query)?;
        let ibans: Vec<&str> = query.all("iban[]").collect();
        let mut rows: Vec<&Stored> = self
            .sepa
            .iter()
            .filter(|row| passes(&row.object, &statuses, trusted))
            .filter(|row| {
                ibans.is_empty() || row.object.text("iban").is_some_and(|iban| ibans.contains(&iban.as_ref()))
            })
            .collect();
        order(&mut rows, ascending);
        self.page("beneficiaries", rows.into_iter().map(|row| self.sepa_text(row)), paging)
    }

    /// Page "Retrieve a SEPA beneficiary".
    pub(super) fn sepa_beneficiary_body(&self, id: &str) -> Result<String, Problem> {
        let row = self.sepa.iter().find(|row| row.id == id).ok_or_else(|| Problem::not_found("Beneficiary"))?;
        Ok(one("beneficiary", &self.sepa_text(row)))
    }

    fn sepa_text(&self, row: &Stored) -> Cow<'static, str> {
        let mut object = row.object.clone();
        if self.dialect.nested_bank_account {
            let mut nested = Object::new();
            for name in ["iban", "bic", "currency"] {
                if let Some(text) = row.object.raw(name) {
                    nested.set_raw(name, text);
                    object.remove(name);
                }
            }
            object.set_raw("bank_account", nested.render());
        }
        Cow::Owned(spelled(&object.render(), &self.dialect).into_owned())
    }

    /// Page "List international beneficiaries" (beta). One currency at a time.
    pub(super) fn international_beneficiaries(&self, query: &Query) -> Result<String, Problem> {
        let currency =
            query.one("currency").filter(|currency| !currency.is_empty()).ok_or_else(Problem::no_currency)?;
        let paging = Paging::of(query, 100, &self.dialect)?;
        let rows: Vec<&Stored> =
            self.international.iter().filter(|row| row.object.text("currency").as_deref() == Some(currency)).collect();
        let key = if self.dialect.long_international_key { "international_beneficiaries" } else { "beneficiaries" };
        self.page(key, rows.into_iter().map(|row| Cow::Owned(row.object.render())), paging)
    }

    /// Page "List beneficiaries", sunset on 31 March 2026: SEPA and international ones in one list.
    pub(super) fn legacy_beneficiaries(&self, query: &Query, now: DateTime<Utc>) -> Result<String, Problem> {
        let paging = Paging::of(query, 100, &self.dialect)?;
        let ascending = ascending(query)?;
        let statuses = statuses(query)?;
        let trusted = trusted(query)?;
        let ibans: Vec<&str> = query.all("iban[]").collect();
        let mut wrong = Vec::new();
        let updated = window(query, "updated_at", now, &self.dialect, &mut wrong);
        if !wrong.is_empty() {
            return Err(Problem::bad_filter(&wrong));
        }
        let mut rows: Vec<&Stored> = self
            .sepa
            .iter()
            .chain(&self.international)
            .filter(|row| passes(&row.object, &statuses, trusted))
            .filter(|row| {
                ibans.is_empty() || row.object.text("iban").is_some_and(|iban| ibans.contains(&iban.as_ref()))
            })
            .filter(|row| updated.takes(Some(row.updated_at.timestamp_micros())))
            .collect();
        order(&mut rows, ascending);
        self.page("beneficiaries", rows.into_iter().map(|row| self.legacy_text(row)), paging)
    }

    /// Page "Retrieve a beneficiary", sunset as well.
    pub(super) fn legacy_beneficiary_body(&self, id: &str) -> Result<String, Problem> {
        let row = self.sepa.iter().chain(&self.international).find(|row| row.id == id);
        Ok(one("beneficiary", &self.legacy_text(row.ok_or_else(|| Problem::not_found("Beneficiary"))?)))
    }

    /// The former object: the account nested, an international one by account number and SWIFT code.
    fn legacy_text(&self, row: &Stored) -> Cow<'static, str> {
        let raw = |name: &str| row.object.raw(name).unwrap_or("null").to_owned();
        let mut nested = Object::new();
        nested.set_raw("iban", raw("iban")).set_raw("bic", raw("bic")).set_raw("currency", raw("currency"));
        nested.set_raw("account_number", raw("account_identifier")).set_raw("routing_number", raw("branch_identifier"));
        nested.set("intermediary_bank_bic", ()).set_raw("swift_sort_code", raw("bank_identifier"));
        let mut object = Object::new();
        object.set("id", &row.id).set_raw("name", raw("name"));
        let status = row.object.raw("status").unwrap_or("\"validated\"");
        object.set_raw("status", status).set_raw("trusted", row.object.raw("trusted").unwrap_or("false"));
        object.set_raw("bank_account", nested.render());
        object.set("created_at", timestamp(row.created_at)).set("updated_at", timestamp(row.updated_at));
        Cow::Owned(spelled(&object.render(), &self.dialect).into_owned())
    }
}

fn passes(object: &Object, statuses: &[&str], trusted: Option<bool>) -> bool {
    (statuses.is_empty() || object.text("status").is_some_and(|status| statuses.contains(&status.as_ref())))
        && (trusted.is_none() || object.get("trusted") == trusted)
}

fn order(rows: &mut [&Stored], ascending: bool) {
    rows.sort_by(|a, b| (a.updated_at, &a.id).cmp(&(b.updated_at, &b.id)));
    if !ascending {
        rows.reverse();
    }
}

fn ascending(query: &Query) -> Result<bool, Problem> {
    match query.one("sort_by") {
        None | Some("updated_at:desc" | "updated_at") => Ok(false),
        Some("updated_at:asc") => Ok(true),
        Some(_) => Err(Problem::bad_filter(&[("sort_invalid", "Sort field is invalid".to_owned())])),
    }
}

fn statuses(query: &Query) -> Result<Vec<&str>, Problem> {
    let statuses: Vec<&str> = query.all("status[]").collect();
    if statuses.iter().all(|status| STATUSES.contains(status)) {
        Ok(statuses)
    } else {
        Err(Problem::bad_filter(&[("status_invalid", "At least one status isn't valid".to_owned())]))
    }
}

fn trusted(query: &Query) -> Result<Option<bool>, Problem> {
    match query.one("trusted") {
        None => Ok(None),
        Some("true") => Ok(Some(true)),
        Some("false") => Ok(Some(false)),
        Some(_) => Err(Problem::invalid("trusted", "trusted must be true or false")),
    }
}

//! Payments: from a row to the contract's record.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde_json::Value;

use crate::config::is_date;
use crate::contract::payments::connector::types::{
    Counterparty, Money, Payment, PaymentScheme, PaymentStatus, PaymentType, TimePrecision, Timestamp,
};
use crate::row::{Row, unsigned};

/// Reads a payment.
///
/// # Errors
/// What is wrong with the row.
pub fn read(raw: &str) -> Result<Payment, String> {
    let row = Row::parse(raw)?;
    let reference = row.id()?;
    let created_at = date(&row)?;
    let amount = row.value("amount").ok_or("`amount` is missing")?;
    let Money { amount, asset } = unsigned("amount", amount)?;
    let counter_amount = row.value("counterAmount").map(|value| unsigned("counterAmount", value)).transpose()?;
    let parent_reference = row.text("refundOf").filter(|parent| *parent != reference).map(str::to_owned);
    let payment_type = payment_type(&row);
    if payment_type == PaymentType::Conversion && counter_amount.is_none() {
        return Err("an exchange without `counterAmount`".into());
    }
    let (source_account_reference, destination_account_reference) = ends(&row, payment_type);
    Ok(Payment {
        reference,
        parent_reference,
        created_at,
        created_at_precision: TimePrecision::Day,
        // Lindenbank does not say.
        updated_at: None,
        payment_type,
        status: status(row.text("status")),
        scheme: scheme(row.text("rail")),
        amount,
        asset,
        fees: fees(&row)?,
        counter_amount,
        source_account_reference,
        destination_account_reference,
        counterparty: counterparty(&row),
        metadata: metadata(&row),
        raw: raw.to_owned(),
    })
}

/// The date of a row: 00:00 UTC of it.
fn date(row: &Row) -> Result<Timestamp, String> {
    let text = row.text("bookingDate").filter(|text| is_date(text));
    let date = text.and_then(|text| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok());
    let date = date.ok_or_else(|| format!("`bookingDate` is {}, expected a date", row.shown("bookingDate")))?;
    Ok(Timestamp { seconds: date.and_time(chrono::NaiveTime::MIN).and_utc().timestamp(), nanoseconds: 0 })
}

fn payment_type(row: &Row) -> PaymentType {
    match (row.text("kind"), row.text("toAccountId"), row.text("direction")) {
        (Some("exchange"), _, _) => PaymentType::Conversion,
        (_, Some(_), _) => PaymentType::Transfer,
        (_, None, Some("in")) => PaymentType::PayIn,
        (_, None, Some("out")) => PaymentType::Payout,
        _ => PaymentType::Other,
    }
}

/// The own accounts that the money leaves and enters.
fn ends(row: &Row, payment_type: PaymentType) -> (Option<String>, Option<String>) {
    let account = row.text("accountId").map(str::to_owned);
    match payment_type {
        PaymentType::PayIn => (None, account),
        PaymentType::Payout => (account, None),
        PaymentType::Transfer => (account, row.text("toAccountId").map(str::to_owned)),
        PaymentType::Conversion => (account.clone(), account),
        PaymentType::Other => (None, None),
    }
}

fn status(word: Option<&str>) -> PaymentStatus {
    match word {
        Some("booked") => PaymentStatus::Succeeded,
        Some("pending") => PaymentStatus::Pending,
        Some("declined") => PaymentStatus::Failed,
        _ => PaymentStatus::Unknown,
    }
}

fn scheme(word: Option<&str>) -> PaymentScheme {
    match word {
        Some("sepa") => PaymentScheme::Sepa,
        Some("card") => PaymentScheme::Card,
        Some("internal") => PaymentScheme::Internal,
        Some(_) => PaymentScheme::Other,
        None => PaymentScheme::Unknown,
    }
}

fn fees(row: &Row) -> Result<Vec<Money>, String> {
    match row.value("fees") {
        None => Ok(Vec::new()),
        Some(Value::Array(fees)) => fees.iter().map(|fee| unsigned("fees", fee)).collect(),
        Some(_) => Err(format!("`fees` is {}, expected a list", row.shown("fees"))),
    }
}

fn counterparty(row: &Row) -> Option<Counterparty> {
    let party = row.value("counterparty")?;
    let text = |name: &str| party.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
    let (name, account_number, bank_identifier) = (text("name"), text("iban"), text("bic"));
    if name.is_none() && account_number.is_none() && bank_identifier.is_none() {
        return None;
    }
    Some(Counterparty {
        name,
        account_reference: None,
        account_number_format: account_number.as_ref().map(|_| "IBAN".to_owned()),
        account_number,
        bank_identifier_format: bank_identifier.as_ref().map(|_| "BIC".to_owned()),
        bank_identifier,
    })
}

fn metadata(row: &Row) -> Vec<(String, String)> {
    let texts = [
        ("com.lindenbank.spec/note", "note"),
        ("std/booking-date", "bookingDate"),
        ("std/description", "purpose"),
        ("std/end-to-end-id", "endToEndId"),
        ("std/scheme", "rail"),
        ("std/status", "status"),
        ("std/type", "kind"),
    ];
    let texts = texts.into_iter().filter_map(|(key, name)| Some((key, row.text(name)?)));
    let value_date = row.text("valueDate").filter(|text| is_date(text)).map(|text| ("std/value-date", text));
    let sorted: BTreeMap<&str, &str> = texts.chain(value_date).collect();
    sorted.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

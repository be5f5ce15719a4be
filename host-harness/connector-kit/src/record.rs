//! Records with nothing in them but what each must have: what else the provider tells is said with `..`.

use crate::contract::exports::payments::connector::connector::{AccountsPage, BalancesPage, OthersPage, PaymentsPage};
use crate::contract::payments::connector::types::{
    Account, Balance, Counterparty, Money, Other, Payment, PaymentScheme, PaymentStatus, PaymentType, TimePrecision,
    Timestamp,
};
use crate::money::{Currency, minor};
use crate::paging::Listed;
use crate::row::Row;

/// An account of which only the identifier is known.
///
/// # Errors
/// The row has none.
pub fn account(row: &Row, raw: &str) -> Result<Account, String> {
    Ok(Account {
        reference: row.id()?.into_owned(),
        name: None,
        default_asset: None,
        created_at: None,
        updated_at: None,
        metadata: Vec::new(),
        raw: raw.to_owned(),
    })
}

/// A payment of which only the identifier, the time and the amount are known.
///
/// # Errors
/// The row has no identifier.
pub fn payment(row: &Row, raw: &str, created_at: Timestamp, money: Money) -> Result<Payment, String> {
    Ok(Payment {
        reference: row.id()?.into_owned(),
        parent_reference: None,
        created_at,
        created_at_precision: TimePrecision::Instant,
        updated_at: None,
        payment_type: PaymentType::Other,
        status: PaymentStatus::Unknown,
        scheme: PaymentScheme::Unknown,
        amount: money.amount,
        asset: money.asset,
        fees: Vec::new(),
        counter_amount: None,
        source_account_reference: None,
        destination_account_reference: None,
        counterparty: None,
        metadata: Vec::new(),
        raw: raw.to_owned(),
    })
}

/// The currency in a field, by its code of ISO 4217.
///
/// # Errors
/// It is none.
pub fn currency(row: &Row, key: &str) -> Result<Currency, String> {
    Currency::from_code(&row.required(key)?).map_err(|expected| row.wrong(key, &expected))
}

/// The amount in a field: a decimal number, as text or number.
///
/// # Errors
/// It is none, or finer than the currency.
pub fn money(row: &Row, key: &str, currency: Currency) -> Result<Money, String> {
    let text = row.scalar(key).ok_or_else(|| row.wrong(key, "expected a decimal number"))?;
    let amount = minor(&text, currency).map_err(|expected| row.wrong(key, &expected))?;
    Ok(Money { amount, asset: currency.asset() })
}

/// As [`money`], of what has no sign.
///
/// # Errors
/// As there, or it is below zero.
pub fn unsigned(row: &Row, key: &str, currency: Currency) -> Result<Money, String> {
    let money = money(row, key, currency)?;
    if money.amount.starts_with('-') { Err(row.wrong(key, "expected an amount without a sign")) } else { Ok(money) }
}

/// The other party, by name and IBAN; none where the provider tells neither.
#[must_use]
pub fn counterparty(name: Option<String>, iban: Option<String>) -> Option<Counterparty> {
    (name.is_some() || iban.is_some()).then(|| Counterparty {
        name,
        account_reference: None,
        account_number_format: iban.as_ref().map(|_| "IBAN".to_owned()),
        account_number: iban,
        bank_identifier: None,
        bank_identifier_format: None,
    })
}

/// What a word of the provider's means; `otherwise` for any that is not known.
#[must_use]
pub fn word<T: Copy>(row: &Row, key: &str, known: &[(&str, T)], otherwise: T) -> T {
    let found = row.text(key);
    let meaning = known.iter().find(|(word, _)| found.as_deref() == Some(word));
    meaning.map_or(otherwise, |(_, meaning)| *meaning)
}

impl From<Listed<Account>> for AccountsPage {
    fn from(Listed { items, rejected, gaps, has_more }: Listed<Account>) -> Self {
        Self { items, withdrawn: Vec::new(), rejected, gaps, has_more }
    }
}

impl From<Listed<Balance>> for BalancesPage {
    fn from(Listed { items, rejected, gaps, has_more }: Listed<Balance>) -> Self {
        Self { items, rejected, gaps, has_more }
    }
}

impl From<Listed<Payment>> for PaymentsPage {
    fn from(Listed { items, rejected, gaps, has_more }: Listed<Payment>) -> Self {
        Self { items, withdrawn: Vec::new(), rejected, gaps, has_more }
    }
}

impl From<Listed<Other>> for OthersPage {
    fn from(Listed { items, rejected, gaps, has_more }: Listed<Other>) -> Self {
        Self { items, rejected, gaps, has_more }
    }
}

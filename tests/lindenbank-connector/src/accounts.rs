//! Profiles, accounts and their balances: from the answers to the contract's records.

use serde_json::Value;

use crate::contract::payments::connector::types::{Account, Balance, BalanceKind, Other, Timestamp};
use crate::row::{Row, money};

fn pairs(row: &Row, keys: &[(&str, &str)]) -> Vec<(String, String)> {
    keys.iter().filter_map(|(key, name)| Some(((*key).to_owned(), row.text(name)?.to_owned()))).collect()
}

/// Reads a profile.
///
/// # Errors
/// What is wrong with the row.
pub fn profile(raw: &str) -> Result<Other, String> {
    let row = Row::parse(raw)?;
    Ok(Other {
        reference: row.id()?,
        name: row.text("name").map(str::to_owned),
        metadata: pairs(&row, &[("com.lindenbank.spec/type", "type")]),
        raw: raw.to_owned(),
    })
}

/// Reads an account. It has no currency of its own: each of its balances has one.
///
/// # Errors
/// What is wrong with the row.
pub fn account(raw: &str) -> Result<Account, String> {
    let row = Row::parse(raw)?;
    let mut metadata = Vec::new();
    if let Some(Value::Array(codes)) = row.value("currencies") {
        let codes: Vec<&str> = codes.iter().filter_map(Value::as_str).collect();
        metadata.push(("com.lindenbank.spec/currencies".to_owned(), codes.join(" ")));
    }
    let keys = [("std/bic", "bic"), ("std/holder", "holder"), ("std/iban", "iban"), ("std/status", "state")];
    metadata.extend(pairs(&row, &keys));
    Ok(Account {
        reference: row.id()?,
        name: row.text("name").map(str::to_owned),
        default_asset: None,
        created_at: None,
        updated_at: None,
        metadata,
        raw: raw.to_owned(),
    })
}

/// Reads a balance of an account. The provider tells no time: it held when the host asked.
///
/// # Errors
/// What is wrong with it.
pub fn balance(account: &str, raw: &str, as_of: Timestamp) -> Result<Balance, String> {
    let row = Row::parse(raw)?;
    let word = row.text("kind").ok_or("`kind` is missing")?;
    let kind = match word {
        "booked" => BalanceKind::Booked,
        "available" => BalanceKind::Available,
        "reserved" => BalanceKind::Reserved,
        _ => BalanceKind::Other,
    };
    let money = money("balance", &serde_json::from_str(raw).unwrap_or_default())?;
    Ok(Balance {
        account_reference: account.to_owned(),
        kind,
        label: (kind == BalanceKind::Other).then(|| word.to_owned()),
        amount: money.amount,
        asset: money.asset,
        as_of,
    })
}

//! Whether the answers of a bank fit together, before any connector is judged by them.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use sim::{Bank, Movement, Truth};

use crate::message::{Hello, PROTOCOL};

/// Characters that a canary has at least: shorter ones are found everywhere.
const CANARY: usize = 12;

/// Holds what a bank says of itself against what can be.
pub(crate) fn possible(hello: &Hello) -> Result<(), String> {
    let wrong = |why: String| Err(why);
    if hello.protocol != PROTOCOL {
        return wrong(format!("it speaks protocol {}, and this harness {PROTOCOL}", hello.protocol));
    }
    let plain = |character: char| character.is_ascii_lowercase() || character.is_ascii_digit() || character == '-';
    if hello.name.is_empty() || !hello.name.chars().all(plain) {
        return wrong(format!("`name` is {:?}: lower-case letters, digits and hyphens make one", hello.name));
    }
    if hello.secrets.is_empty() {
        return wrong("`secrets` names no field of the config: whatever logs in is a secret".to_owned());
    }
    for field in &hello.secrets {
        let canary = hello.config.get(field).and_then(Value::as_str).unwrap_or_default();
        if canary.len() < CANARY {
            return wrong(format!("`config` has no invented secret of {CANARY} characters or more in `{field}`"));
        }
    }
    if !hello.config.values().any(|value| value.as_str().is_some_and(|text| text.starts_with("https://"))) {
        return wrong("no value of `config` begins with https://: that is where requests go".to_owned());
    }
    if hello.statuses.is_empty() || hello.largest_page == 0 {
        return wrong("`statuses` has the settled one at least, and `largestPage` is 1 at least".to_owned());
    }
    Ok(())
}

/// Stocks a bank in every way that each must take, and looks whether its truth follows; twice, since the same calls must
/// make the same bank.
pub(crate) fn rehearse<B: Bank>(bank: impl Fn() -> B) -> Result<(), String> {
    let (first, second) = (stocked(bank())?, stocked(bank())?);
    if first != second {
        return Err(
            "the same calls after `reset` made another truth: nothing may depend on chance or the clock".to_owned()
        );
    }
    Ok(())
}

fn at(minutes: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(1_780_000_000) + TimeDelta::minutes(minutes)
}

fn stocked(mut bank: impl Bank) -> Result<Truth, String> {
    if bank.truth() != Truth::default() && !bank.truth().payments.is_empty() {
        return Err("it has payments after `reset`".to_owned());
    }
    let account = bank.open_account("EUR");
    let truth = bank.truth();
    json("account", &account, truth.accounts.get(&account))?;
    if !truth.balances.keys().any(|(of, _, asset)| *of == account && asset == "EUR/2") {
        return Err(format!("the account {account} is in euro, and the truth has no balance of it in EUR/2"));
    }
    let status = bank.statuses().first().copied().unwrap_or(model::PaymentStatus::Succeeded);
    let ordered = [12_345, 1].map(|minor| Movement::on(&account, at(0)).status(status).minor(minor));
    let [kept, gone] = ordered.clone().map(|movement| bank.add(&movement));
    let truth = bank.truth();
    for (reference, movement) in [&kept, &gone].into_iter().zip(&ordered) {
        let payment = truth.payments.get(reference);
        json("payment", reference, payment.map(|payment| &payment.raw))?;
        let found = payment.map(|found| (found.account.clone(), found.status, found.amount.clone(), &*found.asset));
        let wanted = (account.clone(), movement.status, movement.minor.to_string(), "EUR/2");
        if found.as_ref() != Some(&wanted) {
            return Err(format!("the payment {reference} was added as {wanted:?}, and the truth has {found:?}"));
        }
    }
    if !bank.remove(&gone) || bank.remove(&gone) || bank.truth().payments.contains_key(&gone) {
        return Err(format!("the payment {gone} can be removed once, and is then not in the truth"));
    }
    Ok(bank.truth())
}

/// The truth has it, with the provider's bytes.
fn json(what: &str, reference: &str, raw: Option<&String>) -> Result<(), String> {
    match raw.map(|raw| serde_json::from_str::<Value>(raw)) {
        Some(Ok(Value::Object(_))) => Ok(()),
        Some(_) => Err(format!("`raw` of the {what} {reference} is no JSON object")),
        None => Err(format!("the {what} {reference} was added, and the truth does not have it")),
    }
}

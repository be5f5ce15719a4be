//! M1, M2, M3: amounts, currencies, and which way the money goes.

use crate::check::{Finding, Outcome};
use crate::rig::{Rig, ago};
use crate::subject::Subject;
use model::{Capability, PaymentType};
use sim::{Bank, Movement, Odd, Truth};

use super::trial::{Trial, rig};

/// Amounts in minor units: small ones that binary fractions cannot hold, whole numbers around those that floats, 32 and
/// 64 bits cannot.
const AMOUNTS: [&str; 13] = [
    "0",
    "1",
    "10",
    "29",
    "115",
    "129900",
    "2147483648",
    "9007199254740991",
    "9007199254740993",
    "90071992547409931",
    "9223372036854775807",
    "9223372036854775808",
    "123456789012345678901234567890",
];

/// Booked and available balances.
const BALANCES: [(&str, &str); 4] =
    [("9007199254740993", "-9007199254740993"), ("-1", "0"), ("29", "-115"), ("9223372036854775807", "1")];

/// Currencies of accounts, and whether a connector that knows payments must know them.
const CURRENCIES: [(&str, bool); 6] =
    [("EUR", true), ("USD", true), ("JPY", false), ("KRW", false), ("BHD", false), ("CLF", false)];

/// M1.
pub async fn exact(subject: Subject) -> Outcome {
    let mut odds: Vec<Odd> = AMOUNTS.iter().map(|minor| Odd::Amount((*minor).to_owned())).collect();
    odds.extend([Odd::Exponent, Odd::NegativeZero, Odd::TooFine, Odd::Contradiction, Odd::NoAmount, Odd::NullAmount]);
    let seen = Trial::new(&subject, &odds)?.hold().await?;

    let mut rig = rig(&subject, |bank| {
        for (booked, available) in BALANCES {
            let account = bank.open_account("EUR");
            bank.set_balance(&account, booked, available);
        }
    })?
    .setting("accounts with balances beyond 2^53, and below zero");
    if rig.tasks(Capability::FetchBalances).is_empty() {
        return Ok(seen);
    }
    let poll = rig.poll_only(&[Capability::FetchAccounts, Capability::FetchBalances]).await;
    rig.expect_well(poll)?;
    rig.expect_accounts("after the first poll")?;
    Ok(format!("{seen}; {} balances", 2 * BALANCES.len()))
}

/// M2.
pub async fn currencies(subject: Subject) -> Outcome {
    let codes = ["USD", "GBP", "JPY", "BHD", "CLF", "eur", "usd", "ZZZ", "XAU", "EURO", "€", ""];
    let mut odds: Vec<Odd> = codes.iter().map(|code| Odd::Currency((*code).to_owned())).collect();
    odds.extend([Odd::NoCurrency, Odd::Abroad]);
    let seen = Trial::new(&subject, &odds)?.hold().await?;

    let mut rig = rig(&subject, |bank| {
        for (code, _) in CURRENCIES {
            let account = bank.open_account(code);
            for (minutes, minor) in (300..).zip([1, 15, 1_500, 129_900]) {
                bank.add(&Movement::on(&account, ago(minutes)).minor(minor));
            }
        }
    })?
    .setting("accounts in currencies of 0, 2, 3 and 4 decimals, with balances and payments");
    let poll = rig.poll().await;
    rig.expect_well(poll)?;
    let mut truth = rig.sim.with(|bank| bank.truth());
    forgive(&rig, &mut truth);
    let mut wrong = rig.ledger.payment_differences(&truth, true);
    wrong.extend(rig.ledger.account_differences(&truth));
    match wrong.first() {
        None => Ok(format!("{seen}; accounts in {} currencies", CURRENCIES.len())),
        Some(first) => Err(rig.failure(format!("after the first poll, {first}"), wrong)),
    }
}

/// Takes out of the truth what was rejected, where a connector may: in the less common currencies.
fn forgive(rig: &Rig, truth: &mut Truth) {
    let rejected = |raw: &String| rig.ledger.rejected.contains_key(raw);
    let rare = |asset: &str| CURRENCIES.iter().any(|(code, must)| !must && asset.starts_with(code));
    // Of an account that was rejected nothing below it can be read.
    let refused: Vec<String> =
        truth.accounts.iter().filter(|(_, raw)| rejected(raw)).map(|(id, _)| id.clone()).collect();
    let unread = |account: &String| refused.contains(account) && !rig.ledger.accounts.contains_key(account);
    truth.payments.retain(|_, payment| !(rare(&payment.asset) && (rejected(&payment.raw) || unread(&payment.account))));
    let known = |account: &String| rig.ledger.balances.keys().any(|(of, _, _)| of == account);
    let rare_accounts: Vec<String> =
        truth.balances.keys().filter(|(_, _, asset)| rare(asset)).map(|(account, _, _)| account.clone()).collect();
    truth.balances.retain(|(account, _, asset), _| known(account) || !(rare(asset) && refused.contains(account)));
    truth.accounts.retain(|account, _| !(rare_accounts.contains(account) && unread(account)));
    if rig.tasks(Capability::FetchBalances).is_empty() {
        truth.balances.clear();
    }
}

/// M3.
pub async fn direction(subject: Subject) -> Outcome {
    let mut trial = Trial::new(&subject, &[Odd::OwnTransfer, Odd::Zero, Odd::UnknownSide, Odd::OwnTransfer])?;
    let account = trial.account.clone();
    let statuses = trial.rig.sim.with(|bank| in_every_status(&mut **bank, &account));
    let seen = trial.hold().await?;
    let own = &trial.rig.ledger.accounts;
    for payment in trial.rig.ledger.payments.values() {
        let ends = [&payment.source_account_reference, &payment.destination_account_reference];
        let strange = ends.into_iter().flatten().find(|end| !own.contains_key(*end));
        if let Some(end) = strange {
            return Err(wrong(
                &trial.rig,
                &payment.reference,
                &format!("names the account {end}, which is not an own one"),
            ));
        }
        let within = matches!(payment.payment_type, PaymentType::Transfer | PaymentType::Conversion);
        if ends.into_iter().flatten().count() == 2 && !within {
            let what = "has own accounts at both ends and is neither a transfer nor a conversion";
            return Err(wrong(&trial.rig, &payment.reference, what));
        }
    }
    Ok(format!("{seen}; in and out in {statuses} statuses"))
}

/// Adds a payment in and one out in every status; gives the number of statuses.
fn in_every_status(bank: &mut dyn Bank, account: &str) -> usize {
    for (number, status) in (0..).zip(bank.statuses()) {
        let row = Movement::on(account, ago(100 - number)).status(status).minor(3_000);
        bank.add(&row);
        bank.add(&row.incoming());
    }
    bank.statuses().len()
}

fn wrong(rig: &Rig, reference: &str, what: &str) -> Finding {
    rig.failure(format!("payment {reference} {what}"), Vec::new())
}

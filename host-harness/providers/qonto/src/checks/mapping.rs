//! Q7: what each kind of transaction becomes.

use chrono::TimeDelta;
use serde_json::json;

use super::desk::{metadata, open, payment, rig};
use crate::{Casing, QontoWorld, Transaction, french_iban};
use conformance::check::{Finding, Outcome};
use conformance::rig::{Rig, ago};
use conformance::subject::Subject;
use model::{Payment, PaymentScheme, PaymentStatus, PaymentType};

/// A kind of transaction: operation type, subject type, side, the object that holds the other party, and the schemes
/// that are right for it.
type Kind = (&'static str, &'static str, &'static str, &'static str, &'static [PaymentScheme]);

use PaymentScheme as S;

/// A rail that Qonto does not name may be left open.
const CREDIT: &[S] = &[S::SepaCredit, S::Sepa, S::SepaCreditInstant];
const DEBIT: &[S] = &[S::SepaDebit, S::Sepa];
const WITHIN: &[S] = &[S::Internal, S::Other];
const STATE: &[S] = &[S::Other, S::A2a];

/// Every subject type that is documented or was seen, with an operation type that goes with it.
const KINDS: [Kind; 18] = [
    ("income", "Income", "credit", "income", CREDIT),
    ("transfer", "Transfer", "debit", "transfer", CREDIT),
    ("pay_later", "Transfer", "debit", "transfer", CREDIT),
    ("recall", "Income", "debit", "", &[S::SepaCredit, S::Sepa, S::SepaCreditInstant, S::Other]),
    ("card", "Card", "debit", "", &[S::Card]),
    ("card", "Card", "credit", "", &[S::Card]),
    ("direct_debit", "DirectDebit", "debit", "direct_debit", DEBIT),
    ("direct_debit_collection", "DirectDebitCollection", "credit", "direct_debit_collection", DEBIT),
    ("direct_debit_hold", "DirectDebitHold", "debit", "", DEBIT),
    ("swift_income", "SwiftIncome", "credit", "swift_income", &[S::Swift]),
    ("cheque", "Check", "credit", "", &[S::Cheque]),
    ("qonto_fee", "BillingTransfer", "debit", "", WITHIN),
    ("income", "FinancingIncome", "credit", "", WITHIN),
    ("financing_installment", "FinancingInstallment", "debit", "", WITHIN),
    ("transfer", "PagopaPayment", "debit", "", STATE),
    ("transfer", "F24Payment", "debit", "", STATE),
    ("other", "Other", "debit", "", &[S::Other, S::Unknown]),
    ("quantum_leap", "QuantumLeap", "debit", "", &[S::Unknown, S::Other]),
];

fn own_object(name: &str) -> serde_json::Value {
    match name {
        "PagopaPayment" => {
            json!({ "notice_number": "302000000000000001", "creditor_fiscal_code": "00000000000", "iuv": "02000000000000001" })
        }
        "DirectDebitHold" => json!({ "guarding_rate": "10.0" }),
        "Check" => json!({ "check_number": "0000017", "check_key": "11" }),
        _ => json!({ "total_installments_number": 6, "current_installment_number": 2 }),
    }
}

/// Adds a row of each kind; gives their ids.
fn kinds(world: &mut QontoWorld, account: &str) -> Vec<String> {
    let mut ids = Vec::new();
    for (number, (operation, subject, side, party, _)) in (0_i64..).zip(KINDS) {
        let row = Transaction::on(account, ago(900 - number)).cents(10_000 + i128::from(number)).set("side", side);
        let mut row = row.kind(operation, subject, "other_expense").label(&format!("{subject} & Cie"));
        if !party.is_empty() {
            row = row.counterparty(party, &french_iban(99_999, 1, 7), "FICTFRP2XXX");
        }
        row = match subject {
            "PagopaPayment" => row.set("pagopa_payment", own_object(subject)),
            "DirectDebitHold" => row.set("direct_debit_hold", own_object(subject)),
            "Check" => row.set("check", own_object(subject)),
            "FinancingInstallment" => row.set("financing_installment", own_object(subject)),
            _ => row,
        };
        ids.push(world.transaction(row));
    }
    ids
}

/// Each kind in each spelling of its subject type.
async fn subjects(subject: &Subject, casing: Casing) -> Result<(), Finding> {
    let (mut ids, mut own) = (Vec::new(), String::new());
    let mut rig = rig(subject, |world| {
        world.dialect.subject_type = casing;
        own = open(world);
        ids = kinds(world, &own);
        // Between two own accounts: a leg on each, and nothing that links them.
        for side in ["debit", "credit"] {
            let leg = Transaction::on(&own, ago(100)).cents(500).set("side", side).label("Virement interne");
            let operation = if side == "debit" { "transfer" } else { "income" };
            ids.push(world.transaction(leg.kind(operation, "WalletToWallet", "treasury_and_interco")));
        }
    })?
    .setting(format!("a row of each kind, the subject type in {casing:?} case"));
    rig.poll_well().await?;
    for ((number, id), (_, name, side, party, schemes)) in (0_u64..).zip(&ids).zip(KINDS) {
        let found = payment(&rig, id)?;
        let side_type = if side == "credit" { PaymentType::PayIn } else { PaymentType::Payout };
        expect_kind(&rig, name, found, side_type, schemes)?;
        expect_party(&rig, name, found, !party.is_empty())?;
        expect_money(&rig, name, found, &(10_000 + number).to_string())?;
        let (source, destination) =
            (found.source_account_reference.as_deref(), found.destination_account_reference.as_deref());
        let right = if side == "credit" { (None, Some(own.as_str())) } else { (Some(own.as_str()), None) };
        if (source, destination) != right {
            let what = format!("a {side} {name} goes from {source:?} to {destination:?}, should be {right:?}");
            return Err(rig.failure(what, Vec::new()));
        }
    }
    for id in ids.iter().skip(KINDS.len()) {
        expect_kind(&rig, "WalletToWallet", payment(&rig, id)?, PaymentType::Transfer, WITHIN)?;
    }
    Ok(())
}

fn expect_kind(
    rig: &Rig,
    name: &str,
    found: &Payment,
    payment_type: PaymentType,
    schemes: &[PaymentScheme],
) -> Result<(), Finding> {
    if found.payment_type != payment_type {
        let what = format!("a {name} has the type {:?}, should be {payment_type:?}", found.payment_type);
        return Err(rig.failure(what, Vec::new()));
    }
    if !schemes.contains(&found.scheme) {
        let what = format!("a {name} has the scheme {:?}, should be one of {schemes:?}", found.scheme);
        return Err(rig.failure(what, Vec::new()));
    }
    Ok(())
}

fn expect_party(rig: &Rig, name: &str, found: &Payment, has_account: bool) -> Result<(), Finding> {
    let number = found.counterparty.as_ref().and_then(|party| party.account_number.as_deref());
    let wanted = has_account.then(|| french_iban(99_999, 1, 7));
    if number != wanted.as_deref() {
        let what = format!("the other party of a {name} has the account number {number:?}, should be {wanted:?}");
        return Err(rig.failure(what, Vec::new()));
    }
    Ok(())
}

fn expect_money(rig: &Rig, name: &str, found: &Payment, cents: &str) -> Result<(), Finding> {
    if (found.amount.as_str(), found.asset.as_str()) != (cents, "EUR/2") {
        let what = format!("a {name} is {} {}, should be {cents} EUR/2", found.amount, found.asset);
        return Err(rig.failure(what, Vec::new()));
    }
    Ok(())
}

/// Rows that say one thing in two ways, and those in which the two disagree.
async fn amounts(subject: &Subject) -> Result<(), Finding> {
    let (mut good, mut torn) = (Vec::new(), Vec::new());
    let mut rig = rig(subject, |world| {
        let account = open(world);
        let at = |minutes| ago(600) + TimeDelta::minutes(minutes);
        for (minutes, (currency, hundredths)) in (0..).zip([("USD", 1_234), ("GBP", 999), ("JPY", 150_000), ("XAU", 3)])
        {
            let row = Transaction::on(&account, at(minutes)).cents(1_100).local(currency, hundredths).label(currency);
            good.push((currency, world.transaction(row.card("0042"))));
        }
        for (minutes, (amount, cents)) in (10..).zip([("10.01", "1000"), ("10", "10"), ("0.1", "1000")]) {
            let row = Transaction::on(&account, at(minutes)).cents(1_000).label("Contradiction");
            torn.push(world.transaction(row.set_raw("amount", amount).set_raw("amount_cents", cents)));
        }
    })?
    .setting("amounts in other currencies, and some that contradict their cents");
    rig.poll_well().await?;
    for (currency, id) in &good {
        let found = payment(&rig, id)?;
        expect_money(&rig, &format!("card payment in {currency}"), found, "1100")?;
        if metadata(&found.metadata, "local_currency").is_some_and(|local| local != *currency) {
            return Err(
                rig.failure(format!("the local currency of a payment in {currency} is another one"), Vec::new())
            );
        }
    }
    for id in &torn {
        if rig.ledger.payments.contains_key(id) {
            return Err(rig.failure(format!("payment {id} says two amounts, and one was taken"), Vec::new()));
        }
        let kept = rig.ledger.rejected.values().any(|rejected| rejected.raw.contains(id.as_str()));
        if !kept {
            return Err(
                rig.failure(format!("the row {id}, which says two amounts, is not among the rejected"), Vec::new())
            );
        }
    }
    Ok(())
}

/// What the word for a status becomes.
async fn statuses(subject: &Subject) -> Result<(), Finding> {
    let words = [
        ("pending", "pending", PaymentStatus::Pending),
        ("completed", "completed", PaymentStatus::Succeeded),
        ("declined", "declined", PaymentStatus::Failed),
        ("reversed", "completed", PaymentStatus::Cancelled),
        ("on_hold", "completed", PaymentStatus::Unknown),
    ];
    let mut ids = Vec::new();
    let mut rig = rig(subject, |world| {
        let account = open(world);
        for (minutes, (word, listed, _)) in (0..).zip(words) {
            let row = Transaction::on(&account, ago(600 - minutes)).cents(2_500).status(word).label(word);
            ids.push(world.transaction(row.listed_as(listed)));
        }
    })?
    .setting("a row of each status, known and unknown");
    rig.poll_well().await?;
    for (id, (word, _, wanted)) in ids.iter().zip(words) {
        let found = payment(&rig, id)?.status;
        if found != wanted {
            return Err(rig.failure(format!("{word} became {found:?}, should be {wanted:?}"), Vec::new()));
        }
    }
    Ok(())
}

/// Runs it.
pub(super) async fn mapping_table(subject: Subject) -> Outcome {
    for casing in [Casing::Camel, Casing::Lower, Casing::Snake] {
        subjects(&subject, casing).await?;
    }
    amounts(&subject).await?;
    statuses(&subject).await?;
    Ok(format!("{} kinds in three spellings, 4 local currencies, 3 contradictions, 5 statuses", KINDS.len() + 2))
}
